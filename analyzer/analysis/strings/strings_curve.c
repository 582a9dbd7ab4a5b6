// strings_curve.c: RAM saved against flash spent; what the hash vector of the image has to do with
// it.

#include "analyzer/analysis/strings/strings_report_parts.h"
#include "analyzer/analysis/strings/strings_stock.h"

#include <inttypes.h>

struct curve_row {
    const char *mark;
    int64_t strings, flash_bytes, saved_bytes;
    double return_ratio;
};

static const struct report_column curve_columns[] = {
    {"mark", "", "", REPORT_KEY, REPORT_AT(curve_row, mark)},
    {"strings", "strings", "", 0, REPORT_AT(curve_row, strings)},
    {"flash_bytes", "flash", "bytes", 0, REPORT_AT(curve_row, flash_bytes)},
    {"saved_bytes", "saved", "bytes", 0, REPORT_AT(curve_row, saved_bytes)},
    {"return_ratio", "saved per byte", "", 0, REPORT_AT(curve_row, return_ratio), .decimals = 3},
};

static void add_curve_row(struct report_table *table, const char *mark, uint32_t count,
                          uint64_t flash_bytes, int64_t saved_bytes)
{
    struct curve_row row = {.mark = mark,
                            .strings = count,
                            .flash_bytes = (int64_t)flash_bytes,
                            .saved_bytes = saved_bytes,
                            .return_ratio = flash_bytes ? (double)saved_bytes / (double)flash_bytes
                                                        : 0};
    report_add_row(table, NULL, &row);
}

static const char *mark_of(const struct strings *strings, const struct strings_point *point)
{
    bool is_chosen = point->flash_bytes == strings->chosen.flash_bytes &&
                     point->saved_bytes == strings->chosen.saved_bytes;
    if (is_chosen)
        return point->is_knee ? "chosen, knee" : "chosen";
    return point->is_knee ? "knee" : point->is_all ? "every candidate" : "";
}

// What longer chains cost: ", and a look-up meets ...".
static const char *words_of_chains(const struct strings_filler *filler)
{
    const struct strings *strings = filler->strings;
    const struct strings_vector *vector = &strings->vector;
    if (vector->look_ups == 0)
        return "; look-ups then take longer, how much the lists do not tell";
    double allowed = filler->settings->clocks_percent_max / 100 * strings->run_clocks;
    double per_run = strings->profile->run_count * strings->model.clock_mhz * 1000;
    return arena_format(filler->report->arena,
                        "; a look-up then meets %.2f strings in flash instead of %.2f, at most "
                        "%.1f ms in a run of %.0f, modelled%s",
                        vector->met / vector->look_ups, vector->met_grown / vector->look_ups,
                        vector->kept_clocks_more / per_run, strings->run_clocks / per_run,
                        vector->kept_clocks_more > allowed ? ", more than one string may cost by "
                                                             "--max-read-cost"
                                                           : "");
}

// The hash vector of the image grows, or is kept.
static void note_vector(const struct strings_filler *filler)
{
    const struct strings_flash *flash = &filler->strings->flash;
    const struct strings_vector *vector = &filler->strings->vector;
    if (filler->settings->keeps_slots && !flash->image)
        report_add_note(filler->report, REPORT_WARNING,
                        "there is no image whose hash vector could be kept: it counts as "
                        "luac.cross makes it");
    if (vector->growth_bytes == 0 || !flash->image)
        return;
    if (flash->keeps_slots)
        report_add_note(
            filler->report, REPORT_NOTE,
            "counted on an image with its hash vector as it is: made by frost luac "
            "--hash-slots=%" PRIu32 ", which stock firmware takes; luac.cross makes %" PRIu32
            " slots, %" PRIu32 " bytes more%s",
            vector->slots, vector->slots_grown, vector->growth_bytes, words_of_chains(filler));
    else
        report_add_note(filler->report, REPORT_NOTE,
                        "with the list the hash vector of the image has %" PRIu32
                        " slots, not %" PRIu32 ", which takes %" PRIu32
                        " bytes of its flash; %" PRIu32 " strings fewer would fit the old one, or "
                        "--hash-slots=keep keeps it (frost luac --hash-slots=%" PRIu32
                        "; stock firmware takes it, luac.cross does not make it)%s",
                        vector->slots_grown, vector->slots, vector->growth_bytes, vector->surplus,
                        vector->slots, words_of_chains(filler));
}

void strings_add_curve(const struct strings_filler *filler)
{
    const struct strings *strings = filler->strings;
    if (strings->point_count == 0)
        return;
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "curve",
                                                  "RAM saved against flash spent", curve_columns);
    table->explanation = "each row can be had with its flash as --budget; knee: from there on "
                         "flash saves less than on the average";
    struct report_series *series = report_add_series(
        filler->report, "strings_curve", "RAM saved against flash spent", "bytes", "bytes");
    report_add_point(series, 0, 0);
    for (uint32_t i = 0; i < strings->point_count; i++) {
        const struct strings_point *point = &strings->points[i];
        add_curve_row(table, mark_of(strings, point), point->count, point->flash_bytes,
                      point->saved_bytes);
        report_add_point(series, (double)point->flash_bytes, (double)point->saved_bytes);
        if (*mark_of(strings, point))
            report_add_mark(series, (double)point->flash_bytes, (double)point->saved_bytes,
                            mark_of(strings, point));
    }
    add_curve_row(table, "firmware's own list", STRINGS_STOCK_COUNT, strings->stock.flash_bytes,
                  strings->stock.saved_bytes);
    report_add_mark(series, (double)strings->stock.flash_bytes, (double)strings->stock.saved_bytes,
                    "firmware's own list");
    report_add_mark(series, (double)strings->dump.flash_bytes, (double)strings->dump.saved_bytes,
                    "plain dump");
    add_curve_row(table, "plain dump", strings->dump.count, strings->dump.flash_bytes,
                  strings->dump.saved_bytes);
    note_vector(filler);
}
