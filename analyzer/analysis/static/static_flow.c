// static_flow.c: the data flow: states at branch targets, until none changes; then what it gives.
//
// A state is the registers and the words of the C stack that the function spills them to. Words
// that lie at or above an address that is taken are lost at every call and store through a pointer.

#include "analyzer/analysis/static/static_flow.h"

#include <assert.h>
#include <stdlib.h>

#define TABLE_WORDS_MAX 1024u // targets of one jump table
#define PASSES_MAX (1u << 18)
#define PASS_ROUNDS_MAX 32u // calls that hand an argument on to one another
#define FIRST_ARGUMENT 2u   // register
#define STACK_REGISTER 1u
#define FUNCTION_INSNS_MAX (1u << 17)
#define FUNCTION_STEPS_MAX (1u << 26) // the firmware's largest one takes 2 % of that
#define SLOT_COUNT 96u                // words of the C stack that are followed, from a1 up

struct state {
    union {
        struct {
            struct static_value regs[XTENSA_REGISTER_COUNT];
            struct static_value slots[SLOT_COUNT];
        };
        struct static_value all[XTENSA_REGISTER_COUNT + SLOT_COUNT];
    };
};

// An argument that a function hands on.
struct forward {
    uint32_t caller, callee;
    uint8_t from, to;
};

struct flow {
    struct arena *arena;   // for results
    struct arena *scratch; // for the function at hand
    struct static_flow *result;
    const struct static_code *code;
    uint32_t function, first, count; // at hand
    struct state **states;           // by instruction of the function; NULL: no branch target
    uint8_t *is_waiting;
    uint32_t *work;
    uint32_t work_count;
    bool has_new_target;
    uint32_t steps;    // instructions followed
    int32_t taken_off; // words of the stack from here on may be written through pointers
    uint32_t load_room, pass_room, forward_count, forward_room;
    struct forward *forwards;
};

// ---- values ----

static struct static_value unknown(unsigned what)
{
    return (struct static_value){.what = (uint8_t)what};
}

static struct static_value constant(uint32_t value)
{
    return (struct static_value){
        .what = STATIC_CONSTANT, .origin_count = 1, .is_exact = true, .origins = {value}};
}

static void add_origin(struct static_value *value, uint32_t origin, bool is_through)
{
    for (unsigned i = 0; i < value->origin_count; i++)
        if (value->origins[i] == origin && (value->through >> i & 1) == is_through)
            return;
    if (value->origin_count == STATIC_ORIGINS_MAX) {
        value->what |= STATIC_COMPUTED; // one of too many
        return;
    }
    value->through |= (uint8_t)(is_through << value->origin_count);
    value->origins[value->origin_count++] = origin;
}

// Either of two values. The result only ever grows, so that the flow comes to an end.
static struct static_value either(const struct static_value *a, const struct static_value *b)
{
    struct static_value value = *a;
    if (!a->what)
        return *b;
    if (!b->what)
        return *a;
    value.what |= b->what;
    value.arguments |= b->arguments;
    for (unsigned i = 0; i < b->origin_count; i++)
        add_origin(&value, b->origins[i], b->through >> i & 1);
    value.is_exact = a->is_exact && b->is_exact && a->offset == b->offset;
    if (!value.is_exact)
        value.offset = 0;
    return value;
}

static bool is_number(const struct static_value *value)
{
    return value->what == STATIC_CONSTANT && value->origin_count == 1 && value->is_exact &&
           !value->through;
}

static uint32_t number_of(const struct static_value *value)
{
    return value->origins[0] + (uint32_t)value->offset;
}

// True if the value may be an address that the flow knows.
static bool is_address(const struct flow *flow, const struct static_value *value)
{
    if (value->what & STATIC_STACK)
        return true;
    for (unsigned i = 0; i < value->origin_count; i++)
        if (value->through >> i & 1 || elf_image_section(flow->code->image, value->origins[i]))
            return true;
    return false;
}

