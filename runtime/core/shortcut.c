// shortcut.c: the tables behind shortcut.h.
//
// Reads and writes: static storage, 20 KB. Memory: none.

#include "runtime/core/shortcut.h"

#include <assert.h>
#include <string.h>

#if HAS_SHORTCUTS

int shortcut_is_on;
uint32_t shortcut_epoch = 1;
struct shortcut_line shortcut_lines[SHORTCUT_LINES];
struct shortcut_function shortcut_functions[SHORTCUT_FUNCTIONS];

void shortcut_new_epoch(void)
{
    if (++shortcut_epoch == 0) { // after 2^32 of them an old line would seem to be valid
        memset(shortcut_lines, 0, sizeof shortcut_lines);
        shortcut_epoch = 1;
    }
}

void shortcut_add(lua_CFunction function, shortcut_body body)
{
    uint32_t at = ADDR32(function), i = at >> 4;
    unsigned tries = 0;
    for (; shortcut_functions[i % SHORTCUT_FUNCTIONS].function != 0; i++, tries++)
        if (shortcut_functions[i % SHORTCUT_FUNCTIONS].function == at)
            return;
    assert(tries < SHORTCUT_FUNCTIONS / 2);
    shortcut_functions[i % SHORTCUT_FUNCTIONS] = (struct shortcut_function){at, body};
}

#endif
