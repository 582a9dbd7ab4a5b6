// lfs_reload.c: two passes over an image file; see lfs_reload.h.
//
// Reads: the caller's input function, the device. Writes: the partition.

#include "runtime/flash/lfs_reload.h"

#include <assert.h>
#include <string.h>

#include "runtime/flash/flash_events.h"
#include "runtime/flash/lfs_link.h"
#include "runtime/flash/lfs_parts.h"

#define PIECE_WORDS 64u // programmed at a time

_Static_assert(INFLATE_PAGE_BYTES >= sizeof(struct lfs_header), "a header is in the first page");
_Static_assert(INFLATE_PAGE_BYTES % (4 * PIECE_WORDS) == 0, "a page is whole pieces");

uint32_t lfs_bitmap_pages(const struct flash_partition *partition)
{
    uint32_t bytes = partition->bytes < LFS_IMAGE_BYTES_MAX ? partition->bytes
                                                            : LFS_IMAGE_BYTES_MAX;
    uint32_t bitmap_bytes = 4 * LFS_BITMAP_WORDS(bytes / 4);
    return (bitmap_bytes + INFLATE_PAGE_BYTES - 1) / INFLATE_PAGE_BYTES;
}

void lfs_room_in(struct lfs_room *room, uint8_t *memory)
{
    for (uint32_t i = 0; i < INFLATE_PAGES; i++, memory += INFLATE_PAGE_BYTES)
        room->window[i] = memory;
    for (uint32_t i = 0; i < LFS_BITMAP_PAGES; i++, memory += INFLATE_PAGE_BYTES)
        room->bitmap[i] = memory;
}

// ---- the bitmap ----

// Keeps what of `data` belongs to the bitmap; data behind it do not count.
static void keep_bitmap(struct lfs_reload *r, const uint8_t *data, uint32_t bytes)
{
    uint32_t end = lfs_bitmap_pages(&r->target.partition) * INFLATE_PAGE_BYTES;
    for (uint32_t i = 0; i < bytes; i++) {
        uint32_t at = r->count + i - r->header.image_bytes;
        if (r->count + i >= r->header.image_bytes && at < end)
            r->room->bitmap[at / INFLATE_PAGE_BYTES][at % INFLATE_PAGE_BYTES] = data[i];
    }
}

static int is_pointer(const struct lfs_reload *r, uint32_t word)
{
    uint32_t at = word / 8;
    return r->room->bitmap[at / INFLATE_PAGE_BYTES][at % INFLATE_PAGE_BYTES] >> word % 8 & 1;
}

// ---- a pass ----

static enum inflate_result run_pass(struct lfs_reload *r, struct lfs_input *in, inflate_put put,
                                    uint32_t *unpacked)
{
    struct inflate_stream stream = {
        .bytes_max = LFS_IMAGE_BYTES_MAX + 4 * LFS_BITMAP_WORDS(LFS_WORDS_MAX),
        .put = put,
        .context = r,
    };
    for (uint32_t i = 0; i < INFLATE_PAGES; i++)
        stream.pages[i] = r->room->window[i];
    *in = (struct lfs_input){
        .read = r->file->read, .context = r->file->context, .left = r->file->bytes};
    r->count = 0;
    r->status = STATUS_OK;
    *unpacked = 0;
    return inflate_gzip_stream(lfs_input_read, in, &stream, unpacked);
}

// ---- the first ----

static int look_at(void *context, const uint8_t *data, uint32_t bytes)
{
    struct lfs_reload *r = context;
    if (r->count == 0 && bytes >= sizeof r->header) {
        memcpy(&r->header, data, sizeof r->header);
        r->status = lfs_header_check(&r->header, &r->target.partition, r->report);
        if (r->status != STATUS_OK)
            return 0;
    }
    if (r->count > 0 || bytes >= sizeof r->header)
        keep_bitmap(r, data, bytes);
    r->count += bytes;
    return 1;
}