static struct static_value shifted(struct static_value value, int32_t by)
{
    if (value.is_exact)
        value.offset = (int32_t)((uint32_t)value.offset + (uint32_t)by);
    return value;
}

static struct static_value behind(struct static_value value)
{
    value.is_exact = false;
    value.offset = 0;
    return value;
}

// base * scale + other.
static struct static_value sum(const struct flow *flow, const struct static_value *base,
                               unsigned scale, const struct static_value *other)
{
    bool is_other = is_address(flow, other), is_base = scale == 1 && is_address(flow, base);
    if (!base->what || !other->what)
        return unknown(0);
    if (is_number(base) && is_number(other) && !is_base)
        return shifted(*other, (int32_t)(number_of(base) * scale));
    if (is_base && is_other) {
        struct static_value both = either(base, other);
        return behind(both);
    }
    if (is_base)
        return is_number(other) ? shifted(*base, (int32_t)number_of(other)) : behind(*base);
    if (is_other)
        return is_number(base) ? shifted(*other, (int32_t)(number_of(base) * scale))
                               : behind(*other);
    // An argument and a number: still the argument's. Else one of them may be the address.
    if (is_number(other) && base->what == STATIC_ARGUMENT && scale == 1)
        return *base;
    if (is_number(base) && other->what == STATIC_ARGUMENT)
        return *other;
    struct static_value value = unknown(STATIC_COMPUTED);
    value.arguments = other->arguments | (scale == 1 ? base->arguments : 0);
    value.what |= value.arguments ? STATIC_ARGUMENT : 0;
    return value;
}

// What a load of a word gives: a constant pointer, where memory is not written.
static struct static_value loaded(const struct flow *flow, const struct static_value *base,
                                  int32_t imm)
{
    const struct elf_image *image = flow->code->image;
    struct static_value value = unknown(0);
    if (!base->what)
        return value;
    if (base->what & ~STATIC_CONSTANT)
        value.what |= STATIC_LOADED;
    for (unsigned i = 0; i < base->origin_count; i++) {
        uint32_t at = base->origins[i] + (uint32_t)(base->is_exact ? base->offset + imm : 0);
        const struct elf_section *section = elf_image_section(image, at);
        uint32_t word;
        struct static_value one = unknown(STATIC_LOADED);
        if (section && !section->is_writable && !(base->through >> i & 1)) {
            one = (struct static_value){.what = STATIC_CONSTANT,
                                        .origin_count = 1,
                                        .through = 1,
                                        .origins = {base->origins[i]}};
            if (base->is_exact && (at & 3) == 0 && elf_image_word(image, at, &word))
                one = constant(word);
        }
        value = either(&value, &one);
    }
    return value;
}

// ---- one instruction ----

static void forget(struct state *state, unsigned writes)
{
    for (unsigned reg = 0; reg < XTENSA_REGISTER_COUNT; reg++)
        if (writes >> reg & 1 && reg != STACK_REGISTER)
            state->regs[reg] = unknown(STATIC_COMPUTED);
}

// Words of the stack that something else may write: a callee, or a store through a pointer.
static void forget_slots(const struct flow *flow, struct state *state)
{
    for (unsigned i = 0; i < SLOT_COUNT; i++)
        if ((int32_t)(i * 4 + 3) >= flow->taken_off)
            state->slots[i] = unknown(STATIC_LOADED);
}

static void store(const struct flow *flow, const struct xtensa_insn *insn, struct state *state)
{
    unsigned slot = (unsigned)insn->imm / 4;
    if (insn->base != STACK_REGISTER)
        forget_slots(flow, state);
    else if (slot < SLOT_COUNT)
        state->slots[slot] = insn->width == 4 ? state->regs[insn->reg] : unknown(STATIC_COMPUTED);
}

