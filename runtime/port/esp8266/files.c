// files.c: files of the host under the emulator; those of the store in flash on a chip, and under
// the emulator if it is told so.
//
// Reads and writes: files below the directory given to chip_files_init(), through QEMU's calls.
// These know no removing, renaming and listing, and follow links; so where a name of the program
// lies is asked of file_server.c, through the pipes `ask` and `answer`, and its content goes
// through QEMU. Memory: tables of open files.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/flash/partition_table.h"
#include "runtime/flash/store/store_files.h"
#include "runtime/flash/store/store_time.h"
#include "runtime/nodemcu/system/rtc.h"
#include "runtime/port/esp8266/chip.h"
#include "runtime/port/esp8266/file_request.h"
#include "runtime/port/port.h"

#define PATH_BYTES 512
#define PATH_FILES_MAX 1

// Flags of the host's open(), which is Linux.
#define OPEN_READ 0
#define OPEN_WRITE 01
#define OPEN_BOTH 02
#define OPEN_CREATE 0100
#define OPEN_CUT 01000
#define OPEN_APPEND 02000

static const char *directory = "";
static const char *pipes; // directory of `ask` and `answer`, NULL: nobody is there to ask

void chip_files_init(const char *path)
{
    directory = path;
}

void chip_files_ask(const char *path)
{
    pipes = path;
}

// ---- calls of the host ----

static int32_t host(uint32_t number, uint32_t a, uint32_t b, uint32_t c, int *error)
{
    const struct services *services = chip_services();
    int32_t why = ENOSYS;
    int32_t result = services ? services->call(number, a, b, c, &why) : -1;
    if (result < 0 && error)
        *error = why ? why : EIO;
    return result;
}

static uint32_t addr_of(const void *p)
{
    return (uint32_t)(uintptr_t)p;
}

// An open file, by its path below the directory or from the root of the host. 0 or a negative errno
// value.
static int open_path(struct fs_file *file, const char *name, int32_t flags)
{
    char path[PATH_BYTES];
    int is_plain = directory[0] == 0 || name[0] == '/';
    int n = snprintf(path, sizeof path, "%s%s%s", is_plain ? "" : directory, is_plain ? "" : "/",
                     name);
    if (n >= PATH_BYTES)
        return -ENAMETOOLONG;
    int why = 0;
    file->handle.number = host(HOST_OPEN, addr_of(path), (uint32_t)flags, 0666, &why);
    return file->handle.number < 0 ? -why : 0;
}

static long read_file(struct fs_file *file, void *data, size_t bytes)
{
    int why = 0;
    int32_t n = host(HOST_READ, (uint32_t)file->handle.number, addr_of(data), bytes, &why);
    return n < 0 ? -why : n;
}

static long write_file(struct fs_file *file, const void *data, size_t bytes)
{
    int why = 0;
    int32_t n = host(HOST_WRITE, (uint32_t)file->handle.number, addr_of(data), bytes, &why);
    return n < 0 ? -why : n;
}

static long seek_file(struct fs_file *file, long offset, enum fs_whence whence)
{
    int why = 0;
    int32_t position = host(HOST_SEEK, (uint32_t)file->handle.number, (uint32_t)offset,
                            (uint32_t)whence, &why);
    return position < 0 ? -why : position;
}

static int flush_file(struct fs_file *file)
{
    (void)file; // nothing is kept back
    return 0;
}

static int close_file(struct fs_file *file)
{
    int why = 0;
    return host(HOST_CLOSE, (uint32_t)file->handle.number, 0, 0, &why) < 0 ? -why : 0;
}

int chip_files_dump(const char *path, const void *data, uint32_t bytes)
{
    uint32_t flags = OPEN_WRITE | OPEN_CREATE | OPEN_CUT;
    int32_t file = host(HOST_OPEN, (uint32_t)(uintptr_t)path, flags, 0666, NULL);
    if (file < 0)
        return 0;
    int32_t count = host(HOST_WRITE, (uint32_t)file, (uint32_t)(uintptr_t)data, bytes, NULL);
    return host(HOST_CLOSE, (uint32_t)file, 0, 0, NULL) >= 0 && count == (int32_t)bytes;
}

// ---- the program's files ----

// Sends a request; the descriptor that answers are read from, or a negative errno value.
static int32_t ask(enum file_operation operation, unsigned mode, const char *name,
                   const char *second)
{
    char path[PATH_BYTES];
    struct file_request request = {.operation = (uint8_t)operation, .mode = (uint8_t)mode};
    if (!pipes)
        return -ENOSYS;
    memcpy(request.name, name, strlen(name));
    memcpy(request.second, second, strlen(second));
    snprintf(path, sizeof path, "%s/ask", pipes);
    int32_t to = host(HOST_OPEN, addr_of(path), OPEN_WRITE, 0, NULL);
    if (to < 0)
        return -EIO;
    int32_t sent = host(HOST_WRITE, (uint32_t)to, addr_of(&request), sizeof request, NULL);
    host(HOST_CLOSE, (uint32_t)to, 0, 0, NULL);
    snprintf(path, sizeof path, "%s/answer", pipes);
    int32_t from = -1;
    if (sent == (int32_t)sizeof request)
        from = host(HOST_OPEN, addr_of(path), OPEN_READ, 0, NULL);
    return from < 0 ? -EIO : from;
}

