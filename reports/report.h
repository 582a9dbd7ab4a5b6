// report.h: the model that an analysis fills and a renderer writes: tables, totals, series, notes.
//
// An analysis knows no format and a renderer knows no analysis; they meet here. Names are the keys
// of the JSON form: lower case with underscores, unit last ("peak_bytes"). Titles are for people.
// Rows keep the order in which they were added, unless a user wants another
// (reports/report_view.h). A table may have a sum row, which covers all rows, also those that a
// renderer leaves out because of
// --top.
// Memory: everything lives in the arena of the report; names, titles and units must be literals or
// live as long; texts are copied.

#ifndef FROST_REPORTS_REPORT_H
#define FROST_REPORTS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/text.h"

enum report_kind {
    REPORT_NUMBER, // int64_t; separators in text form
    REPORT_REAL,   // double with `decimals`
    REPORT_TEXT,   // words of ours
    REPORT_STRING, // content of a Lua string: any bytes
    REPORT_FLAG,   // bool: "yes" and "" in text form
    REPORT_HEX,    // uint64_t as hexadecimal text
};

struct report_value {
    bool is_present; // false: empty in text form, null in JSON
    union {
        int64_t number;
        double real;
        struct text text;
        bool flag;
        uint64_t hex;
    };
};

// Flags of a column. Keys tell the rows of a table apart and hold from one build or run to the
// next: names of modules, lines, kinds; no paths of inputs, no moments, no addresses of code.
#define REPORT_DETAIL 1u      // left out of the text form unless -v is given
#define REPORT_MAY_CUT 2u     // text form may shorten it to fit the line
#define REPORT_SUMMED 4u      // numbers and reals: the sum row has its sum
#define REPORT_KEY 8u         // with the other keys it says which row this is (report_diff.h)
#define REPORT_BLANK_ZERO 16u // a cell of 0, or a text of no bytes, stays empty
#define REPORT_OPTIONAL 32u   // see report_leave_out
#define REPORT_WIDE 64u       // on a narrow page only if the reader asks for it

// Type of the member of an item that a cell is made from.
enum report_member {
    REPORT_NO_MEMBER,
    REPORT_MEMBER_U64,
    REPORT_MEMBER_I64,
    REPORT_MEMBER_U32,
    REPORT_MEMBER_I32,
    REPORT_MEMBER_U16,
    REPORT_MEMBER_DOUBLE,
    REPORT_MEMBER_BOOL,
    REPORT_MEMBER_TEXT,  // struct text; empty if its data is NULL
    REPORT_MEMBER_CHARS, // const char *; empty if NULL
    REPORT_MEMBER_VALUE, // struct report_value, which may be absent; a number unless REPORT_AS
};

// What a column is called, how it is shown, and where its cells come from: a member of the item of
// the row, or a function of the item and of what all rows share. Written as a list:
//     {"bytes", "allocated", "bytes", REPORT_SUMMED, REPORT_AT(site_row, bytes)},
//     {"percent", "%", "", 0, REPORT_AT(site_row, percent), .decimals = 1},
//     {"site", "line", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, line_of)},
struct report_column {
    const char *name;
    const char *title;
    const char *unit; // "bytes", "clocks", "%"; "" if it has none
    unsigned flags;
    enum report_kind kind;
    enum report_member member;
    size_t offset;                                                      // of the member in the item
    struct report_value (*fill)(const void *context, const void *item); // where there is no member
    unsigned decimals;                                                  // of REPORT_REAL
};

// Cells from a member of `struct type` (also an element of an array in it), which tells the kind;
// from one that is shown in another way than its type tells; from a struct report_value, which may
// be absent; from a function.
#define REPORT_AT(type, name) REPORT_AS(REPORT_BY_TYPE(((struct type *)0)->name, KIND), type, name)
#define REPORT_AS(shown_as, type, name)                                                            \
    .kind = (shown_as), .member = REPORT_BY_TYPE(((struct type *)0)->name, MEMBER),                \
    .offset = offsetof(struct type, name)
#define REPORT_BY(shown_as, function) .kind = (shown_as), .fill = (function)

