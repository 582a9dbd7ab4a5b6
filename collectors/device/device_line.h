// device_line.h: the lines that collectors/device/frostline.lua writes, and how they are read.
//
// A line may stand after other text (an application that had not ended its own line), and other
// lines may stand between: it is found by its mark, and believed if its sum is right.
//
//   ~F1 SEQ TIME KIND FIELD... SUM\n
//
//   ~F1      the mark and the version, 1; no text has a "~" (below)
//   SEQ      0, 1, 2 ... 65535, 0: a gap is lost lines; 0 also begins a new start of the module
//   TIME     tmr.now(): microseconds, 31 bits
//   KIND     one of the letters below
//   SUM      65536 + sum in hexadecimal; sum = (sum * 31 + byte) % 65521 over all bytes from SEQ up
//            to the blank before SUM, beginning with 0
//   Between them one blank; numbers are decimal. In texts a byte below 0x20, above 0x7e, "\" or "~"
//   is "\" and two hexadecimal digits.
//
//   kind  fields            meaning
//   B     NUMBERS MAX       start: "f" or "i" (number build), most bytes of a string that are sent
//   H     FREE LUA LIVE     node.heap(); node.egc.meminfo(): bytes of Lua, of them live (0: ?)
//   S     PLACE             a list of all strings begins: "R" in RAM, "F" in flash
//   T     BYTES TEXT        a string of the list: its length, its first characters
//   U     TEXT              further characters of the string before
//   E     PLACE COUNT       the list is over: strings that were sent
//   N     PLACE FREE        no memory for the list; node.heap()
//   M     TEXT              a remark of the user
//   X                       stop
//
// Reads: bytes from outside. Memory: a buffer in the record.

#ifndef FROST_COLLECTORS_DEVICE_LINE_H
#define FROST_COLLECTORS_DEVICE_LINE_H

#include "analyzer/base/text.h"

#define DEVICE_VERSION 1
#define DEVICE_SEQUENCE_COUNT 65536u
#define DEVICE_TIME_BITS 31
#define DEVICE_TEXT_BYTES_MAX 1024u // characters on one line
#define DEVICE_FIELDS_MAX 3u

enum device_place { DEVICE_RAM, DEVICE_FLASH };

struct device_record {
    uint32_t sequence;
    uint32_t time_us;
    char kind;
    bool is_integer;                    // of B
    enum device_place place;            // of S, E, N
    uint32_t fields[DEVICE_FIELDS_MAX]; // the numbers, in their order
    size_t text_bytes;                  // of T, U, M
    char text[DEVICE_TEXT_BYTES_MAX];
};

enum device_finding {
    DEVICE_NONE, // no mark in the rest of the line
    DEVICE_GOOD,
    DEVICE_DAMAGED, // a mark, but the sum is wrong, or the fields are not those of the kind
    DEVICE_FOREIGN, // the mark of another version
};

// Takes the next record out of `line` (without its line end), which is cut down to what follows.
// Any bytes are allowed. `record` is filled for DEVICE_GOOD only. Several records on one line
// (their line ends were lost) come one after another.
enum device_finding device_line_next(struct text *line, struct device_record *record);

#endif
