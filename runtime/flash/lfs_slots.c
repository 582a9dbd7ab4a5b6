// lfs_slots.c: see lfs_slots.h.
//
// Reads and writes: the journal, through partition_table.h.

#include "runtime/flash/lfs_slots.h"

#include <assert.h>
#include <stdio.h>

const struct flash_partition *lfs_slot(const struct partition_table *table, uint32_t slot)
{
    assert(slot < PARTITION_LFS_SLOTS);
    return &table->layout.parts[slot == 0 ? PARTITION_LFS : PARTITION_LFS_SECOND];
}

uint32_t lfs_slot_at(const struct partition_table *table, uint32_t off)
{
    for (uint32_t slot = 0; slot < PARTITION_LFS_SLOTS; slot++) {
        const struct flash_partition *p = lfs_slot(table, slot);
        if (off - p->off < p->bytes)
            return slot;
    }
    return PARTITION_LFS_SLOTS;
}

static int has_two(const struct partition_table *table)
{
    return lfs_slot(table, 0)->bytes > 0 && lfs_slot(table, 1)->bytes > 0;
}

static uint32_t active_slot(const struct partition_table *table)
{
    return has_two(table) ? table->slots.active : 0;
}

const struct flash_partition *lfs_active_slot(const struct partition_table *table)
{
    return lfs_slot(table, active_slot(table));
}

int lfs_is_on_trial(const struct partition_table *table)
{
    return has_two(table) && table->slots.trial_off != 0;
}

// ---- a start ----

// Clears the next bit of the trial's starts.
static int count_start(struct partition_table *table)
{
    const struct partition_slots *slots = &table->slots;
    assert(slots->starts_used < PARTITION_STARTS_MAX);
    return partition_table_mark(table, slots->trial_off, 0x100u << slots->starts_used);
}

static int give_up(struct partition_table *table)
{
    return partition_table_mark(table, table->slots.trial_off, PARTITION_STATE_GIVEN_UP);
}

// A start of an image that is not confirmed; the last one has been, or this is one more.
static void begin_trial(struct partition_table *table, void (*tell)(const char *text))
{
    char text[LFS_MESSAGE_BYTES];
    const struct partition_slots *slots = &table->slots;
    int status;
    if (slots->starts_used < slots->starts) {
        status = count_start(table);
    } else {
        snprintf(text, sizeof text,
                 "LFS image was not confirmed in %u starts: the one before it is used",
                 (unsigned)slots->starts);
        tell(text);
        status = give_up(table);
    }
    if (status != STATUS_OK)
        tell("Partition table cannot be written");
}

static int mount_slot(struct partition_table *table, uint32_t slot, lfs_verify verify,
                      struct lfs_marks *marks, struct lfs_report *report)
{
    lfs_target = (struct lfs_target){
        .device = table->device,
        .partition = *lfs_slot(table, slot),
        .verify = verify,
    };
    return lfs_mount(&lfs_target, marks, report);
}

static void tell_report(const struct lfs_report *report, void (*tell)(const char *text))
{
    char text[LFS_MESSAGE_BYTES];
    lfs_mount_text(report, text, sizeof text);
    tell(text);
}

void lfs_start(struct partition_table *table, lfs_verify verify, struct lfs_marks *marks,
               void (*tell)(const char *text))
{
    struct lfs_report report, other_report;
    if (lfs_is_on_trial(table))
        begin_trial(table, tell);
    uint32_t slot = active_slot(table);
    int status = mount_slot(table, slot, verify, marks, &report);
    if (status == STATUS_OK)
        return;
    if (status != STATUS_NOT_FOUND)
        tell_report(&report, tell);
    if (!has_two(table))
        return;
    if (mount_slot(table, !slot, verify, marks, &other_report) == STATUS_OK) {
        if (status != STATUS_NOT_FOUND)
            tell("... the image before it is used");
        if (lfs_is_on_trial(table) && give_up(table) != STATUS_OK)
            tell("Partition table cannot be written");
        return;
    }
    if (status == STATUS_NOT_FOUND && other_report.fault != LFS_FAULT_NONE)
        tell_report(&other_report, tell);
    lfs_target.partition = *lfs_slot(table, slot);
}

// ---- a reload ----

// The slot whose image is not to be lost is the one that was confirmed last, or is mounted.
static uint32_t slot_to_write(const struct partition_table *table)
{
    const struct flash_region *mounted = flash_region_find(REGION_LFS);
    if (!has_two(table))
        return 0;
    if (!mounted)
        return table->slots.active;
    return lfs_is_on_trial(table) ? table->slots.active
                                  : !lfs_slot_at(table, mounted->begin - WINDOW_ADDR);
}

struct lfs_target lfs_switch_target(const struct partition_table *table)
{
    struct lfs_target target = lfs_target;
    if (has_two(table))
        target.partition = *lfs_slot(table, slot_to_write(table));
    return target;
}

int lfs_switch_begin(struct partition_table *table, uint32_t starts, struct lfs_switch *to)
{
    uint32_t slot = slot_to_write(table);
    assert(starts <= PARTITION_STARTS_MAX);
    *to = (struct lfs_switch){.target = lfs_switch_target(table)};
    if (!has_two(table))
        return STATUS_OK;
    if (!flash_region_find(REGION_LFS))
        starts = 0;
    int status = lfs_is_on_trial(table) ? give_up(table) : STATUS_OK;
    if (status == STATUS_OK)
        status = partition_table_append(table, PARTITION_ENTRY_SLOT, slot | starts << 8, "",
                                        &to->entry_off);
    return status;
}

int lfs_switch_end(struct partition_table *table, const struct lfs_switch *to)
{
    return to->entry_off ? partition_table_mark(table, to->entry_off, PARTITION_STATE_COUNTS)
                         : STATUS_OK;
}

int lfs_slot_set(struct partition_table *table, uint32_t slot)
{
    uint32_t off;
    if (!has_two(table) || (table->slots.active == slot && !lfs_is_on_trial(table)))
        return STATUS_OK;
    int status = partition_table_append(table, PARTITION_ENTRY_SLOT, slot, "", &off);
    return status == STATUS_OK ? partition_table_mark(table, off, PARTITION_STATE_COUNTS) : status;
}

int lfs_confirm(struct partition_table *table)
{
    if (!lfs_is_on_trial(table))
        return STATUS_OK;
    return partition_table_mark(table, table->slots.trial_off, PARTITION_STATE_CONFIRMED);
}
