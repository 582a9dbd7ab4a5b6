// iolib.h: files of the library io, as its parts see them.
//
// Reads and writes: files and pipes of the host, with the C library's streams.
// Memory: a file is a full userdata; the stream is closed with it.
// Source: Lua 5.1 reference manual, 5.7. Hosts only.
#ifndef RUNTIME_LIB_IOLIB_H
#define RUNTIME_LIB_IOLIB_H

#include <stdio.h>

#include "runtime/core/api/lua.h"

// Name of the metatable of files in the registry.
#define IO_FILE_KIND "FILE*"

enum io_kind { IO_PLAIN, IO_PIPE, IO_STANDARD };

struct io_file {
    FILE *stream; // NULL: closed
    enum io_kind kind;
};

// The open stream of the file at arg; raises "attempt to use a closed file".
FILE *io_check_stream(lua_State *L, int arg);

// Results of an operation on a file: true, or nil, text of errno (behind `name` unless NULL),
// errno.
int io_push_result(lua_State *L, int is_good, const char *name);

// Reads as the formats at stack positions first ... top say, or a line; the number of results.
int io_read_formats(lua_State *L, FILE *stream, int first);

// Reads a line without its end and pushes it; 0, with "" pushed, at the end of the file.
int io_read_line(lua_State *L, FILE *stream);

// Writes the values at stack positions first ... top; the number of results.
int io_write_values(lua_State *L, FILE *stream, int first);

#endif
