// hot.c: one pass over each run fills the cells.

#include "analyzer/analysis/hot.h"

#include <assert.h>

#include "analyzer/analysis/gc_cycle.h"
#include "analyzer/base/lua_literal.h"
#include "analyzer/base/output.h"

#define CELL_SLOT_BITS 17u
#define ROOM_START 1024u
#define LIST_BYTES_MAX (16u << 20)
#define MOVED_SLOTS 4096u
#define OBJECT_UNSET UINT32_MAX
#define LINE_SLOTS 16384u
#define CACHE_LINE_BYTES 32u // at least: what is in a line was loaded by the same code

// A string that might move.
struct moved {
    uint64_t hash;
    uint32_t bytes;
    struct moved *next;
};

// What is known about a text id of the run. A boot makes flash addresses void: texts that are in
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

struct pass {
    struct hot *hot;
    struct line_load *lines; // LINE_SLOTS
    struct hot_run *run;
    struct heap_replay replay;
    struct trace *trace;
    bool moves_all;
    struct moved **moved; // MOVED_SLOTS
    struct text_state *texts;
    uint32_t text_room;
    uint32_t cycles; // of the collector that have ended
};

const char *hot_what_name(unsigned what)
{
    static const char *const loads[] = {"load of 8 bits",   "load of 16 bits", "load of 32 bits",
                                        "cache miss, data", "cache miss, code", "instructions"};
    if (hot_is_content(what))
        return trace_content_name(what);
    if (!hot_is_load(what))
        return trace_vm_event_name(what - HOT_VM_FIRST);
    return what < HOT_WHAT_COUNT ? loads[what - HOT_LOAD_FIRST] : "?";
}

// ---- cells ----

static uint32_t cell_slot(const struct hot_cell *cell)
{
    uint32_t hash = cell->site * 0x9e3779b1u ^ cell->object * 0x85ebca77u ^ cell->pc * 0xc2b2ae3du;
    hash ^= (uint32_t)cell->what << 8 ^ (uint32_t)cell->place << 14 ^ cell->page * 0x165667b1u;
    hash *= 0x27d4eb2fu;
    return hash >> (32 - CELL_SLOT_BITS);
}

static struct hot_cell *find_cell(const struct hot *hot, const struct hot_cell *wanted,
                                  uint32_t slot)
{
    for (uint32_t i = hot->cell_slots[slot]; i; i = hot->cells[i - 1].next) {
        struct hot_cell *cell = &hot->cells[i - 1];
        if (cell->site == wanted->site && cell->object == wanted->object &&
            cell->what == wanted->what && cell->place == wanted->place &&
            cell->pc == wanted->pc && cell->page == wanted->page)
            return cell;
    }
    return NULL;
}

// When there are too many cells, new ones lose object and address; sites and kinds stay exact.
static struct hot_cell *get_cell(struct hot *hot, struct hot_cell wanted)
{
    uint32_t slot = cell_slot(&wanted);
    struct hot_cell *cell = find_cell(hot, &wanted, slot);
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
    cell = &hot->cells[hot->cell_count];
    *cell = wanted;
    cell->count = cell->times = 0;
    cell->next = hot->cell_slots[slot];
    hot->cell_slots[slot] = ++hot->cell_count;
    return cell;
}

static void count(struct hot *hot, const struct hot_cell *amount)
{
    struct hot_cell *cell = get_cell(hot, *amount);
    cell->count += amount->count;
    cell->times += amount->times;
}

// ---- strings that might move ----

static struct moved *find_moved(const struct pass *pass, uint64_t hash, uint32_t bytes)
{
    struct moved *moved = pass->moved[hash % MOVED_SLOTS];
    while (moved && (moved->hash != hash || moved->bytes != bytes))
        moved = moved->next;
    return moved;
}

static int read_list(struct pass *pass, const char *path, struct problem *problem)
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
        *moved = (struct moved){.hash = hash, .bytes = (uint32_t)literal.bytes.bytes,
                                .next = pass->moved[hash % MOVED_SLOTS]};
        pass->moved[hash % MOVED_SLOTS] = moved;
        hot->moved_count++;
    }
    return more;
}

