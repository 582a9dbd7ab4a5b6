// vm_quick.h: handlers of quick operations (quicken.h); a part of vm_execute.
//
// Each does what the handler of its opcode does, for operands of one kind, and only in the usual
// way; for all else it goes to that handler, which begins again.

// clang-format off

#define ARITHMETIC_QUICK(op, b_, c_, condition, result)                                            \
    do {                                                                                          \
        const struct value *b = b_, *c = c_;                                                      \
        ARITHMETIC(b, c, condition, result)                                                       \
        goto op_##op;                                                                             \
    } while (0)
#define ARITHMETIC_QUICKS(op, condition, result)                                                   \
    quick_##op##_RR: ARITHMETIC_QUICK(op, RB(i), RC(i), condition, result);                       \
    quick_##op##_RK: ARITHMETIC_QUICK(op, RB(i), KC(i), condition, result);                       \
    quick_##op##_KR: ARITHMETIC_QUICK(op, KB(i), RC(i), condition, result)

ARITHMETIC_QUICKS(ADD, 1, VM_ADD(x, y));
ARITHMETIC_QUICKS(SUB, 1, VM_SUB(x, y));
ARITHMETIC_QUICKS(MUL, 1, VM_MUL(x, y));
ARITHMETIC_QUICKS(DIV, DIVISOR_IS_GOOD(c), VM_DIV(x, y));
ARITHMETIC_QUICKS(MOD, DIVISOR_IS_GOOD(c), VM_MOD(x, y));

#define ORDER_FORM(op, operator, b_, c_, wanted)                                                  \
    do {                                                                                          \
        const struct value *b = b_, *c = c_;                                                      \
        if (BOTH_NUMBERS(b, c))                                                                   \
            BRANCH((VALUE_NUMBER(b) operator VALUE_NUMBER(c)) == wanted);                         \
        goto op_##op;                                                                             \
    } while (0)
#define EQUAL_FORM(op, operator, b_, c_, wanted)                                                  \
    do {                                                                                          \
        const struct value *b = b_, *c = c_;                                                      \
        if (VALUE_TAG(b) != VALUE_TAG(c))                                                         \
            BRANCH(!wanted);                                                                      \
        if (VALUE_IS_NUMBER(b))                                                                   \
            BRANCH((VALUE_NUMBER(b) == VALUE_NUMBER(c)) == wanted);                               \
        if (VALUE_IS_NIL(b) || b->as.pointer == c->as.pointer)                                    \
            BRANCH(wanted);                                                                       \
        if (!VALUE_IS_TABLE(b) && !VALUE_IS_USERDATA(b))                                          \
            BRANCH(!wanted);                                                                      \
        goto op_##op;                                                                             \
    } while (0)
#define COMPARISON_FORMS(kind, op, operator, wanted)                                              \
    quick_##op##_##wanted##_RR: kind(op, operator, RB(i), RC(i), wanted);                          \
    quick_##op##_##wanted##_RK: kind(op, operator, RB(i), KC(i), wanted);                          \
    quick_##op##_##wanted##_KR: kind(op, operator, KB(i), RC(i), wanted)

COMPARISON_FORMS(ORDER_FORM, LT, <, 0);
COMPARISON_FORMS(ORDER_FORM, LT, <, 1);
COMPARISON_FORMS(ORDER_FORM, LE, <=, 0);
COMPARISON_FORMS(ORDER_FORM, LE, <=, 1);
COMPARISON_FORMS(EQUAL_FORM, EQ, ==, 0);
COMPARISON_FORMS(EQUAL_FORM, EQ, ==, 1);

// clang-format on

quick_TEST_0 : BRANCH(VALUE_IS_FALSE(RA(i)));

quick_TEST_1 : BRANCH(!VALUE_IS_FALSE(RA(i)));

quick_LOADBOOL_STAY : value_set_boolean(RA(i), OP_B(i) != 0);
NEXT;

quick_GETTABLE_R:
{
    const struct value *b = RB(i), *key = RC(i), *v;
    if (VM_UNLIKELY(!VALUE_IS_TABLE(b)))
        goto op_GETTABLE;
    const struct table *t = VALUE_TABLE(b);
    if (VM_LIKELY(VALUE_IS_NUMBER(key))) {
        uint32_t idx = vm_list_index(key);
        if (VM_UNLIKELY(idx >= (uint32_t)t->array_count))
            goto op_GETTABLE;
        v = AT(DEREF(t->array), idx);
    } else if (VM_LIKELY(VALUE_IS_STRING(key))) {
        v = table_get_string(t, VALUE_STRING(key));
    } else {
        goto op_GETTABLE;
    }
    if (VM_LIKELY(!VALUE_IS_NIL(v) || REF_IS_NULL(t->metatable))) {
        *RA(i) = *v;
        NEXT;
    }
    goto op_GETTABLE;
}

quick_GETTABLE_K:
{
    const struct value *b = RB(i), *key = KC(i);
    if (VM_LIKELY(VALUE_IS_STRING(key)) && VM_LIKELY(VALUE_IS_TABLE(b))) {
        const struct table *t = VALUE_TABLE(b);
        const struct value *v = table_get_string(t, VALUE_STRING(key));
        if (VM_LIKELY(!VALUE_IS_NIL(v) || REF_IS_NULL(t->metatable))) {
            *RA(i) = *v;
            NEXT;
        }
    }
    goto op_GETTABLE;
}

