// size_measure.c: reads what is to be measured and has the size analysis fill a report.

#include "analyzer/job/size_measure.h"

#include <string.h>
#include <sys/stat.h>

#include "analyzer/analysis/size/size.h"
#include "analyzer/analysis/size/size_map.h"
#include "analyzer/analysis/stock_trace.h"
#include "analyzer/base/output.h"
#include "analyzer/elf/elf_layout.h"
#include "analyzer/job/size_flash.h"
#include "reports/report_read.h"

#define LEVELS_USUAL "region,module,symbol" // of programs
#define LEVELS_FLASH "region,kind,symbol"   // of flash files

struct measuring {
    const struct job_context *context;
    const struct size_request *request;
    struct size_input input;
    struct heap_profile *profile;
    struct report *report;
    const char *flash_path; // of a whole flash file; NULL: none
    const char *map_path;   // of the linker; NULL: none
};

// ---- records ----

// True if the file begins as JSON does.
static bool is_record(const char *path)
{
    char head[64];
    struct stat info;
    FILE *file = stat(path, &info) == 0 && S_ISREG(info.st_mode) ? fopen(path, "rbe") : NULL;
    size_t count = file ? fread(head, 1, sizeof head, file) : 0;
    if (file)
        fclose(file);
    return report_is_json((struct text){head, count});
}

int size_record_read(struct arena *arena, struct text content, const char *path,
                     struct report **report, struct problem *problem)
{
    struct report *shape = report_create(arena, "size", 1, "");
    size_add_shapes(shape);
    return report_read(arena, content, path, "size", 1, shape, report, problem);
}

static int read_record(const struct job_context *context, const char *path, struct report **report,
                       struct problem *problem)
{
    struct text content;
    int status = input_read(path, REPORT_FILE_BYTES_MAX, context->arena, &content, problem);
    return status == STATUS_OK ? size_record_read(context->arena, content, path, report, problem)
                               : status;
}

const char *size_levels_of(struct arena *arena, const struct report *report)
{
    const struct report_table *finest = NULL;
    for (const struct report_table *table = report->tables; table; table = table->next)
        if (strncmp(table->name, "level_", strlen("level_")) == 0 &&
            (!finest || table->column_count > finest->column_count))
            finest = table;
    const char *levels = NULL;
    for (size_t c = 0; finest && c < finest->column_count; c++)
        if (finest->columns[c].flags & REPORT_KEY)
            levels = levels ? arena_format(arena, "%s,%s", levels, finest->columns[c].name)
                            : finest->columns[c].name;
    return levels;
}

// ---- measuring ----

static int add_trace(struct measuring *m, const char *path, struct problem *problem)
{
    int refusal = stock_trace_refuse(m->context->arena, &path, 1, "what is in its heap", problem);
    if (refusal != STATUS_OK)
        return refusal;
    m->input.profile = m->profile;
    return heap_profile_add(m->profile, path, NULL, m->context->exclude, problem);
}

static int add_image(struct measuring *m, const char *path, struct problem *problem)
{
    const struct image *image;
    if (m->input.image_count == SIZE_IMAGES_MAX)
        return problem_set(problem, STATUS_LIMIT, text_of(path), PROBLEM_NO_OFF,
                           "more than %u images", SIZE_IMAGES_MAX);
    int status = image_read_file(m->context->arena, path, NULL, &image, problem);
    if (status != STATUS_OK)
        return status;
    report_input_sum(report_add_input(m->report, text_of(path),
                                      image->form == IMAGE_CHUNK ? "chunk" : "image",
                                      image->file_bytes, true),
                     path);
    m->input.images[m->input.image_count++] = image;
    return STATUS_OK;
}

static int add_path(struct measuring *m, const char *path, struct problem *problem)
{
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return add_trace(m, path, problem);
    if (is_record(path))
        return problem_set(problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                           "is a record, which stands for all that was measured: give it alone");
    if (text_ends_with(text_of(path), ".map") && !m->map_path) {
        m->map_path = path;
        return STATUS_OK;
    }
    if (!elf_layout_is_elf(path) && !m->flash_path && size_flash_is_file(path)) {
        m->flash_path = path;
        m->input.has_flash_file = true;
        return STATUS_OK;
    }
    if (!elf_layout_is_elf(path))
        return add_image(m, path, problem);
    if (m->input.elf_path)
        return problem_set(problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                           "is a second program; --base compares two");
    m->input.elf_path = path;
    return STATUS_OK;
}

// A program with its linker's map, or either of them alone.
static int add_program(struct measuring *m, struct size_tree *tree, struct problem *problem)
{
    struct size_elf_settings elf = m->request->elf;
    struct link_map *map = NULL;
    int status = STATUS_OK;
    if (!m->input.elf_path) {
        m->input.elf_path = m->map_path;
        return size_map_add(m->context->arena, m->map_path, tree, m->report, &m->input.elf,
                            problem);
    }
    if (m->map_path)
        status = link_map_read(m->context->arena, m->map_path, &map, problem);
    elf.map = map;
    return status == STATUS_OK ? size_elf_add(m->context->arena, m->input.elf_path, &elf, tree,
                                              m->report, &m->input.elf, problem)
                               : status;
}

// Groups all bytes by the levels, if the user or a program asks for it.
static int add_levels(struct measuring *m, struct problem *problem)
{
    const struct size_request *request = m->request;
    struct size_choice choice = {.groups = request->groups, .matches = request->matches};
    struct size_tree *tree;
    if (!request->levels && !m->input.elf_path && !m->flash_path && !m->map_path)
        return STATUS_OK;
    const char *usual = m->flash_path && !m->input.elf_path ? LEVELS_FLASH : LEVELS_USUAL;
    int status = size_choice_levels(&choice, request->levels ? request->levels : usual, problem);
    if (status == STATUS_OK)
        status = size_tree_create(m->context->arena, &choice, &tree, problem);
    if (status != STATUS_OK)
        return status;
    if (m->input.elf_path || m->map_path)
        status = add_program(m, tree, problem);
    if (status == STATUS_OK && m->flash_path)
        status = size_flash_add(m->context->arena, m->flash_path, tree, m->report,
                                &m->input.flash_file_bytes, problem);
    size_add_leaves(&m->input, tree);
    if (request->has_picture)
        size_tree_add_picture(tree, m->report);
    size_tree_finish(tree, m->report, SIZE_LEVEL_ROWS_MAX);
    return status;
}

static int measure(struct measuring *m, struct problem *problem)
{
    for (size_t i = 0; i < m->request->count; i++) {
        int status = add_path(m, m->request->paths[i], problem);
        if (status != STATUS_OK)
            return status;
    }
    if (m->input.profile)
        heap_profile_add_inputs(m->profile, m->report);
    size_add_mounted(&m->input, m->context->arena, m->report);
    int status = add_levels(m, problem);
    if (status != STATUS_OK)
        return status;
    size_fill_totals(&m->input, m->report);
    size_fill_tables(&m->input, m->report);
    return STATUS_OK;
}

int size_measure(const struct job_context *context, const struct size_request *request,
                 struct report **report, struct problem *problem)
{
    if (request->count == 1 && is_record(request->paths[0]))
        return read_record(context, request->paths[0], report, problem);
    struct measuring m = {.context = context, .request = request};
    m.report = report_create(context->arena, "size", 1, "Where RAM and flash go");
    m.profile = ARENA_NEW(context->arena, struct heap_profile);
    heap_profile_init(m.profile, context->arena);
    int status = measure(&m, problem);
    heap_profile_deinit(m.profile);
    if (status == STATUS_OK)
        *report = m.report;
    return status;
}
