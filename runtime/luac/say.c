// say.c: messages on standard error.

#include "runtime/luac/say.h"

#include <stdarg.h>
#include <stdio.h>

#include "runtime/format/utf8.h"

#define MESSAGE_BYTES 2048

void luac_say(const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    utf8_make_safe(message, "\n\t");
    fprintf(stderr, "%s\n", message);
}
