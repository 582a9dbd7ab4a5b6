// lint_fix.h: sources in which the literals of findings are made at run time.

#ifndef FROST_ANALYSIS_LINT_FIX_H
#define FROST_ANALYSIS_LINT_FIX_H

#include "analyzer/analysis/lint/lint.h"

// The source of a unit with every literal exchanged that a finding of any unit names: "%d+" becomes
// an element of a local table that the file makes once, when it is loaded, as {"%d" .. "+"}: made
// where it is used, each use would be an allocation, which on a device is a collection. Lines stay
// where they are. All sources have to be mended, since one literal that is left keeps the text in
// flash. A literal that begins a line after what could be called stays: a parenthesis there is
// ambiguous to Lua. Result: how many were exchanged; *mended in the arena if there are any.
size_t lint_fix_source(const struct lint *lint, const struct lint_unit *unit, struct text *mended);

#endif
