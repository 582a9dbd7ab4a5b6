// freezer_report.c: see freezer_report.h.

#include "analyzer/flash/freezer_report.h"

#include <string.h>

#include "analyzer/base/output.h"
#include "analyzer/image/image_reader.h"
#include "runtime/flash/devs.h"
#include "runtime/flash/inflate.h"
#include "runtime/format/address_map.h"
#include "runtime/format/lfs_image.h"

// ---- where areas are ----

// The image in a range, NULL: no sound one.
static const struct image *image_in(struct arena *arena, const struct flash_file *file,
                                    struct flash_partition range, const struct image *core)
{
    const struct image_options options = {partitions_addr(&range), true, core};
    const struct image *image;
    struct problem problem = {0};
    uint32_t bytes = flash_file_programmed(file, range.off, range.bytes);
    if (bytes == 0 || image_read(arena, file->path, file->bytes + range.off, (bytes + 3) & ~3u,
                                 &options, &image, &problem) != STATUS_OK)
        return NULL;
    return image;
}

static void add_below(struct freezer_place *place, const struct flash_file *file,
                      struct flash_partition range, const struct image *image)
{
    const uint8_t *data = file->bytes + range.off;
    if (!image)
        return;
    place->below[place->below_count++] = (struct freezer_below){partitions_addr(&range),
                                                                image->bytes, data};
    place->linked_crc = inflate_crc(place->linked_crc, data, image->bytes);
}

// What is mounted below the freezer: the LFS, and of the two devs images the sound one with the
// highest number.
static void find_below(struct arena *arena, const struct flash_file *file,
                       struct freezer_place *place)
{
    const struct flash_partition lfs = file->layout.parts[PARTITION_LFS];
    const struct image *core = image_in(arena, file, lfs, NULL), *newest = NULL;
    struct flash_partition range = {0};
    uint32_t highest = 0;
    add_below(place, file, lfs, core);
    for (uint32_t i = 0; i < DEVS_SLOTS; i++) {
        const struct flash_partition slot = devs_slot_of(&file->layout.parts[PARTITION_LFS_DEVS],
                                                         FLASH_SECTOR_BYTES, i);
        const struct image *image = slot.bytes ? image_in(arena, file, slot, core) : NULL;
        uint32_t number = 0;
        if (image)
            memcpy(&number, file->bytes + slot.off + offsetof(struct lfs_header, fill), 4);
        if (number <= highest || number == UINT32_MAX)
            continue;
        highest = number;
        range = slot;
        newest = image;
    }
    add_below(place, file, range, newest);
}

int freezer_of_flash(struct arena *arena, const struct flash_file *file, struct freezer_view **view,
                     struct problem *problem)
{
    const struct flash_partition *range = &file->layout.parts[PARTITION_FREEZER];
    uint32_t bytes = range->bytes < FREEZER_AREA_BYTES_MAX ? range->bytes : FREEZER_AREA_BYTES_MAX;
    struct freezer_place place = {
        .is_known = true, .addr = WINDOW_ADDR + range->off, .bytes = bytes};
    if (bytes == 0 || flash_file_programmed(file, range->off, bytes) == 0)
        return problem_set(problem, STATUS_NOT_FOUND, file->path, PROBLEM_NO_OFF,
                           "its freezer is erased");
    find_below(arena, file, &place);
    return freezer_view_read(arena, file->path, file->bytes + range->off, bytes, &place, view,
                             problem);
}

int freezer_of_path(struct arena *arena, const char *path, struct freezer_view **view,
                    struct problem *problem)
{
    struct flash_file *file;
    struct text content;
    int status = input_read(path, FLASH_FILE_BYTES_MAX, arena, &content, problem);
    if (status != STATUS_OK)
        return status;
    if (freezer_view_is_area(content.data, content.bytes))
        return freezer_view_read(arena, text_of(arena_copy_string(arena, path)),
                                 (const uint8_t *)content.data, (uint32_t)content.bytes, NULL, view,
                                 problem);
    if (content.bytes < FLASH_FILE_BYTES_MIN)
        return problem_set(problem, STATUS_DAMAGED, text_of(path), 0,
                           "is neither a freezer area nor a flash file");
    status = flash_file_read(arena, path, &file, problem);
    return status == STATUS_OK ? freezer_of_flash(arena, file, view, problem) : status;
}

