// lfs.c: from an image file to the LFS partition, and from there to the mounted image.
//
// Reads: the caller's input function, the device. Writes: the LFS partition, flash_mounted.
// Memory: the caller's struct lfs_work.

#include "runtime/flash/lfs.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/flash/lfs_image_view.h"

struct lfs_target lfs_target;

static int fail(struct lfs_report *report, enum lfs_fault fault, int status)
{
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
    case LFS_FAULT_WRITE:
        return "LFS region cannot be written";
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
    else
        snprintf(out, out_bytes, "%s", fault_text(report->fault));
}

void lfs_mount_text(const struct lfs_report *report, char *out, size_t out_bytes)
{
    if (report->fault == LFS_FAULT_SIGNATURE)
        snprintf(out, out_bytes, "Flash sig not correct: 0x%08x vs 0x%08x",
                 (unsigned)report->value[0], LFS_SIGNATURE_BUILD);
    else if (report->fault == LFS_FAULT_ADDRESS)
        snprintf(out, out_bytes,
                 "Flash size check failed: 0x%08x vs 0xFFFFFFFF or 0x%08x >= 0x%08x",
                 (unsigned)report->value[0], (unsigned)report->value[1],
                 (unsigned)report->value[2]);
    else
        lfs_report_text(report, out, out_bytes);
}

// ---- unpacking ----

// Counts what passes, and ends at the length that the caller was told.
struct metered_input {
    inflate_read read;
    void *context;
    uint32_t left;
    uint8_t head[2]; // bytes that were looked at, to be given once more
    uint32_t head_count;
};

static long metered_read(void *context, void *data, uint32_t bytes)
{
    struct metered_input *in = context;
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
    if (count > 0)
        in->left -= (uint32_t)count;
    return count;
}

// Fills `data` completely or fails.
static int read_all(struct metered_input *in, void *data, uint32_t bytes)
{
    uint8_t *at = data;
    while (bytes > 0) {
        long count = metered_read(in, at, bytes);
        if (count <= 0)
            return STATUS_CUT_OFF;
        at += count;
        bytes -= (uint32_t)count;
    }
    return STATUS_OK;
}

// The checks that the firmware makes as soon as it sees the header, in its order.
static int check_header(const struct lfs_header *header, const struct flash_partition *partition,
                        struct lfs_report *report)
{
    uint32_t signature = header->signature;
    if ((signature & LFS_VERSION_MASK) != (LFS_SIGNATURE & LFS_VERSION_MASK))
        return fail(report, LFS_FAULT_VERSION, STATUS_VERSION);
    if ((signature ^ LFS_SIGNATURE_BUILD) & (LFS_INTEGER | LFS_PACKED))
        return fail(report, LFS_FAULT_BUILD, STATUS_VERSION);
    if ((signature & ~LFS_ABSOLUTE) != LFS_SIGNATURE_BUILD)
        return fail(report, LFS_FAULT_SIGNATURE, STATUS_VERSION);
    if (header->image_bytes > partition->bytes || header->image_bytes > LFS_IMAGE_BYTES_MAX)
        return fail(report, LFS_FAULT_TOO_BIG, STATUS_NO_SPACE);
    return STATUS_OK;
}

static int check_lengths(const struct lfs_header *header, uint32_t unpacked, int has_bitmap,
                         struct lfs_report *report)
{
    uint32_t words = header->image_bytes / 4;
    uint32_t wanted = header->image_bytes + (has_bitmap ? 4 * LFS_BITMAP_WORDS(words) : 0);
    uint32_t least = sizeof(struct lfs_header) + sizeof(struct lfs_proto);
    if (header->image_bytes % 4 != 0 || header->image_bytes < least || unpacked != wanted)
        return fail(report, LFS_FAULT_LENGTH, STATUS_DAMAGED);
    return STATUS_OK;
}

static int inflate_fault(enum inflate_result result, struct lfs_report *report)
{
    switch (result) {
    case INFLATE_DICTIONARY:
        return fail(report, LFS_FAULT_DICTIONARY, STATUS_LIMIT);
    case INFLATE_CHECKSUM:
        return fail(report, LFS_FAULT_CHECKSUM, STATUS_DAMAGED);
    case INFLATE_FULL:
        return fail(report, LFS_FAULT_LENGTH, STATUS_DAMAGED);
    case INFLATE_READ:
        return fail(report, LFS_FAULT_READ, STATUS_IO);
    default:
        return fail(report, LFS_FAULT_READ, STATUS_DAMAGED);
    }
}

