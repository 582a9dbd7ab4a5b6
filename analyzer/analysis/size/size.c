// size.c: tables of bytes.

#include "analyzer/analysis/size/size.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/analysis/size/size_totals.h"

// ---- images ----

void size_add_mounted(struct size_input *input, struct arena *arena, struct report *report)
{
    const struct heap_profile *profile = input->profile;
    for (uint32_t r = 0; profile && r < profile->run_count; r++)
        for (uint32_t i = 0; i < profile->runs[r].image_count; i++) {
            const struct heap_image *mounted = &profile->runs[r].images[i];
            struct image_options options = {.base_addr = mounted->addr, .allows_rest = true};
            const struct image *image;
            struct problem problem = {0};
            bool is_known = false;
            for (uint32_t k = 0; k < input->image_count; k++)
                is_known |= input->images[k]->bytes == mounted->bytes;
            if (is_known || input->image_count == SIZE_IMAGES_MAX)
                continue;
            if (!mounted->path ||
                image_read_file(arena, mounted->path, &options, &image, &problem) != STATUS_OK)
                report_add_note(report, REPORT_WARNING, "image %.*s of %.*s: %s",
                                TEXT_ARGS(mounted->file), TEXT_ARGS(profile->runs[r].name),
                                mounted->path ? problem.message : "not a plain file name");
            else
                input->images[input->image_count++] = image;
        }
}

static struct text image_title(const struct image *image)
{
    return text_base_name(image->file);
}

struct label_row {
    struct text image;
    const char *label;
    uint32_t bytes;
    double share_percent;
};

static const struct report_column label_columns[] = {
    {"image", "image", "", REPORT_MAY_CUT, REPORT_AT(label_row, image)},
    {"label", "what", "", REPORT_KEY, REPORT_AT(label_row, label)},
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(label_row, bytes)},
    {"share_percent", "%", "%", 0, REPORT_AT(label_row, share_percent), .decimals = 1},
};

static void add_labels(const struct size_input *input, struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "labels",
                                                  "Flash: every byte of the image", label_columns);
    for (uint32_t i = 0; i < input->image_count; i++) {
        const struct image *image = input->images[i];
        struct image_bytes sum;
        image_sum_module(image, IMAGE_ALL, &sum);
        for (unsigned label = 0; label < IMAGE_LABEL_COUNT; label++) {
            bool is_unknown = label == IMAGE_UNKNOWN;
            struct label_row row = {
                image_title(image), is_unknown ? "not attributed" : image_label_name(label),
                sum.by_label[label], 100.0 * sum.by_label[label] / image->bytes};
            if (row.bytes || is_unknown)
                report_add_row(table, NULL, &row);
        }
    }
    report_add_sum(table);
}

// Bytes of the strings of one owner: header, text and padding.
static int64_t string_bytes(const struct image_bytes *sum)
{
    return (int64_t)sum->by_label[IMAGE_STRING_HEADER] + sum->by_label[IMAGE_STRING_TEXT] +
           sum->by_label[IMAGE_STRING_PADDING];
}

static int64_t other_bytes(const struct image_bytes *sum)
{
    return (int64_t)sum->total - string_bytes(sum) - sum->by_label[IMAGE_CODE] -
           sum->by_label[IMAGE_CONSTANTS] - sum->by_label[IMAGE_FUNCTIONS];
}

struct module_row {
    struct text image, module;
    struct image_bytes sum;
    int64_t string_bytes, other_bytes, functions;
};

static const struct report_column module_columns[] = {
    {"image", "image", "", REPORT_MAY_CUT, REPORT_AT(module_row, image)},
    {"module", "module", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(module_row, module)},
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(module_row, sum.total)},
    {"code_bytes", "code", "bytes", REPORT_SUMMED, REPORT_AT(module_row, sum.by_label[IMAGE_CODE])},
    {"constant_bytes", "constants", "bytes", REPORT_SUMMED,
     REPORT_AT(module_row, sum.by_label[IMAGE_CONSTANTS])},
    {"string_bytes", "strings", "bytes", REPORT_SUMMED, REPORT_AT(module_row, string_bytes)},
    {"function_bytes", "functions", "bytes", REPORT_SUMMED,
     REPORT_AT(module_row, sum.by_label[IMAGE_FUNCTIONS])},
    {"other_bytes", "other", "bytes", REPORT_SUMMED, REPORT_AT(module_row, other_bytes)},
    {"functions", "count", "", REPORT_SUMMED, REPORT_AT(module_row, functions)},
};

