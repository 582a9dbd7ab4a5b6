// main_function.c: functions that the compiler writes itself; see main_function.h.

#include "runtime/luac/main_function.h"

#include <assert.h>

#include "runtime/core/func.h"
#include "runtime/core/mem.h"
#include "runtime/core/str.h"
#include "runtime/core/vm.h"
#include "runtime/format/lfs_image.h"
#include "runtime/format/opcode.h"

// Index function: register 0 is its argument, 1 and 2 get the results, the names lie above.
#define REGISTER_RESULT 1
#define REGISTER_LIST 2
#define REGISTER_NAMES 3

// A function with room for that much, all of it empty.
static struct proto *new_function(lua_State *L, int code_count, int constant_count, int proto_count)
{
    struct proto *p = func_new_proto(L);
    REF_SET(p->source, str_new_z(L, "=(luac)"));
    REF_SET(p->code, MEM_VECTOR(L, (size_t)code_count, uint32_t, KIND_CODE));
    p->code_count = code_count;
    if (constant_count > 0) {
        REF_SET(p->constants, MEM_VECTOR(L, (size_t)constant_count, struct value, KIND_CONSTANTS));
        p->constant_count = constant_count;
        for (int i = 0; i < constant_count; i++)
            value_set_nil(DEREF(p->constants) + i);
    }
    REF_SET(p->protos, mem_vector(L, NULL, 0, (size_t)proto_count, sizeof(*DEREF(p->protos)),
                                  KIND_PROTO_VECTOR));
    p->proto_count = proto_count;
    for (int i = 0; i < proto_count; i++)
        REF_NULL(DEREF(p->protos)[i]);
    return p;
}

struct proto *main_function_index(lua_State *L, const struct module *modules, int count,
                                  uint32_t build_time)
{
    assert(count >= 1 && count <= LFS_MODULES_MAX);
    struct proto *p = new_function(L, 5 * count + 5, count + 1, count);
    uint32_t *code = DEREF(p->code);
    p->parameter_count_ = 1;
    p->stack_size_ = (uint8_t)(count + REGISTER_NAMES);
    for (int i = 0; i < count; i++) {
        struct string *name = str_new_z(L, modules[i].name);
        value_set_pointer(DEREF(p->constants) + i, name, LUA_TSTRING);
        REF_SET(DEREF(p->protos)[i], modules[i].proto);
        *code++ = op_abc(OP_EQ, 0, 0, i | OP_CONSTANT_BIT);
        *code++ = op_abx(OP_JMP, 0, OP_SBX_MAX + 2);
        *code++ = op_abx(OP_CLOSURE, REGISTER_RESULT, i);
        *code++ = op_abc(OP_RETURN, REGISTER_RESULT, 2, 0);
    }
    value_set_number(DEREF(p->constants) + count, (lua_Number)build_time);
    *code++ = op_abx(OP_LOADK, REGISTER_RESULT, count);
    *code++ = op_abc(OP_NEWTABLE, REGISTER_LIST, number_to_fb((uint32_t)count), 0);
    for (int i = 0; i < count; i++)
        *code++ = op_abx(OP_LOADK, REGISTER_NAMES + i, i);
    *code++ = op_abc(OP_SETLIST, REGISTER_LIST, count, 1);
    *code++ = op_abc(OP_RETURN, REGISTER_RESULT, 3, 0);
    *code++ = op_abc(OP_RETURN, 0, 1, 0);
    assert(code == DEREF(p->code) + p->code_count);
    return p;
}

struct proto *main_function_sequence(lua_State *L, const struct module *modules, int count)
{
    struct proto *p = new_function(L, 2 * count + 1, 0, count);
    uint32_t *code = DEREF(p->code);
    p->stack_size_ = 1;
    for (int i = 0; i < count; i++) {
        REF_SET(DEREF(p->protos)[i], modules[i].proto);
        *code++ = op_abx(OP_CLOSURE, 0, i);
        *code++ = op_abc(OP_CALL, 0, 1, 1);
    }
    *code++ = op_abc(OP_RETURN, 0, 1, 0);
    return p;
}
