// core_load_test.c: precompiled chunks: all golden files load and come out again byte by byte; the
// other byte order and the other number format; damaged files.

#include <dirent.h>
#include <stdlib.h>

#include "runtime/core/chunk.h"
#include "runtime/core/object.h"
#include "runtime/core/state.h"
#include "runtime/format/lc.h"
#include "runtime/format/opcode.h"
#include "runtime/lib/libs.h"
#include "tests/support/state.h"

#define GOLDEN "tests/nodemcu/golden/"
#define FILE_BYTES_MAX 65536
#define RUN_INSTRUCTIONS_MAX 3000 // a damaged program may loop

struct bytes {
    uint8_t data[FILE_BYTES_MAX];
    size_t count;
};

static int load(lua_State *L, const void *data, size_t count)
{
    lua_settop(L, 0);
    return luaL_loadbuffer(L, data, count, "@x.lc");
}

static const char *load_message(lua_State *L, const void *data, size_t count)
{
    return load(L, data, count) == LUA_OK ? "" : lua_tostring(L, -1);
}

static int keep(lua_State *L, const void *piece, size_t count, void *data)
{
    struct bytes *to = data;
    (void)L;
    if (count > sizeof to->data - to->count)
        return 1;
    memcpy(to->data + to->count, piece, count);
    to->count += count;
    return 0;
}

// Calls visit for each file of a golden directory; returns how many.
static int each_file(lua_State *L, const char *directory,
                     void (*visit)(lua_State *L, const struct bytes *file, const char *name))
{
    static struct bytes file;
    char path[300];
    int count = 0;
    DIR *dir = opendir(directory);
    CHECK(dir != NULL);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        if (!strstr(e->d_name, ".lc"))
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, e->d_name);
        FILE *f = fopen(path, "rb");
        CHECK(f != NULL);
        if (!f)
            continue;
        file.count = fread(file.data, 1, sizeof file.data, f);
        fclose(f);
        visit(L, &file, e->d_name);
        count++;
    }
    if (dir)
        closedir(dir);
    return count;
}

// ---- whole files ----

static void check_same_bytes(lua_State *L, const struct bytes *file, const char *name)
{
    static struct bytes again;
    CHECK_TEXT(load_message(L, file->data, file->count), "");
    again.count = 0;
    CHECK_EQUAL(lua_dumpstrip(L, keep, &again, strstr(name, "-stripped") != NULL), 0);
    CHECK_EQUAL(again.count, file->count);
    CHECK(memcmp(again.data, file->data, file->count) == 0);
}

STATE_TEST(golden_files_come_out_as_they_went_in)
{
    CHECK_EQUAL(each_file(L, GOLDEN "lc-float", check_same_bytes), 14);
}

static void check_same_stripped(lua_State *L, const struct bytes *file, const char *name)
{
    static struct bytes again;
    (void)name;
    CHECK_TEXT(load_message(L, file->data, file->count), "");
    again.count = 0;
    CHECK_EQUAL(lua_dumpstrip(L, keep, &again, 2), 0);
    CHECK_EQUAL(again.count, file->count);
    CHECK(memcmp(again.data, file->data, file->count) == 0);
}

STATE_TEST(stripped_files_come_out_as_they_went_in)
{
    CHECK_EQUAL(each_file(L, GOLDEN "lc-float-stripped", check_same_stripped), 14);
}

static void check_loads(lua_State *L, const struct bytes *file, const char *name)
{
    (void)name;
    CHECK_TEXT(load_message(L, file->data, file->count), "");
}

STATE_TEST(integer_files_load_in_a_float_build)
{
    CHECK_EQUAL(each_file(L, GOLDEN "lc-integer", check_loads), 14);
}

// ---- the other byte order ----

struct swapper {
    struct bytes *b;
    size_t at;
};

static uint32_t swap_word(struct swapper *s, size_t width)
{
    uint8_t *p = s->b->data + s->at;
    uint32_t native;
    memcpy(&native, p, 4);
    for (size_t n = 0; n < width / 2; n++) {
        uint8_t byte = p[n];
        p[n] = p[width - 1 - n];
        p[width - 1 - n] = byte;
    }
    s->at += width;
    return native;
}

static void swap_string(struct swapper *s)
{
    uint32_t bytes = swap_word(s, 4);
    s->at += bytes;
}

static void swap_padding(struct swapper *s)
{
    s->at = (s->at + LC_ALIGN - 1) / LC_ALIGN * LC_ALIGN;
}

static void swap_function(struct swapper *s)
{
    swap_string(s);
    swap_word(s, 4);
    swap_word(s, 4);
    s->at += 4;
    uint32_t count = swap_word(s, 4);
    swap_padding(s);
    while (count-- > 0)
        swap_word(s, 4);
    for (count = swap_word(s, 4); count > 0; count--) {
        switch (s->b->data[s->at++]) {
        case LC_TAG_BOOLEAN:
            s->at++;
            break;
        case LC_TAG_NUMBER:
            swap_word(s, 8);
            break;
        case LC_TAG_STRING:
            swap_string(s);
            break;
        default:
            break;
        }
    }
    for (count = swap_word(s, 4); count > 0; count--)
        swap_function(s);
    count = swap_word(s, 4);
    swap_padding(s);
    s->at += count;
    for (count = swap_word(s, 4); count > 0; count--) {
        swap_string(s);
        swap_word(s, 4);
        swap_word(s, 4);
    }
    for (count = swap_word(s, 4); count > 0; count--)
        swap_string(s);
}

