// size.c: tables of bytes.

#include "analyzer/analysis/size.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

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
            if (!mounted->path || image_read_file(arena, mounted->path, &options, &image,
                                                  &problem) != STATUS_OK)
                report_add_note(report, REPORT_WARNING, "image %.*s of %.*s: %s",
                                TEXT_ARGS(mounted->file), TEXT_ARGS(profile->runs[r].name),
                                mounted->path ? problem.message : "no plain file name");
            else
                input->images[input->image_count++] = image;
        }
}

static struct text image_title(const struct image *image)
{
    return text_base_name(image->file);
}

static void add_labels(const struct size_input *input, struct report *report)
{
    static const int sums[] = {2, -1};
    struct report_table *table =
        report_add_table(report, "labels", "Flash: every byte of the image");
    report_add_column(table, "image", "image", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "label", "what", "", REPORT_TEXT, 0);
    report_add_column(table, "bytes", "bytes", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "share_percent", "%", "%", REPORT_REAL, 0);
    for (uint32_t i = 0; i < input->image_count; i++) {
        const struct image *image = input->images[i];
        struct image_bytes sum;
        image_sum_module(image, IMAGE_ALL, &sum);
        for (unsigned label = 0; label < IMAGE_LABEL_COUNT; label++) {
            if (sum.by_label[label] == 0 && label != IMAGE_UNKNOWN)
                continue;
            struct report_value *row = report_add_row(table);
            row[0] = report_text(image_title(image));
            row[1] = report_text(text_of(label == IMAGE_UNKNOWN ? "not attributed"
                                                                : image_label_name(label)));
            row[2] = report_number(sum.by_label[label]);
            row[3] = report_real(100.0 * sum.by_label[label] / image->bytes);
        }
    }
    report_add_sum(table, sums);
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

static void add_module_row(struct report_table *table, const struct image *image, int32_t module,
                           struct text name, int64_t functions)
{
    struct image_bytes sum;
    image_sum_module(image, module, &sum);
    if (sum.total == 0)
        return;
    struct report_value *row = report_add_row(table);
    row[0] = report_text(image_title(image));
    row[1] = report_text(name);
    row[2] = report_number((int64_t)sum.total);
    row[3] = report_number(sum.by_label[IMAGE_CODE]);
    row[4] = report_number(sum.by_label[IMAGE_CONSTANTS]);
    row[5] = report_number(string_bytes(&sum));
    row[6] = report_number(sum.by_label[IMAGE_FUNCTIONS]);
    row[7] = report_number(other_bytes(&sum));
    row[8] = report_number(functions);
}

static void add_modules(const struct size_input *input, struct report *report)
{
    static const int sums[] = {2, 3, 4, 5, 6, 7, 8, -1};
    struct report_table *table = report_add_table(report, "modules", "Flash by module");
    report_add_column(table, "image", "image", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "module", "module", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "bytes", "bytes", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "code_bytes", "code", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "constant_bytes", "constants", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "string_bytes", "strings", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "function_bytes", "functions", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "other_bytes", "other", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "functions", "count", "", REPORT_NUMBER, 0);
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
    report_add_sum(table, sums);
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

static void fill_function(struct report_value *row, const struct function_row *function,
                          struct arena *arena)
{
    char name[200];
    const struct image_function *about = &function->image->functions[function->function];
    image_function_name(function->image, function->function, name, sizeof name);
    row[0] = report_text(arena_copy_text(arena, text_of(name)));
    if (about->module >= 0)
        row[1] = report_text(function->image->modules[about->module].name);
    row[2] = report_number((int64_t)function->sum.total);
    row[3] = report_number(function->sum.by_label[IMAGE_CODE]);
    row[4] = report_number(function->sum.by_label[IMAGE_CONSTANTS]);
    row[5] = report_number((int64_t)function->sum.total - function->sum.by_label[IMAGE_CODE] -
                           function->sum.by_label[IMAGE_CONSTANTS]);
    row[6] = report_number(about->code_count);
}

static void add_remainder(struct report_table *table, const char *name, int64_t bytes)
{
    struct report_value *row = report_add_row(table);
    row[0] = report_text(text_of(name));
    row[2] = report_number(bytes);
}

static void add_functions(const struct size_input *input, struct report *report)
{
    static const int sums[] = {2, 3, 4, 5, -1};
    uint32_t count = 0, at = 0;
    int64_t all_bytes = 0, own_bytes = 0, rest_bytes = 0;
    struct report_table *table = report_add_table(report, "functions", "Flash by function");
    report_add_column(table, "function", "function", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "module", "module", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "bytes", "bytes", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "code_bytes", "code", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "constant_bytes", "constants", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "other_bytes", "other", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "instructions", "instructions", "", REPORT_NUMBER, 0);
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
            fill_function(report_add_row(table), &rows[i], report->arena);
        else
            rest_bytes += rows[i].sum.total;
    }
    if (rest_bytes)
        add_remainder(table, "(smaller functions)", rest_bytes);
    add_remainder(table, "(strings, header, hash vector)", all_bytes - own_bytes);
    report_add_sum(table, sums);
}

// ---- the heap at its highest point ----

static void add_kinds(const struct heap_profile *profile, struct report *report)
{
    static const int sums[] = {1, 3, -1};
    int64_t peak = (int64_t)profile->moment_bytes[HEAP_MOMENT_PEAK], known = 0;
    struct report_table *table =
        report_add_table(report, "kinds", "RAM at the highest point, by kind");
    report_add_column(table, "kind", "kind", "", REPORT_TEXT, 0);
    report_add_column(table, "bytes", "bytes", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "share_percent", "%", "%", REPORT_REAL, 0);
    report_add_column(table, "blocks", "blocks", "", REPORT_NUMBER, 0);
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        struct heap_amount amount = heap_amount_at_peak(profile, &profile->kinds[kind]);
        int64_t bytes = (int64_t)amount.bytes;
        if (kind == KIND_STATE)
            bytes += (int64_t)profile->peak_state_bytes;
        if (bytes == 0)
            continue;
        known += bytes;
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(trace_kind_name(kind)));
        row[1] = report_number(bytes);
        row[2] = report_real(peak ? 100.0 * (double)bytes / (double)peak : 0);
        row[3] = report_number((int64_t)amount.blocks);
    }
    struct report_value *row = report_add_row(table);
    row[0] = report_text(text_of("not attributed"));
    row[1] = report_number(peak - known);
    row[2] = report_real(peak ? 100.0 * (double)(peak - known) / (double)peak : 0);
    report_add_sum(table, sums);
}

