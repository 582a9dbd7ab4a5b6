// result.c: makes directories of results beside their targets; see result.h.

#include "analyzer/base/result.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/interrupt.h"
#include "analyzer/base/result_list.h"

#define SCRATCH_TAIL ".part.XXXXXX"
#define LINKS_MAX 40
#define LOCK_TRIES 40
#define LOCK_PAUSE_US 50000
#define LIST_ROOM_BYTES 16384

// Those that are being made; read by signal handlers.
static struct unfinished {
    char path[PATH_MAX]; // "": an empty place
    int list;            // descriptor of the list
    bool is_bad;         // something could not be listed
} table[RESULTS_MAX];

static int fail(struct problem *problem, const char *target, const char *what)
{
    int status = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? STATUS_NO_SPACE : STATUS_IO;
    return problem_set(problem, status, text_of(target), PROBLEM_NO_OFF, "%s: %s", what,
                       strerror(errno));
}

// ---- names ----

const char *result_resolve(struct arena *arena, const char *path)
{
    char link[PATH_MAX];
    size_t bytes = strlen(path);
    while (bytes > 1 && path[bytes - 1] == '/')
        bytes--;
    path = arena_format(arena, "%.*s", (int)bytes, path);
    for (int i = 0; i < LINKS_MAX; i++) {
        ssize_t n = readlink(path, link, sizeof link - 1);
        if (n <= 0)
            break;
        const char *slash = strrchr(path, '/');
        int before = slash && link[0] != '/' ? (int)(slash - path + 1) : 0;
        path = arena_format(arena, "%.*s%.*s", before, path, (int)n, link);
    }
    return path;
}

bool result_is(struct arena *arena, const char *directory)
{
    return access(arena_format(arena, "%s/" RESULT_INNER, directory), F_OK) == 0;
}

static const char *absolute(struct arena *arena, const char *path)
{
    char directory[PATH_MAX];
    if (path[0] == '/' || !getcwd(directory, sizeof directory))
        return path;
    return arena_format(arena, "%s/%s", directory, path);
}

// Opens the directory that a path lies in; *name is its last part.
static int open_parent(struct arena *arena, const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    const char *parent = !slash          ? "."
                         : slash == path ? "/"
                                         : arena_format(arena, "%.*s", (int)(slash - path), path);
    return open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int open_directory(int parent, const char *name)
{
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

// ---- what is listed ----

static struct unfinished *holder_of(const char *path)
{
    struct unfinished *holder = NULL;
    size_t longest = 0;
    for (int i = 0; i < RESULTS_MAX; i++) {
        size_t bytes = strlen(table[i].path);
        if (bytes > longest && strncmp(path, table[i].path, bytes) == 0 && path[bytes] == '/') {
            holder = &table[i];
            longest = bytes;
        }
    }
    return holder;
}

static void note(const char *path, char kind)
{
    char line[PATH_MAX + 4];
    struct unfinished *holder = holder_of(path);
    if (!holder)
        return;
    const char *name = path + strlen(holder->path) + 1;
    static const char work[] = RESULT_INNER "/" RESULT_WORK "/";
    if (strncmp(name, work, sizeof work - 1) == 0)
        return; // goes as a whole
    int n = snprintf(line, sizeof line, "%c %s\n", kind, name);
    if (n >= (int)sizeof line || strchr(name, '\n') || write(holder->list, line, (size_t)n) != n)
        holder->is_bad = true;
}

void result_note_file(const char *path)
{
    struct stat info;
    if (lstat(path, &info) != 0) // else it is listed
        note(path, 'f');
}

void result_note_directory(const char *path)
{
    note(path, 'd');
}

void result_adopt_file(const char *path)
{
    note(path, 'f');
}

bool result_holds(const char *path)
{
    return holder_of(path) != NULL;
}

// ---- scratch directories beside the target ----

// Takes the lock of a maker. Result: false if it is held. What a killed one was just starting holds
// it a moment longer; a maker that is not seen here, but elsewhere, for as long as it lives.
static bool takes_lock(int lock, long maker)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
            return true;
        if (maker <= 0 || kill((pid_t)maker, 0) == 0 || errno != ESRCH)
            return false;
        usleep(LOCK_PAUSE_US);
    }
    return false;
}