static void step(const struct flow *flow, const struct xtensa_insn *insn, struct state *state)
{
    struct static_value *regs = state->regs, value;
    uint32_t word;
    switch (insn->kind) {
    case XTENSA_LITERAL:
        value = elf_image_word(flow->code->image, insn->addr, &word) ? constant(word)
                                                                     : unknown(STATIC_LOADED);
        break;
    case XTENSA_SET:
        value = constant((uint32_t)insn->imm);
        break;
    case XTENSA_MOVE:
        value = regs[insn->base];
        break;
    case XTENSA_MOVE_IF:
        value = either(&regs[insn->reg], &regs[insn->base]);
        break;
    case XTENSA_ADD_IMM:
        value = shifted(regs[insn->base], insn->imm);
        break;
    case XTENSA_ADD:
        value = sum(flow, &regs[insn->base], insn->scale, &regs[insn->other]);
        break;
    case XTENSA_LOAD_32:
        if (insn->base == STACK_REGISTER && (unsigned)insn->imm / 4 < SLOT_COUNT)
            value = state->slots[insn->imm / 4];
        else
            value = loaded(flow, &regs[insn->base], insn->imm);
        break;
    case XTENSA_STORE:
        store(flow, insn, state);
        forget(state, insn->writes);
        return;
    case XTENSA_CALL:
        forget_slots(flow, state);
        forget(state, XTENSA_CALL_CHANGES);
        regs[FIRST_ARGUMENT] = unknown(STATIC_RESULT);
        return;
    default:
        forget(state, insn->writes);
        return;
    }
    if (insn->reg != STACK_REGISTER)
        regs[insn->reg] = value;
    else
        for (unsigned i = 0; i < SLOT_COUNT; i++) // the frame begins or ends
            state->slots[i] = unknown(STATIC_LOADED);
}

// ---- control ----

static void wait_for(struct flow *flow, uint32_t at)
{
    if (flow->is_waiting[at])
        return;
    flow->is_waiting[at] = 1;
    flow->work[flow->work_count++] = at;
}

static void make_target(struct flow *flow, uint32_t at)
{
    if (flow->states[at])
        return;
    flow->states[at] = ARENA_NEW(flow->scratch, struct state);
    flow->has_new_target = true;
}

// Control comes to an instruction of the function with this state.
static void reach(struct flow *flow, uint32_t at, const struct state *state)
{
    make_target(flow, at);
    struct state *there = flow->states[at];
    bool is_changed = false;
    for (unsigned i = 0; i < XTENSA_REGISTER_COUNT + SLOT_COUNT; i++) {
        struct static_value value = either(&there->all[i], &state->all[i]);
        if (memcmp(&value, &there->all[i], sizeof value) == 0)
            continue;
        there->all[i] = value;
        is_changed = true;
    }
    if (is_changed)
        wait_for(flow, at);
}

static void reach_addr(struct flow *flow, uint32_t addr, const struct state *state)
{
    uint32_t at = static_code_at(flow->code, addr);
    if (at != STATIC_NONE && at >= flow->first && at - flow->first < flow->count)
        reach(flow, at - flow->first, state);
}

// A jump through a register: to a constant, or to what a table of the function's addresses says.
static void reach_table(struct flow *flow, const struct static_value *value,
                        const struct state *state)
{
    for (unsigned i = 0; i < value->origin_count; i++) {
        uint32_t addr = value->origins[i], word;
        if (!(value->through >> i & 1)) {
            if (value->is_exact)
                reach_addr(flow, addr + (uint32_t)value->offset, state);
            continue;
        }
        for (unsigned n = 0; n < TABLE_WORDS_MAX; n++, addr += 4) {
            if (!elf_image_word(flow->code->image, addr, &word))
                break;
            uint32_t at = static_code_at(flow->code, word);
            if (at == STATIC_NONE || at < flow->first || at - flow->first >= flow->count)
                break;
            reach(flow, at - flow->first, state);
        }
    }
}