bool freezer_is_at_path(struct arena *arena, const char *path)
{
    struct text content;
    struct problem problem = {0};
    return input_read(path, FLASH_FILE_BYTES_MAX, arena, &content, &problem) == STATUS_OK &&
           (freezer_view_is_area(content.data, content.bytes) ||
            content.bytes >= FLASH_FILE_BYTES_MIN);
}

// ---- contents ----

struct kind_row {
    const char *kind;
    uint32_t count, bytes, flash_bytes, damaged, dropped;
};

static const struct report_column kind_columns[] = {
    {"kind", "kind", "", REPORT_KEY, REPORT_AT(kind_row, kind)},
    {"blocks", "blocks", "", REPORT_SUMMED, REPORT_AT(kind_row, count)},
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(kind_row, bytes)},
    {"flash_bytes", "in flash", "bytes", REPORT_SUMMED, REPORT_AT(kind_row, flash_bytes)},
    {"damaged", "damaged", "", REPORT_SUMMED | REPORT_BLANK_ZERO, REPORT_AT(kind_row, damaged)},
    {"dropped", "dropped", "", REPORT_SUMMED | REPORT_BLANK_ZERO, REPORT_AT(kind_row, dropped)},
};

static void count_kinds(const struct freezer_view *view, struct kind_row rows[FREEZER_KIND_END])
{
    memset(rows, 0, FREEZER_KIND_END * sizeof *rows);
    for (uint32_t i = 0; i < view->block_count; i++) {
        const struct freezer_view_block *block = &view->blocks[i];
        struct kind_row *row = &rows[block->kind];
        row->count++;
        row->bytes += block->bytes;
        row->flash_bytes += freezer_block_bytes(block->kind, block->bytes);
        row->damaged += block->state == FREEZER_VIEW_DAMAGED;
        row->dropped += block->state >= FREEZER_VIEW_DROPPED;
    }
}

static void add_kinds(const struct freezer_view *view, struct report *report)
{
    struct kind_row rows[FREEZER_KIND_END];
    struct report_table *table = REPORT_ADD_TABLE(report, "kinds", "Blocks by kind", kind_columns);
    count_kinds(view, rows);
    for (uint32_t kind = 1; kind < FREEZER_KIND_END; kind++) {
        rows[kind].kind = freezer_kind_names[kind];
        if (rows[kind].count > 0)
            report_add_row(table, NULL, &rows[kind]);
    }
    report_add_sum(table);
}

struct name_row {
    struct text name;
    const char *kind, *state;
    uint32_t source_bytes;
    uint64_t source_crc, address;
};

static const struct report_column name_columns[] = {
    {"name", "name", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AS(REPORT_STRING, name_row, name)},
    {"kind", "kind", "", 0, REPORT_AT(name_row, kind)},
    {"address", "address", "", 0, REPORT_AS(REPORT_HEX, name_row, address)},
    {"source_bytes", "source", "bytes", 0, REPORT_AT(name_row, source_bytes)},
    {"source_crc", "its CRC-32", "", 0, REPORT_AS(REPORT_HEX, name_row, source_crc)},
    {"state", "state", "", 0, REPORT_AT(name_row, state)},
};

static struct text name_of(const struct freezer_view *view, const struct freezer_view_block *module)
{
    struct text name = {"?", 1}; // in an image that is not here
    freezer_view_text(
        view, freezer_view_payload(view, module, offsetof(struct freezer_module, name)), &name);
    return name;
}

