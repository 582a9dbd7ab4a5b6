// file.h: what the module file tells the rest of runtime/nodemcu.
//
// Context: the interpreter's thread.

#ifndef FROST_NODEMCU_SYSTEM_FILE_H
#define FROST_NODEMCU_SYSTEM_FILE_H

#include "runtime/core/api/lua.h"

// The name of a file at an argument. Raises "filename invalid".
const char *file_check_name(lua_State *L, int arg);
// Closes what the program has left open: before a boot.
void file_close_all(void);
// file.view (file_view.c).
int file_view(lua_State *L);

#endif