struct site_row {
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
    int order = text_compare(x->site->source, y->site->source);
    if (order == 0)
        order = (x->site->line > y->site->line) - (x->site->line < y->site->line);
    return order ? order : text_compare(x->site->function, y->site->function);
}

static void add_sites(const struct heap_profile *profile, struct report *report)
{
    static const int sums[] = {1, 2, 3, 4, -1};
    int64_t known = 0;
    struct report_table *table = report_add_table(
        report, "sites", "RAM by the Lua line that took it: at the highest point, and in all");
    struct site_row *rows = ARENA_NEW_ARRAY(report->arena, struct site_row, profile->site_count);
    report_add_column(table, "site", "line", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "peak_bytes", "at the peak", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "peak_blocks", "blocks", "", REPORT_NUMBER, 0);
    report_add_column(table, "allocated_bytes", "in all", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "allocations", "allocations", "", REPORT_NUMBER, 0);
    for (uint32_t i = 0; i < profile->site_count; i++)
        rows[i] = (struct site_row){&profile->sites[i],
                                    heap_amount_at_peak(profile, &profile->sites[i].peak)};
    qsort(rows, profile->site_count, sizeof *rows, compare_sites);
    struct site_row rest = {0};
    struct heap_site rest_site = {0};
    for (uint32_t i = 0; i < profile->site_count; i++) {
        known += (int64_t)rows[i].amount.bytes;
        if (i >= SIZE_ROWS_MAX) {
            rest.amount.bytes += rows[i].amount.bytes;
            rest.amount.blocks += rows[i].amount.blocks;
            rest_site.birth_bytes += rows[i].site->birth_bytes;
            rest_site.births += rows[i].site->births;
            continue;
        }
        struct text name = heap_site_name(report->arena, rows[i].site);
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_is_equal(name, text_of("-")) ? text_of("(no Lua function)")
                                                               : name);
        row[1] = report_number((int64_t)rows[i].amount.bytes);
        row[2] = report_number((int64_t)rows[i].amount.blocks);
        row[3] = report_number((int64_t)rows[i].site->birth_bytes);
        row[4] = report_number((int64_t)rows[i].site->births);
    }
    if (profile->site_count > SIZE_ROWS_MAX) {
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of("(other lines)"));
        row[1] = report_number((int64_t)rest.amount.bytes);
        row[2] = report_number((int64_t)rest.amount.blocks);
        row[3] = report_number((int64_t)rest_site.birth_bytes);
        row[4] = report_number((int64_t)rest_site.births);
    }
    struct report_value *row = report_add_row(table);
    row[0] = report_text(text_of("(main thread, global state)"));
    row[1] = report_number((int64_t)profile->moment_bytes[HEAP_MOMENT_PEAK] - known);
    report_add_sum(table, sums);
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

static void add_places(const struct size_input *input, struct report *report)
{
    static const int sums[] = {1, 2, -1};
    struct report_table *table = report_add_table(report, "places", "RAM against flash");
    report_add_column(table, "what", "what", "", REPORT_TEXT, 0);
    report_add_column(table, "ram_bytes", "RAM, highest", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "flash_bytes", "flash", "bytes", REPORT_NUMBER, 0);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(places[i].title));
        row[1] = report_number(ram_of(input->profile, places[i].kinds));
        row[2] = report_number(flash_of(input, places[i].labels));
    }
    report_add_sum(table, sums);
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
    report_add_number(report, "flash_bytes", "flash", "bytes", bytes);
    report_add_number(report, "flash_modules", "modules in flash", "", modules);
    report_add_number(report, "flash_functions", "functions in flash", "", functions);
    report_add_number(report, "flash_strings", "strings in flash", "", strings);
    if (!input->profile)
        return;
    const struct heap_profile *profile = input->profile;
    report_add_number(report, "peak_bytes", "RAM at the highest point", "bytes",
                      (int64_t)profile->moment_bytes[HEAP_MOMENT_PEAK]);
    report_add_number(report, "peak_strings", "strings in RAM then", "",
                      profile->peak_string_count);
    report_add_number(report, "peak_clock", "instructions executed by then", "",
                      (int64_t)profile->peak_clock);
    report_add_number(report, "heap_bytes", "heap of the device", "bytes",
                      profile->runs[profile->peak_run].heap_bytes);
}

void size_fill_tables(const struct size_input *input, struct report *report)
{
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
