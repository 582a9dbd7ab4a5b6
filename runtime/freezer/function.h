// function.h: strings and functions as blocks of the area.
//
// Reads: objects in RAM, blocks in place. Memory: none.

#ifndef FROST_FREEZER_FUNCTION_H
#define FROST_FREEZER_FUNCTION_H

#include "runtime/core/object.h"
#include "runtime/freezer/area.h"

// Payload bytes, which are also the RAM that they take.
uint32_t frozen_string_bytes(const struct string *s);
uint32_t frozen_function_bytes(const struct proto *p);
// RAM of a function without its strings and inner functions.
uint32_t frozen_function_ram(const struct proto *p);

// What freezer_area_put takes. Strings and inner functions that it refers to lie in flash, or are
// marked with where they do (mark.h).
struct frozen_item frozen_string(const struct string *s);
struct frozen_item frozen_function(const struct proto *p);

// Is there a string at an address that frozen objects may refer to: in the area, or in an image
// below it?
int frozen_is_string(const struct freezer_area *area, uint32_t addr);

// Is a committed payload what its kind promises? What it refers to lies in flash and is of the
// right kind, vectors lie in it, code may run. NULL, or what is wrong.
const char *frozen_fault(const struct freezer_area *area, uint32_t payload_off);

#endif
