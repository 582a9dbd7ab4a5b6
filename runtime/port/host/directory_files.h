// directory_files.h: a directory of the host holds the program's flat file system.
//
// Reads and writes: regular files in the directory and what lies below it, and nothing else: no
//         symbolic link is followed, no name leads out (directory_names.h). What begins with '.' on
//         the host is neither seen nor touched.
// Memory: a file is a descriptor of the process; a listing allocates while it runs.
// Context: one thread at a time.

#ifndef FROST_PORT_HOST_DIRECTORY_FILES_H
#define FROST_PORT_HOST_DIRECTORY_FILES_H

#include "runtime/flash/file_system.h"
#include "runtime/port/host/directory_names.h"

struct directory {
    int descriptor; // -1: there is none
};

// The context of a file system with this driver is a struct directory.
extern const struct fs_driver directory_driver;

// Opens the directory of the host, "" the current one; links on the way to it are followed. If it
// is absent, the file system is empty and takes no files.
void directory_open(struct directory *directory, const char *path);
void directory_close(struct directory *directory);

// Opens a file as the driver does: a descriptor of the process, or a negative errno value. `path`
// gets where it lies below the directory.
int directory_open_file(const struct directory *directory, const char *name, unsigned mode,
                        char path[DIRECTORY_PATH_BYTES]);

#endif
