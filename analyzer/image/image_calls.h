// image_calls.h: which global functions the Lua code of an image or chunk reaches, and with which
// constant strings it calls them.
//
// What a straight run of instructions tells is known: `require "x"`, `file.open(name, "r")`,
// `local open = file.open; open("x")` within it. What goes through variables, upvalues or jumps is
// not. Nothing is run. Memory: a few KB on the stack; names lie in the image or in the arena.

#ifndef FROST_IMAGE_CALLS_H
#define FROST_IMAGE_CALLS_H

#include "analyzer/image/image_reader.h"

#define IMAGE_CALL_ARGUMENTS_MAX 4u

// A global that is read ("wifi") or written, a field of one ("wifi.sta", "wifi.sta.config"), or a
// call, also of a method of whatever object (":find", whose first argument is the object).
struct image_call {
    struct text name;
    int32_t function;        // in which it stands
    int32_t line;            // 0: not known
    bool is_call;            // else the value is used otherwise, or its field is
    bool is_write;           // else it is read
    unsigned argument_count; // 0 if they are not known to end
    struct text arguments[IMAGE_CALL_ARGUMENTS_MAX]; // constant strings; data NULL: another one
};

typedef void (*image_call_visit)(void *context, const struct image_call *call);

// Visits the code of every function of the image, in its order.
void image_calls_visit(const struct image *image, struct arena *arena, image_call_visit visit,
                       void *context);

#endif
