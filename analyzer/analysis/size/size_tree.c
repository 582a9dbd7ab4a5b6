// size_tree.c: adds up bytes by the labels of the chosen levels.

#include "analyzer/analysis/size/size_tree.h"

#include <assert.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define PATTERNS_MAX 64u
#define LABEL_BYTES_MAX 400u // of a cell
#define NO_LABEL UINT32_MAX

const char *const size_level_words[] = {"input", "region", "kind",   "section", "group", "module",
                                        "unit",  "symbol", "string", "inline",  NULL};

struct pattern {
    regex_t expression;
    uint32_t name;  // label of a group
    uint8_t *known; // by label: 0 not tried, 1 no, 2 yes
};

struct size_tree {
    struct arena *arena;
    const struct size_choice *choice;
    struct text *texts;
    uint32_t text_count, text_room;
    struct hash_table by_text;
    struct pattern groups[PATTERNS_MAX], matches[PATTERNS_MAX];
    size_t group_count, match_count;
    struct size_row *rows;
    uint32_t row_count, row_room;
    struct hash_table by_labels;
    struct size_amount total, unmatched;
    uint32_t other_label, unmatched_label, rest_label;
};

// ---- what is asked for ----

static bool level_of(struct text word, enum size_level *level)
{
    for (unsigned i = 0; i < SIZE_LEVELS; i++) {
        struct text name = text_of(size_level_words[i]);
        bool is_plural = word.bytes == name.bytes + 1 && word.data[name.bytes] == 's';
        if (text_begins_with(word, size_level_words[i]) &&
            (word.bytes == name.bytes || is_plural)) {
            *level = (enum size_level)i;
            return true;
        }
    }
    return false;
}

int size_choice_levels(struct size_choice *choice, const char *words, struct problem *problem)
{
    choice->level_count = 0;
    for (const char *at = words; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        struct text word = {at, strcspn(at, ",")};
        enum size_level level = SIZE_LEVELS;
        if (!level_of(word, &level))
            return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                               "'%.*s' is no level: input, region, kind, section, group, module, "
                               "unit, symbol, string, inline",
                               word.bytes > 30 ? 30 : (int)word.bytes, word.data);
        for (size_t i = 0; i < choice->level_count; i++)
            if (choice->levels[i] == level)
                return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                                   "level '%s' is given twice", size_level_words[level]);
        choice->levels[choice->level_count++] = level;
    }
    return STATUS_OK;
}

static int compile(struct pattern *pattern, const char *source, struct problem *problem)
{
    int fault = regcomp(&pattern->expression, source, REG_EXTENDED | REG_NOSUB);
    char why[80];
    if (fault == 0)
        return STATUS_OK;
    regerror(fault, &pattern->expression, why, sizeof why);
    return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                       "'%.60s' is no regular expression: %s", source, why);
}

static int too_many(struct problem *problem)
{
    return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                       "more than %u patterns", PATTERNS_MAX);
}

static int compile_group(struct size_tree *tree, const char *source, struct problem *problem)
{
    const char *equals = strchr(source, '=');
    if (!equals || equals == source)
        return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                           "a group is NAME=RE, not '%.60s'", source);
    if (tree->group_count == PATTERNS_MAX)
        return too_many(problem);
    struct pattern *pattern = &tree->groups[tree->group_count];
    int status = compile(pattern, equals + 1, problem);
    if (status != STATUS_OK)
        return status;
    tree->group_count++;
    pattern->name = size_tree_label(tree, (struct text){source, (size_t)(equals - source)});
    return STATUS_OK;
}

static void free_patterns(struct size_tree *tree)
{
    for (size_t i = 0; i < tree->group_count; i++)
        regfree(&tree->groups[i].expression);
    for (size_t i = 0; i < tree->match_count; i++)
        regfree(&tree->matches[i].expression);
    tree->group_count = tree->match_count = 0;
}

int size_tree_create(struct arena *arena, const struct size_choice *choice, struct size_tree **tree,
                     struct problem *problem)
{
    struct size_tree *made = ARENA_NEW(arena, struct size_tree);
    int status = STATUS_OK;
    *made = (struct size_tree){.arena = arena, .choice = choice};
    hash_table_init(&made->by_text, arena, 1024);
    hash_table_init(&made->by_labels, arena, 1024);
    made->other_label = size_tree_label(made, text_of("(in no group)"));
    made->unmatched_label = size_tree_label(made, text_of("(not matched)"));
    made->rest_label = size_tree_label(made, text_of("(smaller ones)"));
    for (size_t i = 0; i < choice->groups.count && status == STATUS_OK; i++)
        status = compile_group(made, choice->groups.items[i], problem);
    for (size_t i = 0; i < choice->matches.count && status == STATUS_OK; i++) {
        status = i == PATTERNS_MAX ? too_many(problem)
                                   : compile(&made->matches[i], choice->matches.items[i], problem);
        made->match_count += status == STATUS_OK;
    }
    if (status == STATUS_OK)
        *tree = made;
    else
        free_patterns(made);
    return status;
}

