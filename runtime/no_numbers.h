// no_numbers.h: for sources that are compiled once for both kinds of numbers (runtime/builds.mk).
// If one asks for the kind, also in a header, its name must leave the list there.

#pragma GCC poison FROST_INTEGER
