// vm_inline.h: small pieces that the interpreter and its helpers share.
//
// Reads and writes: what their arguments name. Nothing here raises or allocates.

#ifndef FROST_CORE_VM_INLINE_H
#define FROST_CORE_VM_INLINE_H

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "runtime/core/gc.h"
#include "runtime/core/object.h"
#include "runtime/core/state.h"
#include "runtime/core/table.h"
#include "runtime/core/vm.h"
#include "runtime/probe/probe.h"

#define VM_LIKELY(x) __builtin_expect(!!(x), 1)
#define VM_UNLIKELY(x) __builtin_expect(!!(x), 0)

// Reports a VM event that concerns `object` if that lies in the flash window.
#ifdef FROST_PROBED
#define VM_FLASH_EVENT(L, what, object)                                                            \
    do {                                                                                           \
        if (IN_WINDOW(object))                                                                     \
            PROBE_VM_EVENT(L, what, object);                                                       \
    } while (0)
// The same for the store of a value that may be a string in flash.
#define VM_FLASH_STORE_EVENT(L, v)                                                                 \
    do {                                                                                           \
        if (VALUE_IS_STRING(v))                                                                    \
            VM_FLASH_EVENT(L, VM_FLASH_STORE, VALUE_STRING(v));                                    \
    } while (0)
// Sources of texts: GETTABLE `i` has found v under the key; v is stored under the key.
#define VM_LOOKED_UP(L, i, key, v)                                                                 \
    do {                                                                                           \
        if (VALUE_IS_STRING(v) && !(OP_C(i) & OP_CONSTANT_BIT))                                    \
            probe_looked_up(L, VALUE_IS_STRING(key) ? VALUE_TEXT(key) : NULL, VALUE_TEXT(v));      \
    } while (0)
#define VM_STORED(L, key, v)                                                                       \
    do {                                                                                           \
        if (VALUE_IS_STRING(key) && VALUE_IS_STRING(v))                                            \
            probe_stored(L, VALUE_TEXT(key), VALUE_TEXT(v));                                       \
    } while (0)
#else
#define VM_FLASH_EVENT(L, what, object) ((void)0)
#define VM_FLASH_STORE_EVENT(L, v) ((void)0)
#define VM_LOOKED_UP(L, i, key, v) ((void)0)
#define VM_STORED(L, key, v) ((void)0)
#endif

// ---- arithmetic on two numbers ----

#ifdef FROST_INTEGER
// 32 bits, wrapping; the divisor is not 0.
#define VM_ADD(a, b) ((int32_t)((uint32_t)(a) + (uint32_t)(b)))
#define VM_SUB(a, b) ((int32_t)((uint32_t)(a) - (uint32_t)(b)))
#define VM_MUL(a, b) ((int32_t)((uint32_t)(a) * (uint32_t)(b)))
#define VM_NEGATE(a) ((int32_t)(0u - (uint32_t)(a)))

static inline int32_t vm_divide_down(int32_t a, int32_t b)
{
    if (b == -1) // the only quotient that can leave the range
        return VM_NEGATE(a);
    int32_t quotient = a / b;
    return quotient - (a % b != 0 && (a ^ b) < 0);
}

static inline int32_t vm_modulo_down(int32_t a, int32_t b)
{
    if (b == -1)
        return 0;
    int32_t rest = a % b;
    return rest != 0 && (a ^ b) < 0 ? rest + b : rest;
}

#define VM_DIV(a, b) vm_divide_down(a, b)
#define VM_MOD(a, b) vm_modulo_down(a, b)
#else
#define VM_ADD(a, b) ((a) + (b))
#define VM_SUB(a, b) ((a) - (b))
#define VM_MUL(a, b) ((a) * (b))
#define VM_DIV(a, b) ((a) / (b))
#define VM_NEGATE(a) (-(a))

// The 32-bit integer that equals n if there is one, else any: compare it with n. After the addition
// the low bits of the mantissa are those of the integer; unlike a cast this is defined for every n.
static inline int32_t vm_whole(lua_Number n)
{
    union {
        double sum;
        int32_t low;                       // little-endian
    } u = {.sum = n + 6755399441055744.0}; // 1.5 * 2^52
    return u.low;
}

// The 32-bit integer that n is, to the bit: so not for -0.
static inline int vm_is_whole(lua_Number n, int32_t *whole)
{
#ifdef __SSE2__
    *whole = _mm_cvttsd_si32(_mm_set_sd(n)); // defined for every n
    lua_Number back = (lua_Number)*whole;
    int64_t bits_n, bits_back;
    memcpy(&bits_n, &n, sizeof n);
    memcpy(&bits_back, &back, sizeof back);
    return bits_n == bits_back;
#else
    *whole = vm_whole(n);
    return (lua_Number)*whole == n;
#endif
}

// a - floor(a / b) * b; small whole numbers, the usual case, go through the integer unit.
static inline lua_Number vm_modulo(lua_Number a, lua_Number b)
{
    int32_t x, y;
    if (VM_LIKELY(vm_is_whole(a, &x) && vm_is_whole(b, &y) && y > 0)) {
        int32_t rest = x % y;
        return (lua_Number)(rest < 0 ? rest + y : rest);
    }
    return number_modulo(a, b);
}

#define VM_MOD(a, b) vm_modulo(a, b)
#endif

// The index from 0 in a list part that a number key stands for; UINT32_MAX, which is in none, if
// there is none.
static inline uint32_t vm_list_index(const struct value *key)
{
#ifdef FROST_INTEGER
    return (uint32_t)VALUE_NUMBER(key) - 1u;
#else
    int32_t whole;
    return VM_LIKELY(vm_is_whole(VALUE_NUMBER(key), &whole)) ? (uint32_t)whole - 1u : UINT32_MAX;
#endif
}

// Pushes an object; the stack must have room. `o` may have been made by an allocation that moved
// the stack.
static inline void vm_push(lua_State *L, const void *o, int tag)
{
    struct value *top = TOP(L);
    value_set_pointer(top, o, tag);
    TOP_SET(L, top + 1);
}

// Barrier after storing `v` into `t`; the mark of the table is looked at first, where the firmware
// looks at the value's.
#define VM_BARRIER_TABLE(L, t, v)                                                                  \
    do {                                                                                           \
        VM_FLASH_STORE_EVENT(L, v);                                                                \
        if (VM_UNLIKELY(GC_IS_BLACK(t)))                                                           \
            GC_BARRIER_TABLE(L, t, v);                                                             \
    } while (0)

#endif
