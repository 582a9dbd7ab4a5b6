// gc_spaces.c: see gc_spaces.h.

#include "analyzer/analysis/gc/gc_spaces.h"

#include "analyzer/image/image_reader.h"

// ---- amounts ----

static void note_most(struct gc_space *space)
{
    space->most = space->current > space->most ? space->current : space->most;
    space->most_bytes = space->current_bytes > space->most_bytes ? space->current_bytes
                                                                 : space->most_bytes;
}

static void add(struct gc_space *space, uint64_t count, uint64_t bytes)
{
    space->total += count;
    space->total_bytes += bytes;
    space->current += count;
    space->current_bytes += bytes;
    note_most(space);
}

static void forget(struct gc_space *space)
{
    space->current = space->current_bytes = 0;
}

static struct gc_space *space_of(struct gc_spaces *spaces, unsigned kind)
{
    bool is_object = kind == KIND_STATE || kind == KIND_STRING || kind == KIND_TABLE ||
                     kind == KIND_CLOSURE || kind == KIND_UPVALUE || kind == KIND_PROTO ||
                     kind == KIND_USERDATA || kind == KIND_THREAD;
    return &spaces->items[is_object ? GC_SPACE_RAM_OBJECTS : GC_SPACE_RAM_VECTORS];
}

// ---- events ----

static void note_blocks(struct gc_spaces *spaces, const struct heap_step *step)
{
    if (step->died) {
        struct gc_space *space = space_of(spaces, step->died->kind);
        space->current--;
        space->current_bytes -= step->died->bytes;
    }
    if (!step->born)
        return;
    struct gc_space *space = space_of(spaces, step->born->kind);
    space->total += !step->is_resize;
    space->total_bytes += heap_step_growth(step);
    space->current++;
    space->current_bytes += step->born->bytes;
    note_most(space);
}

static void note_boot(struct gc_spaces *spaces, const struct trace_event_boot *boot)
{
    for (unsigned i = 0; i < GC_SPACE_COUNT; i++)
        if (i != GC_SPACE_FREEZER) // flash stays; but its images are mounted anew
            forget(&spaces->items[i]);
    add(&spaces->items[GC_SPACE_RAM_OBJECTS], 1, boot->lua_bytes);
}

// An image, from its copy: strings and functions, and every span of anything else as a vector.
static void note_image(struct gc_spaces *spaces, const struct heap_replay *replay,
                       const struct trace_event_image_mounted *mounted)
{
    struct arena scratch;
    const struct image *image;
    struct image_options options = {.base_addr = mounted->addr, .allows_rest = true};
    const char *path = trace_image_path(replay->trace, mounted->file);
    arena_init(&scratch);
    if (path && image_read_file(&scratch, path, &options, &image, NULL) >= 0) {
        uint64_t objects_bytes = 0;
        for (uint32_t i = 0; i < image->span_count; i++) {
            const struct image_span *span = &image->spans[i];
            bool is_vector = span->label == IMAGE_HASH_VECTOR || span->label == IMAGE_CONSTANTS ||
                             span->label == IMAGE_CODE || span->label == IMAGE_FUNCTION_VECTORS ||
                             span->label == IMAGE_LOCAL_NAMES || span->label == IMAGE_UPVALUE_NAMES;
            if (is_vector)
                add(&spaces->items[GC_SPACE_LFS_VECTORS], 1, span->bytes);
            else if (span->label != IMAGE_HEADER && span->label != IMAGE_STRING_PADDING)
                objects_bytes += span->bytes;
        }
        add(&spaces->items[GC_SPACE_LFS_OBJECTS], image->string_count + image->function_count,
            objects_bytes);
    }
    arena_deinit(&scratch);
}

static void note_compaction(struct gc_compactions *all, const struct trace_event_compaction *one)
{
    all->passes++;
    all->failures += one->reason == COMPACT_FAILURE;
    all->moves += one->moves;
    all->moved_bytes += one->moved_bytes;
}

// What is in the freezer at a boot, also since before the recording began.
static void note_freezer(struct gc_space *space, const struct trace_event_freezer_mounted *mounted)
{
    if (mounted->objects > space->current && mounted->flash_bytes >= space->current_bytes)
        add(space, mounted->objects - space->current, mounted->flash_bytes - space->current_bytes);
    space->current = mounted->objects;
    space->current_bytes = mounted->flash_bytes;
}

