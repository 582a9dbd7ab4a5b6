// fuzz_lc.c: any bytes as a precompiled chunk: refused, or it runs without harm.
//
// Each input is loaded into a fresh state with the libraries of profile nodemcu; what loads is run
// for a while, and so is a function that it returns. With -DFUZZ_REPLAY a main function replays
// the files given: `fuzz_lc FILE...`.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/heap.h"
#include "runtime/core/lauxlib.h"
#include "runtime/lib/libs.h"
#include "runtime/port/host/host.h"
#include "runtime/port/port.h"

#define HEAP_BYTES (1u << 20)
#define STACK_BYTES (16u << 20)
#define RUN_INSTRUCTIONS_MAX 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void port_restart(void)
{
    port_exit(1);
}

struct input {
    const uint8_t *data;
    size_t size;
};

static void stop(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    luaL_error(L, "too long");
}

static int call_limited(lua_State *L)
{
    lua_sethook(L, stop, LUA_MASKCOUNT, RUN_INSTRUCTIONS_MAX);
    return lua_pcall(L, 0, 1, 0);
}

static int do_nothing(lua_State *L)
{
    (void)L;
    return 0;
}

// Takes away what would end the process or write to the console.
static void tame(lua_State *L)
{
    static const char *const names[] = {"print", "node", "dofile", "loadfile", "file", "tmr"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        lua_pushcfunction(L, do_nothing);
        lua_setglobal(L, names[n]);
    }
}

static int load_and_call(lua_State *L)
{
    const struct input *in = lua_touserdata(L, 1);
    libs_open(L);
    tame(L);
    if (luaL_loadbuffer(L, (const char *)in->data, in->size, "=fuzz") == LUA_OK &&
        call_limited(L) == LUA_OK && lua_isfunction(L, -1))
        call_limited(L);
    return 0;
}

static int collect(lua_State *L)
{
    lua_gc(L, LUA_GCCOLLECT, 0); // may raise what a finalizer raises
    return 0;
}

static int run_state(void *context)
{
    lua_State *L = lua_newstate(heap_realloc, NULL);
    if (!L)
        abort();
    lua_cpcall(L, load_and_call, context);
    lua_sethook(L, NULL, 0, 0);
    lua_settop(L, 0);
    lua_cpcall(L, collect, NULL);
    lua_close(L);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void *heap;
    if (size == 0 || data[0] != LUA_SIGNATURE[0])
        return 0; // fuzz_source.c
    if (!heap)
        heap = host_heap_map(heap_map_bytes(HEAP_BYTES));
    if (!heap)
        abort();
    host_heap_clear();
    heap_init(heap, HEAP_BYTES);
    // A copy of exactly its size, so that a read behind it is seen.
    uint8_t *copy = malloc(size);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    static struct input input; // light userdata has 32 bits, so not on the main thread's stack
    input = (struct input){copy, size};
    if (host_thread_run(run_state, &input, STACK_BYTES) != 0)
        abort();
    free(copy);
    return 0;
}

#ifdef FUZZ_REPLAY
int main(int argc, char **argv)
{
    static uint8_t data[1 << 20];
    for (int n = 1; n < argc; n++) {
        FILE *f = fopen(argv[n], "rb");
        if (!f) {
            fprintf(stderr, "cannot open %s\n", argv[n]);
            return 4;
        }
        size_t size = fread(data, 1, sizeof data, f);
        fclose(f);
        LLVMFuzzerTestOneInput(data, size);
    }
    printf("%d inputs\n", argc - 1);
    return 0;
}
#endif
