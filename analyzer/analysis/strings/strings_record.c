// strings_record.c: writing and reading the record; its words are explained in the header.

#include "analyzer/analysis/strings/strings_record.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLOT_BYTES 4u
#define SWEEPS_MAX 32u // more in a row change nothing: the table has less than 1 << 32 slots

struct strings_record {
    const struct heap_profile *profile;
    uint32_t *words;
    uint32_t used;  // of words
    FILE *file;     // what did not fit; NULL: nothing
    bool is_read;   // `words` has been handed out
    int error_code; // errno of the first failure
    bool is_too_large;
    // The run that is being recorded.
    const struct heap_replay *heap;
    uint64_t text_bytes;  // of strings whose texts are in the table
    uint64_t rest_told;   // by the newest word about the rest
    uint64_t rest_looked; // at which the height was looked at last
    uint64_t rest_rise;   // the highest since then at a birth
    bool has_table;       // told since the newest boot
    uint32_t sweeps_told; // since the newest birth or death of a string
    // The newest collection.
    bool is_collecting, is_collection_told;
    bool is_for_block;      // it makes room for what is born next
    uint64_t rest_before;   // it
    uint32_t collection_at; // its word, until it is known what it makes room for, plus 1; 0: none
    bool may_hold; // what has died in one, and would not without the string that it was for
};

struct strings_record *strings_record_open(const struct heap_profile *profile, struct arena *arena)
{
    struct strings_record *record = ARENA_NEW(arena, struct strings_record);
    record->profile = profile;
    record->words = ARENA_NEW_ARRAY(arena, uint32_t, STRINGS_RECORD_WORDS);
    return record;
}

void strings_record_close(struct strings_record *record)
{
    if (record && record->file)
        fclose(record->file);
    if (record)
        record->file = NULL;
}

void strings_record_clear(struct strings_record *record)
{
    strings_record_close(record);
    record->used = 0;
}

// ---- writing ----

