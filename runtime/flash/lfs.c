// lfs.c: from an image file to the LFS partition, and from there to the mounted image.
//
// Reads: the caller's input function, the device. Writes: the partition, the list of regions.
// Memory: the caller's struct lfs_work.

#include "runtime/flash/lfs.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/flash/lfs_link.h"
#include "runtime/flash/lfs_parts.h"

struct lfs_target lfs_target;

int lfs_fail(struct lfs_report *report, enum lfs_fault fault, int status)
{
    assert(fault != LFS_FAULT_NONE && status != STATUS_OK);
    report->fault = fault;
    return status;
}

// ---- messages ----

static const char *fault_text(enum lfs_fault fault)
{
    switch (fault) {
    case LFS_FAULT_NO_PARTITION:
        return "No LFS partition allocated";
    case LFS_FAULT_NO_FILE:
        return "LFS image file not found";
    case LFS_FAULT_READ:
        return "read error on LFS image file";
    case LFS_FAULT_VERSION:
        return "Incorrect LFS header version";
    case LFS_FAULT_BUILD:
        return "Incorrect LFS build type";
    case LFS_FAULT_SIGNATURE:
        return "incorrect LFS header signature";
    case LFS_FAULT_TOO_BIG:
        return "LFS Image too big for configured LFS region";
    case LFS_FAULT_LENGTH:
        return "LFS length mismatch";
    case LFS_FAULT_CHECKSUM:
        return "checksum error on LFS image file";
    case LFS_FAULT_DICTIONARY:
        return "invalid dictionary offset on inflate";
    case LFS_FAULT_MEMORY:
        return "Memory allocation error";
    case LFS_FAULT_UNLINKED:
        return "devs image was made without the core image: frost luac --core CORE -f";
    case LFS_FAULT_WRITE:
        return "LFS region cannot be written";
    case LFS_FAULT_UNFINISHED:
        return "LFS image was not written to its end: reload it";
    case LFS_FAULT_BUSY:
        return "the slot for the devs image is in use until the next start";
    case LFS_FAULT_STALE:
        return "LFS region was written since the start: restart to use it";
    case LFS_FAULT_REFUSED:
        return "image was found damaged at an earlier start, and its file is the same";
    default:
        return "Unknown Error";
    }
}

void lfs_report_text(const struct lfs_report *report, char *out, size_t out_bytes)
{
    if (report->fault == LFS_FAULT_DAMAGED)
        snprintf(out, out_bytes, "LFS image damaged: %s at byte %u", report->what,
                 (unsigned)report->off);
    else if (report->fault == LFS_FAULT_ADDRESS)
        snprintf(out, out_bytes, "LFS image is for address 0x%08x, the LFS region is at 0x%08x",
                 (unsigned)report->value[0], (unsigned)report->value[1]);
    else if (report->fault == LFS_FAULT_LINKED && report->value[1] == 0)
        snprintf(out, out_bytes, "image is for core image 0x%08x, and there is no core image",
                 (unsigned)report->value[0]);
    else if (report->fault == LFS_FAULT_LINKED)
        snprintf(out, out_bytes, "image is for core image 0x%08x, this one is 0x%08x",
                 (unsigned)report->value[0], (unsigned)report->value[1]);
    else
        snprintf(out, out_bytes, "%s", fault_text(report->fault));
}

void lfs_mount_text(const struct lfs_report *report, char *out, size_t out_bytes)
{
    if (report->fault == LFS_FAULT_SIGNATURE)
        snprintf(out, out_bytes, "Flash sig not correct: 0x%08x vs 0x%08x",
                 (unsigned)report->value[0], LFS_SIGNATURE_BUILD);
    else if (report->fault == LFS_FAULT_ADDRESS)
        snprintf(
            out, out_bytes, "Flash size check failed: 0x%08x vs 0xFFFFFFFF or 0x%08x >= 0x%08x",
            (unsigned)report->value[0], (unsigned)report->value[1], (unsigned)report->value[2]);
    else
        lfs_report_text(report, out, out_bytes);
}

// ---- unpacking ----

static void note_last_word(struct lfs_input *in, const uint8_t *data, uint32_t bytes)
{
    for (uint32_t i = bytes > 4 ? bytes - 4 : 0; i < bytes; i++)
        in->last_word = in->last_word >> 8 | (uint32_t)data[i] << 24;
}

