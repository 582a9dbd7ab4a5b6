// base_test.c: arena, cursor, output, Lua literals.

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/cursor.h"
#include "analyzer/base/lua_literal.h"
#include "analyzer/base/number_text.h"
#include "analyzer/base/output.h"
#include "runtime/format/status.h"

#include "tests/support/tap.h"

// ---- arena ----

TEST(arena_gives_aligned_zeroed_memory)
{
    struct arena arena;
    arena_init(&arena);
    for (size_t bytes = 0; bytes < 3 * ARENA_CHUNK_BYTES; bytes = bytes * 2 + 7) {
        unsigned char *object = arena_alloc(&arena, bytes);
        CHECK_EQUAL((uintptr_t)object % 16, 0);
        for (size_t i = 0; i < bytes; i++)
            if (object[i] != 0) {
                CHECK(!"memory is zeroed");
                break;
            }
        memset(object, 0xa5, bytes);
    }
    arena_deinit(&arena);
    CHECK_EQUAL(arena_total_bytes(), 0);
}

TEST(arena_goes_back_to_a_mark)
{
    struct arena arena;
    arena_init(&arena);
    char *kept = arena_copy_string(&arena, "kept");
    struct arena_mark mark = arena_mark(&arena);
    uint64_t before = arena.used_bytes;
    for (int i = 0; i < 100; i++)
        memset(arena_alloc(&arena, 50000), 0xff, 50000);
    arena_rewind(&arena, mark);
    CHECK_EQUAL(arena.used_bytes, before);
    CHECK_TEXT(kept, "kept");
    unsigned char *again = arena_alloc(&arena, 50000);
    CHECK(again[0] == 0 && again[49999] == 0);
    arena_deinit(&arena);
}

// A rewind to the beginning of a chunk keeps it: the next one is the same memory, zeroed.
TEST(arena_keeps_a_chunk_at_a_rewind)
{
    struct arena arena;
    arena_init(&arena);
    struct arena_mark mark = arena_mark(&arena);
    for (int round = 0; round < 3; round++) {
        for (int chunk = 0; chunk < 3; chunk++)
            for (unsigned i = 0; i < ARENA_CHUNK_BYTES / 50000; i++) {
                unsigned char *object = arena_alloc(&arena, 50000);
                CHECK(object[0] == 0 && object[49999] == 0);
                memset(object, 0xff, 50000);
            }
        arena_rewind(&arena, mark);
        CHECK_EQUAL(arena.used_bytes, 0);
        CHECK(arena_total_bytes() <= ARENA_CHUNK_BYTES);
    }
    arena_deinit(&arena);
    CHECK_EQUAL(arena_total_bytes(), 0);
}

TEST(arena_ends_the_program_at_its_limit)
{
    pid_t child = fork();
    if (child == 0) {
        struct arena arena;
        arena_init(&arena);
        close(STDERR_FILENO);
        arena_set_memory_limit(4 << 20);
        for (int i = 0; i < 10; i++)
            arena_alloc(&arena, 1 << 20);
        _exit(0);
    }
    int state;
    waitpid(child, &state, 0);
    CHECK(WIFEXITED(state));
    CHECK_EQUAL(WEXITSTATUS(state), EXIT_STATUS_ENVIRONMENT);
}

#ifndef __SANITIZE_ADDRESS__ // whose shadow needs all the address space

#define WITHOUT_ROOM 99

