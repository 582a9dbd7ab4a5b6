// hot.c: an observer of replays fills the cells.

#include "analyzer/analysis/hot/hot.h"

#include <assert.h>

#include "analyzer/base/lua_literal.h"
#include "analyzer/base/output.h"
#include "runtime/format/libc_loads.h"

#define ROOM_START 1024u
#define LIST_BYTES_MAX (16u << 20)
#define MOVED_SLOTS 4096u
#define TEXTS_PER_PIECE 256u
#define TEXT_PIECES (TRACE_TEXT_ID_MAX / TEXTS_PER_PIECE + 1)
#define OBJECT_UNSET UINT32_MAX
#define LINE_SLOTS 16384u
#define CACHE_LINE_BYTES 32u // at least: what is in a line was loaded by the same code

// A string that might move.
struct moved {
    uint64_t hash;
    uint32_t bytes;
    struct moved *next;
};

// What is known about a text id of the run. A boot invalidates flash addresses: texts that are in
// flash after it are defined again.
struct text_state {
    uint32_t generation; // of the text that this is about; 0: nothing known yet
    uint32_t boot;       // boots so far when this was last put right
    uint32_t flash_addr; // 0: it lies in RAM
    uint32_t object;     // OBJECT_UNSET: not counted at all
    uint8_t place;       // enum hot_place
    bool is_constant;    // the compiler or loader made it
};

// What an instruction loaded last out of a line of the cache: a miss names the line alone.
struct line_load {
    uint32_t pc, line, object;
};

// A string that the collector looks at only if an object refers to it, which a snapshot of the heap
// tells.
struct fixed_string {
    uint32_t addr, object, birth_cycle;
    bool is_held;
};
#define FIXED_MAX 32u

struct hot_pass {
    struct hot *hot;
    struct line_load *lines; // LINE_SLOTS
    struct hot_run *run;
    const struct heap_replay *replay;
    struct arena *arena; // of the run
    struct trace *trace;
    bool moves_all;
    struct moved **moved;                 // MOVED_SLOTS
    struct fixed_string fixed[FIXED_MAX]; // of this boot, that would move
    uint32_t fixed_count;
    struct text_state **texts; // by id / TEXTS_PER_PIECE; NULL: nothing is known of them
};

const char *hot_what_name(unsigned what)
{
    static const char *const loads[] = {"load of 8 bits",   "load of 16 bits",  "load of 32 bits",
                                        "cache miss, data", "cache miss, code", "instructions"};
    if (hot_is_content(what))
        return trace_content_name(what);
    if (!hot_is_load(what))
        return trace_vm_event_name(what - HOT_VM_FIRST);
    return what < HOT_WHAT_COUNT ? loads[what - HOT_LOAD_FIRST] : "?";
}

// ---- cells ----

static uint32_t cell_key(const struct hot_cell *cell)
{
    uint32_t hash = cell->site * 0x9e3779b1u ^ cell->object * 0x85ebca77u ^ cell->pc * 0xc2b2ae3du;
    hash ^= (uint32_t)cell->what << 8 ^ (uint32_t)cell->place << 14 ^ cell->page * 0x165667b1u;
    return hash * 0x27d4eb2fu;
}

static struct hot_cell *find_cell(const struct hot *hot, const struct hot_cell *wanted,
                                  uint32_t key)
{
    uint32_t i;
    HASH_TABLE_EACH (&hot->cell_keys, key, i) {
        struct hot_cell *cell = &hot->cells[i];
        if (cell->site == wanted->site && cell->object == wanted->object &&
            cell->what == wanted->what && cell->place == wanted->place && cell->pc == wanted->pc &&
            cell->page == wanted->page)
            return cell;
    }
    return NULL;
}

// When there are too many cells, new ones lose object and address; sites and kinds stay exact.
static struct hot_cell *get_cell(struct hot *hot, struct hot_cell wanted)
{
    uint32_t key = cell_key(&wanted);
    struct hot_cell *cell = find_cell(hot, &wanted, key);
    if (cell)
        return cell;
    if (hot->cell_count >= HOT_CELLS_MAX && (wanted.object != HOT_OBJECT_NONE || wanted.pc)) {
        hot->cells_lost += wanted.count;
        wanted.object = HOT_OBJECT_NONE;
        wanted.pc = wanted.page = 0;
        return get_cell(hot, wanted);
    }
    if (hot->cell_count == hot->cell_room) {
        hot->cells = arena_grow_array(hot->arena, hot->cells, hot->cell_count, hot->cell_room * 2,
                                      sizeof *hot->cells);
        hot->cell_room *= 2;
    }
    hash_table_add(&hot->cell_keys, key, hot->cell_count);
    cell = &hot->cells[hot->cell_count++];
    *cell = wanted;
    cell->count = cell->times = 0;
    return cell;
}

