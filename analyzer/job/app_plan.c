// app_plan.c: see app_plan.h.

#include "analyzer/job/app_plan.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/job/app_seen.h"

#define OWN_INIT "_init.lua"
#define NAME_BYTES_MAX 31u // of a module; the firmware's file names are no longer either

// ---- what the sources say ----

static bool names_module(struct text name, const char *path, struct arena *arena)
{
    char *as_path = arena_format(arena, "%.*s.lua", TEXT_ARGS(name));
    if (!strcmp(as_path, path))
        return true;
    for (size_t i = 0; i < name.bytes; i++)
        if (as_path[i] == '.')
            as_path[i] = '/';
    return !strcmp(as_path, path);
}

// As code "a.lc" is what was compiled from "a.lua"; as data it is another file.
static bool names_file(struct text name, const char *path, bool as_data)
{
    size_t bytes = strlen(path);
    if (text_is_equal(name, text_of(path)))
        return true;
    return !as_data && text_ends_with(name, ".lc") && name.bytes == bytes - 1 &&
           !strncmp(name.data, path, bytes - 3);
}

// The first place that names the file as code or as data; NULL: none does.
static const struct app_use *find_use(const struct app_uses *uses, const struct app_file *file,
                                      bool as_data, struct arena *arena)
{
    for (size_t i = 0; i < uses->count; i++) {
        const struct app_use *use = &uses->items[i];
        struct arena_mark mark = arena_mark(arena);
        bool is_it = false;
        if (use->kind == APP_USE_MODULE && !as_data)
            is_it = names_module(use->name, file->path, arena);
        else if (use->kind == (as_data ? APP_USE_DATA : APP_USE_CODE))
            is_it = names_file(use->name, file->path, as_data);
        arena_rewind(arena, mark);
        if (is_it)
            return use;
    }
    return NULL;
}

// The global of that name, or a field of it.
static bool uses_global(const struct app_uses *uses, const char *name)
{
    size_t bytes = strlen(name);
    for (size_t i = 0; i < uses->count; i++) {
        struct text used = uses->items[i].name;
        if (uses->items[i].kind == APP_USE_FIELD && text_begins_with(used, name) &&
            (used.bytes == bytes || used.data[bytes] == '.'))
            return true;
    }
    return false;
}

// ---- roles ----

static bool matches(const struct option_list *patterns, const char *path)
{
    for (size_t i = 0; i < patterns->count; i++)
        if (fnmatch(patterns->items[i], path, 0) == 0)
            return true;
    return false;
}

static void set_role(struct app_file *file, enum app_role role, const char *reason)
{
    file->role = role;
    file->reason = reason;
}

static void decide_by_use(struct app_file *file, const struct app_uses *uses, bool takes_undecided,
                          struct arena *arena)
{
    const struct app_use *code = find_use(uses, file, false, arena);
    const struct app_use *data = find_use(uses, file, true, arena);
    bool is_loaded = file->seen & APP_SEEN(WORLD_FILE_LOADED);
    if (app_seen_compiled_away(file))
        set_role(file, APP_ROLE_MODULE, "the run compiles and removes it");
    else if (file->seen & APP_SEEN(WORLD_FILE_COMPILED))
        set_role(file, APP_ROLE_FILE, "the run compiles it, and keeps it");
    else if (file->seen & APP_SEEN_AS_DATA)
        set_role(file, APP_ROLE_FILE, "the run asks for it as a file");
    else if (data)
        set_role(file, APP_ROLE_FILE,
                 arena_format(arena, "%s:%d names it as a file", data->path, data->line));
    else if (is_loaded && !code && file->is_listed)
        set_role(file, APP_ROLE_FILE, "undecided: the run has found it by file.list");
    else if (is_loaded)
        set_role(file, APP_ROLE_MODULE, "the run loads it");
    else if (code)
        set_role(file, APP_ROLE_MODULE,
                 arena_format(arena, "%s:%d loads it", code->path, code->line));
    else if (takes_undecided)
        set_role(file, APP_ROLE_MODULE, "undecided, and the run as it is failed");
    else
        set_role(file, APP_ROLE_FILE, "undecided: nothing loads it by name");
}

