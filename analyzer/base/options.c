// options.c: parses a command line by its option tables, and prints their help.
//
// Every value, also a default, goes through store_value(), so that a default is always something a
// user could have written.

#include "analyzer/base/options.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/wrap.h"

#define HELP_TEXT_COLUMN 27u // where the sentence of an option begins
#define NEAREST_NAMES_MAX 128u
#define NOT_GIVEN "-"

// An option that was given, to notice a second one for the same target.
struct given {
    const void *target;
    const struct option *option;
};

struct parser {
    const struct option_group *groups;
    size_t group_count;
    struct arena *arena;
    struct problem *problem;
    struct given *given;
    size_t given_count;
    struct operands *operands;
    int argc;
    char *const *argv;
    int next; // index in argv of the next word
};

static int misuse(struct problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int misuse(struct problem *problem, const char *format, ...)
{
    char message[sizeof problem->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF, "%s", message);
}

// ---- values ----

static bool takes_value(const struct option *option)
{
    return option->kind != OPTION_FLAG && option->kind != OPTION_PRESET;
}

static int parse_number(const char *word, uint64_t *number, const char **rest)
{
    char *end;
    if (word[0] < '0' || word[0] > '9')
        return STATUS_USAGE;
    bool is_hex = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
    errno = 0;
    unsigned long long value = strtoull(word, &end, is_hex ? 16 : 10);
    if (errno || end == word)
        return STATUS_USAGE;
    *number = value;
    *rest = end;
    return STATUS_OK;
}

int options_parse_bytes(const char *word, uint64_t *bytes)
{
    const char *rest;
    uint64_t value;
    if (parse_number(word, &value, &rest) != STATUS_OK)
        return STATUS_USAGE;
    static const char suffixes[] = "KMG";
    if (*rest) {
        char upper = *rest >= 'a' ? (char)(*rest - 'a' + 'A') : *rest;
        const char *suffix = strchr(suffixes, upper);
        if (!suffix)
            return STATUS_USAGE;
        uint64_t factor = UINT64_C(1) << (10 * (suffix - suffixes + 1));
        if (__builtin_mul_overflow(value, factor, &value))
            return STATUS_USAGE;
        rest++;
    }
    if (*rest)
        return STATUS_USAGE;
    *bytes = value;
    return STATUS_OK;
}

static int store_number(const struct option *option, void *target, const char *word,
                        struct problem *problem)
{
    uint64_t value;
    const char *rest = "";
    int status = option->kind == OPTION_BYTES ? options_parse_bytes(word, &value)
                                              : parse_number(word, &value, &rest);
    if (status != STATUS_OK || *rest)
        return misuse(problem, "--%s needs a %s, not '%s'", option->name,
                      option->kind == OPTION_BYTES ? "size such as 45056 or 44K" : "number", word);
    if (value < option->min || (option->max && value > option->max)) {
        if (option->max)
            return misuse(problem, "--%s must be between %llu and %llu", option->name,
                          (unsigned long long)option->min, (unsigned long long)option->max);
        return misuse(problem, "--%s must be at least %llu", option->name,
                      (unsigned long long)option->min);
    }
    *(uint64_t *)target = value;
    return STATUS_OK;
}

static int store_percent(const struct option *option, void *target, const char *word,
                         struct problem *problem)
{
    char *end;
    double value = strtod(word, &end);
    bool is_number = (word[0] >= '0' && word[0] <= '9') || word[0] == '.';
    if (*end == '%')
        end++;
    if (!is_number || *end || !(value <= 1e6))
        return misuse(problem, "--%s needs a percentage such as 1 or 0.5%%, not '%s'", option->name,
                      word);
    *(double *)target = value;
    return STATUS_OK;
}

static int store_choice(const struct option *option, void *target, const char *word,
                        struct problem *problem)
{
    char words[100] = "";
    size_t used = 0;
    for (int i = 0; option->choices[i]; i++) {
        if (!strcmp(option->choices[i], word)) {
            *(int *)target = i;
            return STATUS_OK;
        }
        int more = snprintf(words + used, sizeof words - used, "%s%s", used ? ", " : "",
                            option->choices[i]);
        used = more > 0 && used + (size_t)more < sizeof words ? used + (size_t)more : used;
    }
    return misuse(problem, "--%s must be one of %s, not '%s'", option->name, words, word);
}

static void append_to_list(struct arena *arena, struct option_list *list, const char *word,
                           int preset)
{
    // Grows at powers of two; the count tells when the array is full.
    if ((list->count & (list->count - 1)) == 0) {
        size_t room = list->count ? list->count * 2 : 1;
        list->items = arena_grow_array(arena, list->items, list->count, room, sizeof *list->items);
        list->presets = arena_grow_array(arena, list->presets, list->count, room,
                                         sizeof *list->presets);
    }
    list->presets[list->count] = preset;
    list->items[list->count++] = word;
}

static int store_value(const struct option *option, void *target, const char *word,
                       struct arena *arena, struct problem *problem)
{
    switch (option->kind) {
    case OPTION_STRING:
        *(const char **)target = word;
        return STATUS_OK;
    case OPTION_COUNT:
    case OPTION_BYTES:
        return store_number(option, target, word, problem);
    case OPTION_PERCENT:
        return store_percent(option, target, word, problem);
    case OPTION_CHOICE:
        return store_choice(option, target, word, problem);
    case OPTION_LIST:
        append_to_list(arena, target, word, option->preset);
        return STATUS_OK;
    default:
        assert(!"this kind takes no value");
        return STATUS_USAGE;
    }
}

static void *target_of(const struct option_group *group, const struct option *option)
{
    return (char *)group->settings + option->target_off;
}

static size_t table_length(const struct option *table)
{
    size_t length = 0;
    while (table && table[length].kind != OPTION_END)
        length++;
    return length;
}

static void store_defaults(struct parser *parser)
{
    for (size_t g = 0; g < parser->group_count; g++) {
        const struct option_group *group = &parser->groups[g];
        for (const struct option *o = group->table; o && o->kind != OPTION_END; o++) {
            if (!o->initial)
                continue;
            struct problem problem = {0};
            int status;
            if (o->kind == OPTION_FLAG) {
                *(bool *)target_of(group, o) = !strcmp(o->initial, "yes");
                continue;
            }
            if (o->kind == OPTION_PERCENT && !strcmp(o->initial, NOT_GIVEN)) {
                *(double *)target_of(group, o) = -1;
                continue;
            }
            status = store_value(o, target_of(group, o), o->initial, parser->arena, &problem);
            assert(status == STATUS_OK);
            (void)status;
        }
    }
}

// ---- names ----

// Edit distance with swaps of neighbours, for words shorter than 32.
static unsigned edit_distance(const char *a, const char *b)
{
    enum { LENGTH_MAX = 32 };
    unsigned rows[3][LENGTH_MAX + 1];
    size_t a_bytes = strlen(a), b_bytes = strlen(b);
    if (a_bytes >= LENGTH_MAX || b_bytes >= LENGTH_MAX)
        return UINT16_MAX;
    for (size_t j = 0; j <= b_bytes; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a_bytes; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_bytes; j++) {
            unsigned best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                above2[j - 2] + 1 < best)
                best = above2[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[a_bytes % 3][b_bytes];
}

const char *options_nearest(const char *word, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    unsigned limit = (unsigned)(strlen(word) / 3) + 1;
    for (size_t i = 0; i < count; i++) {
        unsigned distance = names[i] ? edit_distance(word, names[i]) : UINT16_MAX;
        if (distance <= limit) {
            nearest = names[i];
            limit = distance - (distance > 0);
        }
    }
    return nearest;
}

static int unknown_option(struct parser *parser, const char *name)
{
    const char *names[NEAREST_NAMES_MAX];
    size_t count = 0;
    for (size_t g = 0; g < parser->group_count; g++)
        for (const struct option *o = parser->groups[g].table; o && o->kind != OPTION_END; o++)
            if (o->name && count < NEAREST_NAMES_MAX)
                names[count++] = o->name;
    const char *nearest = options_nearest(name, names, count);
    if (nearest)
        return misuse(parser->problem, "unknown option '--%s', did you mean '--%s'?", name,
                      nearest);
    return misuse(parser->problem, "unknown option '--%s'", name);
}

static const struct option *find_long(const struct parser *parser, struct text name,
                                      const struct option_group **group)
{
    for (size_t g = 0; g < parser->group_count; g++)
        for (const struct option *o = parser->groups[g].table; o && o->kind != OPTION_END; o++)
            if (o->name && text_is_equal(text_of(o->name), name)) {
                *group = &parser->groups[g];
                return o;
            }
    return NULL;
}

static const struct option *find_letter(const struct parser *parser, char letter,
                                        const struct option_group **group)
{
    for (size_t g = 0; g < parser->group_count; g++)
        for (const struct option *o = parser->groups[g].table; o && o->kind != OPTION_END; o++)
            if (o->letter && o->letter == letter) {
                *group = &parser->groups[g];
                return o;
            }
    return NULL;
}

// ---- one option ----

// Notes that an option was given; refuses a second one for a target that holds one value.
static int note_given(struct parser *parser, const struct option *option, const void *target)
{
    if (option->kind == OPTION_LIST || option->kind == OPTION_FLAG)
        return STATUS_OK;
    for (size_t i = 0; i < parser->given_count; i++) {
        if (parser->given[i].target != target)
            continue;
        if (parser->given[i].option == option)
            return misuse(parser->problem, "--%s is given twice", option->name);
        return misuse(parser->problem, "--%s and --%s cannot be combined",
                      parser->given[i].option->name, option->name);
    }
    parser->given[parser->given_count++] = (struct given){target, option};
    return STATUS_OK;
}

static void note_once(const struct option **given, const struct option *option)
{
    while (*given && *given != option)
        given++;
    *given = option;
}

// `value` is NULL for options without one.
static int apply(struct parser *parser, const struct option_group *group,
                 const struct option *option, const char *value, bool is_cleared)
{
    void *target = target_of(group, option);
    int status = note_given(parser, option, target);
    if (status != STATUS_OK)
        return status;
    note_once(parser->operands->given, option);
    if (option->kind == OPTION_FLAG) {
        *(bool *)target = !is_cleared;
        return STATUS_OK;
    }
    if (option->kind == OPTION_PRESET) {
        *(int *)target = option->preset;
        return STATUS_OK;
    }
    return store_value(option, target, value, parser->arena, parser->problem);
}

static int parse_long(struct parser *parser, const char *word)
{
    const struct option_group *group;
    const char *equals = strchr(word, '=');
    struct text name = {word, equals ? (size_t)(equals - word) : strlen(word)};
    const struct option *option = find_long(parser, name, &group);
    bool is_cleared = false;
    if (!option && text_begins_with(name, "no-")) {
        struct text positive = {name.data + 3, name.bytes - 3};
        option = find_long(parser, positive, &group);
        is_cleared = option && option->kind == OPTION_FLAG;
        if (option && !is_cleared)
            option = NULL;
    }
    if (!option)
        return unknown_option(parser, arena_format(parser->arena, "%.*s", TEXT_ARGS(name)));
    if (!takes_value(option)) {
        if (equals)
            return misuse(parser->problem, "--%.*s takes no value", TEXT_ARGS(name));
        return apply(parser, group, option, NULL, is_cleared);
    }
    if (equals)
        return apply(parser, group, option, equals + 1, false);
    if (parser->next >= parser->argc)
        return misuse(parser->problem, "--%s needs a value (%s)", option->name, option->argument);
    return apply(parser, group, option, parser->argv[parser->next++], false);
}

static int parse_letters(struct parser *parser, const char *letters)
{
    for (; *letters; letters++) {
        const struct option_group *group;
        const struct option *option = find_letter(parser, *letters, &group);
        int status;
        if (!option)
            return misuse(parser->problem, "unknown option '-%c'", *letters);
        if (!takes_value(option)) {
            status = apply(parser, group, option, NULL, false);
            if (status != STATUS_OK)
                return status;
            continue;
        }
        if (letters[1])
            return apply(parser, group, option, letters + 1, false);
        if (parser->next >= parser->argc)
            return misuse(parser->problem, "-%c needs a value (%s)", *letters, option->argument);
        return apply(parser, group, option, parser->argv[parser->next++], false);
    }
    return STATUS_OK;
}

static void check_tables(const struct parser *parser)
{
    for (size_t g = 0; g < parser->group_count; g++)
        for (const struct option *o = parser->groups[g].table; o && o->kind != OPTION_END; o++) {
            const struct option_group *group = NULL;
            assert(o->name);
            assert(find_long(parser, text_of(o->name), &group) == o);
            assert(!o->letter || find_letter(parser, o->letter, &group) == o);
            assert(!takes_value(o) || o->argument);
            (void)group;
        }
}

int options_parse(const struct option_group *groups, size_t group_count, unsigned flags, int argc,
                  char *const *argv, struct arena *arena, struct operands *operands,
                  struct problem *problem)
{
    struct parser parser = {groups, group_count, arena, problem, NULL, 0, operands, argc, argv, 0};
    size_t option_count = 0;
    assert(argc >= 0);
    check_tables(&parser);
    for (size_t g = 0; g < group_count; g++)
        option_count += table_length(groups[g].table);
    parser.given = ARENA_NEW_ARRAY(arena, struct given, option_count);
    operands->items = ARENA_NEW_ARRAY(arena, char *, (size_t)argc + 1);
    operands->count = 0;
    operands->given = ARENA_NEW_ARRAY(arena, const struct option *, option_count + 1);
    store_defaults(&parser);
    bool is_over = false;
    while (parser.next < argc) {
        char *word = argv[parser.next++];
        int status = STATUS_OK;
        if (is_over || word[0] != '-' || !word[1]) {
            operands->items[operands->count++] = word;
            is_over = is_over || (flags & OPTIONS_STOP);
        } else if (!strcmp(word, "--")) {
            is_over = true;
        } else if (word[1] == '-') {
            status = parse_long(&parser, word + 2);
        } else {
            status = parse_letters(&parser, word + 1);
        }
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

// ---- help ----

static void print_option(const struct option *option, unsigned columns, FILE *out)
{
    char names[64], help[400];
    char letter[6] = "    ";
    if (option->letter)
        snprintf(letter, sizeof letter, "-%c%s", option->letter, option->name ? ", " : "");
    bool is_on = option->kind == OPTION_FLAG && option->initial && !strcmp(option->initial, "yes");
    const char *dashes = option->name ? is_on ? "--no-" : "--" : "";
    const char *before = !option->argument ? "" : option->name ? "=" : " ";
    int used = snprintf(names, sizeof names, "  %s%s%s%s%s", letter, dashes,
                        option->name ? option->name : "", before,
                        option->argument ? option->argument : "");
    assert(used > 0 && (size_t)used < sizeof names);
    bool has_default = option->initial && takes_value(option) && *option->initial &&
                       strcmp(option->initial, NOT_GIVEN);
    snprintf(help, sizeof help, "%s%s%s%s", option->help, has_default ? " [" : "",
             has_default ? option->initial : "", has_default ? "]" : "");
    fputs(names, out);
    if ((unsigned)used >= HELP_TEXT_COLUMN)
        fprintf(out, "\n%*s", HELP_TEXT_COLUMN, "");
    else
        fprintf(out, "%*s", (int)HELP_TEXT_COLUMN - used, "");
    wrap_print(out, text_of(help), columns - 1, HELP_TEXT_COLUMN, HELP_TEXT_COLUMN);
    fputc('\n', out);
}

void options_print_help(const struct option *table, unsigned columns, FILE *out)
{
    for (const struct option *o = table; o && o->kind != OPTION_END; o++)
        print_option(o, columns, out);
}