static void count(struct hot *hot, const struct hot_cell *amount)
{
    struct hot_cell *cell = get_cell(hot, *amount);
    cell->count += amount->count;
    cell->times += amount->times;
}

// ---- strings that might move ----

static struct moved *find_moved(const struct hot_pass *pass, uint64_t hash, uint32_t bytes)
{
    struct moved *moved = pass->moved[hash % MOVED_SLOTS];
    while (moved && (moved->hash != hash || moved->bytes != bytes))
        moved = moved->next;
    return moved;
}

static int read_list(struct hot_pass *pass, const char *path, struct problem *problem)
{
    struct hot *hot = pass->hot;
    struct text source;
    struct lua_scan scan;
    struct lua_literal literal;
    int more = input_read(path, LIST_BYTES_MAX, hot->arena, &source, problem);
    if (more != STATUS_OK)
        return more;
    lua_scan_init(&scan, hot->arena, text_of(path), source);
    while ((more = lua_scan_next(&scan, &literal, problem)) > 0) {
        uint64_t hash = trace_text_hash(literal.bytes.data, literal.bytes.bytes);
        if (find_moved(pass, hash, (uint32_t)literal.bytes.bytes))
            continue;
        struct moved *moved = ARENA_NEW(hot->arena, struct moved);
        *moved = (struct moved){.hash = hash,
                                .bytes = (uint32_t)literal.bytes.bytes,
                                .next = pass->moved[hash % MOVED_SLOTS]};
        pass->moved[hash % MOVED_SLOTS] = moved;
        hot->moved_count++;
    }
    return more;
}

static bool would_move(struct hot_pass *pass, const struct trace_dict_text *text,
                       const struct text_state *state)
{
    if (!pass->hot->has_moved)
        return false;
    return pass->moves_all ? state->is_constant : find_moved(pass, text->hash, text->bytes) != NULL;
}

// ---- texts ----

// `id` has been defined, so it is below TRACE_TEXT_ID_MAX.
static struct text_state *state_at(struct hot_pass *pass, uint32_t id)
{
    struct text_state **piece = &pass->texts[id / TEXTS_PER_PIECE];
    if (!*piece)
        *piece = ARENA_NEW_ARRAY(pass->arena, struct text_state, TEXTS_PER_PIECE);
    return *piece + id % TEXTS_PER_PIECE;
}

// A definition: a new text, or the same one that now lies elsewhere.
static void note_text(struct hot_pass *pass, uint32_t id)
{
    const struct trace_dict_text *text = trace_dict_text(pass->replay->dict, id);
    if (!text)
        return;
    struct text_state *state = state_at(pass, id);
    bool is_same = state->generation == text->generation;
    *state = (struct text_state){.generation = text->generation,
                                 .object = OBJECT_UNSET,
                                 .boot = pass->replay->boot_count,
                                 .flash_addr = text->flash_addr,
                                 .is_constant = is_same && state->is_constant};
}

// The state of a text that an event names, so it has been defined.
static struct text_state *state_of(struct hot_pass *pass, uint32_t id,
                                   const struct trace_dict_text *text)
{
    struct text_state *state = state_at(pass, id);
    if (state->boot != pass->replay->boot_count) {
        state->boot = pass->replay->boot_count;
        state->flash_addr = 0;
        state->object = OBJECT_UNSET;
        state->place = HOT_FLASH;
    }
    if (state->flash_addr && state->object == OBJECT_UNSET)
        state->object = hot_objects_text(&pass->hot->objects, text->hash, text->bytes, text->text,
                                         state->flash_addr);
    return state;
}

// A text in RAM gets its object when it is known to move.
static void look_if_moved(struct hot_pass *pass, const struct trace_dict_text *text,
                          struct text_state *state)
{
    if (state->object != OBJECT_UNSET || !would_move(pass, text, state))
        return;
    struct hot *hot = pass->hot;
    uint32_t known_count = hot->objects.count;
    state->place = HOT_MOVED;
    state->object = hot_objects_text(&hot->objects, text->hash, text->bytes, text->text, 0);
    hot->moved_met += hot->objects.count > known_count;
}

