// elf_disassemble.c: runs objdump and takes its listing apart.

#include "analyzer/elf/elf_disassemble.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "analyzer/elf/elf_image.h"

#define LISTING_BYTES_MAX (16u << 20)
#define PATIENCE_MS 10000

static const char *const xtensa_programs[] = {
    "xtensa-lx106-elf-objdump", "xtensa-esp8266-elf-objdump", "objdump", "llvm-objdump", NULL};
static const char *const other_programs[] = {"objdump", "llvm-objdump", NULL};

// ---- the process ----

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Everything that comes out of the pipe until it ends. Result: false if it took too long or is too
// much.
static bool read_all(struct arena *arena, int fd, struct text *listing)
{
    size_t room = 64u << 10, used = 0;
    char *buffer = arena_alloc(arena, room);
    int64_t end_ms = now_ms() + PATIENCE_MS;
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int64_t left_ms = end_ms - now_ms();
        if (left_ms <= 0 || room > LISTING_BYTES_MAX)
            return false;
        int ready = poll(&wait, 1, (int)left_ms);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        if (used + 4096 > room) {
            buffer = arena_grow_array(arena, buffer, used, room * 2, 1);
            room *= 2;
        }
        ssize_t got = read(fd, buffer + used, room - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            *listing = (struct text){buffer, used};
            return got == 0;
        }
        used += (size_t)got;
    }
}

static bool start(const char *program, char *const argv[], int out_fd, pid_t *child)
{
    extern char **environ;
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    bool is_set = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) == 0 &&
                  posix_spawn_file_actions_adddup2(&actions, out_fd, 1) == 0 &&
                  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) == 0;
    is_set = is_set && posix_spawnp(child, program, &actions, NULL, argv, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    return is_set;
}

static bool run(struct arena *arena, const char *program, char *const argv[], struct text *listing)
{
    int ends[2];
    pid_t child;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    bool is_started = start(program, argv, ends[1], &child);
    close(ends[1]);
    bool is_read = is_started && read_all(arena, ends[0], listing);
    close(ends[0]);
    if (!is_started)
        return false;
    int status;
    if (!is_read)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return is_read && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// ---- the listing ----

// " 4010:\tadd\ta2, a3": the address, and the rest with single blanks. Result: false for others.
static bool read_line(struct arena *arena, struct text line, struct elf_insn_text *insn)
{
    size_t at = 0;
    uint64_t addr = 0;
    while (at < line.bytes && line.data[at] == ' ')
        at++;
    size_t first = at;
    for (; at < line.bytes && at < first + 16; at++) {
        const char *digits = "0123456789abcdef", *digit = strchr(digits, line.data[at]);
        if (!line.data[at] || !digit)
            break;
        addr = addr << 4 | (uint64_t)(digit - digits);
    }
    if (at == first || at >= line.bytes || line.data[at] != ':')
        return false;
    char *out = arena_alloc(arena, line.bytes - at + 1);
    size_t used = 0;
    for (at++; at < line.bytes; at++) {
        char c = line.data[at] == '\t' ? ' ' : line.data[at];
        if ((unsigned char)c < 32 || (c == ' ' && (used == 0 || out[used - 1] == ' ')))
            continue;
        out[used++] = c;
    }
    while (used && out[used - 1] == ' ')
        used--;
    out[used] = 0;
    *insn = (struct elf_insn_text){addr, out};
    return used > 0;
}

static void read_listing(struct arena *arena, struct text text, uint64_t begin, uint64_t end,
                         struct elf_listing *listing)
{
    size_t line_count = 1;
    for (size_t i = 0; i < text.bytes; i++)
        line_count += text.data[i] == '\n';
    struct elf_insn_text *items = ARENA_NEW_ARRAY(arena, struct elf_insn_text, line_count);
    while (text.bytes) {
        const char *newline = memchr(text.data, '\n', text.bytes);
        size_t bytes = newline ? (size_t)(newline - text.data) : text.bytes;
        struct elf_insn_text *insn = &items[listing->count];
        if (read_line(arena, (struct text){text.data, bytes}, insn) && insn->addr >= begin &&
            insn->addr < end)
            listing->count++;
        bytes += newline != NULL;
        text = (struct text){text.data + bytes, text.bytes - bytes};
    }
    listing->items = items;
}

void elf_disassemble(struct arena *arena, const char *path, unsigned machine, uint64_t begin,
                     uint64_t end, struct elf_listing *listing)
{
    const char *const *program = machine == ELF_MACHINE_XTENSA ? xtensa_programs : other_programs;
    *listing = (struct elf_listing){NULL, 0, NULL};
    for (; *program && listing->count == 0; program++) {
        struct text text;
        char *argv[] = {
            arena_copy_string(arena, *program),
            arena_copy_string(arena, "-d"),
            arena_copy_string(arena, "--no-show-raw-insn"),
            arena_format(arena, "--start-address=0x%" PRIx64, begin),
            arena_format(arena, "--stop-address=0x%" PRIx64, end),
            arena_format(arena, "%s%s", path[0] == '-' ? "./" : "", path),
            NULL,
        };
        if (!run(arena, *program, argv, &text))
            continue;
        read_listing(arena, text, begin, end, listing);
        listing->program = listing->count ? *program : NULL;
    }
}
