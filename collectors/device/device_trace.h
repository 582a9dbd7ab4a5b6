// device_trace.h: from the lines of a device with stock firmware to the events of a trace.
//
// Reads: records (device_line.h). Writes: events, through a sink: a trace on disk, or the recording
// of a serial line. What the events of such a trace mean: runtime/format/trace_events.h, "Stock
// firmware".
//
// Strings. A list is taken in when its last line has come, at that line's time: first the strings
// that are gone, then those that are new. If lines of the list were lost, nobody knows which are
// gone: nothing dies then. A string longer than the device sends is known by its first characters
// and its length.
// Time. tmr.now has 31 bits, so 35 minutes of silence are too many; a start of the module with
// sequence number 0, or a number far after, is a new boot, whose time follows on.
// Loss. Gaps of the sequence; before the first line of a boot and after the last line of all,
// where there is no sequence, damaged lines.
// Memory: DEVICE_STRINGS_MAX strings by hash, in the arena; texts only while their list comes in.

#ifndef FROST_COLLECTORS_DEVICE_TRACE_H
#define FROST_COLLECTORS_DEVICE_TRACE_H

#include "analyzer/base/hash_table.h"
#include "analyzer/base/problem.h"
#include "analyzer/trace/trace_reader.h"
#include "collectors/device/device_line.h"

#ifndef DEVICE_STRINGS_MAX        // fuzzing takes fewer
#define DEVICE_STRINGS_MAX 16384u // at once, in RAM and flash: far more than a device has room for
#endif

// Where events go.
struct device_sink {
    void *context;
    // Errors: those of the writer; they end the recording.
    int (*event)(void *context, const struct trace_event *event, struct problem *problem);
    void (*lost)(void *context, uint64_t events); // so many more are lost
};

struct device_counts {
    uint64_t lines; // good ones
    uint64_t lost;  // that never came, damaged ones among them
    uint64_t damaged;
    uint64_t foreign;   // of another version
    uint64_t snapshots; // lists of RAM that came whole
    uint64_t snapshots_incomplete;
    uint64_t refused; // lists for which the device had no memory
    uint32_t boots;
    bool is_integer;
    bool is_stopped;     // the last line was a stop
    bool is_other_image; // the list of flash is not as long as that of the image that was given
};

// The image that the device has in flash, as its user says: a device cannot tell.
struct device_image {
    struct text content; // of the file
    const char *file;    // name of the copy in .frost/
    uint32_t addr;       // where it lies; 0: a relocatable one
    uint32_t bytes;      // in flash
    uint32_t crc;        // of the file
    uint32_t strings;    // in it
};

// Reads and checks an image. Errors: those of image_read_file(); STATUS_USAGE a chunk.
int device_image_read(struct arena *arena, const char *path, struct device_image *image,
                      struct problem *problem) __attribute__((warn_unused_result));

struct device_trace;

// `is_without_text`: events have hash and length of texts only.
struct device_trace *device_trace_create(struct arena *arena, const struct device_sink *sink,
                                         bool is_without_text);

// Each boot mounts this image. It must outlive the trace.
void device_trace_set_image(struct device_trace *trace, const struct device_image *image);

// Takes in a line of the console, without its line end. Lines that are not of the module are
// nothing. Result: how many records it had, good or not; or a failure of the sink.
int device_trace_line(struct device_trace *trace, struct text line, struct problem *problem)
    __attribute__((warn_unused_result));

// The console is over: what is left is taken in, the `end` event written.
int device_trace_finish(struct device_trace *trace, struct problem *problem)
    __attribute__((warn_unused_result));

const struct device_counts *device_trace_counts(const struct device_trace *trace);

#endif
