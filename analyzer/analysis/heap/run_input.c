// run_input.c: a trace as the input of a report.

#include "analyzer/analysis/heap/run_input.h"

void run_input_take(struct run_input *input, const struct replay *replay, struct arena *arena)
{
    *input = (struct run_input){
        .name = arena_copy_text(arena, text_of(replay->name)),
        .bytes = trace_bytes(replay->trace),
        .loss = *trace_loss(replay->trace),
        .ending = *replay->ending,
    };
    input->has_crc = trace_crc(replay->trace, &input->crc);
}

void run_input_report(const struct run_input *input, struct report *report)
{
    const struct trace_loss *loss = &input->loss;
    struct report_input *entry = report_add_input(report, input->name, "trace", input->bytes,
                                                  run_input_is_complete(input));
    report_input_set_sum(entry, input->has_crc, input->crc);
    report_input_set_ending(entry, trace_ending_text(&input->ending, report->arena));
    report->loss.events_discarded += loss->events_discarded;
    report->loss.packets_lost += loss->packets_lost;
    report->loss.blocks_lost += loss->blocks_lost;
    report->loss.bytes_cut += loss->bytes_cut;
    report->loss.runs_unfinished += loss->is_unfinished;
}
