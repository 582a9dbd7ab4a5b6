// trace_directory.h: a trace made from text for the length of a test case.
//
//     struct trace_directory made = trace_directory_make("0 boot number=1\n");
//     ... made.path ...
//     trace_directory_remove(&made);

#ifndef FROST_TESTS_TRACE_DIRECTORY_H
#define FROST_TESTS_TRACE_DIRECTORY_H

#include "analyzer/trace/trace_text.h"
#include "tests/support/tap.h"

struct trace_directory {
    char path[64];
    struct arena arena;
};

static inline struct trace_directory trace_directory_make(const char *text)
{
    struct trace_directory made = {.path = "/tmp/frost-trace-test.XXXXXX"};
    struct problem problem = {0};
    arena_init(&made.arena);
    CHECK(mkdtemp(made.path) != NULL);
    int status = trace_text_assemble_text(&made.arena, text_of(text), "in.tracetxt", made.path,
                                          "test", &problem);
    CHECK_TEXT(problem.message, "");
    CHECK_EQUAL(status, STATUS_OK);
    return made;
}

static inline const char *trace_directory_file(struct trace_directory *made, const char *name)
{
    return arena_format(&made->arena, "%s/%s", made->path, name);
}

static inline void trace_directory_remove(struct trace_directory *made)
{
    static const char *const files[] = {"events",         "metadata",     ".frost/run.json",
                                        ".frost/app.img", ".frost/files", "list.lua",
                                        "app.lua"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(trace_directory_file(made, files[i]));
    rmdir(trace_directory_file(made, ".frost"));
    CHECK_EQUAL(rmdir(made->path), 0);
    arena_deinit(&made->arena);
}

// Writes a file into the directory (one of the names above). Result: its path.
static inline const char *trace_directory_write(struct trace_directory *made, const char *name,
                                                const char *content)
{
    const char *path = trace_directory_file(made, name);
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    CHECK(fwrite(content, 1, strlen(content), file) == strlen(content));
    CHECK_EQUAL(fclose(file), 0);
    return path;
}

#endif
