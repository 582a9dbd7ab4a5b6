// lint_names.c: names of files and modules: too long, twice, or with paths of the computer that
// compiled them; modules that nothing names.

#include <string.h>

#include "analyzer/analysis/lint/lint_rules.h"
#include "runtime/format/lfs_image.h"

#define FILE_NAME_BYTES_MAX 31u // of SPIFFS in the firmware

// ---- long names ----

static bool is_file_call(const struct image_call *call)
{
    static const char *const names[] = {
        "file.open",   "file.getcontents", "file.putcontents", "file.rename", "file.stat",
        "file.exists", "file.remove",      "dofile",           "loadfile",    "node.compile"};
    for (size_t i = 0; call->is_call && i < sizeof names / sizeof *names; i++)
        if (text_is_equal(call->name, text_of(names[i])))
            return call->argument_count > 0 && call->arguments[0].data;
    return false;
}

static void check_file_names(struct lint *lint, const struct lint_uses *uses)
{
    for (size_t i = 0; i < uses->count; i++) {
        const struct lint_use *use = &uses->items[i];
        if (!is_file_call(&use->call) || use->call.arguments[0].bytes <= FILE_NAME_BYTES_MAX)
            continue;
        lint_add(lint, LINT_NAME, lint_path(use->unit, use->call.function), use->call.line,
                 "give the file a name of at most 31 characters, its directory included",
                 "file name of %zu characters; the device takes 31: \"filename invalid\"",
                 use->call.arguments[0].bytes);
    }
}

static void check_paths(struct lint *lint)
{
    for (size_t i = 0; i < lint->unit_count; i++) {
        const struct lint_unit *unit = &lint->units[i];
        // What becomes a module has no file on the device.
        if (!unit->source.data || unit->module)
            continue;
        struct text name = text_base_name(text_of(unit->path));
        if (name.bytes > FILE_NAME_BYTES_MAX)
            lint_add(lint, LINT_NAME, text_of(unit->path), 0,
                     "give the file a name of at most 31 characters",
                     "its name has %zu characters; the device takes 31", name.bytes);
    }
}

// ---- modules ----

static void check_modules(struct lint *lint)
{
    size_t count = 0;
    for (size_t i = 0; i < lint->unit_count; i++) {
        const struct lint_unit *unit = &lint->units[i];
        if (!unit->module)
            continue;
        count++;
        for (size_t k = 0; k < i; k++)
            if (lint->units[k].module && strcmp(lint->units[k].module, unit->module) == 0) {
                lint_add(lint, LINT_DUPLICATE, text_of(unit->path), 0,
                         "rename one of them, or leave it out of the image",
                         "module '%s' is %s, too: an image finds only one", unit->module,
                         lint->units[k].path);
                break;
            }
        if (count == LFS_MODULES_MAX + 1)
            lint_add(lint, LINT_LIMIT, text_of(unit->path), 0,
                     "join small modules, or keep rarely used ones as files",
                     "it is module %zu of the image; the firmware takes %u", count,
                     (unsigned)LFS_MODULES_MAX);
    }
}

// True if the code that was looked at has the name of the module as a text or a field.
static bool is_named(const struct lint *lint, const struct lint_uses *uses, struct text module)
{
    for (size_t i = 0; i < uses->count; i++) {
        const struct image_call *call = &uses->items[i].call;
        for (unsigned n = 0;
             call->is_call && n < call->argument_count && n < IMAGE_CALL_ARGUMENTS_MAX; n++)
            if (call->arguments[n].data && text_is_equal(call->arguments[n], module))
                return true;
        if (text_begins_with(call->name, "LFS.") &&
            text_is_equal((struct text){call->name.data + 4, call->name.bytes - 4}, module))
            return true;
    }
    return text_is_equal(module, text_of("_init")) || text_is_equal(module, text_of("init")) ||
           text_is_equal(module, text_of("dummy_strings")) || lint->unit_count == 0;
}

// Names that are used in any other way, as list elements, count too: they are strings of the code.
static bool is_text_elsewhere(const struct lint *lint, struct text module)
{
    for (size_t i = 0; i < lint->unit_count; i++) {
        const struct image *image = lint->units[i].image;
        int32_t string = image ? image_find_string(image, module) : IMAGE_NONE;
        for (uint32_t f = 0; string >= 0 && f < image->function_count; f++) {
            const struct image_function *function = &image->functions[f];
            bool is_index = (int32_t)f == image->main && image->form != IMAGE_CHUNK;
            for (uint32_t c = 0; !is_index && c < function->constant_count; c++)
                if (function->constants[c].tag == 4 && function->constants[c].string == string &&
                    c < function->constants_used)
                    return true;
        }
    }
    return false;
}

static void check_unused(struct lint *lint, const struct lint_uses *uses)
{
    for (size_t i = 0; i < lint->unit_count; i++) {
        const struct image *image = lint->units[i].image;
        if (!image || lint->units[i].source.data || image->form == IMAGE_CHUNK)
            continue;
        for (uint32_t m = 0; m < image->module_count; m++) {
            struct text name = image->modules[m].name;
            struct image_bytes bytes;
            if (is_named(lint, uses, name) || is_text_elsewhere(lint, name))
                continue;
            image_sum_module(image, (int32_t)m, &bytes);
            lint_add(lint, LINT_UNUSED_MODULE, text_of(lint->units[i].path), 0,
                     "leave it out; or name the files that use it, too",
                     "module '%.*s' of %u bytes: no code that was looked at names it",
                     TEXT_ARGS(name), (unsigned)bytes.total);
        }
    }
}

// ---- names of chunks ----

static bool is_host_path(struct text name)
{
    bool has_drive = name.bytes > 2 && name.data[1] == ':' &&
                     (name.data[2] == '\\' || name.data[2] == '/');
    return name.bytes && (name.data[0] == '/' || has_drive || text_begins_with(name, "../"));
}

static void check_chunk_names(struct lint *lint, const struct lint_unit *unit)
{
    const struct image *image = unit->image;
    int32_t last = IMAGE_NONE;
    for (uint32_t i = 0; i < image->function_count; i++) {
        int32_t source = image->functions[i].source;
        if (source < 0 || source == last)
            continue;
        last = source;
        struct text path = lint_chunk(image, (int32_t)i);
        if (is_host_path(path) && (image->functions[i].parent == IMAGE_NONE ||
                                   image->functions[image->functions[i].parent].source != source))
            lint_add(lint, LINT_HOST_PATH, text_of(unit->path), 0,
                     "compile in the directory of the sources, or give names: frost luac NAME=FILE",
                     "the chunk is called %.*s: %zu bytes of flash, and error messages show it",
                     TEXT_ARGS(path), path.bytes + 1);
    }
}

void lint_names(struct lint *lint, const struct lint_uses *uses)
{
    check_file_names(lint, uses);
    check_paths(lint);
    check_modules(lint);
    check_unused(lint, uses);
    for (size_t i = 0; i < lint->unit_count; i++)
        if (lint->units[i].image && !lint->units[i].source.data)
            check_chunk_names(lint, &lint->units[i]);
}
