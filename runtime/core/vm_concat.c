// vm_concat.c: the operator `..`.
//
// Reads and writes: the stack of the running thread; the shared buffer of the state.
// Memory: the buffer, grown to exactly the length needed; the result; a string for each number,
//         which stays as garbage (allocation policy of NodeMCU 3.0).

#include <assert.h>
#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/debug.h"
#include "runtime/core/str.h"
#include "runtime/core/stream.h"
#include "runtime/core/vm.h"
#include "runtime/probe/probe.h"

#define STRING_BYTES_MAX 0x7FFFFFE0u

// Counts from the last operand backwards how many are texts (numbers become strings), at most
// `total`, and adds up their bytes.
//
// The firmware's test for the length is kept as it is, subtraction modulo 2^32 included: it does
// not notice when the last operand alone is longer than the limit.
static int measure(lua_State *L, struct value *top, int total, uint32_t *bytes)
{
    const struct global_state *g = GLOBAL(L);
    uint32_t limit = g->memory_limit > 0 ? (uint32_t)g->memory_limit : STRING_BYTES_MAX;
    uint32_t sum = VALUE_STRING(top - 1)->bytes;
    int n = 1;
    for (; n < total && vm_to_string(L, top - n - 1); n++) {
        uint32_t more = VALUE_STRING(top - n - 1)->bytes;
        if (more >= limit - sum || more >= STRING_BYTES_MAX - sum)
            debug_run_error(L, "string length overflow");
        sum += more;
    }
    *bytes = sum;
    return n;
}

// Joins as many of the `total` values below base + last + 1 as are texts; returns how many.
static int join(lua_State *L, int total, int last)
{
    struct global_state *g = GLOBAL(L);
    struct value *top = DEREF(L->base) + last + 1;
    uint32_t bytes;
    int n = measure(L, top, total, &bytes);
    char *text = buffer_room(L, &g->buffer, bytes), *at = text;
    for (int from = n; from > 0; from--) {
        const struct string *s = VALUE_STRING(top - from);
        memcpy(at, STRING_TEXT(s), s->bytes);
        at += s->bytes;
    }
    struct string *s = STR_NEW_FROM(L, text, bytes, PROBE_JOINED(L, top - n, n));
    g->buffer.used = 0;
    value_set_pointer(top - n, s, LUA_TSTRING);
    return n;
}

void vm_concat(lua_State *L, int total, int last)
{
    struct global_state *g = GLOBAL(L);
    assert(total >= 2 && last + 1 >= total);
    do {
        int joined = 2;
        struct value *top = DEREF(L->base) + last + 1;
        int are_texts = VALUE_IS_STRING(top - 2) || VALUE_IS_NUMBER(top - 2);
        g->stack_fixed++; // the collector must leave `top` in its place
        if (are_texts && vm_to_string(L, top - 1)) {
            if (VALUE_STRING(top - 1)->bytes == 0)
                vm_to_string(L, top - 2);
            else
                joined = join(L, total, last);
            g->stack_fixed--;
        } else {
            g->stack_fixed--;
            if (!vm_call_binary(L, top - 2, top - 1, top - 2, META_CONCAT))
                debug_concat_error(L, top - 2, top - 1);
        }
        total -= joined - 1;
        last -= joined - 1;
    } while (total > 1);
}
