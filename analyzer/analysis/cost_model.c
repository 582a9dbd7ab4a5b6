// cost_model.c: reads a model of costs from JSON.
//
// A member of "loads_per_character" that is missing takes the value of "other"; "helped_read",
// "cache_miss" and "flash_cache" may be missing: 0.

#include "analyzer/analysis/cost_model.h"

#include <jansson.h>
#include <string.h>

#include "analyzer/base/output.h"
#include "analyzer/trace/trace_reader.h"

#define MODEL_BYTES_MAX (1u << 20)

extern const char model_esp8266[];
extern const char model_nodemcu_3_0[];

const char *const cost_model_names[] = {"esp8266", "nodemcu-3.0", NULL};

static const char *built_in(const char *name)
{
    if (!strcmp(name, "esp8266"))
        return model_esp8266;
    return strcmp(name, "nodemcu-3.0") ? NULL : model_nodemcu_3_0;
}

static int read_figure(const json_t *group, const char *name, const char *member, double *figure,
                       const char *file, struct problem *problem)
{
    const json_t *value = json_object_get(json_object_get(group, name), member);
    if (!json_is_number(value) || !(json_number_value(value) >= 0))
        return problem_set(problem, STATUS_DAMAGED, text_of(file), PROBLEM_NO_OFF,
                           "member '%s' needs a number '%s' that is not negative", name, member);
    *figure = json_number_value(value);
    return STATUS_OK;
}

static int read_loads(const json_t *group, const char *name, double missing, double *loads,
                      const char *file, struct problem *problem)
{
    *loads = missing;
    if (!json_object_get(group, name))
        return STATUS_OK;
    return read_figure(group, name, "loads", loads, file, problem);
}

// A whole number of a group; 0 if the group is missing.
static int read_size(const json_t *group, const char *name, uint32_t *size, const char *file,
                     struct problem *problem)
{
    double figure = 0;
    int status = group ? read_figure(group, name, "value", &figure, file, problem) : STATUS_OK;
    if (status == STATUS_OK && (figure > 16777216 || figure != (double)(uint32_t)figure))
        status = problem_set(problem, STATUS_DAMAGED, text_of(file), PROBLEM_NO_OFF,
                             "member '%s' needs a whole number of at most 16777216", name);
    *size = status == STATUS_OK ? (uint32_t)figure : 0;
    return status;
}

static int read_cache(const json_t *root, struct cost_model *model, const char *file,
                      struct problem *problem)
{
    const json_t *cache = json_object_get(root, "flash_cache");
    const json_t *costs = json_object_get(root, "costs");
    int status;
    if ((status = read_size(cache, "bytes", &model->cache_bytes, file, problem)) != STATUS_OK ||
        (status = read_size(cache, "line_bytes", &model->cache_line_bytes, file, problem)) !=
            STATUS_OK ||
        (status = read_size(cache, "ways", &model->cache_ways, file, problem)) != STATUS_OK ||
        !json_object_get(costs, "cache_miss"))
        return status;
    return read_figure(costs, "cache_miss", "clocks", &model->cache_miss_clocks, file, problem);
}

static int read_model(const json_t *root, const char *file, struct arena *arena,
                      struct cost_model *model, struct problem *problem)
{
    const char *schema = json_string_value(json_object_get(root, "schema"));
    const char *name = json_string_value(json_object_get(root, "name"));
    const char *title = json_string_value(json_object_get(root, "title"));
    const json_t *costs = json_object_get(root, "costs");
    const json_t *characters = json_object_get(root, "loads_per_character");
    const json_t *events = json_object_get(root, "loads_per_event");
    double other = 1;
    int status;
    if (!schema || strcmp(schema, "frost/model/1"))
        return problem_set(problem, STATUS_VERSION, text_of(file), PROBLEM_NO_OFF,
                           "is not a model of schema frost/model/1");
    model->name = arena_copy_string(arena, name ? name : "");
    model->title = arena_copy_string(arena, title ? title : "");
    model->clock_mhz = json_number_value(json_object_get(root, "clock_mhz"));
    if ((status = read_figure(costs, "emulated_load", "clocks", &model->emulated_load_clocks, file,
                              problem)) != STATUS_OK ||
        (status = read_figure(costs, "vm_instruction", "clocks", &model->vm_instruction_clocks,
                              file, problem)) != STATUS_OK ||
        (status = read_figure(costs, "gc_visit", "clocks", &model->gc_visit_clocks, file,
                              problem)) != STATUS_OK ||
        (status = read_loads(characters, "other", 1, &other, file, problem)) != STATUS_OK)
        return status;
    if (json_object_get(costs, "helped_read") &&
        (status = read_figure(costs, "helped_read", "clocks", &model->helped_read_clocks, file,
                              problem)) != STATUS_OK)
        return status;
    if ((status = read_cache(root, model, file, problem)) != STATUS_OK)
        return status;
    for (unsigned i = 0; i < CONTENT_COUNT; i++)
        if ((status = read_loads(characters, trace_content_name(i), other,
                                 &model->character_loads[i], file, problem)) != STATUS_OK)
            return status;
    for (unsigned i = 0; i < VM_EVENT_COUNT; i++)
        if ((status = read_loads(events, trace_vm_event_name(i), 0, &model->event_loads[i], file,
                                 problem)) != STATUS_OK)
            return status;
    return STATUS_OK;
}

int cost_model_load(struct arena *arena, const char *name, struct cost_model *model,
                    struct problem *problem)
{
    const char *source = built_in(name);
    struct text content;
    if (!source) {
        if (!strchr(name, '/') && !text_ends_with(text_of(name), ".json"))
            return problem_set(
                problem, STATUS_NOT_FOUND, text_of(NULL), PROBLEM_NO_OFF,
                "no model '%s'; built-in models are %s and %s, a file needs its path", name,
                cost_model_names[0], cost_model_names[1]);
        int status = input_read(name, MODEL_BYTES_MAX, arena, &content, problem);
        if (status != STATUS_OK)
            return status;
        source = content.data;
    }
    json_error_t error;
    json_t *root = json_loads(source, 0, &error);
    if (!root)
        return problem_set(problem, STATUS_DAMAGED, text_of(name), PROBLEM_NO_OFF, "line %d: %s",
                           error.line, error.text);
    int status = read_model(root, name, arena, model, problem);
    json_decref(root);
    return status;
}
