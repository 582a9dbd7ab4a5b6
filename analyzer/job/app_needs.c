// app_needs.c: see app_needs.h.

#include "analyzer/job/app_needs.h"

#include <string.h>

#include "analyzer/base/output.h"
#include "analyzer/job/program.h"

#define LIST_BYTES_MAX 65536u // of absent names
#define SOURCE_BYTES_MAX (1u << 20)
#define PLACES_MAX 6u

struct search {
    const struct job_context *context;
    struct arena *arena;
    const struct app_directory *app;
    const struct app_uses *uses;
    const struct vm_settings *vm;
    struct text absent; // the list of the runtime, a name a line
    struct app_needs *needs;
};

// ---- the list of what is absent ----

static int read_absent(struct search *search, const char *runtime, const char *scratch,
                       struct problem *problem)
{
    const char *path = arena_format(search->arena, "%s/absent.txt", scratch);
    char *argv[] = {(char *)runtime, arena_format(search->arena, "--absent-list=%s", path), NULL};
    int status = program_run(argv, ".", true, problem);
    if (status > 0)
        return problem_set(problem, STATUS_IO, text_of(runtime), PROBLEM_NO_OFF,
                           "cannot list what it lacks");
    return status == STATUS_OK
               ? input_read(path, LIST_BYTES_MAX, search->arena, &search->absent, problem)
               : status;
}

// A line of the list: a name, and if it is of older firmware what 3.0 has in its place.
struct absent {
    struct text name, form; // form: data NULL if it is none
};

static struct absent parse(const char *line, size_t bytes)
{
    const char *tab = memchr(line, '\t', bytes);
    if (!tab)
        return (struct absent){.name = {line, bytes}};
    size_t name_bytes = (size_t)(tab - line);
    return (struct absent){{line, name_bytes}, {tab + 1, bytes - name_bytes - 1}};
}

// The longest name of the list that is the use or that the use goes on from ("u8g2.font").
static struct absent find_absent(const struct search *search, struct text use)
{
    const char *at = search->absent.data, *end = at + search->absent.bytes;
    struct absent found = {0};
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t bytes = (size_t)((line_end ? line_end : end) - at);
        struct absent one = parse(at, bytes);
        if (one.name.bytes > found.name.bytes && one.name.bytes <= use.bytes &&
            memcmp(one.name.data, use.data, one.name.bytes) == 0 &&
            (one.name.bytes == use.bytes || use.data[one.name.bytes] == '.'))
            found = one;
        at += bytes + 1;
    }
    return found;
}

// ---- what the user or the application has in its place ----

static bool has_file(const struct search *search, struct text name, const char *tail)
{
    char *path = arena_format(search->arena, "%.*s%s", TEXT_ARGS(name), tail);
    if (app_directory_find(search->app, text_of(path)))
        return true;
    if (!text_ends_with(text_of(path), ".lc"))
        return false;
    path = arena_format(search->arena, "%.*slua", (int)strlen(path) - 2, path); // compiled on it
    return app_directory_find(search->app, text_of(path)) != NULL;
}

static bool is_given(const struct search *search, struct text module)
{
    const struct option_list *chunks = &search->vm->chunks;
    for (size_t i = 0; i < chunks->count; i++)
        if (chunks->presets[i] == VM_CHUNK_GIVEN &&
            text_begins_with(text_of(chunks->items[i]),
                             arena_format(search->arena, "%.*s=", TEXT_ARGS(module))))
            return true;
    return false;
}

// "net.http" is the file "net/http.lua" or "net.http.lua".
static bool has_module(const struct search *search, struct text name)
{
    struct text path = arena_copy_text(search->arena, name);
    for (size_t i = 0; i < path.bytes; i++)
        if (path.data[i] == '.')
            ((char *)path.data)[i] = '/';
    return has_file(search, path, ".lua") || has_file(search, name, ".lua") ||
           has_file(search, path, ".lc") || has_file(search, name, ".lc");
}

// The application opens it or asks whether it is there: it can do without.
static bool is_data(const struct search *search, struct text name)
{
    for (size_t i = 0; i < search->uses->count; i++)
        if (search->uses->items[i].kind == APP_USE_DATA &&
            text_is_equal(search->uses->items[i].name, name))
            return true;
    return false;
}

// ---- remedies ----

// A file that is no Lua and has the name in it, such as the script that makes it; or an example
// of it: "config.lua.example", "config-sample.lua".
static const char *file_remedy(const struct search *search, struct text name)
{
    static const char *const words[] = {"example", "sample", "template", "default", "dist", NULL};
    const struct app_directory *app = search->app;
    struct text stem = text_base_name(name);
    stem.bytes -= text_ends_with(stem, ".lua") ? 4 : 0;
    const char *stem_text = arena_copy_text(search->arena, stem).data;
    for (size_t i = 0; i < app->file_count; i++)
        for (size_t word = 0; words[word]; word++)
            if (strstr(app->files[i].path, stem_text) && strstr(app->files[i].path, words[word]))
                return arena_format(search->arena, "%s shows one; --file %.*s=FILE supplies it",
                                    app->files[i].path, TEXT_ARGS(name));
    for (size_t i = 0; i < app->file_count; i++) {
        struct text content;
        struct problem ignored = {0}; // one that cannot be read says nothing
        const char *path = app->files[i].path;
        if (app->files[i].is_lua || app->files[i].source ||
            input_read(arena_format(search->arena, "%s/%s", app->path, path), SOURCE_BYTES_MAX,
                       search->arena, &content, &ignored) != STATUS_OK)
            continue;
        if (memmem(content.data, content.bytes, name.data, name.bytes))
            return arena_format(search->arena, "%s tells of it; --file %.*s=FILE supplies it", path,
                                TEXT_ARGS(name));
    }
    return arena_format(search->arena, "--file %.*s=FILE supplies it", TEXT_ARGS(name));
}

