// absent.c: see absent.h.

#include "runtime/nodemcu/absent.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/debug.h"
#include "runtime/core/state.h"
#include "runtime/nodemcu/firmware.h"
#include "runtime/nodemcu/firmware_names.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/port/port.h"

#define TOLD_MAX 16 // then nothing more is told
#define PATH_BYTES 48
#define PLACE_BYTES (LUA_IDSIZE + 32)
#define LINE_BYTES (PLACE_BYTES + 128)

static const struct rotable *globals;
static const char *told[TOLD_MAX]; // names in firmware_modules
static unsigned told_count;
static const struct firmware_form *last_form; // looked up last of all and not found

// ---- where a table is ----

// The module of which a table is, or is a part; `path` gets "" or "sta.". NULL: of none.
static const char *module_of(const struct rotable *t, char path[PATH_BYTES])
{
    for (const struct rotable_entry *e = globals->entries; e->key; e++) {
        if (e->value.tag != ROTABLE_TAG_TABLE || e->value.as.table == globals)
            continue;
        path[0] = '\0';
        if (e->value.as.table == t)
            return e->key;
        for (const struct rotable_entry *part = e->value.as.table->entries; part->key; part++) {
            if (part->value.tag != ROTABLE_TAG_TABLE || part->value.as.table != t)
                continue;
            snprintf(path, PATH_BYTES, "%s.", part->key);
            return e->key;
        }
    }
    return NULL;
}

// ---- what is told ----

// "; used at FILE:LINE" of the call that runs, or that has called the C function that does.
static void place_text(lua_State *L, char *text, size_t bytes)
{
    struct call_record *call = DEREF(L->call);
    text[0] = '\0';
    if (!call_is_lua(call) && call > DEREF(L->calls))
        call--;
    if (!call_is_lua(call))
        return;
    char id[LUA_IDSIZE];
    debug_source_id(L, id, CALL_PROTO(call));
    snprintf(text, bytes, "; used at %s:%d", id, debug_current_line(L, call));
}

// `module`: NULL, or that of which `name` is a part.
static void tell(lua_State *L, const char *module, const char *path, const char *name)
{
    char place[PLACE_BYTES], line[LINE_BYTES];
    place_text(L, place, sizeof place);
    if (module)
        snprintf(line, sizeof line, "frost: '%s.%s%s' is not in frost yet%s\n", module, path, name,
                 place);
    else
        snprintf(line, sizeof line,
                 "frost: module '%s' is not in frost yet%s; supply one with --module "
                 "%s=FILE.lua\n",
                 name, place, name);
    port_console_error(line, strlen(line));
}

// ---- looking up ----

static int is_told(const char *name)
{
    for (unsigned i = 0; i < told_count; i++)
        if (told[i] == name)
            return 1;
    return told_count == TOLD_MAX;
}

// It is, and what an edition hides is not told of.
static int is_entry(const struct rotable *t, const char *key)
{
    for (const struct rotable_entry *e = t->entries; e->key; e++)
        if (strcmp(e->key, key) == 0)
            return 1;
    return 0;
}

// What is absent. Result: the name in firmware_modules of a module, or of the part of one that
// *module and `path` say; NULL: the firmware does not have it either. *form: a form of older
// firmware, or NULL.
static const char *find_absent(const struct rotable *t, const char *key, const char **module,
                               char path[PATH_BYTES], const struct firmware_form **form)
{
    const struct firmware_module *found;
    *form = NULL;
    *module = NULL;
    if (is_entry(t, key))
        return NULL;
    if (t == globals) {
        found = firmware_module_find(key);
        return found ? found->name : NULL;
    }
    *module = module_of(t, path);
    if (!*module)
        return NULL;
    char full[PATH_BYTES];
    int path_bytes = (int)strlen(path);
    snprintf(full, sizeof full, "%s%s%.*s", *module, path_bytes ? "." : "",
             path_bytes ? path_bytes - 1 : 0, path);
    *form = firmware_form_find(full, key);
    found = firmware_module_find(*module);
    return found ? firmware_module_name(found, path, key) : NULL;
}

static int wants(const struct rotable *t, const char *key)
{
    char path[PATH_BYTES];
    const char *module;
    const struct firmware_form *form;
    const char *name = find_absent(t, key, &module, path, &form);
    return form || (name && !is_told(name));
}

static void missed(lua_State *L, const struct rotable *t, const char *key)
{
    char path[PATH_BYTES];
    const char *module, *name = find_absent(t, key, &module, path, &last_form);
    // A C function that looks a module up, as require does before it looks for a file, may find it
    // elsewhere.
    if (!name || is_told(name) || !call_is_lua(DEREF(L->call)))
        return;
    told[told_count++] = name;
    tell(L, module, path, key);
}

static void not_found(lua_State *L, const char *module)
{
    const struct firmware_module *found = firmware_module_find(module);
    if (!found || is_entry(globals, module) || is_told(found->name))
        return;
    told[told_count++] = found->name;
    tell(L, NULL, "", module);
}

// Of these the firmware has a second one, in Lua, which programs take along; it is built without
// the one in C then.
static int gives_way(const char *module)
{
    static const char *const names[] = {"bme280"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(module, names[i]) == 0)
            return 1;
    return 0;
}

// An error is coming, since nil was called or indexed.
static void nil_used(lua_State *L, const char *kind, const char *name)
{
    (void)L;
    const struct firmware_form *form = NULL;
    if (strcmp(kind, "global") == 0)
        form = firmware_form_find(NULL, name);
    else if (last_form && strcmp(strrchr(last_form->name, '.') + 1, name) == 0)
        form = last_form;
    if (form)
        firmware_form_tell(form);
}

static const struct rotable_observer observer = {wants, missed, not_found, gives_way};

// ---- modules of older firmware ----

ROTABLE_BEGIN(legacy_globals)
    ROTABLE_TABLE("cjson", cjson_lib)
ROTABLE_END(legacy_globals, NULL, 0)

// What stock firmware does not have, from the strict editions.
static void hide_ours(void)
{
    if (firmware_edition() != FIRMWARE_STOCK && firmware_edition() != FIRMWARE_STOCK_2018)
        return;
    rotable_hide(globals, "freezer");
    rotable_hide(&file_lib, "view");
    rotable_hide(&node_egc_lib, "peak");
    rotable_hide(&node_lfs_lib, "resource");
    rotable_hide(&node_lfs_lib, "reload_devs");
    if (firmware_edition() == FIRMWARE_STOCK_2018)
        rotable_hide(&node_lib, "LFS");
}

void absent_open(const struct rotable *all)
{
    globals = all;
    rotable_observer = &observer;
    debug_nil_used = nil_used;
    hide_ours();
    if (!firmware_is_legacy())
        return;
    rotable_extend(globals, &legacy_globals);
    rotable_extend(&tmr_lib, &tmr_legacy_lib);
    rotable_extend(&node_lib, &node_legacy_lib);
    rotable_extend(&wifi_sta_lib, &wifi_sta_legacy_lib);
    rotable_extend(&net_udp_meta, &net_udp_legacy_meta);
}

void absent_reset(void)
{
    told_count = 0;
    last_form = NULL;
    firmware_reset();
}