// Follows the code from a target to the next one, or to where control goes elsewhere.
static void follow(struct flow *flow, uint32_t at)
{
    struct state state = *flow->states[at];
    for (uint32_t i = at; i < flow->count; i++) {
        if (i > at && flow->states[i]) {
            reach(flow, i, &state);
            return;
        }
        const struct static_insn *insn = &flow->code->insns[flow->first + i];
        flow->steps++;
        step(flow, &insn->x, &state);
        switch (insn->x.kind) {
        case XTENSA_BRANCH:
            reach_addr(flow, insn->x.addr, &state);
            break;
        case XTENSA_JUMP:
            if (insn->x.base == XTENSA_NO_REGISTER)
                reach_addr(flow, insn->x.addr, &state);
            else
                reach_table(flow, &state.regs[insn->x.base], &state);
            return;
        case XTENSA_RETURN:
        case XTENSA_STOP:
            return;
        default:
            break;
        }
        // Literals lie between: control does not come across.
        if (i + 1 < flow->count && insn[1].pc != insn->pc + insn->x.bytes)
            return;
    }
}

static struct state entry_state(const struct flow *flow, bool is_entry)
{
    struct state state;
    for (unsigned reg = 0; reg < XTENSA_REGISTER_COUNT; reg++) {
        state.regs[reg] = unknown(STATIC_COMPUTED);
        unsigned argument = reg - FIRST_ARGUMENT;
        if (is_entry && flow->code->functions[flow->function].name &&
            argument < STATIC_ARGUMENTS_MAX)
            state.regs[reg] = (struct static_value){.what = STATIC_ARGUMENT,
                                                    .arguments = (uint8_t)(1u << argument)};
    }
    state.regs[STACK_REGISTER] = unknown(STATIC_STACK);
    for (unsigned i = 0; i < SLOT_COUNT; i++)
        state.slots[i] = unknown(STATIC_LOADED);
    return state;
}

static bool is_reached(const struct flow *flow, uint32_t at)
{
    return flow->states[at] && flow->states[at]->regs[STACK_REGISTER].what;
}

static void work_off(struct flow *flow)
{
    while (flow->work_count && flow->steps < FUNCTION_STEPS_MAX) {
        uint32_t at = flow->work[--flow->work_count];
        flow->is_waiting[at] = 0;
        follow(flow, at);
    }
}

// Branch targets that are known without a flow, so that most are there from the start.
static void find_targets(struct flow *flow)
{
    for (uint32_t i = 0; i < flow->count; i++) {
        const struct static_insn *insn = &flow->code->insns[flow->first + i];
        bool is_end = insn->x.kind == XTENSA_JUMP || insn->x.kind == XTENSA_RETURN ||
                      insn->x.kind == XTENSA_STOP ||
                      (i + 1 < flow->count && insn[1].pc != insn->pc + insn->x.bytes);
        if (insn->x.kind == XTENSA_BRANCH ||
            (insn->x.kind == XTENSA_JUMP && insn->x.base == XTENSA_NO_REGISTER)) {
            uint32_t at = static_code_at(flow->code, insn->x.addr);
            if (at != STATIC_NONE && at >= flow->first && at - flow->first < flow->count)
                make_target(flow, at - flow->first);
        }
        if (is_end && i + 1 < flow->count)
            make_target(flow, i + 1);
    }
}

// The lowest address of the stack that the function makes a pointer of.
static void find_taken(struct flow *flow)
{
    flow->taken_off = INT32_MAX;
    for (uint32_t i = 0; i < flow->count; i++) {
        const struct xtensa_insn *insn = &flow->code->insns[flow->first + i].x;
        bool is_stack = insn->base == STACK_REGISTER || insn->other == STACK_REGISTER;
        int32_t off = insn->kind == XTENSA_ADD_IMM ? insn->imm : 0;
        bool is_access = insn->kind == XTENSA_STORE || xtensa_is_load(insn);
        if (insn->kind == XTENSA_STORE && insn->reg == STACK_REGISTER)
            flow->taken_off = 0;
        if (is_stack && !is_access && insn->writes && insn->reg != STACK_REGISTER &&
            off < flow->taken_off)
            flow->taken_off = off;
    }
}

