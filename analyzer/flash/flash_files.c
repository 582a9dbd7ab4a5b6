// flash_files.c: single files of a store, written and read by the runtime's own code.

#include "analyzer/flash/flash_files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/base/output.h"
#include "runtime/flash/store/store_time.h"

static uint32_t put_time = STORE_TIME_UNKNOWN;

static uint32_t time_of_put(void)
{
    return put_time;
}

static void set_time(const char *path)
{
    struct stat about;
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    uint64_t seconds = epoch ? strtoull(epoch, NULL, 10) : 0;
    if ((!epoch || !*epoch) && stat(path, &about) == 0)
        seconds = (uint64_t)about.st_mtime;
    put_time = store_time_of(seconds);
}

static bool is_name(const char *name)
{
    size_t bytes = strlen(name);
    return bytes > 0 && bytes <= STORE_NAME_BYTES_MAX && name[0] != '/';
}

int flash_files_put(struct arena *arena, struct flash_file *file, const char *name,
                    const char *path, struct problem *problem)
{
    struct text content;
    struct store_file at;
    if (!is_name(name))
        return flash_file_fail(file, STATUS_USAGE, name, problem);
    int status = input_read(path, FLASH_FILE_BYTES_MAX, arena, &content, problem);
    if (status != STATUS_OK)
        return status;
    set_time(path);
    file->store.time = time_of_put;
    status = store_file_open(&file->store, &at, name, STORE_WRITES | STORE_CUTS);
    if (status == STATUS_OK) {
        int written = store_file_write(&at, content.data, (uint32_t)content.bytes);
        int closed = store_file_close(&at);
        status = written != STATUS_OK ? written : closed;
    }
    return status == STATUS_OK ? STATUS_OK : flash_file_fail(file, status, name, problem);
}

int flash_files_get(struct arena *arena, struct flash_file *file, const char *name,
                    struct text *content, struct problem *problem)
{
    struct store_about about;
    int status = is_name(name) ? store_find(&file->store, name, &about) : STATUS_NOT_FOUND;
    if (status == STATUS_OK)
        status = store_verify(&file->store, name);
    if (status != STATUS_OK)
        return flash_file_fail(file, status, name, problem);
    char *data = arena_alloc(arena, about.bytes + 1);
    memcpy(data, file->bytes + file->store.off + about.off + STORE_HEAD_BYTES, about.bytes);
    *content = (struct text){data, about.bytes};
    return STATUS_OK;
}

int flash_files_remove(struct flash_file *file, const char *name, struct problem *problem)
{
    int status = is_name(name) ? store_remove(&file->store, name) : STATUS_NOT_FOUND;
    return status == STATUS_OK ? STATUS_OK : flash_file_fail(file, status, name, problem);
}
