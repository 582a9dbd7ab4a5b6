// func.h: closures, upvalues, functions.

#ifndef FROST_CORE_FUNC_H
#define FROST_CORE_FUNC_H

#include "runtime/core/state.h"

struct c_closure *func_new_c(lua_State *L, int upvalue_count, struct table *environment);
// Upvalue references are NULL until set.
struct lua_closure *func_new_lua(lua_State *L, int upvalue_count, struct table *environment);
void func_free(lua_State *L, struct closure *c);
// An empty function, for the compiler and the loader.
struct proto *func_new_proto(lua_State *L);
// Frees all that a function refers to by vectors; nothing may run or use it any more.
void func_clear_proto(lua_State *L, struct proto *p);
void func_free_proto(lua_State *L, struct proto *p);

// The open upvalue of the stack slot `slot`, made if there is none.
struct upvalue *func_find_upvalue(lua_State *L, struct value *slot);
// A closed upvalue with nil.
struct upvalue *func_new_upvalue(lua_State *L);
// Closes all open upvalues of slots at and above `slot`.
void func_close_upvalues(lua_State *L, struct value *slot);
void func_free_upvalue(lua_State *L, struct upvalue *u);
// Name of local variable `number` (from 1) active at pc, or NULL.
const char *func_local_name(const struct proto *p, int number, int pc);

#endif
