// crypto.c: the module crypto: digests of texts and files, masks, encryption.
//
// Reads and writes: arguments; the file of fhash, through the program's file system.
// Memory: an object is a userdata of the firmware's size; else the result.
// Source: facts on NodeMCU 3.0: AES with keys of 128 bits.

#include <string.h>
#include <strings.h>

#include "runtime/flash/file_system.h"
#include "runtime/nodemcu/data/aes.h"
#include "runtime/nodemcu/data/digest.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/probe/probe.h"
#include "runtime/world/world.h"

#define META "crypto.hash"
#define PIECE_BYTES 256 // of a file, at a time

static int check_method(lua_State *L, int arg)
{
    int method = digest_find(luaL_checkstring(L, arg));
    return method >= 0 ? method : luaL_error(L, "unknown hash mech");
}

static int push_digest(lua_State *L, struct digest *d, int has_key)
{
    uint8_t result[DIGEST_RESULT_BYTES_MAX];
    if (has_key)
        digest_end_key(d, result);
    else
        digest_end(d, result);
    lua_pushlstring(L, (const char *)result, digest_result_bytes((int)d->method));
    return 1;
}

// ---- in one call ----

static int push_hash(lua_State *L, int method, int arg)
{
    size_t bytes;
    union digest_room room;
    const char *text = luaL_checklstring(L, arg, &bytes);
    digest_begin(&room.digest, method);
    digest_add(&room.digest, text, bytes);
    return push_digest(L, &room.digest, 0);
}

// crypto.sha1(text)
static int crypto_sha1(lua_State *L)
{
    return push_hash(L, DIGEST_SHA1, 1);
}

// crypto.hash(method, text)
static int crypto_hash(lua_State *L)
{
    return push_hash(L, check_method(L, 1), 2);
}

// crypto.hmac(method, text, key)
static int crypto_hmac(lua_State *L)
{
    size_t bytes, key_bytes;
    union digest_room room;
    int method = check_method(L, 1);
    const char *text = luaL_checklstring(L, 2, &bytes);
    const char *key = luaL_checklstring(L, 3, &key_bytes);
    PROBE_CREDENTIAL(L, key);
    digest_begin_key(&room.digest, method, key, key_bytes);
    digest_add(&room.digest, text, bytes);
    return push_digest(L, &room.digest, 1);
}

// crypto.fhash(method, file)
static int crypto_fhash(lua_State *L)
{
    struct fs_file *file;
    union digest_room room;
    char piece[PIECE_BYTES];
    long bytes;
    int method = check_method(L, 1);
    const char *name = luaL_checkstring(L, 2);
    if (fs_open(fs_program, name, FS_READ, &file) != 0)
        return luaL_error(L, "file does not exist");
    world_note_file(WORLD_FILE_READ, name);
    digest_begin(&room.digest, method);
    while ((bytes = fs_read(file, piece, sizeof piece)) > 0)
        digest_add(&room.digest, piece, (size_t)bytes);
    fs_close(file);
    return push_digest(L, &room.digest, 0);
}

// ---- objects ----

static struct digest *check_object(lua_State *L)
{
    return luaL_checkudata(L, 1, META);
}

static int has_key(lua_State *L, const struct digest *d)
{
    return lua_objlen(L, 1) > digest_bytes((int)d->method, 0);
}

static int hash_update(lua_State *L)
{
    size_t bytes;
    struct digest *d = check_object(L);
    const char *text = luaL_checklstring(L, 2, &bytes);
    digest_add(d, text, bytes);
    return 0;
}

static int hash_finalize(lua_State *L)
{
    struct digest *d = check_object(L);
    return push_digest(L, d, has_key(L, d));
}

ROTABLE_EXTERN(crypto_hash_meta);
ROTABLE_BEGIN(crypto_hash_meta)
    ROTABLE_TABLE("__index", crypto_hash_meta)
    ROTABLE_FUNC("update", hash_update)
    ROTABLE_FUNC("finalize", hash_finalize)
ROTABLE_END(crypto_hash_meta, NULL, ROTABLE_EVENT_INDEX)

