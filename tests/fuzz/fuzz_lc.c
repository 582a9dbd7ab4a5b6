// fuzz_lc.c: any bytes as a precompiled chunk: refused, or it runs without harm.
//
// What loads is run for a while, and so is a function that it returns.

#include <stdlib.h>
#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "tests/fuzz/engine.h"
#include "tests/fuzz/sandbox.h"

struct input {
    const uint8_t *data;
    size_t size;
};

static int load_and_call(lua_State *L)
{
    const struct input *in = lua_touserdata(L, 1);
    if (luaL_loadbuffer(L, (const char *)in->data, in->size, "=fuzz") != LUA_OK)
        return 0;
    fuzz_taken++;
    if (sandbox_call(L, 0) == LUA_OK && lua_isfunction(L, -1))
        sandbox_call(L, 0);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || data[0] != LUA_SIGNATURE[0])
        return 0; // fuzz_source.c
    // A copy of exactly its size, so that a read after it is seen.
    uint8_t *copy = malloc(size);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    struct input input = {copy, size};
    sandbox_run(load_and_call, &input);
    free(copy);
    return 0;
}
