// report.h: the model that an analysis fills and a renderer writes: tables, totals, series, notes.
//
// An analysis knows no format and a renderer knows no analysis; they meet here. Names are the keys
// of the JSON form: lower case with underscores, unit last ("peak_bytes"). Titles are for people.
// Rows keep the order in which they were added, unless a user wants another (reports/arrange.h). A
// table may have a sum row, which covers all rows, also those that a renderer leaves out because of
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

// Flags of a column.
#define REPORT_DETAIL 1u  // left out of the text form unless -v is given
#define REPORT_MAY_CUT 2u // text form may shorten it to fit the line

struct report_column {
    const char *name;
    const char *title;
    const char *unit; // "bytes", "clocks", "%"; "" if it has none
    enum report_kind kind;
    unsigned flags;
    unsigned decimals; // of REPORT_REAL
};

#define REPORT_COLUMNS_MAX 24

struct report_table {
    const char *name;
    const char *title;
    const char *explanation; // sentence under the title; NULL if none
    struct report_column columns[REPORT_COLUMNS_MAX];
    size_t column_count;
    struct report_value *cells; // row_count * column_count
    size_t row_count, row_room;
    struct report_value *sum;   // column_count values, or NULL
    uint64_t omitted_count;     // rows the analysis itself left out (its cap)
    const char *omitted_why;    // NULL if it left out none
    bool has_chosen_columns;    // a user chose columns and their order: all forms keep to it
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
};

// A curve. Points are in the order of x (REPORT_POINTS in any order).
struct report_series {
    const char *name;
    const char *title;
    const char *x_unit, *y_unit; // x in "address" is shown in hexadecimal
    enum report_style style; // REPORT_STEPS unless changed
    double *points; // pairs x, y
    size_t point_count, point_room;
    struct report_series *next;
    struct arena *arena;
};

enum report_note_kind { REPORT_NOTE, REPORT_WARNING, REPORT_FINDING };

struct report_note {
    enum report_note_kind kind;
    struct text text;
    struct report_note *next;
};

struct report_input {
    struct text path;
    const char *kind; // "trace", "image", "list"
    uint64_t bytes;
    uint32_t crc; // CRC-32 of the bytes (report_input_sum)
    bool has_crc;
    bool is_complete;
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

// Fills in the CRC-32 of the file at `path`, of a trace's folder that of its events; not, if it
// cannot be read. Cost: reads the file.
void report_input_sum(struct report_input *input, const char *path);

// Totals: single figures of the whole.
void report_add_number(struct report *report, const char *name, const char *title,
                       const char *unit, int64_t value);
void report_add_real(struct report *report, const char *name, const char *title, const char *unit,
                     unsigned decimals, double value);
void report_add_text(struct report *report, const char *name, const char *title,
                     struct text value);

void report_add_note(struct report *report, enum report_note_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct report_table *report_add_table(struct report *report, const char *name, const char *title);

// Adds a column; all columns come before the first row (asserted). `kind` REPORT_REAL gets one
// decimal; change column->decimals for more.
struct report_column *report_add_column(struct report_table *table, const char *name,
                                        const char *title, const char *unit,
                                        enum report_kind kind, unsigned flags);

// A new row: column_count cells, all absent; fill them in. Valid until the next row is added.
struct report_value *report_add_row(struct report_table *table);

// Adds up the REPORT_NUMBER columns listed in `columns` (indices, ended by -1) into a sum row whose
// first text column says "total".
void report_add_sum(struct report_table *table, const int *columns);

// True if the sum row has a text that says what it is. It has none in a table of numbers; each form
// for people then marks it in its own way.
bool report_has_sum_label(const struct report_table *table);

struct report_series *report_add_series(struct report *report, const char *name, const char *title,
                                        const char *x_unit, const char *y_unit);
void report_add_point(struct report_series *series, double x, double y);

// Values for cells. Texts are taken as they are: copy them first if they may go away.
struct report_value report_number(int64_t number);
struct report_value report_real(double real); // absent if not finite
struct report_value report_text(struct text text);
struct report_value report_flag(bool flag);
struct report_value report_hex(uint64_t hex);

const struct report_table *report_find_table(const struct report *report, const char *name);
const struct report_total *report_find_total(const struct report *report, const char *name);

#endif