long lfs_input_read(void *context, void *data, uint32_t bytes)
{
    struct lfs_input *in = context;
    if (in->head_count) {
        memcpy(data, in->head, in->head_count);
        long count = in->head_count;
        in->head_count = 0;
        return count;
    }
    if (bytes > in->left)
        bytes = in->left;
    if (bytes == 0)
        return 0;
    long count = in->read(in->context, data, bytes);
    assert(count <= (long)bytes);
    if (count > 0) {
        in->left -= (uint32_t)count;
        note_last_word(in, data, (uint32_t)count);
    }
    return count;
}

int lfs_input_skip(struct lfs_input *in)
{
    uint8_t data[64];
    while (in->left > 0)
        if (lfs_input_read(in, data, sizeof data) <= 0)
            return STATUS_IO;
    return STATUS_OK;
}

// Fills `data` completely or fails.
static int read_all(struct lfs_input *in, void *data, uint32_t bytes)
{
    uint8_t *at = data;
    while (bytes > 0) {
        long count = lfs_input_read(in, at, bytes);
        if (count <= 0)
            return STATUS_CUT_OFF;
        at += count;
        bytes -= (uint32_t)count;
    }
    return STATUS_OK;
}

int lfs_header_check(const struct lfs_header *header, const struct flash_partition *partition,
                     struct lfs_report *report)
{
    uint32_t signature = header->signature;
    if ((signature & LFS_VERSION_MASK) != (LFS_SIGNATURE & LFS_VERSION_MASK))
        return lfs_fail(report, LFS_FAULT_VERSION, STATUS_VERSION);
    if ((signature ^ LFS_SIGNATURE_BUILD) & (LFS_INTEGER | LFS_PACKED))
        return lfs_fail(report, LFS_FAULT_BUILD, STATUS_VERSION);
    if ((signature & ~LFS_ABSOLUTE) != LFS_SIGNATURE_BUILD)
        return lfs_fail(report, LFS_FAULT_SIGNATURE, STATUS_VERSION);
    if (header->image_bytes > partition->bytes || header->image_bytes > LFS_IMAGE_BYTES_MAX)
        return lfs_fail(report, LFS_FAULT_TOO_BIG, STATUS_NO_SPACE);
    return STATUS_OK;
}

// Bytes that the file must have, unpacked.
static uint32_t wanted_bytes(const struct lfs_header *header, int has_bitmap)
{
    uint32_t words = header->image_bytes / 4;
    return header->image_bytes + (has_bitmap ? 4 * LFS_BITMAP_WORDS(words) : 0);
}

int lfs_lengths_check(const struct lfs_header *header, uint32_t unpacked, int has_bitmap,
                      struct lfs_report *report)
{
    uint32_t least = sizeof(struct lfs_header) + sizeof(struct lfs_proto);
    if (header->image_bytes % 4 != 0 || header->image_bytes < least ||
        unpacked != wanted_bytes(header, has_bitmap))
        return lfs_fail(report, LFS_FAULT_LENGTH, STATUS_DAMAGED);
    return STATUS_OK;
}

int lfs_inflate_fail(enum inflate_result result, struct lfs_report *report)
{
    switch (result) {
    case INFLATE_DICTIONARY:
        return lfs_fail(report, LFS_FAULT_DICTIONARY, STATUS_LIMIT);
    case INFLATE_CHECKSUM:
        return lfs_fail(report, LFS_FAULT_CHECKSUM, STATUS_DAMAGED);
    case INFLATE_FULL:
        return lfs_fail(report, LFS_FAULT_LENGTH, STATUS_DAMAGED);
    case INFLATE_READ:
        return lfs_fail(report, LFS_FAULT_READ, STATUS_IO);
    default:
        return lfs_fail(report, LFS_FAULT_READ, STATUS_DAMAGED);
    }
}

static int unpack(const struct lfs_target *target, struct lfs_input *in, struct lfs_work *work,
                  uint32_t *unpacked, struct lfs_report *report)
{
    *unpacked = 0;
    enum inflate_result result = inflate_gzip(lfs_input_read, in, (uint8_t *)work->image,
                                              sizeof work->image, unpacked);
    const struct lfs_header *header = (const struct lfs_header *)(const void *)work->image;
    if (result == INFLATE_READ || *unpacked < sizeof *header)
        return lfs_inflate_fail(result == INFLATE_DONE ? INFLATE_FULL : result, report);
    int status = lfs_header_check(header, &target->partition, report);
    if (status != STATUS_OK)
        return status;
    // The firmware takes the file's last word for the length, whatever lies between it and the end
    // of the stream, before it unpacks the rest.
    if (lfs_input_skip(in) != STATUS_OK)
        return lfs_fail(report, LFS_FAULT_READ, STATUS_IO);
    status = lfs_lengths_check(header, in->last_word, 1, report);
    if (status == STATUS_OK && result != INFLATE_DONE)
        status = lfs_inflate_fail(result, report);
    return status == STATUS_OK ? lfs_lengths_check(header, *unpacked, 1, report) : status;
}

