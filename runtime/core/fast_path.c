// fast_path.c: the tables after fast_path.h.
//
// Reads and writes: static storage, 20 KB. Memory: none.

#include "runtime/core/fast_path.h"

#include <assert.h>
#include <string.h>

#if HAS_FAST_PATHS

int fast_path_is_on;
uint32_t fast_path_epoch = 1;
struct fast_path_line fast_path_lines[FAST_PATH_LINES];
struct fast_path_function fast_path_functions[FAST_PATH_FUNCTIONS];

void fast_path_new_epoch(void)
{
    if (++fast_path_epoch == 0) { // after 2^32 of them an old line would seem to be valid
        memset(fast_path_lines, 0, sizeof fast_path_lines);
        fast_path_epoch = 1;
    }
}

void fast_path_add(lua_CFunction function, fast_path_body body)
{
    uint32_t at = ADDR32(function), i = at >> 4;
    unsigned tries = 0;
    for (; fast_path_functions[i % FAST_PATH_FUNCTIONS].function != 0; i++, tries++)
        if (fast_path_functions[i % FAST_PATH_FUNCTIONS].function == at)
            return;
    assert(tries < FAST_PATH_FUNCTIONS / 2);
    fast_path_functions[i % FAST_PATH_FUNCTIONS] = (struct fast_path_function){at, body};
}

#endif
