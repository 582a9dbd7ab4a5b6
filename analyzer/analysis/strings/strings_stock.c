// strings_stock.c: see strings_stock.h.

#include "analyzer/analysis/strings/strings_stock.h"

#include <string.h>

#include "analyzer/analysis/strings/strings_choose.h"

static const char *const stock[] = {
    "?.lc;?.lua",
    "/\n;\n?\n!\n-",
    "@init.lua",
    "_G",
    "_LOADED",
    "_LOADLIB",
    "__add",
    "__call",
    "__concat",
    "__div",
    "__eq",
    "__gc",
    "__index",
    "__le",
    "__len",
    "__lt",
    "__mod",
    "__mode",
    "__mul",
    "__newindex",
    "__pow",
    "__sub",
    "__tostring",
    "__unm",
    "collectgarbage",
    "cpath",
    "debug",
    "file",
    "file.obj",
    "file.vol",
    "flash",
    "getstrings",
    "index",
    "ipairs",
    "list",
    "loaded",
    "loader",
    "loaders",
    "loadlib",
    "module",
    "net.tcpserver",
    "net.tcpsocket",
    "net.udpsocket",
    "newproxy",
    "package",
    "pairs",
    "path",
    "preload",
    "reload",
    "require",
    "seeall",
    "wdclr",
    "not enough memory",
    "sjson.decoder",
    "sjson.encoder",
    "tmr.timer",
};
_Static_assert(sizeof stock / sizeof *stock == STRINGS_STOCK_COUNT, "all of them");

static bool is_in_image(const struct strings *strings, struct text text)
{
    return strings->flash.image && image_find_string(strings->flash.image, text) != IMAGE_NONE;
}

struct strings_list strings_stock_list(const struct strings *strings, struct arena *arena)
{
    const struct heap_texts *texts = &strings->profile->texts;
    struct strings_list list = {.texts = ARENA_NEW_ARRAY(arena, uint32_t, STRINGS_STOCK_COUNT),
                                .is_plain = true};
    uint64_t literal_bytes = 0;
    uint32_t new_count = 0;
    for (size_t i = 0; i < STRINGS_STOCK_COUNT; i++) {
        struct text text = text_of(stock[i]);
        uint32_t found = heap_texts_find(texts, trace_text_hash(text.data, text.bytes),
                                         (uint32_t)text.bytes);
        literal_bytes += text.bytes + 4;
        if (found != HEAP_NO_TEXT)
            list.texts[list.count++] = found;
        if (is_in_image(strings, text))
            continue;
        new_count++;
        list.text_bytes += text.bytes;
        list.flash_bytes += strings_flash_item((uint32_t)text.bytes);
    }
    list.fixed_bytes = strings_flash_fixed(&strings->flash);
    list.growth_bytes = strings_flash_growth(&strings->flash, new_count);
    list.flash_bytes += list.fixed_bytes + list.growth_bytes +
                        strings_flash_code(&strings->flash, STRINGS_STOCK_COUNT,
                                           strings_flash_packed_lines(literal_bytes));
    list.stock_flash_bytes = list.flash_bytes;
    return list;
}
