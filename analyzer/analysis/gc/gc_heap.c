// gc_heap.c: states of the modelled heap, of which three and two curves are kept.

#include "analyzer/analysis/gc/gc_heap.h"

static bool is_split_more(const struct gc_heap_state *a, const struct gc_heap_state *b)
{
    return a->largest_bytes * b->free_bytes < b->largest_bytes * a->free_bytes;
}

static void note_state(struct gc_heap *heap, const struct gc_heap_state *state, bool is_peak)
{
    if (is_peak || !heap->has_states)
        heap->peak = *state;
    if (!heap->has_states || is_split_more(state, &heap->split_most))
        heap->split_most = *state;
    heap->last = *state;
    heap->has_states = true;
    curve_add(&heap->used_curve, state->clock, state->used_bytes);
    curve_add(&heap->largest_curve, state->clock, state->largest_bytes);
}

void gc_heap_boot(struct gc_heap *heap, struct arena *arena, const struct trace_event_boot *boot)
{
    heap_layout_boot(&heap->layout, arena, boot);
}

void gc_heap_note_step(struct gc_heap *heap, const struct heap_step *step, uint64_t time,
                       uint64_t lua_bytes, bool is_peak)
{
    struct heap_layout *layout = &heap->layout;
    heap_layout_note(layout, step);
    heap->is_sampled |= !layout->is_known;
    if (!layout->is_known)
        return;
    uint64_t granule = HEAP_LAYOUT_GRANULE_BYTES;
    note_state(heap,
               &(struct gc_heap_state){time, lua_bytes,
                                       granule * (layout->granules - layout->free_sum),
                                       granule * layout->free_sum, granule * layout->free_largest,
                                       layout->free_count, granule * layout->firmware_sum},
               is_peak);
}

void gc_heap_note_sample(struct gc_heap *heap, const struct trace_event_heap *sample, uint64_t time,
                         uint64_t heap_bytes)
{
    uint64_t used = sample->heap_used;
    if (heap->layout.is_known)
        return;
    struct gc_heap_state state = {time,
                                  sample->lua_bytes,
                                  used,
                                  heap_bytes > used ? heap_bytes - used : 0,
                                  sample->free_largest,
                                  sample->free_blocks,
                                  0};
    note_state(heap, &state, used > heap->peak.used_bytes);
}
