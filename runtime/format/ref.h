// ref.h: a typed 32-bit reference to an address of the chip's map.
//
// On the chip it is a pointer. On a 64-bit host it is the same 32 bits: heap, flash window and C
// functions lie below 4 GiB at the chip's addresses, so dereferencing adds nothing. The
// zero-length array carries the type and takes no room.

#ifndef FROST_FORMAT_REF_H
#define FROST_FORMAT_REF_H

#include <stdint.h>

#define REF(T)                                                                                     \
    union {                                                                                        \
        uint32_t addr;                                                                             \
        T *type[0];                                                                                \
    } __attribute__((packed, aligned(4)))

// The pointer after a reference, with its type; NULL for address 0.
#define DEREF(r) ((__typeof__((r).type[0]))(uintptr_t)(r).addr)
// Makes reference `r` refer to `p`; a pointer of another type is a compiler warning.
#define REF_SET(r, p) ((r).addr = (uint32_t)(uintptr_t)(1 ? (p) : (r).type[0]))
#define REF_NULL(r) ((r).addr = 0)
#define REF_IS_NULL(r) ((r).addr == 0)
// Copies a reference between two of the same type.
#define REF_COPY(r, s) ((void)sizeof((r).type[0] == (s).type[0]), (r).addr = (s).addr)
// The 32-bit address of an object that is known to lie below 4 GiB.
#define ADDR32(p) ((uint32_t)(uintptr_t)(p))

#endif
