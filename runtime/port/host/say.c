// say.c: see say.h.

#include "runtime/port/host/say.h"

#include <stdarg.h>
#include <stdio.h>

#include "runtime/format/utf8.h"

#define LINE_BYTES_MAX 1024u

void host_say(const char *format, ...)
{
    char line[LINE_BYTES_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    utf8_make_safe(line, "");
    fprintf(stderr, "frost: %s\n", line);
}
