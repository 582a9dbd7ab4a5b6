// stringfind.c: string.find, match, gmatch and gsub.
//
// Reads and writes: arguments; reads of characters one by one are reported to the content probe.
// Memory: struct match_state (about 300 bytes on the C stack) and, in gsub, a luaL_Buffer.
// Source: Lua 5.1 reference manual, 5.4; messages of Lua 5.1.
#include "runtime/lib/stringfind.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/format/libc_loads.h"
#include "runtime/lib/stringlib.h"
#include "runtime/lib/stringmatch.h"
#include "runtime/probe/probe.h"

// ---- find and match ----

#ifdef FROST_PROBED
// Reports what memchr reads of `bytes` characters from `at` on; what it looks for is at index
// `found` of them, or nowhere.
static void report_scan(lua_State *L, const char *text, size_t at, size_t found, size_t bytes)
{
    size_t loads = libc_scan_loads(at, found, bytes), end = found < bytes ? found + 1 : bytes;
    PROBE_CONTENT_READ(L, text, at + end - loads, loads, CONTENT_FIND_PLAIN);
}

// Reports what a search for `wanted` reads at a place where its first character was found, and of
// `wanted` the first character besides where that is not `told` yet: it is read once.
static void report_comparison(lua_State *L, const char *text, size_t at, const char *wanted,
                              size_t wanted_bytes, size_t *told)
{
    size_t same = 1 + probe_same_bytes(text + at + 1, wanted + 1, wanted_bytes - 1);
    size_t read = same < wanted_bytes ? same : wanted_bytes - 1;
    PROBE_CONTENT_READ(L, text, at + 1, read, CONTENT_FIND_PLAIN);
    PROBE_CONTENT_READ(L, wanted, *told, read + 1 - *told, CONTENT_FIND_PLAIN);
    *told = 1;
}
#else
#define report_scan(L, text, at, found, bytes) ((void)0)
#define report_comparison(L, text, at, wanted, wanted_bytes, told) ((void)(told))
#endif

// Index of the first place from `first` on where the characters `wanted` stand; -1 if there is
// none.
static ptrdiff_t find_plain(lua_State *L, const char *text, size_t text_bytes, size_t first,
                            const char *wanted, size_t wanted_bytes)
{
    (void)L;
    assert(first <= text_bytes);
    if (wanted_bytes == 0)
        return (ptrdiff_t)first;
    if (wanted_bytes > text_bytes - first)
        return -1;
    size_t places_end = text_bytes - wanted_bytes + 1;
    size_t told = 0;
    for (size_t at = first; at < places_end; at++) {
        const char *found = memchr(text + at, wanted[0], places_end - at);
        size_t scanned = found != NULL ? (size_t)(found - text) - at + 1 : places_end - at;
        report_scan(L, text, at, found ? scanned - 1 : scanned, places_end - at);
        if (found == NULL)
            break;
        at += scanned - 1;
        report_comparison(L, text, at, wanted, wanted_bytes, &told);
        if (memcmp(found, wanted, wanted_bytes) == 0)
            return (ptrdiff_t)at;
    }
    PROBE_CONTENT_READ(L, wanted, 0, 1 - told, CONTENT_FIND_PLAIN);
    return -1;
}

static int has_specials(lua_State *L, const char *pattern)
{
    (void)L;
    size_t plain_bytes = strcspn(pattern, "^$*+?.([%-");
    PROBE_CONTENT_READ(L, pattern, 0, plain_bytes + 1, CONTENT_MATCH_PATTERN);
    return pattern[plain_bytes] != '\0';
}

// Index from 0 where a search begins, from argument 3; at most the length.
static size_t search_start(lua_State *L, size_t bytes)
{
    ptrdiff_t start = string_position(luaL_optinteger(L, 3, 1), bytes) - 1;
    assert(start >= -1);
    if (start < 0)
        return 0;
    return (size_t)start > bytes ? bytes : (size_t)start;
}

static int find_with_pattern(lua_State *L, const char *text, size_t bytes, size_t start,
                             const char *pattern, int is_find)
{
    struct match_state m;
    match_init(&m, L, text, bytes, pattern);
    int is_anchored = match_is_anchored(&m);
    const char *s = text + start;
    do {
        if (!is_anchored)
            s = match_skip(&m, s, pattern);
        const char *end = match_at(&m, s, pattern + is_anchored);
        if (end == NULL)
            continue;
        match_report_reads(&m);
        if (!is_find)
            return match_push_captures(&m, s, end);
        lua_pushinteger(L, (lua_Integer)(s - text) + 1);
        lua_pushinteger(L, (lua_Integer)(end - text));
        return match_push_captures(&m, NULL, NULL) + 2;
    } while (s++ < m.subject_end && !is_anchored);
    match_report_reads(&m);
    lua_pushnil(L);
    return 1;
}

int string_find(lua_State *L)
{
    size_t bytes, pattern_bytes;
    const char *text = luaL_checklstring(L, 1, &bytes);
    const char *pattern = luaL_checklstring(L, 2, &pattern_bytes);
    size_t start = search_start(L, bytes);
    if (!lua_toboolean(L, 4) && has_specials(L, pattern))
        return find_with_pattern(L, text, bytes, start, pattern, 1);
    ptrdiff_t at = find_plain(L, text, bytes, start, pattern, pattern_bytes);
    if (at < 0) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, (lua_Integer)at + 1);
    lua_pushinteger(L, (lua_Integer)at + (lua_Integer)pattern_bytes);
    return 2;
}

int string_match(lua_State *L)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, 1, &bytes);
    const char *pattern = luaL_checkstring(L, 2);
    return find_with_pattern(L, text, bytes, search_start(L, bytes), pattern, 0);
}

