// file_system.h: the program's files, whatever they lie in.
//
// Names are flat strings, as in SPIFFS: there are no directories, and '/' and '.' are bytes like
// any other, so `a`, `a/b`, `../x` and `a//b` are four files. They are compared byte by byte.
// A file system that is_flat keeps the firmware's rules: length of names, number of descriptors, a
// rename replaces nothing, what was removed cannot be read on; FS_DRIVE in front of a name is the
// drive and no part of it, and no file has another name that begins with '/'. Another one (programs
// on a computer) takes names as its driver does.
//
// Reads and writes: through a driver only.
// Memory: the file system and its descriptors are the port's. Nothing is allocated here.
// Errors: negative errno values, since messages of programs on a computer have the C library's
//         words for them (port_error_text); a result that is not negative may be a count.
// Context: the interpreter's thread. Nothing here raises a Lua error.
// Drivers: store_files.c (the file store in flash); runtime/port/host/directory_files.c (a
// directory of the host holds flat names) and
//         path_files.c (paths of the host); runtime/port/esp8266/files.c (the same two, asked for
//         through the emulator).

#ifndef FROST_FLASH_FILE_SYSTEM_H
#define FROST_FLASH_FILE_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/flash/partitions.h"
#include "runtime/format/spiffs.h"

#define FS_DRIVE "/FLASH/"

struct file_system;

// What a file is opened for: any of these together.
enum fs_mode {
    FS_READ = 1,
    FS_WRITE = 2,
    FS_CREATE = 4,   // make it if it is absent
    FS_TRUNCATE = 8, // its content is given up
    FS_APPEND = 16,  // every write goes to the end
    FS_EXECUTE = 32, // a checksum of its content, if the driver keeps one, must be right
};

enum fs_whence { FS_SET, FS_CURRENT, FS_END };

// An open file: a descriptor of a file system.
struct fs_file {
    struct file_system *fs; // NULL: this descriptor is free
    union {
        int32_t number;
        void *pointer;
    } handle; // of the driver
    uint32_t
        serial; // the files of a descriptor are counted, so that an old one is not taken for it
    uint8_t mode;
    uint8_t is_removed;
    char name[SPIFFS_NAME_BYTES_MAX + 1]; // if the file system is flat
};

// Room in bytes; used + remaining is total.
struct fs_info {
    uint32_t total_bytes, used_bytes, remaining_bytes;
};

// Called for each file in order of names, in other worlds of frost profile from another one on
// (runtime/world/vary.h); ends the listing by a result that is not 0.
typedef int (*fs_visit)(void *context, const char *name, uint32_t bytes);

// What a filling provides. Names are those of the caller, checked if the file system is flat.
struct fs_driver {
    // Sets the handle. FS_TRUNCATE and FS_CREATE come with FS_WRITE only.
    int (*open)(struct file_system *fs, const char *name, unsigned mode, struct fs_file *file);
    long (*read)(struct fs_file *file, void *data, size_t bytes);
    long (*write)(struct fs_file *file, const void *data, size_t bytes);
    // As lseek: the new position, which may lie after the end.
    long (*seek)(struct fs_file *file, long offset, enum fs_whence whence);
    int (*flush)(struct fs_file *file);
    int (*close)(struct fs_file *file);
    long (*size)(struct file_system *fs, const char *name); // bytes
    int (*remove)(struct file_system *fs, const char *name);
    int (*rename)(struct file_system *fs, const char *from, const char *to);
    // 0, or what ended the visits.
    int (*list)(struct file_system *fs, fs_visit visit, void *context);
    // NULL: what SPIFFS would say of these files in the store partition of this flash.
    int (*info)(struct file_system *fs, struct fs_info *info);
    // NULL: the files are somebody's own and stay. No file is open.
    int (*format)(struct file_system *fs);
};

struct file_system {
    const struct fs_driver *driver;
    void *context; // of the driver
    int is_flat;
    int is_in_flash;     // its driver programs a flash device, which tells what that takes
    uint32_t file_count; // descriptors
    struct fs_file *files;
};

// The one that programs see: module file, loadfile, dofile, require, node.compile. Defined and
// set by the port; never NULL.
extern struct file_system *fs_program;

// Opens a file at its start. 0, -EMFILE without a free descriptor, -ENAMETOOLONG, -ENOENT ...
int fs_open(struct file_system *fs, const char *name, unsigned mode, struct fs_file **file);
// Count of bytes read, 0 at the end.
long fs_read(struct fs_file *file, void *data, size_t bytes);
// `bytes`, or an error if not all of it could be written.
long fs_write(struct fs_file *file, const void *data, size_t bytes);
// The new position. -EINVAL before the start (the position stays) and after the end (it is the end
// then).
long fs_seek(struct fs_file *file, long offset, enum fs_whence whence);
int fs_flush(struct fs_file *file);
// The descriptor is free afterwards, whatever the result.
int fs_close(struct fs_file *file);
// Before a boot.
void fs_close_all(struct file_system *fs);

// Bytes of a file that need not be open.
long fs_size(struct file_system *fs, const char *name);
int fs_exists(struct file_system *fs, const char *name);
// Is it the name of a drive that the device does not have?
int fs_is_nowhere(const struct file_system *fs, const char *name);
// Flat: both need a free descriptor, as on the device. An open file that is removed gives -EBADF
// from then on.
int fs_remove(struct file_system *fs, const char *name);
// Flat: -EEXIST if `to` is there.
int fs_rename(struct file_system *fs, const char *from, const char *to);
int fs_list(struct file_system *fs, fs_visit visit, void *context);
// Where its files lie in flash, or would lie on a device with stock firmware.
struct flash_partition fs_partition(const struct file_system *fs);
// -ENODEV: there is no room for a file system.
int fs_info(struct file_system *fs, struct fs_info *info);
// Removes all files and closes them. -ENOTSUP: this file system does not.
int fs_format(struct file_system *fs);

#endif
