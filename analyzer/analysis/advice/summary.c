// summary.c: figures, findings and short tables out of other reports.

#include "analyzer/analysis/advice/summary.h"

#include <string.h>

#include "analyzer/base/safe_text.h"
#include "reports/value_text.h"

#define FINDINGS_GC 2u // that are repeated
#define FINDINGS_HOT 4u
#define SHARE_MIN_PERCENT 1.0 // kinds of RAM below are not named
#define SHARES_MAX 4u
#define AGE_POINTS_MAX 4096u

struct sources {
    struct arena *arena;
    const struct report *const *reports;
    size_t count;
    struct report *summary;
};

// ---- looking up ----

static const struct report *find_report(const struct sources *sources, const char *name)
{
    for (size_t i = 0; i < sources->count; i++)
        if (!strcmp(sources->reports[i]->name, name))
            return sources->reports[i];
    return NULL;
}

// Of a device with stock firmware only strings and some figures of the heap are known.
static bool is_stock(const struct sources *sources)
{
    return find_report(sources, "gc-stock") != NULL;
}

static const struct report_table *find_table(const struct sources *sources, const char *name)
{
    for (size_t i = 0; i < sources->count; i++) {
        const struct report_table *table = report_find_table(sources->reports[i], name);
        if (table)
            return table;
    }
    return NULL;
}

// A figure of a report, by the first of two names that it has; false if it has neither.
static bool find_figure(const struct sources *sources, const char *report_name, const char *name,
                        const char *other_name, double *figure)
{
    const struct report *report = find_report(sources, report_name);
    const struct report_total *total = report ? report_find_total(report, name) : NULL;
    if (report && !total && other_name)
        total = report_find_total(report, other_name);
    if (!total || !total->value.is_present)
        return false;
    *figure = total->kind == REPORT_NUMBER ? (double)total->value.number : total->value.real;
    return true;
}

static const struct report_value *cell_of(const struct report_table *table, size_t row, int column)
{
    static const struct report_value nothing;
    return column < 0 ? &nothing : &table->cells[row * table->column_count + (size_t)column];
}

static double number_of(const struct report_table *table, size_t row, int column)
{
    const struct report_value *value = cell_of(table, row, column);
    if (!value->is_present)
        return 0;
    return table->columns[column].kind == REPORT_NUMBER ? (double)value->number : value->real;
}

static bool is_text(const struct report_table *table, size_t row, const char *column,
                    const char *wanted)
{
    const struct report_value *value = cell_of(table, row,
                                               report_find_column(table, text_of(column)));
    return value->is_present && text_is_equal(value->text, text_of(wanted));
}

// ---- what a list of strings saves ----

struct saving {
    double peak, saved, flash, strings;
    bool is_known, is_measured;
};

static struct saving find_saving(const struct sources *sources)
{
    struct saving saving = {0};
    if (find_figure(sources, "profile", "peak_bytes", NULL, &saving.peak)) {
        saving.is_measured = find_figure(sources, "profile", "saved_measured_bytes", NULL,
                                         &saving.saved);
        saving.is_known = find_figure(sources, "profile", "list_strings", NULL, &saving.strings) &&
                          find_figure(sources, "profile", "list_flash_bytes",
                                      "list_flash_predicted_bytes", &saving.flash);
        if (!saving.is_measured)
            saving.is_known &= find_figure(sources, "profile", "saved_predicted_bytes", NULL,
                                           &saving.saved);
        return saving;
    }
    if (!find_figure(sources, "strings", "peak_bytes", NULL, &saving.peak))
        (void)find_figure(sources, "size", "peak_bytes", NULL, &saving.peak);
    saving.is_known = find_figure(sources, "strings", "saved_bytes", NULL, &saving.saved) &&
                      find_figure(sources, "strings", "flash_bytes", NULL, &saving.flash) &&
                      find_figure(sources, "strings", "chosen_strings", NULL, &saving.strings);
    return saving;
}

