// input.c: the compiler's inputs; see input.h.

#include "runtime/luac/input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/port/port.h"

// ---- files ----

struct file_reader {
    FILE *stream;
    int error;            // errno of a failed read
    int has_line_pending; // a first line with # was left out
    char buffer[4096];
};

static const char *read_piece(lua_State *L, void *data, size_t *bytes)
{
    struct file_reader *r = data;
    (void)L;
    if (r->has_line_pending) {
        r->has_line_pending = 0;
        *bytes = 1;
        return "\n";
    }
    errno = 0;
    *bytes = fread(r->buffer, 1, sizeof(r->buffer), r->stream);
    if (*bytes == 0 && ferror(r->stream))
        r->error = errno ? errno : EIO;
    return *bytes > 0 ? r->buffer : NULL;
}

// A first line that begins with # is no Lua; it counts as a line of source, and bytecode begins
// after it.
static void pass_first_line(struct file_reader *r)
{
    int c = getc(r->stream);
    if (c == '#') {
        while (c != EOF && c != '\n')
            c = getc(r->stream);
        if (c == '\n')
            c = getc(r->stream);
        r->has_line_pending = c != LUA_SIGNATURE[0];
    }
    if (c != EOF)
        ungetc(c, r->stream);
}

static _Noreturn void raise_cannot(lua_State *L, const char *what, const char *file, int error)
{
    lua_pushfstring(L, "cannot %s %s: %s", what, file, port_error_text(error));
    lua_error(L);
}

void input_load(lua_State *L, const char *file)
{
    struct file_reader r = {.stream = stdin};
    int is_stdin = strcmp(file, "-") == 0;
    const char *chunk_name = is_stdin ? "=stdin" : lua_pushfstring(L, "@%s", file);
    int top = lua_gettop(L);
    if (!is_stdin && !(r.stream = fopen(file, "rb")))
        raise_cannot(L, "open", file, errno);
    pass_first_line(&r);
    int status = lua_load(L, read_piece, &r, chunk_name);
    int is_read = !ferror(r.stream);
    if (!is_stdin)
        fclose(r.stream);
    if (!is_read)
        raise_cannot(L, "read", is_stdin ? "stdin" : file, r.error ? r.error : EISDIR);
    if (status != LUA_OK)
        lua_error(L);
    if (!is_stdin)
        lua_remove(L, top);
}

// ---- names ----

void input_split(lua_State *L, const char *argument, const char **name, const char **file)
{
    const char *equal = strchr(argument, '=');
    struct stat about;
    *name = NULL;
    *file = argument;
    if (!equal || stat(argument, &about) == 0)
        return;
    if (equal == argument || equal[1] == 0)
        luaL_error(L, "'%s' is not of the form NAME=FILE", argument);
    lua_pushlstring(L, argument, (size_t)(equal - argument));
    *name = lua_tostring(L, -1);
    *file = equal + 1;
}

static void push_base_name(lua_State *L, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    while (*base == '.')
        base++;
    lua_pushlstring(L, base, strcspn(base, "."));
}

void input_describe(lua_State *L, const char *name, const char *file, struct module *module)
{
    struct proto *p = DEREF(VALUE_LUA_CLOSURE(TOP(L) - 1)->proto);
    const char *source = REF_IS_NULL(p->source) ? "=?" : STRING_TEXT(DEREF(p->source));
    if (name)
        lua_pushstring(L, name);
    else if ((*source == '@' || *source == '=') && strcmp(source, "=?") != 0)
        push_base_name(L, source + 1);
    else
        push_base_name(L, strcmp(file, "-") == 0 ? "stdin" : file);
    module->name = lua_tostring(L, -1);
    module->file = file;
    module->proto = p;
}
