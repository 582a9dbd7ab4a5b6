// gc_freezer.c: see gc_freezer.h.

#include "analyzer/analysis/gc/gc_freezer.h"

// A block begins or ends while something is being frozen.
static void note_block(struct gc_freezer *freezer, const struct heap_block *block, int sign)
{
    if (block == NULL || !freezer->is_freezing)
        return;
    freezer->ledger_bytes += sign * (int64_t)block->bytes;
    freezer->block_bytes += sign * (int64_t)heap_layout_block_bytes(block->bytes);
}

static int64_t used_bytes(const struct heap_layout *layout)
{
    uint32_t granules = layout->granules - layout->free_sum;
    return layout->is_known ? (int64_t)granules * HEAP_LAYOUT_GRANULE_BYTES : -1;
}

// With what blocks had beyond their size, if the layout is known.
static void end_freeze(struct gc_freezer *freezer, const struct heap_layout *layout)
{
    int64_t used = used_bytes(layout);
    if (!freezer->is_freezing)
        return;
    freezer->is_freezing = false;
    freezer->heap_bytes += used >= 0 && freezer->used_before >= 0 ? freezer->used_before - used
                                                                  : freezer->block_bytes;
}

void gc_freezer_note(struct gc_freezer *freezer, const struct heap_step *step,
                     const struct heap_layout *layout)
{
    const struct trace_event *event = step->event;
    note_block(freezer, step->died, 1);
    note_block(freezer, step->born, -1);
    switch (event->id) {
    case TRACE_ID_boot:
        freezer->is_freezing = false;
        break;
    case TRACE_ID_freeze_begin:
        freezer->is_freezing = true;
        freezer->block_bytes = 0;
        freezer->used_before = used_bytes(layout);
        break;
    case TRACE_ID_freeze_object:
        freezer->kinds[event->freeze_object.kind].objects++;
        freezer->kinds[event->freeze_object.kind].bytes += event->freeze_object.bytes;
        break;
    case TRACE_ID_freeze_end:
        end_freeze(freezer, layout);
        freezer->slices += event->freeze_end.result == FREEZE_SLICE;
        freezer->freezes += event->freeze_end.result != FREEZE_SLICE;
        freezer->refused += event->freeze_end.result == FREEZE_REFUSED;
        freezer->full += event->freeze_end.result == FREEZE_FULL;
        freezer->faults += event->freeze_end.result == FREEZE_FAULT;
        freezer->ram_bytes += event->freeze_end.ram_bytes;
        freezer->flash_bytes += event->freeze_end.flash_bytes;
        break;
    case TRACE_ID_thaw:
        freezer->thaws++;
        freezer->thawed_bytes += event->thaw.bytes;
        break;
    case TRACE_ID_freezer_erase:
        freezer->erases++;
        freezer->erased_bytes += event->freezer_erase.flash_bytes;
        break;
    default:
        break;
    }
}

struct kind_row {
    const char *kind;
    struct gc_freezer_kind moved;
};

static const struct report_column kind_columns[] = {
    {"kind", "kind", "", REPORT_KEY, REPORT_AT(kind_row, kind)},
    {"objects", "moved", "objects", REPORT_SUMMED, REPORT_AT(kind_row, moved.objects)},
    {"bytes", "in flash", "bytes", REPORT_SUMMED, REPORT_AT(kind_row, moved.bytes)},
};

void gc_freezer_report(const struct gc_freezer *freezer, struct report *report)
{
    static const char *const names[] = {
#define KIND_TEXT(name, text) text,
        TRACE_KINDS(KIND_TEXT)
#undef KIND_TEXT
    };
    if (freezer->freezes + freezer->thaws + freezer->erases == 0)
        return;
    report_add_number(report, "freezes", "freezes", "", (int64_t)freezer->freezes);
    report_add_number(report, "freezes_refused", "of them refused", "", (int64_t)freezer->refused);
    report_add_number(report, "freezes_full", "of them without room", "", (int64_t)freezer->full);
    report_add_number(report, "freezes_failed", "of them failed by the flash", "",
                      (int64_t)freezer->faults);
    if (freezer->slices > 0)
        report_add_number(report, "freeze_slices", "slices before the last of a freeze", "",
                          (int64_t)freezer->slices);
    report_add_number(report, "frozen_ram_bytes", "RAM that freezing gave back", "bytes",
                      (int64_t)freezer->ram_bytes);
    report_add_number(report, "frozen_ledger_bytes", "... by which the ledger fell at once",
                      "bytes", freezer->ledger_bytes);
    report_add_number(report, "frozen_heap_bytes", "... and the heap, with headers of blocks",
                      "bytes", freezer->heap_bytes);
    report_add_number(report, "frozen_flash_bytes", "flash that it took", "bytes",
                      (int64_t)freezer->flash_bytes);
    report_add_number(report, "thaws", "copies that were thawed", "", (int64_t)freezer->thaws);
    report_add_number(report, "thawed_bytes", "RAM that they took", "bytes",
                      (int64_t)freezer->thawed_bytes);
    report_add_number(report, "freezer_erases", "times that the freezer was erased", "",
                      (int64_t)freezer->erases);
    report_add_number(report, "freezer_erased_bytes", "flash that was lost by it", "bytes",
                      (int64_t)freezer->erased_bytes);
    struct report_table *table = REPORT_ADD_TABLE(report, "frozen", "What moved into the freezer",
                                                  kind_columns);
    for (unsigned k = 0; k < KIND_COUNT; k++) {
        struct kind_row row = {names[k], freezer->kinds[k]};
        if (row.moved.objects > 0)
            report_add_row(table, NULL, &row);
    }
}