bool size_tree_needs(const struct size_tree *tree, enum size_level level)
{
    bool is_named = level != SIZE_STRING && level != SIZE_INLINE;
    if (is_named && (tree->group_count || tree->match_count))
        return true;
    for (size_t i = 0; i < tree->choice->level_count; i++)
        if (tree->choice->levels[i] == level)
            return true;
    return false;
}

// ---- labels ----

uint32_t size_tree_label(struct size_tree *tree, struct text text)
{
    uint32_t i;
    if (text.bytes > LABEL_BYTES_MAX)
        text.bytes = LABEL_BYTES_MAX;
    uint32_t key = hash_text(text);
    HASH_TABLE_EACH (&tree->by_text, key, i)
        if (text_is_equal(tree->texts[i], text))
            return i;
    if (tree->text_count == tree->text_room) {
        tree->text_room = tree->text_room ? 2 * tree->text_room : 1024;
        tree->texts = arena_grow_array(tree->arena, tree->texts, tree->text_count, tree->text_room,
                                       sizeof *tree->texts);
    }
    hash_table_add(&tree->by_text, key, tree->text_count);
    tree->texts[tree->text_count] = arena_copy_text(tree->arena, text);
    return tree->text_count++;
}

struct text size_tree_text(const struct size_tree *tree, uint32_t label)
{
    return tree->texts[label];
}

static bool matches_label(struct size_tree *tree, struct pattern *pattern, uint32_t label)
{
    if (!pattern->known) // labels to come have room, or the pattern is tried each time
        pattern->known = ARENA_NEW_ARRAY(tree->arena, uint8_t, 1u << 16);
    uint8_t *known = label < 1u << 16 ? &pattern->known[label] : NULL;
    if (known && *known)
        return *known == 2;
    bool does = regexec(&pattern->expression, tree->texts[label].data, 0, NULL, 0) == 0;
    if (known)
        *known = does ? 2 : 1;
    return does;
}

static bool matches_any(struct size_tree *tree, struct pattern *pattern, const uint32_t *labels)
{
    for (unsigned level = 0; level < SIZE_LEVELS; level++)
        if (level != SIZE_GROUP && size_tree_needs(tree, (enum size_level)level) &&
            matches_label(tree, pattern, labels[level]))
            return true;
    return false;
}

static uint32_t group_of(struct size_tree *tree, const uint32_t *labels)
{
    for (size_t i = 0; i < tree->group_count; i++)
        if (matches_any(tree, &tree->groups[i], labels))
            return tree->groups[i].name;
    return tree->other_label;
}

static bool is_wanted(struct size_tree *tree, const uint32_t *labels)
{
    for (size_t i = 0; i < tree->match_count; i++)
        if (matches_any(tree, &tree->matches[i], labels))
            return true;
    return tree->match_count == 0;
}

// ---- rows ----

static void add_amount(struct size_amount *to, const struct size_amount *amount)
{
    to->bytes += amount->bytes;
    to->ram_bytes += amount->ram_bytes;
    to->flash_bytes += amount->flash_bytes;
    to->both_bytes += amount->both_bytes;
}

static uint32_t labels_key(const uint32_t *labels, size_t count)
{
    uint64_t hash = 0;
    for (size_t k = 0; k < count; k++)
        hash = (hash ^ labels[k]) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(hash >> 32);
}

static void add_row(struct size_tree *tree, const uint32_t *labels, struct size_amount amount)
{
    size_t count = tree->choice->level_count;
    uint32_t key = labels_key(labels, count), i;
    HASH_TABLE_EACH (&tree->by_labels, key, i)
        if (memcmp(tree->rows[i].labels, labels, count * sizeof *labels) == 0) {
            add_amount(&tree->rows[i].amount, &amount);
            return;
        }
    if (tree->row_count == tree->row_room) {
        tree->row_room = tree->row_room ? 2 * tree->row_room : 1024;
        tree->rows = arena_grow_array(tree->arena, tree->rows, tree->row_count, tree->row_room,
                                      sizeof *tree->rows);
    }
    hash_table_add(&tree->by_labels, key, tree->row_count);
    struct size_row *row = &tree->rows[tree->row_count++];
    memcpy(row->labels, labels, count * sizeof *labels);
    row->amount = amount;
}