static FILE *open_unnamed(void)
{
    char path[4096];
    const char *directory = getenv("TMPDIR");
    if (!directory || !*directory)
        directory = "/tmp";
    if ((size_t)snprintf(path, sizeof path, "%s/frost-XXXXXX", directory) >= sizeof path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    int fd = mkstemp(path);
    if (fd < 0)
        return NULL;
    (void)unlink(path);
    FILE *file = fdopen(fd, "w+b");
    if (!file)
        close(fd);
    return file;
}

static void spill(struct strings_record *record)
{
    errno = 0;
    if (!record->file)
        record->file = open_unnamed();
    if (!record->file ||
        fwrite(record->words, sizeof *record->words, record->used, record->file) != record->used)
        record->error_code = errno ? errno : EIO;
    record->used = 0;
    if (record->collection_at) // its word is written
        record->may_hold = false;
    record->collection_at = 0;
}

static inline void put_word(struct strings_record *record, uint32_t word)
{
    if (record->used == STRINGS_RECORD_WORDS)
        spill(record);
    record->words[record->used++] = word;
}

static inline void put(struct strings_record *record, enum strings_word what, uint64_t number)
{
    uint32_t tag = (uint32_t)what << STRINGS_PAYLOAD_BITS;
    if (number < STRINGS_PAYLOAD_MAX) {
        put_word(record, tag | (uint32_t)number);
        return;
    }
    if (record->used + 2 > STRINGS_RECORD_WORDS) // both words are read at once
        put_word(record, (uint32_t)STRINGS_SWEEP << STRINGS_PAYLOAD_BITS);
    put_word(record, tag | STRINGS_PAYLOAD_MAX);
    put_word(record, (uint32_t)number);
}

static uint64_t rest_now(const struct strings_record *record)
{
    return record->heap->lua_bytes - record->heap->table_bytes - record->text_bytes;
}

// Strings are about to change: the highest ledger since the last change is told if it may count.
static void tell_rise(struct strings_record *record)
{
    if (record->rest_rise > record->rest_looked) {
        put(record, STRINGS_RISE, record->rest_rise);
        record->rest_told = record->rest_looked = record->rest_rise;
    }
    record->rest_rise = 0;
}

static void tell_rest(struct strings_record *record, uint64_t rest)
{
    if (rest != record->rest_told)
        put(record, STRINGS_REST, rest);
    record->rest_told = rest;
}

// ---- collections ----

static void tell_collection(struct strings_record *record)
{
    tell_rise(record);
    tell_rest(record, record->rest_before);
    put(record, STRINGS_COLLECT, STRINGS_TEXT_OTHER);
    record->is_collection_told = true;
    record->collection_at = record->is_for_block ? record->used : 0;
    record->may_hold &= record->is_for_block;
}

// Steps find what was dead as their cycle began, at some time: they make sure of nothing.
static bool goes_by_steps(unsigned reason)
{
    return reason == GC_REASON_STEP || reason == GC_REASON_LIMIT;
}

static void begin_collection(struct strings_record *record, unsigned reason)
{
    if (goes_by_steps(reason))
        return;
    record->is_collecting = true;
    record->is_collection_told = false;
    record->is_for_block = reason == GC_REASON_ALWAYS;
    record->rest_before = rest_now(record);
    record->collection_at = 0;
    if (record->may_hold)
        tell_collection(record);
}

// The block for which there was a collection.
static void settle_collection(struct strings_record *record, uint32_t text)
{
    if (text != STRINGS_TEXT_OTHER)
        record->words[record->collection_at - 1] = (uint32_t)STRINGS_COLLECT
                                                       << STRINGS_PAYLOAD_BITS |
                                                   text;
    record->may_hold = text != STRINGS_TEXT_OTHER;
    record->collection_at = 0;
}

// ---- the run ----

static uint32_t text_of_block(const struct heap_block *block)
{
    uint32_t text = block->user[HEAP_USER_PROFILE];
    return text == HEAP_NO_TEXT ? STRINGS_TEXT_OTHER : text;
}

static void note_death(struct strings_record *record, const struct heap_block *block)
{
    if (record->is_collecting && record->is_for_block && !record->is_collection_told)
        tell_collection(record);
    if (block->kind != KIND_STRING)
        return;
    tell_rise(record);
    put(record, STRINGS_DEATH, text_of_block(block));
    if (block->user[HEAP_USER_PROFILE] != HEAP_NO_TEXT)
        record->text_bytes -= block->bytes;
    record->sweeps_told = 0;
}

static void note_block(struct strings_record *record, const struct heap_block *block)
{
    if (block->kind == KIND_STRING_TABLE && !record->has_table) {
        tell_rise(record);
        put(record, STRINGS_TABLE, block->bytes / SLOT_BYTES);
        record->has_table = true;
    }
    uint64_t rest = rest_now(record);
    record->rest_rise = rest > record->rest_rise ? rest : record->rest_rise;
    record->is_too_large |= record->heap->lua_bytes >= STRINGS_LEDGER_MAX;
}

// A string that asks for a larger table does so before it is there, so the rest is told before it.
static void note_string(struct strings_record *record, const struct heap_block *block)
{
    bool is_known = block->user[HEAP_USER_PROFILE] != HEAP_NO_TEXT;
    tell_rise(record);
    record->text_bytes += is_known ? block->bytes : 0;
    record->is_too_large |= record->heap->lua_bytes >= STRINGS_LEDGER_MAX;
    uint64_t rest = rest_now(record);
    tell_rest(record, is_known ? rest : rest - block->bytes);
    put(record, STRINGS_BIRTH, text_of_block(block));
    record->rest_looked = is_known ? rest : rest - block->bytes;
    if (!is_known)
        record->rest_rise = rest;
    record->sweeps_told = 0;
}

static void note_sweep(struct strings_record *record, unsigned reason)
{
    unsigned sweeps = goes_by_steps(reason) ? 1 : 2;
    record->is_collecting = false;
    if (record->sweeps_told >= SWEEPS_MAX && !record->is_collection_told)
        return;
    record->is_collection_told = false;
    record->sweeps_told += sweeps;
    tell_rise(record);
    tell_rest(record, rest_now(record));
    put(record, STRINGS_SWEEP, sweeps);
}

static void note_boot(struct strings_record *record, bool is_stock)
{
    tell_rise(record);
    put(record, STRINGS_BOOT, is_stock ? HEAP_TABLE_SLOTS_START : 0); // as heap_replay does
    record->text_bytes = record->rest_looked = 0;
    record->has_table = is_stock;
    record->is_collecting = record->may_hold = false;
    record->collection_at = 0;
}

static void note_step(void *context, struct heap_step *step)
{
    struct strings_record *record = context;
    if (step->died)
        note_death(record, step->died);
    if (step->born && record->collection_at)
        settle_collection(record, step->born->kind == KIND_STRING ? text_of_block(step->born)
                                                                  : STRINGS_TEXT_OTHER);
    if (step->born) {
        if (step->born->kind == KIND_STRING)
            note_string(record, step->born);
        else
            note_block(record, step->born);
    } else if (step->event->id == TRACE_ID_gc_begin) {
        begin_collection(record, step->event->gc_begin.reason);
    } else if (step->event->id == TRACE_ID_gc_end) {
        note_sweep(record, step->event->gc_end.reason);
    } else if (step->is_boot) {
        note_boot(record, step->event->boot.flags & TRACE_BOOT_STOCK);
    }
}

static int begin_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct strings_record *record = context;
    record->heap = replay->heap;
    record->text_bytes = record->rest_looked = record->rest_rise = 0;
    record->sweeps_told = 0;
    record->has_table = record->is_collecting = record->may_hold = false;
    record->collection_at = 0;
    put(record, STRINGS_RUN, 0);
    (void)problem;
    return STATUS_OK;
}

