// file_server.c: a program of the host that finds the emulated chip's files, as the host's own port
// does (runtime/port/host/directory_files.c).
//
// usage: frost-esp8266-files DIRECTORY PIPES
// Reads and writes: requests from PIPES/ask, each answer to PIPES/answer (file_request.h); files of
//         DIRECTORY. Ends when nobody has `ask` open any more. What a file holds goes another way:
//         the firmware opens the path that it is told.

#include "runtime/port/esp8266/file_request.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/format/status.h"
#include "runtime/port/host/directory_files.h"

_Static_assert(DIRECTORY_PATH_BYTES <= FILE_ANSWER_TEXT_BYTES, "a path fits");

static struct directory directory;
static struct file_system fs = {.driver = &directory_driver, .context = &directory, .is_flat = 1};

static int send_answer(int to, const struct file_answer *answer)
{
    return write(to, answer, sizeof *answer) == sizeof *answer ? 0 : -1;
}

static int32_t open_for(const struct file_request *request, char *path)
{
    int file = directory_open_file(&directory, request->name, request->mode, path);
    if (file < 0)
        return file;
    close(file);
    return 0;
}

static int send_listed(void *context, const char *name, uint32_t bytes)
{
    struct file_answer answer = {.result = bytes < INT32_MAX ? (int32_t)bytes : INT32_MAX};
    snprintf(answer.text, sizeof answer.text, "%s", name);
    return send_answer(*(const int *)context, &answer);
}

static void serve(const struct file_request *request, int to)
{
    struct file_answer answer = {.result = 0};
    long result = 0;
    switch (request->operation) {
    case FILE_OPEN:
        result = open_for(request, answer.text);
        break;
    case FILE_SIZE:
        result = fs.driver->size(&fs, request->name);
        break;
    case FILE_REMOVE:
        result = fs.driver->remove(&fs, request->name);
        break;
    case FILE_RENAME:
        result = fs.driver->rename(&fs, request->name, request->second);
        break;
    default:
        fs.driver->list(&fs, send_listed, &to);
        return;
    }
    answer.result = result < INT32_MAX ? (int32_t)result : INT32_MAX;
    send_answer(to, &answer);
}

int main(int argc, char **argv)
{
    struct file_request request;
    char path[PATH_MAX];
    if (argc != 3) {
        fprintf(stderr, "usage: frost-esp8266-files DIRECTORY PIPES\n");
        return EXIT_STATUS_USAGE;
    }
    directory_open(&directory, argv[1]);
    snprintf(path, sizeof path, "%s/ask", argv[2]);
    int ask = open(path, O_RDONLY | O_CLOEXEC);
    snprintf(path, sizeof path, "%s/answer", argv[2]);
    while (ask >= 0 && read(ask, &request, sizeof request) == sizeof request) {
        request.name[sizeof request.name - 1] = request.second[sizeof request.second - 1] = 0;
        int to = open(path, O_WRONLY | O_CLOEXEC);
        if (to < 0)
            break;
        serve(&request, to);
        close(to);
    }
    return ask < 0 ? EXIT_STATUS_ENVIRONMENT : EXIT_STATUS_DONE;
}
