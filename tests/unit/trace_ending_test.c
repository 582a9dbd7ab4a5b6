// trace_ending_test.c: how runs ended, in words: pieces of lines, signals, crashes, boots, limits.

#include "analyzer/trace/trace_ending.h"

#include "tests/support/trace_directory.h"

static struct arena arena;

// Reads a trace of a run.json with these members and these events, to its end.
static struct trace_ending ending_of(const char *members, const char *events)
{
    struct trace_directory made = trace_directory_make(
        arena_format(&arena, "run {\"schema\":\"frost/run/1\"%s}\n%s", members, events));
    struct trace_ending ending = {0};
    struct problem problem = {0};
    struct trace *trace;
    struct trace_event event;
    CHECK_EQUAL(trace_open(&arena, made.path, &trace, &problem), STATUS_OK);
    while (trace_next(trace, &event) > 0)
        trace_ending_note(&ending, &event);
    trace_ending_finish(&ending, trace);
    trace_close(trace);
    trace_directory_remove(&made);
    return ending;
}

static const char *said(const char *members, const char *events)
{
    struct trace_ending ending = ending_of(members, events);
    struct text text = trace_ending_text(&ending, &arena);
    return text.bytes ? arena_copy_text(&arena, text).data : "";
}

#define CONSOLE(stream, text) "1 console stream=" #stream " text=\"" text "\"\n"
#define END(status) "2 end status=" #status " lua_bytes=1 lua_bytes_max=1 stack_bytes=1\n"

TEST(by_itself)
{
    arena_init(&arena);
    CHECK_TEXT(said("", CONSOLE(2, "lua: only a warning\\n") END(0)), "");
    CHECK_TEXT(said(",\"exit_status\":0,\"ended_by\":\"program\"", END(0)), "");
    arena_deinit(&arena);
}

TEST(failures)
{
    arena_init(&arena);
    CHECK_TEXT(said("", CONSOLE(2, "lua") CONSOLE(2, ": ")
                            CONSOLE(2, "a.lua:1: no\\nstack traceback:\\n\\x09[C]: ?\\n") END(1)),
               "The program failed: a.lua:1: no");
    CHECK_TEXT(said("", CONSOLE(1, "one\\ntwo") CONSOLE(1, " words\\n\\n") CONSOLE(2, "lua: no\\n")
                            END(1)),
               "The program failed: no (it printed last: two words)");
    // What the runtime adds does not take the place of what the program raised.
    CHECK_TEXT(said("", CONSOLE(2, "lua: not enough memory\\nfrost: the heap was full\\n") END(1)),
               "The program failed: not enough memory");
    CHECK_TEXT(said("", CONSOLE(2, "frost: the image is damaged\\n") END(1)),
               "The program failed: the image is damaged");
    CHECK_TEXT(said("", END(3)), "The program failed: status 3");
    // The lines of an earlier boot are not the reason.
    CHECK_TEXT(said("", CONSOLE(2, "lua: old\\n") "1 boot number=2 heap_bytes=1\n" END(1)),
               "The program failed: status 1");
    arena_deinit(&arena);
}

TEST(crashes_and_signals)
{
    arena_init(&arena);
    CHECK_TEXT(said(",\"exit_status\":139,\"ended_by\":\"program\"", "1 boot number=1\n"),
               "The program failed: signal 11 (Segmentation fault)");
    CHECK_TEXT(said(",\"exit_status\":137,\"ended_by\":\"program\"", "1 boot number=1\n"),
               "The run was ended by signal 9 (Killed)");
    CHECK_TEXT(said("", END(130)), "The run was ended by signal 2 (Interrupt)");
    CHECK_TEXT(said(",\"exit_status\":143,\"ended_by\":\"signal\"", END(143)),
               "The run was ended by a signal");
    CHECK_TEXT(said(",\"serial\":{\"ended_by\":\"user\"}", END(0)),
               "The run was ended by a signal");
    arena_deinit(&arena);
}

TEST(limits)
{
    arena_init(&arena);
    CHECK_TEXT(said(",\"ended_by\":\"duration\",\"duration_ms\":1500", END(0)),
               "The run was ended after 1.5 s of device time (--duration)");
    CHECK_TEXT(said(",\"ended_by\":\"duration\"", END(0)), "The run was ended by --duration");
    arena_deinit(&arena);
}

TEST(no_end_and_no_word_is_a_loss)
{
    arena_init(&arena);
    struct trace_ending ending = ending_of("", "1 boot number=1\n");
    CHECK_EQUAL(ending.kind, TRACE_ENDING_UNSAID);
    CHECK_TEXT(said("", "1 boot number=1\n"), "");
    arena_deinit(&arena);
}

// A line without an end keeps its beginning.
TEST(long_lines)
{
    arena_init(&arena);
    char line[2 * TRACE_ENDING_LINE_BYTES];
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = 0;
    struct trace_ending ending = ending_of(
        "", arena_format(&arena, CONSOLE(2, "lua: %s\\n") END(1), line));
    CHECK_EQUAL(trace_ending_message(&ending).bytes, TRACE_ENDING_LINE_BYTES - strlen("lua: "));
    arena_deinit(&arena);
}

TEST_MAIN
