// profile_report.c: the result of `frost profile` as a report.

#include <inttypes.h>
#include <math.h>

#include "analyzer/analysis/strings/strings_report.h"
#include "analyzer/job/profile_tables.h"

static double ratio(int64_t saved, int64_t flash)
{
    return flash > 0 ? (double)saved / (double)flash : 0;
}

// With --hash-slots=keep the dump and the firmware's list are such as luac.cross builds them. This
// is against images that keep their hash vector, too: what the choice of the strings is worth
// alone.
static void add_held_out_kept(const struct profile_job *job, int64_t saved, struct report *report)
{
    const struct strings *first = &job->first_strings;
    const struct worlds *worlds = &job->worlds;
    if (!first->flash.keeps_slots)
        return;
    double own = ratio(saved, (int64_t)job->strings.chosen.flash_bytes);
    double dump = ratio(worlds->dump_saved_bytes,
                        (int64_t)first->dump.flash_bytes - first->dump.growth_bytes);
    double stock = ratio(worlds->stock_saved_bytes,
                         (int64_t)worlds->stock_flash_bytes - worlds->stock_growth_bytes);
    report_add_real(report, "held_out_vs_dump_kept_ratio",
                    "the same, with the dump's hash vector kept as well", "", 2,
                    dump > 0 ? own / dump : NAN);
    report_add_real(report, "held_out_vs_stock_list_kept_ratio",
                    "list against the firmware's there, both vectors kept, per byte", "", 2,
                    stock > 0 ? own / stock : NAN);
}

// The headline: a run that the list was not chosen from.
static void add_held_out(const struct profile_job *job, struct report *report)
{
    int64_t saved;
    if (!worlds_are_judged(&job->worlds, &saved))
        return;
    report_add_number(report, "worlds", "worlds that the list was chosen from", "",
                      job->worlds.trace_count);
    report_add_number(report, "held_out_saved_bytes", "saved in a run that it was not chosen from",
                      "bytes", saved);
    report_add_number(report, "held_out_predicted_bytes", "predicted: the least of those runs",
                      "bytes", strings_least_saved(&job->strings));
    report_add_number(report, "held_out_dump_bytes", "plain dump of the first run: saved there",
                      "bytes", job->worlds.dump_saved_bytes);
    double other = ratio(job->worlds.dump_saved_bytes,
                         (int64_t)job->first_strings.dump.flash_bytes);
    report_add_real(
        report, "held_out_vs_dump_ratio", "list against it there, per byte of flash", "", 2,
        other > 0 ? ratio(saved, (int64_t)job->strings.chosen.flash_bytes) / other : NAN);
    add_held_out_kept(job, saved, report);
    double stock = ratio(job->worlds.stock_saved_bytes, (int64_t)job->worlds.stock_flash_bytes);
    report_add_real(
        report, "held_out_vs_stock_list_ratio", "list against the firmware's there, per byte", "",
        2, stock > 0 ? ratio(saved, (int64_t)job->strings.chosen.flash_bytes) / stock : NAN);
    report_add_real(
        report, "held_out_vs_best_percent", "share of what the best list saves there", "%", 1,
        job->worlds.best_saved_bytes ? 100.0 * (double)saved / (double)job->worlds.best_saved_bytes
                                     : NAN);
}

static void add_result(const struct profile_job *job, struct report *report)
{
    const struct strings_list *chosen = &job->strings.chosen;
    const struct app_run *list = profile_run_with(job, APP_LIST_CHOSEN);
    const struct app_run *dump = profile_run_with(job, APP_LIST_DUMP);
    report_add_number(report, "peak_bytes", "RAM at the highest point", "bytes",
                      (int64_t)job->runs[0].heap->moment_bytes[HEAP_MOMENT_PEAK]);
    if (job->runs[0].has_failed)
        return;
    if (list)
        report_add_number(report, "peak_after_bytes", "RAM at the highest point with the list",
                          "bytes", (int64_t)list->heap->moment_bytes[HEAP_MOMENT_PEAK]);
    add_held_out(job, report);
    report_add_number(report, "saved_predicted_bytes", "saved, predicted", "bytes",
                      profile_predicted(job, APP_LIST_CHOSEN));
    if (list)
        report_add_number(report, "saved_measured_bytes", "saved, measured", "bytes",
                          profile_saved(job, list));
    report_add_number(report, "list_strings", "strings in the list", "", chosen->count);
    report_add_number(report, "list_flash_predicted_bytes", "flash for the list, predicted",
                      "bytes", (int64_t)chosen->flash_bytes);
    if (list) {
        report_add_number(report, "list_flash_bytes", "flash for the list, measured", "bytes",
                          profile_grown(job, list));
        report_add_real(report, "return_ratio", "RAM saved per byte of flash", "", 3,
                        ratio(profile_saved(job, list), profile_grown(job, list)));
    }
    if (dump) {
        double own = ratio(profile_saved(job, list), profile_grown(job, list));
        double other = ratio(profile_saved(job, dump), profile_grown(job, dump));
        report_add_number(report, "dump_strings", "plain dump of debug.getstrings'RAM': strings",
                          "", job->strings.dump.count);
        report_add_number(report, "dump_saved_predicted_bytes", "plain dump: saved, predicted",
                          "bytes", profile_predicted(job, APP_LIST_DUMP));
        report_add_number(report, "dump_saved_measured_bytes", "plain dump: saved, measured",
                          "bytes", profile_saved(job, dump));
        report_add_number(report, "dump_flash_bytes", "plain dump: flash, measured", "bytes",
                          profile_grown(job, dump));
        report_add_real(report, "dump_return_ratio", "plain dump: RAM saved per byte of flash", "",
                        3, other);
        report_add_real(report, "vs_dump_ratio", "list against plain dump, per byte of flash", "",
                        2, other > 0 ? own / other : NAN);
    }
}

