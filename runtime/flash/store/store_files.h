// store_files.h: a file store as the program's file system.
//
// Reads and writes: the store (store.h). Memory: the caller's. Context: the interpreter's thread.

#ifndef FROST_FLASH_STORE_FILES_H
#define FROST_FLASH_STORE_FILES_H

#include "runtime/flash/file_system.h"
#include "runtime/flash/store/store.h"

// The context of a file system with this driver.
struct store_files {
    struct store store;
    struct store_file open[SPIFFS_OPEN_MAX]; // of the descriptors
    int status;                              // of the mount; not STATUS_OK: there are no files
};

extern const struct fs_driver store_driver;

// The store of a file system with this driver, if it is mounted; else NULL.
struct store *store_files_store(struct file_system *fs);

// What the start found wrong, as a sentence for the console; "" if nothing.
void store_files_text(const struct store_files *files, char *text, size_t bytes);

#endif