// Clocks that lines of the program lose to byte-wise reads of flash, in percent of the run: all but
// the visits of the collector.
static bool find_read_percent(const struct sources *sources, double *percent)
{
    const struct report *hot = find_report(sources, "hot");
    const struct report_table *lines = hot ? report_find_table(hot, "lines") : NULL;
    if (!lines || !find_figure(sources, "hot", "model_percent", NULL, percent))
        return false;
    for (size_t r = 0; r < lines->row_count; r++)
        if (is_text(lines, r, "line", "(collector)"))
            *percent -= number_of(lines, r, report_find_column(lines, text_of("model_percent")));
    if (*percent < 0)
        *percent = 0;
    return true;
}

// The collector's clocks in percent of the run, on the same base as the reads where it is known.
static bool find_gc_percent(const struct sources *sources, double *percent)
{
    double run, clocks;
    if (!find_figure(sources, "gc", "gc_percent", NULL, percent))
        return false;
    if (find_figure(sources, "hot", "model_run_clocks", NULL, &run) && run > 0 &&
        find_figure(sources, "gc", "gc_clocks", NULL, &clocks))
        *percent = clocks / run * 100;
    return true;
}

// ---- figures ----

// Totals of `frost profile` that come first.
static void take_cards(const struct sources *sources)
{
    static const char *const cards[] = {"ending", "left_bytes", "left_after_bytes"};
    const struct report *profile = find_report(sources, "profile");
    for (size_t i = 0; profile && i < sizeof cards / sizeof *cards; i++) {
        const struct report_total *total = report_find_total(profile, cards[i]);
        if (total && total->kind == REPORT_TEXT)
            report_add_text(sources->summary, total->name, total->title, total->value.text);
        else if (total)
            report_add_number(sources->summary, total->name, total->title, total->unit,
                              total->value.number);
    }
}

static void add_figures(const struct sources *sources, const struct saving *saving)
{
    struct report *report = sources->summary;
    double figure;
    take_cards(sources);
    if (saving->peak > 0)
        report_add_number(report, "peak_bytes",
                          is_stock(sources) ? "strings in RAM and their table, at most"
                                            : "RAM at the highest point",
                          "bytes", (int64_t)saving->peak);
    if (find_figure(sources, "profile", "held_out_saved_bytes", NULL, &figure))
        report_add_number(report, "held_out_saved_bytes",
                          "less RAM with the list, in a run that it was not chosen from", "bytes",
                          (int64_t)figure);
    if (find_figure(sources, "gc-stock", "free_min_bytes", NULL, &figure))
        report_add_number(report, "free_min_bytes", "least free heap", "bytes", (int64_t)figure);
    if (saving->is_known) {
        const char *title = saving->is_measured
                                ? "less RAM with the list of strings in flash, measured"
                                : "less RAM with the list of strings in flash, predicted";
        report_add_number(report, "saved_bytes", title, "bytes", (int64_t)saving->saved);
        report_add_number(report, "list_flash_bytes", "flash that the list takes", "bytes",
                          (int64_t)saving->flash);
        report_add_number(report, "list_strings", "strings in the list", "",
                          (int64_t)saving->strings);
    }
    if (find_read_percent(sources, &figure))
        report_add_real(report, "read_percent",
                        "of all clocks (VM, collector, byte-wise reads): lines that read flash "
                        "byte by byte, on stock firmware",
                        "%", 1, figure);
    if (find_gc_percent(sources, &figure))
        report_add_real(report, "gc_percent",
                        "of all clocks (VM, collector, byte-wise reads): the collector, on stock "
                        "firmware",
                        "%", 1, figure);
}

// ---- findings ----

static const char *words(const struct sources *sources, double number)
{
    struct report_value value = report_real(number);
    return value_text(sources->arena, REPORT_REAL, 0, &value, 0).data;
}

// The first trace as commands name it: what was recorded by a profile lies beside its page.
static const char *trace_path(const struct sources *sources)
{
    bool is_profile = find_report(sources, "profile") != NULL;
    for (size_t i = 0; i < sources->count; i++)
        for (const struct report_input *input = sources->reports[i]->inputs; input;
             input = input->next)
            if (!strcmp(input->kind, "trace"))
                return arena_format(sources->arena, "%.*s%s", TEXT_ARGS(input->path),
                                    is_profile ? ".trace" : "");
    return "TRACE";
}

