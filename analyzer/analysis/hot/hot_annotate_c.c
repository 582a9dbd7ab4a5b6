// hot_annotate_c.c: a C source, or the instructions of a C function, with loads beside them.
//
// Reads: the source as it is now, where it was compiled or in the directory given; the program
// through a disassembler, if one that knows its machine is installed.

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/analysis/hot/hot_annotate.h"
#include "analyzer/analysis/hot/loads.h"
#include "analyzer/analysis/hot/source_lines.h"
#include "analyzer/elf/elf_disassemble.h"
#include "runtime/format/xtensa.h"

struct filler {
    const struct hot *hot;
    const struct hot_view *view;
    struct loads loads;
    struct report *report;
    struct arena *arena;
};

static uint64_t count_of(const struct loads_sum *sum, unsigned what)
{
    return sum->counts[what - HOT_LOAD_FIRST];
}

// ---- rows ----

// A line of a source, or an instruction of a function.
struct row {
    struct loads_sum sum;
    struct report_value most_line;
    uint64_t place; // number of the line, address of the instruction
    struct text text, c_line, inlined;
};

// The columns that both begin with. What is 0 stays empty, so that the eye finds what is not.
static const struct report_column count_columns[] = {
    {"loads_8", "8 bit", "loads", REPORT_BLANK_ZERO, REPORT_AT(row, sum.counts[0])},
    {"loads_16", "16 bit", "loads", REPORT_BLANK_ZERO, REPORT_AT(row, sum.counts[1])},
    {"loads_32", "32 bit", "loads", REPORT_BLANK_ZERO, REPORT_AT(row, sum.counts[2])},
    {"misses", "misses", "lines", REPORT_BLANK_ZERO, REPORT_AT(row, sum.counts[3])},
    {"code_misses", "of code", "lines", REPORT_BLANK_ZERO, REPORT_AT(row, sum.counts[4])},
    {"own_clocks", "own clocks", "clocks", REPORT_BLANK_ZERO, REPORT_AT(row, sum.clocks)},
    {"most_line", "most from", "", REPORT_MAY_CUT, REPORT_AS(REPORT_TEXT, row, most_line)},
};

static const struct report_column source_columns[] = {
    {"line", "line", "", REPORT_KEY, REPORT_AT(row, place)},
    {"text", "source", "", REPORT_MAY_CUT, REPORT_AT(row, text)},
};

static const struct report_column code_columns[] = {
    {"addr", "address", "", REPORT_KEY, REPORT_AS(REPORT_HEX, row, place)},
    {"instruction", "instruction", "", 0, REPORT_AT(row, text)},
    {"c_line", "C line", "", REPORT_MAY_CUT, REPORT_AT(row, c_line)},
    {"inlined", "inlined", "", REPORT_MAY_CUT | REPORT_DETAIL, REPORT_AT(row, inlined)},
};

static struct report_table *add_table(const struct filler *filler, const char *name,
                                      const char *title)
{
    static const char *const of_machine[] = {"misses", "code_misses", "own_clocks"};
    struct report_table *table = REPORT_ADD_TABLE(filler->report, name, title, count_columns);
    for (size_t i = 0; i < sizeof of_machine / sizeof *of_machine; i++)
        report_set_detail(table, of_machine[i], !filler->hot->has_machine);
    return table;
}

static void set_counts(const struct filler *filler, const struct loads_sum *sum, struct row *row)
{
    row->sum = *sum;
    if (count_of(sum, HOT_LOAD_32) + loads_narrow(sum) + count_of(sum, HOT_MISS_DATA) +
        count_of(sum, HOT_MISS_CODE))
        row->most_line = report_text(site_name(
            filler->arena, &filler->hot->sites.items[filler->hot->cells[sum->most].site]));
}

// ---- a source ----

static const char *wanted_file; // for the key functions, which get no context

static uint64_t key_line_of_file(const struct loads *loads, uint32_t idx)
{
    const struct loads_place *place = &loads->places[loads->place_of[idx]];
    if (loads->hot->cells[idx].what == HOT_INSTRUCTIONS || place->file != wanted_file)
        return LOADS_NO_KEY;
    return place->line;
}

// The file of the program with that name, however long the path in front; the one with most loads.
static const char *find_file(const struct filler *filler, struct text name)
{
    const struct elf_index *index = filler->hot->program.index;
    const char *found = NULL, *file;
    uint64_t most = 0;
    for (uint32_t n = 0; (file = elf_index_file(index, n)); n++) {
        if (!source_is_same(text_of(file), name))
            continue;
        wanted_file = file;
        struct loads_sums sums = loads_sum(&filler->loads, key_line_of_file);
        uint64_t loads = 1;
        for (size_t i = 0; i < sums.count; i++)
            loads += count_of(&sums.items[i], HOT_LOAD_32) + loads_narrow(&sums.items[i]);
        if (loads > most) {
            most = loads;
            found = file;
        }
    }
    return found;
}