// Turns word offsets into addresses where the bitmap says so.
static int relocate(struct lfs_work *work, uint32_t image_bytes, uint32_t base_addr,
                    const struct lfs_below *below, struct lfs_report *report)
{
    uint32_t words = image_bytes / 4;
    const uint32_t *bitmap = work->image + words;
    assert(words <= LFS_WORDS_MAX && image_bytes % 4 == 0);
    for (uint32_t i = 0; i < words; i++) {
        if (!(bitmap[i / 32] >> (i % 32) & 1))
            continue;
        work->image[i] = lfs_link_addr(work->image[i], words, base_addr, below);
        if (work->image[i] == 0) {
            report->what = "pointer out of the image";
            report->off = 4 * i;
            return lfs_fail(report, LFS_FAULT_DAMAGED, STATUS_DAMAGED);
        }
    }
    return STATUS_OK;
}

int lfs_link_below(const struct lfs_target *target, struct lfs_header *header,
                   const struct lfs_below *below, struct lfs_report *report)
{
    if (header->linked_crc == 0 && target->region == REGION_DEVS && below->count > 0)
        return lfs_fail(report, LFS_FAULT_UNLINKED, STATUS_VERSION);
    if (header->linked_crc == 0)
        return STATUS_OK;
    report->value[0] = header->linked_crc;
    report->value[1] = lfs_link_name_below(below);
    if (header->linked_crc != report->value[1])
        return lfs_fail(report, LFS_FAULT_LINKED, STATUS_VERSION);
    header->linked_crc = lfs_below_crc(below);
    return STATUS_OK;
}

static int read_plain(const struct lfs_target *target, struct lfs_input *in, uint32_t file_bytes,
                      struct lfs_work *work, struct lfs_report *report)
{
    if (file_bytes > sizeof work->image)
        return lfs_fail(report, LFS_FAULT_TOO_BIG, STATUS_NO_SPACE);
    if (file_bytes < sizeof(struct lfs_header) ||
        read_all(in, work->image, file_bytes) != STATUS_OK)
        return lfs_fail(report, LFS_FAULT_READ, STATUS_CUT_OFF);
    const struct lfs_header *header = (const struct lfs_header *)(const void *)work->image;
    uint32_t family = LFS_SIGNATURE_MASK & ~LFS_VERSION_MASK;
    if ((header->signature & family) != (LFS_SIGNATURE & family) || // no image at all
        !(header->signature & LFS_ABSOLUTE))
        return lfs_fail(report, LFS_FAULT_READ, STATUS_DAMAGED);
    int status = lfs_header_check(header, &target->partition, report);
    if (status != STATUS_OK)
        return status;
    return lfs_lengths_check(header, file_bytes, 0, report);
}

// The slots lie directly after the header, so the pointer to them tells the image's address.
static int check_address(const struct lfs_work *work, uint32_t base_addr, struct lfs_report *report)
{
    const struct lfs_header *header = (const struct lfs_header *)(const void *)work->image;
    uint32_t slots_addr = base_addr + (uint32_t)sizeof *header;
    if (header->string_slots == slots_addr && header->main_proto - base_addr < header->image_bytes)
        return STATUS_OK;
    report->value[0] = header->string_slots - (uint32_t)sizeof *header;
    report->value[1] = base_addr;
    return lfs_fail(report, LFS_FAULT_ADDRESS, STATUS_DAMAGED);
}

