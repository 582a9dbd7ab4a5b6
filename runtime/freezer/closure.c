// closure.c: closures as words of a group, and back: are groups sound?
//
// Reads: closures in RAM, blocks in place. Memory: none.
//
// A frozen closure has its upvalues for itself: nobody assigns them, so nobody can tell.

#include "runtime/freezer/closure.h"

#include "runtime/format/opcode.h"
#include "runtime/freezer/function.h"
#include "runtime/freezer/mark.h"

#define HEADER_WORD(tag) ((uint32_t)(tag) | (uint32_t)MARK_FLASH << 8)
#define CLOSED_OFF ((uint32_t)offsetof(struct upvalue, u))

static uint32_t upvalues_off(int count)
{
    return (uint32_t)sizeof(struct closure) + 4u * (uint32_t)count;
}

uint32_t frozen_closure_bytes(const struct lua_closure *c)
{
    int count = CLOSURE_UPVALUES(c);
    return upvalues_off(count) + (uint32_t)count * UPVALUE_BYTES;
}

// ---- writing ----

static const struct value *upvalue_of(const struct lua_closure *c, int idx)
{
    return DEREF(DEREF(c->upvalues[idx])->value);
}

static int refers_to_program(const struct lua_closure *c)
{
    for (int i = 0; i < CLOSURE_UPVALUES(c); i++)
        if (frozen_is_of_program(upvalue_of(c, i)))
            return 1;
    return 0;
}

void frozen_put_closure(struct frozen_sink *sink, const struct frozen_object *owner)
{
    const struct lua_closure *c = owner->object;
    int count = CLOSURE_UPVALUES(c);
    uint32_t first = owner->at + upvalues_off(count);
    frozen_put(sink, owner->at);
    frozen_put(sink, HEADER_WORD(LUA_TFUNCTION) | (uint32_t)count << 24);
    frozen_put(sink, refers_to_program(c) ? freezer.build : 0);
    frozen_put(sink, 0);
    frozen_put_address(sink, mark_proto_addr(DEREF(c->proto)));
    for (int i = 0; i < count; i++)
        frozen_put_inner(sink, first + (uint32_t)i * UPVALUE_BYTES);
    for (int i = 0; i < count; i++) {
        frozen_put(sink, 0);
        frozen_put(sink, HEADER_WORD(TAG_UPVALUE));
        frozen_put_inner(sink, first + (uint32_t)i * UPVALUE_BYTES + CLOSED_OFF);
        frozen_put_value(sink, owner, upvalue_of(c, i));
        for (uint32_t at = CLOSED_OFF + VALUE_BYTES; at < UPVALUE_BYTES; at += 4)
            frozen_put(sink, 0);
    }
}

// ---- what a function does to its upvalues ----

int frozen_assigns_upvalue(const struct proto *p, int idx)
{
    const uint32_t *code = DEREF(p->code);
    for (int32_t pc = 0; pc < p->code_count; pc++) {
        uint32_t i = code[pc];
        if (OP_CODE(i) == OP_SETUPVAL && OP_B(i) == idx)
            return 1;
        if (OP_CODE(i) == OP_SETLIST && OP_C(i) == 0)
            pc++; // a number
        if (OP_CODE(i) != OP_CLOSURE)
            continue;
        const struct proto *inner = DEREF(DEREF(p->protos)[OP_BX(i)]);
        for (int n = 0; n < PROTO_UPVALUES(inner); n++) {
            uint32_t from = code[++pc];
            if (OP_CODE(from) == OP_GETUPVAL && OP_B(from) == idx &&
                frozen_assigns_upvalue(inner, n))
                return 1;
        }
    }
    return 0;
}

// ---- checking ----

static const char *upvalue_fault(const struct frozen_place *place, const struct lua_closure *c,
                                 int idx)
{
    uint32_t at = ADDR32(c) + upvalues_off(CLOSURE_UPVALUES(c)) + (uint32_t)idx * UPVALUE_BYTES;
    const struct upvalue *u = (const struct upvalue *)(uintptr_t)at;
    if (c->upvalues[idx].addr != at || ((const uint32_t *)u)[1] != HEADER_WORD(TAG_UPVALUE) ||
        !REF_IS_NULL(u->next) || u->value.addr != at + CLOSED_OFF)
        return "upvalue of a closure";
    if (!frozen_is_value_sound(place, c->gray.addr, &u->u.closed) ||
        VALUE_TAG(&u->u.closed) == TAG_DEAD_KEY)
        return "value of an upvalue";
    return frozen_assigns_upvalue(DEREF(c->proto), idx) ? "upvalue that is assigned" : NULL;
}

static const char *closure_fault(const struct frozen_place *place, const struct lua_closure *c,
                                 uint32_t *bytes)
{
    if (place->room < sizeof(struct closure))
        return "size of a closure";
    int count = CLOSURE_UPVALUES(c);
    *bytes = frozen_closure_bytes(c);
    if (*bytes > place->room || CLOSURE_IS_C(c) || !REF_IS_NULL(c->environment))
        return "header of a closure";
    if (!freezer_area_has(place->area, c->proto.addr, FREEZER_FUNCTION) ||
        c->proto.addr >= ADDR32(c) || PROTO_UPVALUES(DEREF(c->proto)) != count)
        return "function of a closure";
    for (int i = 0; i < count; i++) {
        const char *fault = upvalue_fault(place, c, i);
        if (fault)
            return fault;
    }
    return NULL;
}

const char *frozen_group_fault(const struct freezer_area *area, uint32_t payload_off)
{
    uint32_t all = freezer_area_block(area, payload_off)->bytes, at = 0;
    while (at + 8 <= all) {
        const uint32_t *words = freezer_area_payload(area, payload_off + at);
        const struct frozen_place place = {area, all - at, area->addr + payload_off + all};
        uint32_t bytes = 0;
        const char *fault = "kind of an object in a group";
        if (words[0] == at && (words[1] & 0xFFFF) == HEADER_WORD(LUA_TFUNCTION))
            fault = closure_fault(&place, (const void *)words, &bytes);
        else if (words[0] == at)
            fault = frozen_table_fault_at(&place, (const void *)words, &bytes);
        if (fault)
            return fault;
        at += freezer_fill(bytes);
    }
    return at == all ? NULL : "size of a group";
}
