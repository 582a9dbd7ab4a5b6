// image_calls_test.c: what is found of calls of global functions in the code of an image.
//
// The image is made by the compiler that is tested beside this program.

#include <sys/stat.h>

#include "analyzer/image/image_calls.h"
#include "runtime/format/status.h"
#include "tests/support/tap.h"

static char seen[4096];

static void note(void *context, const struct image_call *call)
{
    (void)context;
    size_t used = strlen(seen);
    if (call->is_write)
        snprintf(seen + used, sizeof seen - used, "%d %.*s= ", call->line, TEXT_ARGS(call->name));
    if (!call->is_call)
        return;
    used += (size_t)snprintf(seen + used, sizeof seen - used, "%d %.*s(", call->line,
                             TEXT_ARGS(call->name));
    for (unsigned i = 0; i < call->argument_count; i++) {
        struct text argument = call->arguments[i].data ? call->arguments[i] : text_of("?");
        used += (size_t)snprintf(seen + used, sizeof seen - used, "%s%.*s", i ? "," : "",
                                 TEXT_ARGS(argument));
    }
    snprintf(seen + used, sizeof seen - used, ") ");
}

static void look(const char *source)
{
    struct arena arena;
    struct problem problem = {0};
    const struct image *image;
    char directory[] = "/tmp/frost-test.XXXXXX", command[512];
    arena_init(&arena);
    CHECK(mkdtemp(directory) != NULL);
    char *lua = arena_format(&arena, "%s/x.lua", directory);
    char *path = arena_format(&arena, "%s/x.img", directory);
    FILE *file = fopen(lua, "w");
    fputs(source, file);
    fclose(file);
    const char *programs = getenv("O");
    snprintf(command, sizeof command, "%s/libexec/frost/frostluac-float -f -o %s %s",
             programs ? programs : "build", path, lua);
    CHECK_EQUAL(system(command), 0);
    CHECK_EQUAL(image_read_file(&arena, path, NULL, &image, &problem), STATUS_OK);
    seen[0] = '\0';
    image_calls_visit(image, &arena, note, NULL);
    unlink(lua);
    unlink(path);
    rmdir(directory);
    arena_deinit(&arena);
}

TEST(calls_with_constants)
{
    look("require 'a.b'\nlocal f = file.open('x', 'r')\nreturn f, net.dns.resolve('h', print)\n");
    CHECK_TEXT(seen, "1 require(a.b) 2 file.open(x,r) 3 net.dns.resolve(h,?) ");
}

TEST(calls_in_inner_functions)
{
    look("local up = 1\nfunction f(n)\n  up = up + 1\n  return dofile('c.lua')\nend\n");
    CHECK_TEXT(seen, "2 f= 4 dofile(c.lua) ");
}

TEST(a_register_after_a_branch_is_not_known)
{
    look("local n = 'a'\nif x then n = 'b' end\nrequire(n)\n");
    CHECK_TEXT(seen, "3 require(?) ");
}

TEST(a_local_for_a_function)
{
    look("local open = file.open\nopen('x')\nlocal n = tmr.now()\nopen(n)\n");
    CHECK_TEXT(seen, "2 file.open(x) 3 tmr.now() 4 file.open(?) ");
}

TEST(arguments_without_an_end)
{
    look("require(f())\nrequire(...)\n");
    CHECK_TEXT(seen, "1 f() 1 require() 2 require() ");
}

TEST(methods_and_writes)
{
    look("a = 1\nlocal s = ...\ns:find('x', s)\nreturn function() b = s:gsub('%d', '') end\n");
    CHECK_TEXT(seen, "1 a= 3 :find(?,x,?) 4 :gsub(?,%d,) 4 b= ");
}

TEST_MAIN