static void add_module_row(struct report_table *table, const struct image *image, int32_t module,
                           struct text name, int64_t functions)
{
    struct module_row row = {.image = image_title(image), .module = name, .functions = functions};
    image_sum_module(image, module, &row.sum);
    row.string_bytes = string_bytes(&row.sum);
    row.other_bytes = other_bytes(&row.sum);
    if (row.sum.total)
        report_add_row(table, NULL, &row);
}

static void add_modules(const struct size_input *input, struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "modules", "Flash by module",
                                                  module_columns);
    for (uint32_t i = 0; i < input->image_count; i++) {
        const struct image *image = input->images[i];
        int64_t *counts = ARENA_NEW_ARRAY(report->arena, int64_t, image->module_count + 1);
        for (uint32_t f = 0; f < image->function_count; f++) {
            int32_t module = image->functions[f].module;
            counts[module >= 0 ? (uint32_t)module : image->module_count]++;
        }
        for (uint32_t m = 0; m < image->module_count; m++)
            add_module_row(table, image, (int32_t)m, image->modules[m].name, counts[m]);
        add_module_row(table, image, IMAGE_SHARED, text_of("(strings of several)"), 0);
        add_module_row(table, image, IMAGE_NONE, text_of("(index, header, hash)"),
                       counts[image->module_count]);
    }
    report_add_sum(table);
}

struct function_row {
    const struct image *image;
    int32_t function;
    struct image_bytes sum;
};

static int compare_functions(const void *a, const void *b)
{
    const struct function_row *x = a, *y = b;
    if (x->sum.total != y->sum.total)
        return x->sum.total > y->sum.total ? -1 : 1;
    return (x->function > y->function) - (x->function < y->function);
}

struct function_shown {
    struct text name, module;
    int64_t bytes;
    struct report_value code, constants, other, instructions; // empty in a remainder
};

static const struct report_column function_columns[] = {
    {"function", "function", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(function_shown, name)},
    {"module", "module", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(function_shown, module)},
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(function_shown, bytes)},
    {"code_bytes", "code", "bytes", REPORT_SUMMED, REPORT_AT(function_shown, code)},
    {"constant_bytes", "constants", "bytes", REPORT_SUMMED, REPORT_AT(function_shown, constants)},
    {"other_bytes", "other", "bytes", REPORT_SUMMED, REPORT_AT(function_shown, other)},
    {"instructions", "instructions", "", 0, REPORT_AT(function_shown, instructions)},
};

static void add_function(struct report_table *table, const struct function_row *function)
{
    char name[200];
    const struct image_function *about = &function->image->functions[function->function];
    const struct image_bytes *sum = &function->sum;
    uint32_t code = sum->by_label[IMAGE_CODE], constants = sum->by_label[IMAGE_CONSTANTS];
    image_function_name(function->image, function->function, name, sizeof name);
    struct function_shown row = {
        .name = arena_copy_text(table->arena, text_of(name)),
        .bytes = sum->total,
        .code = report_number(code),
        .constants = report_number(constants),
        .other = report_number((int64_t)sum->total - code - constants),
        .instructions = report_number(about->code_count),
    };
    if (about->module >= 0)
        row.module = function->image->modules[about->module].name;
    report_add_row(table, NULL, &row);
}

static void add_remainder(struct report_table *table, const char *name, int64_t bytes)
{
    report_add_row(table, NULL, &(struct function_shown){.name = text_of(name), .bytes = bytes});
}

