// files.c: the file systems of the process: the program's, and the host's own.
//
// Reads and writes: the directory given, or the store partition of the flash. Memory: tables of
// open files, the store's index.

#include <string.h>

#include "runtime/flash/store/store_files.h"
#include "runtime/flash/store/store_time.h"
#include "runtime/port/host/directory_files.h"
#include "runtime/port/host/flash_file.h"
#include "runtime/port/host/host.h"
#include "runtime/port/port.h"

#define PATH_FILES_MAX 64 // a program on a computer opens files through io; here it loads them
#define STORE_FILES_MAX 16384

static struct fs_file device_files[SPIFFS_OPEN_MAX], path_files[PATH_FILES_MAX];
static struct directory directory = {-1};
static const char *path_directory = "";

static struct file_system device = {
    .driver = &directory_driver,
    .context = &directory,
    .is_flat = 1,
    .file_count = SPIFFS_OPEN_MAX,
    .files = device_files,
};

static struct store_files store;

static struct file_system in_flash = {
    .driver = &store_driver,
    .context = &store,
    .is_flat = 1,
    .is_in_flash = 1,
    .file_count = SPIFFS_OPEN_MAX,
    .files = device_files,
};

struct file_system host_paths = {
    .driver = &path_driver,
    .context = &path_directory,
    .file_count = PATH_FILES_MAX,
    .files = path_files,
};

struct file_system *fs_program = &host_paths;

void host_files_init(const char *path, enum host_files kind)
{
    static struct file_system *const systems[] = {&host_paths, &device, &in_flash};
    path_directory = path;
    if (kind == HOST_FILES_DIRECTORY)
        directory_open(&directory, path);
    fs_program = systems[kind];
}

static uint32_t (*seconds_now)(void);

static uint32_t time_now(void)
{
    return store_time_of(seconds_now());
}

void host_files_boot(uint32_t (*seconds)(void))
{
    static uint32_t places[STORE_FILES_MAX];
    char text[120];
    if (fs_program != &in_flash)
        return;
    store.status = store_mount(&store.store, flash_file_device(),
                               &flash_layout.parts[PARTITION_STORE], places, STORE_FILES_MAX, 0);
    seconds_now = seconds;
    store.store.time = time_now;
    store_files_text(&store, text, sizeof text);
    if (text[0] == 0)
        return;
    port_console_error(text, strlen(text));
    port_console_error("\n", 1);
}

void host_files_drop(void)
{
    if (fs_program != &in_flash)
        return;
    for (uint32_t i = 0; i < in_flash.file_count; i++)
        if (in_flash.files[i].fs) {
            store_file_abandon(&store.open[i]);
            in_flash.files[i].fs = NULL;
        }
}
