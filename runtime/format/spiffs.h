// spiffs.h: the firmware's file system: how much room files take, and how its images are laid out.
//
// Written and read by analyzer/flash/spiffs_*.c. Little-endian; addresses are relative to the start
// of the file system.
//
// Image: blocks of SPIFFS_ALIGN_BYTES (of half of it below SPIFFS_SMALL_BYTES_MAX), each of pages
// of 256 bytes. The first page of a block is its table: the owner of each other page, a u16
// (erased: free; 0: deleted; else the object, bit 15 set if it is a page of its index), at 252 the
// magic, which depends on the number of blocks, at 254 a count of erases. Used pages come first.
// Page: object u16, span u16 (its place among the data or the index pages of the object), flags u8,
// which hold when they are 0; then 251 bytes of content, or an index: of span 0 at 8 the size
// (erased: 0), at 12 the type, at 13 the name, at 46 the numbers of the first 105 data pages; of
// others at 8 the numbers of 124 more. Bytes of a page that nothing uses are erased. Source:
// pellepl/spiffs with the firmware's settings: pages of 256 bytes, of which 251 hold
//         content, the object index aligned to 2; blocks of 8 KiB, of 4 KiB below 32 KiB; the first
//         page of a block is its own table, and two blocks are kept for collecting.

#ifndef FROST_FORMAT_SPIFFS_H
#define FROST_FORMAT_SPIFFS_H

#include <stdint.h>

#define SPIFFS_NAME_BYTES_MAX 31 // without the 0 at the end
#define SPIFFS_OPEN_MAX 4        // descriptors of the firmware

#define SPIFFS_PAGE_BYTES 256u
#define SPIFFS_CONTENT_BYTES 251u      // of a page
#define SPIFFS_HEADER_PAGES 105u       // content pages that the index header lists
#define SPIFFS_INDEX_PAGES 124u        // that each further index page lists
#define SPIFFS_ALIGN_BYTES 8192u       // begin and end of the partition are rounded inwards to it
#define SPIFFS_ROOM_BYTES_MIN 16384u   // below this there is no file system
#define SPIFFS_SMALL_BYTES_MAX 0x8000u // below this blocks are small
#define SPIFFS_BLOCKS_KEPT 2u

#define SPIFFS_MAGIC(blocks, block) ((uint16_t)(0x0429u ^ ((blocks) - (block))))
#define SPIFFS_MAGIC_OFF 252u // in the first page of a block
#define SPIFFS_ERASES_OFF 254u
#define SPIFFS_BLOCKS_MIN 4u
#define SPIFFS_PAGES_MAX 0xFFFFu

#define SPIFFS_FREE 0xFFFFu
#define SPIFFS_DELETED 0u
#define SPIFFS_IS_INDEX 0x8000u // in an owner

#define SPIFFS_SPAN_OFF 2u // in a page
#define SPIFFS_FLAGS_OFF 4u
#define SPIFFS_CONTENT_OFF 5u
#define SPIFFS_SIZE_OFF 8u // in an index page of span 0
#define SPIFFS_TYPE_OFF 12u
#define SPIFFS_NAME_OFF 13u
#define SPIFFS_NAME_FIELD 32u
#define SPIFFS_HEADER_TABLE_OFF 46u
#define SPIFFS_INDEX_TABLE_OFF 8u // in others
#define SPIFFS_TYPE_FILE 1u

#define SPIFFS_FLAGS_DATA 0xFCu // used, finished
#define SPIFFS_FLAGS_INDEX 0xF8u

// Pages that a file of `bytes` bytes takes: index header, content, further index pages.
static inline uint32_t spiffs_file_pages(uint32_t bytes)
{
    uint32_t content = bytes / SPIFFS_CONTENT_BYTES + (bytes % SPIFFS_CONTENT_BYTES != 0);
    uint32_t more = content > SPIFFS_HEADER_PAGES ? content - SPIFFS_HEADER_PAGES : 0;
    return 1 + content + (more + SPIFFS_INDEX_PAGES - 1) / SPIFFS_INDEX_PAGES;
}

// What file.fsinfo calls the total of a partition of `bytes` at flash offset `off`; 0: too small.
static inline uint32_t spiffs_total_bytes(uint32_t off, uint32_t bytes)
{
    uint32_t begin = (off + SPIFFS_ALIGN_BYTES - 1) & ~(SPIFFS_ALIGN_BYTES - 1);
    uint32_t end = (off + bytes) & ~(SPIFFS_ALIGN_BYTES - 1);
    uint32_t room = end > begin ? end - begin : 0;
    if (room < SPIFFS_ROOM_BYTES_MIN)
        return 0;
    uint32_t block = room < SPIFFS_SMALL_BYTES_MAX ? SPIFFS_ALIGN_BYTES / 2 : SPIFFS_ALIGN_BYTES;
    uint32_t pages = block / SPIFFS_PAGE_BYTES - 1; // that hold anything
    return ((room / block - SPIFFS_BLOCKS_KEPT) * pages + 1) * SPIFFS_CONTENT_BYTES;
}

#endif