static int end_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct strings_record *record = context;
    tell_rise(record);
    if (record->is_too_large)
        return problem_set(problem, STATUS_LIMIT, text_of(replay->directory), PROBLEM_NO_OFF,
                           "more than %u MB lived at once", STRINGS_LEDGER_MAX >> 20);
    if (record->error_code)
        return problem_set(problem, STATUS_IO, text_of(replay->directory), PROBLEM_NO_OFF,
                           "the temporary file of its strings: %s", strerror(record->error_code));
    return STATUS_OK;
}

struct replay_observer strings_record_observer(struct strings_record *record)
{
    return (struct replay_observer){
        .context = record,
        .events = REPLAY_BLOCKS | REPLAY_EVENT(gc_begin) | REPLAY_EVENT(gc_end) |
                  REPLAY_EVENT(boot),
        .wants_heap = true,
        .begin = begin_run,
        .step = note_step,
        .end = end_run,
    };
}

// ---- reading ----

void strings_record_rewind(struct strings_record *record)
{
    if (record->file && record->used) {
        spill(record); // the first time: all of it is in the file then
        if (fflush(record->file) != 0)
            record->error_code = errno;
    }
    if (record->file)
        rewind(record->file);
    record->is_read = false;
}

int strings_record_read(struct strings_record *record, const uint32_t **words,
                        struct problem *problem)
{
    *words = record->words;
    if (!record->file) {
        bool is_first = !record->is_read;
        record->is_read = true;
        return is_first ? (int)record->used : 0;
    }
    size_t count = fread(record->words, sizeof *record->words, STRINGS_RECORD_WORDS, record->file);
    if (ferror(record->file) || record->error_code)
        return problem_set(problem, STATUS_IO, text_of(NULL), PROBLEM_NO_OFF,
                           "the temporary file of the strings: %s",
                           strerror(record->error_code ? record->error_code : EIO));
    return (int)count;
}
