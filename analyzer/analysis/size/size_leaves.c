// size_leaves.c: images and heaps as leaves of a tree of sizes.

#include "analyzer/analysis/size/size.h"

static uint32_t label(struct size_tree *tree, const char *text)
{
    return size_tree_label(tree, text_of(text));
}

static struct text module_name(const struct image *image, int32_t module)
{
    if (module >= 0)
        return image->modules[module].name;
    return text_of(module == IMAGE_SHARED ? "(strings of several)" : "(index, header, hash)");
}

// The source that a function stands in; without one its module.
static struct text unit_name(const struct image *image, const struct image_span *span)
{
    int32_t source = span->function >= 0 ? image->functions[span->function].source : IMAGE_NONE;
    return source >= 0 ? image->strings[source].text : module_name(image, span->module);
}

void size_add_image_leaves(struct size_tree *tree, const struct image *image, struct text input,
                           const char *region)
{
    uint32_t labels[SIZE_LEVELS];
    char name[200];
    labels[SIZE_INPUT] = size_tree_label(tree, text_base_name(input));
    labels[SIZE_REGION] = label(tree, region);
    for (uint32_t i = 0; i < image->span_count; i++) {
        const struct image_span *span = &image->spans[i];
        bool is_string = span->string >= 0;
        labels[SIZE_KIND] = labels[SIZE_SECTION] = label(
            tree, span->label == IMAGE_UNKNOWN ? "(unknown)" : image_label_name(span->label));
        labels[SIZE_MODULE] = size_tree_label(tree, module_name(image, span->module));
        labels[SIZE_UNIT] = size_tree_label(tree, unit_name(image, span));
        labels[SIZE_STRING] = is_string ? size_tree_label(tree, image->strings[span->string].text)
                                        : label(tree, "(no string)");
        if (span->function >= 0) {
            image_function_name(image, span->function, name, sizeof name);
            labels[SIZE_SYMBOL] = label(tree, name);
        } else {
            labels[SIZE_SYMBOL] = is_string ? label(tree, "(string literals)") : labels[SIZE_KIND];
        }
        labels[SIZE_INLINE] = labels[SIZE_SYMBOL];
        size_tree_add(tree, labels,
                      (struct size_amount){.bytes = span->bytes, .flash_bytes = span->bytes});
    }
}

static void add_heap(struct size_tree *tree, const struct heap_profile *profile)
{
    uint64_t known = 0, peak = profile->moment_bytes[HEAP_MOMENT_PEAK];
    uint32_t labels[SIZE_LEVELS];
    struct arena names;
    arena_init(&names);
    labels[SIZE_INPUT] = size_tree_label(tree,
                                         text_base_name(profile->runs[profile->peak_run].name));
    labels[SIZE_REGION] = label(tree, "heap at the highest point");
    labels[SIZE_KIND] = labels[SIZE_SECTION] = label(tree, "heap");
    labels[SIZE_STRING] = label(tree, "(no string)");
    for (uint32_t i = 0; i < profile->names.count; i++) {
        const struct site *site = &profile->names.items[i];
        uint64_t bytes = heap_amount_at_peak(profile, &profile->sites[i].peak).bytes;
        if (bytes == 0 || known + bytes > peak)
            continue;
        known += bytes;
        struct text source = site->source.bytes ? site->source : text_of(SITE_NOWHERE_NAME);
        labels[SIZE_MODULE] = labels[SIZE_UNIT] = size_tree_label(tree, source);
        labels[SIZE_SYMBOL] = labels[SIZE_INLINE] = size_tree_label(tree, site_name(&names, site));
        size_tree_add(tree, labels, (struct size_amount){.bytes = bytes, .ram_bytes = bytes});
    }
    uint32_t rest = label(tree, "(main thread, global state)");
    labels[SIZE_MODULE] = labels[SIZE_UNIT] = labels[SIZE_SYMBOL] = labels[SIZE_INLINE] = rest;
    if (peak > known)
        size_tree_add(tree, labels,
                      (struct size_amount){.bytes = peak - known, .ram_bytes = peak - known});
    arena_deinit(&names);
}

void size_add_leaves(const struct size_input *input, struct size_tree *tree)
{
    for (uint32_t i = 0; i < input->image_count; i++)
        size_add_image_leaves(tree, input->images[i], input->images[i]->file,
                              input->images[i]->form == IMAGE_CHUNK ? "chunk" : "LFS image");
    if (input->profile)
        add_heap(tree, input->profile);
}