// "frost gc run1.trace"; the path is quoted where the shell would take it apart. None for a path
// that cannot be shown as it is.
static void set_command(const struct sources *sources, const char *begin, const char *end)
{
    const char *path = trace_path(sources);
    bool is_plain = path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789._-/+,=@")] == '\0';
    bool is_safe = safe_text(sources->arena, text_of(path)).data == path;
    if (!is_plain && (strchr(path, '\'') || !is_safe))
        return;
    report_set_command(sources->summary,
                       arena_format(sources->arena, "%s %s%s%s%s", begin, is_plain ? "" : "'", path,
                                    is_plain ? "" : "'", end));
}

static void add_saving(const struct sources *sources, const struct saving *saving)
{
    if (!saving->is_known)
        return;
    if (saving->strings == 0) {
        report_add_note(sources->summary, REPORT_FINDING,
                        "No string is worth moving to flash: none lives at the highest point and "
                        "saves enough");
        return;
    }
    report_add_note(sources->summary, REPORT_FINDING,
                    "Move %s string%s to flash: %s bytes less RAM at the highest point (%.0f %%%s, "
                    "%s), for %s bytes of flash. dummy_strings.lua has them: add it to the modules "
                    "of the image",
                    words(sources, saving->strings), saving->strings == 1 ? "" : "s",
                    words(sources, saving->saved),
                    saving->peak > 0 ? saving->saved / saving->peak * 100 : 0,
                    is_stock(sources) ? " of strings and their table" : "",
                    saving->is_measured ? "measured by a second run" : "predicted",
                    words(sources, saving->flash));
    if (find_report(sources, "profile"))
        report_set_command(sources->summary, "nodemcu-tool upload upload/lfs.img");
    else
        set_command(sources, "frost strings -o dummy_strings.lua", "");
}

// "net/server.lua" of a finding that begins with "net/server.lua:12"; NULL: it names no line.
static const char *file_of(const struct sources *sources, struct text finding)
{
    for (size_t i = 1; i + 1 < finding.bytes && finding.data[i] != ' '; i++)
        if (finding.data[i] == ':' && finding.data[i + 1] >= '0' && finding.data[i + 1] <= '9')
            return arena_format(sources->arena, "%.*s", (int)i, finding.data);
    return NULL;
}

static void set_next(const struct sources *sources, const char *name, struct text finding)
{
    const char *file = file_of(sources, finding);
    bool is_plain = file && !strpbrk(file, " '\"$`\\;&|<>()*?[]{}!#~");
    if (!strcmp(name, "hot") && is_plain)
        set_command(sources, "frost hot", arena_format(sources->arena, " --annotate %s", file));
    else if (!strcmp(name, "heap-failure"))
        report_set_command(sources->summary, "frost heap run0.trace");
    else if (!strcmp(name, "gc") && file)
        set_command(sources, "frost calls", "");
    else
        set_command(sources, "frost gc", "");
}

// Findings of another report, but those that begin with `except` (NULL: none).
static void repeat_findings(const struct sources *sources, const char *name, unsigned max,
                            const char *except)
{
    const struct report *report = find_report(sources, name);
    unsigned count = 0;
    for (const struct report_note *note = report ? report->notes : NULL; note && count < max;
         note = note->next)
        if (note->kind == REPORT_FINDING && (!except || !text_begins_with(note->text, except))) {
            report_add_note(sources->summary, REPORT_FINDING, "%.*s", TEXT_ARGS(note->text));
            set_next(sources, name, note->text);
            count++;
        }
}

// The kinds of RAM that take most, as a sentence.
static void add_shares(const struct sources *sources)
{
    const struct report_table *places = find_table(sources, "places");
    int column = places ? report_find_column(places, text_of("ram_bytes")) : -1;
    double sum = 0;
    const char *shares = "";
    bool *is_named = places ? ARENA_NEW_ARRAY(sources->arena, bool, places->row_count) : NULL;
    for (size_t r = 0; column >= 0 && r < places->row_count; r++)
        sum += number_of(places, r, column);
    for (unsigned i = 0; sum > 0 && i < SHARES_MAX; i++) {
        size_t most = places->row_count;
        for (size_t r = 0; r < places->row_count; r++)
            if (!is_named[r] && (most == places->row_count ||
                                 number_of(places, r, column) > number_of(places, most, column)))
                most = r;
        double percent = most < places->row_count ? number_of(places, most, column) / sum * 100 : 0;
        if (percent < SHARE_MIN_PERCENT)
            break;
        is_named[most] = true;
        shares = arena_format(sources->arena, "%s%s%.*s %.0f %%", shares, i ? ", " : "",
                              TEXT_ARGS(places->cells[most * places->column_count].text), percent);
    }
    if (*shares)
        report_add_note(sources->summary, REPORT_FINDING, "RAM at the highest point: %s", shares);
    if (*shares)
        set_command(sources, "frost heap", "");
}

