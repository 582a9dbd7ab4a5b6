// flash_tree.c: walks directories, and writes below them; see flash_tree.h.

#include "analyzer/flash/flash_tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/output.h"
#include "analyzer/base/result.h"
#include "runtime/port/host/directory_names.h"

struct walk {
    struct arena *arena;
    flash_tree_visit visit;
    void *context;
    struct problem *problem;
};

static int fail(struct walk *walk, const char *path)
{
    int status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    return problem_set(walk->problem, status, text_of(path), PROBLEM_NO_OFF, "%s", strerror(errno));
}

static int visit_file(struct walk *walk, const char *path, const char *below)
{
    char name[SPIFFS_NAME_BYTES_MAX + 1], spelled[DIRECTORY_PATH_BYTES];
    if (directory_read_name(below, name) < 1)
        return problem_set(walk->problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                           "a device's names have 1 to %d bytes", SPIFFS_NAME_BYTES_MAX);
    for (int i = 0; i < DIRECTORY_SPELLINGS; i++) {
        directory_spell(name, (enum directory_spelling)i, spelled);
        if (strcmp(spelled, below) == 0)
            return walk->visit(walk->context, name, path, walk->problem);
    }
    return problem_set(walk->problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                       "is the spelling of no name");
}

static int visit_directory(struct walk *walk, const char *path, const char *below);

static int visit_entry(struct walk *walk, const char *directory, const char *below,
                       const char *entry)
{
    struct stat about;
    const char *path = arena_format(walk->arena, "%s/%s", directory, entry);
    const char *next = arena_format(walk->arena, "%s%s%s", below, *below ? "/" : "", entry);
    if (lstat(path, &about) != 0)
        return fail(walk, path);
    if (S_ISREG(about.st_mode))
        return visit_file(walk, path, next);
    bool is_entered = S_ISDIR(about.st_mode) && !result_is(walk->arena, path);
    return is_entered ? visit_directory(walk, path, next) : STATUS_OK;
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

// Recursion: as deep as paths of the system can be.
static int visit_directory(struct walk *walk, const char *path, const char *below)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_shown, alphasort), status = STATUS_OK;
    if (count < 0)
        return fail(walk, path);
    for (int i = 0; i < count; i++) {
        if (status == STATUS_OK)
            status = visit_entry(walk, path, below, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return status;
}

int flash_tree_walk(struct arena *arena, const char *directory, flash_tree_visit visit,
                    void *context, struct problem *problem)
{
    struct walk walk = {arena, visit, context, problem};
    return visit_directory(&walk, directory, "");
}

int flash_tree_write(struct arena *arena, const char *directory, const char *name,
                     struct text content, struct problem *problem)
{
    char spelled[DIRECTORY_PATH_BYTES];
    struct stat about;
    struct output output;
    struct problem blocked = {0};
    directory_spell(name, DIRECTORY_TREE, spelled);
    const char *path = arena_format(arena, "%s/%s", directory, spelled);
    // Something is in its way: a file where a directory would be, or the reverse.
    if (output_make_parents(path, &blocked) != STATUS_OK || lstat(path, &about) == 0) {
        directory_spell(name, DIRECTORY_ENTRY, spelled);
        path = arena_format(arena, "%s/%s", directory, spelled);
    }
    int status = output_make_parents(path, problem);
    if (status == STATUS_OK)
        status = output_open(&output, path, arena, problem);
    if (status != STATUS_OK)
        return status;
    fwrite(content.data, 1, content.bytes, output.file);
    return output_close(&output, problem);
}
