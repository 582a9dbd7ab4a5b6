// loads.c: loads of the flash window that the compiler and the linker report (traced build only).
//
// Reads: nothing but the addresses it is given. Writes: flash_load counters.
// gcc puts a call of __asan_loadN_noabort before every load of the instrumented sources
// (-fsanitize=kernel-address with outlined calls and no writes; this file and the rest of
// runtime/probe are not instrumented). What libc reads on behalf of those sources is invisible to
// the compiler, so the linker leads calls of the block and string functions here (--wrap): on the
// chip these are routines of the mask ROM that read by words, so each counts as one load of four
// bytes per word that it looks at. printf's own reads are not seen.
// Context: the interpreter's thread, anywhere in the runtime. Loads inside probes do not count.

#include "runtime/probe/probe.h"

#ifdef FROST_TRACED

#include <string.h>

#include "runtime/format/address_map.h"
#include "runtime/probe/loads.h"
#include "runtime/probe/writer.h"

const uint32_t *probe_pc;

static struct lua_State *running; // whose site loads have
static int is_booted;             // no events before the first `boot`

struct lua_State *probe_thread(struct lua_State *L)
{
    struct lua_State *before = running;
    running = L;
    return before;
}

void loads_boot(void)
{
    running = NULL;
    probe_pc = NULL;
    is_booted = 1;
}

static inline int is_wanted(void)
{
    return is_booted && probe_writer.is_on && !probe_writer.is_busy && !probe_writer.is_inside;
}

// ---- loads that gcc reports ----

// Whole words as such, the bytes of others one by one.
static __attribute__((noinline)) void note_load(uintptr_t addr, size_t bytes, uint32_t pc)
{
    if (!is_wanted())
        return;
    if (bytes == 2 && addr % 2 == 0) {
        probe_flash_load(running, (uint32_t)addr, 2, pc);
        return;
    }
    uintptr_t end = addr + bytes;
    while (addr < end) {
        unsigned width = addr % 4 == 0 && end - addr >= 4 ? 4 : 1;
        probe_flash_load(running, (uint32_t)addr, width, pc);
        addr += width;
    }
}

#define CALLER() ((uint32_t)(uintptr_t)__builtin_return_address(0))
// The return address lies after the call, so it may belong to the next line: one byte less does
// not.
#define NOTE(addr, bytes)                                                                          \
    do {                                                                                           \
        if (__builtin_expect((addr) - (uintptr_t)WINDOW_ADDR < WINDOW_BYTES, 0))                   \
            note_load(addr, bytes, CALLER() - 1);                                                  \
    } while (0)

void __asan_load1_noabort(uintptr_t addr);
void __asan_load2_noabort(uintptr_t addr);
void __asan_load4_noabort(uintptr_t addr);
void __asan_load8_noabort(uintptr_t addr);
void __asan_load16_noabort(uintptr_t addr);
void __asan_loadN_noabort(uintptr_t addr, size_t bytes);
void __asan_handle_no_return(void);

void __asan_load1_noabort(uintptr_t addr)
{
    NOTE(addr, 1);
}

void __asan_load2_noabort(uintptr_t addr)
{
    NOTE(addr, 2);
}

void __asan_load4_noabort(uintptr_t addr)
{
    NOTE(addr, 4);
}

void __asan_load8_noabort(uintptr_t addr)
{
    NOTE(addr, 8);
}

void __asan_load16_noabort(uintptr_t addr)
{
    NOTE(addr, 16);
}

void __asan_loadN_noabort(uintptr_t addr, size_t bytes)
{
    NOTE(addr, bytes);
}

void __asan_handle_no_return(void)
{
}

// ---- block and string functions of libc ----

static __attribute__((noinline)) void note_words(uintptr_t addr, size_t bytes, uint32_t pc)
{
    if (!is_wanted() || bytes == 0)
        return;
    uintptr_t end = addr + bytes;
    for (addr &= ~(uintptr_t)3; addr < end; addr += 4)
        probe_flash_load(running, (uint32_t)addr, 4, pc);
}

#define NOTE_WORDS(data, bytes)                                                                    \
    do {                                                                                           \
        if (__builtin_expect(IN_WINDOW(data), 0) && (uintptr_t)(data) >> 32 == 0)                  \
            note_words((uintptr_t)(data), bytes, CALLER() - 1);                                    \
    } while (0)

