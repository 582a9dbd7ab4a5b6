// gc_strings.c: look-ups, resizes and chains of the string tables.

#include "analyzer/analysis/gc/gc_strings.h"

#include "analyzer/image/image_reader.h"
#include "runtime/format/string_hash.h"

#define SLOTS_MAX (1u << 22)

static void note_lookup(struct gc_strings *strings, enum gc_lookup kind, uint32_t probes)
{
    struct gc_lookup_counts *counts = &strings->lookups[kind];
    counts->count++;
    counts->probes += probes;
    counts->probes_max = probes > counts->probes_max ? probes : counts->probes_max;
    counts->by_probes[probes < GC_PROBES ? probes : GC_PROBES - 1]++;
}

static void note_resize(struct gc_strings *strings, uint64_t clock,
                        const struct trace_event_string_table *table)
{
    if (strings->resize_count < GC_RESIZES_MAX)
        strings->resizes[strings->resize_count] = (struct gc_resize){
            clock, strings->slots, table->slots, table->strings, table->chain_max};
    strings->resize_count++;
    strings->growths += strings->slots && table->slots > strings->slots;
    strings->shrinks += table->slots < strings->slots;
    strings->slots = table->slots;
}

static void note_load(struct gc_strings *strings, uint32_t count)
{
    strings->strings_max = count > strings->strings_max ? count : strings->strings_max;
    if (strings->slots && (double)count / strings->slots > strings->load_max)
        strings->load_max = (double)count / strings->slots;
}

// Chains of a table in flash, from the copy of its image.
static void note_image(struct gc_strings *strings, const struct heap_replay *replay,
                       const struct trace_event_image_mounted *mounted)
{
    struct arena scratch;
    const struct image *image;
    struct image_options options = {.base_addr = mounted->addr, .allows_rest = true};
    const char *path = trace_image_path(replay->trace, mounted->file);
    arena_init(&scratch);
    if (path && image_read_file(&scratch, path, &options, &image, NULL) >= 0) {
        struct gc_chains chains = {.slots = image->slot_count, .strings = image->string_count};
        for (uint32_t slot = 0; slot < image->slot_count; slot++) {
            uint32_t length = 0;
            for (int32_t at = image->slots[slot]; at != IMAGE_NONE; at = image->strings[at].next)
                chains.probes += ++length;
            chains.by_length[length < GC_CHAINS ? length : GC_CHAINS - 1]++;
            chains.chain_max = length > chains.chain_max ? length : chains.chain_max;
        }
        strings->flash = chains;
        strings->has_flash = true;
    }
    arena_deinit(&scratch);
}

void gc_strings_note(struct gc_strings *strings, const struct heap_replay *replay,
                     const struct heap_step *step)
{
    const struct trace_event *event = step->event;
    switch (event->id) {
    case TRACE_ID_string_new:
        note_lookup(strings, GC_LOOKUP_NEW, event->string_new.probes);
        note_load(strings, replay->string_count);
        break;
    case TRACE_ID_string_found:
        note_lookup(strings,
                    event->string_found.place == PLACE_FLASH ? GC_LOOKUP_FLASH : GC_LOOKUP_RAM,
                    event->string_found.probes);
        break;
    case TRACE_ID_string_table:
        note_resize(strings, event->clock, &event->string_table);
        break;
    case TRACE_ID_image_mounted:
        note_image(strings, replay, &event->image_mounted);
        break;
    case TRACE_ID_boot:
        strings->slots = 0;
        break;
    default:
        break;
    }
}

struct chain_walk {
    const struct trace_dict *dict;
    struct gc_chains *chains;
    uint32_t *lengths; // by slot
};

static void visit_string(void *context, const struct heap_block *block)
{
    struct chain_walk *walk = context;
    if (block->kind != KIND_STRING)
        return;
    walk->chains->strings++;
    const struct trace_dict_text *text = trace_dict_text(walk->dict, block->text);
    bool is_known = text && (text->text.bytes == text->bytes ||
                             (text->is_excluded && text->bytes <= TRACE_TEXT_BYTES_MAX));
    if (!is_known) {
        walk->chains->unknown++;
        return;
    }
    uint32_t hash = text->is_excluded ? text->string_hash
                                      : string_hash(text->text.data, text->bytes);
    walk->chains->probes += ++walk->lengths[hash & (walk->chains->slots - 1)];
}

void gc_strings_end_run(struct gc_strings *strings, const struct heap_replay *replay)
{
    struct gc_chains chains = {.slots = strings->slots};
    struct arena scratch;
    if (strings->slots == 0 || (strings->slots & (strings->slots - 1)) != 0 ||
        strings->slots > SLOTS_MAX)
        return; // no table of ours
    arena_init(&scratch);
    struct chain_walk walk = {replay->dict, &chains,
                              ARENA_NEW_ARRAY(&scratch, uint32_t, strings->slots)};
    heap_replay_each_live(replay, visit_string, &walk);
    for (uint32_t slot = 0; slot < chains.slots; slot++) {
        uint32_t length = walk.lengths[slot];
        chains.by_length[length < GC_CHAINS ? length : GC_CHAINS - 1]++;
        chains.chain_max = length > chains.chain_max ? length : chains.chain_max;
    }
    strings->ram = chains;
    arena_deinit(&scratch);
}
