// heap_texts.h: what is known about each distinct text that was a string of a run.
//
// Identity of a text is (hash of the content, length), across runs.
// Memory: a text takes 250 bytes and its content, at most TRACE_TEXT_BYTES_MAX. When there are
// HEAP_TEXTS_MAX texts, or HEAP_CONTENTS_MAX bytes of content, those that do not live and did not
// live at a highest point are dropped, the ones that took the least bytes x time first; how many
// and how much is counted. Where that frees too little, because so many texts live at once, the
// limit doubles: the table has room for 8 thirds of what must stay at most, whatever the length of
// a trace, and a text is added in constant time on the average. Whoever needs exact figures of the
// ones that were kept counts again in a second replay.

#ifndef FROST_ANALYSIS_HEAP_TEXTS_H
#define FROST_ANALYSIS_HEAP_TEXTS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/analysis/heap/text_sources.h"
#include "analyzer/base/arena.h"
#include "analyzer/base/hash_table.h"
#include "analyzer/base/text.h"
#include "runtime/format/trace_events.h"

#define HEAP_TEXTS_MAX 131072u
#define HEAP_CONTENTS_MAX (32u << 20)
#define HEAP_TEXT_SITES 3

// Moments whose live texts are told apart: the highest point of the ledger, and the highest point
// of the ledger without the strings that a list could move to flash.
enum heap_moment { HEAP_MOMENT_PEAK, HEAP_MOMENT_REST, HEAP_MOMENT_COUNT };

struct heap_text_site {
    uint32_t site; // index in the sites of the profile
    uint64_t births;
};

// What most events look at stands first, in one line of the cache.
struct heap_text {
    uint64_t hash;                       // of the whole content
    uint32_t bytes;                      // length
    uint32_t live_count;                 // blocks that hold it now
    uint64_t *characters;                // read one by one, by enum trace_content; NULL if never
    uint64_t births;                     // times it was made in RAM
    uint64_t found_ram;                  // times interning found it there
    uint64_t byte_time;                  // bytes x instructions while in RAM
    uint64_t live_at[HEAP_MOMENT_COUNT]; // step of the newest moment at which it was known to live
    uint64_t found_flash;
    struct text content;                   // may be shorter than `bytes`, or empty (--no-text)
    uint32_t runs_ram;                     // runs in which it was a string in RAM
    uint32_t runs_flash;                   // runs in which interning found it in flash
    uint32_t runs_retained;                // runs at whose end it was in RAM
    uint32_t last_run_ram, last_run_flash; // number of the last such run, from 1
    struct text_sources sources;
    uint64_t collections; // that ended while it was in RAM
    uint32_t snapshots;   // lists of stock firmware that had it
    struct heap_text_site sites[HEAP_TEXT_SITES];
    uint64_t site_births_other;
    bool is_retained_first; // in RAM at the end of the first run
    bool is_excluded;       // its content is left out (--exclude)
    bool is_dropped;        // an empty place
};

struct heap_texts {
    struct heap_text *items;
    uint32_t count, room;
    uint32_t free_count, free_next; // places of dropped texts: how many, and where to look first
    struct hash_table index;
    uint32_t limit;          // of `count`
    uint64_t contents_limit; // of bytes in `contents`
    struct arena *arena;     // of items and slots
    struct arena contents;   // of contents and characters, packed again when texts are dropped
    uint64_t dropped_count;  // texts dropped (one that came back counts again)
    uint64_t dropped_births; // and the births they had
    uint64_t dropped_bytes;  // bytes allocated by those births
};

void heap_texts_init(struct heap_texts *texts, struct arena *arena);
void heap_texts_deinit(struct heap_texts *texts);

// Index of the text, or HEAP_NO_TEXT if it is not in the table.
uint32_t heap_texts_find(const struct heap_texts *texts, uint64_t hash, uint32_t bytes);

// Is that the index of the text still? HEAP_NO_TEXT is that of none.
static inline bool heap_texts_is(const struct heap_texts *texts, uint32_t idx, uint64_t hash,
                                 uint32_t bytes)
{
    if (idx >= texts->count)
        return false;
    const struct heap_text *text = &texts->items[idx];
    return text->hash == hash && text->bytes == bytes && !text->is_dropped;
}

// Index of the text, which is added if it is new. `moments` are the steps of the present highest
// points (HEAP_MOMENT_COUNT of them): texts that lived then stay. The index of a text that
// stays never changes.
uint32_t heap_texts_get(struct heap_texts *texts, uint64_t hash, uint32_t bytes,
                        struct text content, const uint64_t *moments);

// Counts `characters` of the text that C code of kind `function` read one by one.
void heap_texts_count_read(struct heap_texts *texts, uint32_t idx, unsigned function,
                           uint64_t characters);

// Counts a birth at a site: exact for the first HEAP_TEXT_SITES sites of a text.
void heap_text_count_site(struct heap_text *text, uint32_t site);

// The site that made the text most often, NULL: none is known.
static inline const struct heap_text_site *heap_text_main_site(const struct heap_text *text)
{
    const struct heap_text_site *most = NULL;
    for (int i = 0; i < HEAP_TEXT_SITES; i++) {
        const struct heap_text_site *site = &text->sites[i];
        if (site->births > 0 && (!most || site->births > most->births))
            most = site;
    }
    return most;
}

#endif