static void decide(struct app_file *file, const struct app_uses *uses, const struct app_plan *plan,
                   const struct app_plan_settings *settings, struct arena *arena)
{
    if (matches(&settings->files, file->path))
        set_role(file, APP_ROLE_FILE, "--keep");
    else if (!file->is_lua)
        set_role(file, APP_ROLE_FILE, "no Lua source");
    else if (!file->compiles)
        set_role(file, APP_ROLE_FILE, "cannot be compiled");
    else if (strchr(file->path, '=')) // NAME=FILE could not tell which is which
        set_role(file, APP_ROLE_FILE, "a module's name has no '='");
    else if (matches(&settings->modules, file->path))
        set_role(file, APP_ROLE_MODULE, "--lfs");
    else if (!strcmp(file->path, OWN_INIT))
        set_role(file, APP_ROLE_MODULE, "the way to the others");
    else if (!strcmp(file->path, APP_START_FILE))
        set_role(file, plan->has_own_init ? APP_ROLE_FILE : APP_ROLE_MODULE,
                 plan->has_own_init ? "starts the application" : "a small one takes its place");
    else
        decide_by_use(file, uses, settings->takes_undecided, arena);
}

// ---- names ----

// A name that no file has.
static const char *start_name(const struct app_directory *app, struct arena *arena)
{
    const char *name = "app_init";
    while (app_directory_find(app, text_of(arena_format(arena, "%s.lua", name))))
        name = arena_format(arena, "%s_", name);
    return name;
}

static const char *module_name(const char *path, struct arena *arena)
{
    char *name = arena_format(arena, "%.*s", (int)strlen(path) - 4, path);
    for (char *at = name; *at; at++)
        if (*at == '/')
            *at = '.';
    return name;
}

static int check_names(const struct app_directory *app, struct problem *problem)
{
    for (size_t i = 1; i < app->module_count; i++)
        if (!strcmp(app->files[i - 1].name, app->files[i].name))
            return problem_set(problem, STATUS_USAGE, text_of(app->path), PROBLEM_NO_OFF,
                               "%.50s and %.50s would both be the module '%.30s'",
                               app->files[i - 1].path, app->files[i].path, app->files[i].name);
    return STATUS_OK;
}

// ---- room ----

// What the way to the others needs itself: files that it names, and those that they name.
static void mark_needed(struct app_directory *app, const struct app_uses *uses,
                        struct app_file *file, struct arena *arena)
{
    if (file->is_needed)
        return;
    file->is_needed = true;
    for (size_t i = 0; i < app->file_count; i++) {
        struct app_file *other = &app->files[i];
        if (other->is_needed || other->role != APP_ROLE_MODULE)
            continue;
        for (size_t n = 0; n < uses->count && !other->is_needed; n++) {
            const struct app_uses own = {&uses->items[n], 1, 1};
            if (!strcmp(uses->items[n].path, file->path) && find_use(&own, other, false, arena))
                mark_needed(app, uses, other, arena);
        }
    }
}

// What the code took of RAM in the run as it is, for how long: what its place in the image saves.
static int compare_worth(const void *a, const void *b)
{
    const struct app_file *x = *(struct app_file *const *)a, *y = *(struct app_file *const *)b;
    if (x->is_needed != y->is_needed)
        return x->is_needed ? -1 : 1;
    if (x->stayed_byte_ms != y->stayed_byte_ms)
        return x->stayed_byte_ms > y->stayed_byte_ms ? -1 : 1;
    if (x->image_bytes != y->image_bytes)
        return x->image_bytes > y->image_bytes ? -1 : 1;
    return strcmp(x->path, y->path);
}

// One place is the list's, another one a generated `_init`'s.
static void fit(struct app_plan *plan, struct app_directory *app, const struct app_uses *uses,
                struct arena *arena)
{
    size_t room = APP_MODULES_MAX - (plan->has_own_init ? 1 : 2);
    struct app_file **by_worth = ARENA_NEW_ARRAY(arena, struct app_file *, app->file_count);
    size_t count = 0;
    for (size_t i = 0; i < app->file_count; i++)
        if (app->files[i].role == APP_ROLE_MODULE)
            by_worth[count++] = &app->files[i];
    if (count <= room)
        return;
    for (size_t i = 0; i < count; i++)
        if (!strcmp(by_worth[i]->path, OWN_INIT))
            mark_needed(app, uses, by_worth[i], arena);
        else
            by_worth[i]->is_needed |= !strcmp(by_worth[i]->path, APP_START_FILE);
    qsort(by_worth, count, sizeof *by_worth, compare_worth);
    for (size_t i = room; i < count; i++)
        set_role(by_worth[i], APP_ROLE_FILE, "an image has room for 50 modules: others save more");
    plan->left_out_count = count - room;
}

