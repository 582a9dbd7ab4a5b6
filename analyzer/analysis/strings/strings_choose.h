// strings_choose.h: the rounds of choosing and replaying, inside the strings analysis.
//
// Private to analyzer/analysis: strings.c calls it once the verdicts of the texts are known.

#ifndef FROST_ANALYSIS_STRINGS_CHOOSE_H
#define FROST_ANALYSIS_STRINGS_CHOOSE_H

#include "analyzer/analysis/strings/strings.h"

// Chooses among the texts whose verdict is STRINGS_IDLE (candidates), fills in `chosen`, `all`,
// `dump` and the figures about them, and settles the candidates' verdicts.
int strings_choose(struct strings *strings, const struct strings_settings *settings,
                   struct arena *arena, struct problem *problem)
    __attribute__((warn_unused_result));

// Fills in what a list costs.
void strings_list_measure(const struct strings *strings, struct strings_list *list);

// Puts the texts in their order, so that equal inputs give equal lists.
void strings_list_sort(const struct strings *strings, struct strings_list *list);

#endif
