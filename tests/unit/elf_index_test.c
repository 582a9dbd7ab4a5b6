// elf_index_test.c: the index against addr2line, on frost itself and on the VM; bad files.

#include "tests/support/tap.h"

#include <stdbool.h>

#include "analyzer/elf/elf_index.h"
#include "runtime/format/status.h"

#define SAMPLES 3000

static struct arena arena;

static const char *built(const char *name)
{
    const char *directory = getenv("O");
    return arena_format(&arena, "%s/%s", directory ? directory : "build", name);
}

static struct elf_index *opened(const char *path)
{
    struct elf_index *index = NULL;
    struct problem problem = {0};
    int status = elf_index_open(&arena, path, &index, &problem);
    CHECK(status == STATUS_OK);
    return status == STATUS_OK ? index : NULL;
}

// Addresses spread over the functions. Left out is the padding between them, which addr2line counts
// to the one before.
static uint64_t sample(const struct elf_index *index, uint32_t n)
{
    uint64_t seed = n * 0x9e3779b97f4a7c15u + (uint64_t)test_seed();
    uint32_t count = elf_index_figures(index).range_count;
    for (uint32_t at = (uint32_t)(seed % count);; at = (at + 1) % count) {
        uint64_t begin, end;
        struct elf_frame frame;
        elf_index_range(index, at, &begin, &end);
        if (elf_index_find(index, begin, &frame) && frame.function)
            return end > begin ? begin + (seed >> 32) % (end - begin) : begin;
    }
}

static const char *base_name(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path;
}

static void cut_line(char *line)
{
    line[strcspn(line, "\n")] = 0;
    char *note = strstr(line, " (discriminator");
    if (note)
        *note = 0;
}

struct tally {
    int asked, lines_equal, functions_equal, frames, frames_equal;
};

// addr2line names the unit's file for lines of functions that a header has and that were not
// inlined.
static bool is_of_header(const char *mine, const char *theirs)
{
    const char *line = strstr(mine, ".h:"), *their_line = strstr(theirs, ".c:");
    return line && their_line && strcmp(line + 3, their_line + 3) == 0;
}

// One frame as addr2line prints it: a function, then FILE:LINE.
static void compare_frame(const struct elf_frame *frame, const char *function, const char *place,
                          bool is_innermost, struct tally *tally)
{
    char mine[512];
    snprintf(mine, sizeof mine, "%s:%u", frame->file ? base_name(frame->file) : "??", frame->line);
    bool place_equal = strcmp(mine, base_name(place)) == 0 || is_of_header(mine, base_name(place));
    // Line 0 is printed as "?".
    if (frame->line == 0)
        place_equal |= strcmp(place + strlen(place) - 2, ":?") == 0 || strstr(place, "??:");
    bool function_equal = strcmp(frame->function ? frame->function : "??", function) == 0;
    tally->frames++;
    tally->frames_equal += place_equal && function_equal;
    if (is_innermost) {
        tally->lines_equal += place_equal;
        tally->functions_equal += function_equal;
    }
}

// Asks addr2line for all samples at once: -a prints each address before its frames.
static struct tally compare(const char *path, const struct elf_index *index)
{
    struct tally tally = {0};
    char list[] = "/tmp/frost-elf.XXXXXX", command[512];
    int fd = mkstemp(list);
    FILE *file = fdopen(fd, "w");
    for (uint32_t n = 0; n < SAMPLES; n++)
        fprintf(file, "0x%llx\n", (unsigned long long)sample(index, n));
    fclose(file);
    snprintf(command, sizeof command, "addr2line -a -f -i -e '%s' <%s", path, list);
    FILE *answers = popen(command, "r");
    struct elf_frame frames[ELF_CHAIN_MAX];
    size_t count = 0, at = 0;
    char function[4096], place[4096];
    while (fgets(function, sizeof function, answers)) {
        cut_line(function);
        if (strncmp(function, "0x", 2) == 0) {
            count = elf_index_chain(index, strtoull(function, NULL, 16), frames, ELF_CHAIN_MAX);
            at = 0;
            tally.asked++;
            continue;
        }
        if (!fgets(place, sizeof place, answers))
            break;
        cut_line(place);
        struct elf_frame none = {0};
        compare_frame(at < count ? &frames[at] : &none, function, place, at == 0, &tally);
        at++;
    }
    pclose(answers);
    unlink(list);
    printf("# %s: of %d addresses %d lines and %d functions equal, of %d frames %d\n", path,
           tally.asked, tally.lines_equal, tally.functions_equal, tally.frames, tally.frames_equal);
    return tally;
}

