// result_list.c: compares a directory with its list, and removes by it.

#include "analyzer/base/result_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEPTH_MAX 24
#define ENTRIES_BYTES 2048
#define LIST_HEAD_BYTES (sizeof RESULT_LIST_HEAD - 1)
#define OLD_BYTES 8192 // of a file that is looked at to know an old trace

static bool is_dots(const char *name)
{
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

static int open_directory(int parent, const char *name)
{
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool is_kind(int parent, const char *name, mode_t kind)
{
    struct stat info;
    return fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           (info.st_mode & S_IFMT) == kind;
}

// ---- the list as a text ----

// Maps the list of a directory. Result: its text, {NULL, 0} if there is none.
static struct text map_list(int directory)
{
    struct text list = {NULL, 0};
    struct stat info;
    int inner = open_directory(directory, RESULT_INNER);
    int fd = inner < 0 ? -1
                       : openat(inner, RESULT_LIST, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
        info.st_size >= (off_t)LIST_HEAD_BYTES) {
        void *memory = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (memory != MAP_FAILED)
            list = (struct text){memory, (size_t)info.st_size};
    }
    if (list.data && memcmp(list.data, RESULT_LIST_HEAD, LIST_HEAD_BYTES) != 0) {
        munmap((void *)list.data, list.bytes);
        list = (struct text){NULL, 0};
    }
    if (fd >= 0)
        close(fd);
    if (inner >= 0)
        close(inner);
    return list;
}

static void unmap_list(struct text list)
{
    if (list.data)
        munmap((void *)list.data, list.bytes);
}

// Takes the line that begins at *at: its kind and name. Result: false at the end of the list.
static bool next_line(struct text list, size_t *at, char *kind, struct text *name)
{
    const char *end = *at < list.bytes ? memchr(list.data + *at, '\n', list.bytes - *at) : NULL;
    if (!end)
        return false;
    const char *line = list.data + *at;
    size_t bytes = (size_t)(end - line);
    *at += bytes + 1;
    *kind = bytes > 2 && line[1] == ' ' ? line[0] : '\0'; // the head has no kind
    *name = *kind ? (struct text){line + 2, bytes - 2} : (struct text){line, 0};
    return true;
}

// The kind that the list gives a name, '\0' if it is not on it.
static char kind_of(struct text list, const char *wanted)
{
    struct text name;
    char kind;
    for (size_t at = 0; next_line(list, &at, &kind, &name);)
        if (kind && text_is_equal(name, text_of(wanted)))
            return kind;
    return '\0';
}

// ---- removing ----

// Opens the directory that a listed name lies in. Result: its descriptor, -1 if there is none, or
// the name is none of ours; `last` is the last part of the name.
static int open_place(int directory, struct text name, char last[NAME_MAX + 1])
{
    int place = dup(directory);
    for (size_t at = 0; place >= 0;) {
        size_t bytes = 0;
        while (at + bytes < name.bytes && name.data[at + bytes] != '/')
            bytes++;
        if (bytes == 0 || bytes > NAME_MAX)
            break;
        memcpy(last, name.data + at, bytes);
        last[bytes] = '\0';
        if (is_dots(last))
            break;
        if (at + bytes == name.bytes)
            return place;
        int inner = open_directory(place, last);
        close(place);
        place = inner;
        at += bytes + 1;
    }
    if (place >= 0)
        close(place);
    return -1;
}

static void remove_result(int directory, int depth);

static void remove_name(int directory, char kind, struct text name, int depth)
{
    char last[NAME_MAX + 1];
    int place = open_place(directory, name, last);
    if (place < 0)
        return;
    if (kind == 'f' && is_kind(place, last, S_IFREG))
        unlinkat(place, last, 0);
    int inner = kind == 'r' ? open_directory(place, last) : -1;
    if (inner >= 0) {
        remove_result(inner, depth + 1);
        close(inner);
    }
    if (kind == 'd' || kind == 'r')
        unlinkat(place, last, AT_REMOVEDIR);
    close(place);
}

static void remove_listed(int directory, struct text list, int depth)
{
    struct text name;
    char kind;
    for (size_t at = 0; next_line(list, &at, &kind, &name);)
        if (kind == 'f' || kind == 'r')
            remove_name(directory, kind, name, depth);
    // Directories from the last to the first: those inside others come later.
    for (size_t end = list.bytes; end > 0;) {
        size_t begin = end - 1;
        while (begin > 0 && list.data[begin - 1] != '\n')
            begin--;
        size_t at = begin;
        if (next_line(list, &at, &kind, &name) && kind == 'd')
            remove_name(directory, kind, name, depth);
        end = begin;
    }
}

// True if the list was begun and never got its head: its maker was killed.
static bool is_stub(int inner)
{
    struct stat info;
    return fstatat(inner, RESULT_LIST, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode) &&
           info.st_size < (off_t)LIST_HEAD_BYTES;
}

// The lock goes last: until then it tells the next job whose this is.
static void remove_inner(int directory, bool has_list)
{
    int inner = open_directory(directory, RESULT_INNER);
    if (inner < 0)
        return;
    result_tree_remove(inner, RESULT_WORK);
    if (has_list || is_stub(inner))
        unlinkat(inner, RESULT_LIST, 0);
    if (is_kind(inner, RESULT_LOCK, S_IFREG))
        unlinkat(inner, RESULT_LOCK, 0);
    close(inner);
    unlinkat(directory, RESULT_INNER, AT_REMOVEDIR);
}

static void remove_result(int directory, int depth)
{
    struct text list = depth > DEPTH_MAX ? (struct text){NULL, 0} : map_list(directory);
    if (list.data)
        remove_listed(directory, list, depth);
    if (depth <= DEPTH_MAX)
        remove_inner(directory, list.data != NULL);
    unmap_list(list);
}

// What getdents64 gives (Linux, getdents(2)).
struct entry {
    uint64_t inode;
    int64_t off;
    uint16_t bytes;
    uint8_t type;
    char name[];
};

static void remove_tree(int parent, const char *name, int depth)
{
    _Alignas(struct entry) char entries[ENTRIES_BYTES];
    if (unlinkat(parent, name, 0) == 0 || depth == DEPTH_MAX)
        return;
    int fd = open_directory(parent, name);
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

void result_tree_remove(int parent, const char *name)
{
    remove_tree(parent, name, 0);
}

// ---- traces of older versions ----

static bool has_text(int directory, const char *name, const char *wanted)
{
    char bytes[OLD_BYTES];
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t n = fd >= 0 && is_kind(directory, name, S_IFREG) ? read(fd, bytes, sizeof bytes) : 0;
    if (fd >= 0)
        close(fd);
    return n > 0 && memmem(bytes, (size_t)n, wanted, strlen(wanted)) != NULL;
}

// Makes the list that an old trace would have; {NULL, 0} if the directory has a list, or is not
// surely a trace.
static struct text old_list(int directory, struct arena *arena)
{
    struct text list = map_list(directory);
    bool has_list = list.data != NULL;
    unmap_list(list);
    list = (struct text){NULL, 0};
    int inner = has_list ? -1 : open_directory(directory, RESULT_INNER);
    DIR *entries = inner < 0 ? NULL : fdopendir(inner);
    if (!entries) {
        if (inner >= 0)
            close(inner);
        return list;
    }
    if (has_text(directory, "metadata", "tracer_name = \"frost\"") &&
        has_text(inner, "run.json", "\"frost/run/")) {
        char *text = arena_copy_string(arena,
                                       "f metadata\nf events\nf " RESULT_INNER "/run.json\n");
        for (struct dirent *entry; (entry = readdir(entries));)
            if (text_ends_with(text_of(entry->d_name), ".img"))
                text = arena_format(arena, "%sf " RESULT_INNER "/%s\n", text, entry->d_name);
        list = text_of(text);
    }
    closedir(entries);
    return list;
}

void result_list_remove(int directory, struct arena *arena)
{
    struct text list = arena ? old_list(directory, arena) : (struct text){NULL, 0};
    remove_result(directory, 0);
    if (!list.data)
        return;
    remove_listed(directory, list, 0); // what a list has named is gone
    unlinkat(directory, RESULT_INNER, AT_REMOVEDIR);
}

// ---- comparing ----

static bool covers(int directory, struct text list, const char *prefix, struct arena *arena,
                   const char **other, int depth);

// Looks at one entry: `path` is its name in the whole result.
static bool is_covered(int place, const char *name, const char *path, struct text list,
                       struct arena *arena, const char **other, int depth)
{
    static const char *const implied[] = {RESULT_INNER "/" RESULT_LIST,
                                          RESULT_INNER "/" RESULT_LOCK};
    bool is_inner = !strcmp(path, RESULT_INNER);
    char kind = is_inner ? 'd' : kind_of(list, path);
    for (size_t i = 0; i < sizeof implied / sizeof *implied; i++)
        if (!strcmp(path, implied[i]))
            kind = 'f';
    *other = path;
    if (kind == 'f')
        return is_kind(place, name, S_IFREG);
    int inner = kind ? open_directory(place, name) : -1;
    if (inner < 0)
        return false;
    struct text own = kind == 'r' ? map_list(inner) : list;
    bool result = own.data && covers(inner, own, kind == 'r' ? "" : path, arena, other, depth + 1);
    if (kind == 'r')
        unmap_list(own);
    close(inner);
    return result;
}

static bool covers(int directory, struct text list, const char *prefix, struct arena *arena,
                   const char **other, int depth)
{
    bool result = depth <= DEPTH_MAX;
    int fd = result ? dup(directory) : -1;
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (!entries) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    rewinddir(entries);
    for (struct dirent *entry; result && (entry = readdir(entries));) {
        if (is_dots(entry->d_name))
            continue;
        const char *path = *prefix ? arena_format(arena, "%s/%s", prefix, entry->d_name)
                                   : arena_copy_string(arena, entry->d_name);
        result = is_covered(directory, entry->d_name, path, list, arena, other, depth);
    }
    closedir(entries);
    return result;
}

bool result_list_covers(int directory, struct arena *arena, const char **other)
{
    struct text mapped = map_list(directory);
    struct text list = mapped.data ? mapped : old_list(directory, arena);
    bool result = covers(directory, list, "", arena, other, 0);
    unmap_list(mapped);
    return result;
}
