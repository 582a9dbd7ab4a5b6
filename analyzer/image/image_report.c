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
    report_add_number(report, "strings", "strings", "", image->string_count);
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

static void add_module(const struct image *image, int32_t module, struct text name,
                       struct report_table *table)
{
    struct image_bytes bytes;
    uint32_t functions, instructions;
    image_sum_module(image, module, &bytes);
    count_functions(image, module, &functions, &instructions);
    struct report_value *row = report_add_row(table);
    row[0] = report_text(name);
    if (module >= 0) {
        int32_t source = image->functions[image->modules[module].function].source;
        if (source != IMAGE_NONE)
            row[1] = report_text(image->strings[source].text);
    }
    row[2] = report_number(functions);
    row[3] = report_number(instructions);
    row[4] = report_number(string_bytes(&bytes));
    row[5] = report_number(bytes.total);
}

static void add_modules(const struct image *image, struct report *report)
{
    static const int summed[] = {2, 3, 4, 5, -1};
    struct report_table *table = report_add_table(report, "modules", "Modules");
    report_add_column(table, "module", "module", "", REPORT_TEXT, 0);
    report_add_column(table, "source", "source", "", REPORT_STRING, REPORT_MAY_CUT);
    report_add_column(table, "functions", "functions", "", REPORT_NUMBER, 0);
    report_add_column(table, "instructions", "instructions", "", REPORT_NUMBER, 0);
    report_add_column(table, "own_string_bytes", "own strings", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "bytes", "all", "bytes", REPORT_NUMBER, 0);
    for (uint32_t i = 0; i < image->module_count; i++)
        add_module(image, (int32_t)i, image->modules[i].name, table);
    add_module(image, IMAGE_SHARED, text_of("(strings of several)"), table);
    add_module(image, IMAGE_NONE, text_of("(index and tables)"), table);
    report_add_sum(table, summed);
}

static void add_labels(const struct image *image, struct report *report)
{
    static const int summed[] = {1, -1};
    struct report_table *table = report_add_table(report, "labels", "Bytes by kind");
    report_add_column(table, "kind", "kind", "", REPORT_TEXT, 0);
    report_add_column(table, "bytes", "bytes", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "share_percent", "share", "%", REPORT_REAL, 0);
    struct image_bytes bytes;
    image_sum_module(image, IMAGE_ALL, &bytes);
    for (int i = 0; i < IMAGE_LABEL_COUNT; i++) {
        if (bytes.by_label[i] == 0)
            continue;
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(image_label_name((enum image_label)i)));
        row[1] = report_number(bytes.by_label[i]);
        row[2] = report_real(100.0 * bytes.by_label[i] / bytes.total);
    }
    report_add_sum(table, summed);
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
        FINDING(f, "a precompiled chunk is no LFS image; the device answers \"read error on LFS "
                   "image file\"");
    if (image->form == IMAGE_UNPACKED)
        FINDING(f, "relocatable, but not packed with gzip; the device answers \"read error on LFS "
                   "image file\"");
    if (device->build && image->is_integer != (device->build == 2))
        FINDING(f, "image of the other number build: \"Incorrect LFS build type\"");
    if (image->form != IMAGE_CHUNK && !image->is_integer && !image->is_packed)
        FINDING(f, "constants of 16 bytes, which usual builds do not have: \"Incorrect LFS build "
                   "type\"");
    if (image->form != IMAGE_CHUNK && image->bytes > device->partition_bytes)
        FINDING(f,
                "%u bytes in flash, %u too many: \"LFS Image too big for configured LFS region\"",
                (unsigned)image->bytes, (unsigned)(image->bytes - device->partition_bytes));
    if (image->base_addr && device->base_addr && image->base_addr != device->base_addr)
        FINDING(f, "for address 0x%08x, not 0x%08x", (unsigned)image->base_addr,
                (unsigned)device->base_addr);
}