// The firmware takes the file's last word for the length, whatever lies between it and the end of
// the stream, before it looks at anything else.
static int check_stream(struct lfs_reload *r, struct lfs_input *in, enum inflate_result result,
                        uint32_t unpacked)
{
    if (result == INFLATE_STOPPED)
        return r->status;
    if (result == INFLATE_READ || unpacked < sizeof r->header)
        return lfs_inflate_fail(result == INFLATE_DONE ? INFLATE_FULL : result, r->report);
    if (lfs_input_skip(in) != STATUS_OK)
        return lfs_fail(r->report, LFS_FAULT_READ, STATUS_IO);
    int status = lfs_lengths_check(&r->header, in->last_word, 1, r->report);
    if (status == STATUS_OK && result != INFLATE_DONE)
        status = lfs_inflate_fail(result, r->report);
    return status == STATUS_OK ? lfs_lengths_check(&r->header, unpacked, 1, r->report) : status;
}

// A pointer of the header as it will be in flash.
static uint32_t final_pointer(const struct lfs_reload *r, uint32_t off, uint32_t value)
{
    uint32_t base_addr = partitions_addr(&r->target.partition);
    return is_pointer(r, off / 4) ? base_addr + 4 * value : value;
}

// The slots lie directly after the header, so the pointer to them tells the image's address.
static int check_address(struct lfs_reload *r)
{
    uint32_t base_addr = partitions_addr(&r->target.partition);
    uint32_t slots = final_pointer(r, offsetof(struct lfs_header, string_slots),
                                   r->header.string_slots);
    uint32_t main = final_pointer(r, offsetof(struct lfs_header, main_proto), r->header.main_proto);
    if (main == base_addr) { // NULL, or what a tool has left of it
        r->report->what = "pointer to the index function";
        r->report->off = offsetof(struct lfs_header, main_proto);
        return lfs_fail(r->report, LFS_FAULT_DAMAGED, STATUS_DAMAGED);
    }
    if (slots == base_addr + sizeof r->header && main - base_addr < r->header.image_bytes)
        return STATUS_OK;
    r->report->value[0] = slots - (uint32_t)sizeof r->header;
    r->report->value[1] = base_addr;
    return lfs_fail(r->report, LFS_FAULT_ADDRESS, STATUS_DAMAGED);
}

int lfs_reload_check(struct lfs_reload *r, struct lfs_report *report)
{
    struct lfs_input in;
    uint32_t unpacked;
    assert(r->file && r->room && r->target.device);
    lfs_below_init(&r->below, r->target.device, r->target.region);
    *report = (struct lfs_report){LFS_FAULT_NONE, NULL, 0, {0}};
    r->report = report;
    if (r->target.partition.bytes == 0)
        return lfs_fail(report, LFS_FAULT_NO_PARTITION, STATUS_NOT_FOUND);
    if (r->file->bytes <= LFS_FILE_BYTES_MIN)
        return lfs_fail(report, LFS_FAULT_READ, STATUS_CUT_OFF);
    enum inflate_result result = run_pass(r, &in, look_at, &unpacked);
    int status = check_stream(r, &in, result, unpacked);
    if (status == STATUS_OK)
        status = check_address(r);
    if (status == STATUS_OK)
        status = lfs_link_below(&r->target, &r->header, &r->below, report);
    assert((status == STATUS_OK) == (report->fault == LFS_FAULT_NONE));
    return status;
}

// ---- the second ----

// Makes the pointers of `count` words final; `first` is the number of the first one in the image.
static int relocate(struct lfs_reload *r, uint32_t *words, uint32_t first, uint32_t count)
{
    uint32_t base_addr = partitions_addr(&r->target.partition);
    for (uint32_t i = 0; i < count; i++) {
        if (!is_pointer(r, first + i))
            continue;
        words[i] = lfs_link_addr(words[i], r->header.image_bytes / 4, base_addr, &r->below);
        if (words[i] == 0) {
            r->report->what = "pointer out of the image";
            r->report->off = 4 * (first + i);
            return lfs_fail(r->report, LFS_FAULT_DAMAGED, STATUS_DAMAGED);
        }
    }
    return STATUS_OK;
}

