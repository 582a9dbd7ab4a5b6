// lint.h: findings in Lua sources, chunks and images, without running them.
//
// What is looked at is given as units: the image or chunk that a file is, or that the compiler has
// made of a source. Rules look at one unit or at all of them together; a finding has a place, a
// message and what to do. Findings that a comment of the source allows are counted, not kept:
//
//     local x = s:find("%d+")  -- frost: ignore pattern-in-flash
//
// A comment on a line of its own is about the next one, "-- frost: ignore-file RULE" about the
// whole file; several rules are separated by commas. Memory: everything in the caller's arena.

#ifndef FROST_ANALYSIS_LINT_H
#define FROST_ANALYSIS_LINT_H

#include "analyzer/analysis/heap/heap_profile.h"
#include "analyzer/base/options.h"
#include "analyzer/image/image_reader.h"
#include "reports/report.h"

enum lint_level { LINT_NOTE, LINT_WARNING, LINT_ERROR };

// X(rule, name, level, title)
#define LINT_RULES(X)                                                                              \
    X(LINT_SYNTAX, "syntax", LINT_ERROR, "a source that does not compile")                         \
    X(LINT_LIMIT, "limit", LINT_ERROR, "more than the firmware's compiler takes")                  \
    X(LINT_SIZE, "size", LINT_ERROR, "an image that does not fit into its partition")              \
    X(LINT_IMAGE, "image", LINT_ERROR, "an image that the device refuses or fails over")           \
    X(LINT_NUMBERS, "numbers", LINT_ERROR, "integer and float do not go together")                 \
    X(LINT_DUPLICATE, "duplicate-module", LINT_ERROR, "two modules of one name")                   \
    X(LINT_NAME, "name-length", LINT_ERROR, "a name that is too long for the file system")         \
    X(LINT_MODULE, "absent-module", LINT_WARNING, "a module that the firmware does not have")      \
    X(LINT_OLD_FORM, "old-form", LINT_WARNING, "a call that firmware 3.0 no longer has")           \
    X(LINT_GLOBAL, "global-write", LINT_WARNING, "a global that is written by accident")           \
    X(LINT_PATTERN, "pattern-in-flash", LINT_WARNING,                                              \
      "a pattern that is read byte by byte from flash")                                            \
    X(LINT_HOST_PATH, "host-path", LINT_WARNING, "a path of this computer in a chunk's name")      \
    X(LINT_UNUSED_MODULE, "unused-module", LINT_NOTE, "a module that nothing names")               \
    X(LINT_UNUSED_STRING, "unused-string", LINT_NOTE, "strings of an image that nothing uses")     \
    X(LINT_FREEZER, "freezer", LINT_NOTE, "what keeps functions in RAM that could be frozen")      \
    X(LINT_REPEATED, "repeated-string", LINT_NOTE, "a text that a run makes in RAM again and again")

#define LINT_RULE_ITEM(rule, name, level, title) rule,
enum lint_rule { LINT_RULES(LINT_RULE_ITEM) LINT_RULE_COUNT };
#undef LINT_RULE_ITEM

struct lint_about {
    const char *name, *title;
    enum lint_level level;
};
const struct lint_about *lint_about(enum lint_rule rule);
const char *lint_level_name(enum lint_level level);
// Result: LINT_RULE_COUNT if there is no rule of that name.
enum lint_rule lint_rule_named(struct text name);

struct lint_finding {
    enum lint_rule rule;
    struct text path;
    int32_t line; // 0: the file as a whole
    const char *message, *fix;
    struct text literal; // what to exchange in every source; no bytes: a person has to mend it
};

// A file that is looked at.
// A comment that allows findings.
struct lint_mark {
    int32_t line;      // that it is about
    bool is_file;      // it is about the whole file
    struct text words; // names of rules
};

struct lint_unit {
    const char *path;
    const struct image *image;     // of a source: the chunk made of it; NULL: it does not compile
    struct text source;            // its text; data NULL: it is none
    const char *module;            // its name in an image; NULL: it is an image, or stays a file
    const struct lint_mark *marks; // by line; filled in when the unit is added
    size_t mark_count;
    bool allows_whole; // one of them is about the whole file
};

struct lint_settings {
    struct option_list disabled;  // names of rules
    uint64_t lfs_bytes;           // size of the partition; 0: not known
    int numbers;                  // of the firmware: 0 any, 1 float, 2 integer
    struct text firmware_modules; // all that the firmware can have, a name a line
    struct text built_modules;    // those of this build, a name a line; data NULL: not known
    struct text absent_names;     // what frost's own runtime lacks, a name a line; after
                                  // a tab what 3.0 has in place of a call of older firmware
};

struct lint {
    struct arena *arena;
    const struct lint_settings *settings;
    struct lint_unit *units;
    size_t unit_count, unit_room;
    size_t unit_last; // the one that was looked for last
    struct lint_finding *findings;
    size_t finding_count, finding_room;
    size_t allowed_count; // by comments
};

void lint_init(struct lint *lint, struct arena *arena, const struct lint_settings *settings);

// The unit is copied.
void lint_add_unit(struct lint *lint, const struct lint_unit *unit);

// Adds a finding unless its rule is disabled. Texts must live as long as the arena. Result: NULL if
// it is not kept; valid until the next one.
struct lint_finding *lint_add(struct lint *lint, enum lint_rule rule, struct text path,
                              int32_t line, const char *fix, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

// What the compiler has said of a source, which it knows by another name: "NAME:LINE: message".
void lint_add_compiler_message(struct lint *lint, const char *path, const char *name,
                               struct text message);

// Compares the bytes of an image, which `path` stands for, with the partition.
void lint_check_size(struct lint *lint, const char *path, uint64_t image_bytes);

// Texts that the runs of a profile made again and again; after the units.
void lint_add_trace(struct lint *lint, const struct heap_profile *profile);

// Looks at all units.
void lint_run(struct lint *lint);

// Table `findings`, by level and place, table `rules`; totals. Result: number of findings that are
// more than notes.
size_t lint_fill_report(struct lint *lint, struct report *report);

#endif