// Names of metamethods, and the message of a full heap, are made before the program begins and are
// fixed.
static bool is_fixed(const struct heap_step *step)
{
    struct text text = step->text->text;
    return step->born->birth_clock == 0 && step->born->site == 0 &&
           ((text.bytes > 2 && memcmp(text.data, "__", 2) == 0) ||
            text_is_equal(text, text_of("not enough memory")));
}

static void note_fixed(struct hot_pass *pass, const struct heap_block *block, uint32_t object)
{
    if (pass->fixed_count < FIXED_MAX)
        pass->fixed[pass->fixed_count++] = (struct fixed_string){
            .addr = block->addr, .object = object, .birth_cycle = block->birth_cycle};
}

static void note_edge(struct hot_pass *pass, const struct trace_event_heap_edge *edge)
{
    if (edge->edge == EDGE_ROOT)
        return;
    for (uint32_t i = 0; i < pass->fixed_count; i++)
        pass->fixed[i].is_held |= pass->fixed[i].addr == edge->to;
}

// A text was looked up and compared with the string of `state`; on the chip that goes by words, but
// for what does not lie at their borders.
static void note_compared(struct hot_pass *pass, const struct heap_step *step,
                          const struct text_state *state, uint16_t site, bool is_aligned)
{
    size_t loads = libc_compare_loads(is_aligned, step->text->bytes);
    struct hot_cell cell = {.site = site_table_index(&pass->hot->sites, pass->replay->dict, site),
                            .object = state->object,
                            .what = CONTENT_INTERN,
                            .place = state->place,
                            .count = loads,
                            .times = 1};
    if (loads == 0)
        return;
    count(pass->hot, &cell);
    if (state->flash_addr) // its last ones
        hot_objects_note_bytes(&pass->hot->objects,
                               state->flash_addr + step->text->bytes - (uint32_t)loads,
                               (uint32_t)loads, 1);
}

static void note_string_found(struct hot_pass *pass, const struct heap_step *step)
{
    const struct trace_event_string_found *found = &step->event->string_found;
    if (!step->text || (found->place != PLACE_FLASH && !pass->hot->has_moved))
        return;
    const struct text_state *state = state_of(pass, found->text, step->text);
    if (state->object != OBJECT_UNSET)
        note_compared(pass, step, state, found->site, !found->is_unaligned);
}

static void note_string_new(struct hot_pass *pass, const struct heap_step *step)
{
    if (!step->text)
        return;
    const struct trace_event_string_new *event = &step->event->string_new;
    struct text_state *state = state_of(pass, event->text, step->text);
    state->is_constant |= trace_origin_is_constant(event->origin);
    look_if_moved(pass, step->text, state);
    if (state->object == OBJECT_UNSET || state->place != HOT_MOVED)
        return;
    note_compared(pass, step, state, event->site, !event->is_unaligned);
    if (is_fixed(step))
        note_fixed(pass, step->born, state->object);
    else
        step->born->user[HEAP_USER_HOT] = state->object;
}

static void note_visits(struct hot_pass *pass, uint32_t object, uint32_t birth_cycle)
{
    struct hot_cell visits = {.site = SITE_NOWHERE,
                              .object = object,
                              .place = HOT_MOVED,
                              .what = HOT_VM_FIRST + VM_VISIT_STRING,
                              .count = pass->replay->cycle_count - birth_cycle};
    visits.times = visits.count;
    if (visits.count)
        count(pass->hot, &visits);
}

// Each collection that a string lived through would have visited it.
static void note_life(struct hot_pass *pass, const struct heap_block *block)
{
    if (block->kind == KIND_STRING && block->user[HEAP_USER_HOT] != HEAP_NO_TEXT)
        note_visits(pass, block->user[HEAP_USER_HOT], block->birth_cycle);
}

static void visit_life(void *context, const struct heap_block *block)
{
    note_life(context, block);
}

// A heap comes to its end.
static void note_lives(struct hot_pass *pass)
{
    heap_replay_each_live(pass->replay, visit_life, pass);
    for (uint32_t i = 0; i < pass->fixed_count; i++)
        if (pass->fixed[i].is_held)
            note_visits(pass, pass->fixed[i].object, pass->fixed[i].birth_cycle);
    pass->fixed_count = 0;
}

