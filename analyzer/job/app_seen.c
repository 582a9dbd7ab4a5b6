// app_seen.c: see app_seen.h.
//
// Code belongs to the file that was loaded last: nothing is compiled while another file is. What
// loadstring makes within the same turn counts there, too.

#include "analyzer/job/app_seen.h"

#include "analyzer/analysis/heap/replay.h"
#include "analyzer/trace/trace_pieces.h"
#include "runtime/format/device_time.h"

#define NS_PER_MS 1000000u

// The code of a file in RAM.
struct code {
    uint64_t live_bytes;
    uint64_t since_ns; // of the device, up to which byte_ms counts
    double byte_ns;
};

struct pass {
    struct app_directory *app;
    struct arena *arena;
    struct code *codes; // of the files
    const struct replay *replay;
    struct trace_pieces pieces;
    struct app_file *loading; // NULL: what is made now is no file's
    uint64_t turn_ns, turn_clock;
};

// "a.lc" was compiled from "a.lua".
static struct app_file *find_source(const struct app_directory *app, struct text name,
                                    struct arena *arena)
{
    struct app_file *file = app_directory_find(app, name);
    if (file || !text_ends_with(name, ".lc"))
        return file;
    return app_directory_find(
        app, text_of(arena_format(arena, "%.*slua", (int)name.bytes - 2, name.data)));
}

// ---- the files ----

static void note_file(struct pass *pass, const struct trace_event *event)
{
    struct trace_whole whole;
    if (event->input.kind != WORLD_FILE || !trace_pieces_add(&pass->pieces, event, &whole) ||
        whole.object > WORLD_FILE_COMPILED)
        return;
    struct app_file *file = find_source(pass->app, whole.data, pass->arena);
    if (whole.object == WORLD_FILE_LOADED)
        pass->loading = file;
    // An old "a.lc" is removed before "a.lua" is compiled again, which must be there then; and who
    // asks whether there is an "a.lc" does not need "a.lua" as a file.
    bool is_other = file && file->is_lua && text_ends_with(whole.data, ".lc");
    if (file &&
        !(is_other && (whole.object == WORLD_FILE_REMOVED || whole.object == WORLD_FILE_ASKED)))
        file->seen |= APP_SEEN(whole.object);
}

// A name that comes from the device alone, as file.list gives it; one that the program makes is
// derived.
static void note_name(struct pass *pass, struct text name, unsigned origin)
{
    struct app_file *file = origin == TRACE_ORIGIN_ENVIRONMENT && text_ends_with(name, ".lua")
                                ? app_directory_find(pass->app, name)
                                : NULL;
    if (file)
        file->is_listed = true;
}

bool app_seen_compiled_away(const struct app_file *file)
{
    return (file->seen & APP_SEEN(WORLD_FILE_COMPILED)) &&
           (file->seen & APP_SEEN(WORLD_FILE_REMOVED)) && file->compiles;
}

bool app_seen_settles(const struct app_directory *app)
{
    for (size_t i = 0; i < app->file_count; i++)
        if (app_seen_compiled_away(&app->files[i]))
            return true;
    return false;
}

// ---- their code ----

static bool is_code(uint8_t kind)
{
    return kind == KIND_PROTO || kind == KIND_CODE || kind == KIND_CONSTANTS ||
           kind == KIND_PROTO_VECTOR || kind == KIND_LINES || kind == KIND_DEBUG_NAMES;
}

static uint64_t now_ns(const struct pass *pass)
{
    return pass->turn_ns +
           (pass->replay->heap->clock - pass->turn_clock) * DEVICE_TIME_INSTRUCTION_NS;
}

// Counts the time up to now, then changes what lives.
static void change(struct pass *pass, size_t file, uint64_t born_bytes, uint64_t died_bytes)
{
    struct code *code = &pass->codes[file];
    uint64_t now = now_ns(pass);
    if (now > code->since_ns)
        code->byte_ns += (double)code->live_bytes * (double)(now - code->since_ns);
    code->since_ns = now;
    code->live_bytes += born_bytes;
    code->live_bytes -= died_bytes < code->live_bytes ? died_bytes : code->live_bytes;
}

static void note_block(struct pass *pass, const struct heap_step *step)
{
    if (step->died && step->died->user[HEAP_USER_FILE] != HEAP_NO_TEXT)
        change(pass, step->died->user[HEAP_USER_FILE], 0, step->died->bytes);
    if (!step->born || !pass->loading || !is_code(step->born->kind))
        return;
    uint32_t file = (uint32_t)(pass->loading - pass->app->files);
    step->born->user[HEAP_USER_FILE] = file;
    change(pass, file, step->born->bytes, 0);
}

// What lived is gone, and the clock of the device begins anew.
static void note_boot(struct pass *pass)
{
    for (size_t i = 0; i < pass->app->file_count; i++) {
        change(pass, i, 0, pass->codes[i].live_bytes);
        pass->codes[i].since_ns = 0;
    }
    pass->loading = NULL;
    pass->turn_ns = 0;
    pass->turn_clock = pass->replay->heap->clock;
}

// ---- the observer ----

static int begin(void *context, const struct replay *replay, struct problem *problem)
{
    (void)problem;
    ((struct pass *)context)->replay = replay;
    return STATUS_OK;
}

static void step(void *context, struct heap_step *heap_step)
{
    struct pass *pass = context;
    const struct trace_event *event = heap_step->event;
    if (heap_step->is_boot) {
        note_boot(pass);
    } else if (event->id == TRACE_ID_turn) {
        pass->turn_ns = event->turn.device_ns;
        pass->turn_clock = pass->replay->heap->clock;
        pass->loading = NULL;
    } else if (event->id == TRACE_ID_input) {
        note_file(pass, event);
    } else if (event->id == TRACE_ID_string_found) {
        if (heap_step->text)
            note_name(pass, heap_step->text->text, event->string_found.origin);
    } else {
        if (event->id == TRACE_ID_string_new && heap_step->text)
            note_name(pass, heap_step->text->text, event->string_new.origin);
        note_block(pass, heap_step);
    }
}

static int end(void *context, const struct replay *replay, struct problem *problem)
{
    struct pass *pass = context;
    (void)replay;
    (void)problem;
    for (size_t i = 0; i < pass->app->file_count; i++) {
        change(pass, i, 0, 0);
        pass->app->files[i].stayed_byte_ms += pass->codes[i].byte_ns / NS_PER_MS;
    }
    return STATUS_OK;
}

int app_seen_read(struct app_directory *app, const char *path, struct arena *arena,
                  struct problem *problem)
{
    struct pass pass = {
        .app = app, .arena = arena, .codes = ARENA_NEW_ARRAY(arena, struct code, app->file_count)};
    struct replay_observer observer = {
        .context = &pass,
        .events = REPLAY_EVENT(boot) | REPLAY_EVENT(turn) | REPLAY_EVENT(input) |
                  REPLAY_EVENT(string_found) | REPLAY_BLOCKS,
        .wants_heap = true,
        .begin = begin,
        .step = step,
        .end = end,
    };
    struct replay_settings settings = {.traces = &path, .trace_count = 1};
    trace_pieces_init(&pass.pieces, arena);
    return replay_run(&settings, &observer, 1, problem);
}
