// serial_facts.c: what run.json says of a recording over a line; files beside it.

#include <jansson.h>

#include "collectors/serial/serial_private.h"

void serial_recorder_fact_text(struct serial_recorder *recorder, const char *name,
                               const char *value)
{
    json_t *text = json_string(value);
    json_object_set_new(recorder->facts, name, text ? text : json_string("?"));
}

void serial_recorder_fact_number(struct serial_recorder *recorder, const char *name, uint64_t value)
{
    json_object_set_new(recorder->facts, name, json_integer((json_int_t)value));
}

int serial_recorder_file(struct serial_recorder *recorder, const char *name, struct text content,
                         struct problem *problem)
{
    (void)problem;
    return recorder_directory_image(&recorder->directory, name, content.data, content.bytes);
}

void serial_facts_line(struct serial_recorder *recorder)
{
    const struct serial_result *result = recorder->result;
    const struct serial_decoder *decoder = &recorder->decoder;
    static const char *const endings[] = {"program", "user", "duration", "line"};
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"baud", recorder->setup->baud},
        {"frames", result->frames},
        {"frames_lost", result->frames_lost},
        {"frames_damaged", result->frames_damaged},
        {"packets_lost", result->packets_lost},
        {"packets_refused", recorder->packets_refused},
        {"packets_early", recorder->packets_early},
        {"events_lost", recorder->line_events_lost},
        {"events_dropped", result->events_dropped},
        {"events_filtered", recorder->events_filtered},
        {"events_with_lost_text", recorder->ids.unknown_texts},
        {"events_with_lost_site", recorder->ids.unknown_sites},
        {"bytes_of_frames", decoder->bytes_frames},
        {"bytes_of_text", decoder->bytes_text},
        {"bytes_damaged", decoder->bytes_damaged},
        {"ring_bytes", recorder->boot.hello.ring_bytes},
        {"ring_bytes_max", recorder->ring_bytes_max},
    };
    json_t *line = json_object();
    json_t *device = json_string(recorder->setup->device);
    json_object_set_new(line, "device", device ? device : json_string("?"));
    json_object_set_new(line, "ended_by", json_string(endings[result->ending]));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_object_set_new(line, numbers[i].name, json_integer((json_int_t)numbers[i].value));
    json_object_set_new(recorder->facts, "serial", line);
}