static bool read_source(const struct filler *filler, const char *file, const char *directory,
                        struct text *source)
{
    struct problem problem = {0};
    const char *compiled_in = elf_index_directory(filler->hot->program.index, file);
    return source_read(file, directory, filler->arena, source, &problem) == STATUS_OK ||
           (compiled_in && source_read(file, compiled_in, filler->arena, source,
                                       &(struct problem){0}) == STATUS_OK);
}

static void fill_source(const struct filler *filler, const char *file, struct text source,
                        bool has_text)
{
    struct report_table *table = add_table(filler, "annotate_c",
                                           arena_format(filler->arena, "%s, line by line", file));
    report_set_detail(table, "most_line", true);
    report_add_columns(table, source_columns, 2);
    wanted_file = file;
    struct loads_sums sums = loads_sum(&filler->loads, key_line_of_file);
    uint64_t last = has_text ? source_count_lines(source) : 0;
    for (size_t i = 0; i < sums.count; i++)
        last = sums.items[i].key > last ? sums.items[i].key : last;
    const struct loads_sum **by_line = ARENA_NEW_ARRAY(filler->arena, const struct loads_sum *,
                                                       last + 1);
    for (size_t i = 0; i < sums.count; i++)
        by_line[sums.items[i].key] = &sums.items[i];
    for (uint64_t line = 1; line <= last; line++) {
        if (!has_text && !by_line[line])
            continue;
        struct row row = {.place = line};
        if (by_line[line])
            set_counts(filler, by_line[line], &row);
        if (has_text)
            row.text = source_next_line(&source, filler->arena);
        report_add_row(table, NULL, &row);
    }
}

static void annotate_source(const struct filler *filler, const char *file, const char *directory)
{
    struct text source = {NULL, 0};
    bool has_text = read_source(filler, file, directory, &source);
    fill_source(filler, file, source, has_text);
    if (!has_text)
        report_add_note(filler->report, REPORT_WARNING,
                        "the source %s is not found (--source DIR): lines without text", file);
}

// ---- a function ----

static struct elf_symbol wanted_function;

static uint64_t key_pc_of_function(const struct loads *loads, uint32_t idx)
{
    const struct hot_cell *cell = &loads->hot->cells[idx];
    if (cell->what == HOT_INSTRUCTIONS || cell->pc - wanted_function.addr >= wanted_function.bytes)
        return LOADS_NO_KEY;
    return cell->pc;
}

static uint64_t key_machine_of_function(const struct loads *loads, uint32_t idx)
{
    const struct hot_cell *cell = &loads->hot->cells[idx];
    return cell->pc - wanted_function.addr < wanted_function.bytes ? 0 : LOADS_NO_KEY;
}

// True for "name" and for what compilers split off it: "name.part.0", "name$isra$0".
static bool is_named(const char *symbol, struct text name)
{
    return strncmp(symbol, name.data, name.bytes) == 0 &&
           (symbol[name.bytes] == 0 || symbol[name.bytes] == '.' || symbol[name.bytes] == '$');
}

// A function that it was inlined into, NULL if there is none.
static const char *find_outer(const struct filler *filler, struct text name)
{
    for (uint32_t i = 0; i < filler->loads.place_count; i++) {
        const struct loads_place *place = &filler->loads.places[i];
        if (place->function && text_is_equal(text_of(place->function), name))
            return place->outer;
    }
    return NULL;
}

// Of several functions of that name the one with most loads. Result: how many there are.
static unsigned find_function(const struct filler *filler, struct text name,
                              struct elf_symbol *found)
{
    const struct elf_image *image = filler->hot->program.image;
    unsigned count = 0;
    uint64_t most = 0;
    for (size_t i = 0; i < image->function_count; i++) {
        if (!is_named(image->functions[i].name, name))
            continue;
        wanted_function = image->functions[i];
        const struct elf_section *section = elf_image_section(image, wanted_function.addr);
        uint64_t room = section->addr + section->bytes - wanted_function.addr;
        if (wanted_function.bytes > room)
            wanted_function.bytes = room;
        struct loads_sums sums = loads_sum(&filler->loads, key_machine_of_function);
        uint64_t weight = 1;
        for (unsigned k = 0; sums.count && k < HOT_MACHINE_COUNT; k++)
            weight += sums.items[0].counts[k];
        if (weight > most)
            *found = wanted_function;
        most = weight > most ? weight : most;
        count++;
    }
    return count;
}

// Without a disassembler: where instructions begin on the chip; elsewhere only what has counts.
static struct elf_listing list_addresses(const struct filler *filler,
                                         const struct elf_symbol *function,
                                         const struct loads_sums *sums)
{
    struct elf_listing listing = {NULL, 0, NULL};
    const struct elf_image *image = filler->hot->program.image;
    struct elf_insn_text *items = ARENA_NEW_ARRAY(filler->arena, struct elf_insn_text,
                                                  function->bytes + 1);
    uint64_t end = function->addr + function->bytes;
    struct elf_code whole = {function->addr, end};
    size_t stretch_count = image->code_count ? image->code_count : 1;
    listing.items = items;
    for (size_t i = 0; filler->hot->program.is_chip && i < stretch_count; i++) {
        const struct elf_code *stretch = image->code_count ? &image->code[i] : &whole;
        uint64_t at = stretch->begin > function->addr ? stretch->begin : function->addr;
        uint64_t stop = stretch->end < end ? stretch->end : end;
        while (at < stop) {
            struct xtensa_insn insn;
            const uint8_t *bytes = elf_image_bytes(image, at, (size_t)(stop - at));
            unsigned length = bytes ? xtensa_decode(bytes, (size_t)(stop - at), (uint32_t)at, &insn)
                                    : 0;
            items[listing.count++] = (struct elf_insn_text){at, NULL};
            at += length ? length : 1;
        }
    }
    if (listing.count)
        return listing;
    for (size_t i = 0; i < sums->count && i < function->bytes; i++)
        items[listing.count++] = (struct elf_insn_text){sums->items[i].key, NULL};
    return listing;
}