// To the fixed point. A target that a jump table brought up may lie in code that was followed
// across; then everything is done again with it known.
static void solve(struct flow *flow)
{
    find_taken(flow);
    make_target(flow, 0);
    find_targets(flow);
    do {
        for (uint32_t i = 0; i < flow->count; i++)
            if (flow->states[i])
                *flow->states[i] = (struct state){0};
        flow->has_new_target = false;
        struct state entry = entry_state(flow, true), nowhere = entry_state(flow, false);
        reach(flow, 0, &entry);
        work_off(flow);
        // Where nothing is known to lead, anything may come in.
        for (uint32_t i = 0; i < flow->count; i++) {
            if (!flow->states[i] || is_reached(flow, i))
                continue;
            reach(flow, i, &nowhere);
            work_off(flow);
        }
    } while (flow->has_new_target && flow->steps < FUNCTION_STEPS_MAX);
}

// ---- results ----

static bool is_noted(const struct flow *flow, uint32_t origin)
{
    const struct elf_section *section = elf_image_section(flow->code->image, origin);
    return section && !section->is_writable;
}

static void note_pass(struct flow *flow, const struct static_pass *pass)
{
    struct static_flow *result = flow->result;
    if (result->pass_count == flow->pass_room) {
        uint32_t room = flow->pass_room ? flow->pass_room * 2 : 1024;
        if (room > PASSES_MAX)
            return;
        result->passes = arena_grow_array(flow->arena, result->passes, result->pass_count, room,
                                          sizeof *result->passes);
        flow->pass_room = room;
    }
    result->passes[result->pass_count++] = *pass;
}

static void note_forward(struct flow *flow, const struct forward *forward)
{
    if (flow->forward_count == flow->forward_room) {
        uint32_t room = flow->forward_room ? flow->forward_room * 2 : 1024;
        flow->forwards = arena_grow_array(flow->arena, flow->forwards, flow->forward_count, room,
                                          sizeof *flow->forwards);
        flow->forward_room = room;
    }
    flow->forwards[flow->forward_count++] = *forward;
}

static void note_call(struct flow *flow, uint32_t callee_addr, const struct state *state)
{
    uint32_t callee = static_code_function(flow->code, callee_addr);
    if (callee == STATIC_NONE)
        return;
    for (unsigned argument = 0; argument < STATIC_ARGUMENTS_MAX; argument++) {
        const struct static_value *value = &state->regs[FIRST_ARGUMENT + argument];
        for (unsigned i = 0; i < value->origin_count; i++)
            if (is_noted(flow, value->origins[i]))
                note_pass(flow, &(struct static_pass){callee, (uint8_t)argument,
                                                      value->through >> i & 1, value->origins[i]});
        for (unsigned from = 0; from < STATIC_ARGUMENTS_MAX; from++)
            if (value->arguments >> from & 1)
                note_forward(flow, &(struct forward){flow->function, callee, (uint8_t)from,
                                                     (uint8_t)argument});
    }
}

static void note_load(struct flow *flow, uint32_t at, const struct static_value *base, int32_t imm)
{
    struct static_flow *result = flow->result;
    if (result->load_count == flow->load_room) {
        uint32_t room = flow->load_room ? flow->load_room * 2 : 256;
        result->loads = arena_grow_array(flow->arena, result->loads, result->load_count, room,
                                         sizeof *result->loads);
        flow->load_room = room;
    }
    struct static_value value = shifted(*base, imm);
    if (!value.what)
        value = unknown(STATIC_COMPUTED);
    result->loads[result->load_count++] = (struct static_load){flow->first + at, value};
}

static void note_given_up(struct flow *flow)
{
    struct static_value value = unknown(STATIC_COMPUTED);
    flow->result->given_up_count++;
    for (uint32_t i = 0; i < flow->count; i++)
        if (xtensa_is_narrow_load(&flow->code->insns[flow->first + i].x))
            note_load(flow, i, &value, 0);
}