static void *map(size_t bytes)
{
    return mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void need_room(void)
{
    if (map(128 << 10) == MAP_FAILED)
        _exit(WITHOUT_ROOM);
}

// What the program does at its end has room, though not a page was left.
TEST(arena_gives_back_a_reserve_at_the_end_of_memory)
{
    pid_t child = fork();
    if (child == 0) {
        struct arena arena;
        struct rlimit limit = {.rlim_cur = 64 << 20, .rlim_max = 64 << 20};
        arena_init(&arena);
        close(STDERR_FILENO);
        atexit(need_room);
        setrlimit(RLIMIT_AS, &limit);
        arena_alloc(&arena, 1 << 20);
        for (size_t bytes = 1 << 20; bytes >= 4096; bytes /= 2)
            while (map(bytes) != MAP_FAILED)
                continue;
        arena_alloc(&arena, 1 << 20);
        _exit(0);
    }
    int state;
    waitpid(child, &state, 0);
    CHECK(WIFEXITED(state));
    CHECK_EQUAL(WEXITSTATUS(state), EXIT_STATUS_ENVIRONMENT);
}

#endif

#define LARGE ((size_t)1 << 20) // has a chunk of its own

TEST(arena_grows_a_large_array_without_waste)
{
    struct arena arena;
    arena_init(&arena);
    uint32_t *small = ARENA_NEW_ARRAY(&arena, uint32_t, 4);
    uint32_t *items = ARENA_NEW_ARRAY(&arena, uint32_t, LARGE);
    uint64_t before = arena_total_bytes();
    small[3] = 33;
    for (uint32_t i = 0; i < LARGE; i++)
        items[i] = i;
    struct arena_mark mark = arena_mark(&arena);
    arena_copy_string(&arena, "later");
    items = arena_regrow_array(&arena, items, LARGE, 4 * LARGE, sizeof *items);
    for (uint32_t i = 0; i < 4 * LARGE; i++)
        if (items[i] != (i < LARGE ? i : 0))
            CHECK_EQUAL(items[i], i);
    arena_rewind(&arena, mark);
    CHECK(arena_total_bytes() <= before + 3 * LARGE * sizeof *items + ARENA_CHUNK_BYTES);
    CHECK_EQUAL(items[LARGE - 1], LARGE - 1);
    small = arena_regrow_array(&arena, small, 4, 8, sizeof *small);
    CHECK_EQUAL(small[3], 33);
    CHECK_EQUAL(small[7], 0);
    arena_deinit(&arena);
    CHECK_EQUAL(arena_total_bytes(), 0);
}

TEST(arena_takes_back_a_large_object)
{
    struct arena arena;
    arena_init(&arena);
    char *object = arena_alloc(&arena, LARGE);
    struct arena_mark mark = arena_mark(&arena);
    char *kept = arena_copy_string(&arena, "kept");
    uint64_t total = arena_total_bytes(), used = arena.used_bytes;
    arena_give_back(&arena, object);
    CHECK_EQUAL(arena_total_bytes(), total - LARGE);
    CHECK_EQUAL(arena.used_bytes, used - LARGE);
    arena_give_back(&arena, kept + 1); // no object of its own
    CHECK_TEXT(kept, "kept");
    arena_rewind(&arena, mark);
    arena_deinit(&arena);
    CHECK_EQUAL(arena_total_bytes(), 0);
}

// Status of a process whose array grows beyond the limit.
static int grow_beyond(uint64_t limit)
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct arena arena;
        arena_init(&arena);
        char *items = arena_alloc(&arena, LARGE);
        arena_set_memory_limit(limit);
        close(STDERR_FILENO);
        arena_regrow_array(&arena, items, LARGE, 4 * LARGE, 1);
        _exit(0);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(arena_grows_up_to_its_limit)
{
    CHECK_EQUAL(grow_beyond(4 * LARGE), 0);
    CHECK_EQUAL(grow_beyond(4 * LARGE - 1), EXIT_STATUS_ENVIRONMENT);
}

TEST(arena_formats_and_grows)
{
    struct arena arena;
    arena_init(&arena);
    CHECK_TEXT(arena_format(&arena, "%d and %s", 7, "eight"), "7 and eight");
    uint32_t *items = ARENA_NEW_ARRAY(&arena, uint32_t, 3);
    items[2] = 9;
    items = arena_grow_array(&arena, items, 3, 6, sizeof *items);
    CHECK(items[2] == 9 && items[5] == 0);
    arena_deinit(&arena);
}

// ---- cursor ----

TEST(cursor_reads_little_endian)
{
    static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    struct cursor cursor;
    cursor_init(&cursor, bytes, sizeof bytes, 100);
    CHECK_EQUAL(cursor_u8(&cursor, "a"), 1);
    CHECK_EQUAL(cursor_u16(&cursor, "b"), 0x0302);
    CHECK_EQUAL(cursor_u32(&cursor, "c"), 0x07060504);
    CHECK_EQUAL(cursor_off(&cursor), 107);
    CHECK(cursor_u64(&cursor, "d") == UINT64_C(0x0f0e0d0c0b0a0908));
    CHECK_EQUAL(cursor.status, STATUS_OK);
    CHECK_EQUAL(cursor_left(&cursor), 0);
}

TEST(cursor_keeps_its_first_failure)
{
    static const uint8_t bytes[] = {1, 2, 3};
    struct cursor cursor;
    cursor_init(&cursor, bytes, sizeof bytes, 0);
    CHECK_EQUAL(cursor_u16(&cursor, "head"), 0x0201);
    CHECK_EQUAL(cursor_u32(&cursor, "count"), 0);
    CHECK_EQUAL(cursor_u8(&cursor, "later"), 0);
    CHECK_EQUAL(cursor.status, STATUS_CUT_OFF);
    CHECK_EQUAL(cursor.fail_off, 2);
    CHECK_TEXT(cursor.fail_what, "count");
    CHECK_EQUAL(cursor_left(&cursor), 0);
}

TEST(cursor_aligns_from_the_start_of_the_file)
{
    static const uint8_t bytes[8];
    struct cursor cursor;
    cursor_init(&cursor, bytes, sizeof bytes, 5);
    cursor_align(&cursor, 4, "padding");
    CHECK_EQUAL(cursor_off(&cursor), 8);
    cursor_align(&cursor, 4, "padding");
    CHECK_EQUAL(cursor_off(&cursor), 8);
}

// ---- output ----

static char directory[] = "/tmp/frost-base-test.XXXXXX";

static const char *path_of(struct arena *arena, const char *name)
{
    return arena_format(arena, "%s/%s", directory, name);
}

static unsigned count_files(void)
{
    struct arena arena;
    arena_init(&arena);
    FILE *list = popen(arena_format(&arena, "ls -A %s | wc -l", directory), "r");
    unsigned count = 999;
    if (fscanf(list, "%u", &count) != 1)
        count = 999;
    pclose(list);
    arena_deinit(&arena);
    return count;
}

TEST(output_appears_whole_or_not_at_all)
{
    struct arena arena;
    struct output output;
    struct problem problem = {0};
    struct text content;
    arena_init(&arena);
    CHECK(mkdtemp(directory) != NULL);
    const char *path = path_of(&arena, "file");
    CHECK_EQUAL(output_open(&output, path, &arena, &problem), STATUS_OK);
    fputs("first", output.file);
    CHECK(access(path, F_OK) != 0);
    CHECK_EQUAL(output_close(&output, &problem), STATUS_OK);
    CHECK_EQUAL(output_open(&output, path, &arena, &problem), STATUS_OK);
    fputs("second", output.file);
    output_abandon(&output);
    CHECK_EQUAL(input_read(path, 100, &arena, &content, &problem), STATUS_OK);
    CHECK_TEXT(content.data, "first");
    CHECK_EQUAL(count_files(), 1);
    unlink(path);
    rmdir(directory);
    arena_deinit(&arena);
}

TEST(output_notices_a_full_disk)
{
    struct arena arena;
    struct output output;
    struct problem problem = {0};
    arena_init(&arena);
    if (access("/dev/full", W_OK) == 0) {
        CHECK_EQUAL(output_open(&output, "/dev/full", &arena, &problem), STATUS_OK);
        fputs("lost", output.file);
        CHECK_EQUAL(output_close(&output, &problem), STATUS_NO_SPACE);
        CHECK_EQUAL(problem.status, STATUS_NO_SPACE);
    }
    arena_deinit(&arena);
}

TEST(output_that_cannot_grow_leaves_nothing)
{
    struct arena arena;
    struct output output;
    struct problem problem = {0};
    struct rlimit limit = {1000, 1000};
    arena_init(&arena);
    char again[] = "/tmp/frost-base-test.XXXXXX";
    memcpy(directory, again, sizeof directory);
    CHECK(mkdtemp(directory) != NULL);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    const char *path = path_of(&arena, "large");
    CHECK_EQUAL(output_open(&output, path, &arena, &problem), STATUS_OK);
    for (int i = 0; i < 10000; i++)
        fputc('x', output.file);
    CHECK(output_close(&output, &problem) != STATUS_OK);
    CHECK_EQUAL(count_files(), 0);
    rmdir(directory);
    arena_deinit(&arena);
}

// A file that may be written where no other may be made.
TEST(output_is_copied_in_a_closed_directory)
{
    char place[] = "/tmp/frost-output.XXXXXX", path[64];
    struct arena arena;
    struct output output;
    struct problem problem = {0};
    struct text content;
    arena_init(&arena);
    CHECK(mkdtemp(place) != NULL);
    snprintf(path, sizeof path, "%s/list", place);
    int fd = open(path, O_WRONLY | O_CREAT, 0666);
    CHECK(write(fd, "older and longer", 16) == 16 && fchmod(fd, 0666) == 0 && close(fd) == 0);
    CHECK(chmod(place, 0555) == 0);
    pid_t user = fork();
    if (user == 0) { // the superuser may do anything
        bool is_user = geteuid() != 0 || setuid(65534) == 0;
        _exit(!is_user || output_open(&output, path, &arena, &problem) != STATUS_OK ||
              fputs("new", output.file) < 0 || output_close(&output, &problem) != STATUS_OK);
    }
    int status = -1;
    waitpid(user, &status, 0);
    CHECK_EQUAL(status, 0);
    CHECK_EQUAL(input_read(path, 100, &arena, &content, &problem), STATUS_OK);
    CHECK_TEXT(content.data, "new");
    CHECK(chmod(place, 0755) == 0 && unlink(path) == 0 && rmdir(place) == 0);
    arena_deinit(&arena);
}

TEST(input_tells_what_is_missing)
{
    struct arena arena;
    struct problem problem = {0};
    struct text content;
    char line[300];
    arena_init(&arena);
    CHECK_EQUAL(input_read("/nowhere/file", 10, &arena, &content, &problem), STATUS_NOT_FOUND);
    problem_print(&problem, line, sizeof line);
    CHECK_TEXT(line, "/nowhere/file: cannot be read: No such file or directory");
    problem = (struct problem){0};
    CHECK_EQUAL(input_read("/proc/self/exe", 10, &arena, &content, &problem), STATUS_LIMIT);
    arena_deinit(&arena);
}

// ---- Lua literals ----

static void check_scan(const char *source, const char *const *want, size_t want_count)
{
    struct arena arena;
    struct lua_scan scan;
    struct lua_literal literal;
    struct problem problem = {0};
    size_t count = 0;
    arena_init(&arena);
    lua_scan_init(&scan, &arena, text_of("list.lua"), text_of(source));
    while (lua_scan_next(&scan, &literal, &problem) == 1) {
        CHECK(count < want_count);
        if (count < want_count)
            CHECK(text_is_equal(literal.bytes, text_of(want[count])));
        count++;
    }
    CHECK_EQUAL(problem.status, STATUS_OK);
    CHECK_EQUAL(count, want_count);
    arena_deinit(&arena);
}

TEST(literals_of_every_form)
{
    static const char *const want[] = {"a",  "b\"c", "d]]e", "two\nlines", "\a\b\f\n\r\t\v\\",
                                       "A9", "x",    "after"};
    check_scan("#! shell \"no\"\n"
               "local s = 'a', \"b\\\"c\" -- \"no\" 'no'\n"
               "--[[ \"no\" \n 'no' ]] t[ [==[d]]e]==] ] = [[\ntwo\nlines]]\n"
               "--[==[ ]] \"no\" ]==]\n"
               "'\\a\\b\\f\\n\\r\\t\\v\\\\' '\\0659' '\\x' t[u[1]]\n"
               "'after'",
               want, sizeof want / sizeof *want);
}

TEST(literals_that_are_broken)
{
    static const char *const sources[] = {"'open",    "\"open\nnext\"", "[[open",
                                          "--[[open", "'\\300'",        "'ends in \\"};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct arena arena;
        struct lua_scan scan;
        struct lua_literal literal;
        struct problem problem = {0};
        arena_init(&arena);
        lua_scan_init(&scan, &arena, text_of("list.lua"), text_of(sources[i]));
        CHECK_EQUAL(lua_scan_next(&scan, &literal, &problem), STATUS_DAMAGED);
        CHECK(!strncmp(problem.message, "line 1: ", 8));
        arena_deinit(&arena);
    }
}