// ---- events ----

static void note_content(struct hot_pass *pass, const struct heap_step *step)
{
    const struct trace_event_content_read *read = &step->event->content_read;
    struct hot *hot = pass->hot;
    uint64_t characters = (uint64_t)read->bytes * read->times;
    if (!step->text) {
        hot->ram_characters += characters;
        return;
    }
    struct text_state *state = state_of(pass, read->text, step->text);
    if (state->object == OBJECT_UNSET) {
        hot->ram_characters += characters;
        return;
    }
    struct hot_cell cell = {.site = site_table_index(&hot->sites, pass->replay->dict, read->site),
                            .object = state->object,
                            .what = read->function,
                            .place = state->place,
                            .count = characters,
                            .times = read->times};
    count(hot, &cell);
    if (state->flash_addr)
        hot_objects_note_bytes(&hot->objects, state->flash_addr + read->first, read->bytes,
                               read->times);
}

// The bytes that stock firmware reads one by one for each event (analyzer/models/nodemcu-3.0.json,
// and the layout of runtime/format/lfs_image.h); 0 ends a row.
static const uint8_t field_offs[VM_EVENT_COUNT][5] = {
    [VM_FLASH_CALL] = {71, 71, 70, 69},
    [VM_FLASH_CLOSURE] = {68},
    [VM_FLASH_VARARG] = {69},
    [VM_FLASH_STORE] = {5},
    [VM_VISIT_STRING] = {5},
    [VM_VISIT_PROTO] = {5},
    [VM_FLASH_NAME] = {71}, // and others
};

static void note_vm_event(struct hot_pass *pass, const struct trace_event_vm_event *event)
{
    struct hot *hot = pass->hot;
    struct hot_cell cell = {.object = hot_objects_at(&hot->objects, event->addr),
                            .what = (uint8_t)(HOT_VM_FIRST + event->what),
                            .count = event->times,
                            .times = event->times};
    if (!hot_is_visit(cell.what))
        cell.site = site_table_index(&hot->sites, pass->replay->dict, event->site);
    count(hot, &cell);
    for (const uint8_t *off = field_offs[event->what]; *off; off++)
        hot_objects_note_bytes(&hot->objects, event->addr + *off, 1, event->times);
}

static struct line_load *line_load(struct hot_pass *pass, uint32_t pc, uint32_t addr)
{
    uint32_t line = addr / CACHE_LINE_BYTES;
    return &pass->lines[(pc * 0x9e3779b1u ^ line * 0x85ebca77u) % LINE_SLOTS];
}

static void note_load(struct hot_pass *pass, const struct trace_event_flash_load *load)
{
    struct hot *hot = pass->hot;
    hot->has_loads = true;
    struct hot_cell cell = {.site = site_table_index(&hot->sites, pass->replay->dict, load->site),
                            .object = hot_objects_at(&hot->objects, load->addr),
                            .pc = load->pc,
                            .what = load->width == 1   ? HOT_LOAD_8
                                    : load->width == 2 ? HOT_LOAD_16
                                                       : HOT_LOAD_32,
                            .page = load->addr & ~(HOT_PAGE_BYTES - 1),
                            .count = load->times,
                            .times = load->times};
    count(hot, &cell);
    *line_load(pass, load->pc, load->addr) = (struct line_load){
        load->pc, load->addr / CACHE_LINE_BYTES, cell.object};
}

static void note_miss(struct hot_pass *pass, const struct trace_event_cache_miss *miss)
{
    struct hot *hot = pass->hot;
    bool is_code = miss->use == FLASH_USE_CODE;
    const struct line_load *load = line_load(pass, miss->pc, miss->addr);
    bool is_told = load->pc == miss->pc && load->line == miss->addr / CACHE_LINE_BYTES;
    hot->has_machine = true;
    struct hot_cell cell = {.site = site_table_index(&hot->sites, pass->replay->dict, miss->site),
                            .object = is_code   ? HOT_OBJECT_NONE
                                      : is_told ? load->object
                                                : hot_objects_at(&hot->objects, miss->addr),
                            .pc = miss->pc,
                            .what = is_code ? HOT_MISS_CODE : HOT_MISS_DATA,
                            .page = miss->addr & ~(HOT_PAGE_BYTES - 1),
                            .count = miss->times,
                            .times = miss->times};
    count(hot, &cell);
}

