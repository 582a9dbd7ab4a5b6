// elf_debug_file.c: where the debug information lies that was stripped from a program.
//
// Source: gdb's manual, "Separate Debug Files": .gnu_debuglink and .build-id.

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/elf/elf_layout.h"
#include "runtime/format/status.h"

#define DEBUG_ROOT "/usr/lib/debug"

struct build_id {
    const uint8_t *bytes;
    size_t count; // 0: the file has none
};

static struct build_id id_of(Elf *elf)
{
    const void *bytes;
    ssize_t count = dwelf_elf_gnu_build_id(elf, &bytes);
    return count > 0 ? (struct build_id){bytes, (size_t)count} : (struct build_id){0};
}

static bool has_section(Elf *elf, const char *name)
{
    size_t names;
    if (elf_getshdrstrndx(elf, &names) != 0)
        return false;
    for (Elf_Scn *at = NULL; (at = elf_nextscn(elf, at));) {
        GElf_Shdr head;
        const char *own = gelf_getshdr(at, &head) ? elf_strptr(elf, names, head.sh_name) : NULL;
        if (own && strcmp(own, name) == 0 && head.sh_type != SHT_NOBITS)
            return true;
    }
    return false;
}

// Takes the file if it belongs to this build. A file without a build-id is trusted only if the user
// named it, and so is the program then.
static int try_file(struct elf_layout *layout, const char *path, bool is_trusted,
                    struct problem *problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return problem_set(problem, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, text_of(path),
                           PROBLEM_NO_OFF, "cannot open: %s", strerror(errno));
    Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    int status = STATUS_OK;
    struct build_id wanted = id_of(layout->elf);
    struct build_id id = elf && elf_kind(elf) == ELF_K_ELF ? id_of(elf) : (struct build_id){0};
    bool is_known = wanted.count && id.count;
    if (!elf || elf_kind(elf) != ELF_K_ELF)
        status = problem_set(problem, STATUS_DAMAGED, text_of(path), PROBLEM_NO_OFF,
                             "not an ELF file");
    else if (is_known ? wanted.count != id.count || memcmp(wanted.bytes, id.bytes, id.count) != 0
                      : !is_trusted)
        status = problem_set(problem, STATUS_VERSION, text_of(path), PROBLEM_NO_OFF,
                             "has another build-id than the program");
    if (status != STATUS_OK) {
        elf_end(elf);
        close(fd);
        return status;
    }
    layout->debug = elf;
    layout->debug_fd = fd;
    layout->debug_path = path;
    layout->has_debug_info |= has_section(elf, ".debug_info") || has_section(elf, ".zdebug_info");
    return STATUS_OK;
}

static bool find_by_link(struct arena *arena, struct elf_layout *layout)
{
    struct text path = text_of(layout->path);
    int directory = (int)(path.bytes - text_base_name(path).bytes);
    const char *places[] = {
        arena_format(arena, "%.*s%s", directory, layout->path, layout->debug_link),
        arena_format(arena, "%.*s.debug/%s", directory, layout->path, layout->debug_link),
        arena_format(arena, DEBUG_ROOT "/%.*s%s", directory, layout->path, layout->debug_link)};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct problem ignored = {0};
        if (strcmp(places[i], layout->path) != 0 &&
            try_file(layout, places[i], false, &ignored) == STATUS_OK)
            return true;
    }
    return false;
}

static bool find_by_id(struct arena *arena, struct elf_layout *layout)
{
    struct build_id id = id_of(layout->elf);
    struct problem ignored = {0};
    if (id.count < 2 || id.count > 64)
        return false;
    char *path = arena_format(arena, DEBUG_ROOT "/.build-id/%02x/", id.bytes[0]);
    for (size_t i = 1; i < id.count; i++)
        path = arena_format(arena, "%s%02x", path, id.bytes[i]);
    return try_file(layout, arena_format(arena, "%s.debug", path), false, &ignored) == STATUS_OK;
}

int elf_debug_file_open(struct arena *arena, struct elf_layout *layout, const char *debug_path,
                        struct problem *problem)
{
    if (debug_path)
        return try_file(layout, debug_path, true, problem);
    if (!layout->debug_link || strchr(layout->debug_link, '/') || !find_by_link(arena, layout))
        (void)!find_by_id(arena, layout);
    return STATUS_OK;
}