// The process that makes the scratch directory: 0 if it is dead or unknown. *is_ours: it is one.
static long maker_of(int directory, const char *name, bool *is_ours)
{
    char content[NAME_MAX + 32] = "";
    int inner = open_directory(directory, RESULT_INNER);
    int fd = inner < 0 ? -1
                       : openat(inner, RESULT_LOCK, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, content, sizeof content - 1);
    char *newline = n > 0 ? strchr(content, '\n') : NULL;
    long maker = 0;
    // It says the name that it was given: a copy or a renamed one belongs to the user. An empty one
    // is of a maker that was killed before it could say so.
    *is_ours = n == 0 || (newline && (size_t)(newline - content) == strlen(name) &&
                          memcmp(content, name, strlen(name)) == 0);
    if (newline && *is_ours && !takes_lock(fd, strtol(newline + 1, NULL, 10)))
        maker = strtol(newline + 1, NULL, 10);
    if (fd >= 0)
        close(fd);
    if (inner >= 0)
        close(inner);
    return maker;
}

// True if nothing is in a directory as mkdtemp makes it, or no more than an empty `.frost`: what is
// left of a job that was killed as it began, or as it removed the last of its own.
static bool is_bare(int directory)
{
    struct stat info;
    int fd = fstat(directory, &info) == 0 && info.st_uid == geteuid() &&
                     (info.st_mode & 07777) == S_IRWXU
                 ? dup(directory)
                 : -1;
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    bool result = entries != NULL;
    if (fd >= 0 && !entries)
        close(fd);
    if (!entries)
        return false;
    rewinddir(entries);
    for (struct dirent *entry; result && (entry = readdir(entries));)
        result = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
                 !strcmp(entry->d_name, RESULT_INNER);
    closedir(entries);
    return result && (unlinkat(directory, RESULT_INNER, AT_REMOVEDIR) == 0 || errno == ENOENT);
}

// Clears what dead jobs for this target have left. Result: the process that is at work on it, or 0.
static long clear_dead(struct arena *arena, int parent, const char *name)
{
    size_t bytes = strlen(name);
    int fd = dup(parent);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    long maker = 0;
    if (!entries) {
        if (fd >= 0)
            close(fd);
        return 0;
    }
    rewinddir(entries);
    for (struct dirent *entry; maker == 0 && (entry = readdir(entries));) {
        bool is_ours;
        if (strncmp(entry->d_name, name, bytes) != 0 ||
            strlen(entry->d_name) != bytes + sizeof SCRATCH_TAIL - 1 ||
            strncmp(entry->d_name + bytes, SCRATCH_TAIL, sizeof ".part." - 1) != 0)
            continue;
        int directory = open_directory(parent, entry->d_name);
        if (directory < 0)
            continue;
        maker = maker_of(directory, entry->d_name, &is_ours);
        if (is_ours && maker == 0)
            result_list_remove(directory, arena);
        if (maker == 0 && (is_ours || is_bare(directory)))
            unlinkat(parent, entry->d_name, AT_REMOVEDIR);
        close(directory);
    }
    closedir(entries);
    return maker;
}

// Says in a lock whose the scratch directory is. Result: its descriptor, which holds it, or -1 with
// errno.
static int make_lock(const struct result *result, const char *inner, int flags)
{
    const char *name = strrchr(result->scratch, '/');
    const char *line = arena_format(result->arena, "%s\n%ld\n", name ? name + 1 : "",
                                    (long)getpid());
    int lock = open(arena_format(result->arena, "%s/" RESULT_LOCK, inner),
                    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags, 0600);
    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0 &&
        write(lock, line, strlen(line)) == (ssize_t)strlen(line))
        return lock;
    int error = errno;
    if (lock >= 0)
        close(lock);
    errno = error;
    return -1;
}

