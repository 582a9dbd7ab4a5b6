// loads.c: loads of flash by line of the C runtime: from return addresses to a table.

#include "analyzer/analysis/loads.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/analysis/hot_report.h"
#include "analyzer/trace/trace_reader.h"

// ---- the program ----

struct program {
    char path[4096];
    char build_id[129];
};

static bool read_program(const struct hot_run *run, struct program *program)
{
    struct arena scratch;
    struct trace *trace;
    struct problem problem = {0};
    bool is_named = false;
    arena_init(&scratch);
    const char *folder =
        arena_format(&scratch, "%.*s", (int)run->path.bytes, run->path.data);
    if (trace_open(&scratch, folder, &trace, &problem) == STATUS_OK) {
        const struct trace_run *info = trace_run(trace);
        snprintf(program->path, sizeof program->path, "%s", info->program);
        snprintf(program->build_id, sizeof program->build_id, "%s", info->build_id);
        is_named = info->program[0] != 0 && strcmp(info->build, "traced") == 0;
        trace_close(trace);
    }
    arena_deinit(&scratch);
    return is_named;
}

struct elf_index *loads_open_program(const struct hot *hot, struct arena *arena, char *why,
                                     size_t why_bytes)
{
    struct program program = {{0}, {0}}, other = {{0}, {0}};
    struct elf_index *index = NULL;
    struct problem problem = {0};
    *why = 0;
    for (uint32_t i = 0; i < hot->run_count; i++) {
        if (!read_program(&hot->runs[i], &other))
            continue;
        if (program.path[0] && strcmp(program.build_id, other.build_id) != 0) {
            snprintf(why, why_bytes, "the traces were recorded with different builds of the VM");
            return NULL;
        }
        program = other;
    }
    if (!program.path[0])
        return NULL;
    if (elf_index_open(arena, program.path, &index, &problem) != STATUS_OK) {
        snprintf(why, why_bytes, "the VM that was recorded cannot be read: %.200s: %s",
                 program.path, problem.message);
        return NULL;
    }
    if (strcmp(elf_index_build_id(index), program.build_id) != 0) {
        snprintf(why, why_bytes,
                 "%.200s is not the VM that was recorded, but another build of it (build-id %.8s, "
                 "recorded %.8s)",
                 program.path, elf_index_build_id(index), program.build_id);
        return NULL;
    }
    return index;
}

// ---- lines ----

const char *loads_chain_words(const struct elf_frame *frames, size_t count, struct arena *arena)
{
    const char *words = "";
    for (size_t i = 1; i < count; i++)
        words = arena_format(arena, "%s%s%s", words, i > 1 ? " < " : "",
                             frames[i].function ? frames[i].function : "?");
    return words;
}

static struct loads_line line_of(const struct elf_index *index, uint32_t pc, struct arena *arena)
{
    struct elf_frame frames[ELF_CHAIN_MAX];
    size_t count = index ? elf_index_chain(index, pc, frames, ELF_CHAIN_MAX) : 0;
    if (count == 0)
        return (struct loads_line){.chain = ""};
    return (struct loads_line){
        .function = frames[0].function,
        .file = frames[0].file,
        .line = frames[0].line,
        .chain = loads_chain_words(frames, count, arena),
    };
}

static uint64_t narrow_loads(const struct loads_line *line)
{
    return line->loads[0] + line->loads[1];
}

static int compare_words(const char *x, const char *y)
{
    return strcmp(x ? x : "", y ? y : "");
}

// By place: equal ones come together.
static int compare_places(const void *a, const void *b)
{
    const struct loads_line *x = a, *y = b;
    int order = compare_words(x->file, y->file);
    if (order == 0)
        order = (x->line > y->line) - (x->line < y->line);
    if (order == 0)
        order = compare_words(x->function, y->function);
    return order ? order : compare_words(x->chain, y->chain);
}

static int compare_loads(const void *a, const void *b)
{
    const struct loads_line *x = a, *y = b;
    if (narrow_loads(x) != narrow_loads(y))
        return narrow_loads(x) > narrow_loads(y) ? -1 : 1;
    if (x->loads[2] != y->loads[2])
        return x->loads[2] > y->loads[2] ? -1 : 1;
    return compare_places(a, b);
}

// The more telling one of two cells: narrow before wide, then by count.
static uint32_t most_of(const struct hot *hot, uint32_t a, uint32_t b)
{
    const struct hot_cell *x = &hot->cells[a], *y = &hot->cells[b];
    int x_is_wide = x->what == HOT_LOAD_32, y_is_wide = y->what == HOT_LOAD_32;
    if (x_is_wide != y_is_wide)
        return x_is_wide ? b : a;
    return y->count > x->count ? b : a;
}