// ---- tables ----

// A column that is taken over, under its own title and unit or others.
struct taken {
    const char *name, *title, *unit;
    unsigned flags; // besides those that it has
};

// Copies rows of a table that `filter` lets pass, at most SUMMARY_ROWS, with the columns that exist
// of `columns` (ended by a NULL name).
static void take_rows(const struct sources *sources, const struct report_table *from,
                      const char *name, const char *title, const struct taken *columns,
                      bool (*filter)(const struct report_table *table, size_t row))
{
    struct report_column taken[REPORT_COLUMNS_MAX];
    size_t count = 0;
    if (!from)
        return;
    for (; columns->name; columns++) {
        int c = report_find_column(from, text_of(columns->name));
        if (c < 0)
            continue;
        struct report_column *column = &taken[count++];
        *column = from->columns[c];
        column->title = columns->title ? columns->title : column->title;
        column->unit = columns->unit ? columns->unit : column->unit;
        column->flags = (column->flags & (REPORT_MAY_CUT | REPORT_KEY)) | columns->flags;
        column->fill = NULL;
        column->member = REPORT_MEMBER_VALUE;
        column->offset = (size_t)c * sizeof(struct report_value);
    }
    struct report_table *table = report_add_table(sources->summary, name, title, taken, count);
    table->omitted_why = "further down";
    for (size_t r = 0; r < from->row_count; r++) {
        if (!filter(from, r))
            continue;
        if (table->row_count == SUMMARY_ROWS) {
            table->omitted_count++;
            continue;
        }
        report_add_row(table, NULL, &from->cells[r * from->column_count]);
    }
}

static bool is_chosen(const struct report_table *table, size_t row)
{
    return is_text(table, row, "verdict", "chosen");
}

static bool is_line_that_reads(const struct report_table *table, size_t row)
{
    return !is_text(table, row, "line", "(collector)") &&
           number_of(table, row, report_find_column(table, text_of("characters"))) > 0;
}

static bool has_ram(const struct report_table *table, size_t row)
{
    return number_of(table, row, report_find_column(table, text_of("peak_bytes"))) > 0;
}

static bool is_any(const struct report_table *table, size_t row)
{
    (void)table;
    (void)row;
    return true;
}