static int unpack(const struct lfs_target *target, struct metered_input *in, struct lfs_work *work,
                  uint32_t *unpacked, struct lfs_report *report)
{
    *unpacked = 0;
    enum inflate_result result =
        inflate_gzip(metered_read, in, (uint8_t *)work->image, sizeof work->image, unpacked);
    const struct lfs_header *header = (const struct lfs_header *)(const void *)work->image;
    if (*unpacked >= sizeof *header) {
        int status = check_header(header, &target->partition, report);
        if (status != STATUS_OK)
            return status;
    }
    if (result != INFLATE_DONE)
        return inflate_fault(result, report);
    if (*unpacked < sizeof *header || in->left != 0)
        return fail(report, LFS_FAULT_LENGTH, STATUS_DAMAGED);
    return check_lengths(header, *unpacked, 1, report);
}

// Turns word offsets into addresses where the bitmap says so.
static int relocate(struct lfs_work *work, uint32_t image_bytes, uint32_t base_addr,
                    struct lfs_report *report)
{
    uint32_t words = image_bytes / 4;
    const uint32_t *bitmap = work->image + words;
    for (uint32_t i = 0; i < words; i++) {
        if (!(bitmap[i / 32] >> (i % 32) & 1))
            continue;
        if (work->image[i] >= words) {
            report->what = "pointer out of the image";
            report->off = 4 * i;
            return fail(report, LFS_FAULT_DAMAGED, STATUS_DAMAGED);
        }
        work->image[i] = base_addr + 4 * work->image[i];
    }
    return STATUS_OK;
}

static int read_plain(const struct lfs_target *target, struct metered_input *in,
                      uint32_t file_bytes, struct lfs_work *work, struct lfs_report *report)
{
    if (file_bytes > sizeof work->image)
        return fail(report, LFS_FAULT_TOO_BIG, STATUS_NO_SPACE);
    if (file_bytes < sizeof(struct lfs_header) ||
        read_all(in, work->image, file_bytes) != STATUS_OK)
        return fail(report, LFS_FAULT_READ, STATUS_CUT_OFF);
    const struct lfs_header *header = (const struct lfs_header *)(const void *)work->image;
    uint32_t family = LFS_SIGNATURE_MASK & ~LFS_VERSION_MASK;
    if ((header->signature & family) != (LFS_SIGNATURE & family)) // no image at all
        return fail(report, LFS_FAULT_READ, STATUS_DAMAGED);
    int status = check_header(header, &target->partition, report);
    if (status != STATUS_OK)
        return status;
    if (!(header->signature & LFS_ABSOLUTE))
        return fail(report, LFS_FAULT_READ, STATUS_DAMAGED);
    return check_lengths(header, file_bytes, 0, report);
}

// The slots lie directly behind the header, so the pointer to them tells the image's address.
static int check_address(const struct lfs_work *work, uint32_t base_addr,
                         struct lfs_report *report)
{
    const struct lfs_header *header = (const struct lfs_header *)(const void *)work->image;
    uint32_t slots_addr = base_addr + (uint32_t)sizeof *header;
    if (header->string_slots == slots_addr && header->main_proto - base_addr < header->image_bytes)
        return STATUS_OK;
    report->value[0] = header->string_slots - (uint32_t)sizeof *header;
    report->value[1] = base_addr;
    return fail(report, LFS_FAULT_ADDRESS, STATUS_DAMAGED);
}

int lfs_prepare(const struct lfs_target *target, inflate_read read, void *context,
                uint32_t file_bytes, unsigned flags, struct lfs_work *work, uint32_t *image_bytes,
                struct lfs_report *report)
{
    assert(target && read && work && image_bytes && report);
    *report = (struct lfs_report){LFS_FAULT_NONE, NULL, 0, {0}};
    if (target->partition.bytes == 0)
        return fail(report, LFS_FAULT_NO_PARTITION, STATUS_NOT_FOUND);
    if (file_bytes <= LFS_FILE_BYTES_MIN)
        return fail(report, LFS_FAULT_READ, STATUS_CUT_OFF);
    struct metered_input in = {.read = read, .context = context, .left = file_bytes};
    if (read_all(&in, in.head, sizeof in.head) != STATUS_OK)
        return fail(report, LFS_FAULT_READ, STATUS_IO);
    in.head_count = sizeof in.head;
    int is_plain = !(in.head[0] == 0x1F && in.head[1] == 0x8B);
    if (is_plain && !(flags & LFS_TAKE_PLAIN))
        return fail(report, LFS_FAULT_READ, STATUS_DAMAGED);
    uint32_t base_addr = partitions_addr(&target->partition), unpacked = 0;
    int status = is_plain ? read_plain(target, &in, file_bytes, work, report)
                          : unpack(target, &in, work, &unpacked, report);
    if (status != STATUS_OK)
        return status;
    uint32_t bytes = work->image[1];
    if (!is_plain)
        status = relocate(work, bytes, base_addr, report);
    if (status == STATUS_OK)
        status = check_address(work, base_addr, report);
    if (status == STATUS_OK)
        status = lfs_check(work->image, bytes, base_addr, target->verify, &work->marks, report);
    *image_bytes = bytes;
    return status;
}