// ---- gmatch ----

// The iterator; its upvalues are text, pattern and the index from 0 where it goes on.
static int gmatch_next(lua_State *L)
{
    size_t bytes;
    struct match_state m;
    const char *text = lua_tolstring(L, lua_upvalueindex(1), &bytes);
    const char *pattern = lua_tostring(L, lua_upvalueindex(2));
    match_init(&m, L, text, bytes, pattern);
    const char *s = text + (size_t)lua_tointeger(L, lua_upvalueindex(3));
    assert(s <= m.subject_end + 1);
    for (; s <= m.subject_end; s++) {
        s = match_skip(&m, s, pattern);
        const char *end = match_at(&m, s, pattern);
        if (end == NULL)
            continue;
        match_report_reads(&m);
        lua_Integer next = (lua_Integer)(end - text) + (end == s); // an empty match steps on
        lua_pushinteger(L, next);
        lua_replace(L, lua_upvalueindex(3));
        return match_push_captures(&m, s, end);
    }
    match_report_reads(&m);
    return 0;
}

int string_gmatch(lua_State *L)
{
    luaL_checkstring(L, 1);
    luaL_checkstring(L, 2);
    lua_settop(L, 2);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, gmatch_next, 3);
    return 1;
}

// ---- gsub ----

// Adds the replacement text of argument 3: %0 is the match, %1 to %9 captures, %x any other x.
static void add_template(struct match_state *m, luaL_Buffer *b, const char *start, const char *end)
{
    size_t bytes;
    const char *template = lua_tolstring(m->L, 3, &bytes);
    if (bytes > 0)
        PROBE_CONTENT_READ(m->L, template, 0, bytes, CONTENT_OTHER);
    for (size_t i = 0; i < bytes; i++) {
        if (template[i] != MATCH_ESCAPE) {
            PROBE_CONTENT_READ(m->L, template, i, 1, CONTENT_OTHER); // after room was looked for
            luaL_addchar(b, template[i]);
            continue;
        }
        char c = template[++i]; // the NUL, if the text ends with the escape
        if (!isdigit((unsigned char)c)) {
            luaL_addchar(b, c);
        } else if (c == '0') {
            PROBE_CONTENT_READ(m->L, m->subject, (size_t)(start - m->subject),
                               (size_t)(end - start), CONTENT_BUFFER);
            luaL_addlstring(b, start, (size_t)(end - start));
        } else {
            match_push_capture(m, c - '1', start, end);
            luaL_addvalue(b);
        }
    }
}

// Adds what stands for the match start..end.
static void add_replacement(struct match_state *m, luaL_Buffer *b, const char *start,
                            const char *end)
{
    lua_State *L = m->L;
    match_report_reads(m);
    switch (lua_type(L, 3)) {
    case LUA_TFUNCTION:
        lua_pushvalue(L, 3);
        lua_call(L, match_push_captures(m, start, end), 1);
        break;
    case LUA_TTABLE:
        match_push_capture(m, 0, start, end);
        lua_gettable(L, 3);
        break;
    default:
        add_template(m, b, start, end);
        return;
    }
    if (!lua_toboolean(L, -1)) { // nil and false keep the text
        lua_pop(L, 1);
        match_push_part(L, m->subject, (size_t)(start - m->subject), (size_t)(end - start));
    } else if (!lua_isstring(L, -1)) {
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    }
    luaL_addvalue(b);
}

static void check_replacement_type(lua_State *L)
{
    int type = lua_type(L, 3);
    luaL_argcheck(L,
                  type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION ||
                      type == LUA_TTABLE,
                  3, "string/function/table expected");
}

// Adds the part of the subject from *from up to `to`, and moves *from there; `function`: how the
// firmware does that.
static void add_unmatched(struct match_state *m, luaL_Buffer *b, const char **from, const char *to,
                          int function)
{
    assert(to >= *from);
    size_t bytes = (size_t)(to - *from);
    if (bytes > 0)
        PROBE_CONTENT_READ(m->L, m->subject, (size_t)(*from - m->subject), bytes, function);
    (void)m;
    (void)function;
    luaL_addlstring(b, *from, bytes);
    *from = to;
}

int string_gsub(lua_State *L)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, 1, &bytes);
    const char *pattern = luaL_checkstring(L, 2);
    int count_max = luaL_optint(L, 4, (int)bytes + 1);
    check_replacement_type(L);
    struct match_state m;
    luaL_Buffer b;
    match_init(&m, L, text, bytes, pattern);
    luaL_buffinit(L, &b);
    int is_anchored = match_is_anchored(&m);
    int count = 0;
    const char *s = text;
    const char *unmatched = text; // from here to s nothing has matched
    while (count < count_max) {
        if (!is_anchored)
            s = match_skip(&m, s, pattern);
        const char *end = match_at(&m, s, pattern + is_anchored);
        if (end != NULL) {
            count++;
            add_unmatched(&m, &b, &unmatched, s, CONTENT_MATCH_SUBJECT);
            add_replacement(&m, &b, s, end);
            unmatched = end;
        }
        if (end != NULL && end > s)
            s = end;
        else if (s < m.subject_end)
            s++;
        else
            break;
        if (is_anchored)
            break;
    }
    match_report_reads(&m);
    add_unmatched(&m, &b, &unmatched, s, CONTENT_MATCH_SUBJECT);
    add_unmatched(&m, &b, &unmatched, m.subject_end, CONTENT_BUFFER);
    luaL_pushresult(&b);
    lua_pushinteger(L, count);
    return 2;
}
