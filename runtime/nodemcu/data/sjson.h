// sjson.h: what the parts of the module sjson share.

#ifndef FROST_NODEMCU_DATA_SJSON_H
#define FROST_NODEMCU_DATA_SJSON_H

#include <stddef.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/rotable.h"

#define SJSON_LEVELS 20 // the firmware's, whatever the option `depth` says

// Is the text a number of JSON?
int sjson_is_number(const char *text, size_t bytes);

ROTABLE_EXTERN(sjson_encoder_meta);
ROTABLE_EXTERN(sjson_decoder_meta);

// sjson.encode(table [, options]), sjson.encoder(table [, options])
int sjson_encode(lua_State *L);
int sjson_encoder(lua_State *L);
// sjson.decode(text [, options]), sjson.decoder([options])
int sjson_decode(lua_State *L);
int sjson_decoder(lua_State *L);

#endif
