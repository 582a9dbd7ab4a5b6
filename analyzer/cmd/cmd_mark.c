// cmd_mark.c: `frost mark`: names a moment of the run that is being recorded.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/cmd/command_list.h"
#include "runtime/format/trace.h"

// Less than what a pipe takes at once, so marks of several scripts do not mix.
_Static_assert(TRACE_MARK_BYTES_MAX < 512, "at most PIPE_BUF");

// The words with blanks between them, and a newline. Result: its length, 0 if it is too long.
static size_t join(char *const *words, size_t count, char *line, size_t room)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        size_t word_bytes = strlen(words[i]);
        if (bytes + word_bytes + 1 > room)
            return 0;
        memcpy(line + bytes, words[i], word_bytes);
        bytes += word_bytes;
        line[bytes++] = i + 1 < count ? ' ' : '\n';
    }
    for (size_t i = 0; i + 1 < bytes; i++)
        if (line[i] == '\n')
            line[i] = ' ';
    return bytes;
}

static int run(struct call *call)
{
    char line[TRACE_MARK_BYTES_MAX + 1];
    struct problem problem = {0};
    const char *path = getenv("FROST_MARKS");
    if (call->operand_count == 0)
        return command_misused(call, "needs a text");
    size_t bytes = join(call->operands, call->operand_count, line, sizeof line);
    if (bytes == 0)
        return command_misused(call, "a text has at most %u bytes", TRACE_MARK_BYTES_MAX);
    if (!path || !*path)
        return command_misused(call, "no recording is known: FROST_MARKS is not set, as it is for "
                                     "the scripts of frost profile --session");
    int pipe = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    ssize_t written = pipe < 0 ? -1 : write(pipe, line, bytes);
    int error = errno;
    if (pipe >= 0)
        close(pipe);
    if (written == (ssize_t)bytes)
        return EXIT_STATUS_DONE;
    (void)problem_set(&problem, STATUS_IO, text_of(path), PROBLEM_NO_OFF,
                      "no recording takes it: %s", strerror(error));
    return command_fail(call, &problem);
}

const struct command command_mark = {
    .name = "mark",
    .summary = "Names a moment of the run that is being recorded.",
    .usage = "TEXT...",
    .description =
        "For the scripts of frost profile --session: TEXT becomes an event of the trace\n"
        "before what the program is sent next. The report has RAM by mark, and the\n"
        "variants that are replays have the same marks.\n",
    .examples = {"frost mark 'a hundred requests'"},
    .run = run,
};
