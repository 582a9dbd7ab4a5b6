// size_flash.c: takes the reports of analyzer/flash apart into leaves.

#include "analyzer/job/size_flash.h"

#include <string.h>
#include <sys/stat.h>

#include "analyzer/analysis/size/size.h"
#include "analyzer/flash/flash_report.h"
#include "runtime/format/address_map.h"

struct flash_walk {
    struct arena *arena;
    struct flash_file *file;
    struct size_tree *tree;
    const char *path;
    uint64_t used_bytes;
};

bool size_flash_is_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) &&
           info.st_size >= (off_t)FLASH_FILE_BYTES_MIN && info.st_size % FLASH_SECTOR_BYTES == 0;
}

// ---- leaves ----

static void add_leaf(struct flash_walk *w, struct text region, const char *kind, struct text symbol,
                     uint64_t bytes, bool is_used)
{
    uint32_t labels[SIZE_LEVELS], other = size_tree_label(w->tree, symbol);
    if (bytes == 0)
        return;
    for (unsigned level = 0; level < SIZE_LEVELS; level++)
        labels[level] = other;
    labels[SIZE_INPUT] = size_tree_label(w->tree, text_base_name(text_of(w->path)));
    labels[SIZE_REGION] = size_tree_label(w->tree, region);
    labels[SIZE_KIND] = labels[SIZE_SECTION] = size_tree_label(w->tree, text_of(kind));
    labels[SIZE_STRING] = size_tree_label(w->tree, text_of("(no string)"));
    size_tree_add(w->tree, labels,
                  (struct size_amount){.bytes = bytes, .flash_bytes = is_used ? bytes : 0});
    w->used_bytes += is_used ? bytes : 0;
}

// ---- rows of the layout ----

struct region {
    struct text name;
    uint32_t off, bytes, used_bytes;
    bool has_image;
};

static const struct report_value *cell(const struct report_table *table, size_t row,
                                       const char *column)
{
    return &table->cells[row * table->column_count +
                         (size_t)report_find_column(table, text_of(column))];
}

static struct region region_at(const struct report_table *table, size_t row)
{
    return (struct region){
        cell(table, row, "region")->text,
        (uint32_t)cell(table, row, "address")->hex,
        (uint32_t)cell(table, row, "bytes")->number,
        (uint32_t)cell(table, row, "used_bytes")->number,
        text_begins_with(cell(table, row, "content")->text, "image,"),
    };
}

// Result: false if there is no sound image.
static bool add_image(struct flash_walk *w, const struct region *region)
{
    const struct image_options options = {.base_addr = WINDOW_ADDR + region->off,
                                          .allows_rest = true};
    const struct image *image;
    struct problem ignored = {0};
    if (!region->has_image ||
        image_read(w->arena, w->file->path, w->file->bytes + region->off, region->bytes, &options,
                   &image, &ignored) != STATUS_OK ||
        image->bytes != region->used_bytes)
        return false;
    size_add_image_leaves(w->tree, image, text_of(w->path),
                          arena_copy_text(w->arena, region->name).data);
    w->used_bytes += image->bytes;
    return true;
}

// The files of the store, and the rest of what its log takes.
static bool add_store(struct flash_walk *w, const struct region *region)
{
    struct report *report = report_create(w->arena, "flash", 1, "");
    struct problem ignored = {0};
    uint64_t known = 0;
    if (!text_is_equal(region->name, text_of(partitions_name(PARTITION_STORE))) ||
        flash_file_mount(w->arena, w->file, true, &ignored) != STATUS_OK ||
        flash_report_files(w->file, report, &ignored) != STATUS_OK)
        return false;
    const struct report_table *files = report_find_table(report, "files");
    for (size_t i = 0; i < files->row_count; i++)
        known += (uint64_t)cell(files, i, "flash_bytes")->number;
    if (known > region->used_bytes)
        return false;
    for (size_t i = 0; i < files->row_count; i++)
        add_leaf(w, region->name, "files", cell(files, i, "name")->text,
                 (uint64_t)cell(files, i, "flash_bytes")->number, true);
    add_leaf(w, region->name, "log", text_of("(log of the store)"), region->used_bytes - known,
             true);
    return true;
}

int size_flash_add(struct arena *arena, const char *path, struct size_tree *tree,
                   struct report *report, uint64_t *used_bytes, struct problem *problem)
{
    struct flash_walk w = {.arena = arena, .tree = tree, .path = path};
    struct report *layout = report_create(arena, "flash", 1, "");
    int status = flash_file_read(arena, path, &w.file, problem);
    if (status != STATUS_OK)
        return status;
    report_input_sum(report_add_input(report, text_of(path), "flash", w.file->device.bytes, true),
                     path);
    flash_report_layout(w.file, layout);
    const struct report_table *table = report_find_table(layout, "regions");
    for (size_t i = 0; i < table->row_count; i++) {
        struct region region = region_at(table, i);
        if (!add_image(&w, &region) && !add_store(&w, &region))
            add_leaf(&w, region.name, "content", text_of("(content)"), region.used_bytes, true);
        add_leaf(&w, region.name, "free", text_of("(free)"), region.bytes - region.used_bytes,
                 false);
    }
    *used_bytes += w.used_bytes;
    return STATUS_OK;
}