#define STORE(t, place, v)                                                                         \
    do {                                                                                           \
        *place = *v;                                                                               \
        VM_BARRIER_TABLE(L, t, v);                                                                 \
        NEXT;                                                                                      \
    } while (0)
// Without a metatable the old value need not be looked at, which may be far away.
#define STORE_ELEMENT(t, key, v)                                                                   \
    do {                                                                                           \
        uint32_t idx = vm_list_index(key);                                                         \
        if (VM_LIKELY(idx < (uint32_t)t->array_count && REF_IS_NULL(t->metatable)))                \
            STORE(t, AT(DEREF(t->array), idx), v);                                                 \
    } while (0)
#define STORE_FIELD(t, key, v)                                                                     \
    do {                                                                                           \
        struct value *place = (struct value *)table_get_string(t, VALUE_STRING(key));              \
        if (VM_LIKELY(!VALUE_IS_NIL(place) && !VALUE_IS_NIL(v)) &&                                 \
            !fast_path_is_link(L, t, VALUE_STRING(key)))                                           \
            STORE(t, place, v);                                                                    \
    } while (0)
#define SET_ELEMENT(v_)                                                                            \
    do {                                                                                           \
        const struct value *a = RA(i), *key = RB(i), *v = v_;                                      \
        if (VM_UNLIKELY(!VALUE_IS_TABLE(a)))                                                       \
            goto op_SETTABLE;                                                                      \
        struct table *t = VALUE_TABLE(a);                                                          \
        if (VM_LIKELY(VALUE_IS_NUMBER(key)))                                                       \
            STORE_ELEMENT(t, key, v);                                                              \
        else if (VM_LIKELY(VALUE_IS_STRING(key)))                                                  \
            STORE_FIELD(t, key, v);                                                                \
        goto op_SETTABLE;                                                                          \
    } while (0)
#define SET_FIELD(v_)                                                                              \
    do {                                                                                           \
        const struct value *a = RA(i), *key = KB(i), *v = v_;                                      \
        if (VM_LIKELY(VALUE_IS_STRING(key)) && VM_LIKELY(VALUE_IS_TABLE(a))) {                     \
            struct table *t = VALUE_TABLE(a);                                                      \
            STORE_FIELD(t, key, v);                                                                \
        }                                                                                          \
        goto op_SETTABLE;                                                                          \
    } while (0)

quick_SETTABLE_RR : SET_ELEMENT(RC(i));

quick_SETTABLE_RK : SET_ELEMENT(KC(i));

quick_SETTABLE_KR : SET_FIELD(RC(i));

quick_SETTABLE_KK : SET_FIELD(KC(i));

quick_SELF_K:
{
    const struct value *b = RB(i), *key = KC(i);
    if (VM_LIKELY(VALUE_IS_TABLE(b)) && VM_LIKELY(VALUE_IS_STRING(key))) {
        const struct table *t = VALUE_TABLE(b);
        const struct value *v = table_get_string(t, VALUE_STRING(key));
        if (VALUE_IS_NIL(v))
            v = fast_path_find(t->metatable.addr, VALUE_STRING(key));
        if (VM_LIKELY(v != NULL)) {
            struct value *a = RA(i), method = *v; // the object may stand in either register
            a[1] = *b;
            *a = method;
            NEXT;
        }
    }
    goto op_SELF;
}

#define CALL_QUICK(results)                                                                        \
    do {                                                                                           \
        callee = RA(i);                                                                            \
        callee_end = callee + OP_B(i);                                                             \
        KEEP_PC();                                                                                 \
        ENTER_LUA_FUNCTION(callee, callee_end, results);                                           \
        callee_results = results;                                                                  \
        goto call_slowly;                                                                          \
    } while (0)

quick_CALL_0 : CALL_QUICK(0);

quick_CALL_1 : CALL_QUICK(1);

// To a Lua function that wants all results, or one or none.
#define RETURN_QUICK(results)                                                                      \
    do {                                                                                           \
        if (has_open_upvalue(L, base))                                                             \
            func_close_upvalues(L, base);                                                          \
        int wants = call->result_count;                                                            \
        if (VM_UNLIKELY(depth == 1 || L->hook_mask & LUA_MASKRET || wants > 1))                    \
            goto op_RETURN;                                                                        \
        struct value *to = DEREF(call->func);                                                      \
        if (results == 1 && VM_LIKELY(wants != 0))                                                 \
            *to = *RA(i);                                                                          \
        else if (results == 0 && VM_UNLIKELY(wants == 1))                                          \
            value_set_nil(to);                                                                     \
        depth--;                                                                                   \
        call--;                                                                                    \
        REF_SET(L->call, call);                                                                    \
        base = DEREF(call->base);                                                                  \
        REF_SET(L->base, base);                                                                    \
        REF_COPY(L->top, call->top);                                                               \
        if (VM_UNLIKELY(wants == LUA_MULTRET))                                                     \
            TOP_SET(L, to + results);                                                              \
        closure = CALL_CLOSURE(call);                                                              \
        constants = CONSTANTS_OF(DEREF(closure->proto));                                           \
        ENTER_CODE(DEREF(call->pc));                                                               \
        NEXT;                                                                                      \
    } while (0)

quick_RETURN_0 : RETURN_QUICK(0);

quick_RETURN_1 : RETURN_QUICK(1);