#define REPORT_BY_TYPE(x, CHOOSE)                                                                  \
    _Generic((x),                                                                                  \
        uint64_t: REPORT_##CHOOSE(REPORT_NUMBER, U64),                                             \
        int64_t: REPORT_##CHOOSE(REPORT_NUMBER, I64),                                              \
        uint32_t: REPORT_##CHOOSE(REPORT_NUMBER, U32),                                             \
        int32_t: REPORT_##CHOOSE(REPORT_NUMBER, I32),                                              \
        uint16_t: REPORT_##CHOOSE(REPORT_NUMBER, U16),                                             \
        double: REPORT_##CHOOSE(REPORT_REAL, DOUBLE),                                              \
        bool: REPORT_##CHOOSE(REPORT_FLAG, BOOL),                                                  \
        struct text: REPORT_##CHOOSE(REPORT_TEXT, TEXT),                                           \
        const char *: REPORT_##CHOOSE(REPORT_TEXT, CHARS),                                         \
        struct report_value: REPORT_##CHOOSE(REPORT_NUMBER, VALUE))
#define REPORT_KIND(kind, member) kind
#define REPORT_MEMBER(kind, member) REPORT_MEMBER_##member

#define REPORT_COLUMNS_MAX 100 // a difference has four for each figure

// Where a table is shown; JSON has all of them.
enum report_place {
    REPORT_PLACE_USUAL,
    REPORT_PLACE_PAGE,  // page and Markdown alone, and all of its rows
    REPORT_PLACE_ASIDE, // on a page behind a switch
};

struct report_table {
    const char *name;
    const char *title;
    const char *explanation; // sentence under the title; NULL if none
    struct report_column columns[REPORT_COLUMNS_MAX];
    size_t column_count;
    struct report_value *cells; // row_count * column_count
    size_t row_count, row_room;
    struct report_value *sum; // column_count values, or NULL
    uint64_t omitted_count;   // rows the analysis itself left out (its cap)
    const char *omitted_why;  // NULL if it left out none
    bool is_tree;             // see report_set_tree; these are columns
    int tree_name, tree_level, tree_value;
    enum report_place place;
    bool has_chosen_columns; // a user chose columns and their order: all forms keep to it
    struct report_table *next;
    struct arena *arena;
};

struct report_total {
    const char *name;
    const char *title;
    const char *unit;
    enum report_kind kind;
    unsigned decimals;
    struct report_value value;
    struct report_total *next;
};

enum report_style {
    REPORT_STEPS,    // a value that holds until the next point
    REPORT_IMPULSES, // single events
    REPORT_POINTS,   // things with two figures each; x from 0 on, drawn by its logarithm
    REPORT_BARS,     // things with a name and a figure each (report_add_bar)
};

// A curve. Points are in the order of x (REPORT_POINTS in any order).
// A point with a name, on the curve or beside it.
struct report_mark {
    double x, y;
    struct text label;
    struct report_mark *next;
};

struct report_series {
    const char *name;
    const char *title;
    const char *x_unit, *y_unit; // x in "address" is shown in hexadecimal
    enum report_style style;     // REPORT_STEPS unless changed
    double *points;              // pairs x, y
    struct text *labels;         // of REPORT_BARS, one a point; x is the number of the bar, from 1
    size_t point_count, point_room;
    struct report_mark *marks, **marks_end;
    struct report_series *next;
    struct arena *arena;
};

enum report_note_kind { REPORT_NOTE, REPORT_WARNING, REPORT_FINDING };

struct report_note {
    enum report_note_kind kind;
    struct text text;
    struct text command; // of a finding: what to type next; no bytes if there is none
    struct report_note *next;
};

struct report_input {
    struct text path;
    const char *kind; // "trace", "image", "list", "flash"
    uint64_t bytes;
    uint32_t crc; // CRC-32 of the bytes (report_input_sum)
    bool has_crc;
    bool is_complete;
    struct text ending; // of a run that did not end by itself, a sentence; no bytes: it did
    struct report_input *next;
};

// What is missing in the inputs, summed. Printed before everything else.
struct report_loss {
    uint64_t events_discarded;
    uint64_t packets_lost;
    uint64_t blocks_lost;
    uint64_t bytes_cut;
    uint64_t runs_unfinished;
};

struct report {
    struct arena *arena;
    const char *name;  // "strings": schema frost/strings/1
    unsigned version;  // of the schema
    const char *title; // one sentence
    struct report_loss loss;
    struct report_input *inputs, **inputs_end;
    struct report_total *totals, **totals_end;
    struct report_table *tables, **tables_end;
    struct report_series *series, **series_end;
    struct report_note *notes, **notes_end;
};

struct report *report_create(struct arena *arena, const char *name, unsigned version,
                             const char *title);

struct report_input *report_add_input(struct report *report, struct text path, const char *kind,
                                      uint64_t bytes, bool is_complete);

// Fills in the CRC-32 of the file at `path`, of a trace's directory that of its events; not, if it
// cannot be read. Cost: reads the file.
void report_input_sum(struct report_input *input, const char *path);

// Fills it in from a sum that was taken while the input was read. `has_crc`: it was.
void report_input_set_sum(struct report_input *input, bool has_crc, uint32_t crc);

// Says how the run has ended, before all else. No bytes: by itself.
void report_input_set_ending(struct report_input *input, struct text ending);

// The inputs and losses of another report, too.
void report_take_inputs(struct report *report, const struct report *from);

// The title under which a report is shown: first, how runs ended that did not end by themselves.
// `title` NULL: that of the report.
const char *report_heading(const struct report *report, const char *title);

// Totals: single figures of the whole.
void report_add_number(struct report *report, const char *name, const char *title, const char *unit,
                       int64_t value);
void report_add_real(struct report *report, const char *name, const char *title, const char *unit,
                     unsigned decimals, double value);
void report_add_text(struct report *report, const char *name, const char *title, struct text value);

void report_add_note(struct report *report, enum report_note_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// What to type after the newest note.
void report_set_command(struct report *report, const char *command);

// ---- tables ----

// A table with the columns of a list, which may be the first of several.
struct report_table *report_add_table(struct report *report, const char *name, const char *title,
                                      const struct report_column *columns, size_t count);
#define REPORT_ADD_TABLE(report, name, title, columns)                                             \
    report_add_table(report, name, title, columns, sizeof(columns) / sizeof *(columns))

// Further columns; all come before the first row (asserted).
void report_add_columns(struct report_table *table, const struct report_column *columns,
                        size_t count);

// The REPORT_OPTIONAL columns do not apply here: they become details, and their cells stay empty.
void report_leave_out(struct report_table *table);

// Makes a column of that name a detail, or none.
void report_set_detail(struct report_table *table, const char *name, bool is_detail);

// A new row of `item`. `context` is handed to the columns' functions, and may be NULL for members.
void report_add_row(struct report_table *table, const void *context, const void *item);

// Rows of `count` items that lie `item_bytes` apart: the first `rows_max` of them; the others are
// counted as omitted, because of `why`. Then the sum row, over all of the items.
void report_add_rows(struct report_table *table, const void *context, const void *items,
                     size_t count, size_t item_bytes, size_t rows_max, const char *why);
#define REPORT_ADD_ROWS(table, context, items, count)                                              \
    report_add_rows(table, context, items, count, sizeof *(items), SIZE_MAX, NULL)

// Says that `count` rows are left out; nothing if it is 0. `why` must live as long as the report;
// NULL: a report holds no more rows than the table has now.
void report_omit(struct report_table *table, uint64_t count, const char *why);

// A sum row of the REPORT_SUMMED columns, whose first text column says "total"; none, if there is
// no such column. Sums of REPORT_REAL are empty where all cells are.
void report_add_sum(struct report_table *table);

// The rows are a tree: parents before their children, largest first; `level` (a number, 1 for the
// outermost) says how deep a row is, `value` (a number) is what it and all below it have. A page
// draws it, with `name` in the boxes; a text has all rows unless told otherwise.
void report_set_tree(struct report_table *table, const char *name, const char *level,
                     const char *value);

// Writes "total" into the first text column of the sum row, which is there.
void report_label_sum(struct report_table *table);

// Takes tables without rows out of the report.
void report_drop_empty(struct report *report);

// Makes a table of the report the first one.
void report_move_first(struct report *report, struct report_table *table);

// The column of that name, -1 if the table has none.
int report_find_column(const struct report_table *table, struct text name);

// True if the sum row has a text that says what it is. It has none in a table of numbers; each form
// for people then marks it in its own way.
bool report_has_sum_label(const struct report_table *table);

struct report_series *report_add_series(struct report *report, const char *name, const char *title,
                                        const char *x_unit, const char *y_unit);
void report_add_point(struct report_series *series, double x, double y);
// `label` must live as long as the report.
void report_add_mark(struct report_series *series, double x, double y, const char *label);
// The next bar; makes the series one of REPORT_BARS.
void report_add_bar(struct report_series *series, struct text label, double y);

// Values for cells. Texts are taken as they are: copy them first if they may go away.
struct report_value report_number(int64_t number);
struct report_value report_real(double real); // absent if not finite
struct report_value report_text(struct text text);
struct report_value report_flag(bool flag);
struct report_value report_hex(uint64_t hex);

// Order of two values that are present: negative, 0, positive.
int report_compare(enum report_kind kind, const struct report_value *a,
                   const struct report_value *b);

const struct report_table *report_find_table(const struct report *report, const char *name);
const struct report_total *report_find_total(const struct report *report, const char *name);

#endif