int app_plan_make(struct app_plan *plan, struct app_directory *app, const struct app_uses *uses,
                  const struct app_plan_settings *settings, struct arena *arena,
                  struct problem *problem)
{
    const struct app_file *own = app_directory_find(app, text_of(OWN_INIT));
    *plan = (struct app_plan){.has_own_init = own && own->compiles};
    for (size_t i = 0; i < app->file_count; i++)
        decide(&app->files[i], uses, plan, settings, arena);
    fit(plan, app, uses, arena);
    for (size_t i = 0; i < app->file_count; i++) {
        struct app_file *file = &app->files[i];
        if (file->role != APP_ROLE_MODULE)
            continue;
        bool is_start = !strcmp(file->path, APP_START_FILE);
        file->name = is_start ? start_name(app, arena) : module_name(file->path, arena);
        if (is_start)
            plan->start_module = file->name;
        if (strlen(file->name) > NAME_BYTES_MAX)
            file->reason = arena_format(arena, "%s; its name is longer than %u characters",
                                        file->reason, NAME_BYTES_MAX);
    }
    plan->maps_files = uses_global(uses, "dofile") || uses_global(uses, "loadfile") ||
                       plan->start_module;
    plan->has_table = uses_global(uses, "LFS");
    app_directory_sort(app);
    return check_names(app, problem);
}

// ---- generated sources ----

// `mapped`: how a name that is none of the image becomes one. "drivers/relay" is "drivers.relay":
// `require` takes either for the file "drivers/relay.lua". A text that is made takes RAM at a bad
// moment, so names are looked for as they are first.
static void write_init(const struct app_plan *plan, const char *mapped, FILE *file)
{
    fprintf(
        file,
        "-- _init.lua: makes the modules in the Lua Flash Store reachable. Made by frost profile.\n"
        "-- A file of the same name goes before a module: delete those that are in the image.\n"
        "\n"
        "local index = node.LFS and node.LFS.get or node.flashindex\n"
        "local function find(name)\n"
        "    local f = index(name)\n"
        "    if type(f) ~= \"function\" then f = index(%s) end -- older firmware: numbers\n"
        "    if type(f) == \"function\" then return f end\n"
        "end\n"
        "\n"
        "package.loaders[3] = function(name)\n"
        "    return find(name) or \"\\n\\tno module '\" .. name .. \"' in LFS\"\n"
        "end\n",
        mapped);
    if (plan->has_table)
        fputs("\n"
              "-- LFS.name(...) calls a module.\n"
              "LFS = setmetatable({}, {__index = function(_, name)\n"
              "    if name == \"_list\" then return node.LFS and node.LFS.list() or "
              "(select(5, index())) end\n"
              "    if name == \"_time\" then return node.LFS and node.LFS.time or (index()) end\n"
              "    return find(name)\n"
              "end})\n",
              file);
    if (!plan->maps_files)
        return;
    fputs("\n"
          "-- \"net/http/server.lua\" is the module \"net.http.server\".\n"
          "local from_file, exists = loadfile, file.exists\n"
          "function loadfile(name)\n"
          "    local f\n"
          "    if not exists(name) then f = find((name:gsub(\"%.l[uc]a?$\", \"\"))) end\n"
          "    if f then return f end\n"
          "    return from_file(name)\n"
          "end\n"
          "function dofile(name)\n"
          "    local f, message = loadfile(name)\n"
          "    if not f then error(message, 0) end\n"
          "    return f()\n"
          "end\n",
          file);
}

void app_plan_write_init(const struct app_plan *plan, FILE *file)
{
    write_init(plan, "(name:gsub(\"/\", \".\"))", file);
}

void app_plan_write_flat_init(const struct app_plan *plan, FILE *file)
{
    write_init(plan, "(name:gsub(\"[/.]\", \"_\"))", file);
}

void app_plan_write_start(const struct app_plan *plan, FILE *file)
{
    fprintf(
        file,
        "-- init.lua: starts the application out of the Lua Flash Store. Made by frost profile;\n"
        "-- the application's own init.lua is the module \"%s\".\n"
        "\n"
        "local start = (node.LFS and node.LFS.get or node.flashindex)(\"_init\")\n"
        "if type(start) ~= \"function\" then\n"
        "    print(\"no image in the Lua Flash Store, or one without _init\")\n"
        "    return\n"
        "end\n"
        "start()\n"
        "start = nil\n"
        "return dofile(\"%s.lua\")\n",
        plan->start_module, plan->start_module);
}