void size_tree_add(struct size_tree *tree, const uint32_t *labels, struct size_amount amount)
{
    uint32_t chosen[SIZE_LEVELS];
    add_amount(&tree->total, &amount);
    if (!is_wanted(tree, labels)) {
        add_amount(&tree->unmatched, &amount);
        return;
    }
    for (size_t i = 0; i < tree->choice->level_count; i++) {
        enum size_level level = tree->choice->levels[i];
        chosen[i] = level == SIZE_GROUP ? group_of(tree, labels) : labels[level];
    }
    add_row(tree, chosen, amount);
}

struct size_amount size_tree_total(const struct size_tree *tree)
{
    return tree->total;
}

// ---- tables ----

struct shown {
    struct text labels[SIZE_LEVELS];
    int64_t bytes, ram_bytes, flash_bytes, both_bytes;
};

static const struct report_column amount_columns[] = {
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(shown, bytes)},
    {"ram_bytes", "RAM", "bytes", REPORT_SUMMED, REPORT_AT(shown, ram_bytes)},
    {"flash_bytes", "flash", "bytes", REPORT_SUMMED, REPORT_AT(shown, flash_bytes)},
    {"both_bytes", "in both", "bytes", REPORT_SUMMED, REPORT_AT(shown, both_bytes)},
};

static struct report_table *add_table(const struct size_tree *tree, struct report *report,
                                      size_t count)
{
    struct report_column columns[SIZE_LEVELS];
    char *title = arena_copy_string(report->arena, "Bytes by");
    for (size_t i = 0; i < count; i++) {
        const char *word = size_level_words[tree->choice->levels[i]];
        title = arena_format(report->arena, "%s%s%s", title, i ? ", " : " ", word);
        columns[i] = (struct report_column){word, word, "", REPORT_KEY | REPORT_MAY_CUT,
                                            REPORT_AT(shown, labels[0])};
        columns[i].offset = offsetof(struct shown, labels) + i * sizeof(struct text);
    }
    struct report_table *table = report_add_table(
        report, arena_format(report->arena, "level_%zu", count), title, columns, count);
    report_add_columns(table, amount_columns, sizeof amount_columns / sizeof *amount_columns);
    return table;
}

static int compare_rows(const void *x, const void *y, void *context)
{
    const struct size_row *a = x, *b = y;
    const struct size_tree *tree = context;
    if (a->amount.bytes != b->amount.bytes)
        return a->amount.bytes > b->amount.bytes ? -1 : 1;
    for (size_t i = 0; i < SIZE_LEVELS; i++) {
        if (a->labels[i] == b->labels[i])
            continue;
        if (a->labels[i] == NO_LABEL || b->labels[i] == NO_LABEL)
            return a->labels[i] == NO_LABEL ? 1 : -1;
        return text_compare(tree->texts[a->labels[i]], tree->texts[b->labels[i]]);
    }
    return 0;
}

static void show(const struct size_tree *tree, struct report_table *table, size_t count,
                 const uint32_t *labels, uint32_t instead, const struct size_amount *amount)
{
    struct shown row = {.bytes = (int64_t)amount->bytes,
                        .ram_bytes = (int64_t)amount->ram_bytes,
                        .flash_bytes = (int64_t)amount->flash_bytes,
                        .both_bytes = (int64_t)amount->both_bytes};
    for (size_t i = 0; i < count; i++)
        row.labels[i] = tree->texts[labels ? labels[i] : instead];
    report_add_row(table, NULL, &row);
}

// The rows by the first `count` levels alone.
static void add_level(const struct size_tree *tree, struct report *report, size_t count,
                      size_t rows_max)
{
    struct size_choice choice = {.level_count = count};
    struct size_tree part = {.arena = report->arena, .choice = &choice};
    struct size_amount rest = {0};
    hash_table_init(&part.by_labels, report->arena, tree->row_count);
    for (uint32_t i = 0; i < tree->row_count; i++)
        add_row(&part, tree->rows[i].labels, tree->rows[i].amount);
    for (uint32_t i = 0; i < part.row_count; i++)
        for (size_t k = count; k < SIZE_LEVELS; k++)
            part.rows[i].labels[k] = NO_LABEL;
    if (part.row_count)
        qsort_r(part.rows, part.row_count, sizeof *part.rows, compare_rows, (void *)tree);
    struct report_table *table = add_table(tree, report, count);
    for (uint32_t i = 0; i < part.row_count; i++) {
        if (i < rows_max)
            show(tree, table, count, part.rows[i].labels, 0, &part.rows[i].amount);
        else
            add_amount(&rest, &part.rows[i].amount);
    }
    if (part.row_count > rows_max)
        show(tree, table, count, NULL, tree->rest_label, &rest);
    if (tree->unmatched.bytes)
        show(tree, table, count, NULL, tree->unmatched_label, &tree->unmatched);
    report_add_sum(table);
}

