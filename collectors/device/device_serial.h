// device_serial.h: stock firmware on a serial line: the lines of frostline.lua that
// `frost record --serial` finds in the console text.
//
//     struct device_serial stock;
//     device_serial_init(&stock, arena, is_without_text);
//     setup.consumer = &stock.consumer;
//     ... serial_record() ...
//     device_serial_counts(&stock)
//
// Reads: lines (collectors/serial/console.h). Writes: events and facts, through the recorder.
// Memory: the arena.

#ifndef FROST_COLLECTORS_DEVICE_SERIAL_H
#define FROST_COLLECTORS_DEVICE_SERIAL_H

#include "collectors/device/device_trace.h"
#include "collectors/serial/console.h"

struct device_serial {
    struct console_consumer consumer;
    struct device_trace *trace;
    struct serial_recorder *recorder; // while lines come
    struct device_image image;        // of `lfs`
    bool has_image, is_image_kept;
};

// `serial` must outlive the recording. `lfs`: file of the image that the device has in flash; NULL:
// not given. Errors: those of device_image_read().
int device_serial_init(struct device_serial *serial, struct arena *arena, const char *lfs,
                       bool is_without_text, struct problem *problem)
    __attribute__((warn_unused_result));

// What came of the device; no lines: it has no such module.
const struct device_counts *device_serial_counts(const struct device_serial *serial);

#endif
