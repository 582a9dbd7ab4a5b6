// lc.h: precompiled chunks (`.lc` files), byte by byte.
//
// Written by runtime/core/dump.c, read by runtime/core/load.c and by the analyzer.
// Source: behaviour of NodeMCU 3.0: NodeMCU's Lua 5.1 dump format, checked against its files.
//
// Header, 12 bytes
//   off  field               float build     integer build
//     0  signature           1B 4C 75 61     1B 4C 75 61      ESC "Lua"
//     4  version             51              51
//     5  format              00              00
//     6  byte order          01              01               1: little-endian, 0: big-endian
//     7  bytes of an int     04              04
//     8  ... of a length     04              04               on every host
//     9  ... of instruction  04              04
//    10  ... of a number     08              04
//    11  number is integral  00              01
// Then the main function. A file of the other byte order has all words and numbers swapped.
//
// Function
//   source name          string; none: that of the enclosing function, "=?" in the main function
//   first line           int, 0 for a main function
//   last line            int
//   upvalues, parameters, vararg bits (VARARG_* of runtime/core/object.h), stack size   4 bytes
//   code                 int count, padding, count instructions (runtime/format/opcode.h)
//   constants            int count, each: tag byte; nothing, a byte, number or string
//   sub-functions        int count, functions
//   lines                int bytes of the packed table with its NUL (0: none), padding, bytes
//   local variables      int count, each: name string, int first pc, int end pc
//   upvalue names        int count, strings
//
// Padding: zero bytes up to an offset that is a multiple of LC_ALIGN, counted from the first byte
// of the file; also where no bytes follow.
// String: u32 length with its NUL, the characters, NUL. Length 0: no string.
// Packed line table: facts, a7; runtime/core/debug_line.c.

#ifndef FROST_FORMAT_LC_H
#define FROST_FORMAT_LC_H

#define LC_HEADER_BYTES 12
#define LC_SIGNATURE "\033Lua"
#define LC_SIGNATURE_BYTES 4
#define LC_VERSION 0x51
#define LC_FORMAT 0
#define LC_INT_BYTES 4
#define LC_LENGTH_BYTES 4
#define LC_INSTRUCTION_BYTES 4
#define LC_NUMBER_BYTES_FLOAT 8
#define LC_NUMBER_BYTES_INTEGER 4
#define LC_ALIGN 4

// Offsets of the header's fields.
#define LC_OFF_VERSION 4
#define LC_OFF_FORMAT 5
#define LC_OFF_ORDER 6
#define LC_OFF_INT 7
#define LC_OFF_LENGTH 8
#define LC_OFF_INSTRUCTION 9
#define LC_OFF_NUMBER 10
#define LC_OFF_INTEGRAL 11

// Tags of constants.
#define LC_TAG_NIL 0
#define LC_TAG_BOOLEAN 1
#define LC_TAG_NUMBER 3
#define LC_TAG_STRING 4

// Limits of Lua 5.1 that a file may not exceed.
#define LC_STACK_MAX 250 // stack size of a function
#define LC_DEPTH_MAX 200 // functions within functions

#endif