TEST(every_byte_survives_quoting)
{
    struct arena arena;
    struct lua_scan scan;
    struct lua_literal literal;
    struct problem problem = {0};
    char bytes[512];
    arena_init(&arena);
    // Every byte before a digit and before a letter.
    for (int i = 0; i < 256; i++) {
        bytes[i * 2] = (char)i;
        bytes[i * 2 + 1] = i & 1 ? '7' : 'n';
    }
    struct text quoted = lua_literal_quote(&arena, (struct text){bytes, sizeof bytes});
    for (size_t i = 0; i < quoted.bytes; i++)
        CHECK(quoted.data[i] >= 0x20 && quoted.data[i] < 0x7f);
    lua_scan_init(&scan, &arena, text_of("list.lua"), quoted);
    CHECK_EQUAL(lua_scan_next(&scan, &literal, &problem), 1);
    CHECK(text_is_equal(literal.bytes, (struct text){bytes, sizeof bytes}));
    arena_deinit(&arena);
}

// ---- numbers ----

TEST(numbers_have_separators)
{
    static const struct {
        int64_t number;
        const char *text;
    } rows[] = {{0, "0"},
                {999, "999"},
                {1000, "1,000"},
                {-999, "-999"},
                {-1000, "-1,000"},
                {-123456, "-123,456"},
                {1234567, "1,234,567"},
                {INT64_MIN, "-9,223,372,036,854,775,808"}};
    char text[NUMBER_TEXT_BYTES];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK_EQUAL(number_text(rows[i].number, text), strlen(rows[i].text));
        CHECK_TEXT(text, rows[i].text);
    }
}

TEST(reals_are_rounded_before_they_are_separated)
{
    struct arena arena;
    arena_init(&arena);
    CHECK_TEXT(number_text_rounded(999.5, &arena), "1,000");
    CHECK_TEXT(number_text_rounded(-1234.4, &arena), "-1,234");
    CHECK_TEXT(number_text_rounded(1e15, &arena), "1,000,000,000,000,000");
    CHECK_EQUAL(strlen(number_text_rounded(1e300, &arena)), 401);
    arena_deinit(&arena);
}

TEST_MAIN