// The next record of an answer; 0 after the last one.
static int read_answer(int32_t from, struct file_answer *answer)
{
    uint32_t used = 0;
    while (used < sizeof *answer) {
        int32_t count = host(HOST_READ, (uint32_t)from, addr_of((char *)answer + used),
                             sizeof *answer - used, NULL);
        if (count <= 0)
            return 0;
        used += (uint32_t)count;
    }
    answer->text[sizeof answer->text - 1] = 0;
    return 1;
}

// Asks for one record, and reads up to the end: the next request must not meet this answer's. Its
// result.
static long ask_once(enum file_operation operation, unsigned mode, const char *name,
                     const char *second, struct file_answer *answer)
{
    struct file_answer behind;
    int32_t from = ask(operation, mode, name, second);
    if (from < 0)
        return from;
    int is_read = read_answer(from, answer);
    while (is_read && read_answer(from, &behind))
        continue;
    host(HOST_CLOSE, (uint32_t)from, 0, 0, NULL);
    return is_read ? answer->result : -EIO;
}

static int open_served(struct file_system *fs, const char *name, unsigned mode,
                       struct fs_file *file)
{
    struct file_answer answer;
    (void)fs;
    long error = ask_once(FILE_OPEN, mode, name, "", &answer);
    int32_t flags = !(mode & FS_WRITE) ? OPEN_READ : mode & FS_READ ? OPEN_BOTH : OPEN_WRITE;
    flags |= mode & FS_APPEND ? OPEN_APPEND : 0;
    return error ? (int)error : open_path(file, answer.text, flags);
}

static long size_served(struct file_system *fs, const char *name)
{
    struct file_answer answer;
    (void)fs;
    return ask_once(FILE_SIZE, 0, name, "", &answer);
}

static int remove_served(struct file_system *fs, const char *name)
{
    struct file_answer answer;
    (void)fs;
    return (int)ask_once(FILE_REMOVE, 0, name, "", &answer);
}

static int rename_served(struct file_system *fs, const char *from, const char *to)
{
    struct file_answer answer;
    (void)fs;
    return (int)ask_once(FILE_RENAME, 0, from, to, &answer);
}

static int list_served(struct file_system *fs, fs_visit visit, void *context)
{
    struct file_answer answer;
    int result = 0;
    (void)fs;
    int32_t from = ask(FILE_LIST, 0, "", "");
    if (from < 0)
        return from;
    while (read_answer(from, &answer))
        if (!result)
            result = visit(context, answer.text, (uint32_t)answer.result);
    host(HOST_CLOSE, (uint32_t)from, 0, 0, NULL);
    return result;
}

static const struct fs_driver served_driver = {
    .open = open_served,
    .read = read_file,
    .write = write_file,
    .seek = seek_file,
    .flush = flush_file,
    .close = close_file,
    .size = size_served,
    .remove = remove_served,
    .rename = rename_served,
    .list = list_served,
};

static struct fs_file program_files[SPIFFS_OPEN_MAX], path_files[PATH_FILES_MAX];

static struct file_system program = {
    .driver = &served_driver,
    .is_flat = 1,
    .file_count = SPIFFS_OPEN_MAX,
    .files = program_files,
};

struct file_system *fs_program = &program;

// ---- the store in flash ----

static struct store_files store;

static struct file_system in_flash = {
    .driver = &store_driver,
    .context = &store,
    .is_flat = 1,
    .is_in_flash = 1,
    .file_count = SPIFFS_OPEN_MAX,
    .files = program_files,
};

static uint32_t time_now(void)
{
    return store_time_of(rtctime_seconds());
}

void chip_files_use_store(void)
{
    static uint32_t places[CHIP_STORE_FILES_MAX];
    char text[120];
    fs_program = &in_flash;
    store.status = store_mount(&store.store, flash_table.device,
                               &flash_layout.parts[PARTITION_STORE], places, CHIP_STORE_FILES_MAX,
                               0);
    store.store.time = time_now;
    store_files_text(&store, text, sizeof text);
    if (text[0] == 0)
        return;
    port_console_error(text, strlen(text));
    port_console_error("\n", 1);
}

// ---- what the command line names ----

// A directory can be opened, but not read. 0 or a negative errno value.
static int check_is_file(struct fs_file *file)
{
    char first;
    long count = read_file(file, &first, 1);
    return count > 0 ? (int)seek_file(file, 0, FS_SET) : (int)count;
}

static int open_by_path(struct file_system *fs, const char *name, unsigned mode,
                        struct fs_file *file)
{
    (void)fs;
    (void)mode; // to read
    int error = open_path(file, name, OPEN_READ);
    if (error)
        return error;
    error = check_is_file(file);
    if (error)
        close_file(file);
    return error;
}

static const struct fs_driver path_driver = {
    .open = open_by_path,
    .read = read_file,
    .close = close_file,
};

struct file_system chip_paths = {
    .driver = &path_driver,
    .file_count = PATH_FILES_MAX,
    .files = path_files,
};

const char *port_error_text(int error)
{
    return strerror(error);
}