static void add_functions(const struct size_input *input, struct report *report)
{
    uint32_t count = 0, at = 0;
    int64_t all_bytes = 0, own_bytes = 0, rest_bytes = 0;
    struct report_table *table = REPORT_ADD_TABLE(report, "functions", "Flash by function",
                                                  function_columns);
    for (uint32_t i = 0; i < input->image_count; i++)
        count += input->images[i]->function_count;
    struct function_row *rows = ARENA_NEW_ARRAY(report->arena, struct function_row, count);
    for (uint32_t i = 0; i < input->image_count; i++) {
        all_bytes += input->images[i]->bytes;
        for (uint32_t f = 0; f < input->images[i]->function_count; f++) {
            rows[at] = (struct function_row){.image = input->images[i], .function = (int32_t)f};
            image_sum_function(rows[at].image, (int32_t)f, &rows[at].sum);
            own_bytes += rows[at++].sum.total;
        }
    }
    qsort(rows, count, sizeof *rows, compare_functions);
    for (uint32_t i = 0; i < count; i++) {
        if (i < SIZE_ROWS_MAX)
            add_function(table, &rows[i]);
        else
            rest_bytes += rows[i].sum.total;
    }
    if (rest_bytes)
        add_remainder(table, "(smaller functions)", rest_bytes);
    add_remainder(table, "(strings, header, hash vector)", all_bytes - own_bytes);
    report_add_sum(table);
}

// ---- the heap at its highest point ----

struct kind_row {
    const char *kind;
    int64_t bytes;
    double share_percent;
    struct report_value blocks;
};

static const struct report_column kind_columns[] = {
    {"kind", "kind", "", REPORT_KEY, REPORT_AT(kind_row, kind)},
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(kind_row, bytes)},
    {"share_percent", "%", "%", 0, REPORT_AT(kind_row, share_percent), .decimals = 1},
    {"blocks", "blocks", "", REPORT_SUMMED, REPORT_AT(kind_row, blocks)},
};

static double percent(int64_t part, int64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void add_kinds(const struct heap_profile *profile, struct report *report)
{
    int64_t peak = (int64_t)profile->moment_bytes[HEAP_MOMENT_PEAK], known = 0;
    struct report_table *table = REPORT_ADD_TABLE(
        report, "kinds", "RAM at the highest point, by kind", kind_columns);
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        struct heap_amount amount = heap_amount_at_peak(profile, &profile->kinds[kind]);
        int64_t bytes = (int64_t)amount.bytes;
        if (kind == KIND_STATE)
            bytes += (int64_t)profile->peak_state_bytes;
        if (bytes == 0)
            continue;
        known += bytes;
        struct kind_row row = {trace_kind_name(kind), bytes, percent(bytes, peak),
                               report_number((int64_t)amount.blocks)};
        report_add_row(table, NULL, &row);
    }
    report_add_row(
        table, NULL,
        &(struct kind_row){"not attributed", peak - known, percent(peak - known, peak), {0}});
    report_add_sum(table);
}

struct site_row {
    const struct site *name;
    const struct heap_site *site;
    struct heap_amount amount;
};

static int compare_sites(const void *a, const void *b)
{
    const struct site_row *x = a, *y = b;
    if (x->amount.bytes != y->amount.bytes)
        return x->amount.bytes > y->amount.bytes ? -1 : 1;
    if (x->site->birth_bytes != y->site->birth_bytes)
        return x->site->birth_bytes > y->site->birth_bytes ? -1 : 1;
    int order = text_compare(x->name->source, y->name->source);
    if (order == 0)
        order = (x->name->line > y->name->line) - (x->name->line < y->name->line);
    if (order == 0)
        order = (x->name->defined > y->name->defined) - (x->name->defined < y->name->defined);
    if (order == 0)
        order = (x->name->nth > y->name->nth) - (x->name->nth < y->name->nth);
    return order ? order : text_compare(x->name->function, y->name->function);
}

struct site_shown {
    struct text line;
    int64_t peak_bytes;
    struct report_value peak_blocks, birth_bytes, births; // empty for what no line took
};

static const struct report_column site_columns[] = {
    {"site", "line", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(site_shown, line)},
    {"peak_bytes", "at the peak", "bytes", REPORT_SUMMED, REPORT_AT(site_shown, peak_bytes)},
    {"peak_blocks", "blocks", "", REPORT_SUMMED, REPORT_AT(site_shown, peak_blocks)},
    {"allocated_bytes", "in all", "bytes", REPORT_SUMMED, REPORT_AT(site_shown, birth_bytes)},
    {"allocations", "allocations", "", REPORT_SUMMED, REPORT_AT(site_shown, births)},
};

