// trace_tsdl.c: writes TSDL from the event table, so that it cannot drift from writer and reader.
//
// Writes: the stream of the caller. Memory: none. Source: CTF 1.8; what babeltrace2 2.0 takes.

#include "analyzer/trace/trace_tsdl.h"

#include <stdint.h>

#include "runtime/format/trace.h"

// Fields begin with an underscore, since words like `stream` are keywords; readers take it off.
#define TSDL_FIELD(type, name) "        " #type " _" #name ";\n"
#define TSDL_TAIL(name)                                                                           \
    "        u16 _" #name "_length;\n        text_byte _" #name "[_" #name "_length];\n"
#define TSDL_EVENT(id, name, fields)                                                              \
    "event {\n    id = " #id ";\n    name = \"" #name "\";\n    stream_id = 0;\n"                 \
    "    fields := struct {\n" fields "    } align(8);\n};\n\n"

#define TSDL_WORD(name, text) text,

struct tsdl_enum {
    const char *name;
    const char *const *words;
    unsigned count;
};

static const char *const kinds[] = {TRACE_KINDS(TSDL_WORD)};
static const char *const contents[] = {TRACE_CONTENT_FUNCTIONS(TSDL_WORD)};
static const char *const vm_whats[] = {TRACE_VM_EVENTS(TSDL_WORD)};
static const char *const gc_reasons[] = {TRACE_GC_REASONS(TSDL_WORD)};
static const char *const gc_phases[] = {TRACE_GC_PHASES(TSDL_WORD)};
static const char *const places[] = {TRACE_PLACES(TSDL_WORD)};
static const char *const flash_uses[] = {TRACE_FLASH_USES(TSDL_WORD)};

static const struct tsdl_enum enums[] = {
    {"kind", kinds, KIND_COUNT},
    {"content", contents, CONTENT_COUNT},
    {"vm_what", vm_whats, VM_EVENT_COUNT},
    {"gc_reason", gc_reasons, GC_REASON_COUNT},
    {"gc_phase", gc_phases, GC_PHASE_COUNT},
    {"place", places, PLACE_COUNT},
    {"flash_use", flash_uses, FLASH_USE_COUNT},
};

static const char types_text[] =
    "typealias integer { size = 8; align = 8; signed = false; } := u8;\n"
    "typealias integer { size = 16; align = 8; signed = false; } := u16;\n"
    "typealias integer { size = 32; align = 8; signed = false; } := u32;\n"
    "typealias integer { size = 64; align = 8; signed = false; } := u64;\n"
    "typealias integer { size = 8; align = 8; signed = false; encoding = UTF8; } := text_byte;\n"
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

static const char stream_text[] = "stream {\n"
                                  "    id = 0;\n"
                                  "    packet.context := struct {\n"
                                  "        u32 packet_size;\n"
                                  "        u32 content_size;\n"
                                  "        clock_bits timestamp_begin;\n"
                                  "        clock_bits timestamp_end;\n"
                                  "        u64 events_discarded;\n"
                                  "        u64 packet_seq_num;\n"
                                  "        u64 serial_first;\n"
                                  "        u64 real_ns;\n"
                                  "    } align(8);\n"
                                  "    event.header := struct {\n"
                                  "        id_bits id;\n"
                                  "        stamp_bits stamp;\n"
                                  "    } align(8);\n"
                                  "};\n\n";

void trace_tsdl_uuid(char text[TRACE_UUID_CHARS])
{
    uint8_t uuid[16];
    trace_schema_uuid(uuid);
    char *at = text;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        at += snprintf(at, 3, "%02x", uuid[i]);
    }
}

static void write_enums(FILE *out)
{
    for (size_t i = 0; i < sizeof enums / sizeof *enums; i++) {
        fprintf(out, "typealias enum : u8 {\n");
        for (unsigned value = 0; value < enums[i].count; value++)
            fprintf(out, "    \"%s\" = %u%s\n", enums[i].words[value], value,
                    value + 1 < enums[i].count ? "," : "");
        fprintf(out, "} := %s;\n", enums[i].name);
    }
    fputs("\n", out);
}

void trace_tsdl_write(FILE *out, const char *version)
{
    char uuid[TRACE_UUID_CHARS];
    trace_tsdl_uuid(uuid);
    fputs("/* CTF 1.8 */\n\n", out);
    fputs(types_text, out);
    fprintf(out,
            "\ntrace {\n    major = 1;\n    minor = 8;\n    uuid = \"%s\";\n"
            "    byte_order = le;\n    packet.header := struct {\n        u32 magic;\n"
            "        u8 uuid[16];\n        u8 stream_id;\n    } align(8);\n};\n\n",
            uuid);
    fprintf(out, "env {\n    tracer_name = \"frost\";\n    version = \"%s\";\n};\n\n", version);
    fputs(clock_text, out);
    write_enums(out);
    fputs(stream_text, out);
    fputs(TRACE_EVENTS(TSDL_EVENT, TSDL_FIELD, TSDL_TAIL), out);
}
