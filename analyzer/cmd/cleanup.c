// cleanup.c: removes folders from a signal handler: with system calls only, no memory.

#include "analyzer/cmd/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATHS_MAX 4
#define PATH_BYTES_MAX 4096
#define DEPTH_MAX 24
#define ENTRIES_BYTES 2048

// What getdents64 gives (Linux, getdents(2)).
struct entry {
    uint64_t inode;
    int64_t off;
    uint16_t bytes;
    uint8_t type;
    char name[];
};

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
#define SIGNAL_COUNT (sizeof signals / sizeof *signals)

static char paths[PATHS_MAX][PATH_BYTES_MAX]; // "": an empty place
static struct sigaction before[SIGNAL_COUNT];
static int path_count;

static bool is_dots(const char *name)
{
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

static void remove_tree(int parent, const char *name, int depth)
{
    _Alignas(struct entry) char entries[ENTRIES_BYTES];
    if (unlinkat(parent, name, 0) == 0 || depth == DEPTH_MAX)
        return;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    for (;;) {
        long bytes = syscall(SYS_getdents64, fd, entries, sizeof entries);
        if (bytes <= 0)
            break;
        for (long at = 0; at < bytes;) {
            const struct entry *entry = (const struct entry *)(entries + at);
            if (!is_dots(entry->name))
                remove_tree(fd, entry->name, depth + 1);
            at += entry->bytes;
        }
        lseek(fd, 0, SEEK_SET); // removing has moved the rest
        if (unlinkat(parent, name, AT_REMOVEDIR) == 0)
            break;
        if (errno != ENOTEMPTY && errno != EEXIST)
            break;
    }
    close(fd);
    unlinkat(parent, name, AT_REMOVEDIR);
}

static void on_signal(int number)
{
    for (int i = 0; i < PATHS_MAX; i++)
        if (paths[i][0])
            remove_tree(AT_FDCWD, paths[i], 0);
    signal(number, SIG_DFL);
    raise(number);
}

static void take_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaddset(&action.sa_mask, signals[i]);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        sigaction(signals[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
}

static void give_signals_back(void)
{
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaction(signals[i], &before[i], NULL);
}

void cleanup_add(const char *path)
{
    size_t bytes = strlen(path);
    for (int i = 0; i < PATHS_MAX && bytes < PATH_BYTES_MAX; i++) {
        if (paths[i][0])
            continue;
        memcpy(paths[i] + 1, path + 1, bytes); // the first byte last: a signal may come any time
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        paths[i][0] = path[0];
        if (path_count++ == 0)
            take_signals();
        return;
    }
}

void cleanup_drop(const char *path)
{
    for (int i = 0; i < PATHS_MAX; i++) {
        if (strcmp(paths[i], path) != 0)
            continue;
        paths[i][0] = '\0';
        if (--path_count == 0)
            give_signals_back();
        return;
    }
}