static const char *remedy_of(const struct search *search, enum app_need_kind kind, struct text name)
{
    switch (kind) {
    case APP_NEEDS_MODULE:
        return arena_format(search->arena, "--module %.*s=FILE.lua supplies one", TEXT_ARGS(name));
    case APP_NEEDS_FILE:
        return file_remedy(search, name);
    case APP_NEEDS_FORM:
        return arena_format(search->arena, "of older firmware; its 3.0 form is %.*s",
                            TEXT_ARGS(find_absent(search, name).form));
    case APP_NEEDS_PART:
        break;
    }
    return "it is nil in the run";
}

// ---- the needs ----

static void add_place(const struct search *search, struct app_need *need, const struct app_use *use,
                      unsigned *count, const char **last_path, int32_t *last_line)
{
    if (use->path == *last_path && use->line == *last_line)
        return;
    bool is_same_file = *count > 0 && use->path == *last_path;
    *last_path = use->path;
    *last_line = use->line;
    if (++*count > PLACES_MAX)
        return;
    if (is_same_file)
        need->places = arena_format(search->arena, "%s, %d", need->places, use->line);
    else
        need->places = arena_format(search->arena, "%s%s%s:%d", *count > 1 ? need->places : "",
                                    *count > 1 ? ", " : "", use->path, use->line);
}

// What a use lacks. False: nothing.
static bool lacks(const struct search *search, const struct app_use *use, enum app_need_kind *kind,
                  struct text *name)
{
    if (use->kind == APP_USE_FIELD || use->kind == APP_USE_MODULE) {
        struct absent absent = find_absent(search, use->name);
        *name = absent.name;
        const char *dot = memchr(use->name.data, '.', use->name.bytes);
        struct text module = {use->name.data,
                              dot ? (size_t)(dot - use->name.data) : use->name.bytes};
        *kind = absent.form.data ? APP_NEEDS_FORM
                : memchr(name->data ? name->data : "", '.', name->bytes) ? APP_NEEDS_PART
                                                                         : APP_NEEDS_MODULE;
        if (name->bytes)
            return !is_given(search, module) && !has_module(search, module);
    }
    if (use->kind == APP_USE_MODULE && !has_module(search, use->name)) {
        *kind = APP_NEEDS_FILE;
        *name = text_of(arena_format(search->arena, "%.*s.lua", TEXT_ARGS(use->name)));
        return !is_data(search, *name);
    }
    if (use->kind != APP_USE_CODE || has_file(search, use->name, "") || is_data(search, use->name))
        return false;
    *kind = APP_NEEDS_FILE;
    *name = use->name;
    return true;
}

static struct app_need *need_of(struct search *search, enum app_need_kind kind, struct text name)
{
    struct app_needs *needs = search->needs;
    for (size_t i = 0; i < needs->count; i++)
        if (needs->items[i].kind == kind && text_is_equal(needs->items[i].name, name))
            return &needs->items[i];
    struct app_need *need = &needs->items[needs->count++];
    *need = (struct app_need){kind, arena_copy_text(search->arena, name), "",
                              remedy_of(search, kind, name)};
    return need;
}

// All places of a need, in the order of the sources.
static void find_places(struct search *search, struct app_need *need)
{
    unsigned count = 0;
    const char *last_path = NULL;
    int32_t last_line = 0;
    for (size_t i = 0; i < search->uses->count; i++) {
        enum app_need_kind kind;
        struct text name;
        if (lacks(search, &search->uses->items[i], &kind, &name) && kind == need->kind &&
            text_is_equal(name, need->name))
            add_place(search, need, &search->uses->items[i], &count, &last_path, &last_line);
    }
    if (count > PLACES_MAX)
        need->places = arena_format(search->arena, "%s and %u more", need->places,
                                    count - PLACES_MAX);
}

int app_needs_find(const struct job_context *context, const struct app_directory *app,
                   const struct app_uses *uses, const struct vm_settings *vm, const char *runtime,
                   const char *scratch, struct app_needs *needs, struct problem *problem)
{
    struct search search = {.context = context,
                            .arena = context->arena,
                            .app = app,
                            .uses = uses,
                            .vm = vm,
                            .needs = needs};
    *needs = (struct app_needs){
        .items = ARENA_NEW_ARRAY(context->arena, struct app_need, uses->count + 1)};
    int status = read_absent(&search, runtime, scratch, problem);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < uses->count; i++) {
        enum app_need_kind kind;
        struct text name;
        if (lacks(&search, &uses->items[i], &kind, &name))
            (void)need_of(&search, kind, name);
    }
    for (size_t i = 0; i < needs->count; i++)
        find_places(&search, &needs->items[i]);
    return STATUS_OK;
}

void app_needs_say(const struct job_context *context, const struct app_needs *needs)
{
    for (size_t i = 0; i < needs->count; i++) {
        const struct app_need *need = &needs->items[i];
        if (need->kind == APP_NEEDS_FILE)
            job_say(context, "needs %.*s, loaded at %s: %s", TEXT_ARGS(need->name), need->places,
                    need->remedy);
        else if (need->kind == APP_NEEDS_FORM)
            job_say(context, "%.*s, used at %s, is %s", TEXT_ARGS(need->name), need->places,
                    need->remedy);
        else
            job_say(context, "%s%.*s is not in frost yet, used at %s: %s",
                    need->kind == APP_NEEDS_MODULE ? "module " : "", TEXT_ARGS(need->name),
                    need->places, need->remedy);
    }
}
