// elf_demangle.c: names of C++ and Rust, through libiberty.

#include "analyzer/elf/elf_demangle.h"

#include <libiberty/demangle.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES_MAX 4096u // longer ones stay as they are: what they stand for can be huge

const char *elf_demangle(struct arena *arena, const char *name)
{
    if (name[0] != '_' || (name[1] != 'Z' && name[1] != 'R') || strlen(name) > NAME_BYTES_MAX)
        return name;
    char *plain = cplus_demangle(name, DMGL_PARAMS | DMGL_ANSI);
    if (!plain)
        return name;
    const char *copy = strlen(plain) <= 4 * NAME_BYTES_MAX ? arena_copy_string(arena, plain) : name;
    free(plain);
    return copy;
}
