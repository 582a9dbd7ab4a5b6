// debug.c: errors: what message, which position, how it is raised; formatted messages.
//
// Reads and writes: the stack of the running thread. Memory: the strings of a message.
// Source: wording of Lua 5.1; see debug.h.

#include "runtime/core/debug.h"

#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/meta.h"
#include "runtime/core/str.h"
#include "runtime/core/vm.h"
#include "runtime/core/vm_inline.h"
#include "runtime/probe/probe.h"

// ---- formatted messages ----

static void push_text(lua_State *L, const char *text, size_t bytes)
{
    struct string *s = str_new(L, text, bytes);
    value_set_pointer(TOP(L), s, LUA_TSTRING);
    STACK_CHECK(L, 1);
    TOP_SET(L, TOP(L) + 1);
}

static void push_number(lua_State *L, lua_Number n)
{
    value_set_number(TOP(L), n);
    STACK_CHECK(L, 1);
    TOP_SET(L, TOP(L) + 1);
}

static void push_address(lua_State *L, const void *p)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 + 2 * sizeof(uintptr_t)], *at = text + sizeof text;
    uintptr_t rest = (uintptr_t)p;
    do
        *--at = digits[rest & 15u];
    while ((rest >>= 4) != 0);
    *--at = 'x';
    *--at = '0';
    PROBE_SOURCE_BEGIN(TRACE_ORIGIN_ENVIRONMENT);
    push_text(L, at, (size_t)(text + sizeof text - at));
    PROBE_SOURCE_END();
}

struct message_args { // a va_list that can be handed on
    va_list list;
};

static void push_directive(lua_State *L, char directive, struct message_args *args)
{
    switch (directive) {
    case 's': {
        const char *text = va_arg(args->list, const char *);
        if (text == NULL)
            text = "(null)";
        PROBE_TEXT_HASHED(L, text, strlen(text));
        push_text(L, text, strlen(text));
        break;
    }
    case 'c': {
        char c = (char)va_arg(args->list, int);
        push_text(L, &c, 1);
        break;
    }
    case 'd':
        push_number(L, (lua_Number)va_arg(args->list, int));
        break;
    case 'f':
        push_number(L, (lua_Number)va_arg(args->list, double));
        break;
    case 'p':
        push_address(L, va_arg(args->list, void *));
        break;
    case '%':
        push_text(L, "%", 1);
        break;
    default: {
        char unknown[2] = {'%', directive};
        push_text(L, unknown, directive ? 2 : 1);
    }
    }
}

const char *debug_push_message(lua_State *L, const char *format, va_list list)
{
    struct message_args args;
    va_copy(args.list, list);
    int count = 2; // the empty text in front and the rest after
    push_text(L, "", 0);
    for (;;) {
        const char *directive = strchr(format, '%');
        if (directive == NULL || directive[1] == '\0')
            break;
        push_text(L, format, (size_t)(directive - format));
        push_directive(L, directive[1], &args);
        count += 2;
        format = directive + 2;
    }
    va_end(args.list);
    push_text(L, format, strlen(format));
    vm_concat(L, count, (int)(TOP(L) - DEREF(L->base)) - 1);
    TOP_SET(L, TOP(L) - (count - 1));
    return VALUE_TEXT(TOP(L) - 1);
}

