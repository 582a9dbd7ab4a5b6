// image_report.c: contents, findings and differences of images.
//
// Reads: models. Writes: a report model. Memory: the report's arena.

#include "analyzer/image/image_report.h"

#include <string.h>

#include "runtime/format/lfs_image.h"

const char *image_form_name(enum image_form form)
{
    static const char *const names[] = {"relocatable", "unpacked", "absolute", "chunk"};
    return (unsigned)form < sizeof names / sizeof *names ? names[form] : "?";
}

// ---- contents ----

static void add_totals(const struct image *image, struct report *report)
{
    report_add_text(report, "form", "form", text_of(image_form_name(image->form)));
    report_add_text(report, "numbers", "numbers", text_of(image->is_integer ? "integer" : "float"));
    report_add_number(report, "file_bytes", "file", "bytes", (int64_t)image->file_bytes);
    report_add_number(report, "image_bytes", "in flash", "bytes", image->bytes);
    report_add_number(report, "modules", "modules", "", image->module_count);
    report_add_number(report, "functions", "functions", "", image->function_count);
    report_add_number(report, "strings", "strings", "", image->string_count - image->below_count);
    if (image->form != IMAGE_CHUNK)
        report_add_number(report, "hash_slots", "hash slots", "", image->slot_count);
    if (image->linked_crc)
        report_add_number(report, "core_strings", "strings of the core image", "",
                          image->below_count);
    report_add_number(report, "build_time_s", "build time", "s since 1970", image->build_time_s);
    if (image->base_addr)
        report_add_text(report, "base_addr", "for address",
                        text_of(arena_format(report->arena, "0x%08x", (unsigned)image->base_addr)));
}

// Functions and instructions of a module.
static void count_functions(const struct image *image, int32_t module, uint32_t *functions,
                            uint32_t *instructions)
{
    *functions = *instructions = 0;
    for (uint32_t i = 0; i < image->function_count; i++)
        if (image->functions[i].module == module) {
            ++*functions;
            *instructions += image->functions[i].code_count;
        }
}

static uint32_t string_bytes(const struct image_bytes *bytes)
{
    return bytes->by_label[IMAGE_STRING_HEADER] + bytes->by_label[IMAGE_STRING_TEXT] +
           bytes->by_label[IMAGE_STRING_PADDING];
}

struct module_row {
    struct text name, source;
    uint32_t functions, instructions, string_bytes, bytes;
};

static const struct report_column module_columns[] = {
    {"module", "module", "", REPORT_KEY, REPORT_AT(module_row, name)},
    {"source", "source", "", REPORT_MAY_CUT, REPORT_AS(REPORT_STRING, module_row, source)},
    {"functions", "functions", "", REPORT_SUMMED, REPORT_AT(module_row, functions)},
    {"instructions", "instructions", "", REPORT_SUMMED, REPORT_AT(module_row, instructions)},
    {"own_string_bytes", "own strings", "bytes", REPORT_SUMMED,
     REPORT_AT(module_row, string_bytes)},
    {"bytes", "all", "bytes", REPORT_SUMMED, REPORT_AT(module_row, bytes)},
};

static void add_module(const struct image *image, int32_t module, struct text name,
                       struct report_table *table)
{
    struct image_bytes bytes;
    image_sum_module(image, module, &bytes);
    struct module_row row = {
        .name = name, .string_bytes = string_bytes(&bytes), .bytes = bytes.total};
    count_functions(image, module, &row.functions, &row.instructions);
    if (module >= 0) {
        int32_t source = image->functions[image->modules[module].function].source;
        if (source != IMAGE_NONE)
            row.source = image->strings[source].text;
    }
    report_add_row(table, NULL, &row);
}

static void add_modules(const struct image *image, struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "modules", "Modules", module_columns);
    for (uint32_t i = 0; i < image->module_count; i++)
        add_module(image, (int32_t)i, image->modules[i].name, table);
    add_module(image, IMAGE_SHARED, text_of("(strings of several)"), table);
    add_module(image, IMAGE_NONE, text_of("(index and tables)"), table);
    report_add_sum(table);
}