static void add_names(const struct freezer_view *view, struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "names", "Names", name_columns);
    for (uint32_t i = 0; i < view->block_count; i++) {
        const struct freezer_view_block *block = &view->blocks[i];
        if (block->kind != FREEZER_MODULE)
            continue;
        uint32_t addr = freezer_view_payload(view, block, offsetof(struct freezer_module, value));
        const char *kind = "";
        freezer_view_object(view, addr, &kind);
        bool counts = block->state == FREEZER_VIEW_COUNTS;
        struct name_row row = {
            .name = name_of(view, block),
            .kind = kind,
            .address = addr,
            .source_crc = freezer_view_payload(view, block,
                                               offsetof(struct freezer_module, source_crc)),
            .source_bytes = freezer_view_payload(view, block,
                                                 offsetof(struct freezer_module, source_bytes)),
            .state = counts && !freezer_view_is_last(view, block)
                         ? "replaced"
                         : freezer_view_state_names[block->state],
        };
        report_add_row(table, NULL, &row);
    }
}

static void add_hex(struct report *report, const char *name, const char *title, uint32_t value)
{
    report_add_text(report, name, title,
                    text_of(arena_format(report->arena, "0x%08x", (unsigned)value)));
}

void freezer_report_contents(const struct freezer_view *view, struct report *report)
{
    const struct freezer_header *header = &view->header;
    report_add_number(report, "layout", "Layout", "", header->layout & ~FREEZER_LAYOUT_INTEGER);
    report_add_text(report, "numbers", "Numbers",
                    text_of(freezer_view_is_integer(view) ? "integer" : "float"));
    add_hex(report, "area_address", "Area at", header->area_addr);
    report_add_number(report, "area_bytes", "Area", "bytes", header->area_bytes);
    add_hex(report, "linked_crc", "CRC-32 of the LFS images below", header->linked_crc);
    add_hex(report, "build", "Build", header->build);
    report_add_text(report, "boot", "Erased",
                    text_of(header->flags & FREEZER_FRESH ? "at this start" : "before this start"));
    report_add_text(report, "accepted", "The device",
                    text_of(view->refused ? "refuses it" : "takes it"));
    if (view->end > 0) {
        report_add_number(report, "used_bytes", "Used", "bytes", view->end);
        report_add_number(report, "free_bytes", "Free", "bytes",
                          freezer_limit(header->area_bytes, FLASH_SECTOR_BYTES) - view->end);
        report_add_number(report, "slots", "Slots of the index", "",
                          freezer_slot_count(header->area_bytes));
        report_add_number(report, "slots_used", "of them used", "", view->slots_used);
    }
    add_kinds(view, report);
    add_names(view, report);
}

// ---- blocks ----

struct block_row {
    uint64_t address;
    const char *kind, *state;
    struct text content;
    uint32_t bytes, flash_bytes;
};

static const struct report_column block_columns[] = {
    {"address", "address", "", 0, REPORT_AS(REPORT_HEX, block_row, address)},
    {"kind", "kind", "", 0, REPORT_AT(block_row, kind)},
    {"bytes", "bytes", "bytes", 0, REPORT_AT(block_row, bytes)},
    {"flash_bytes", "in flash", "bytes", REPORT_SUMMED, REPORT_AT(block_row, flash_bytes)},
    {"state", "state", "", 0, REPORT_AT(block_row, state)},
    {"content", "content", "", REPORT_MAY_CUT, REPORT_AS(REPORT_STRING, block_row, content)},
};

static struct text function_text(struct arena *arena, const struct freezer_view *view,
                                 const struct freezer_view_block *block)
{
    struct text source = {"?", 1};
    uint32_t addr = freezer_view_payload(view, block, offsetof(struct lfs_proto, source));
    if (addr != 0)
        freezer_view_text(view, addr, &source);
    uint32_t line = freezer_view_payload(view, block, offsetof(struct lfs_proto, line_defined));
    return text_of(arena_format(arena, "%.*s:%u", TEXT_ARGS(source), (unsigned)line));
}

