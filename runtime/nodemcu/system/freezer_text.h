// freezer_text.h: data as text (JSON, or a Lua chunk that returns a table of constants) into frozen
// tables, read character by character: no table that is complete is in RAM, nor is the text.
//
// Private to runtime/nodemcu/system/freezer*.c. Memory: the tables that are not complete yet, on
// the Lua stack; the C stack by the depth of tables inside tables.
// Source: RFC 8259; the Lua 5.1 manual, 2.1 and 2.5.7; what sjson makes of JSON, but that null is
// nil.

#ifndef FROST_NODEMCU_SYSTEM_FREEZER_TEXT_H
#define FROST_NODEMCU_SYSTEM_FREEZER_TEXT_H

#include "runtime/core/api/lua.h"
#include "runtime/freezer/data.h"

// Reads the one value of the text and pushes it. Texts that begin with { or [ are JSON, others Lua.
// `name` is for messages. Raises "NAME:LINE: what is wrong near what", and what the reader raises.
void freezer_text_read(lua_State *L, lua_Reader reader, void *source, const char *name,
                       struct freezer_data *data);

#endif
