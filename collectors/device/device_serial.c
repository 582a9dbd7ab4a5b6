// device_serial.c: a consumer of console lines that makes events of those of frostline.lua.

#include "collectors/device/device_serial.h"

#include <jansson.h>

#include "collectors/device/device_record.h"

static int put_event(void *context, const struct trace_event *event, struct problem *problem)
{
    return serial_recorder_event(((struct device_serial *)context)->recorder, event, problem);
}

static void put_lost(void *context, uint64_t events)
{
    serial_recorder_lost(((struct device_serial *)context)->recorder, events);
}

static int take_line(void *context, struct serial_recorder *recorder,
                     const struct console_line *line, struct problem *problem)
{
    struct device_serial *serial = context;
    serial->recorder = recorder;
    int records = device_trace_line(serial->trace, line->text, problem);
    if (records > 0 && serial->has_image && !serial->is_image_kept) {
        int status = serial_recorder_file(recorder, serial->image.file, serial->image.content,
                                          problem);
        if (status != STATUS_OK)
            return status;
        serial->is_image_kept = true;
    }
    return records > 0 ? CONSOLE_TAKEN : records < 0 ? records : CONSOLE_SHOW;
}

static int take_end(void *context, struct serial_recorder *recorder, struct problem *problem)
{
    struct device_serial *serial = context;
    const struct device_counts *counts = device_trace_counts(serial->trace);
    serial->recorder = recorder;
    int status = device_trace_finish(serial->trace, problem);
    if (status != STATUS_OK || counts->lines == 0)
        return status;
    json_t *facts = json_object();
    const char *name;
    json_t *value;
    device_record_facts(counts, facts);
    json_object_foreach(facts, name, value)
    {
        if (json_is_string(value))
            serial_recorder_fact_text(recorder, name, json_string_value(value));
        else
            serial_recorder_fact_number(recorder, name, (uint64_t)json_integer_value(value));
    }
    json_decref(facts);
    return STATUS_OK;
}

int device_serial_init(struct device_serial *serial, struct arena *arena, const char *lfs,
                       bool is_without_text, struct problem *problem)
{
    struct device_sink sink = {serial, put_event, put_lost};
    *serial = (struct device_serial){
        .consumer = {.context = serial, .prefix = "~F", .line = take_line, .end = take_end},
        .trace = device_trace_create(arena, &sink, is_without_text),
        .has_image = lfs != NULL,
    };
    if (!lfs)
        return STATUS_OK;
    device_trace_set_image(serial->trace, &serial->image);
    return device_image_read(arena, lfs, &serial->image, problem);
}

const struct device_counts *device_serial_counts(const struct device_serial *serial)
{
    return device_trace_counts(serial->trace);
}