static struct digest *push_object(lua_State *L, int method, int is_keyed)
{
    struct digest *d = lua_newuserdata(L, digest_bytes(method, is_keyed));
    digest_begin(d, method);
    luaL_rometatable(L, META, &crypto_hash_meta);
    lua_setmetatable(L, -2);
    return d;
}

// crypto.new_hash(method)
static int crypto_new_hash(lua_State *L)
{
    push_object(L, check_method(L, 1), 0);
    return 1;
}

// crypto.new_hmac(method, key)
static int crypto_new_hmac(lua_State *L)
{
    size_t bytes;
    int method = check_method(L, 1);
    const char *key = luaL_checklstring(L, 2, &bytes);
    PROBE_CREDENTIAL(L, key);
    digest_begin_key(push_object(L, method, 1), method, key, bytes);
    return 1;
}

// ---- masks ----

// crypto.mask(text, mask): the mask is repeated.
static int crypto_mask(lua_State *L)
{
    size_t bytes, mask_bytes;
    luaL_Buffer b;
    const char *text = luaL_checklstring(L, 1, &bytes);
    const char *mask = luaL_checklstring(L, 2, &mask_bytes);
    if (mask_bytes == 0)
        return luaL_error(L, "invalid argument: mask");
    luaL_buffinit(L, &b);
    for (size_t i = 0; i < bytes; i++)
        luaL_addchar(&b, (char)(text[i] ^ mask[i % mask_bytes]));
    luaL_pushresult(&b);
    return 1;
}

// ---- encryption ----

// Which cipher the first argument names: 1 in a chain, 0 not.
static int check_cipher(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    if (strcasecmp(name, "AES-ECB") != 0 && strcasecmp(name, "AES-CBC") != 0)
        luaL_error(L, "unknown cipher: %s", name);
    return strcasecmp(name, "AES-CBC") == 0;
}

// The text in blocks that are filled up with zeros; encrypted or decrypted in place.
static int push_crypted(lua_State *L,
                        void (*crypt)(const struct aes *, uint8_t *, size_t, uint8_t *))
{
    int is_chained = check_cipher(L);
    size_t key_bytes, bytes, start_bytes;
    const char *key = luaL_checklstring(L, 2, &key_bytes);
    const char *text = luaL_checklstring(L, 3, &bytes);
    PROBE_CREDENTIAL(L, key);
    const char *start = luaL_optlstring(L, 4, "", &start_bytes);
    size_t block_bytes = (bytes + AES_BYTES - 1) / AES_BYTES * AES_BYTES;
    uint8_t chain[AES_BYTES] = {0};
    struct aes aes;
    if (key_bytes != AES_BYTES)
        return luaL_error(L, "crypto op failed");
    memcpy(chain, start, start_bytes < sizeof chain ? start_bytes : sizeof chain);
    aes_begin(&aes, (const uint8_t *)key);
    uint8_t *blocks = lua_newuserdata(L, block_bytes);
    memset(blocks, 0, block_bytes);
    memcpy(blocks, text, bytes);
    crypt(&aes, blocks, block_bytes, is_chained ? chain : NULL);
    lua_pushlstring(L, (const char *)blocks, block_bytes);
    return 1;
}

// crypto.encrypt(cipher, key, text [, initial vector])
static int crypto_encrypt(lua_State *L)
{
    return push_crypted(L, aes_encrypt_all);
}

// crypto.decrypt(cipher, key, text [, initial vector]): zeros at the end stay.
static int crypto_decrypt(lua_State *L)
{
    return push_crypted(L, aes_decrypt_all);
}

ROTABLE_BEGIN(crypto_lib)
    ROTABLE_FUNC("sha1", crypto_sha1)
    ROTABLE_FUNC("hash", crypto_hash)
    ROTABLE_FUNC("fhash", crypto_fhash)
    ROTABLE_FUNC("hmac", crypto_hmac)
    ROTABLE_FUNC("new_hash", crypto_new_hash)
    ROTABLE_FUNC("new_hmac", crypto_new_hmac)
    ROTABLE_FUNC("mask", crypto_mask)
    ROTABLE_FUNC("encrypt", crypto_encrypt)
    ROTABLE_FUNC("decrypt", crypto_decrypt)
ROTABLE_END(crypto_lib, NULL, 0)