// Why the prediction was not met to the byte, as far as the runs tell.
static const char *why_it_differs(const struct profile_job *job, const struct app_run *list)
{
    const struct app_run *plain = &job->runs[0];
    uint64_t before = plain->heap->runs[0].gc_count, after = list->heap->runs[0].gc_count;
    if (!list->replay.is_replay && list->replay.difference)
        return ", since the run with the list had inputs of its own";
    if (before > after)
        return arena_format(job->runner.context->arena,
                            ": strings in flash ask for no memory, so %" PRIu64
                            " collections fewer ran, and garbage stayed longer",
                            before - after);
    return "";
}

// Why the run held out saves something else than the least of the others.
static void note_held_out(const struct profile_job *job, struct report *report)
{
    const struct worlds *worlds = &job->worlds;
    int64_t saved, predicted = strings_least_saved(&job->strings);
    if (!worlds_are_judged(worlds, &saved) || saved == predicted)
        return;
    report_add_note(report, REPORT_NOTE,
                    "the run held out minus the prediction: %" PRId64 " bytes; %" PRIu32
                    " strings of the list (%" PRIu64
                    " bytes) were not in RAM at its highest point, "
                    "and its string table had %" PRIu32 " slots there, %" PRIu32 " with the list",
                    saved - predicted, worlds->absent_count, worlds->absent_bytes, worlds->slots,
                    worlds->slots_with_list);
}

static void add_notes(const struct profile_job *job, struct report *report)
{
    const struct app_run *list = profile_run_with(job, APP_LIST_CHOSEN);
    if (job->runner.app.had_list)
        report_add_note(report, REPORT_NOTE,
                        "the application's own " APP_LIST_NAME ".lua was left out: the list made "
                        "here takes its place");
    if (job->is_legacy_taken)
        report_add_note(report, REPORT_WARNING,
                        "it has calls that firmware 3.0 no longer has, and ran with "
                        "--firmware=legacy: mend them before it goes to a device with 3.0");
    if (profile_has_no_room(job))
        report_add_note(
            report, REPORT_WARNING,
            "as it is, the application does not fit the heap; in one of " PROFILE_LARGE_HEAP
            " it takes %" PRIu64 " bytes",
            job->as_is_large.heap->runs[0].ledger_max);
    if (job->as_is.session_failed)
        report_add_note(report, REPORT_WARNING, "the session %s ended with status %d",
                        job->as_is.session_failed, job->as_is.session_status);
    if (job->runner.plan.left_out_count > 0)
        report_add_note(report, REPORT_WARNING,
                        "%zu modules stay files: an image has room for %u, with the list",
                        job->runner.plan.left_out_count, APP_MODULES_MAX);
    if (job->runs[0].has_failed)
        report_add_note(report, REPORT_WARNING, STRINGS_NO_LIST);
    else if (job->strings.chosen.count == 0)
        report_add_note(report, REPORT_NOTE, "no string is worth moving to flash");
    if (job->worlds.failed_count)
        report_add_note(report, REPORT_WARNING,
                        "the program failed in %" PRIu32
                        " of the other worlds, which does not count",
                        job->worlds.failed_count);
    for (size_t i = 1; i < job->variant_count; i++) // the title has the first
        if (job->runs[i].is_done && job->runs[i].has_failed)
            report_add_note(report, REPORT_WARNING, "%s: the program ended with status %d",
                            job->runs[i].name, job->runs[i].result.exit_status);
    profile_add_replay_notes(job, report);
    if (!list)
        return;
    note_held_out(job, report);
    int64_t predicted = profile_predicted(job, APP_LIST_CHOSEN);
    if (profile_saved(job, list) != predicted)
        report_add_note(report, REPORT_NOTE, "measured minus predicted saving: %" PRId64 " bytes%s",
                        profile_saved(job, list) - predicted, why_it_differs(job, list));
    if (!profile_output_is_same(job, list))
        report_add_note(report, REPORT_WARNING,
                        "the program printed something else with the list in the image: its runs "
                        "cannot be compared as they are");
}

struct report *profile_report(const struct profile_job *job)
{
    struct arena *arena = job->runner.context->arena;
    struct report *report = report_create(arena, "profile", 1,
                                          "Where RAM and flash go, and what a preload list saves");
    struct size_input input = {.profile = job->runs[0].heap};
    if (job->runs[0].image)
        input.images[input.image_count++] = job->runs[0].image;
    heap_profile_add_inputs(job->runs[0].heap, report);
    if (input.image_count > 0)
        report_input_sum(report_add_input(report, text_of("lfs1.img"), "image",
                                          input.images[0]->file_bytes, true),
                         job->runs[0].image_path);
    profile_add_cards(job, report);
    add_result(job, report);
    add_notes(job, report);
    profile_add_needs(job, report);
    advice_fill(&job->views.advice, report);
    advice_tell(&job->views.advice, report);
    profile_add_variants(job, report);
    profile_add_moments(job, report);
    profile_add_printed(job, report);
    if (!job->runs[0].has_failed)
        strings_fill_tables(&job->strings, &job->strings_settings, false, report);
    size_fill_tables(&input, report);
    profile_add_files(job, report);
    return report;
}
