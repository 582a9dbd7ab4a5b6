// strings_lookups.h: what a hash vector of another size costs at look-ups.
//
// Whatever makes a string looks it up in RAM, and if it is not there in the image: the firmware
// goes along one chain, two words of each string that it meets, and compares texts where the
// lengths are equal. A vector of half the size takes half the flash and makes chains twice as long.
//
// The figures are modelled: look-ups are counted in the runs, chains are those that the image's
// strings and the list's make in an image of frost luac whose last module is the list, as frost
// profile has it. Memory: scratch in the arena.

#ifndef FROST_ANALYSIS_STRINGS_LOOKUPS_H
#define FROST_ANALYSIS_STRINGS_LOOKUPS_H

#include "analyzer/analysis/strings/strings.h"

struct strings_lookups {
    double count; // look-ups that reach the image
    double met;   // strings that they meet in it
    double loads; // bytes compared one by one with those that are not it, at most
};

// Look-ups in all runs, with the list in an image of `slot_count` slots (a power of two).
void strings_lookups_count(const struct strings *strings, const struct strings_list *list,
                           uint32_t slot_count, struct arena *arena,
                           struct strings_lookups *lookups);

// Fills in `strings->vector`, for the chosen list. Clocks are those by the model if every string
// met has to be fetched from flash, a line of the cache, and every byte compared is a load that
// stock firmware emulates.
void strings_vector_measure(struct strings *strings, struct arena *arena);

#endif
