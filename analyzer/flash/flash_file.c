// flash_file.c: reads and writes whole flash files; the NOR device over their bytes.

#include "analyzer/flash/flash_file.h"

#include <assert.h>
#include <string.h>

#include "analyzer/base/output.h"

// ---- device ----

static int read_bytes(struct flash_device *device, uint32_t off, void *data, uint32_t bytes)
{
    memcpy(data, (const uint8_t *)device->context + off, bytes);
    return STATUS_OK;
}

static int program_bytes(struct flash_device *device, uint32_t off, const void *data,
                         uint32_t bytes)
{
    uint8_t *cells = (uint8_t *)device->context + off;
    for (uint32_t i = 0; i < bytes; i++)
        cells[i] &= ((const uint8_t *)data)[i];
    return STATUS_OK;
}

static int erase_sector(struct flash_device *device, uint32_t off)
{
    memset((uint8_t *)device->context + off, 0xFF, FLASH_SECTOR_BYTES);
    return STATUS_OK;
}

static const struct flash_driver driver = {read_bytes, program_bytes, erase_sector};

static bool is_length(uint64_t bytes)
{
    return bytes % FLASH_SECTOR_BYTES == 0 && bytes >= FLASH_FILE_BYTES_MIN &&
           bytes <= FLASH_FILE_BYTES_MAX;
}

struct flash_file *flash_file_over(struct arena *arena, const char *path, uint8_t *bytes,
                                   uint32_t count)
{
    assert(is_length(count));
    struct flash_file *file = ARENA_NEW(arena, struct flash_file);
    *file = (struct flash_file){.path = text_of(path), .bytes = bytes};
    file->device = (struct flash_device){
        .driver = &driver,
        .context = bytes,
        .bytes = count,
        .window = bytes,
        .window_bytes = WINDOW_BYTES,
    };
    file->has_table = partition_table_open(&file->table, &file->device) == STATUS_OK;
    file->layout = file->table.layout;
    return file;
}

// ---- files ----

int flash_file_read(struct arena *arena, const char *path, struct flash_file **file,
                    struct problem *problem)
{
    struct text content;
    int status = input_read(path, FLASH_FILE_BYTES_MAX, arena, &content, problem);
    if (status != STATUS_OK)
        return status;
    if (!is_length(content.bytes))
        return problem_set(problem, STATUS_DAMAGED, text_of(path), PROBLEM_NO_OFF,
                           "is not a flash file: %zu bytes, not 1 to 16 MiB in sectors of %u",
                           content.bytes, FLASH_SECTOR_BYTES);
    uint8_t *bytes = arena_alloc(arena, content.bytes);
    memcpy(bytes, content.data, content.bytes);
    *file = flash_file_over(arena, path, bytes, (uint32_t)content.bytes);
    return STATUS_OK;
}

struct flash_file *flash_file_create(struct arena *arena, const char *path, uint32_t bytes)
{
    assert(is_length(bytes));
    uint8_t *cells = arena_alloc(arena, bytes);
    memset(cells, 0xFF, bytes);
    return flash_file_over(arena, path, cells, bytes);
}

int flash_file_plan(struct flash_file *file, const struct flash_sizes *sizes,
                    struct problem *problem)
{
    struct flash_layout layout;
    int status = partitions_plan(&layout, file->device.bytes, sizes);
    if (status == STATUS_OK)
        status = partition_table_save(&file->table, &layout);
    if (status != STATUS_OK)
        return problem_set(problem, STATUS_USAGE, file->path, PROBLEM_NO_OFF,
                           "LFS, LFS devs, native devs and freezer do not fit into the first "
                           "megabyte behind the firmware");
    file->layout = layout;
    file->has_table = true;
    return STATUS_OK;
}