static void note_results(struct flow *flow)
{
    struct state state = {0};
    for (uint32_t i = 0; i < flow->count; i++) {
        const struct xtensa_insn *insn = &flow->code->insns[flow->first + i].x;
        if (flow->states[i])
            state = *flow->states[i];
        if (xtensa_is_narrow_load(insn))
            note_load(flow, i, &state.regs[insn->base], insn->imm);
        // A jump to the begin of a function is a call in its place.
        if (insn->kind == XTENSA_CALL || insn->kind == XTENSA_JUMP) {
            if (insn->base == XTENSA_NO_REGISTER)
                note_call(flow, insn->addr, &state);
            else if (is_number(&state.regs[insn->base]))
                note_call(flow, number_of(&state.regs[insn->base]), &state);
        }
        step(flow, insn, &state);
    }
}

static void run_function(struct flow *flow, uint32_t number)
{
    const struct static_function *function = &flow->code->functions[number];
    struct arena scratch;
    flow->scratch = &scratch;
    flow->function = number;
    flow->first = function->first;
    flow->count = function->count;
    flow->steps = 0;
    if (flow->count > FUNCTION_INSNS_MAX) {
        note_given_up(flow);
        return;
    }
    arena_init(&scratch);
    flow->states = ARENA_NEW_ARRAY(&scratch, struct state *, flow->count);
    flow->is_waiting = ARENA_NEW_ARRAY(&scratch, uint8_t, flow->count);
    flow->work = ARENA_NEW_ARRAY(&scratch, uint32_t, flow->count);
    flow->work_count = 0;
    solve(flow);
    if (flow->steps < FUNCTION_STEPS_MAX)
        note_results(flow);
    else
        note_given_up(flow);
    arena_deinit(&scratch);
}

// ---- arguments that are handed on ----

static int compare_passes(const void *x, const void *y)
{
    const struct static_pass *a = x, *b = y;
    if (a->function != b->function)
        return a->function < b->function ? -1 : 1;
    if (a->argument != b->argument)
        return a->argument < b->argument ? -1 : 1;
    if (a->origin != b->origin)
        return a->origin < b->origin ? -1 : 1;
    return (a->is_table > b->is_table) - (a->is_table < b->is_table);
}

static void sort_passes(struct static_flow *result)
{
    uint32_t kept = 0;
    if (result->pass_count)
        qsort(result->passes, result->pass_count, sizeof *result->passes, compare_passes);
    for (uint32_t i = 0; i < result->pass_count; i++)
        if (!kept || compare_passes(&result->passes[kept - 1], &result->passes[i]) != 0)
            result->passes[kept++] = result->passes[i];
    result->pass_count = kept;
}

static void hand_on(struct flow *flow)
{
    struct static_flow *result = flow->result;
    sort_passes(result);
    for (unsigned round = 0; round < PASS_ROUNDS_MAX; round++) {
        uint32_t before = result->pass_count, first;
        struct static_flow sorted = *result; // what this round starts from
        for (uint32_t i = 0; i < flow->forward_count; i++) {
            const struct forward *forward = &flow->forwards[i];
            uint32_t count = static_flow_passed(&sorted, forward->caller, forward->from, &first);
            for (uint32_t n = 0; n < count; n++) {
                struct static_pass pass = sorted.passes[first + n];
                pass.function = forward->callee;
                pass.argument = forward->to;
                note_pass(flow, &pass);
            }
        }
        sort_passes(result);
        if (result->pass_count == before)
            break;
    }
}

void static_flow_run(struct arena *arena, const struct static_code *code,
                     struct static_flow *result)
{
    struct flow flow = {.arena = arena, .result = result, .code = code};
    *result = (struct static_flow){.code = code};
    for (uint32_t i = 0; i < code->function_count; i++)
        run_function(&flow, i);
    hand_on(&flow);
}

uint32_t static_flow_passed(const struct static_flow *flow, uint32_t function, unsigned argument,
                            uint32_t *first)
{
    uint32_t low = 0, high = flow->pass_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct static_pass *pass = &flow->passes[middle];
        if (pass->function < function || (pass->function == function && pass->argument < argument))
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    while (low < flow->pass_count && flow->passes[low].function == function &&
           flow->passes[low].argument == argument)
        low++;
    return low - *first;
}
