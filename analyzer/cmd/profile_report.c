// profile_report.c: the result of `frost profile` as a report.

#include <inttypes.h>
#include <math.h>

#include "analyzer/analysis/strings_report.h"
#include "analyzer/cmd/profile_job.h"

static double ratio(int64_t saved, int64_t flash)
{
    return flash > 0 ? (double)saved / (double)flash : 0;
}

static void add_result(const struct profile_job *job, struct report *report)
{
    const struct strings_list *chosen = &job->strings.chosen;
    const struct profile_run *list = &job->runs[PROFILE_LIST], *dump = &job->runs[PROFILE_DUMP];
    report_add_number(report, "peak_bytes", "RAM at the highest point", "bytes",
                      (int64_t)job->strings.profile->moment_bytes[HEAP_MOMENT_PEAK]);
    if (list->is_done)
        report_add_number(report, "peak_after_bytes", "RAM at the highest point with the list",
                          "bytes", (int64_t)list->heap->moment_bytes[HEAP_MOMENT_PEAK]);
    report_add_number(report, "saved_predicted_bytes", "saved, predicted", "bytes",
                      chosen->saved_bytes);
    if (list->is_done)
        report_add_number(report, "saved_measured_bytes", "saved, measured", "bytes",
                          profile_saved(job, PROFILE_LIST));
    report_add_number(report, "list_strings", "strings in the list", "", chosen->count);
    report_add_number(report, "list_flash_predicted_bytes", "flash for the list, predicted",
                      "bytes", (int64_t)chosen->flash_bytes);
    if (list->is_done) {
        report_add_number(report, "list_flash_bytes", "flash for the list, measured", "bytes",
                          profile_grown(job, PROFILE_LIST));
        report_add_real(report, "return_ratio", "RAM saved per byte of flash", "", 3,
                        ratio(profile_saved(job, PROFILE_LIST), profile_grown(job, PROFILE_LIST)));
    }
    if (dump->is_done) {
        double own = ratio(profile_saved(job, PROFILE_LIST), profile_grown(job, PROFILE_LIST));
        double other = ratio(profile_saved(job, PROFILE_DUMP), profile_grown(job, PROFILE_DUMP));
        report_add_number(report, "dump_strings", "plain dump of debug.getstrings'RAM': strings",
                          "", job->strings.dump.count);
        report_add_number(report, "dump_saved_predicted_bytes", "plain dump: saved, predicted",
                          "bytes", job->strings.dump.saved_bytes);
        report_add_number(report, "dump_saved_measured_bytes", "plain dump: saved, measured",
                          "bytes", profile_saved(job, PROFILE_DUMP));
        report_add_number(report, "dump_flash_bytes", "plain dump: flash, measured", "bytes",
                          profile_grown(job, PROFILE_DUMP));
        report_add_real(report, "dump_return_ratio", "plain dump: RAM saved per byte of flash", "",
                        3, other);
        report_add_real(report, "vs_dump_ratio", "list against plain dump, per byte of flash", "",
                        2, other > 0 ? own / other : NAN);
    }
}

static void add_notes(const struct profile_job *job, struct report *report)
{
    const struct profile_run *list = &job->runs[PROFILE_LIST];
    if (job->app.had_list)
        report_add_note(report, REPORT_NOTE,
                        "the application's own " APP_LIST_NAME ".lua was left out: the list made "
                        "here takes its place");
    if (job->app.module_count == APP_MODULES_MAX)
        report_add_note(report, REPORT_WARNING,
                        "%u modules leave no room for the list in the image", APP_MODULES_MAX);
    if (job->strings.chosen.count == 0)
        report_add_note(report, REPORT_NOTE, "no string is worth moving to flash");
    for (int i = 0; i < PROFILE_RUN_COUNT; i++)
        if (job->runs[i].is_done && job->runs[i].result.exit_status != 0)
            report_add_note(report, REPORT_WARNING, "%s: the program ended with status %d",
                            job->runs[i].name, job->runs[i].result.exit_status);
    if (!list->is_done)
        return;
    if (profile_saved(job, PROFILE_LIST) != job->strings.chosen.saved_bytes)
        report_add_note(report, REPORT_NOTE, "measured minus predicted saving: %" PRId64 " bytes",
                        profile_saved(job, PROFILE_LIST) - job->strings.chosen.saved_bytes);
    if (!profile_output_is_same(job, PROFILE_LIST))
        report_add_note(report, REPORT_WARNING,
                        "the program printed something else with the list in the image: its runs "
                        "cannot be compared as they are");
}

struct report *profile_report(const struct profile_job *job)
{
    struct arena *arena = job->call->perm;
    struct report *report =
        report_create(arena, "profile", 1, "Where RAM and flash go, and what a preload list saves");
    struct size_input input = {.profile = job->strings.profile};
    if (job->runs[PROFILE_PLAIN].image)
        input.images[input.image_count++] = job->runs[PROFILE_PLAIN].image;
    heap_profile_add_inputs(job->strings.profile, report);
    if (input.image_count > 0)
        report_input_sum(report_add_input(report, text_of("lfs1.img"), "image",
                                          input.images[0]->file_bytes, true),
                         job->runs[PROFILE_PLAIN].image_path);
    add_result(job, report);
    add_notes(job, report);
    strings_fill_tables(&job->strings, &job->strings_settings, false, report);
    size_fill_tables(&input, report);
    return report;
}
