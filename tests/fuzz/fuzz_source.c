// fuzz_source.c: any text through the compiler: no crash, and the code it makes is sound.
//
// The code is written as bytecode and loaded again, so that the loader's checks judge it; it is
// not run.

#include <stdlib.h>
#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/chunk.h"
#include "runtime/core/heap.h"
#include "runtime/core/mem.h"
#include "runtime/port/host/host.h"
#include "runtime/port/port.h"
#include "tests/fuzz/engine.h"

#define HEAP_BYTES (256u << 10) // small, so that out of memory is met too

_Noreturn void port_restart(void)
{
    port_exit(1);
}

struct input {
    const uint8_t *data;
    size_t size;
};

struct bytecode {
    char *data;
    size_t used, room;
};

static int keep(lua_State *L, const void *piece, size_t bytes, void *data)
{
    struct bytecode *b = data;
    (void)L;
    if (b->used + bytes > b->room) {
        b->room = 2 * (b->used + bytes);
        b->data = realloc(b->data, b->room);
        if (!b->data)
            abort();
    }
    memcpy(b->data + b->used, piece, bytes);
    b->used += bytes;
    return 0;
}

static void compile(const struct input *in)
{
    struct bytecode bytecode = {NULL, 0, 0};
    lua_State *L = lua_newstate(heap_realloc, NULL);
    if (!L)
        abort();
    if (luaL_loadbuffer(L, (const char *)in->data, in->size, "=fuzz") == LUA_OK) {
        fuzz_taken++;
        if (lua_dumpstrip(L, keep, &bytecode, 0) != 0)
            abort();
        lua_settop(L, 0);
        int status = luaL_loadbuffer(L, bytecode.data, bytecode.used, "=again");
        if (status != LUA_OK && status != LUA_ERRMEM)
            abort();
    }
    free(bytecode.data);
    lua_close(L);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void *heap;
    if (size > 0 && data[0] == LUA_SIGNATURE[0])
        return 0; // fuzz_lc.c
    if (!heap)
        heap = host_heap_map(HEAP_BYTES);
    if (!heap)
        abort();
    heap_init(heap, HEAP_BYTES);
    // A copy of exactly its size, so that a read after it is seen.
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    struct input input = {copy, size};
    compile(&input);
    free(copy);
    return 0;
}