// ---- the picture ----

#define PICTURE_SHARE_MIN 500u

struct boxes {
    const struct size_tree *tree;
    struct size_tree parts[SIZE_LEVELS];     // by the first levels: 1, 2, ...
    struct size_choice choices[SIZE_LEVELS]; // of those
};

struct box {
    struct text name;
    int64_t level, bytes, ram_bytes, flash_bytes;
};

static const struct report_column box_columns[] = {
    {"name", "name", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(box, name)},
    {"level", "level", "", 0, REPORT_AT(box, level)},
    {"bytes", "bytes", "bytes", 0, REPORT_AT(box, bytes)},
    {"ram_bytes", "RAM", "bytes", 0, REPORT_AT(box, ram_bytes)},
    {"flash_bytes", "flash", "bytes", 0, REPORT_AT(box, flash_bytes)},
};

// What a row's first `count` levels have together.
static const struct size_amount *amount_of(const struct boxes *boxes, const struct size_row *row,
                                           size_t count)
{
    const struct size_tree *part = &boxes->parts[count - 1];
    uint32_t i;
    HASH_TABLE_EACH (&part->by_labels, labels_key(row->labels, count), i)
        if (memcmp(part->rows[i].labels, row->labels, count * sizeof *row->labels) == 0)
            return &part->rows[i].amount;
    return &row->amount; // not reached: every row is a part of one
}

static int compare_boxes(const void *x, const void *y, void *context)
{
    const struct size_row *a = x, *b = y;
    const struct boxes *boxes = context;
    for (size_t i = 0; i < boxes->tree->choice->level_count; i++) {
        if (a->labels[i] == b->labels[i])
            continue;
        uint64_t left = amount_of(boxes, a, i + 1)->bytes,
                 right = amount_of(boxes, b, i + 1)->bytes;
        if (left != right)
            return left > right ? -1 : 1;
        return text_compare(boxes->tree->texts[a->labels[i]], boxes->tree->texts[b->labels[i]]);
    }
    return 0;
}

void size_tree_add_picture(const struct size_tree *tree, struct report *report)
{
    size_t levels = tree->choice->level_count;
    struct boxes *boxes = ARENA_NEW(report->arena, struct boxes);
    struct size_row *rows = ARENA_NEW_ARRAY(report->arena, struct size_row, tree->row_count + 1);
    boxes->tree = tree;
    if (tree->row_count)
        memcpy(rows, tree->rows, tree->row_count * sizeof *rows);
    for (size_t n = 0; n < levels; n++) {
        boxes->choices[n].level_count = n + 1;
        boxes->parts[n] = (struct size_tree){.arena = report->arena, .choice = &boxes->choices[n]};
        hash_table_init(&boxes->parts[n].by_labels, report->arena, tree->row_count);
        for (uint32_t i = 0; i < tree->row_count; i++)
            add_row(&boxes->parts[n], rows[i].labels, rows[i].amount);
    }
    if (tree->row_count)
        qsort_r(rows, tree->row_count, sizeof *rows, compare_boxes, boxes);
    struct report_table *table = REPORT_ADD_TABLE(report, "tree", "All levels in one", box_columns);
    report_set_tree(table, "name", "level", "bytes");
    for (uint32_t i = 0; i < tree->row_count; i++) {
        size_t same = 0;
        while (i && same < levels && rows[i].labels[same] == rows[i - 1].labels[same])
            same++;
        for (size_t n = same; n < levels; n++) {
            const struct size_amount *amount = amount_of(boxes, &rows[i], n + 1);
            if (amount->bytes == 0 || amount->bytes < tree->total.bytes / PICTURE_SHARE_MIN)
                break;
            report_add_row(table, NULL,
                           &(struct box){tree->texts[rows[i].labels[n]], (int64_t)n + 1,
                                         (int64_t)amount->bytes, (int64_t)amount->ram_bytes,
                                         (int64_t)amount->flash_bytes});
        }
    }
}

// ---- the whole ----

void size_tree_finish(struct size_tree *tree, struct report *report, size_t rows_max)
{
    for (size_t count = 1; count <= tree->choice->level_count; count++)
        add_level(tree, report, count, rows_max);
    free_patterns(tree);
}
