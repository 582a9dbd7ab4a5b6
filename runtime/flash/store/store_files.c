// store_files.c: the file system's interface over a file store; see store_files.h.

#include "runtime/flash/store/store_files.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/flash/flash_events.h"

static int error_of(int status)
{
    switch (status) {
    case STATUS_OK:
        return 0;
    case STATUS_NOT_FOUND:
        return -ENOENT;
    case STATUS_NO_SPACE:
    case STATUS_NO_MEMORY:
        return -ENOSPC;
    case STATUS_LIMIT:
        return -EBUSY;
    case STATUS_USAGE:
        return -EROFS;
    default:
        return -EIO;
    }
}

// NULL: nothing is mounted.
static struct store *store_of(struct file_system *fs)
{
    struct store_files *files = fs->context;
    return files->status == STATUS_OK ? &files->store : NULL;
}

struct store *store_files_store(struct file_system *fs)
{
    return fs->driver == &store_driver ? store_of(fs) : NULL;
}

static struct store_file *file_of(struct fs_file *file)
{
    struct store_files *files = file->fs->context;
    return &files->open[file - file->fs->files];
}

// ---- open files ----

static unsigned mode_of(unsigned mode)
{
    return (mode & FS_READ ? STORE_READS : 0) | (mode & FS_WRITE ? STORE_WRITES : 0) |
           (mode & FS_TRUNCATE ? STORE_CUTS : 0) | (mode & FS_APPEND ? STORE_APPENDS : 0);
}

static int open_file(struct file_system *fs, const char *name, unsigned mode, struct fs_file *file)
{
    struct store *store = store_of(fs);
    struct store_files *files = fs->context;
    struct store_about about;
    assert(fs->file_count <= SPIFFS_OPEN_MAX);
    if (!store)
        return -ENODEV;
    int status = STATUS_OK;
    if ((mode & FS_WRITE) && !(mode & FS_CREATE))
        status = store_find(store, name, &about);
    if (status == STATUS_OK && (mode & FS_EXECUTE))
        status = store_verify(store, name);
    if (status == STATUS_OK)
        status = store_file_open(store, &files->open[file - fs->files], name, mode_of(mode));
    return error_of(status);
}

static long read_file(struct fs_file *file, void *data, size_t bytes)
{
    long count = store_file_read(file_of(file), data,
                                 bytes < INT32_MAX ? (uint32_t)bytes : INT32_MAX);
    return count < 0 ? error_of((int)count) : count;
}

static long write_file(struct fs_file *file, const void *data, size_t bytes)
{
    if (bytes > INT32_MAX)
        return -ENOSPC;
    int status = store_file_write(file_of(file), data, (uint32_t)bytes);
    return status == STATUS_OK ? (long)bytes : error_of(status);
}

static long seek_file(struct fs_file *file, long offset, enum fs_whence whence)
{
    struct store_file *at = file_of(file);
    long from = whence == FS_SET       ? 0
                : whence == FS_CURRENT ? (long)at->pos
                                       : (long)store_file_size(at);
    if (offset < -from || offset > (long)STORE_BYTES_MAX)
        return -EINVAL;
    at->pos = (uint32_t)(from + offset);
    return (long)at->pos;
}

static int flush_file(struct fs_file *file)
{
    struct store_file *at = file_of(file);
    return at->mode & STORE_WRITES ? error_of(store_file_flush(at)) : 0;
}

static int close_file(struct fs_file *file)
{
    return error_of(store_file_close(file_of(file)));
}

// ---- files by name ----

static long size_of(struct file_system *fs, const char *name)
{
    struct store *store = store_of(fs);
    struct store_about about;
    if (!store)
        return -ENODEV;
    int status = store_find(store, name, &about);
    return status == STATUS_OK ? (long)about.bytes : error_of(status);
}

static int remove_file(struct file_system *fs, const char *name)
{
    struct store *store = store_of(fs);
    return store ? error_of(store_remove(store, name)) : -ENODEV;
}

static int rename_file(struct file_system *fs, const char *from, const char *to)
{
    struct store *store = store_of(fs);
    int status = store ? store_rename(store, from, to) : STATUS_OK;
    return !store ? -ENODEV : status == STATUS_LIMIT ? -EEXIST : error_of(status);
}

// The list may change while it is visited: the next name is looked for each time.
static int list_files(struct file_system *fs, fs_visit visit, void *context)
{
    struct store *store = store_of(fs);
    struct store_about about;
    char name[STORE_NAME_BYTES_MAX + 1] = "";
    int status = STATUS_OK, result = 0;
    while (store && result == 0 && (status = store_next(store, name, &about)) == STATUS_OK)
        result = visit(context, name, about.bytes);
    return status == STATUS_OK || status == STATUS_END ? result : error_of(status);
}

static int tell_room(struct file_system *fs, struct fs_info *info)
{
    struct store *store = store_of(fs);
    if (!store)
        return -ENODEV;
    struct store_room room = store_room(store);
    *info = (struct fs_info){room.total_bytes, room.used_bytes, room.total_bytes - room.used_bytes};
    return 0;
}

static int format(struct file_system *fs)
{
    struct store_files *files = fs->context;
    if (files->status == STATUS_LIMIT) // there is no room for one
        return -ENODEV;
    while (files->status == STATUS_OK && files->store.files) // views
        store_file_abandon(files->store.files);
    struct flash_job job = flash_job_begin(files->store.device);
    files->status = store_format(&files->store);
    flash_job_end(&job, FLASH_JOB_FORMAT, files->store.off, 0);
    return error_of(files->status);
}

const struct fs_driver store_driver = {
    .open = open_file,
    .read = read_file,
    .write = write_file,
    .seek = seek_file,
    .flush = flush_file,
    .close = close_file,
    .size = size_of,
    .remove = remove_file,
    .rename = rename_file,
    .list = list_files,
    .info = tell_room,
    .format = format,
};

void store_files_text(const struct store_files *files, char *text, size_t bytes)
{
    const struct store *store = &files->store;
    text[0] = 0;
    if (files->status == STATUS_LIMIT)
        snprintf(text, bytes, "File store: no partition of at least %u sectors", STORE_SECTORS_MIN);
    else if (files->status == STATUS_NO_MEMORY)
        snprintf(text, bytes, "File store at 0x%x: more than %u files", (unsigned)store->off,
                 (unsigned)store->file_count_max);
    else if (files->status == STATUS_DAMAGED)
        snprintf(text, bytes,
                 "File store at 0x%x: something else is there; file.format() makes one",
                 (unsigned)store->off);
    else if (files->status == STATUS_VERSION)
        snprintf(text, bytes, "File store at 0x%x: was made for another partition",
                 (unsigned)store->off);
    else if (files->status != STATUS_OK)
        snprintf(text, bytes, "File store at 0x%x: %s", (unsigned)store->off,
                 status_name(files->status));
    else if (store->is_read_only)
        snprintf(text, bytes, "File store damaged at 0x%x: only to be read, up to there",
                 (unsigned)(store->off + store->head));
}
