// freezer_content.h: is what a block holds what its kind promises?
//
// Private to analyzer/flash/freezer_*.c.

#ifndef FROST_FLASH_FREEZER_CONTENT_H
#define FROST_FLASH_FREEZER_CONTENT_H

#include "analyzer/flash/freezer_view.h"

// NULL, or what is wrong with a block whose CRC is right; blocks before it are in the view. Fills
// in its `content`. `hash`: that of its header. Memory: scratch in the arena is given back.
const char *freezer_content_check(struct arena *arena, const struct freezer_view *view,
                                  struct freezer_view_block *block, uint32_t hash);

#endif