static const char *push_message_of(lua_State *L, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static const char *push_message_of(lua_State *L, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = debug_push_message(L, format, args);
    va_end(args);
    return text;
}

// ---- chunk names ----

// What a name is shortened by besides its text: the frame, dots and NUL.
#define ID_SOURCE_EXTRA sizeof(" [string \"...\"] ")
#define ID_FILE_EXTRA sizeof(" '...' ")

// Copies at most `bytes` characters of a text and a NUL, as far as there is room before `end`;
// returns the place of the NUL.
static char *append(char *to, const char *end, const char *text, size_t bytes)
{
    while (bytes-- > 0 && *text != '\0' && to + 1 < end)
        *to++ = *text++;
    *to = '\0';
    return to;
}

void debug_chunk_id(char *out, const char *source, size_t bytes)
{
    const char *end = out + bytes;
    if (*source == '=') {
        append(out, end, source + 1, bytes);
        return;
    }
    if (*source == '@') {
        size_t length = strlen(++source), room = bytes - ID_FILE_EXTRA;
        if (length > room) {
            out = append(out, end, "...", 3);
            source += length - room;
        }
        append(out, end, source, bytes);
        return;
    }
    size_t line = strcspn(source, "\n\r"), room = bytes - ID_SOURCE_EXTRA;
    if (line > room)
        line = room;
    out = append(out, end, "[string \"", bytes);
    out = append(out, end, source, line);
    if (source[line] != '\0')
        out = append(out, end, "...", 3);
    append(out, end, "\"]", 2);
}

#ifdef FROST_PROBED

// strlen meets one character before a word begins.
static void report_file_name(lua_State *L, const char *source)
{
    size_t length = strlen(source + 1), room = LUA_IDSIZE - ID_FILE_EXTRA;
    size_t copied = length < room ? length : room;
    PROBE_CONTENT_READ(L, source, 0, 2, CONTENT_COPY);
    PROBE_CONTENT_READ(L, source, 1 + length - copied, copied + 1, CONTENT_COPY);
}

// Its first line is searched for by strcspn, and whether more follows is looked at.
static void report_first_line(lua_State *L, const char *source)
{
    size_t line = strcspn(source, "\n\r"), room = LUA_IDSIZE - ID_SOURCE_EXTRA;
    size_t copied = line < room ? line : room;
    PROBE_CONTENT_READ(L, source, 0, 1, CONTENT_COPY);
    PROBE_CONTENT_READ(L, source, 0, line + 1, CONTENT_COPY);
    PROBE_CONTENT_READ(L, source, copied, 1, CONTENT_COPY);
    PROBE_CONTENT_READ(L, source, 0, copied + (source[copied] == '\0'), CONTENT_COPY);
}

void debug_report_source(lua_State *L, const char *source)
{
    PROBE_TEXT_TAKEN(L, source);
    if (*source == '=' || !probe_may_move(source))
        return;
    if (*source == '@')
        report_file_name(L, source);
    else
        report_first_line(L, source);
}

#endif

void debug_source_id(lua_State *L, char *out, const struct proto *p)
{
    const struct string *source = DEREF(p->source);
    (void)L;
    if (source)
        debug_report_source(L, STRING_TEXT(source));
    debug_chunk_id(out, source ? STRING_TEXT(source) : "=?", LUA_IDSIZE);
}

// ---- raising ----

void debug_raise(lua_State *L)
{
    if (L->error_handler != 0) {
        if (VALUE_BASE(STACK_AT(L, L->error_handler)) != LUA_TFUNCTION)
            call_throw(L, LUA_ERRERR);
        struct value *top = TOP(L);
        top[0] = top[-1];
        top[-1] = *STACK_AT(L, L->error_handler);
        STACK_CHECK(L, 1);
        TOP_SET(L, TOP(L) + 1);
        call_function(L, TOP(L) - 2, 1);
    }
    call_throw(L, LUA_ERRRUN);
}

void debug_run_error(lua_State *L, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *message = debug_push_message(L, format, args);
    va_end(args);
    struct call_record *call = DEREF(L->call);
    if (call_is_lua(call)) {
        char id[LUA_IDSIZE];
        debug_source_id(L, id, CALL_PROTO(call));
        push_message_of(L, "%s:%d: %s", id, debug_current_line(L, call), message);
    }
    debug_raise(L);
}

// ---- errors of operations ----

void (*debug_nil_used)(lua_State *L, const char *kind, const char *name);

void debug_type_error(lua_State *L, const struct value *v, const char *operation)
{
    const char *type = meta_type_name(VALUE_BASE(v)), *name = NULL, *kind = NULL;
    struct call_record *call = DEREF(L->call);
    if (call_is_lua(call) && v >= DEREF(call->base) && v < DEREF(call->top))
        kind = debug_name_register(L, call, (int)(v - DEREF(call->base)), &name);
    if (kind && debug_nil_used && VALUE_IS_NIL(v))
        debug_nil_used(L, kind, name);
    if (kind)
        debug_run_error(L, "attempt to %s %s '%s' (a %s value)", operation, kind, name, type);
    debug_run_error(L, "attempt to %s a %s value", operation, type);
}

void debug_frozen_error(lua_State *L, const struct value *t, const struct value *key)
{
    const char *name = NULL, *kind = NULL;
    struct call_record *call = DEREF(L->call);
    if (call_is_lua(call) && t >= DEREF(call->base) && t < DEREF(call->top))
        kind = debug_name_register(L, call, (int)(t - DEREF(call->base)), &name);
    const char *field = key && VALUE_IS_STRING(key) ? VALUE_TEXT(key) : NULL;
    if (kind && field)
        debug_run_error(L, "table is frozen (field '%s' of %s '%s')", field, kind, name);
    if (kind)
        debug_run_error(L, "table is frozen (%s '%s')", kind, name);
    if (field)
        debug_run_error(L, "table is frozen (field '%s')", field);
    debug_run_error(L, "table is frozen");
}

void debug_concat_error(lua_State *L, const struct value *a, const struct value *b)
{
    int first_is_text = VALUE_IS_STRING(a) || VALUE_IS_NUMBER(a);
    debug_type_error(L, first_is_text ? b : a, "concatenate");
}

void debug_arith_error(lua_State *L, const struct value *a, const struct value *b)
{
    struct value storage;
    debug_type_error(L, vm_to_number(L, a, &storage) ? b : a, "perform arithmetic on");
}

void debug_order_error(lua_State *L, const struct value *a, const struct value *b)
{
    const char *x = meta_type_name(VALUE_BASE(a)), *y = meta_type_name(VALUE_BASE(b));
    // Lua 5.1 tells type names apart by their third letter, so a string and a thread count as
    // "two string values".
    if (x[2] == y[2])
        debug_run_error(L, "attempt to compare two %s values", x);
    debug_run_error(L, "attempt to compare %s with %s", x, y);
}
