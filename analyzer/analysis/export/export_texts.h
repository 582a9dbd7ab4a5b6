// export_texts.h: the texts of a trace for exports, with a count per byte that was read.
//
// Identity of a text is (hash of the content, length). Texts in flash are always taken (the flash
// bounds them), of texts in RAM the first EXPORT_RAM_TEXTS_MAX; what is left out is counted.
// Memory: items and contents in the arena; indices never change.

#ifndef FROST_ANALYSIS_EXPORT_TEXTS_H
#define FROST_ANALYSIS_EXPORT_TEXTS_H

#include "analyzer/analysis/heap/text_sources.h"
#include "analyzer/base/hash_table.h"
#include "analyzer/trace/trace_dict.h"
#include "reports/export.h"

#define EXPORT_NO_TEXT UINT32_MAX

struct export_text_item {
    struct export_text text;
    uint32_t live_count;
    uint64_t live_at; // step of the newest highest point at which it was known to live
    struct text_sources sources;
};

struct export_texts {
    struct arena *arena;
    struct export_text_item *items;
    uint32_t count, room;
    uint32_t ram_count; // of them, those that were not in flash when they were added
    struct hash_table by_hash;
    uint64_t access_bytes; // of all counts per byte
    uint64_t omitted_blocks;
};

void export_texts_init(struct export_texts *texts, struct arena *arena);

// Finds or adds the text of an id that is new or means another one.
uint32_t export_texts_look_up(struct export_texts *texts, struct trace_dict_text *named,
                              uint32_t site_idx);

// Index of the text, which is added if it is new; EXPORT_NO_TEXT if there is no more room for it.
// `site_idx` is the first site that used it.
static inline uint32_t export_texts_get(struct export_texts *texts, struct trace_dict_text *named,
                                        uint32_t site_idx)
{
    uint32_t idx = named->words[TRACE_DICT_EXPORT];
    if (idx == TRACE_DICT_UNSET)
        return export_texts_look_up(texts, named, site_idx);
    if (named->flash_addr)
        texts->items[idx].text.is_in_flash = true;
    return idx;
}

// Counts `times` reads of `bytes` characters from `first` on; what lies after the text's end is
// left out.
void export_texts_count_read(struct export_texts *texts, uint32_t idx, uint32_t first,
                             uint32_t bytes, uint32_t times);

#endif