static void check_program(const char *path)
{
    arena_init(&arena);
    struct elf_index *index = opened(path);
    if (!index)
        return;
    CHECK(elf_index_figures(index).unit_count > 20);
    struct tally tally = compare(path, index);
    CHECK(tally.asked == SAMPLES);
    // Between two rows of one address the two choose differently now and then.
    CHECK(tally.lines_equal >= tally.asked * 99 / 100);
    CHECK(tally.functions_equal >= tally.asked * 99 / 100);
    CHECK(tally.frames_equal >= tally.frames * 98 / 100);
    arena_deinit(&arena);
}

TEST(agrees_with_addr2line_on_frost)
{
    arena_init(&arena);
    check_program(built("frost"));
}

TEST(agrees_with_addr2line_on_the_vm)
{
    arena_init(&arena);
    check_program(built("libexec/frost/frostvm-float-probed"));
}

TEST(names_relative_files_and_a_build_id)
{
    arena_init(&arena);
    const char *path = built("libexec/frost/frostvm-float-plain");
    struct elf_index *index = opened(path);
    struct elf_figures figures = elf_index_figures(index);
    int found = 0;
    for (uint32_t n = 0; n < figures.range_count; n++) {
        uint64_t begin, end;
        struct elf_frame frame;
        elf_index_range(index, n, &begin, &end);
        if (!elf_index_find(index, begin, &frame) || !frame.function || !frame.file)
            continue;
        CHECK(frame.file[0] != '.');
        found |= strcmp(frame.function, "vm_execute") == 0 &&
                 strcmp(frame.file, "runtime/core/vm.c") == 0;
    }
    CHECK(found);
    CHECK(strlen(elf_index_build_id(index)) == 40);
    CHECK_TEXT(elf_build_id_read(&arena, path), elf_index_build_id(index));
    CHECK(elf_build_id_read(&arena, "tests/run") == NULL);
}

TEST(knows_nothing_outside_the_code)
{
    arena_init(&arena);
    struct elf_index *index = opened(built("libexec/frost/frostvm-float-plain"));
    struct elf_frame frames[2];
    CHECK(elf_index_find(index, 0, &frames[0]) == 0);
    CHECK(elf_index_find(index, 0x3FFE8000, &frames[0]) == 0);
    CHECK(elf_index_find(index, UINT64_MAX, &frames[0]) == 0);
    CHECK(elf_index_chain(index, UINT64_MAX, frames, 2) == 0);
    CHECK(elf_index_chain(index, 0x401000, frames, 0) == 0);
}

// The chip's compiler, with sections dropped by the linker.
TEST(reads_xtensa_programs)
{
    static const char source[] = "volatile int x;\n"
                                 "static inline __attribute__((always_inline)) int deep(int a)\n"
                                 "{\n"
                                 "    x = a;\n"
                                 "    return x * 3;\n"
                                 "}\n"
                                 "int dropped(int a) { return deep(a) + 7; }\n"
                                 "__attribute__((noinline)) int outer(int a)\n"
                                 "{\n"
                                 "    return deep(a + 1);\n"
                                 "}\n"
                                 "void _start(void) { x = outer(x); }\n";
    arena_init(&arena);
    char directory[] = "/tmp/frost-elf.XXXXXX";
    CHECK(mkdtemp(directory) != NULL);
    const char *elf = arena_format(&arena, "%s/x.elf", directory);
    FILE *file = fopen(arena_format(&arena, "%s/x.c", directory), "w");
    fputs(source, file);
    fclose(file);
    CHECK(system(arena_format(&arena,
                              "cd %s && xtensa-lx106-elf-gcc -g -O2 -ffunction-sections -nostdlib "
                              "-Wl,--gc-sections -o x.elf x.c",
                              directory)) == 0);
    struct elf_index *index = opened(elf);
    int has_chain = 0, has_dropped = 0;
    for (uint32_t n = 0; index && n < elf_index_figures(index).range_count; n++) {
        uint64_t begin, end;
        struct elf_frame frames[ELF_CHAIN_MAX];
        elf_index_range(index, n, &begin, &end);
        size_t count = elf_index_chain(index, begin, frames, ELF_CHAIN_MAX);
        for (size_t i = 0; i < count; i++)
            has_dropped |= frames[i].function && strcmp(frames[i].function, "dropped") == 0;
        if (count != 2 || !frames[0].function || strcmp(frames[0].function, "deep") != 0)
            continue;
        CHECK(frames[0].line == 4 || frames[0].line == 5);
        CHECK_TEXT(frames[1].function, "outer");
        CHECK_TEXT(base_name(frames[1].file), "x.c");
        CHECK(frames[1].line == 10);
        has_chain = 1;
    }
    CHECK(has_chain);
    CHECK(!has_dropped);
    CHECK(system(arena_format(&arena, "rm -r %s", directory)) == 0);
}