int lfs_prepare(const struct lfs_target *target, inflate_read read, void *context,
                uint32_t file_bytes, unsigned flags, struct lfs_work *work, uint32_t *image_bytes,
                struct lfs_report *report)
{
    assert(target && read && work && image_bytes && report);
    *report = (struct lfs_report){LFS_FAULT_NONE, NULL, 0, {0}};
    if (target->partition.bytes == 0)
        return lfs_fail(report, LFS_FAULT_NO_PARTITION, STATUS_NOT_FOUND);
    if (file_bytes <= LFS_FILE_BYTES_MIN)
        return lfs_fail(report, LFS_FAULT_READ, STATUS_CUT_OFF);
    struct lfs_input in = {.read = read, .context = context, .left = file_bytes};
    if (read_all(&in, in.head, sizeof in.head) != STATUS_OK)
        return lfs_fail(report, LFS_FAULT_READ, STATUS_IO);
    in.head_count = sizeof in.head;
    int is_plain = !(in.head[0] == 0x1F && in.head[1] == 0x8B);
    if (is_plain && !(flags & LFS_TAKE_PLAIN))
        return lfs_fail(report, LFS_FAULT_READ, STATUS_DAMAGED);
    uint32_t base_addr = partitions_addr(&target->partition), unpacked = 0;
    int status = is_plain ? read_plain(target, &in, file_bytes, work, report)
                          : unpack(target, &in, work, &unpacked, report);
    if (status != STATUS_OK)
        return status;
    uint32_t bytes = work->image[1];
    struct lfs_below below;
    lfs_below_init(&below, target->device, target->region);
    if (!is_plain)
        status = lfs_link_below(target, (struct lfs_header *)(void *)work->image, &below, report);
    if (!is_plain && status == STATUS_OK)
        status = relocate(work, bytes, base_addr, &below, report);
    if (status == STATUS_OK)
        status = check_address(work, base_addr, report);
    if (status == STATUS_OK)
        status = lfs_check(work->image, bytes, base_addr, &below, target->verify, &work->marks,
                           report);
    assert((status == STATUS_OK) == (report->fault == LFS_FAULT_NONE));
    assert(status != STATUS_OK || (bytes <= target->partition.bytes && bytes % 4 == 0));
    *image_bytes = bytes;
    return status;
}

// ---- writing ----

// A bit that every signature of this build has.
#define LFS_SIGNATURE_BIT (LFS_SIGNATURE_BUILD & ~(LFS_SIGNATURE_BUILD - 1))
_Static_assert((LFS_SIGNATURE_BIT & (LFS_ABSOLUTE | LFS_WRITING)) == 0, "a bit of the signature");
_Static_assert((LFS_RETRACTED & ~LFS_ABSOLUTE) != LFS_SIGNATURE_BUILD, "no signature");

int lfs_is_signature(uint32_t word)
{
    return (word & ~LFS_ABSOLUTE) == LFS_SIGNATURE_BUILD;
}

int lfs_retract(const struct lfs_target *target)
{
    uint32_t word, off = target->partition.off;
    if (flash_read(target->device, off, &word, 4) != STATUS_OK)
        return STATUS_IO;
    // Cut in the middle, the loss of its in-progress bit alone would complete an unfinished image.
    if (lfs_is_signature(word & ~LFS_WRITING) && !lfs_is_signature(word)) {
        word &= ~LFS_SIGNATURE_BIT;
        (void)!flash_program(target->device, off, &word, 4); // what comes next tells
    }
    word = LFS_RETRACTED;
    if (flash_program(target->device, off, &word, 4) == STATUS_OK)
        return STATUS_OK;
    if (flash_read(target->device, off, &word, 4) != STATUS_OK)
        return STATUS_IO;
    return lfs_is_signature(word) ? STATUS_IO : STATUS_OK;
}

int lfs_discard(const struct lfs_target *target)
{
    assert(target->partition.bytes >= sizeof(struct lfs_header));
    return lfs_retract(target);
}

int lfs_erase(const struct lfs_target *target, uint32_t image_bytes)
{
    uint32_t off = target->partition.off;
    uint32_t sector_bytes = flash_sector_bytes(target->device);
    assert(off % sector_bytes == 0);
    if (image_bytes > sector_bytes) {
        int status = flash_erase(target->device, off + sector_bytes, image_bytes - sector_bytes);
        if (status != STATUS_OK)
            return status;
    }
    return flash_erase(target->device, off, sector_bytes);
}

static int write_image(const struct lfs_target *target, const struct lfs_work *work,
                       uint32_t image_bytes)
{
    uint32_t off = target->partition.off;
    uint32_t first = work->image[0] | LFS_WRITING;
    assert(!lfs_is_signature(first));
    if (lfs_retract(target) != STATUS_OK || lfs_erase(target, image_bytes) != STATUS_OK ||
        flash_program(target->device, off, &first, 4) != STATUS_OK ||
        flash_program(target->device, off + 4, work->image + 1, image_bytes - 4) != STATUS_OK)
        return STATUS_IO;
    first = work->image[0];
    return flash_program(target->device, off, &first, 4);
}