static void add_site(struct report_table *table, struct text line, struct heap_amount amount,
                     const struct heap_site *site)
{
    struct site_shown row = {line, (int64_t)amount.bytes, report_number((int64_t)amount.blocks),
                             report_number((int64_t)site->birth_bytes),
                             report_number((int64_t)site->births)};
    report_add_row(table, NULL, &row);
}

static void add_sites(const struct heap_profile *profile, struct report *report)
{
    int64_t known = 0;
    struct report_table *table = REPORT_ADD_TABLE(
        report, "sites",
        "RAM by the Lua line that allocated it: at the highest point, and in total", site_columns);
    uint32_t count = 0;
    struct site_row *rows = ARENA_NEW_ARRAY(report->arena, struct site_row, profile->names.count);
    for (uint32_t i = 0; i < profile->names.count; i++)
        if (profile->sites[i].births) // who only made blocks of others grow has none
            rows[count++] = (struct site_row){
                &profile->names.items[i], &profile->sites[i],
                heap_amount_at_peak(profile, &profile->sites[i].peak)};
    qsort(rows, count, sizeof *rows, compare_sites);
    struct heap_amount rest = {0};
    struct heap_site rest_site = {0};
    for (uint32_t i = 0; i < count; i++) {
        known += (int64_t)rows[i].amount.bytes;
        if (i >= SIZE_ROWS_MAX) {
            rest.bytes += rows[i].amount.bytes;
            rest.blocks += rows[i].amount.blocks;
            rest_site.birth_bytes += rows[i].site->birth_bytes;
            rest_site.births += rows[i].site->births;
            continue;
        }
        add_site(table, site_name(report->arena, rows[i].name), rows[i].amount, rows[i].site);
    }
    if (count > SIZE_ROWS_MAX)
        add_site(table, text_of("(other lines)"), rest, &rest_site);
    struct site_shown state = {
        .line = text_of("(main thread, global state)"),
        .peak_bytes = (int64_t)profile->moment_bytes[HEAP_MOMENT_PEAK] - known,
    };
    report_add_row(table, NULL, &state);
    report_add_sum(table);
}

// ---- RAM against flash ----

// Groups of things that can lie in either place. X(title, kinds of RAM, labels of flash)
struct place {
    const char *title;
    uint32_t kinds;  // bits
    uint32_t labels; // bits
};

#define K(kind) (1u << (kind))

static const struct place places[] = {
    {"strings", K(KIND_STRING),
     K(IMAGE_STRING_HEADER) | K(IMAGE_STRING_TEXT) | K(IMAGE_STRING_PADDING)},
    {"string table", K(KIND_STRING_TABLE), K(IMAGE_HASH_VECTOR)},
    {"functions", K(KIND_PROTO) | K(KIND_PROTO_VECTOR),
     K(IMAGE_FUNCTIONS) | K(IMAGE_FUNCTION_VECTORS)},
    {"code", K(KIND_CODE), K(IMAGE_CODE)},
    {"constants", K(KIND_CONSTANTS), K(IMAGE_CONSTANTS)},
    {"line tables, names", K(KIND_LINES) | K(KIND_DEBUG_NAMES),
     K(IMAGE_LINES) | K(IMAGE_LOCAL_NAMES) | K(IMAGE_UPVALUE_NAMES)},
    {"tables", K(KIND_TABLE) | K(KIND_TABLE_ARRAY) | K(KIND_TABLE_NODES), 0},
    {"closures, upvalues", K(KIND_CLOSURE) | K(KIND_UPVALUE), 0},
    {"userdata", K(KIND_USERDATA), 0},
    {"threads, stacks, state", K(KIND_STATE) | K(KIND_THREAD) | K(KIND_STACK) | K(KIND_CALLS), 0},
    {"buffers", K(KIND_BUFFER), 0},
    {"other, header, padding", K(KIND_OTHER),
     K(IMAGE_HEADER) | K(IMAGE_PADDING) | K(IMAGE_UNKNOWN)},
};