static struct text content_of(struct arena *arena, const struct freezer_view *view,
                              const struct freezer_view_block *block)
{
    struct text text = {"", 0};
    if (block->state == FREEZER_VIEW_DAMAGED)
        return text_of(block->fault);
    if (block->state != FREEZER_VIEW_COUNTS)
        return text;
    uint32_t addr = view->header.area_addr + block->off + (uint32_t)sizeof(struct freezer_block);
    switch (block->kind) {
    case FREEZER_STRING:
        freezer_view_text(view, addr, &text);
        return text;
    case FREEZER_FUNCTION:
        return function_text(arena, view, block);
    case FREEZER_MODULE:
        return name_of(view, block);
    case FREEZER_TABLE:
        return text_of(arena_format(arena, "%u elements, %u nodes",
                                    (unsigned)freezer_view_payload(view, block, 28),
                                    1u << (freezer_view_payload(view, block, 4) >> 24 & 31)));
    default:
        return text;
    }
}

void freezer_report_blocks(const struct freezer_view *view, struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "blocks", "Blocks", block_columns);
    for (uint32_t i = 0; i < view->block_count; i++) {
        const struct freezer_view_block *block = &view->blocks[i];
        struct block_row row = {
            .address = view->header.area_addr + block->off,
            .kind = freezer_kind_names[block->kind],
            .state = freezer_view_state_names[block->state],
            .content = content_of(report->arena, view, block),
            .bytes = block->bytes,
            .flash_bytes = freezer_block_bytes(block->kind, block->bytes),
        };
        report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

// ---- findings ----

uint32_t freezer_report_findings(const struct freezer_view *view, struct report *report)
{
    uint32_t count = 0;
    if (view->refused) {
        report_add_note(report, REPORT_FINDING, "%.*s: the device makes the area anew: %s",
                        TEXT_ARGS(view->path), view->refused);
        count++;
    }
    for (uint32_t i = 0; i < view->block_count; i++) {
        const struct freezer_view_block *block = &view->blocks[i];
        if (block->state != FREEZER_VIEW_DAMAGED)
            continue;
        report_add_note(report, REPORT_FINDING,
                        "%.*s: freezer, 0x%08x: the %s of %u bytes is damaged: %s",
                        TEXT_ARGS(view->path), (unsigned)(view->header.area_addr + block->off),
                        freezer_kind_names[block->kind], (unsigned)block->bytes, block->fault);
        count++;
    }
    if (view->is_compacting)
        report_add_note(report, REPORT_NOTE,
                        "%.*s: a compaction of the freezer was cut; the next start goes on with it",
                        TEXT_ARGS(view->path));
    if (view->unreadable_bytes > 0)
        report_add_note(report, REPORT_NOTE, "%.*s: %u bytes of the freezer are no blocks",
                        TEXT_ARGS(view->path), (unsigned)view->unreadable_bytes);
    if (view->slots_lost > 0)
        report_add_note(report, REPORT_NOTE,
                        "%.*s: the next start enters %u blocks into the freezer's index",
                        TEXT_ARGS(view->path), (unsigned)view->slots_lost);
    return count;
}

// ---- differences ----

struct change_row {
    struct text name;
    const char *change;
    struct report_value base_bytes, bytes;
};

static const struct report_column change_columns[] = {
    {"name", "name", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AS(REPORT_STRING, change_row, name)},
    {"change", "change", "", 0, REPORT_AT(change_row, change)},
    {"base_bytes", "source was", "bytes", 0, REPORT_AT(change_row, base_bytes)},
    {"bytes", "source is", "bytes", 0, REPORT_AT(change_row, bytes)},
};

// The module of a name that counts, or NULL.
static const struct freezer_view_block *find_module(const struct freezer_view *view,
                                                    struct text name)
{
    for (uint32_t i = view->block_count; i-- > 0;) {
        const struct freezer_view_block *block = &view->blocks[i];
        if (block->kind == FREEZER_MODULE && block->state == FREEZER_VIEW_COUNTS &&
            text_is_equal(name_of(view, block), name))
            return block;
    }
    return NULL;
}

static struct report_value source_bytes(const struct freezer_view *view,
                                        const struct freezer_view_block *module)
{
    if (!module)
        return (struct report_value){0};
    return report_number(
        freezer_view_payload(view, module, offsetof(struct freezer_module, source_bytes)));
}

static uint32_t value_content(const struct freezer_view *view,
                              const struct freezer_view_block *module)
{
    const char *kind;
    uint32_t addr = freezer_view_payload(view, module, offsetof(struct freezer_module, value));
    const struct freezer_view_block *value = freezer_view_object(view, addr, &kind);
    if (!value)
        return 0;
    return value->content + (addr - view->header.area_addr - value->off);
}

// Names of `from` that `in` lacks or, if asked for, has otherwise.
static void add_changes(struct report_table *table, const struct freezer_view *from,
                        const struct freezer_view *in, bool is_base)
{
    for (uint32_t i = 0; i < from->block_count; i++) {
        const struct freezer_view_block *module = &from->blocks[i];
        if (module->kind != FREEZER_MODULE || module->state != FREEZER_VIEW_COUNTS)
            continue;
        struct change_row row = {.name = name_of(from, module)};
        const struct freezer_view_block *other = find_module(in, row.name);
        if (find_module(from, row.name) != module || (other && !is_base))
            continue;
        if (other && value_content(from, module) == value_content(in, other))
            continue;
        row.change = other ? "changed" : is_base ? "removed" : "added";
        row.base_bytes = source_bytes(is_base ? from : in, is_base ? module : other);
        row.bytes = source_bytes(is_base ? in : from, is_base ? other : module);
        report_add_row(table, NULL, &row);
    }
}

struct growth_row {
    const char *kind;
    int64_t blocks, bytes;
};

static const struct report_column growth_columns[] = {
    {"kind", "kind", "", REPORT_KEY, REPORT_AT(growth_row, kind)},
    {"blocks", "blocks", "", REPORT_SUMMED, REPORT_AT(growth_row, blocks)},
    {"flash_bytes", "in flash", "bytes", REPORT_SUMMED, REPORT_AT(growth_row, bytes)},
};

static uint32_t add_growth(const struct freezer_view *base, const struct freezer_view *view,
                           struct report *report)
{
    struct kind_row was[FREEZER_KIND_END], is[FREEZER_KIND_END];
    struct report_table *table = REPORT_ADD_TABLE(report, "growth", "Growth by kind",
                                                  growth_columns);
    count_kinds(base, was);
    count_kinds(view, is);
    for (uint32_t kind = 1; kind < FREEZER_KIND_END; kind++) {
        struct growth_row row = {freezer_kind_names[kind],
                                 (int64_t)is[kind].count - was[kind].count,
                                 (int64_t)is[kind].flash_bytes - was[kind].flash_bytes};
        if (row.blocks != 0 || row.bytes != 0)
            report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
    return (uint32_t)table->row_count;
}

static uint32_t report_differences(const struct freezer_view *base, const struct freezer_view *view,
                                   struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "names", "Names that differ",
                                                  change_columns);
    add_changes(table, base, view, true);
    add_changes(table, view, base, false);
    uint32_t count = (uint32_t)table->row_count + add_growth(base, view, report);
    if (base->header.layout != view->header.layout) {
        report_add_note(report, REPORT_FINDING, "layout 0x%x, was 0x%x",
                        (unsigned)view->header.layout, (unsigned)base->header.layout);
        count++;
    }
    if (base->header.linked_crc != view->header.linked_crc) {
        report_add_note(report, REPORT_FINDING, "LFS images of CRC-32 0x%08x, was 0x%08x",
                        (unsigned)view->header.linked_crc, (unsigned)base->header.linked_crc);
        count++;
    }
    return count;
}

int freezer_report_diff(struct arena *arena, const char *base_path, const char *path,
                        struct report **report, uint32_t *differences, struct problem *problem)
{
    struct freezer_view *base, *view;
    int status = freezer_of_path(arena, base_path, &base, problem);
    if (status == STATUS_OK)
        status = freezer_of_path(arena, path, &view, problem);
    if (status != STATUS_OK)
        return status;
    *report = report_create(arena, "freeze-diff", 1, "What has changed");
    report_input_sum(report_add_input(*report, base->path, "freezer", base->data_bytes, true),
                     base_path);
    report_input_sum(report_add_input(*report, view->path, "freezer", view->data_bytes, true),
                     path);
    *differences = report_differences(base, view, *report);
    return STATUS_OK;
}
