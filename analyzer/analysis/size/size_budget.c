// size_budget.c: budgets out of a file that is checked in (frost/budget/1):
//
//     {"schema": "frost/budget/1", "budgets": [
//       {"figure": "ram_bytes", "max": "52K", "warn": "50K", "max_growth": "1%"},
//       {"region": "iram", "max": 30000},
//       {"figure": "flash_bytes", "module": "runtime/core", "max_growth": 1024, "name": "the VM"}]}

#include <jansson.h>
#include <string.h>

#include "analyzer/analysis/size/size_gate.h"
#include "analyzer/analysis/size/size_totals.h"
#include "analyzer/analysis/size/size_tree.h"
#include "analyzer/base/options.h"
#include "analyzer/base/output.h"

#define FILE_BYTES_MAX (1u << 20)

struct budget_file {
    struct arena *arena;
    struct size_gate *gate;
    const char *path;
    struct problem *problem;
};

static int damaged(const struct budget_file *file, size_t place, const char *what)
{
    return problem_set(file->problem, STATUS_DAMAGED, text_of(file->path), PROBLEM_NO_OFF,
                       "budget %zu %s", place + 1, what);
}

// Result: false if the value is there and no size.
static bool read_bytes(const json_t *value, bool *has, int64_t *bytes)
{
    uint64_t count = 0;
    *has = value != NULL;
    if (json_is_integer(value) && json_integer_value(value) >= 0)
        count = (uint64_t)json_integer_value(value);
    else if (value && (!json_is_string(value) ||
                       options_parse_bytes(json_string_value(value), &count) != STATUS_OK))
        return false;
    *bytes = count > INT64_MAX ? INT64_MAX : (int64_t)count;
    return true;
}

static bool read_growth(const json_t *value, struct size_limit *limit)
{
    limit->has_growth = value != NULL;
    if (json_is_integer(value) && json_integer_value(value) >= 0)
        limit->growth = (double)json_integer_value(value);
    else if (value)
        return json_is_string(value) &&
               size_growth_parse(json_string_value(value), &limit->growth, &limit->is_percent);
    return true;
}

// The level that the budget names, of which there is at most one.
static bool read_level(const struct budget_file *file, const json_t *from, struct size_limit *limit)
{
    size_t count = 0;
    for (size_t i = 0; size_level_words[i]; i++) {
        const char *label = json_string_value(json_object_get(from, size_level_words[i]));
        if (!json_object_get(from, size_level_words[i]))
            continue;
        if (!label || ++count > 1)
            return false;
        limit->level = size_level_words[i];
        limit->label = arena_copy_string(file->arena, label);
    }
    return true;
}

static bool is_known(const char *key)
{
    static const char *const keys[] = {"figure", "max", "warn", "max_growth", "name", "why"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    for (size_t i = 0; size_level_words[i]; i++)
        if (strcmp(size_level_words[i], key) == 0)
            return true;
    return false;
}

static int read_budget(const struct budget_file *file, const json_t *from, size_t place)
{
    struct size_limit limit = {0};
    const char *figure = json_string_value(json_object_get(from, "figure"));
    const char *name = json_string_value(json_object_get(from, "name"));
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)from, key, value) if (!is_known(key)) return problem_set(
        file->problem, STATUS_DAMAGED, text_of(file->path), PROBLEM_NO_OFF,
        "budget %zu has an unknown member '%.40s'", place + 1, key);
    if (!read_level(file, from, &limit))
        return damaged(file, place, "may name one level, by a text");
    if (!figure && !(limit.level && strcmp(limit.level, "region") == 0))
        return damaged(file, place, "needs a 'figure', as \"ram_bytes\", or a 'region'");
    if (!read_bytes(json_object_get(from, "max"), &limit.has_max, &limit.max_bytes))
        return damaged(file, place, "needs bytes as 'max': 60000 or \"60K\"");
    if (!read_bytes(json_object_get(from, "warn"), &limit.has_warn, &limit.warn_bytes))
        return damaged(file, place, "needs bytes as 'warn': 60000 or \"60K\"");
    if (!read_growth(json_object_get(from, "max_growth"), &limit))
        return damaged(file, place,
                       "needs bytes or percent as 'max_growth': 512, \"1K\" or \"1%\"");
    if (!limit.has_max && !limit.has_warn && !limit.has_growth)
        return damaged(file, place, "limits nothing: give 'max', 'warn' or 'max_growth'");
    if (file->gate->limit_count == SIZE_LIMITS_MAX)
        return damaged(file, place, "is one too many");
    limit.figure = arena_copy_string(file->arena, figure ? figure : "bytes");
    limit.title = name          ? arena_copy_string(file->arena, name)
                  : limit.level ? arena_format(file->arena, "%s %s", limit.level, limit.label)
                                : size_total_title(limit.figure);
    for (size_t i = 0; i < file->gate->limit_count; i++) {
        const struct size_limit *other = &file->gate->limits[i];
        bool is_total = !limit.level && !other->level && strcmp(other->figure, limit.figure) == 0;
        if (is_total || strcmp(other->title, limit.title) == 0)
            return damaged(file, place, "is there twice, or has the name of another one");
    }
    file->gate->limits[file->gate->limit_count++] = limit;
    return STATUS_OK;
}

static int read_file(const struct budget_file *file, const json_t *root)
{
    const char *schema = json_string_value(json_object_get(root, "schema"));
    const json_t *budgets = json_object_get(root, "budgets");
    if (!schema || strcmp(schema, "frost/budget/1") != 0)
        return problem_set(file->problem, STATUS_VERSION, text_of(file->path), PROBLEM_NO_OFF,
                           "is no file of budgets of schema frost/budget/1");
    if (!json_is_array(budgets) || json_array_size(budgets) == 0)
        return problem_set(file->problem, STATUS_DAMAGED, text_of(file->path), PROBLEM_NO_OFF,
                           "has no list 'budgets'");
    for (size_t i = 0; i < json_array_size(budgets); i++) {
        int status = read_budget(file, json_array_get(budgets, i), i);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

int size_gate_add_file(struct arena *arena, struct size_gate *gate, const char *path,
                       struct problem *problem)
{
    struct budget_file file = {arena, gate, path, problem};
    struct text content;
    json_error_t fault;
    int status = input_read(path, FILE_BYTES_MAX, arena, &content, problem);
    if (status != STATUS_OK)
        return status;
    json_t *root = json_loadb(content.data, content.bytes, JSON_REJECT_DUPLICATES, &fault);
    if (!root)
        return problem_set(problem, STATUS_DAMAGED, text_of(path), PROBLEM_NO_OFF,
                           "line %d: %.100s", fault.line, fault.text);
    status = read_file(&file, root);
    json_decref(root);
    return status;
}