// Name of libc's function, and of ours in its place.
#define REAL(name) __real_##name
#define WRAP(name) __wrap_##name
#define WRAPPED(result, name, ...)                                                                 \
    result REAL(name)(__VA_ARGS__);                                                                \
    result WRAP(name)(__VA_ARGS__);                                                                \
    result WRAP(name)(__VA_ARGS__)

// How many characters a comparison looks at: up to the first difference and with it.
static size_t same_bytes(const char *a, const char *b, size_t bytes_max, int stops_at_nul)
{
    size_t n = 0;
    while (n < bytes_max && a[n] == b[n] && !(stops_at_nul && a[n] == 0))
        n++;
    return n < bytes_max ? n + 1 : n;
}

WRAPPED(void *, memcpy, void *to, const void *from, size_t bytes)
{
    NOTE_WORDS(from, bytes);
    return REAL(memcpy)(to, from, bytes);
}

WRAPPED(void *, memmove, void *to, const void *from, size_t bytes)
{
    NOTE_WORDS(from, bytes);
    return REAL(memmove)(to, from, bytes);
}

WRAPPED(int, memcmp, const void *a, const void *b, size_t bytes)
{
    if (IN_WINDOW(a) || IN_WINDOW(b)) {
        size_t read = same_bytes(a, b, bytes, 0);
        NOTE_WORDS(a, read);
        NOTE_WORDS(b, read);
    }
    return REAL(memcmp)(a, b, bytes);
}

WRAPPED(void *, memchr, const void *data, int c, size_t bytes)
{
    void *found = REAL(memchr)(data, c, bytes);
    NOTE_WORDS(data, found ? (size_t)((char *)found - (const char *)data) + 1 : bytes);
    return found;
}

WRAPPED(size_t, strlen, const char *text)
{
    size_t bytes = REAL(strlen)(text);
    NOTE_WORDS(text, bytes + 1);
    return bytes;
}

WRAPPED(int, strcmp, const char *a, const char *b)
{
    if (IN_WINDOW(a) || IN_WINDOW(b)) {
        size_t read = same_bytes(a, b, SIZE_MAX, 1);
        NOTE_WORDS(a, read);
        NOTE_WORDS(b, read);
    }
    return REAL(strcmp)(a, b);
}

WRAPPED(int, strncmp, const char *a, const char *b, size_t bytes)
{
    if (IN_WINDOW(a) || IN_WINDOW(b)) {
        size_t read = same_bytes(a, b, bytes, 1);
        NOTE_WORDS(a, read);
        NOTE_WORDS(b, read);
    }
    return REAL(strncmp)(a, b, bytes);
}

WRAPPED(char *, strchr, const char *text, int c)
{
    char *found = REAL(strchr)(text, c);
    NOTE_WORDS(text, found ? (size_t)(found - text) + 1 : REAL(strlen)(text) + 1);
    return found;
}

WRAPPED(char *, strrchr, const char *text, int c)
{
    NOTE_WORDS(text, REAL(strlen)(text) + 1);
    return REAL(strrchr)(text, c);
}

WRAPPED(char *, strstr, const char *text, const char *wanted)
{
    char *found = REAL(strstr)(text, wanted);
    size_t wanted_bytes = REAL(strlen)(wanted);
    NOTE_WORDS(text, found ? (size_t)(found - text) + wanted_bytes : REAL(strlen)(text) + 1);
    NOTE_WORDS(wanted, wanted_bytes + 1);
    return found;
}

WRAPPED(size_t, strspn, const char *text, const char *set)
{
    size_t bytes = REAL(strspn)(text, set);
    NOTE_WORDS(text, bytes + 1);
    return bytes;
}

WRAPPED(size_t, strcspn, const char *text, const char *set)
{
    size_t bytes = REAL(strcspn)(text, set);
    NOTE_WORDS(text, bytes + 1);
    return bytes;
}

WRAPPED(char *, strpbrk, const char *text, const char *set)
{
    char *found = REAL(strpbrk)(text, set);
    NOTE_WORDS(text, found ? (size_t)(found - text) + 1 : REAL(strlen)(text) + 1);
    return found;
}

#endif