static void add_tables(const struct sources *sources)
{
    static const struct taken strings[] = {{"text", "string", NULL, 0},
                                           {"peak_bytes", "RAM saved", NULL, 0},
                                           {"flash_bytes", "flash", NULL, 0},
                                           {"site", "made at", NULL, REPORT_WIDE},
                                           {NULL, NULL, NULL, 0}};
    static const struct taken lines[] = {{"line", NULL, NULL, 0},
                                         {"most_what", "what reads", NULL, REPORT_WIDE},
                                         {"most_object", "most of all", NULL, 0},
                                         {"characters", "characters", NULL, REPORT_WIDE},
                                         {"model_clocks", "clocks", NULL, REPORT_WIDE},
                                         {"model_percent", "of the run", "%", 0},
                                         {NULL, NULL, NULL, 0}};
    static const struct taken modes[] = {{"mode", "mode of node.egc", NULL, 0},
                                         {"limit_bytes", "limit", NULL, 0},
                                         {"collections", "collections", NULL, REPORT_WIDE},
                                         {"percent", "of the run", "%", 0},
                                         {"peak_bytes", "RAM at the highest point", NULL, 0},
                                         {"failures", "allocations that fail", NULL, REPORT_WIDE},
                                         {NULL, NULL, NULL, 0}};
    static const struct taken sites[] = {{"site", "line", NULL, 0},
                                         {"peak_bytes", "RAM at the highest point", NULL, 0},
                                         {"peak_blocks", "blocks", NULL, 0},
                                         {NULL, NULL, NULL, 0}};
    static const struct taken needs[] = {{"name", NULL, NULL, 0},
                                         {"places", NULL, NULL, 0},
                                         {"remedy", NULL, NULL, 0},
                                         {NULL, NULL, NULL, 0}};
    static const struct taken variants[] = {{"variant", NULL, NULL, 0},
                                            {"start_bytes", NULL, NULL, REPORT_WIDE},
                                            {"peak_bytes", NULL, NULL, 0},
                                            {"end_bytes", NULL, NULL, REPORT_WIDE},
                                            {"left_bytes", NULL, NULL, 0},
                                            {"image_bytes", NULL, NULL, 0},
                                            {"start_ms", NULL, NULL, REPORT_WIDE},
                                            {"collections", NULL, NULL, REPORT_WIDE},
                                            {"inputs", NULL, NULL, REPORT_WIDE},
                                            {"ending", NULL, NULL, REPORT_WIDE},
                                            {NULL, NULL, NULL, 0}};
    static const struct taken printed[] = {{"line", NULL, NULL, 0}, {NULL, NULL, NULL, 0}};
    const struct report *hot = find_report(sources, "hot");
    take_rows(sources, find_table(sources, "needs"), "needs", "Needed, and not there", needs,
              is_any);
    take_rows(sources, find_table(sources, "variants"), "variants", "The application, each way",
              variants, is_any);
    take_rows(sources, find_table(sources, "printed"), "printed", "What it printed last", printed,
              is_any);
    take_rows(sources, find_table(sources, "strings"), "move", "Strings to move to flash", strings,
              is_chosen);
    take_rows(sources, hot ? report_find_table(hot, "lines") : NULL, "reads",
              "Lines that read flash byte by byte, on stock firmware", lines, is_line_that_reads);
    take_rows(sources, find_table(sources, "modes"), "modes", "What the collector costs", modes,
              is_any);
    take_rows(sources, find_table(sources, "sites"), "ram", "Lines that hold RAM", sites, has_ram);
}

// The curve of the heap is shown first; its points are shared.
static void take_curve(const struct sources *sources, const char *report_name, const char *name)
{
    const struct report *report = find_report(sources, report_name);
    for (const struct report_series *from = report ? report->series : NULL; from;
         from = from->next) {
        if (strcmp(from->name, name) != 0)
            continue;
        struct report_series *series = report_add_series(sources->summary, from->name, from->title,
                                                         from->x_unit, from->y_unit);
        struct report_series *next = series->next;
        *series = *from;
        series->next = next;
    }
}

struct report *summary_create(struct arena *arena, const char *title,
                              const struct report *const *reports, size_t count,
                              const struct advice *advice)
{
    struct sources sources = {arena, reports, count, report_create(arena, "summary", 1, title)};
    struct saving saving = find_saving(&sources);
    report_take_inputs(sources.summary, reports[0]);
    add_figures(&sources, &saving);
    repeat_findings(&sources, "heap-failure", 1, NULL);
    add_saving(&sources, &saving);
    repeat_findings(&sources, "gc", FINDINGS_GC, NULL);
    repeat_findings(&sources, "gc-stock", FINDINGS_GC, NULL);
    repeat_findings(&sources, "hot", FINDINGS_HOT,
                    find_report(&sources, "gc") ? "the collector " : NULL);
    add_shares(&sources);
    take_curve(&sources, "gc", "heap_bytes");
    advice_fill(advice, sources.summary);
    add_tables(&sources);
    return sources.summary;
}

void summary_add_ages(struct report *report, const struct export_profile *profile)
{
    size_t count = 0;
    for (size_t i = 0; i < profile->text_count; i++)
        count += profile->texts[i].blocks > 0;
    size_t step = count / AGE_POINTS_MAX + 1, seen = 0;
    struct report_series *series = report_add_series(
        report, "string_ages", "Strings made in RAM, by how long they lived and how long they are",
        "instructions lived", "characters");
    series->style = REPORT_POINTS;
    for (size_t i = 0; i < profile->text_count; i++) {
        const struct export_text *text = &profile->texts[i];
        if (text->blocks > 0 && seen++ % step == 0)
            report_add_point(series, (double)text->lifetime_clocks / (double)text->blocks,
                             text->bytes);
    }
}