static int program_piece(struct lfs_reload *r, const uint8_t *data, uint32_t off, uint32_t bytes)
{
    uint32_t words[PIECE_WORDS];
    memcpy(words, data, bytes);
    int status = relocate(r, words, off / 4, bytes / 4);
    if (status != STATUS_OK)
        return status;
    if (off == 0) {
        words[0] |= LFS_WRITING;
        words[offsetof(struct lfs_header, linked_crc) / 4] = r->header.linked_crc;
        words[offsetof(struct lfs_header, fill) / 4] = r->header.fill;
    }
    if (flash_program(r->target.device, r->target.partition.off + off, words, bytes) != STATUS_OK)
        return lfs_fail(r->report, LFS_FAULT_WRITE, STATUS_IO);
    return STATUS_OK;
}

static int program_page(void *context, const uint8_t *data, uint32_t bytes)
{
    struct lfs_reload *r = context;
    uint32_t off = r->count, end = off + bytes;
    if (end > r->header.image_bytes)
        end = r->header.image_bytes;
    for (uint32_t at = off; at < end && r->status == STATUS_OK; at += 4 * PIECE_WORDS) {
        uint32_t left = end - at;
        r->status = program_piece(r, data + (at - off), at,
                                  left < 4 * PIECE_WORDS ? left : 4 * PIECE_WORDS);
    }
    r->count += bytes;
    return r->status == STATUS_OK;
}

static int program_image(struct lfs_reload *r)
{
    struct lfs_input in;
    uint32_t unpacked;
    if (r->file->rewind(r->file->context) != 0)
        return lfs_fail(r->report, LFS_FAULT_READ, STATUS_IO);
    enum inflate_result result = run_pass(r, &in, program_page, &unpacked);
    if (result == INFLATE_STOPPED)
        return r->status;
    if (result != INFLATE_DONE)
        return lfs_inflate_fail(result, r->report);
    return lfs_lengths_check(&r->header, unpacked, 1, r->report); // the file may be another now
}

// Structure and bytecode, where they will be used from.
static int check_in_flash(struct lfs_reload *r, struct lfs_marks *marks)
{
    const struct lfs_target *target = &r->target;
    uint32_t off = target->partition.off, bytes = r->header.image_bytes;
    int status = flash_refresh(target->device, off, bytes);
    if (status != STATUS_OK)
        return lfs_fail(r->report, status == STATUS_IO ? LFS_FAULT_WRITE : LFS_FAULT_STALE, status);
    return lfs_check_unfinished(flash_in_place(target->device, off, bytes), bytes,
                                partitions_addr(&target->partition), &r->below, target->verify,
                                marks, r->report);
}

static int replace(struct lfs_reload *r, struct lfs_marks *marks)
{
    const struct lfs_target *target = &r->target;
    if (lfs_retract(target) != STATUS_OK || lfs_erase(target, r->header.image_bytes) != STATUS_OK)
        return lfs_fail(r->report, LFS_FAULT_WRITE, STATUS_IO);
    int status = program_image(r);
    if (status == STATUS_OK)
        status = check_in_flash(r, marks);
    if (status != STATUS_OK)
        return status;
    uint32_t first = r->header.signature;
    if (flash_program(target->device, target->partition.off, &first, 4) != STATUS_OK)
        return lfs_fail(r->report, LFS_FAULT_WRITE, STATUS_IO);
    return STATUS_OK;
}

int lfs_reload_write(struct lfs_reload *r, struct lfs_marks *marks, struct lfs_report *report)
{
    const struct lfs_target *target = &r->target;
    *report = (struct lfs_report){LFS_FAULT_NONE, NULL, 0, {0}};
    r->report = report;
    assert(lfs_is_signature(r->header.signature) && r->header.image_bytes % 4 == 0);
    assert(r->header.image_bytes <= target->partition.bytes);
    lfs_unmount_in(target);
    struct flash_job job = flash_job_begin(target->device);
    int status = replace(r, marks);
    // What was half written must not look like an image: neither now nor while it is erased.
    if (status != STATUS_OK && lfs_retract(target) == STATUS_OK)
        (void)!lfs_erase(target, r->header.image_bytes);
    flash_job_end(&job, FLASH_JOB_RELOAD, target->partition.off, r->header.image_bytes);
    return status;
}