// Makes the list and, if it is no part of another result, the lock. Result: 0, or -1 with errno.
static int mark(struct result *result, bool has_lock)
{
    struct unfinished *own = &table[result->idx];
    struct arena_mark before = arena_mark(result->arena);
    const char *inner = arena_format(result->arena, "%s/" RESULT_INNER, result->scratch);
    int status = mkdir(inner, 0777);
    // The lock first: what is killed behind it is known as ours and cleared by the next job.
    if (status == 0 && has_lock)
        status = (result->lock = make_lock(result, inner, O_EXCL)) < 0 ? -1 : 0;
    own->list = status != 0 ? -1
                            : open(arena_format(result->arena, "%s/" RESULT_LIST, inner),
                                   O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    size_t bytes = sizeof RESULT_LIST_HEAD - 1;
    // Room for the list, so that a disk that becomes full finds all that is there listed.
    if (own->list >= 0 && fallocate(own->list, FALLOC_FL_KEEP_SIZE, 0, LIST_ROOM_BYTES) != 0 &&
        errno != EOPNOTSUPP && errno != EFBIG)
        status = -1;
    if (status != 0 || own->list < 0 || write(own->list, RESULT_LIST_HEAD, bytes) != (ssize_t)bytes)
        status = -1;
    if (status == 0)
        return arena_rewind(result->arena, before), 0;
    int error = errno; // what there is of it has no list yet
    unlink(arena_format(result->arena, "%s/" RESULT_LIST, inner));
    unlink(arena_format(result->arena, "%s/" RESULT_LOCK, inner));
    rmdir(inner);
    errno = error;
    return -1;
}

// For the handler of a signal that ends the process, and for exit().
static void remove_unfinished(void)
{
    for (int i = 0; i < RESULTS_MAX; i++) {
        int directory = table[i].path[0] ? open_directory(AT_FDCWD, table[i].path) : -1;
        if (directory < 0)
            continue;
        result_list_remove(directory, NULL);
        close(directory);
        rmdir(table[i].path);
    }
}

// ---- begin ----

static int take_place(const char *path)
{
    static bool is_registered;
    if (!is_registered)
        is_registered = atexit(remove_unfinished) == 0; // out of memory (arena.h)
    for (int i = 0; i < RESULTS_MAX; i++)
        if (!table[i].path[0] && strlen(path) < sizeof table[i].path) {
            table[i] = (struct unfinished){.list = -1};
            memcpy(table[i].path + 1, path + 1, strlen(path)); // a signal may come any time
            __atomic_signal_fence(__ATOMIC_SEQ_CST);
            table[i].path[0] = path[0];
            interrupt_take(remove_unfinished);
            return i;
        }
    errno = ENAMETOOLONG;
    return -1;
}

static void forget(struct result *result)
{
    struct unfinished *own = &table[result->idx];
    struct stat info;
    if (own->list >= 0 && fstat(own->list, &info) == 0)
        (void)!ftruncate(own->list, info.st_size); // gives back the room it did not need
    if (own->list >= 0)
        close(own->list);
    own->path[0] = '\0';
    own->list = -1;
    interrupt_release();
    if (result->lock >= 0)
        close(result->lock);
    *result = (struct result){.lock = -1};
}

// True if nothing is there that is not ours; says else what it is.
static int check_target(const struct result *result, struct problem *problem)
{
    struct stat info;
    const char *other = "";
    if (lstat(result->path, &info) != 0)
        return STATUS_OK;
    if (!S_ISDIR(info.st_mode))
        return problem_set(problem, STATUS_USAGE, text_of(result->target), PROBLEM_NO_OFF,
                           "is not a directory");
    int directory = open_directory(AT_FDCWD, result->path);
    if (directory < 0)
        return fail(problem, result->target, "cannot be read");
    bool is_ours = result_list_covers(directory, result->arena, &other);
    close(directory);
    if (is_ours)
        return STATUS_OK;
    return problem_set(problem, STATUS_USAGE, text_of(result->target), PROBLEM_NO_OFF,
                       "exists and is no result of frost: it has '%.60s'; choose another with -o",
                       other);
}

static int begin_beside(struct result *result, struct problem *problem)
{
    const char *name;
    int status = check_target(result, problem);
    if (status != STATUS_OK)
        return status;
    int parent = open_parent(result->arena, result->path, &name);
    if (parent < 0)
        return fail(problem, result->target, "cannot be made");
    // Held until our own scratch directory has its lock, so that of two that begin one sees the
    // other.
    while (flock(parent, LOCK_EX) != 0 && errno == EINTR)
        ;
    long maker = clear_dead(result->arena, parent, name);
    char *scratch = arena_format(result->arena, "%s" SCRATCH_TAIL, result->path);
    if (maker != 0) {
        status = problem_set(problem, STATUS_IO, text_of(result->target), PROBLEM_NO_OFF,
                             "is being made by another frost (process %ld)", maker);
    } else if (!mkdtemp(scratch)) {
        status = fail(problem, result->target, "cannot be made");
    } else {
        result->scratch = scratch;
        result->idx = take_place(scratch);
        if (result->idx < 0 || mark(result, true) != 0)
            status = fail(problem, result->target, "cannot be made");
        if (result->idx < 0)
            rmdir(scratch);
        else if (status != STATUS_OK)
            result_abandon(result);
    }
    close(parent);
    return status;
}

// In another result: nobody sees it before that is finished.
static int begin_inside(struct result *result, struct problem *problem)
{
    result->scratch = result->path;
    note(result->path, 'r');
    if (mkdir(result->path, 0777) != 0)
        return fail(problem, result->target, "cannot be made");
    result->idx = take_place(result->path);
    if (result->idx >= 0 && mark(result, false) == 0)
        return STATUS_OK;
    int status = fail(problem, result->target, "cannot be made");
    if (result->idx >= 0)
        result_abandon(result);
    return status;
}

int result_begin(struct arena *arena, const char *target, struct result *result,
                 struct problem *problem)
{
    *result = (struct result){.target = target, .arena = arena, .lock = -1};
    result->path = absolute(arena, result_resolve(arena, target));
    int status = result_holds(result->path) ? begin_inside(result, problem)
                                            : begin_beside(result, problem);
    if (status != STATUS_OK)
        *result = (struct result){.lock = -1};
    return status;
}

const char *result_make_work(struct result *result)
{
    const char *path = arena_format(result->arena, "%s/" RESULT_INNER "/" RESULT_WORK,
                                    result->scratch);
    return mkdir(path, 0700) == 0 ? path : NULL;
}

// ---- end ----

// The scratch directory has been made for its owner alone. Others get what the umask leaves, or
// what they had before.
static void set_mode(const struct result *result)
{
    struct stat info;
    mode_t mask = umask(0);
    umask(mask);
    bool is_there = lstat(result->path, &info) == 0 && S_ISDIR(info.st_mode);
    (void)!chmod(result->scratch, is_there ? info.st_mode & 07777 : 0777 & ~mask);
}

static void remove_result(const char *path, struct arena *arena)
{
    int directory = open_directory(AT_FDCWD, path);
    if (directory < 0)
        return;
    result_list_remove(directory, arena);
    close(directory);
    rmdir(path);
}

static void unlock(struct result *result)
{
    unlink(arena_format(result->arena, "%s/" RESULT_INNER "/" RESULT_LOCK, result->path));
}

// Puts the scratch directory into its place. Result: 0, or -1 with errno.
static int put_in_place(struct result *result)
{
    // An older result and the new one change places, so that there is always one. It has a lock
    // that says its coming name, so that the next job clears it if this one is killed meanwhile.
    int lock = make_lock(result, arena_format(result->arena, "%s/" RESULT_INNER, result->path),
                         O_TRUNC);
    if (lock >= 0)
        close(lock);
    if (renameat2(AT_FDCWD, result->scratch, AT_FDCWD, result->path, RENAME_EXCHANGE) == 0) {
        (void)!chmod(result->scratch, S_IRWXU); // as it was made
        remove_result(result->scratch, result->arena);
        return 0;
    }
    if (rename(result->scratch, result->path) == 0) // nothing was there
        return 0;
    remove_result(result->path, result->arena); // file systems without exchange
    return rename(result->scratch, result->path);
}

int result_finish(struct result *result, struct problem *problem)
{
    int status = STATUS_OK;
    assert(result->target);
    int inner = open_directory(AT_FDCWD,
                               arena_format(result->arena, "%s/" RESULT_INNER, result->scratch));
    if (inner >= 0) {
        result_tree_remove(inner, RESULT_WORK);
        close(inner);
    }
    if (table[result->idx].is_bad) {
        errno = ENOSPC;
        status = fail(problem, result->target, "its list of files cannot be written");
    } else if (result->lock >= 0) {
        status = check_target(result, problem);
        set_mode(result);
        if (status == STATUS_OK) {
            if (put_in_place(result) != 0)
                status = fail(problem, result->target, "cannot be put in its place");
            unlock(result); // also of an earlier result that stays
        }
    }
    if (status == STATUS_OK)
        forget(result);
    else
        result_abandon(result);
    return status;
}

void result_abandon(struct result *result)
{
    if (!result->target)
        return;
    remove_result(result->scratch, NULL);
    forget(result);
}