struct label_row {
    const char *kind;
    uint32_t bytes;
    double share_percent;
};

static const struct report_column label_columns[] = {
    {"kind", "kind", "", REPORT_KEY, REPORT_AT(label_row, kind)},
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(label_row, bytes)},
    {"share_percent", "share", "%", 0, REPORT_AT(label_row, share_percent), .decimals = 1},
};

static void add_labels(const struct image *image, struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "labels", "Bytes by kind", label_columns);
    struct image_bytes bytes;
    image_sum_module(image, IMAGE_ALL, &bytes);
    for (enum image_label i = 0; i < IMAGE_LABEL_COUNT; i++) {
        struct label_row row = {image_label_name(i), bytes.by_label[i],
                                100.0 * bytes.by_label[i] / bytes.total};
        if (row.bytes)
            report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

void image_report_contents(const struct image *image, struct report *report)
{
    add_totals(image, report);
    add_modules(image, report);
    add_labels(image, report);
}

// ---- findings ----

struct finder {
    const struct image *image;
    const struct image_device *device;
    struct report *report;
    uint32_t count;
};

// Adds "FILE: ..." to the notes; the format is a literal.
#define NOTE(f, kind, format, ...)                                                                 \
    report_add_note((f)->report, kind, "%.*s: " format, TEXT_ARGS((f)->image->file), ##__VA_ARGS__)
#define FINDING(f, ...)                                                                            \
    do {                                                                                           \
        NOTE(f, REPORT_FINDING, __VA_ARGS__);                                                      \
        (f)->count++;                                                                              \
    } while (0)

static void check_form(struct finder *f)
{
    const struct image *image = f->image;
    const struct image_device *device = f->device;
    if (image->form == IMAGE_CHUNK)
        FINDING(f,
                "a precompiled chunk is not an LFS image; the device answers \"read error on LFS "
                "image file\"");
    if (image->form == IMAGE_UNPACKED)
        FINDING(f, "relocatable, but not packed with gzip; the device answers \"read error on LFS "
                   "image file\"");
    if (image->base_addr && device->base_addr && image->base_addr != device->base_addr)
        FINDING(f, "for address 0x%08x, not 0x%08x", (unsigned)image->base_addr,
                (unsigned)device->base_addr);
}

// What the device must be, where the user has not said what it is.
static void note_needs(struct finder *f)
{
    const struct image *image = f->image;
    if (image->form == IMAGE_CHUNK)
        return;
    if (!f->device->numbers)
        NOTE(f, REPORT_NOTE, "needs firmware with %s numbers",
             image->is_integer ? "integer" : "float");
    if (image->linked_crc)
        NOTE(f, REPORT_NOTE, "a devs image for core image 0x%08x, of which it uses %u texts",
             (unsigned)image->linked_crc, (unsigned)image->below_count);
    if (!f->device->region_bytes)
        NOTE(f, REPORT_NOTE, "needs an LFS region of %u bytes", (unsigned)image->bytes);
}

static void check_modules(struct finder *f)
{
    const struct image *image = f->image;
    for (uint32_t i = 0; i < image->module_count; i++) {
        int32_t first = image_find_module(image, image->modules[i].name);
        if (first != (int32_t)i)
            FINDING(f, "module \"%.*s\" occurs twice; the second one is never found",
                    TEXT_ARGS(image->modules[i].name));
    }
}

static void check_bytes(struct finder *f)
{
    struct image_bytes bytes;
    uint32_t unused_count = 0, unused_bytes = 0;
    image_sum_module(f->image, IMAGE_ALL, &bytes);
    if (bytes.by_label[IMAGE_UNKNOWN])
        FINDING(f, "%u bytes belong to nothing", (unsigned)bytes.by_label[IMAGE_UNKNOWN]);
    for (uint32_t i = 0; i < f->image->string_count; i++)
        if (f->image->strings[i].use_count == 0) {
            unused_count++;
            unused_bytes += f->image->strings[i].bytes;
        }
    if (unused_count)
        NOTE(f, REPORT_NOTE, "no function refers to %u strings of %u bytes", (unsigned)unused_count,
             (unsigned)unused_bytes);
    if (f->image->shared_bytes)
        NOTE(f, REPORT_NOTE, "of the image, functions share %u bytes",
             (unsigned)f->image->shared_bytes);
    uint32_t slots = lfs_slot_count(f->image->string_count - f->image->below_count);
    if (f->image->form != IMAGE_CHUNK && f->image->slot_count != slots)
        NOTE(f, REPORT_NOTE,
             "%u hash slots; luac.cross would make %u (stock firmware takes any power of two)",
             (unsigned)f->image->slot_count, (unsigned)slots);
}

uint32_t image_report_findings(const struct image *image, const struct image_device *device,
                               struct report *report)
{
    struct finder f = {image, device, report, 0};
    check_form(&f);
    note_needs(&f);
    check_modules(&f);
    check_bytes(&f);
    return f.count;
}

// ---- differences ----

static bool is_same_constant(const struct image *a, const struct image_constant *x,
                             const struct image *b, const struct image_constant *y)
{
    if (x->tag != y->tag)
        return false;
    if (x->tag == LFS_TAG_STRING)
        return text_is_equal(a->strings[x->string].text, b->strings[y->string].text);
    if (x->tag == LFS_TAG_BOOLEAN)
        return x->boolean == y->boolean;
    return x->tag != LFS_TAG_NUMBER || memcmp(&x->number, &y->number, sizeof x->number) == 0;
}

// Same behaviour and the same lines: two functions with all that is inside.
static bool is_same_function(const struct image *a, int32_t i, const struct image *b, int32_t k)
{
    const struct image_function *f = &a->functions[i], *g = &b->functions[k];
    if (f->code_count != g->code_count || f->constant_count != g->constant_count ||
        f->function_count != g->function_count || f->upvalue_count != g->upvalue_count ||
        f->parameter_count != g->parameter_count || f->vararg != g->vararg ||
        f->stack_size != g->stack_size || f->line_defined != g->line_defined ||
        !text_is_equal(f->lines, g->lines) ||
        memcmp(f->code, g->code, 4 * (size_t)f->code_count) != 0)
        return false;
    if ((f->source == IMAGE_NONE) != (g->source == IMAGE_NONE) ||
        (f->source != IMAGE_NONE &&
         !text_is_equal(a->strings[f->source].text, b->strings[g->source].text)))
        return false;
    for (uint32_t n = 0; n < f->constant_count; n++)
        if (!is_same_constant(a, &f->constants[n], b, &g->constants[n]))
            return false;
    for (uint32_t n = 0; n < f->function_count; n++)
        if (!is_same_function(a, f->functions[n], b, g->functions[n]))
            return false;
    return true;
}

struct module_change {
    struct text name;
    const char *change;
    struct report_value base_bytes, bytes;
};

static const struct report_column module_change_columns[] = {
    {"module", "module", "", REPORT_KEY, REPORT_AT(module_change, name)},
    {"change", "change", "", 0, REPORT_AT(module_change, change)},
    {"base_bytes", "before", "bytes", 0, REPORT_AT(module_change, base_bytes)},
    {"bytes", "after", "bytes", 0, REPORT_AT(module_change, bytes)},
};

// Bytes of a module, which may be IMAGE_NONE.
static struct report_value module_bytes(const struct image *image, int32_t module)
{
    struct image_bytes bytes;
    if (module == IMAGE_NONE)
        return (struct report_value){0};
    image_sum_module(image, module, &bytes);
    return report_number(bytes.total);
}

static void add_module_change(struct report_table *table, struct text name, const char *change,
                              const struct image *base, int32_t was, const struct image *image,
                              int32_t is)
{
    struct module_change row = {name, change, module_bytes(base, was), module_bytes(image, is)};
    report_add_row(table, NULL, &row);
}

static uint32_t compare_modules(const struct image *base, const struct image *image,
                                struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "modules", "Modules that differ",
                                                  module_change_columns);
    for (uint32_t i = 0; i < base->module_count; i++) {
        struct text name = base->modules[i].name;
        int32_t now = image_find_module(image, name);
        if (now == IMAGE_NONE)
            add_module_change(table, name, "removed", base, (int32_t)i, image, now);
        else if (!is_same_function(base, base->modules[i].function, image,
                                   image->modules[now].function))
            add_module_change(table, name, "changed", base, (int32_t)i, image, now);
    }
    for (uint32_t i = 0; i < image->module_count; i++)
        if (image_find_module(base, image->modules[i].name) == IMAGE_NONE)
            add_module_change(table, image->modules[i].name, "added", base, IMAGE_NONE, image,
                              (int32_t)i);
    return (uint32_t)table->row_count;
}

struct string_change {
    struct report_value text; // also of no bytes
    const char *change;
    int64_t bytes;
};

static const struct report_column string_change_columns[] = {
    {"string", "string", "", REPORT_MAY_CUT | REPORT_KEY,
     REPORT_AS(REPORT_STRING, string_change, text)},
    {"change", "change", "", 0, REPORT_AT(string_change, change)},
    {"bytes", "difference", "bytes", REPORT_SUMMED, REPORT_AT(string_change, bytes)},
};

// Line tables change with every edit; the modules table tells of them.
static void add_missing_strings(struct report_table *table, const struct image *from,
                                const struct image *in, const char *change, int64_t sign)
{
    for (uint32_t i = 0; i < from->string_count; i++) {
        const struct image_string *s = &from->strings[i];
        struct string_change row = {report_text(s->text), change, sign * (int64_t)s->bytes};
        if (s->uses != IMAGE_USE_LINES && image_find_string(in, s->text) == IMAGE_NONE)
            report_add_row(table, NULL, &row);
    }
}

static uint32_t compare_strings(const struct image *base, const struct image *image,
                                struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "strings", "Strings that differ",
                                                  string_change_columns);
    add_missing_strings(table, base, image, "removed", -1);
    add_missing_strings(table, image, base, "added", 1);
    report_add_sum(table);
    return (uint32_t)table->row_count;
}

