// meta.h: metamethods, and where they are looked up.

#ifndef FROST_CORE_META_H
#define FROST_CORE_META_H

#include "runtime/core/state.h"

extern const char *const meta_type_names[]; // by basic tag 0..10: "nil", "boolean", "userdata" ...
// The name of a basic type as the profile says it: light userdata is "lightfunction" in nodemcu.
const char *meta_type_name(int tag);

// Makes and fixes the names.
void meta_init(lua_State *L);
// The metamethod in metatable `mt` (may be NULL or a ROTable), or NULL; for events with an
// `absent` bit. The value lies in the table, or for ROTables in *storage.
const struct value *meta_get(lua_State *L, struct table *mt, enum metamethod event,
                             struct value *storage);
// The metamethod of any value, &value_nil if there is none.
const struct value *meta_of(lua_State *L, const struct value *v, enum metamethod event,
                            struct value *storage);
// The metatable of any value, NULL if none; may be a ROTable (OBJECT_TAG tells).
struct table *meta_table_of(lua_State *L, const struct value *v);

#endif