// The id of a program without a build id that is made of `source`.
static const char *content_id(const char *source, const char *options)
{
    char directory[] = "/tmp/frost-elf.XXXXXX";
    CHECK(mkdtemp(directory) != NULL);
    FILE *file = fopen(arena_format(&arena, "%s/x.c", directory), "w");
    fputs(source, file);
    fclose(file);
    CHECK(system(arena_format(&arena,
                              "cd %s && xtensa-lx106-elf-gcc -nostdlib -nostartfiles "
                              "-Wl,--build-id=none %s -o x.elf x.c",
                              directory, options)) == 0);
    const char *id = elf_build_id_read(&arena, arena_format(&arena, "%s/x.elf", directory));
    CHECK(system(arena_format(&arena, "rm -r %s", directory)) == 0);
    return id;
}

// Code, data and their addresses make it; what is not loaded does not.
TEST(tells_programs_without_a_build_id_apart)
{
    static const char source[] = "int x = 5; void _start(void) { x++; }\n";
    arena_init(&arena);
    const char *id = content_id(source, "-Wl,-Ttext=0x40100000,-Tdata=0x3ffe8000");
    CHECK(id != NULL && strlen(id) == 16);
    CHECK_TEXT(content_id(source, "-g -Wl,-Ttext=0x40100000,-Tdata=0x3ffe8000"), id);
    const char *changed = content_id("int x = 6; void _start(void) { x++; }\n",
                                     "-Wl,-Ttext=0x40100000,-Tdata=0x3ffe8000");
    CHECK(changed && strcmp(changed, id) != 0);
    const char *first = content_id("const int x = 5;\n", "-Wl,-e0,--section-start=.rodata=0x1000");
    const char *moved = content_id("const int x = 5;\n", "-Wl,-e0,--section-start=.rodata=0x2000");
    CHECK(first && moved && strcmp(moved, first) != 0);
    CHECK(content_id("", "-c") == NULL);
    arena_deinit(&arena);
}

static int status_of(const void *data, size_t bytes)
{
    char path[] = "/tmp/frost-elf.XXXXXX";
    int fd = mkstemp(path);
    ssize_t written = write(fd, data, bytes);
    close(fd);
    struct elf_index *index;
    struct problem problem = {0};
    int status = elf_index_open(&arena, path, &index, &problem);
    unlink(path);
    CHECK(written == (ssize_t)bytes);
    return status;
}

TEST(refuses_what_is_no_elf_file)
{
    arena_init(&arena);
    struct elf_index *index;
    struct problem problem = {0};
    CHECK(elf_index_open(&arena, "/nonexistent/x", &index, &problem) == STATUS_NOT_FOUND);
    CHECK(status_of("", 0) == STATUS_DAMAGED);
    CHECK(status_of("text, not a program\n", 20) == STATUS_DAMAGED);
}

// Cut and bent files may be refused or give less, but neither crash nor hang.
TEST(survives_cuts_and_flips)
{
    arena_init(&arena);
    FILE *file = fopen(built("tests/options_test"), "rb");
    CHECK(file != NULL);
    static uint8_t data[4u << 20], bent[4u << 20];
    size_t bytes = fread(data, 1, sizeof data, file);
    fclose(file);
    for (size_t n = 0; n < 24; n++)
        (void)status_of(data, bytes * n / 24);
    srand((unsigned)test_seed());
    for (int n = 0; n < 40; n++) {
        memcpy(bent, data, bytes);
        for (int i = 0; i < 64; i++)
            bent[(size_t)rand() % bytes] ^= (uint8_t)(1 << rand() % 8);
        (void)status_of(bent, bytes);
    }
    CHECK(bytes > 1000);
}

TEST_MAIN
