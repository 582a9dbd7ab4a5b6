// scope.c: functions, blocks, local variables and upvalues while a chunk is compiled; see scope.h.

#include "runtime/core/compile/scope.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/func.h"
#include "runtime/core/mem.h"
#include "runtime/core/profile.h"
#include "runtime/core/str.h"
#include "runtime/core/table.h"

void scope_check_limit(struct func_state *fs, int count, int limit, const char *what)
{
    if (count <= limit)
        return;
    int line = fs->proto->line_defined;
    const char *text = line == 0 ? lua_pushfstring(fs->L, "main function has more than %d %s",
                                                   limit, what)
                                 : lua_pushfstring(fs->L, "function at line %d has more than %d %s",
                                                   line, limit, what);
    lexer_error(fs->lx, text, TOKEN_NONE);
}

// ---- local variables ----

static struct local_name *local_of(struct func_state *fs, int active_idx)
{
    return DEREF(fs->proto->local_names) + fs->active[active_idx];
}

void scope_declare(struct parser *ps, struct string *name, int ahead)
{
    struct func_state *fs = ps->function;
    struct proto *p = fs->proto;
    int limit = lua_profile->locals_max;
    assert(limit <= CODE_LOCALS_LIMIT);
    scope_check_limit(fs, fs->active_count + ahead + 1, limit, "local variables");
    int32_t old_count = p->local_name_count;
    REF_SET(p->local_names, mem_grow(fs->L, DEREF(p->local_names), fs->local_count,
                                     &p->local_name_count, sizeof(struct local_name), SHRT_MAX,
                                     "too many local variables", KIND_DEBUG_NAMES));
    struct local_name *names = DEREF(p->local_names);
    if (p->local_name_count > old_count)
        memset(names + old_count, 0, (size_t)(p->local_name_count - old_count) * sizeof(*names));
    REF_SET(names[fs->local_count].name, name);
    fs->active[fs->active_count + ahead] = (uint16_t)fs->local_count++;
}

void scope_declare_literal(struct parser *ps, const char *name, int ahead)
{
    scope_declare(ps, lexer_keep_text(&ps->lexer, name, strlen(name)), ahead);
}

void scope_activate(struct func_state *fs, int count)
{
    for (; count > 0; count--)
        local_of(fs, fs->active_count++)->pc_start = fs->pc;
}

void scope_restart_last(struct func_state *fs)
{
    local_of(fs, fs->active_count - 1)->pc_start = fs->pc;
}

static void deactivate(struct func_state *fs, int active_count)
{
    while (fs->active_count > active_count)
        local_of(fs, --fs->active_count)->pc_end = fs->pc;
}

// ---- blocks ----

void scope_enter_block(struct func_state *fs, struct block *b, int is_loop)
{
    *b = (struct block){
        .around = fs->block,
        .breaks = JUMP_NONE,
        .active_count = fs->active_count,
        .is_loop = (uint8_t)is_loop,
    };
    fs->block = b;
    assert(fs->free_register == fs->active_count);
}

void scope_leave_block(struct func_state *fs)
{
    struct block *b = fs->block;
    fs->block = b->around;
    deactivate(fs, b->active_count);
    if (b->has_captured)
        code_abc(fs, OP_CLOSE, b->active_count, 0, 0);
    assert(!b->is_loop || !b->has_captured); // a loop's variables belong to a block inside it
    fs->free_register = fs->active_count;
    code_jumps_patch_here(fs, b->breaks);
}

// The block of an active local must close it when it ends.
static void mark_captured(struct func_state *fs, int active_idx)
{
    struct block *b = fs->block;
    while (b && b->active_count > active_idx)
        b = b->around;
    if (b)
        b->has_captured = 1;
}

// ---- upvalues ----

static int find_local(struct func_state *fs, const struct string *name)
{
    for (int i = fs->active_count - 1; i >= 0; i--)
        if (DEREF(local_of(fs, i)->name) == name)
            return i;
    return -1;
}

static int add_upvalue(struct func_state *fs, struct string *name, const struct expr *source)
{
    struct proto *p = fs->proto;
    uint8_t is_local = source->kind == EXPR_LOCAL;
    int count = p->upvalue_count_;
    for (int i = 0; i < count; i++)
        if (fs->upvalues[i].is_local == is_local && fs->upvalues[i].idx == source->info)
            return i;
    scope_check_limit(fs, count + 1, CODE_UPVALUES_MAX, "upvalues");
    int32_t old_count = p->upvalue_name_count;
    REF_SET(p->upvalue_names,
            mem_grow(fs->L, DEREF(p->upvalue_names), count, &p->upvalue_name_count,
                     sizeof(*DEREF(p->upvalue_names)), INT_MAX, "", KIND_DEBUG_NAMES));
    for (; old_count < p->upvalue_name_count; old_count++)
        REF_NULL(DEREF(p->upvalue_names)[old_count]);
    REF_SET(DEREF(p->upvalue_names)[count], name);
    fs->upvalues[count].is_local = is_local;
    fs->upvalues[count].idx = (uint8_t)source->info;
    p->upvalue_count_++;
    return count;
}