static void note_code(struct hot_pass *pass, const struct trace_event_machine_code *code)
{
    struct hot *hot = pass->hot;
    hot->has_machine = true;
    struct hot_cell cell = {.site = site_table_index(&hot->sites, pass->replay->dict, code->site),
                            .pc = code->pc,
                            .what = HOT_INSTRUCTIONS,
                            .count = code->instructions,
                            .times = code->fetches};
    count(hot, &cell);
}

static void note_step(void *context, struct heap_step *step)
{
    struct hot_pass *pass = ((struct hot *)context)->pass;
    if (step->died)
        note_life(pass, step->died);
    switch (step->event->id) {
    case TRACE_ID_content_read:
        note_content(pass, step);
        break;
    case TRACE_ID_vm_event:
        note_vm_event(pass, &step->event->vm_event);
        break;
    case TRACE_ID_flash_load:
        note_load(pass, &step->event->flash_load);
        break;
    case TRACE_ID_cache_miss:
        note_miss(pass, &step->event->cache_miss);
        break;
    case TRACE_ID_machine_code:
        note_code(pass, &step->event->machine_code);
        break;
    case TRACE_ID_string_new:
        note_string_new(pass, step);
        break;
    case TRACE_ID_string_found:
        note_string_found(pass, step);
        break;
    case TRACE_ID_heap_edge:
        note_edge(pass, &step->event->heap_edge);
        break;
    case TRACE_ID_image_mounted:
        hot_objects_mount(&pass->hot->objects, pass->trace, &step->event->image_mounted);
        break;
    case TRACE_ID_boot:
        note_lives(pass);
        hot_objects_unmount_all(&pass->hot->objects);
        break;
    case TRACE_ID_text:
        note_text(pass, step->event->text.id);
        break;
    default:
        break;
    }
}

// ---- runs ----

static int begin_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct hot *hot = context;
    struct hot_pass *pass = hot->pass;
    if (hot->run_count == HOT_RUNS_MAX)
        return problem_set(problem, STATUS_LIMIT, text_of(replay->directory), PROBLEM_NO_OFF,
                           "more than %u traces", HOT_RUNS_MAX);
    pass->run = &hot->runs[hot->run_count++];
    *pass->run = (struct hot_run){.path = arena_copy_text(hot->arena, text_of(replay->name)),
                                  .directory = replay->directory};
    pass->replay = replay->heap;
    pass->trace = replay->trace;
    pass->arena = replay->arena;
    pass->texts = ARENA_NEW_ARRAY(replay->arena, struct text_state *, TEXT_PIECES);
    site_table_begin_run(&hot->sites);
    hot_objects_unmount_all(&hot->objects);
    return STATUS_OK;
}

static int end_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct hot *hot = context;
    struct hot_run *run = hot->pass->run;
    note_lives(hot->pass);
    run_input_take(&run->input, replay, hot->arena);
    run->instructions = replay->heap->clock;
    run->collections = replay->heap->gc_count;
    run->visited = replay->heap->gc_visited;
    (void)problem;
    return STATUS_OK;
}

// ---- models ----

static void set_weights(struct hot_weights *weights, const struct cost_model *model)
{
    for (unsigned i = 0; i < CONTENT_COUNT; i++) {
        weights->loads[i] = model->character_loads[i];
        weights->clocks[i] = model->character_loads[i] * model->emulated_load_clocks +
                             model->helped_read_clocks;
    }
    for (unsigned i = 0; i < VM_EVENT_COUNT; i++) {
        weights->loads[HOT_VM_FIRST + i] = model->event_loads[i];
        weights->clocks[HOT_VM_FIRST + i] = model->event_loads[i] * model->emulated_load_clocks;
    }
    for (unsigned i = HOT_LOAD_8; i <= HOT_LOAD_16; i++) {
        weights->loads[i] = 1;
        weights->clocks[i] = model->emulated_load_clocks;
    }
    weights->clocks[HOT_MISS_DATA] = weights->clocks[HOT_MISS_CODE] = model->cache_miss_clocks;
}

