// library_sources.h: where the texts and numbers of library functions come from, besides their
// arguments.
//
// LIBRARY_SOURCES(X) expands to X(name, sources). `name` is a function by the name it has for
// programs ("node.chipid"), a method with the metatable's name in the registry
// ("net.tcpsocket:send"), or a group that ends with '.' or ':' and stands for all of it that has no
// row of its own. `sources` is a set of TRACE_ORIGINS:
//   0              what it makes, it makes of its arguments and of literals
//   LIBRARY        it makes texts of its own words
//   others         it brings these in, whatever its arguments are
// Every function of a library has a row or stands in a group (tests/e2e/sources.sh). A function
// that is in neither counts as `input`: runtime/core/debug_origin.c.

#ifndef FROST_FORMAT_LIBRARY_SOURCES_H
#define FROST_FORMAT_LIBRARY_SOURCES_H

#include "runtime/format/trace_events.h"

// clang-format off
#define LIBRARY_SOURCES(X)                                                                         \
    /* Lua's own */                                                                                \
    X("assert", 0)                                                                                 \
    X("collectgarbage", TRACE_ORIGIN_ENVIRONMENT)                                                  \
    X("dofile", 0)                                                                                 \
    X("error", 0)                                                                                  \
    X("gcinfo", TRACE_ORIGIN_ENVIRONMENT)                                                          \
    X("getfenv", 0)                                                                                \
    X("getmetatable", 0)                                                                           \
    X("ipairs", 0)                                                                                 \
    X("load", 0)                                                                                   \
    X("loadfile", 0)                                                                               \
    X("loadstring", 0)                                                                             \
    X("module", 0)                                                                                 \
    X("newproxy", 0)                                                                               \
    X("next", 0)                                                                                   \
    X("pairs", 0)                                                                                  \
    X("pcall", 0)                                                                                  \
    X("print", 0)                                                                                  \
    X("rawequal", 0)                                                                               \
    X("rawget", 0)                                                                                 \
    X("rawset", 0)                                                                                 \
    X("require", 0)                                                                                \
    X("select", 0)                                                                                 \
    X("setfenv", 0)                                                                                \
    X("setmetatable", 0)                                                                           \
    X("tonumber", 0)                                                                               \
    X("tostring", 0)                                                                               \
    X("type", TRACE_ORIGIN_LIBRARY)                                                                \
    X("unpack", 0)                                                                                 \
    X("xpcall", 0)                                                                                 \
    X("coroutine.", TRACE_ORIGIN_LIBRARY)                                                          \
    X("debug.", 0)                                                                                 \
    X("debug.debug", TRACE_ORIGIN_INPUT)                                                           \
    X("io.", TRACE_ORIGIN_LIBRARY)                                                                 \
    X("io.lines", TRACE_ORIGIN_INPUT)                                                              \
    X("io.popen", TRACE_ORIGIN_INPUT)                                                              \
    X("io.read", TRACE_ORIGIN_INPUT)                                                               \
    X("FILE*:", TRACE_ORIGIN_LIBRARY)                                                              \
    X("FILE*:__tostring", TRACE_ORIGIN_ENVIRONMENT)                                                \
    X("FILE*:lines", TRACE_ORIGIN_INPUT)                                                           \
    X("FILE*:read", TRACE_ORIGIN_INPUT)                                                            \
    X("FILE*:seek", TRACE_ORIGIN_ENVIRONMENT)                                                      \
    X("math.", 0)                                                                                  \
    X("math.random", TRACE_ORIGIN_ENVIRONMENT)                                                     \
    X("os.", TRACE_ORIGIN_ENVIRONMENT)                                                             \
    X("os.getenv", TRACE_ORIGIN_ENVIRONMENT)                                                       \
    X("package.", 0)                                                                               \
    X("string.", 0)                                                                                \
    X("string.dump", TRACE_ORIGIN_DEVICE | TRACE_ORIGIN_NUMBER)                                    \
    X("table.", 0)                                                                                 \
    /* modules of the firmware */                                                                  \
    X("adc.", TRACE_ORIGIN_INPUT)                                                                  \
    X("adc:", TRACE_ORIGIN_INPUT)                                                                  \
    X("bme280.", TRACE_ORIGIN_INPUT)                                                               \
    X("bme280_math.", 0)                                                                           \
    X("bit.", 0)                                                                                   \
    X("cron.", 0)                                                                                  \
    X("crypto.", 0)                                                                                \
    X("crypto.fhash", TRACE_ORIGIN_INPUT)                                                          \
    X("crypto.hash:", 0)                                                                           \
    X("dht.", TRACE_ORIGIN_INPUT)                                                                  \
    X("encoder.", 0)                                                                               \
    X("file.", TRACE_ORIGIN_ENVIRONMENT)                                                           \
    X("file.getcontents", TRACE_ORIGIN_INPUT)                                                      \
    X("file.read", TRACE_ORIGIN_INPUT)                                                             \
    X("file.readline", TRACE_ORIGIN_INPUT)                                                         \
    X("file.obj:", TRACE_ORIGIN_ENVIRONMENT)                                                       \
    X("file.obj:read", TRACE_ORIGIN_INPUT)                                                         \
    X("file.obj:readline", TRACE_ORIGIN_INPUT)                                                     \
    X("freezer.", TRACE_ORIGIN_ENVIRONMENT)                                                        \
    X("gpio.", TRACE_ORIGIN_INPUT)                                                                 \
    X("http.", TRACE_ORIGIN_INPUT)                                                                 \
    X("i2c.", TRACE_ORIGIN_INPUT)                                                                  \
    X("mqtt.", TRACE_ORIGIN_INPUT)                                                                 \
    X("net.", TRACE_ORIGIN_INPUT)                                                                  \
    X("net.ifinfo", TRACE_ORIGIN_ENVIRONMENT)                                                      \
    X("node.", TRACE_ORIGIN_ENVIRONMENT)                                                           \
    X("node.compile", 0)                                                                           \
    X("node.input", 0)                                                                             \
    X("node.LFS.", 0)                                                                              \
    X("node.output", 0)                                                                            \
    X("node.task.", 0)                                                                             \
    X("ow.", TRACE_ORIGIN_INPUT)                                                                   \
    X("ow.check_crc16", 0)                                                                         \
    X("ow.crc16", 0)                                                                               \
    X("ow.crc8", 0)                                                                                \
    X("pipe.", 0)                                                                                  \
    X("pwm.", TRACE_ORIGIN_ENVIRONMENT)                                                            \
    X("rtcmem.", TRACE_ORIGIN_ENVIRONMENT)                                                         \
    X("rtctime.", TRACE_ORIGIN_ENVIRONMENT)                                                        \
    X("pixbuf.", 0)                                                                                \
    X("pixbuf.buf:", 0)                                                                            \
    X("color_utils.", 0)                                                                           \
    X("ws2812.", 0)                                                                                \
    X("apa102.", 0)                                                                                \
    X("sjson.", 0)                                                                                 \
    X("sntp.", TRACE_ORIGIN_INPUT)                                                                 \
    X("struct.", 0)                                                                                \
    X("tmr.", TRACE_ORIGIN_ENVIRONMENT)                                                            \
    X("tmr.create", 0)                                                                             \
    X("uart.", TRACE_ORIGIN_INPUT)                                                                 \
    X("wifi.", TRACE_ORIGIN_ENVIRONMENT)                                                           \
    X("wifi.sta.getap", TRACE_ORIGIN_INPUT)
// clang-format on

#endif