// Looks in fs and the functions around it; each function between the variable and its use gets an
// upvalue. `is_inner`: the name is used in a function inside fs.
static enum expr_kind find_variable(struct func_state *fs, struct string *name, struct expr *e,
                                    int is_inner)
{
    if (!fs) {
        expr_init(e, EXPR_GLOBAL, 0);
        return EXPR_GLOBAL;
    }
    int local = find_local(fs, name);
    if (local >= 0) {
        expr_init(e, EXPR_LOCAL, local);
        if (is_inner)
            mark_captured(fs, local);
        return EXPR_LOCAL;
    }
    if (find_variable(fs->around, name, e, 1) == EXPR_GLOBAL)
        return EXPR_GLOBAL;
    e->info = add_upvalue(fs, name, e);
    e->kind = EXPR_UPVALUE;
    return EXPR_UPVALUE;
}

void scope_find(struct parser *ps, struct string *name, struct expr *e)
{
    struct func_state *fs = ps->function;
    if (find_variable(fs, name, e, 0) == EXPR_GLOBAL)
        e->info = code_constant_string(fs, name);
}

// ---- functions ----

static void push(lua_State *L, const void *object, int tag)
{
    value_set_pointer(TOP(L), object, tag);
    STACK_CHECK(L, 1);
    TOP_SET(L, TOP(L) + 1);
}

void scope_open_function(struct parser *ps, struct func_state *fs)
{
    lua_State *L = ps->lexer.L;
    struct proto *p = func_new_proto(L);
    // No more than is needed: the arrays are large, and the C stack on the chip is small.
    fs->proto = p;
    fs->around = ps->function;
    fs->lx = &ps->lexer;
    fs->L = L;
    fs->block = NULL;
    debug_line_init(&fs->lines);
    fs->pc = 0;
    fs->target_last = -1;
    fs->jumps_here = JUMP_NONE;
    fs->free_register = 0;
    fs->constant_count = 0;
    fs->proto_count = 0;
    fs->local_count = 0;
    fs->active_count = 0;
    ps->function = fs;
    REF_SET(p->source, ps->lexer.chunk_name);
    p->stack_size_ = 2;
    fs->constants = table_new(L, 0, 0);
    ps->lexer.texts = fs->constants;
    push(L, fs->constants, LUA_TTABLE);
    push(L, p, TAG_PROTO);
}

// Resizes a vector from *count items to `used`.
static void *trim(lua_State *L, void *vector, int32_t *count, int used, size_t item_bytes, int kind)
{
    vector = mem_vector(L, vector, (size_t)*count, (size_t)used, item_bytes, kind);
    *count = used;
    return vector;
}

static void trim_vectors(lua_State *L, struct func_state *fs)
{
    struct proto *p = fs->proto;
    REF_SET(p->code, trim(L, DEREF(p->code), &p->code_count, fs->pc, sizeof(uint32_t), KIND_CODE));
    debug_line_close(L, p, &fs->lines);
    REF_SET(p->constants, trim(L, DEREF(p->constants), &p->constant_count, fs->constant_count,
                               sizeof(struct value), KIND_CONSTANTS));
    REF_SET(p->protos, trim(L, DEREF(p->protos), &p->proto_count, fs->proto_count,
                            sizeof(*DEREF(p->protos)), KIND_PROTO_VECTOR));
    REF_SET(p->local_names, trim(L, DEREF(p->local_names), &p->local_name_count, fs->local_count,
                                 sizeof(struct local_name), KIND_DEBUG_NAMES));
    REF_SET(p->upvalue_names,
            trim(L, DEREF(p->upvalue_names), &p->upvalue_name_count, p->upvalue_count_,
                 sizeof(*DEREF(p->upvalue_names)), KIND_DEBUG_NAMES));
}

void scope_close_function(struct parser *ps)
{
    struct func_state *fs = ps->function;
    lua_State *L = fs->L;
    deactivate(fs, 0);
    code_return(fs, 0, 0);
    trim_vectors(L, fs);
    assert(!fs->block);
    ps->function = fs->around;
    ps->lexer.texts = fs->around ? fs->around->constants : NULL;
    // The token after the function was read when its table still kept the texts.
    const struct token *t = &ps->lexer.token;
    if (fs->around && (t->kind == TOKEN_NAME || t->kind == TOKEN_STRING))
        lexer_keep_text(&ps->lexer, STRING_TEXT(t->text), t->text->bytes);
    TOP_SET(L, TOP(L) - 2);
}

void scope_closure(struct parser *ps, struct func_state *inner, struct expr *e)
{
    struct func_state *fs = ps->function;
    struct proto *p = fs->proto;
    int32_t old_count = p->proto_count;
    REF_SET(p->protos, mem_grow(fs->L, DEREF(p->protos), fs->proto_count, &p->proto_count,
                                sizeof(*DEREF(p->protos)), OP_BX_MAX, "constant table overflow",
                                KIND_PROTO_VECTOR));
    for (; old_count < p->proto_count; old_count++)
        REF_NULL(DEREF(p->protos)[old_count]);
    REF_SET(DEREF(p->protos)[fs->proto_count++], inner->proto);
    expr_init(e, EXPR_PENDING, code_abx(fs, OP_CLOSURE, 0, fs->proto_count - 1));
    for (int i = 0; i < inner->proto->upvalue_count_; i++)
        code_abc(fs, inner->upvalues[i].is_local ? OP_MOVE : OP_GETUPVAL, 0, inner->upvalues[i].idx,
                 0);
}
