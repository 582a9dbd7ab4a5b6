// sources.h: where the contents of texts come from (TRACE_ORIGINS), found out as they are made.
//
// Reads: the frames of the program, by way of site.h; names of files and keys. Writes: what is kept
// per text (writer.h), and small tables of a fixed size; a `text_secret` event. Memory: static.
// Context: inside probes, on the interpreter's thread.
//
// The sources of a making, in this order:
//   1. what the maker says: literal of C code, number, constant (then those of the code that is
//      being loaded), pieces of a concatenation (the union of theirs);
//   2. between PROBE_SOURCE_BEGIN and _END those given there;
//   3. in a C function: what its frame holds (texts have theirs; a number that is no constant of
//      the calling code is a source `number`), the texts that it has asked for or read in this call
//      (PROBE_TEXT_TAKEN, content_read), those that the object before it was ever given (a pipe, a
//      decoder, also one that a C closure keeps), and those that the table of functions says
//      (runtime/format/library_sources.h);
//   4. nothing of these: those by which the text is known already, or 0, not known.
//
// What a text passes on. A long one: the least of its makings so far. One of up to
// SOURCES_SHORT_BYTES characters: those of its last making, since single characters and digits are
// equal to some constant of the program in whatever they come from; but as an operand that the
// calling code has just loaded as a constant it is that constant.
//
// Numbers have no sources of their own. A Lua function in which a C function made numbers of texts
// or of the world is marked with their sources; texts made of numbers in it have these, too, and so
// do short texts that it looks up by a number. What leaves the function as a number is seen as a
// number no more (`number` stays).
//
// Files that the program writes pass on what was written into them: code that is loaded from one
// has these sources besides `device`, over restarts of the run, and what is read from one those of
// a secret besides `input`. Several names may share a place.
//
// Secrets: what is read from, or compiled out of, a file whose name looks like credentials; input
// that has such a word before ':' or '='; texts that are stored under such a key, and those that a
// function takes for a password or a key (PROBE_CREDENTIAL): these for the rest of the run
// (SOURCES_MARK_BYTES_MIN characters or more).

#ifndef FROST_PROBE_SOURCES_H
#define FROST_PROBE_SOURCES_H

#include <stdint.h>

#include "runtime/probe/site.h"

struct lua_State;
struct text_entry;

#define SOURCES_SHORT_BYTES 4u
#define SOURCES_MARK_BYTES_MIN 4u

// A new heap: no call runs, no object was given anything.
void sources_boot(void);

// An image lies there: the strings in it are constants of it. What else is in flash (the freezer's)
// keeps its sources.
void sources_note_image(uint32_t addr, uint32_t bytes);
int sources_is_in_image(uint32_t addr);

// The sources of a text that is being made at `site`, which are noted for it. `given`: what the
// maker says, 0: nothing; `text`: its characters.
unsigned sources_of_making(struct lua_State *L, const struct probe_site *site, const char *text,
                           struct text_entry *entry, unsigned given);

// The call that runs at `site` works with a text that passes these on.
void sources_take(struct lua_State *L, const struct probe_site *site, unsigned sources);

// What a text passes on as an operand. `is_constant`: see above.
unsigned sources_of_text(const struct text_entry *entry, int is_constant);

#endif
