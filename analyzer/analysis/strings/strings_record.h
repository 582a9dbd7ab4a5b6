// strings_record.h: what the search for the best list needs of the runs, in a few bytes an event.
//
// An observer of the replay that the texts are counted in writes the record; strings_sim replays it
// as often as the search likes, and the traces are not read again. Words of 32 bits, the upper 4
// say what:
//
//   STRINGS_BIRTH  a string is born; text index, STRINGS_TEXT_OTHER if it is not in the table
//   STRINGS_DEATH  a string dies; text index
//   STRINGS_REST   the rest of the ledger from now on: all that is neither the vector of the string
//                  table nor a string of a text in the table
//   STRINGS_RISE   the same, and the ledger may be higher than ever here
//   STRINGS_COLLECT a collection begins: what dies up to the next STRINGS_SWEEP dies in it. Text
//                  index of the string that it makes room for, without which it would not be, and
//                  the dead would stay to the next one; STRINGS_TEXT_OTHER: it would be. Told of
//                  mode ALWAYS only, if something dies in it or may have stayed till then
//   STRINGS_SWEEP  a collection ends: how often the string table may be halved
//   STRINGS_TABLE  the RAM string table has that many slots, if it had none before
//   STRINGS_BOOT   everything dies, and the string table has that many slots
//   STRINGS_RUN    the next run begins
//
// Between two births of strings the highest rest is enough, so other blocks cost a word where the
// ledger may be at its highest. Bytes of a string follow from its text.
// Memory: STRINGS_RECORD_WORDS words; what is more goes into a temporary file without a name, in
// $TMPDIR or /tmp: about a byte for each event of a trace. Numbers have 28 bits and larger ones
// another word; a heap that ever held 1 GB or more, as no device does, is refused.

#ifndef FROST_ANALYSIS_STRINGS_RECORD_H
#define FROST_ANALYSIS_STRINGS_RECORD_H

#include "analyzer/analysis/heap/heap_profile.h"

#define STRINGS_RECORD_WORDS 262144u
#define STRINGS_PAYLOAD_BITS 28
#define STRINGS_PAYLOAD_MAX ((1u << STRINGS_PAYLOAD_BITS) - 1) // a further word has the number
#define STRINGS_TEXT_OTHER (STRINGS_PAYLOAD_MAX - 1)
#define STRINGS_LEDGER_MAX (1u << 30)

enum strings_word {
    STRINGS_BIRTH,
    STRINGS_DEATH,
    STRINGS_REST,
    STRINGS_RISE,
    STRINGS_COLLECT,
    STRINGS_SWEEP,
    STRINGS_TABLE,
    STRINGS_BOOT,
    STRINGS_RUN,
};

struct strings_record;

// An empty record of runs whose texts `profile` counts. Close it also after failures.
struct strings_record *strings_record_open(const struct heap_profile *profile, struct arena *arena);
void strings_record_close(struct strings_record *record); // NULL is allowed

// Throws away what was recorded: the runs are replayed once more.
void strings_record_clear(struct strings_record *record);

// Writes the record during a replay. It stands after the profile's observer among the observers.
// Errors of it: STATUS_IO the temporary file; STATUS_LIMIT the ledger is too large.
struct replay_observer strings_record_observer(struct strings_record *record);

// Words of the record in turn, many at once; from the beginning after strings_record_rewind().
//
// Result: how many `*words` has, 0 at the end, or STATUS_IO. They stay until the next call.
void strings_record_rewind(struct strings_record *record);
int strings_record_read(struct strings_record *record, const uint32_t **words,
                        struct problem *problem) __attribute__((warn_unused_result));

#endif
