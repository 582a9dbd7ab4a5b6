// exclude.c: expressions, and what stands in the place of a text that matches.

#include "analyzer/base/exclude.h"

#include <inttypes.h>
#include <regex.h>
#include <stdio.h>

#include "runtime/format/trace.h"

struct exclude {
    regex_t patterns[EXCLUDE_PATTERNS_MAX];
    size_t count;
};

int exclude_compile(struct arena *arena, const char *const *patterns, size_t count,
                    struct exclude **result, struct problem *problem)
{
    *result = NULL;
    if (count == 0)
        return STATUS_OK;
    if (count > EXCLUDE_PATTERNS_MAX)
        return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                           "more than %d expressions to exclude", EXCLUDE_PATTERNS_MAX);
    struct exclude *exclude = ARENA_NEW(arena, struct exclude);
    for (size_t i = 0; i < count; i++) {
        regex_t *pattern = &exclude->patterns[i];
        int error = regcomp(pattern, patterns[i], REG_EXTENDED | REG_NOSUB);
        if (error) {
            char reason[80];
            regerror(error, pattern, reason, sizeof reason);
            exclude_release(exclude);
            return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                               "expression '%s': %s", patterns[i], reason);
        }
        exclude->count++;
    }
    *result = exclude;
    return STATUS_OK;
}

void exclude_release(struct exclude *exclude)
{
    for (size_t i = 0; exclude && i < exclude->count; i++)
        regfree(&exclude->patterns[i]);
}

bool exclude_matches(const struct exclude *exclude, struct text text)
{
    for (size_t i = 0; exclude && i < exclude->count; i++) {
        regmatch_t range = {0, (regoff_t)text.bytes};
        if (!regexec(&exclude->patterns[i], text.data ? text.data : "", 1, &range, REG_STARTEND))
            return true;
    }
    return false;
}

struct text exclude_stand_in(struct text text, char room[EXCLUDE_STAND_IN_BYTES])
{
    int bytes = snprintf(room, EXCLUDE_STAND_IN_BYTES, "(excluded: %zu bytes, hash %016" PRIx64 ")",
                         text.bytes, trace_text_hash(text.data, text.bytes));
    return (struct text){room, (size_t)bytes};
}

struct text exclude_text(const struct exclude *exclude, struct arena *arena, struct text text)
{
    if (!exclude_matches(exclude, text))
        return text;
    char room[EXCLUDE_STAND_IN_BYTES];
    return arena_copy_text(arena, exclude_stand_in(text, room));
}
