// marks.h: names for moments of a run, given from outside while it is recorded (`frost mark`).
//
// Reads: a pipe, a name a line. Writes: `mark` events, between two turns. In a replay they come
// where the recording has them. Memory: a line. Context: the interpreter's thread, or before it.

#ifndef FROST_WORLD_MARKS_H
#define FROST_WORLD_MARKS_H

// The pipe that names come from; it is read without waiting.
void marks_open(int descriptor);
// Takes the names that have come by now.
void marks_take(void);

#endif
