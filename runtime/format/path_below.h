// path_below.h: which file of a directory a path names, by its words alone.

#ifndef FROST_FORMAT_PATH_BELOW_H
#define FROST_FORMAT_PATH_BELOW_H

#include <stddef.h>
#include <string.h>

// Without "./" in front.
static inline const char *path_plain(const char *path)
{
    while (path[0] == '.' && path[1] == '/')
        path += 1 + strspn(path + 1, "/");
    return path;
}

// The part of `path` behind `directory`, which may end with '/'; NULL if it does not begin with it.
static inline const char *path_below(const char *path, const char *directory)
{
    directory = path_plain(directory);
    path = path_plain(path);
    size_t bytes = strlen(directory);
    while (bytes > 1 && directory[bytes - 1] == '/')
        bytes--;
    if (bytes == 0 || (bytes == 1 && directory[0] == '.'))
        return path[0] != '/' ? path : NULL;
    return strncmp(path, directory, bytes) == 0 && path[bytes] == '/' ? path + bytes + 1 : NULL;
}

#endif