void lfs_unmount_in(const struct lfs_target *target)
{
    const struct flash_region *region = flash_region_find(target->region);
    if (region && region->begin - WINDOW_ADDR - target->partition.off < target->partition.bytes)
        flash_regions_unmount(target->region);
}

int lfs_write(const struct lfs_target *target, const struct lfs_work *work, uint32_t image_bytes,
              struct lfs_report *report)
{
    assert(image_bytes % 4 == 0 && image_bytes >= sizeof(struct lfs_header));
    assert(image_bytes <= target->partition.bytes);
    assert(lfs_is_signature(work->image[0]));
    lfs_unmount_in(target);
    if (write_image(target, work, image_bytes) == STATUS_OK)
        return STATUS_OK;
    // What was half written must not look like an image: neither now nor while it is erased. Where
    // the first word cannot even be taken back, nothing after it was or is touched.
    if (lfs_retract(target) == STATUS_OK)
        (void)!lfs_erase(target, image_bytes);
    return lfs_fail(report, LFS_FAULT_WRITE, STATUS_IO);
}

// ---- mounting ----

void lfs_unmount(void)
{
    flash_regions_unmount(REGION_LFS);
}

// The firmware's checks at boot; then ours.
static int check_boot_header(const struct lfs_header *header, uint32_t base_addr,
                             struct lfs_report *report)
{
    if (header->signature == 0xFFFFFFFFu)
        return STATUS_NOT_FOUND;
    if (header->signature == LFS_RETRACTED)
        return lfs_fail(report, LFS_FAULT_UNFINISHED, STATUS_CUT_OFF);
    if (!lfs_is_signature(header->signature)) {
        report->value[0] = header->signature;
        return lfs_fail(report, LFS_FAULT_SIGNATURE, STATUS_VERSION);
    }
    uint32_t main_off = header->main_proto - base_addr;
    if (header->string_slots == LFS_SLOTS_ERASED || main_off >= header->image_bytes) {
        report->value[0] = header->string_slots;
        report->value[1] = main_off;
        report->value[2] = header->image_bytes;
        return lfs_fail(report, LFS_FAULT_ADDRESS, STATUS_DAMAGED);
    }
    return STATUS_OK;
}

void lfs_mount_checked(const struct lfs_target *target)
{
    const struct flash_partition *partition = &target->partition;
    uint32_t base_addr = partitions_addr(partition);
    const struct lfs_header *header = (const struct lfs_header *)(const void *)flash_in_place(
        target->device, partition->off, partition->bytes);
    assert(header && header->image_bytes <= partition->bytes && header->slot_count != 0);
    flash_regions_mount(&(struct flash_region){
        .id = target->region,
        .begin = base_addr,
        .end = base_addr + header->image_bytes,
        .slots_addr = header->string_slots,
        .slot_count = header->slot_count,
        .string_count = header->string_count,
        .index_addr = header->main_proto,
        .linked_crc = header->linked_crc,
    });
}

int lfs_mount(const struct lfs_target *target, struct lfs_marks *marks, struct lfs_report *report)
{
    const struct flash_partition *partition = &target->partition;
    *report = (struct lfs_report){LFS_FAULT_NONE, NULL, 0, {0}};
    flash_regions_unmount(target->region);
    if (partition->bytes == 0)
        return STATUS_NOT_FOUND;
    const uint8_t *at = flash_in_place(target->device, partition->off, partition->bytes);
    if (!at)
        return lfs_fail(report, LFS_FAULT_NO_PARTITION, STATUS_USAGE);
    if (!flash_is_current(target->device, partition->off, partition->bytes) &&
        flash_refresh(target->device, partition->off, partition->bytes) != STATUS_OK)
        return lfs_fail(report, LFS_FAULT_STALE, STATUS_USAGE);
    assert((uintptr_t)at % 4 == 0 && partition->off % flash_sector_bytes(target->device) == 0);
    uint32_t base_addr = partitions_addr(partition);
    const struct lfs_header *header = (const struct lfs_header *)(const void *)at;
    struct lfs_below below;
    lfs_below_init(&below, target->device, target->region);
    int status = check_boot_header(header, base_addr, report);
    if (status == STATUS_OK)
        status = lfs_check(at, partition->bytes, base_addr, &below, target->verify, marks, report);
    if (status != STATUS_OK)
        return status;
    lfs_mount_checked(target);
    return STATUS_OK;
}