struct label_change {
    const char *kind;
    int64_t base_bytes, bytes, difference_bytes;
};

static const struct report_column label_change_columns[] = {
    {"kind", "kind", "", REPORT_KEY, REPORT_AT(label_change, kind)},
    {"base_bytes", "before", "bytes", REPORT_SUMMED, REPORT_AT(label_change, base_bytes)},
    {"bytes", "after", "bytes", REPORT_SUMMED, REPORT_AT(label_change, bytes)},
    {"difference_bytes", "difference", "bytes", REPORT_SUMMED,
     REPORT_AT(label_change, difference_bytes)},
};

static void compare_labels(const struct image *base, const struct image *image,
                           struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "labels", "Bytes by kind",
                                                  label_change_columns);
    struct image_bytes was, is;
    image_sum_module(base, IMAGE_ALL, &was);
    image_sum_module(image, IMAGE_ALL, &is);
    for (enum image_label i = 0; i < IMAGE_LABEL_COUNT; i++) {
        struct label_change row = {image_label_name(i), was.by_label[i], is.by_label[i],
                                   (int64_t)is.by_label[i] - (int64_t)was.by_label[i]};
        if (row.base_bytes || row.bytes)
            report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

// Images of different number formats never do the same: one of them is refused by the firmware.
static uint32_t compare_numbers(const struct image *base, const struct image *image,
                                struct report *report)
{
    static const char *const names[] = {"float", "integer"};
    if (base->is_integer == image->is_integer)
        return 0;
    report_add_note(report, REPORT_FINDING, "numbers: %s before, %s after", names[base->is_integer],
                    names[image->is_integer]);
    return 1;
}

uint32_t image_report_differences(const struct image *base, const struct image *image,
                                  struct report *report)
{
    uint32_t numbers = compare_numbers(base, image, report);
    uint32_t modules = compare_modules(base, image, report);
    uint32_t strings = compare_strings(base, image, report);
    compare_labels(base, image, report);
    return numbers + modules + strings;
}
