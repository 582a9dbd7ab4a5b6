// vm_count.h: how many instructions the interpreter has executed: what vm_instructions() returns.
//
// One instruction is one dispatch of the loop (NEXT in vm_loop.h), in every build alike: a test and
// the jump behind it are one, whether it is taken or left out; so are CLOSURE and the words that
// describe its upvalues, SETLIST and its extra word. An instruction before which a hook has yielded
// is dispatched once more when the thread goes on.
//
// Probed builds tick a clock (runtime/probe). A plain one must not pay for each instruction:
// - On a computer the loop's pc is address / 4, 30 bits, and above them the count, which goes up by
//   the same addition. A Lua function that is entered or left adds it to `folded`; so does a jump
//   when it is half full, and every loop jumps.
// - On the chip pc goes up by 4 as long as code is straight; what jumps, calls and returns add to
//   it besides is added to `shift`, so that pc - shift is 4 times the count.
// pc is shown here before C code is called. A nested run of the loop begins at 0. When it is over,
// by its end or by an error, `folded` has got its count, and the outer one's pc stands here again.
//
// Reads and writes: process-wide state. Memory: none.

#ifndef FROST_CORE_VM_COUNT_H
#define FROST_CORE_VM_COUNT_H

#include <stdint.h>

#include "runtime/core/fast_path.h"

#if HAS_FAST_PATHS

struct vm_count {
    uint64_t folded;
    uint64_t shown; // a pc
};

extern struct vm_count vm_count;
#define VM_COUNT_SHIFT 30
#ifndef VM_COUNT_ONE // a test has instructions that weigh more
#define VM_COUNT_ONE ((uint64_t)1 << VM_COUNT_SHIFT)
#endif
#define VM_COUNT_IS_HALF_FULL(pc) ((int64_t)(pc) < 0)
// Words are left out.
#define VM_COUNT_MOVED(bytes) ((void)0)
// The code at pc is left; entered.
#define VM_COUNT_END() ((void)(vm_count.folded += pc >> VM_COUNT_SHIFT))
#define VM_COUNT_BEGIN() ((void)0)
#define VM_COUNT_SHOW() ((void)(vm_count.shown = pc))

static inline uint64_t vm_count_now(void)
{
    return vm_count.folded + (vm_count.shown >> VM_COUNT_SHIFT);
}

// What the run of the loop that calls C code now has shown.
static inline uint64_t vm_count_outer(void)
{
    return vm_count.shown;
}

// That run goes on.
static inline void vm_count_back(uint64_t outer)
{
    vm_count.folded += (vm_count.shown >> VM_COUNT_SHIFT) - (outer >> VM_COUNT_SHIFT);
    vm_count.shown = outer;
}

// A nested run begins.
static inline uint64_t vm_count_enter(void)
{
    uint64_t outer = vm_count.shown;
    vm_count.folded += outer >> VM_COUNT_SHIFT;
    vm_count.shown = 0;
    return outer;
}

typedef uint64_t vm_count_mark;

#elif !defined(FROST_PROBED)

struct vm_count {
    uint64_t folded;
    uint32_t shown, shift; // a pc; what it is ahead by
};

extern struct vm_count vm_count;

#define VM_COUNT_MOVED(bytes) ((void)(vm_count.shift += (uint32_t)(bytes)))
#define VM_COUNT_END() ((void)(vm_count.shift -= ADDR32(pc)))
#define VM_COUNT_BEGIN() ((void)(vm_count.shift += ADDR32(pc)))
#define VM_COUNT_SHOW() ((void)(vm_count.shown = ADDR32(pc)))

// Must be asked at least once in 2^30 instructions, for which a chip takes more than ten minutes;
// nested runs do.
static inline uint64_t vm_count_now(void)
{
    vm_count.folded += (vm_count.shown - vm_count.shift) >> 2;
    vm_count.shift = vm_count.shown;
    return vm_count.folded;
}

static inline uint32_t vm_count_outer(void)
{
    return vm_count.shown;
}

static inline void vm_count_back(uint32_t outer)
{
    vm_count_now();
    vm_count.shown = vm_count.shift = outer;
}

static inline uint32_t vm_count_enter(void)
{
    uint32_t outer = vm_count.shown;
    vm_count_back(0);
    return outer;
}

typedef uint32_t vm_count_mark;

#else // the probes count

#define VM_COUNT_MOVED(bytes) ((void)0)
#define VM_COUNT_END() ((void)0)
#define VM_COUNT_BEGIN() ((void)0)
#define VM_COUNT_SHOW() ((void)0)
#define vm_count_outer() 0
#define vm_count_back(outer) ((void)(outer))
#define vm_count_enter() 0

typedef int vm_count_mark;

#endif

#endif