static int compare_keys(const void *a, const void *b)
{
    const struct loads_sum *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

static void set_instruction(const struct filler *filler, const struct elf_insn_text *insn,
                            const char **last_line, struct row *row)
{
    struct elf_frame frames[ELF_CHAIN_MAX];
    size_t count = elf_index_chain(filler->hot->program.index, insn->addr, frames, ELF_CHAIN_MAX);
    row->place = insn->addr;
    row->text = text_of(insn->text);
    if (count == 0 || !frames[0].file)
        return;
    const char *line = arena_format(filler->arena, "%s:%" PRIu32, frames[0].file, frames[0].line);
    if (!*last_line || strcmp(line, *last_line) != 0)
        row->c_line = text_of(line);
    *last_line = line;
    if (count > 1 && frames[0].function)
        row->inlined = text_of(arena_format(filler->arena, "%s < %s", frames[0].function,
                                            loads_chain_words(frames, count, filler->arena)));
}

static void annotate_function(const struct filler *filler, const struct elf_symbol *function,
                              unsigned same_count)
{
    struct elf_listing listing;
    const struct hot_program *program = &filler->hot->program;
    wanted_function = *function;
    struct loads_sums sums = loads_sum(&filler->loads, key_pc_of_function);
    if (sums.count)
        qsort(sums.items, sums.count, sizeof *sums.items, compare_keys);
    elf_disassemble(filler->arena, program->path, program->image->machine, function->addr,
                    function->addr + function->bytes, &listing);
    if (listing.count == 0) {
        report_add_note(filler->report, REPORT_NOTE,
                        "no disassembler for this machine is installed (%s): addresses only",
                        program->is_chip ? "xtensa-lx106-elf-objdump" : "objdump");
        listing = list_addresses(filler, function, &sums);
    } else {
        report_add_note(filler->report, REPORT_NOTE, "instructions as %s lists them",
                        listing.program);
    }
    if (same_count > 1)
        report_add_note(filler->report, REPORT_NOTE,
                        "%u functions have this name; it is the one that loads most", same_count);
    struct report_table *table = add_table(
        filler, "annotate_code",
        arena_format(filler->arena, "%s, instruction by instruction", function->name));
    report_add_columns(table, code_columns, sizeof code_columns / sizeof *code_columns);
    const char *last_line = NULL;
    for (size_t i = 0, at = 0; i < listing.count; i++) {
        struct row row = {0};
        while (at < sums.count && sums.items[at].key < listing.items[i].addr)
            at++;
        if (at < sums.count && sums.items[at].key == listing.items[i].addr)
            set_counts(filler, &sums.items[at], &row);
        set_instruction(filler, &listing.items[i], &last_line, &row);
        report_add_row(table, NULL, &row);
    }
}

// ---- the whole ----

int hot_annotate_c(const struct hot *hot, const struct hot_view *view, const char *what,
                   const char *directory, struct arena *arena, struct report **report,
                   struct problem *problem)
{
    struct filler filler = {.hot = hot, .view = view, .arena = arena};
    struct elf_symbol function;
    if (!hot->program.index)
        return problem_set(problem, STATUS_USAGE, text_of(what), PROBLEM_NO_OFF,
                           "no Lua source of the runs; no C without the program that ran%s%.80s",
                           hot->program.why[0] ? ": " : "", hot->program.why);
    filler.loads = loads_create(hot, arena);
    const char *file = find_file(&filler, text_of(what));
    unsigned function_count = file ? 0 : find_function(&filler, text_of(what), &function);
    const char *outer = file || function_count ? NULL : find_outer(&filler, text_of(what));
    if (outer)
        return problem_set(problem, STATUS_USAGE, text_of(what), PROBLEM_NO_OFF,
                           "the compiler has inlined it, into %.80s for one: annotate that, or "
                           "its source",
                           outer);
    if (!file && !function_count)
        return problem_set(problem, STATUS_USAGE, text_of(what), PROBLEM_NO_OFF,
                           "neither a Lua or C source of the runs nor a C function that was "
                           "compiled by itself");
    filler.report = *report = report_create(arena, "hot", 1, "Where flash is read byte by byte");
    hot_fill_head(hot, *report);
    if (file)
        annotate_source(&filler, file, directory);
    else
        annotate_function(&filler, &function, function_count);
    return STATUS_OK;
}
