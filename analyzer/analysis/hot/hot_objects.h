// hot_objects.h: what lies in flash, by the address or the text that an event names.
//
// Reads: the copies of images that traces keep. An image that cannot be read costs names, not
// figures: what lay in it counts as HOT_OBJECT_UNKNOWN, or by its text.
// Memory: the images, HOT_OBJECTS_MAX objects at most; beyond, objects count as unknown.

#ifndef FROST_ANALYSIS_HOT_OBJECTS_H
#define FROST_ANALYSIS_HOT_OBJECTS_H

#include "analyzer/base/hash_table.h"
#include "analyzer/elf/elf_image.h"
#include "analyzer/image/image_reader.h"
#include "analyzer/trace/trace_dict.h"

#define HOT_OBJECTS_MAX 65536u
#define HOT_IMAGES_MAX 16u
#define HOT_OBJECT_NONE 0u // index of the unknown object

enum hot_object_kind {
    HOT_OBJECT_UNKNOWN, // outside the images that could be read
    HOT_OBJECT_STRING,
    HOT_OBJECT_LINES,    // packed line table of a function
    HOT_OBJECT_FUNCTION, // record, code and constants
    HOT_OBJECT_TABLE,    // header and hash vector of an image
    HOT_OBJECT_C_TEXT,   // of the chip's firmware: a string constant of C
    HOT_OBJECT_C_DATA,   // a variable or table with a name, or a constant of a section
    HOT_OBJECT_C_CODE,   // code, and the literals before it: by function
};

struct hot_object {
    enum hot_object_kind kind;
    struct text text;   // content of a string, else the name; empty if it is not known
    struct text module; // that it belongs to, empty if none or several
    uint64_t hash;      // of the content or the name
    uint32_t bytes;     // length of a string; of a function, what it would take in RAM
    uint32_t addr;      // where it lay first, 0 if it never was in flash
    uint32_t image;     // number + 1 of that image, 0 if none
    uint32_t use_count; // functions of the image whose code has the string
};

struct hot_image {
    struct text file; // name of the copy
    uint32_t addr, bytes, crc;
    const struct image *image; // NULL: could not be read
    uint32_t *objects;         // index + 1 by word of the image; 0 not looked up
    uint64_t *reads;           // by byte, after hot_objects_end(): times it was read by itself
};

struct hot_objects {
    struct arena *arena;
    const struct exclude *exclude; // texts that are left out; NULL: none
    struct hot_object *items;      // items[HOT_OBJECT_NONE] is always there
    uint32_t count, room;
    struct hash_table by_hash;        // of items: hot_object.hash and kind
    uint64_t lost_count;              // objects that found no place
    const struct elf_image *firmware; // of the chip, NULL if there is none
    uint32_t **firmware_objects;      // by section and word: index + 1, 0 not looked up
    struct hot_image images[HOT_IMAGES_MAX];
    uint32_t image_count;
    uint32_t mounted[HOT_IMAGES_MAX]; // numbers of the images that are mounted now
    uint32_t mounted_count;
    uint32_t unreadable_count; // images whose copy could not be read
    char unreadable_why[160];  // of the first one
};

void hot_objects_init(struct hot_objects *objects, struct arena *arena);

// Forgets what is mounted: a boot, or a new run.
void hot_objects_unmount_all(struct hot_objects *objects);

// An image is mounted; one that lay there before is gone.
void hot_objects_mount(struct hot_objects *objects, struct trace *trace,
                       const struct trace_event_image_mounted *mounted);

// The object at an address of the window: of a mounted image, else of the firmware.
uint32_t hot_objects_at(struct hot_objects *objects, uint32_t addr);

// The string with this text; `addr` is that of its characters, 0 if it is not in flash.
uint32_t hot_objects_text(struct hot_objects *objects, uint64_t hash, uint32_t bytes,
                          struct text content, uint32_t addr);

// Notes that `bytes` bytes from `addr` on were each read `times` times by themselves.
void hot_objects_note_bytes(struct hot_objects *objects, uint32_t addr, uint32_t bytes,
                            uint64_t times);

// Sums the notes up: from here on hot_image.reads has the figure of each byte.
void hot_objects_end(struct hot_objects *objects);

#endif