// Blocks are only appended: what has moved to one below was there already.
static void note_frozen(struct gc_spaces *spaces, const struct trace_event_freeze_object *moved)
{
    if (moved->addr < spaces->freezer_next)
        return;
    add(&spaces->items[GC_SPACE_FREEZER], 1, moved->bytes);
    if (moved->addr >= spaces->freezer_last)
        spaces->freezer_last = moved->addr + 1;
}

void gc_spaces_note(struct gc_spaces *spaces, const struct heap_replay *replay,
                    const struct heap_step *step)
{
    const struct trace_event *event = step->event;
    note_blocks(spaces, step);
    switch (event->id) {
    case TRACE_ID_boot:
        note_boot(spaces, &event->boot);
        break;
    case TRACE_ID_image_mounted:
        note_image(spaces, replay, &event->image_mounted);
        break;
    case TRACE_ID_gc_begin:
        spaces->checks++;
        break;
    case TRACE_ID_compaction:
        note_compaction(&spaces->compactions, &event->compaction);
        break;
    case TRACE_ID_freeze_object:
        note_frozen(spaces, &event->freeze_object);
        break;
    case TRACE_ID_freezer_mounted:
        note_freezer(&spaces->items[GC_SPACE_FREEZER], &event->freezer_mounted);
        spaces->freezer_next = spaces->freezer_last = event->freezer_mounted.addr;
        break;
    case TRACE_ID_freeze_begin:
        spaces->freezer_next = spaces->freezer_last;
        break;
    case TRACE_ID_freezer_erase:
        forget(&spaces->items[GC_SPACE_FREEZER]);
        spaces->freezer_next = spaces->freezer_last = 0;
        break;
    default:
        break;
    }
}

void gc_spaces_end_run(struct gc_spaces *spaces, const struct heap_replay *replay)
{
    spaces->sweeps += replay->cycle_count;
}

// ---- report ----

struct space_row {
    const char *space;
    struct gc_space amounts;
};

static const struct report_column columns[] = {
    {"space", "space", "", REPORT_KEY, REPORT_AT(space_row, space)},
    {"total", "total", "", 0, REPORT_AT(space_row, amounts.total)},
    {"total_bytes", "total bytes", "bytes", 0, REPORT_AT(space_row, amounts.total_bytes)},
    {"current", "current", "", 0, REPORT_AT(space_row, amounts.current)},
    {"current_bytes", "current bytes", "bytes", 0, REPORT_AT(space_row, amounts.current_bytes)},
    {"most", "most", "", 0, REPORT_AT(space_row, amounts.most)},
    {"most_bytes", "most bytes", "bytes", 0, REPORT_AT(space_row, amounts.most_bytes)},
};

void gc_spaces_report(const struct gc_spaces *spaces, int64_t available_bytes,
                      struct report *report)
{
    static const char *const names[] = {
        [GC_SPACE_RAM_OBJECTS] = "RAM objects", [GC_SPACE_RAM_VECTORS] = "RAM vectors",
        [GC_SPACE_LFS_OBJECTS] = "LFS objects", [GC_SPACE_LFS_VECTORS] = "LFS vectors",
        [GC_SPACE_FREEZER] = "freezer blocks",
    };
    const struct gc_compactions *compactions = &spaces->compactions;
    if (available_bytes >= 0)
        report_add_number(report, "available_bytes", "available in one block at the end", "bytes",
                          available_bytes);
    report_add_number(report, "checks", "checks: the collector ran", "", (int64_t)spaces->checks);
    report_add_number(report, "sweeps", "sweeps: whole cycles", "", (int64_t)spaces->sweeps);
    report_add_number(report, "compacts", "compacts: vectors moved together", "",
                      (int64_t)compactions->passes);
    if (compactions->passes > 0) {
        report_add_number(report, "compacts_failure", "of them after a failed allocation", "",
                          (int64_t)compactions->failures);
        report_add_number(report, "moved_vectors", "vectors that they moved", "",
                          (int64_t)compactions->moves);
        report_add_number(report, "moved_bytes", "bytes of these", "bytes",
                          (int64_t)compactions->moved_bytes);
    }
    struct report_table *table = REPORT_ADD_TABLE(report, "spaces", "Spaces: objects and vectors",
                                                  columns);
    table->explanation = "vectors: what objects have besides themselves; current: at the end of "
                         "the last run; total: of all runs, growth of vectors included";
    for (unsigned i = 0; i < GC_SPACE_COUNT; i++) {
        struct space_row row = {names[i], spaces->items[i]};
        if (row.amounts.total > 0)
            report_add_row(table, NULL, &row);
    }
}
