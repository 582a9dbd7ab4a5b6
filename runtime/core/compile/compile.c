// compile.c: source to a function; see chunk.h.
//
// The compiler reads its input once, without a tree: lexer.c gives tokens, parse_stat.c and
// parse_expr.c follow the grammar, scope.c knows the variables, code*.c write instructions.
// Memory: allocation policy of NodeMCU 3.0. Whatever an error leaves behind is garbage.

#include "runtime/core/chunk.h"

#include <string.h>

#include "runtime/core/compile/parse.h"
#include "runtime/core/mem.h"
#include "runtime/core/str.h"
#include "runtime/probe/probe.h"

int chunk_strip_level = 1;
void (*compile_warning)(const char *chunk, int line, const char *message);

// Drops names (level 1), and line tables (level 2), of p and the functions in it.
static void strip(lua_State *L, struct proto *p, int level)
{
    MEM_FREE(L, DEREF(p->local_names), (size_t)p->local_name_count * sizeof(struct local_name),
             KIND_DEBUG_NAMES);
    REF_NULL(p->local_names);
    p->local_name_count = 0;
    MEM_FREE(L, DEREF(p->upvalue_names),
             (size_t)p->upvalue_name_count * sizeof(*DEREF(p->upvalue_names)), KIND_DEBUG_NAMES);
    REF_NULL(p->upvalue_names);
    p->upvalue_name_count = 0;
    if (level > 1 && !REF_IS_NULL(p->lines)) {
        const char *lines = (const char *)DEREF(p->lines);
        MEM_FREE(L, (void *)(uintptr_t)lines, strlen(lines) + 1, KIND_LINES);
        REF_NULL(p->lines);
    }
    for (int i = 0; i < p->proto_count; i++)
        strip(L, DEREF(DEREF(p->protos)[i]), level);
}

struct proto *compile_source(lua_State *L, struct stream *s, struct text_buffer *buffer,
                             const char *name)
{
    struct parser ps = {.function = NULL};
    struct func_state main_function;
    lexer_init(L, &ps.lexer, s, buffer, str_new_z(L, name));
    scope_open_function(&ps, &main_function);
    main_function.proto->vararg_ = VARARG_IS;
    lexer_next(&ps.lexer);
    parse_chunk(&ps);
    parse_check(&ps, TOKEN_EOF);
    scope_close_function(&ps);
    PROBE_CODE_LOADED(L, main_function.proto); // while locals have names
    if (chunk_strip_level > 0)
        strip(L, main_function.proto, chunk_strip_level);
    return main_function.proto;
}