static void add_line(const struct hot *hot, struct loads_line *to, const struct loads_line *from)
{
    for (int i = 0; i < 3; i++)
        to->loads[i] += from->loads[i];
    to->most = most_of(hot, to->most, from->most);
}

// Cells in the order of their pc; a cell's number is its other half.
static int compare_pcs(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

struct loads loads_by_line(const struct hot *hot, const struct elf_index *index,
                           struct arena *arena)
{
    uint64_t *cells = ARENA_NEW_ARRAY(arena, uint64_t, hot->cell_count + 1);
    uint32_t cell_count = 0;
    for (uint32_t i = 0; i < hot->cell_count; i++)
        if (hot_is_load(hot->cells[i].what))
            cells[cell_count++] = (uint64_t)hot->cells[i].pc << 32 | i;
    qsort(cells, cell_count, sizeof *cells, compare_pcs);
    struct loads_line *lines = ARENA_NEW_ARRAY(arena, struct loads_line, cell_count + 1);
    uint32_t count = 0, last_pc = 0;
    for (uint32_t n = 0; n < cell_count; n++) {
        uint32_t at = (uint32_t)cells[n];
        const struct hot_cell *cell = &hot->cells[at];
        struct loads_line one = {.most = at};
        one.loads[cell->what - HOT_LOAD_FIRST] = cell->count;
        if (count == 0 || cell->pc != last_pc) {
            lines[count] = line_of(index, cell->pc, arena);
            lines[count++].most = at;
            last_pc = cell->pc;
        }
        add_line(hot, &lines[count - 1], &one);
    }
    qsort(lines, count, sizeof *lines, compare_places);
    uint32_t kept = 0;
    for (uint32_t n = 0; n < count; n++) {
        if (kept && compare_places(&lines[kept - 1], &lines[n]) == 0)
            add_line(hot, &lines[kept - 1], &lines[n]);
        else
            lines[kept++] = lines[n];
    }
    qsort(lines, kept, sizeof *lines, compare_loads);
    return (struct loads){lines, kept};
}

// ---- the table ----

static void add_columns(struct report_table *table)
{
    table->explanation = "what the compiled code loaded; libc's block functions count by words";
    report_add_column(table, "function", "function", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "c_line", "C line", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "inlined_into", "inlined into", "", REPORT_TEXT,
                      REPORT_MAY_CUT | REPORT_DETAIL);
    report_add_column(table, "loads_8", "8 bit", "loads", REPORT_NUMBER, 0);
    report_add_column(table, "loads_16", "16 bit", "loads", REPORT_NUMBER, 0);
    report_add_column(table, "loads_32", "32 bit", "loads", REPORT_NUMBER, 0);
    report_add_column(table, "most_line", "most from", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "most_object", "of", "", REPORT_TEXT, REPORT_MAY_CUT);
}

static void add_rows(const struct hot *hot, const struct loads *loads, bool hides_text,
                     struct report_table *table)
{
    struct arena *arena = table->arena;
    for (uint32_t i = 0; i < loads->line_count && i < HOT_ROWS_MAX; i++) {
        const struct loads_line *line = &loads->lines[i];
        const struct hot_cell *most = &hot->cells[line->most];
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(line->function ? line->function : "?"));
        if (line->file)
            row[1] = report_text(
                text_of(arena_format(arena, "%s:%" PRIu32, line->file, line->line)));
        if (line->chain[0])
            row[2] = report_text(text_of(line->chain));
        for (unsigned width = 0; width < 3; width++)
            row[3 + width] = report_number((int64_t)line->loads[width]);
        row[6] = report_text(site_name(arena, &hot->sites.items[most->site]));
        row[7] = report_text(hot_object_words(hot, most->object, hides_text, arena));
    }
    if (loads->line_count > HOT_ROWS_MAX) {
        table->omitted_count = loads->line_count - HOT_ROWS_MAX;
        table->omitted_why = "a report holds 5,000 rows of a table";
    }
}

void loads_fill(const struct hot *hot, bool hides_text, struct report *report)
{
    static const int sums[] = {3, 4, 5, -1};
    char why[400];
    if (!hot->has_loads)
        return;
    struct elf_index *index = loads_open_program(hot, report->arena, why, sizeof why);
    if (!index) {
        if (why[0])
            report_add_note(report, REPORT_WARNING, "lines of C are left out: %s", why);
        return;
    }
    struct loads loads = loads_by_line(hot, index, report->arena);
    struct report_table *table = report_add_table(report, "c_lines", "Loads from flash by C line");
    add_columns(table);
    add_rows(hot, &loads, hides_text, table);
    report_add_sum(table, sums);
}