static int64_t ram_of(const struct heap_profile *profile, uint32_t kinds)
{
    int64_t bytes = 0;
    for (unsigned kind = 0; profile && kind < KIND_COUNT; kind++)
        if (kinds >> kind & 1) {
            bytes += (int64_t)heap_amount_at_peak(profile, &profile->kinds[kind]).bytes;
            bytes += kind == KIND_STATE ? (int64_t)profile->peak_state_bytes : 0;
        }
    return bytes;
}

static int64_t flash_of(const struct size_input *input, uint32_t labels)
{
    int64_t bytes = 0;
    for (uint32_t i = 0; i < input->image_count; i++) {
        struct image_bytes sum;
        image_sum_module(input->images[i], IMAGE_ALL, &sum);
        for (unsigned label = 0; label < IMAGE_LABEL_COUNT; label++)
            bytes += labels >> label & 1 ? sum.by_label[label] : 0;
    }
    return bytes;
}

struct place_row {
    const char *title;
    int64_t ram_bytes, flash_bytes;
};

static const struct report_column place_columns[] = {
    {"what", "what", "", REPORT_KEY, REPORT_AT(place_row, title)},
    {"ram_bytes", "RAM, highest", "bytes", REPORT_SUMMED, REPORT_AT(place_row, ram_bytes)},
    {"flash_bytes", "flash", "bytes", REPORT_SUMMED, REPORT_AT(place_row, flash_bytes)},
};

static void add_places(const struct size_input *input, struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "places", "RAM against flash",
                                                  place_columns);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct place_row row = {places[i].title, ram_of(input->profile, places[i].kinds),
                                flash_of(input, places[i].labels)};
        report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

void size_fill_totals(const struct size_input *input, struct report *report)
{
    int64_t bytes = 0, strings = 0, functions = 0, modules = 0;
    for (uint32_t i = 0; i < input->image_count; i++) {
        bytes += input->images[i]->bytes;
        strings += input->images[i]->string_count;
        functions += input->images[i]->function_count;
        modules += input->images[i]->module_count;
    }
    if (input->elf_path) {
        size_add_total(report, "ram_bytes", (int64_t)input->elf.ram_bytes);
        size_add_total(report, "both_bytes", (int64_t)input->elf.both_bytes);
    }
    size_add_total(report, "flash_bytes",
                   bytes + (int64_t)input->elf.flash_bytes + (int64_t)input->flash_file_bytes);
    if ((input->elf_path || input->has_flash_file) && !input->image_count && !input->profile)
        return;
    size_add_total(report, "flash_modules", modules);
    size_add_total(report, "flash_functions", functions);
    size_add_total(report, "flash_strings", strings);
    if (!input->profile)
        return;
    const struct heap_profile *profile = input->profile;
    size_add_total(report, "peak_bytes", (int64_t)profile->moment_bytes[HEAP_MOMENT_PEAK]);
    size_add_total(report, "peak_strings", profile->peak_string_count);
    size_add_total(report, "peak_clock", (int64_t)profile->peak_clock);
    size_add_total(report, "heap_bytes", profile->runs[profile->peak_run].heap_bytes);
}

void size_fill_tables(const struct size_input *input, struct report *report)
{
    if ((input->elf_path || input->has_flash_file) && !input->image_count && !input->profile)
        return;
    add_places(input, report);
    if (input->image_count > 0) {
        add_labels(input, report);
        add_modules(input, report);
        add_functions(input, report);
    }
    if (input->profile) {
        add_kinds(input->profile, report);
        add_sites(input->profile, report);
    }
}

void size_add_shapes(struct report *report)
{
    REPORT_ADD_TABLE(report, "places", "", place_columns);
    REPORT_ADD_TABLE(report, "labels", "", label_columns);
    REPORT_ADD_TABLE(report, "modules", "", module_columns);
    REPORT_ADD_TABLE(report, "functions", "", function_columns);
    REPORT_ADD_TABLE(report, "kinds", "", kind_columns);
    REPORT_ADD_TABLE(report, "sites", "", site_columns);
    size_elf_add_shapes(report);
    size_add_all_totals(report);
}
