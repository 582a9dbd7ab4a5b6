// trace_tsdl.c: writes TSDL from the event table, so that it cannot drift from writer and reader.
//
// Writes: the stream of the caller. Memory: none. Source: CTF 1.8; what babeltrace2 2.0 takes.

#include "analyzer/trace/trace_tsdl.h"

#include <stdint.h>

#include "analyzer/trace/trace_fields.h"

// Fields begin with an underscore, since words like `stream` are keywords; readers take it off.
#define TSDL_FIELD(type, name) "        " #type " _" #name ";\n"
#define TSDL_TAIL(name)                                                                            \
    "        u16 _" #name "_length;\n        text_byte _" #name "[_" #name "_length];\n"
#define TSDL_EVENT(id, name, fields)                                                               \
    "event {\n    id = " #id ";\n    name = \"" #name "\";\n    stream_id = 0;\n"                  \
    "    fields := struct {\n" fields "    } align(8);\n};\n\n"

static const char types_text[] =
    "typealias integer { size = 1; align = 1; signed = false; } := u1;\n"
    "typealias integer { size = 6; align = 1; signed = false; } := u6;\n"
    "typealias integer { size = 7; align = 1; signed = false; } := u7;\n"
    "typealias integer { size = 8; align = 8; signed = false; } := u8;\n"
    "typealias integer { size = 16; align = 8; signed = false; } := u16;\n"
    "typealias integer { size = 32; align = 8; signed = false; } := u32;\n"
    "typealias integer { size = 64; align = 8; signed = false; } := u64;\n"
    "typealias integer { size = 8; align = 8; signed = false; encoding = UTF8; } := text_byte;\n"
    "typealias integer { size = 8; align = 8; signed = false; } := origin;\n"
    "typealias integer { size = 32; align = 8; signed = false; } := text_id;\n"
    "typealias integer { size = 32; align = 8; signed = false; } := name_id;\n"
    "typealias integer { size = 5; align = 1; signed = false; } := id_bits;\n";

static const char clock_text[] =
    "clock {\n"
    "    name = vm;\n"
    "    description = \"VM instructions executed; 1 ns stands for one instruction\";\n"
    "    freq = 1000000000;\n"
    "    offset = 0;\n"
    "};\n\n"
    "typealias integer { size = 27; align = 1; signed = false; map = clock.vm.value; }"
    " := stamp_bits;\n"
    "typealias integer { size = 64; align = 8; signed = false; map = clock.vm.value; }"
    " := clock_bits;\n\n";

const char trace_tsdl_packet_header[] = ";\n"
                                        "    byte_order = le;\n"
                                        "    packet.header := struct {\n"
                                        "        u32 magic;\n"
                                        "        u8 uuid[16];\n"
                                        "        u8 stream_id;\n"
                                        "    } align(8);\n";

#define TSDL_STREAM(header)                                                                        \
    "\n    id = 0;\n"                                                                              \
    "    packet.context := struct {\n"                                                             \
    "        u32 packet_size;\n"                                                                   \
    "        u32 content_size;\n"                                                                  \
    "        clock_bits timestamp_begin;\n"                                                        \
    "        clock_bits timestamp_end;\n"                                                          \
    "        u64 events_discarded;\n"                                                              \
    "        u64 packet_seq_num;\n"                                                                \
    "        u64 serial_first;\n"                                                                  \
    "        u64 real_ns;\n"                                                                       \
    "    } align(8);\n"                                                                            \
    "    event.header := struct {\n" header "    } align(8);\n"

const char *const trace_tsdl_stream[2] = {
    TSDL_STREAM("        id_bits id;\n"
                "        stamp_bits stamp;\n"),
    TSDL_STREAM("        enum : id_bits { compact = 0 ... 30, extended = 31 } id;\n"
                "        variant <id> {\n"
                "            struct {\n"
                "                stamp_bits stamp;\n"
                "            } compact;\n"
                "            struct {\n"
                "                u32 id;\n"
                "                clock_bits stamp;\n"
                "            } extended;\n"
                "        } v;\n"),
};

void trace_uuid_text(const uint8_t uuid[16], char text[TRACE_UUID_CHARS])
{
    char *at = text;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        at += snprintf(at, 3, "%02x", uuid[i]);
    }
}

static void write_enums(FILE *out)
{
    for (const struct trace_enum *e = trace_enums; e->type; e++) {
        fprintf(out, "typealias enum : u%u {\n", e->bits);
        for (unsigned value = 0; value < e->count; value++)
            fprintf(out, "    \"%s\" = %u%s\n", e->words[value], value,
                    value + 1 < e->count ? "," : "");
        fprintf(out, "} := %s;\n", e->type);
    }
    fputs("\n", out);
}

void trace_tsdl_write(FILE *out, const char *version)
{
    uint8_t bytes[16];
    char uuid[TRACE_UUID_CHARS];
    trace_schema_uuid(bytes);
    trace_uuid_text(bytes, uuid);
    fputs("/* CTF 1.8 */\n\n", out);
    fputs(types_text, out);
    fprintf(out, "\ntrace {\n    major = 1;\n    minor = 8;\n    uuid = \"%s\"%s};\n\n", uuid,
            trace_tsdl_packet_header);
    fprintf(out, "env {\n    tracer_name = \"frost\";\n    version = \"%s\";\n};\n\n", version);
    fputs(clock_text, out);
    write_enums(out);
    fprintf(out, "stream {%s};\n\n", trace_tsdl_stream[1]);
    fputs(TRACE_EVENTS(TSDL_EVENT, TSDL_FIELD, TSDL_TAIL), out);
}
