// freezer_source.c: see freezer_source.h.

#include "runtime/nodemcu/system/freezer_source.h"

#include "runtime/flash/file_system.h"
#include "runtime/flash/inflate.h"
#include "runtime/nodemcu/modules.h"

int freezer_source_open(lua_State *L, struct freezer_source *source, const char *name, int slot)
{
    source->name = name;
    source->file = NULL;
    source->slot = slot;
    source->is_over = 0;
    source->crc = source->bytes = 0;
    return lua_isnoneornil(L, slot) ? fs_open(fs_program, name, FS_READ, &source->file) : 0;
}

void freezer_source_close(struct freezer_source *source)
{
    if (source->file)
        fs_close(source->file);
    source->file = NULL;
}

static const char *read_file(lua_State *L, struct freezer_source *source, size_t *bytes)
{
    long count = fs_read(source->file, source->buffer, sizeof source->buffer);
    if (count < 0)
        luaL_error(L, "cannot read %s", source->name);
    *bytes = (size_t)count;
    return count > 0 ? source->buffer : NULL;
}

static const char *read_value(lua_State *L, struct freezer_source *source, size_t *bytes)
{
    *bytes = 0;
    if (source->is_over)
        return NULL;
    if (!lua_isfunction(L, source->slot)) {
        source->is_over = 1;
        return lua_tolstring(L, source->slot, bytes);
    }
    luaL_checkstack(L, 2, "too many nested functions");
    lua_pushvalue(L, source->slot);
    lua_call(L, 0, 1);
    source->is_over = lua_isnil(L, -1);
    if (!source->is_over && !lua_isstring(L, -1))
        luaL_error(L, "reader function must return a string");
    lua_replace(L, source->slot + 1);
    return source->is_over ? NULL : lua_tolstring(L, source->slot + 1, bytes);
}

const char *freezer_source_read(lua_State *L, void *data, size_t *bytes)
{
    struct freezer_source *source = data;
    const char *piece = source->file ? read_file(L, source, bytes) : read_value(L, source, bytes);
    source->crc = inflate_crc(source->crc, piece, (uint32_t)*bytes);
    source->bytes += (uint32_t)*bytes;
    return piece;
}

int freezer_source_sum(const char *name, uint32_t *crc, uint32_t *bytes)
{
    struct fs_file *file;
    uint8_t buffer[256];
    long count;
    int error = fs_open(fs_program, name, FS_READ, &file);
    *crc = *bytes = 0;
    if (error != 0)
        return error;
    while ((count = fs_read(file, buffer, sizeof buffer)) > 0) {
        *crc = inflate_crc(*crc, buffer, (uint32_t)count);
        *bytes += (uint32_t)count;
    }
    fs_close(file);
    return count < 0 ? (int)count : 0;
}
