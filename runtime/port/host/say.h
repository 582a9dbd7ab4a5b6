// say.h: messages of frost itself while a program runs, for a person.

#ifndef FROST_PORT_HOST_SAY_H
#define FROST_PORT_HOST_SAY_H

// Writes "frost: " and a line to standard error. Names of files, options and the like may be in it:
// what a terminal would obey is '?'. Ends the line; cut at 1 KB.
void host_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