static void check_swapped(lua_State *L, const struct bytes *file, const char *name)
{
    static struct bytes swapped;
    (void)name;
    swapped = *file;
    swapped.data[LC_OFF_ORDER] ^= 1;
    struct swapper s = {&swapped, LC_HEADER_BYTES};
    swap_function(&s);
    CHECK_EQUAL(s.at, swapped.count);
    CHECK_TEXT(load_message(L, swapped.data, swapped.count), "");
    static struct bytes again;
    again.count = 0;
    lua_dumpstrip(L, keep, &again, 0);
    CHECK(again.count == file->count && memcmp(again.data, file->data, file->count) == 0);
}

STATE_TEST(swapped_files_give_the_same_functions)
{
    CHECK_EQUAL(each_file(L, GOLDEN "lc-float", check_swapped), 14);
}

// ---- damaged files ----

static void check_truncations(lua_State *L, const struct bytes *file, const char *name)
{
    (void)name;
    for (size_t count = 1; count < file->count; count += TEST_STEP(5)) {
        uint8_t *copy = malloc(count); // exactly as long, so that a sanitizer sees reads after it
        memcpy(copy, file->data, count);
        CHECK_TEXT(load_message(L, copy, count), "x.lc: unexpected end in precompiled chunk");
        free(copy);
    }
}

STATE_TEST(every_truncation_is_an_error)
{
    CHECK_EQUAL(each_file(L, GOLDEN "lc-float", check_truncations), 14);
    CHECK_EQUAL(each_file(L, GOLDEN "lc-float-stripped", check_truncations), 14);
}

static void stop(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    luaL_error(L, "too long");
}

// Runs what is on top, and what it returns; any result and any error is good.
static void run_damaged(lua_State *L)
{
    lua_sethook(L, stop, LUA_MASKCOUNT, RUN_INSTRUCTIONS_MAX);
    if (lua_pcall(L, 0, 1, 0) == LUA_OK && lua_isfunction(L, -1)) {
        lua_sethook(L, stop, LUA_MASKCOUNT, RUN_INSTRUCTIONS_MAX);
        lua_pcall(L, 0, 0, 0);
    }
    lua_sethook(L, NULL, 0, 0);
    lua_settop(L, 0);
}

static uint64_t random_state;

static uint32_t random_next(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33);
}

static int loaded_count, refused_count;

static int swallow(lua_State *L)
{
    (void)L;
    return 0;
}

static void check_flips(lua_State *L, const struct bytes *file, const char *name)
{
    uint8_t *copy = malloc(file->count);
    if (strcmp(name, "biglist.lc") == 0 || strcmp(name, "bigmodule.lc") == 0) {
        free(copy); // the others have all that these have
        return;
    }
    for (size_t at = 0; at < file->count; at += TEST_STEP(5)) {
        memcpy(copy, file->data, file->count);
        copy[at] ^= (uint8_t)(1u << random_next() % 8);
        if (load(L, copy, file->count) == LUA_OK) {
            loaded_count++;
            run_damaged(L);
        } else {
            refused_count++;
        }
        if (at % 64 < TEST_STEP(5))
            lua_gc(L, LUA_GCCOLLECT, 0);
    }
    free(copy);
}

STATE_TEST(flipped_bits_do_no_harm)
{
    random_state = test_seed();
    printf("# seed %llu\n", (unsigned long long)random_state);
    libs_open(L);
    lua_pushcfunction(L, swallow);
    lua_setglobal(L, "print");
    CHECK(each_file(L, GOLDEN "lc-float", check_flips) == 14);
    printf("# %d loaded, %d refused\n", loaded_count, refused_count);
    CHECK(loaded_count > 5000 / (int)TEST_STEP(5));
    CHECK(refused_count > 5000 / (int)TEST_STEP(5));
}

// ---- messages ----

struct header_case {
    int off, byte;
};

STATE_TEST(headers_are_checked)
{
    static const struct header_case cases[] = {
        {1, 'X'},
        {LC_OFF_VERSION, 0x52},
        {LC_OFF_FORMAT, 1},
        {LC_OFF_ORDER, 2},
        {LC_OFF_INT, 8},
        {LC_OFF_LENGTH, 8},
        {LC_OFF_INSTRUCTION, 8},
        {LC_OFF_NUMBER, 4},
        {LC_OFF_INTEGRAL, 1},
    };
    for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
        struct bytes b = {.count = LC_HEADER_BYTES + 64};
        memcpy(b.data, "\033Lua\x51\0\1\4\4\4\x08\0", LC_HEADER_BYTES);
        b.data[cases[n].off] = (uint8_t)cases[n].byte;
        CHECK_TEXT(load_message(L, b.data, b.count), "x.lc: bad header in precompiled chunk");
    }
    lua_settop(L, 0);
    CHECK(luaL_loadbuffer(L, "\033Lux", 5, "\033Lux") != LUA_OK);
    CHECK_TEXT(lua_tostring(L, -1), "binary string: unexpected end in precompiled chunk");
}

