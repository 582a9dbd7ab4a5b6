// marks.c: see marks.h.

#include "runtime/world/host/marks.h"

#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include "runtime/format/trace.h"
#include "runtime/port/host/trace.h"

static int source = -1;
static char line[TRACE_MARK_BYTES_MAX];
static size_t line_bytes;

void marks_open(int descriptor)
{
    source = descriptor;
    fcntl(source, F_SETFL, O_RDWR | O_NONBLOCK);
}

void marks_take(void)
{
    char byte;
    while (source >= 0 && read(source, &byte, 1) == 1) {
        if (byte != '\n') {
            if (line_bytes < sizeof line)
                line[line_bytes++] = byte;
            continue;
        }
        host_trace_mark(line, line_bytes);
        line_bytes = 0;
    }
}