static int load_models(const struct hot_settings *settings, struct hot *hot,
                       struct problem *problem)
{
    const char *own = cost_model_names[0], *other = settings->model;
    hot->order = HOT_MODEL;
    if (!strcmp(settings->model, own)) {
        hot->order = HOT_OWN;
        other = cost_model_names[1];
    }
    int status = cost_model_load(hot->arena, own, &hot->models[HOT_OWN], problem);
    if (status == STATUS_OK)
        status = cost_model_load(hot->arena, other, &hot->models[HOT_MODEL], problem);
    if (status != STATUS_OK)
        return status;
    for (unsigned i = 0; i < HOT_MODEL_COUNT; i++)
        set_weights(&hot->weights[i], &hot->models[i]);
    return STATUS_OK;
}

double hot_base_clocks(const struct hot *hot, enum hot_model model)
{
    double clocks = 0;
    for (uint32_t i = 0; i < hot->run_count; i++)
        clocks += (double)hot->runs[i].instructions * hot->models[model].vm_instruction_clocks +
                  (double)hot->runs[i].visited * hot->models[model].gc_visit_clocks;
    return clocks;
}

double hot_run_clocks(const struct hot *hot, enum hot_model model)
{
    double clocks = hot_base_clocks(hot, model);
    for (uint32_t i = 0; i < hot->cell_count; i++)
        if (hot->cells[i].place == HOT_FLASH && !hot_is_load(hot->cells[i].what))
            clocks += hot_clocks(hot, model, &hot->cells[i]);
    return clocks;
}

// ---- the whole ----

// Strings that would move are followed from birth to death; without them no block is of interest.
static struct replay_observer observer_of(struct hot *hot)
{
    struct replay_observer observer = {
        .context = hot,
        .events = REPLAY_EVENT(content_read) | REPLAY_EVENT(vm_event) | REPLAY_EVENT(flash_load) |
                  REPLAY_EVENT(cache_miss) | REPLAY_EVENT(machine_code) |
                  REPLAY_EVENT(string_found) | REPLAY_EVENT(image_mounted) | REPLAY_EVENT(boot) |
                  REPLAY_EVENT(text),
        .begin = begin_run,
        .step = note_step,
        .end = end_run,
    };
    if (hot->has_moved)
        observer.events |= REPLAY_BLOCKS | REPLAY_EVENT(heap_edge);
    return observer;
}

int hot_begin(const struct hot_settings *settings, struct arena *arena, struct hot *hot,
              struct replay_observer *observer, struct problem *problem)
{
    *hot = (struct hot){.arena = arena, .cell_room = ROOM_START};
    hot->pass = ARENA_NEW(arena, struct hot_pass);
    hot->pass->hot = hot;
    hot->cells = ARENA_NEW_ARRAY(arena, struct hot_cell, ROOM_START);
    hash_table_init(&hot->cell_keys, arena, ROOM_START);
    hot->pass->lines = ARENA_NEW_ARRAY(arena, struct line_load, LINE_SLOTS);
    hot->has_moved = settings->if_moved != NULL;
    site_table_init(&hot->sites, arena);
    hot_objects_init(&hot->objects, arena);
    hot->objects.exclude = settings->exclude;
    *observer = observer_of(hot);
    int status = load_models(settings, hot, problem);
    if (status == STATUS_OK)
        status = hot_program_open(settings->traces, settings->trace_count, settings->elf, arena,
                                  &hot->program, problem);
    hot->objects.firmware = hot->program.is_chip ? hot->program.image : NULL;
    if (status != STATUS_OK || !settings->if_moved)
        return status;
    hot->pass->moves_all = !strcmp(settings->if_moved, "all");
    hot->pass->moved = ARENA_NEW_ARRAY(arena, struct moved *, MOVED_SLOTS);
    return hot->pass->moves_all ? STATUS_OK : read_list(hot->pass, settings->if_moved, problem);
}

void hot_finish(struct hot *hot)
{
    hot_objects_end(&hot->objects);
}

int hot_analyse(const struct hot_settings *settings, struct arena *arena, struct hot *hot,
                struct problem *problem)
{
    struct replay_observer observer;
    struct replay_settings replay = {.traces = settings->traces,
                                     .names = settings->names,
                                     .trace_count = settings->trace_count,
                                     .exclude = settings->exclude};
    assert(settings->trace_count > 0);
    int status = hot_begin(settings, arena, hot, &observer, problem);
    if (status == STATUS_OK)
        status = replay_run(&replay, &observer, 1, problem);
    if (status == STATUS_OK)
        hot_finish(hot);
    return status;
}