static void add(struct bytes *b, const void *data, size_t count)
{
    memcpy(b->data + b->count, data, count);
    b->count += count;
}

static void add_int(struct bytes *b, int32_t n)
{
    add(b, &n, 4);
}

static void add_padding(struct bytes *b)
{
    add(b, "\0\0\0", (0u - b->count) % LC_ALIGN);
}

// A function with `code`; `constant_count` nils; `functions` nested in it, one in another.
static void add_function(struct bytes *b, const uint32_t *code, int code_count, int constant_count,
                         int functions)
{
    add_int(b, 0); // source
    add_int(b, 0);
    add_int(b, 0);
    add(b, "\0\0\0\2", 4);
    add_int(b, code_count);
    add_padding(b);
    add(b, code, (size_t)code_count * 4);
    add_int(b, constant_count);
    for (int n = 0; n < constant_count; n++)
        add(b, "\0", 1);
    add_int(b, functions > 0);
    if (functions > 0)
        add_function(b, code, code_count, constant_count, functions - 1);
    add_int(b, 0);
    add_padding(b);
    add_int(b, 0);
    add_int(b, 0);
}

static const char *load_code(lua_State *L, const uint32_t *code, int count, int functions)
{
    static struct bytes b;
    b.count = 0;
    add(&b, "\033Lua\x51\0\1\4\4\4\x08\0", LC_HEADER_BYTES);
    add_function(&b, code, count, 1, functions);
    return load_message(L, b.data, b.count);
}

#define RETURN_NOTHING op_abc(OP_RETURN, 0, 1, 0)

STATE_TEST(functions_in_functions_have_a_limit)
{
    const uint32_t code[] = {RETURN_NOTHING};
    CHECK_TEXT(load_code(L, code, 1, 190), "");
    CHECK_TEXT(load_code(L, code, 1, 200), "x.lc: code too deep in precompiled chunk");
}

STATE_TEST(code_that_reaches_outside_is_refused)
{
    const uint32_t bad[][4] = {
        {op_abc(OP_MOVE, 2, 0, 0), RETURN_NOTHING},
        {op_abc(OP_MOVE, 0, 2, 0), RETURN_NOTHING},
        {op_abx(OP_LOADK, 0, 1), RETURN_NOTHING},
        {op_abc(OP_LOADNIL, 1, 0, 0), RETURN_NOTHING},
        {op_abc(OP_GETUPVAL, 0, 0, 0), RETURN_NOTHING},
        {op_abx(OP_GETGLOBAL, 0, 0), RETURN_NOTHING}, // the constant is nil
        {op_abc(OP_ADD, 0, 257, 0), RETURN_NOTHING},
        {op_abx(OP_JMP, 0, OP_SBX_MAX + 1), RETURN_NOTHING},
        {op_abx(OP_JMP, 0, OP_SBX_MAX - 2), RETURN_NOTHING},
        {op_abc(OP_TEST, 0, 0, 0), RETURN_NOTHING, RETURN_NOTHING},
        {op_abc(OP_CALL, 0, 1, 0), op_abc(OP_MOVE, 0, 0, 0), RETURN_NOTHING},
        {op_abc(OP_CALL, 0, 4, 1), RETURN_NOTHING},
        {op_abc(OP_CALL, 0, 1, 4), RETURN_NOTHING},
        {op_abx(OP_CLOSURE, 0, 0), RETURN_NOTHING},
        {op_abc(OP_VARARG, 0, 2, 0), RETURN_NOTHING},
        {op_abc(OP_SELF, 1, 0, 256), RETURN_NOTHING},
        {op_abx(OP_FORPREP, 0, OP_SBX_MAX), RETURN_NOTHING},
        {op_abc(OP_SETLIST, 0, 1, 0), RETURN_NOTHING},
        {63, RETURN_NOTHING},
        {op_abc(OP_RETURN, 0, 4, 0), RETURN_NOTHING},
        {op_abc(OP_MOVE, 0, 0, 0)},
    };
    for (size_t n = 0; n < sizeof bad / sizeof *bad; n++) {
        int count = 0;
        while (count < 4 && bad[n][count])
            count++;
        if (bad[n][0] == 0) // MOVE 0 0 is the word 0
            count = 1;
        CHECK_TEXT(load_code(L, bad[n], count, 0), "x.lc: bad code in precompiled chunk");
    }
    const uint32_t good[] = {op_abc(OP_MOVE, 1, 0, 0), RETURN_NOTHING};
    CHECK_TEXT(load_code(L, good, 2, 0), "");
}

TEST_MAIN