static bool would_move(struct pass *pass, const struct trace_dict_text *text,
                       const struct text_state *state)
{
    if (!pass->hot->has_moved)
        return false;
    return pass->moves_all ? state->is_constant : find_moved(pass, text->hash, text->bytes) != NULL;
}

// ---- texts ----

static struct text_state *state_at(struct pass *pass, uint32_t id)
{
    if (id >= pass->text_room) {
        uint32_t room = pass->text_room * 2 > id ? pass->text_room * 2 : id + 1;
        pass->texts = arena_grow_array(&pass->replay.arena, pass->texts, pass->text_room, room,
                                       sizeof *pass->texts);
        pass->text_room = room;
    }
    return &pass->texts[id];
}

// A definition: a new text, or the same one that now lies elsewhere.
static void note_text(struct pass *pass, uint32_t id)
{
    const struct trace_dict_text *text = trace_dict_text(pass->replay.dict, id);
    if (!text)
        return;
    struct text_state *state = state_at(pass, id);
    bool is_same = state->generation == text->generation;
    *state = (struct text_state){.generation = text->generation, .object = OBJECT_UNSET,
                                 .boot = pass->replay.boot_count, .flash_addr = text->flash_addr,
                                 .is_constant = is_same && state->is_constant};
}

// The state of a text that an event names, so it has been defined.
static struct text_state *state_of(struct pass *pass, uint32_t id,
                                   const struct trace_dict_text *text)
{
    struct text_state *state = state_at(pass, id);
    if (state->boot != pass->replay.boot_count) {
        state->boot = pass->replay.boot_count;
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
static void look_if_moved(struct pass *pass, const struct trace_dict_text *text,
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

static void note_string_new(struct pass *pass, const struct heap_step *step)
{
    if (!step->text)
        return;
    struct text_state *state = state_of(pass, step->event.string_new.text, step->text);
    state->is_constant |= (step->event.string_new.flags & TRACE_STRING_CONSTANT) != 0;
    look_if_moved(pass, step->text, state);
    if (state->object != OBJECT_UNSET && state->place == HOT_MOVED)
        step->born->user = state->object;
    step->born->birth_gc = pass->cycles;
}

// Each collection that a string lived through would have visited it.
static void note_life(struct pass *pass, const struct heap_block *block)
{
    if (block->kind != KIND_STRING || block->user == HEAP_NO_TEXT)
        return;
    struct hot_cell visits = {.site = SITE_NOWHERE, .object = block->user, .place = HOT_MOVED,
                              .what = HOT_VM_FIRST + VM_VISIT_STRING,
                              .count = pass->cycles - block->birth_gc};
    visits.times = visits.count;
    if (visits.count)
        count(pass->hot, &visits);
}

static void visit_life(void *context, const struct heap_block *block)
{
    note_life(context, block);
}

// ---- events ----

static void note_content(struct pass *pass, const struct heap_step *step)
{
    const struct trace_event_content_read *read = &step->event.content_read;
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
    struct hot_cell cell = {.site = site_table_index(&hot->sites, pass->replay.dict, read->site),
                            .object = state->object, .what = read->function,
                            .place = state->place, .count = characters, .times = read->times};
    count(hot, &cell);
    if (state->flash_addr)
        hot_objects_note_bytes(&hot->objects, state->flash_addr + read->first, read->bytes,
                               read->times);
}

// The bytes that stock firmware reads one by one for each event (facts on flash access, and the
// layout of runtime/format/lfs_image.h); 0 ends a row.
static const uint8_t field_offs[VM_EVENT_COUNT][5] = {
    [VM_FLASH_CALL] = {71, 71, 70, 69}, [VM_FLASH_CLOSURE] = {68}, [VM_FLASH_VARARG] = {69},
    [VM_FLASH_STORE] = {5},             [VM_VISIT_STRING] = {5},   [VM_VISIT_PROTO] = {5},
};

static void note_vm_event(struct pass *pass, const struct trace_event_vm_event *event)
{
    struct hot *hot = pass->hot;
    struct hot_cell cell = {.object = hot_objects_at(&hot->objects, event->addr),
                            .what = (uint8_t)(HOT_VM_FIRST + event->what),
                            .count = event->times, .times = event->times};
    if (!hot_is_visit(cell.what))
        cell.site = site_table_index(&hot->sites, pass->replay.dict, event->site);
    count(hot, &cell);
    for (const uint8_t *off = field_offs[event->what]; *off; off++)
        hot_objects_note_bytes(&hot->objects, event->addr + *off, 1, event->times);
}

static struct line_load *line_load(struct pass *pass, uint32_t pc, uint32_t addr)
{
    uint32_t line = addr / CACHE_LINE_BYTES;
    return &pass->lines[(pc * 0x9e3779b1u ^ line * 0x85ebca77u) % LINE_SLOTS];
}

static void note_load(struct pass *pass, const struct trace_event_flash_load *load)
{
    struct hot *hot = pass->hot;
    hot->has_loads = true;
    struct hot_cell cell = {.site = site_table_index(&hot->sites, pass->replay.dict, load->site),
                            .object = hot_objects_at(&hot->objects, load->addr), .pc = load->pc,
                            .what = load->width == 1   ? HOT_LOAD_8
                                    : load->width == 2 ? HOT_LOAD_16
                                                       : HOT_LOAD_32,
                            .page = load->addr & ~(HOT_PAGE_BYTES - 1),
                            .count = load->times, .times = load->times};
    count(hot, &cell);
    *line_load(pass, load->pc, load->addr) =
        (struct line_load){load->pc, load->addr / CACHE_LINE_BYTES, cell.object};
}

static void note_miss(struct pass *pass, const struct trace_event_cache_miss *miss)
{
    struct hot *hot = pass->hot;
    bool is_code = miss->use == FLASH_USE_CODE;
    const struct line_load *load = line_load(pass, miss->pc, miss->addr);
    bool is_told = load->pc == miss->pc && load->line == miss->addr / CACHE_LINE_BYTES;
    hot->has_machine = true;
    struct hot_cell cell = {.site = site_table_index(&hot->sites, pass->replay.dict, miss->site),
                            .object = is_code   ? HOT_OBJECT_NONE
                                      : is_told ? load->object
                                                : hot_objects_at(&hot->objects, miss->addr),
                            .pc = miss->pc, .what = is_code ? HOT_MISS_CODE : HOT_MISS_DATA,
                            .page = miss->addr & ~(HOT_PAGE_BYTES - 1),
                            .count = miss->times, .times = miss->times};
    count(hot, &cell);
}

static void note_code(struct pass *pass, const struct trace_event_machine_code *code)
{
    struct hot *hot = pass->hot;
    hot->has_machine = true;
    struct hot_cell cell = {.site = site_table_index(&hot->sites, pass->replay.dict, code->site),
                            .pc = code->pc, .what = HOT_INSTRUCTIONS,
                            .count = code->instructions, .times = code->fetches};
    count(hot, &cell);
}

static void note_step(struct pass *pass, const struct heap_step *step)
{
    if (step->died)
        note_life(pass, step->died);
    pass->cycles += gc_cycle_ends(&pass->replay, &step->event);
    switch (step->event.id) {
    case TRACE_ID_content_read:
        note_content(pass, step);
        break;
    case TRACE_ID_vm_event:
        note_vm_event(pass, &step->event.vm_event);
        break;
    case TRACE_ID_flash_load:
        note_load(pass, &step->event.flash_load);
        break;
    case TRACE_ID_cache_miss:
        note_miss(pass, &step->event.cache_miss);
        break;
    case TRACE_ID_machine_code:
        note_code(pass, &step->event.machine_code);
        break;
    case TRACE_ID_string_new:
        note_string_new(pass, step);
        break;
    case TRACE_ID_image_mounted:
        hot_objects_mount(&pass->hot->objects, pass->trace, &step->event.image_mounted);
        break;
    case TRACE_ID_boot:
        heap_replay_each_live(&pass->replay, visit_life, pass);
        hot_objects_unmount_all(&pass->hot->objects);
        break;
    case TRACE_ID_text:
        note_text(pass, step->event.text.id);
        break;
    default:
        break;
    }
}

// ---- runs ----

static void add_loss(struct hot *hot, const struct trace_loss *loss)
{
    hot->loss.events_discarded += loss->events_discarded;
    hot->loss.packets_lost += loss->packets_lost;
    hot->loss.blocks_lost += loss->blocks_lost;
    hot->loss.bytes_cut += loss->bytes_cut;
    hot->loss.runs_unfinished += loss->is_unfinished;
}

static int read_run(struct pass *pass, const char *folder, const char *name,
                    struct problem *problem)
{
    struct hot *hot = pass->hot;
    struct heap_step step;
    int more = trace_open(hot->arena, folder, &pass->trace, problem);
    if (more != STATUS_OK)
        return more;
    pass->run = &hot->runs[hot->run_count++];
    *pass->run = (struct hot_run){.path = arena_copy_text(hot->arena, text_of(name)),
                                  .folder = folder,
                                  .event_bytes = trace_bytes(pass->trace)};
    pass->text_room = 0;
    pass->texts = NULL;
    pass->cycles = 0;
    heap_replay_begin(&pass->replay, pass->trace, hot->arena);
    site_table_begin_run(&hot->sites);
    hot_objects_unmount_all(&hot->objects);
    while ((more = heap_replay_next(&pass->replay, &step, problem)) > 0)
        note_step(pass, &step);
    heap_replay_each_live(&pass->replay, visit_life, pass);
    const struct trace_loss *loss = trace_loss(pass->trace);
    add_loss(hot, loss);
    pass->run->instructions = pass->replay.clock;
    pass->run->collections = pass->replay.gc_count;
    pass->run->visited = pass->replay.gc_visited;
    pass->run->is_complete = !loss->is_unfinished && !loss->events_discarded &&
                             !loss->packets_lost && !loss->blocks_lost && !loss->bytes_cut;
    heap_replay_end(&pass->replay);
    trace_close(pass->trace);
    return more;
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

static int prepare(const struct hot_settings *settings, struct arena *arena, struct pass *pass,
                   struct problem *problem)
{
    struct hot *hot = pass->hot;
    *hot = (struct hot){.arena = arena, .cell_room = ROOM_START};
    hot->cells = ARENA_NEW_ARRAY(arena, struct hot_cell, ROOM_START);
    hot->cell_slots = ARENA_NEW_ARRAY(arena, uint32_t, (size_t)1 << CELL_SLOT_BITS);
    pass->lines = ARENA_NEW_ARRAY(arena, struct line_load, LINE_SLOTS);
    site_table_init(&hot->sites, arena);
    hot_objects_init(&hot->objects, arena);
    int status = load_models(settings, hot, problem);
    if (status == STATUS_OK)
        status = hot_program_open(settings->traces, settings->trace_count, settings->elf, arena,
                                  &hot->program, problem);
    hot->objects.firmware = hot->program.is_chip ? hot->program.image : NULL;
    if (status != STATUS_OK || !settings->if_moved)
        return status;
    hot->has_moved = true;
    pass->moves_all = !strcmp(settings->if_moved, "all");
    pass->moved = ARENA_NEW_ARRAY(arena, struct moved *, MOVED_SLOTS);
    return pass->moves_all ? STATUS_OK : read_list(pass, settings->if_moved, problem);
}

int hot_analyse(const struct hot_settings *settings, struct arena *arena, struct hot *hot,
                struct problem *problem)
{
    struct pass pass = {.hot = hot};
    assert(settings->trace_count > 0);
    int status = prepare(settings, arena, &pass, problem);
    if (status == STATUS_OK && settings->trace_count > HOT_RUNS_MAX)
        status = problem_set(problem, STATUS_LIMIT, text_of(settings->traces[HOT_RUNS_MAX]),
                             PROBLEM_NO_OFF, "more than %u traces", HOT_RUNS_MAX);
    for (size_t i = 0; status == STATUS_OK && i < settings->trace_count; i++)
        status = read_run(&pass, settings->traces[i],
                          settings->names ? settings->names[i] : settings->traces[i], problem);
    if (status == STATUS_OK)
        hot_objects_end(&hot->objects);
    return status;
}