static void check_modules(struct finder *f)
{
    const struct image *image = f->image;
    for (uint32_t i = 0; i < image->module_count; i++) {
        int32_t first = image_find_module(image, image->modules[i].name);
        if (first != (int32_t)i)
            FINDING(f, "module \"%.*s\" is there twice; the second one is never found",
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
        NOTE(f, REPORT_NOTE, "no function refers to %u strings of %u bytes",
                        (unsigned)unused_count, (unsigned)unused_bytes);
    if (f->image->shared_bytes)
        NOTE(f, REPORT_NOTE, "functions share %u bytes",
                        (unsigned)f->image->shared_bytes);
    uint32_t slots = lfs_slot_count(f->image->string_count);
    if (f->image->form != IMAGE_CHUNK && f->image->slot_count != slots)
        NOTE(f, REPORT_NOTE, "%u hash slots; luac.cross would make %u",
                        (unsigned)f->image->slot_count, (unsigned)slots);
}

uint32_t image_report_findings(const struct image *image, const struct image_device *device,
                               struct report *report)
{
    struct finder f = {image, device, report, 0};
    check_form(&f);
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

static struct report_value module_bytes(const struct image *image, int32_t module)
{
    struct image_bytes bytes;
    image_sum_module(image, module, &bytes);
    return report_number(bytes.total);
}

static void add_module_change(struct report_table *table, struct text name, const char *change,
                              const struct image *base, int32_t was, const struct image *image,
                              int32_t is)
{
    struct report_value *row = report_add_row(table);
    row[0] = report_text(name);
    row[1] = report_text(text_of(change));
    if (was != IMAGE_NONE)
        row[2] = module_bytes(base, was);
    if (is != IMAGE_NONE)
        row[3] = module_bytes(image, is);
}

static uint32_t compare_modules(const struct image *base, const struct image *image,
                                struct report *report)
{
    struct report_table *table = report_add_table(report, "modules", "Modules that differ");
    report_add_column(table, "module", "module", "", REPORT_TEXT, 0);
    report_add_column(table, "change", "change", "", REPORT_TEXT, 0);
    report_add_column(table, "base_bytes", "before", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "bytes", "after", "bytes", REPORT_NUMBER, 0);
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

// Line tables change with every edit; the modules table tells of them.
static void add_missing_strings(struct report_table *table, const struct image *from,
                                const struct image *in, const char *change, int64_t sign)
{
    for (uint32_t i = 0; i < from->string_count; i++) {
        const struct image_string *s = &from->strings[i];
        if (s->uses == IMAGE_USE_LINES || image_find_string(in, s->text) != IMAGE_NONE)
            continue;
        struct report_value *row = report_add_row(table);
        row[0] = report_text(s->text);
        row[1] = report_text(text_of(change));
        row[2] = report_number(sign * (int64_t)s->bytes);
    }
}

static uint32_t compare_strings(const struct image *base, const struct image *image,
                                struct report *report)
{
    static const int summed[] = {2, -1};
    struct report_table *table = report_add_table(report, "strings", "Strings that differ");
    report_add_column(table, "string", "string", "", REPORT_STRING, REPORT_MAY_CUT);
    report_add_column(table, "change", "change", "", REPORT_TEXT, 0);
    report_add_column(table, "bytes", "difference", "bytes", REPORT_NUMBER, 0);
    add_missing_strings(table, base, image, "removed", -1);
    add_missing_strings(table, image, base, "added", 1);
    report_add_sum(table, summed);
    return (uint32_t)table->row_count;
}

static void compare_labels(const struct image *base, const struct image *image,
                           struct report *report)
{
    static const int summed[] = {1, 2, 3, -1};
    struct report_table *table = report_add_table(report, "labels", "Bytes by kind");
    report_add_column(table, "kind", "kind", "", REPORT_TEXT, 0);
    report_add_column(table, "base_bytes", "before", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "bytes", "after", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "difference_bytes", "difference", "bytes", REPORT_NUMBER, 0);
    struct image_bytes was, is;
    image_sum_module(base, IMAGE_ALL, &was);
    image_sum_module(image, IMAGE_ALL, &is);
    for (int i = 0; i < IMAGE_LABEL_COUNT; i++) {
        if (!was.by_label[i] && !is.by_label[i])
            continue;
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(image_label_name((enum image_label)i)));
        row[1] = report_number(was.by_label[i]);
        row[2] = report_number(is.by_label[i]);
        row[3] = report_number((int64_t)is.by_label[i] - (int64_t)was.by_label[i]);
    }
    report_add_sum(table, summed);
}

uint32_t image_report_differences(const struct image *base, const struct image *image,
                                  struct report *report)
{
    uint32_t modules = compare_modules(base, image, report);
    uint32_t strings = compare_strings(base, image, report);
    compare_labels(base, image, report);
    return modules + strings;
}
