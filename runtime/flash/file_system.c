// file_system.c: descriptors and the firmware's rules, over any driver; see file_system.h.

#include "runtime/flash/file_system.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "runtime/flash/lfs.h"
#include "runtime/flash/partitions.h"

// ---- names and descriptors ----

int fs_is_nowhere(const struct file_system *fs, const char *name)
{
    return fs->is_flat && name[0] == '/' && strncmp(name, FS_DRIVE, sizeof FS_DRIVE - 1) != 0;
}

// Takes the drive off a name and checks what is left.
static int check_name(const struct file_system *fs, const char **name)
{
    if (fs_is_nowhere(fs, *name))
        return -ENOENT;
    if (fs->is_flat && (*name)[0] == '/')
        *name += sizeof FS_DRIVE - 1;
    if ((*name)[0] == 0)
        return -ENOENT;
    return fs->is_flat && strlen(*name) > SPIFFS_NAME_BYTES_MAX ? -ENAMETOOLONG : 0;
}

static struct fs_file *free_file(struct file_system *fs)
{
    for (uint32_t i = 0; i < fs->file_count; i++)
        if (!fs->files[i].fs)
            return &fs->files[i];
    return NULL;
}

static int check_free_file(struct file_system *fs)
{
    return fs->is_flat && !free_file(fs) ? -EMFILE : 0;
}

static void set_name(struct fs_file *file, const char *name)
{
    assert(strlen(name) < sizeof file->name);
    memcpy(file->name, name, strlen(name) + 1);
}

// The open file of this name at or behind `file` in the table, or NULL.
static struct fs_file *open_file_of(struct file_system *fs, struct fs_file *file, const char *name)
{
    for (; file < fs->files + fs->file_count; file++)
        if (file->fs && !file->is_removed && strcmp(file->name, name) == 0)
            return file;
    return NULL;
}

// ---- open files ----

int fs_open(struct file_system *fs, const char *name, unsigned mode, struct fs_file **file)
{
    assert(mode & (FS_READ | FS_WRITE));
    assert((mode & FS_WRITE) || !(mode & (FS_CREATE | FS_TRUNCATE | FS_APPEND)));
    struct fs_file *at = free_file(fs);
    int error = check_name(fs, &name);
    if (!error && !at)
        error = -EMFILE;
    if (!error)
        error = fs->driver->open(fs, name, mode, at);
    if (error)
        return error;
    at->fs = fs;
    at->serial++;
    at->mode = (uint8_t)mode;
    at->is_removed = 0;
    if (fs->is_flat)
        set_name(at, name);
    *file = at;
    return 0;
}

static int check_file(const struct fs_file *file, unsigned mode)
{
    assert(file->fs);
    return file->is_removed || (file->mode & mode) != mode ? -EBADF : 0;
}

long fs_read(struct fs_file *file, void *data, size_t bytes)
{
    int error = check_file(file, FS_READ);
    return error ? error : file->fs->driver->read(file, data, bytes);
}

long fs_write(struct fs_file *file, const void *data, size_t bytes)
{
    int error = check_file(file, FS_WRITE);
    if (!error && bytes == 0 && (file->mode & FS_APPEND)) // SPIFFS goes to the end for nothing, too
        (void)file->fs->driver->seek(file, 0, FS_END);
    if (error || bytes == 0)
        return error;
    long count = file->fs->driver->write(file, data, bytes);
    return count >= 0 && (size_t)count < bytes ? -ENOSPC : count;
}

long fs_seek(struct fs_file *file, long offset, enum fs_whence whence)
{
    int error = check_file(file, 0);
    if (error)
        return error;
    long (*seek)(struct fs_file *, long, enum fs_whence) = file->fs->driver->seek;
    long now = seek(file, 0, FS_CURRENT);
    if (now < 0)
        return now;
    long end = seek(file, 0, FS_END);
    long from = whence == FS_SET ? 0 : whence == FS_CURRENT ? now : end, target;
    if (end < 0 || __builtin_add_overflow(from, offset, &target) || target < 0) {
        seek(file, now, FS_SET);
        return end < 0 ? end : -EINVAL;
    }
    return target > end ? -EINVAL : seek(file, target, FS_SET);
}

int fs_flush(struct fs_file *file)
{
    int error = check_file(file, 0);
    return error ? error : file->fs->driver->flush(file);
}

int fs_close(struct fs_file *file)
{
    assert(file->fs);
    int error = file->fs->driver->close(file);
    file->fs = NULL;
    return error;
}

void fs_close_all(struct file_system *fs)
{
    for (uint32_t i = 0; i < fs->file_count; i++)
        if (fs->files[i].fs)
            (void)fs_close(&fs->files[i]);
}

// ---- files by name ----

long fs_size(struct file_system *fs, const char *name)
{
    int error = check_name(fs, &name);
    return error ? error : fs->driver->size(fs, name);
}

int fs_exists(struct file_system *fs, const char *name)
{
    return fs_size(fs, name) >= 0;
}

int fs_remove(struct file_system *fs, const char *name)
{
    int error = check_name(fs, &name);
    if (!error)
        error = check_free_file(fs);
    if (!error)
        error = fs->driver->remove(fs, name);
    if (error || !fs->is_flat)
        return error;
    for (struct fs_file *file = fs->files; (file = open_file_of(fs, file, name)); file++)
        file->is_removed = 1;
    return 0;
}

int fs_rename(struct file_system *fs, const char *from, const char *to)
{
    int error = check_name(fs, &from);
    if (!error)
        error = check_name(fs, &to);
    if (!error)
        error = check_free_file(fs);
    if (!error && fs->is_flat && fs->driver->size(fs, to) >= 0)
        error = -EEXIST;
    if (!error)
        error = fs->driver->rename(fs, from, to);
    if (error || !fs->is_flat)
        return error;
    for (struct fs_file *file = fs->files; (file = open_file_of(fs, file, from)); file++)
        set_name(file, to);
    return 0;
}

int fs_list(struct file_system *fs, fs_visit visit, void *context)
{
    return fs->driver->list(fs, visit, context);
}

int fs_format(struct file_system *fs)
{
    if (!fs->driver->format)
        return -ENOTSUP;
    fs_close_all(fs);
    return fs->driver->format(fs);
}

// ---- room ----

static int add_pages(void *context, const char *name, uint32_t bytes)
{
    (void)name;
    *(uint32_t *)context += spiffs_file_pages(bytes);
    return 0;
}

// Files that are not in flash are told as those of stock firmware's SPIFFS.
struct flash_partition fs_partition(const struct file_system *fs)
{
    struct flash_layout layout = flash_layout;
    if (!fs->driver->info)
        partitions_init_stock(&layout, lfs_target.device ? lfs_target.device->bytes : 0);
    return layout.parts[PARTITION_STORE];
}

int fs_info(struct file_system *fs, struct fs_info *info)
{
    if (fs->driver->info)
        return fs->driver->info(fs, info);
    struct flash_partition store = fs_partition(fs);
    uint32_t total = spiffs_total_bytes(store.off, store.bytes), pages = 0;
    if (total == 0)
        return -ENODEV;
    int error = fs_list(fs, add_pages, &pages);
    if (error)
        return error;
    // More than fits, as a directory may hold, leaves nothing.
    uint64_t used = (uint64_t)pages * SPIFFS_CONTENT_BYTES;
    info->total_bytes = total;
    info->used_bytes = used < total ? (uint32_t)used : total;
    info->remaining_bytes = total - info->used_bytes;
    return 0;
}