// ---- writing ----

static int write_image(const struct lfs_target *target, const struct lfs_work *work,
                       uint32_t image_bytes)
{
    uint32_t off = target->partition.off;
    uint32_t first = work->image[0] | LFS_WRITING;
    if (flash_erase(target->device, off, image_bytes) != STATUS_OK ||
        flash_program(target->device, off, &first, 4) != STATUS_OK ||
        flash_program(target->device, off + 4, work->image + 1, image_bytes - 4) != STATUS_OK)
        return STATUS_IO;
    first = work->image[0];
    return flash_program(target->device, off, &first, 4);
}

int lfs_write(const struct lfs_target *target, const struct lfs_work *work, uint32_t image_bytes,
              struct lfs_report *report)
{
    assert(image_bytes % 4 == 0 && image_bytes <= target->partition.bytes);
    assert((work->image[0] & LFS_WRITING) == 0);
    lfs_unmount();
    if (write_image(target, work, image_bytes) == STATUS_OK)
        return STATUS_OK;
    // What was half written must not look like an image; if even this fails, the word in progress
    // still says so.
    (void)!flash_erase(target->device, target->partition.off, image_bytes);
    return fail(report, LFS_FAULT_WRITE, STATUS_IO);
}

// ---- mounting ----

void lfs_unmount(void)
{
    flash_mounted = (struct flash_mounted){0};
}

// The firmware's checks at boot; then ours.
static int check_boot_header(const struct lfs_header *header, uint32_t base_addr,
                             struct lfs_report *report)
{
    if (header->signature == 0 || header->signature == 0xFFFFFFFFu)
        return STATUS_NOT_FOUND;
    if ((header->signature & ~LFS_ABSOLUTE) != LFS_SIGNATURE_BUILD) {
        report->value[0] = header->signature;
        return fail(report, LFS_FAULT_SIGNATURE, STATUS_VERSION);
    }
    uint32_t main_off = header->main_proto - base_addr;
    if (header->string_slots == LFS_SLOTS_ERASED || main_off >= header->image_bytes) {
        report->value[0] = header->string_slots;
        report->value[1] = main_off;
        report->value[2] = header->image_bytes;
        return fail(report, LFS_FAULT_ADDRESS, STATUS_DAMAGED);
    }
    return STATUS_OK;
}

int lfs_mount(const struct lfs_target *target, struct lfs_marks *marks, struct lfs_report *report)
{
    const struct flash_partition *partition = &target->partition;
    *report = (struct lfs_report){LFS_FAULT_NONE, NULL, 0, {0}};
    lfs_unmount();
    if (partition->bytes == 0)
        return STATUS_NOT_FOUND;
    const uint8_t *at = flash_in_place(target->device, partition->off, partition->bytes);
    if (!at)
        return fail(report, LFS_FAULT_NO_PARTITION, STATUS_USAGE);
    uint32_t base_addr = partitions_addr(partition);
    const struct lfs_header *header = (const struct lfs_header *)(const void *)at;
    int status = check_boot_header(header, base_addr, report);
    if (status == STATUS_OK)
        status = lfs_check(at, partition->bytes, base_addr, target->verify, marks, report);
    if (status != STATUS_OK)
        return status;
    flash_mounted = (struct flash_mounted){
        .slots_addr = header->string_slots,
        .slot_count = header->slot_count,
        .string_count = header->string_count,
        .index_addr = header->main_proto,
        .image_addr = base_addr,
        .image_bytes = header->image_bytes,
    };
    return STATUS_OK;
}
