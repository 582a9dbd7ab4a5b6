// directory_names.c: flat names as paths below a directory; see directory_names.h.

#include "runtime/port/host/directory_names.h"

#include <assert.h>
#include <string.h>

#define CODE_CHARS 3 // '%' and two digits

static const char nothing[] = "%00", percent[] = "%25", dot[] = "%2E", slash[] = "%2F";

// What the code at `text` stands for: a character, 0 for nothing, -1: it is no code.
static int read_code(const char *text)
{
    if (strncmp(text, nothing, CODE_CHARS) == 0)
        return 0;
    if (strncmp(text, percent, CODE_CHARS) == 0)
        return '%';
    if (strncmp(text, dot, CODE_CHARS) == 0)
        return '.';
    return strncmp(text, slash, CODE_CHARS) == 0 ? '/' : -1;
}

static char *put(char *at, const char *text)
{
    size_t bytes = strlen(text);
    memcpy(at, text, bytes);
    return at + bytes;
}

void directory_spell(const char *name, enum directory_spelling spelling,
                     char path[DIRECTORY_PATH_BYTES])
{
    assert(name[0] != 0);
    assert(strlen(name) <= SPIFFS_NAME_BYTES_MAX);
    char *at = path;
    int is_start = 1; // of a part
    for (; *name; name++) {
        int is_part_start = is_start;
        is_start = *name == '/';
        if (is_start && is_part_start)
            at = put(at, nothing);
        if (is_start)
            at = put(at, spelling == DIRECTORY_TREE ? "/" : slash);
        else if (is_part_start && *name == '.')
            at = put(at, dot);
        else if (*name == '%' && read_code(name) >= 0)
            at = put(at, percent);
        else
            *at++ = *name;
    }
    if (is_start)
        at = put(at, nothing);
    *at = 0;
    if (spelling == DIRECTORY_ENTRY && !strstr(path, slash))
        at = put(at, nothing);
    *at = 0;
    assert(at < path + DIRECTORY_PATH_BYTES);
}

int directory_read_name(const char *path, char name[SPIFFS_NAME_BYTES_MAX + 1])
{
    int bytes = 0;
    while (*path) {
        int code = *path == '%' ? read_code(path) : -1;
        int c = code >= 0 ? code : (unsigned char)*path;
        path += code >= 0 ? CODE_CHARS : 1;
        if (code == 0)
            continue;
        if (bytes == SPIFFS_NAME_BYTES_MAX)
            return -1;
        name[bytes++] = (char)c;
    }
    name[bytes] = 0;
    return bytes;
}