// Where a part of a larger flash has its store is not known.
static int refuse_part(const struct flash_file *file, struct problem *problem)
{
    return problem_set(problem, STATUS_DAMAGED, file->path, PARTITION_TABLE_OFF,
                       "the partition table is of a flash of %u bytes, the file has %u",
                       (unsigned)file->table.larger_bytes, (unsigned)file->device.bytes);
}

int flash_file_mount(struct arena *arena, struct flash_file *file, bool is_read_only,
                     struct problem *problem)
{
    const struct flash_partition *range = &file->layout.parts[PARTITION_STORE];
    uint32_t most = range->bytes / STORE_UNIT_BYTES; // what an entry takes at least
    most = most < FLASH_FILES_MAX ? most : FLASH_FILES_MAX;
    uint32_t *index = arena_alloc_array(arena, most, sizeof *index);
    if (!file->has_table && file->table.larger_bytes)
        return refuse_part(file, problem);
    int status = store_mount(&file->store, &file->device, range, index, most, is_read_only);
    const char *what = status == STATUS_LIMIT       ? "there is no room for a file store"
                       : status == STATUS_DAMAGED   ? "no file store: something else is there"
                       : status == STATUS_VERSION   ? "file store of another partition or device"
                       : status == STATUS_NO_MEMORY ? "file store with too many files"
                                                    : status_name(status);
    if (status != STATUS_OK)
        return problem_set(problem, status == STATUS_IO ? STATUS_IO : STATUS_DAMAGED, file->path,
                           range->off, "%s", what);
    if (file->store.is_read_only && !is_read_only)
        return problem_set(problem, STATUS_DAMAGED, file->path, range->off + file->store.head,
                           "the file store breaks off here; frost flash check says more");
    return STATUS_OK;
}

int flash_file_write(struct arena *arena, const struct flash_file *file, struct problem *problem)
{
    struct output output;
    int status = output_open(&output, file->path.data, arena, problem); // a whole C string
    if (status != STATUS_OK)
        return status;
    fwrite(file->bytes, 1, file->device.bytes, output.file); // output_close tells
    return output_close(&output, problem);
}

int flash_file_fail(const struct flash_file *file, int status, const char *name,
                    struct problem *problem)
{
    int is_full = file->store.file_count == FLASH_FILES_MAX;
    const char *what = status == STATUS_NO_SPACE && is_full
                           ? "is one file more than a store is read with here"
                       : status == STATUS_NO_SPACE  ? "does not fit the file store"
                       : status == STATUS_NOT_FOUND ? "is not in the file store"
                       : status == STATUS_DAMAGED   ? "is damaged: its CRC is wrong"
                       : status == STATUS_LIMIT     ? "is there already"
                       : status == STATUS_USAGE     ? "is no name: 1 to 31 bytes, no '/' in front"
                                                    : status_name(status);
    // Data and environment: the user's words were right.
    int kind = status == STATUS_USAGE || status == STATUS_DAMAGED ? status : STATUS_IO;
    return problem_set(problem, kind, file->path, PROBLEM_NO_OFF, "'%s' %s", name, what);
}

// All bytes of a block that has some.
static bool is_erased(const uint8_t *block, uint32_t bytes)
{
    return block[0] == 0xFF && memcmp(block, block + 1, bytes - 1) == 0;
}

// By sectors, since most of a flash is erased.
uint32_t flash_file_programmed(const struct flash_file *file, uint32_t off, uint32_t bytes)
{
    const uint8_t *begin = file->bytes + off;
    uint64_t word;
    while (bytes >= FLASH_SECTOR_BYTES &&
           is_erased(begin + bytes - FLASH_SECTOR_BYTES, FLASH_SECTOR_BYTES))
        bytes -= FLASH_SECTOR_BYTES;
    for (; bytes >= sizeof word; bytes -= (uint32_t)sizeof word) {
        memcpy(&word, begin + bytes - sizeof word, sizeof word);
        if (word != UINT64_MAX)
            break;
    }
    while (bytes > 0 && begin[bytes - 1] == 0xFF)
        bytes--;
    return bytes;
}
