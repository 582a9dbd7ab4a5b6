// wifi_fields.c: fields of the table at argument 1, as the module wifi checks them.
//
// Memory: none. Source: facts on the firmware's module wifi: each fault is one of argument 1.

#include <string.h>

#include "runtime/nodemcu/net/wifi_parts.h"

// Pushes the field. False: it is nil, and nothing is pushed.
static int push_field(lua_State *L, const struct wifi_field *field)
{
    lua_getfield(L, 1, field->key);
    if (!lua_isnil(L, -1))
        return 1;
    lua_pop(L, 1);
    return 0;
}

int wifi_field_text(lua_State *L, const struct wifi_field *field, char *to, size_t least,
                    size_t most)
{
    size_t bytes;
    memset(to, 0, most);
    if (!push_field(L, field))
        return 0;
    const char *text = lua_tolstring(L, -1, &bytes);
    luaL_argcheck(L, text, 1, field->wrong_type);
    luaL_argcheck(L, bytes >= least && bytes <= most, 1, field->out_of_range);
    memcpy(to, text, bytes);
    lua_pop(L, 1);
    return 1;
}

int wifi_field_mac(lua_State *L, const struct wifi_field *field, uint8_t mac[MAC_BYTES])
{
    char text[MAC_TEXT_BYTES];
    memset(mac, 0, MAC_BYTES);
    if (!wifi_field_text(L, field, text, sizeof text, sizeof text))
        return 0;
    address_parse_mac(text, mac);
    return 1;
}

int wifi_field_boolean(lua_State *L, const struct wifi_field *field, int otherwise)
{
    if (!push_field(L, field))
        return otherwise;
    luaL_argcheck(L, lua_isboolean(L, -1), 1, field->wrong_type);
    int is_true = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return is_true;
}

int wifi_field_integer(lua_State *L, const struct wifi_field *field, int otherwise, int least,
                       int most)
{
    if (!push_field(L, field))
        return otherwise;
    luaL_argcheck(L, lua_isnumber(L, -1), 1, field->wrong_type);
    lua_Integer number = lua_tointeger(L, -1);
    luaL_argcheck(L, number >= least && number <= most, 1, field->out_of_range);
    lua_pop(L, 1);
    return (int)number;
}

// The firmware makes a coroutine for it, which is garbage at once.
void wifi_field_callback(lua_State *L, const struct wifi_field *field, int kind)
{
    if (!push_field(L, field))
        return;
    luaL_argcheck(L, lua_isfunction(L, -1), 1, field->wrong_type);
    lua_newthread(L);
    lua_pop(L, 1);
    wifi_event_register(L, kind);
}

// ---- results ----

void wifi_push_text(lua_State *L, const char *text, size_t room)
{
    lua_pushlstring(L, text, strnlen(text, room));
}

void wifi_set_text(lua_State *L, const char *key, const char *text, size_t room)
{
    wifi_push_text(L, text, room);
    lua_setfield(L, -2, key);
}

void wifi_set_integer(lua_State *L, const char *key, int number)
{
    lua_pushinteger(L, number);
    lua_setfield(L, -2, key);
}

void wifi_set_boolean(lua_State *L, const char *key, int is_true)
{
    lua_pushboolean(L, is_true);
    lua_setfield(L, -2, key);
}
