// plugin.c: watches the emulated chip: loads from flash, the flash cache, instructions executed.
//
// QEMU asks about each block of code when it translates it; here each load is found by decoding it
// (runtime/format/xtensa.h), and gets a call with the address that it loads from. Of instructions
// the first in a block and the first in each line of flash get a call, which stands for those up to
// the next such one.
// The program says by the address of stores where it is (runtime/format/doorbell.h).
// Options: map=FILE (plugin_map.c), out=PIPE (wire.h), report=FILE (plugin_report.c).
// Context: QEMU's thread of the one CPU.

#include "collectors/qemu/plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/qemu/plugin_api.h"
#include "runtime/format/doorbell.h"
#include "runtime/format/trace.h"
#include "runtime/format/xtensa.h"

#define LINE_BYTES_USUAL 32u // without a map instructions are still counted by such stretches

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_API_VERSION;

// A load instruction.
struct plugin_load {
    uint32_t pc;
    uint8_t width;
    uint32_t literal; // of an l32r, which always loads from there; 0: asks each time
    uint64_t count;
    struct plugin_memo load, miss;
};

// Instructions that are executed one after the other, all in one line of flash or not in flash.
struct segment {
    uint64_t runs; // not yet added to a sum
    uint16_t site; // of those
    bool is_flash;
    uint32_t pc, function, count;
    const uint32_t *line_place; // plugin_cache_find(); NULL: no cache
    uint32_t line;
    struct segment *next_used;
    struct plugin_memo code, miss;
};

static struct plugin_map map;
static uint32_t line_bytes = LINE_BYTES_USUAL;
static const char *report_path;
static bool is_inside; // a probe is at work
static bool has_stopped;
static uint32_t ending; // WIRE_CUT: the program has said so
static struct segment end_of_used;
static struct segment *used = &end_of_used; // those that have run since the last packet

// ---- while the program runs ----

static void on_load_from(struct plugin_load *load, uint32_t addr)
{
    if (is_inside || has_stopped)
        return;
    load->count++;
    plugin_totals.loads[load->width / 2]++;
    struct plugin_key key = {addr & ~3u, load->pc, TRACE_ID_flash_load, load->width};
    plugin_count(&load->load, &key, plugin_site, 1, 0);
    if (plugin_cache_misses(addr)) {
        plugin_totals.load_misses++;
        key = (struct plugin_key){addr & ~(line_bytes - 1), load->pc, TRACE_ID_cache_miss,
                                  FLASH_USE_DATA};
        plugin_count(&load->miss, &key, plugin_site, 1, 0);
    }
}

static void on_load(unsigned cpu, uint32_t info, uint64_t addr, void *data)
{
    (void)cpu;
    (void)info;
    if (IN_WINDOW(addr))
        on_load_from(data, (uint32_t)addr);
}

static void on_literal(unsigned cpu, void *data)
{
    (void)cpu;
    struct plugin_load *load = data;
    on_load_from(load, load->literal);
}

static void add_runs(struct segment *segment)
{
    uint64_t instructions = segment->runs * segment->count;
    uint64_t fetches = segment->is_flash ? segment->runs : 0;
    struct plugin_key key = {0, segment->function, TRACE_ID_machine_code, 0};
    plugin_count(&segment->code, &key, segment->site, instructions, fetches);
    plugin_totals.instructions += instructions;
    plugin_totals.fetches += fetches;
    segment->runs = 0;
}

static void on_missed_line(struct segment *segment)
{
    if (!plugin_cache_misses(segment->pc))
        return;
    plugin_totals.fetch_misses++;
    struct plugin_key key = {segment->pc & ~(line_bytes - 1), segment->pc, TRACE_ID_cache_miss,
                             FLASH_USE_CODE};
    plugin_count(&segment->miss, &key, plugin_site, 1, 0);
}

// The most frequent of all: counts, and leaves the adding up for when the site is another one.
static void on_segment(unsigned cpu, void *data)
{
    (void)cpu;
    struct segment *segment = data;
    if (is_inside || has_stopped) {
        *(is_inside ? &plugin_totals.probe_instructions
                    : &plugin_totals.other_instructions) += segment->count;
        return;
    }
    if (segment->site != plugin_site && segment->runs)
        add_runs(segment);
    segment->site = plugin_site;
    if (!segment->next_used) {
        segment->next_used = used;
        used = segment;
    }
    segment->runs++;
    if (segment->line_place && *segment->line_place != segment->line)
        on_missed_line(segment);
}

static void flush(uint32_t flags)
{
    while (used != &end_of_used) {
        struct segment *segment = used;
        used = segment->next_used;
        segment->next_used = NULL;
        if (segment->runs)
            add_runs(segment);
    }
    plugin_counts_flush(flags | ending);
}

// A store of the probes' code.
static void on_doorbell(unsigned cpu, uint32_t info, uint64_t addr64, void *data)
{
    (void)cpu;
    (void)data;
    uint32_t addr = (uint32_t)addr64;
    if (addr - DOORBELL_SITE < DOORBELL_SITE_COUNT && qemu_plugin_mem_is_store(info)) {
        plugin_site = (uint16_t)(addr - DOORBELL_SITE);
        return;
    }
    switch (addr) {
    case DOORBELL_ENTER:
        is_inside = true;
        break;
    case DOORBELL_LEAVE:
        is_inside = false;
        break;
    case DOORBELL_PACKET:
    case DOORBELL_STOP:
        if (!has_stopped)
            flush(0);
        has_stopped |= addr == DOORBELL_STOP;
        break;
    case DOORBELL_CUT:
        ending = WIRE_CUT;
        break;
    default:
        break;
    }
}

// ---- while code is translated ----

static void *new_zeroed(size_t bytes)
{
    void *memory = calloc(1, bytes);
    if (!memory)
        abort();
    return memory;
}

static bool is_probe_code(uint32_t pc)
{
    return pc - map.probe_begin < map.probe_end - map.probe_begin;
}

// Code of the firmware: not of what stands for the mask ROM.
static bool is_firmware(uint32_t pc)
{
    return IN_WINDOW(pc) || pc - IRAM_ADDR < IRAM_BYTES;
}

// `decoded` is a load; the stack is never in flash.
static void watch_load(struct qemu_plugin_insn *insn, const struct xtensa_insn *decoded,
                       uint32_t pc)
{
    bool is_literal = decoded->kind == XTENSA_LITERAL;
    if (is_literal ? !IN_WINDOW(decoded->addr) : decoded->base == 1)
        return;
    struct plugin_load *load = new_zeroed(sizeof *load);
    load->pc = pc;
    load->width = decoded->width;
    load->literal = is_literal ? decoded->addr : 0;
    plugin_report_load(pc, load->width, &load->count);
    if (is_literal)
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_literal, PLUGIN_NO_REGISTERS, load);
    else
        qemu_plugin_register_vcpu_mem_cb(insn, on_load, PLUGIN_NO_REGISTERS,
                                         PLUGIN_LOADS_AND_STORES, load);
}

static struct segment *begin_segment(struct qemu_plugin_insn *insn, uint32_t pc)
{
    struct segment *segment = new_zeroed(sizeof *segment);
    segment->pc = pc;
    segment->function = plugin_map_function(&map, pc);
    segment->is_flash = IN_WINDOW(pc);
    if (segment->is_flash)
        plugin_cache_find(pc, &segment->line_place, &segment->line);
    qemu_plugin_register_vcpu_insn_exec_cb(insn, on_segment, PLUGIN_NO_REGISTERS, segment);
    return segment;
}

// Code that does not count but as a sum; of the probes' the doorbell is watched.
static void watch_other_code(struct qemu_plugin_tb *block, size_t count, bool is_probe)
{
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
        qemu_plugin_register_vcpu_insn_exec_inline(
            insn, PLUGIN_ADD,
            is_probe ? &plugin_totals.probe_instructions : &plugin_totals.other_instructions, 1);
        struct xtensa_insn decoded;
        xtensa_decode(qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn),
                      (uint32_t)qemu_plugin_insn_vaddr(insn), &decoded);
        if (is_probe && decoded.kind == XTENSA_STORE && decoded.base != 1)
            qemu_plugin_register_vcpu_mem_cb(insn, on_doorbell, PLUGIN_NO_REGISTERS,
                                             PLUGIN_LOADS_AND_STORES, NULL);
    }
}

// An instruction across two lines belongs to the first.
static void watch_firmware(struct qemu_plugin_tb *block, size_t count)
{
    struct segment *segment = NULL;
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
        uint32_t pc = (uint32_t)qemu_plugin_insn_vaddr(insn);
        struct xtensa_insn decoded;
        if (!segment || (segment->is_flash && (segment->pc ^ pc) >= line_bytes))
            segment = begin_segment(insn, pc);
        segment->count++;
        xtensa_decode(qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn), pc, &decoded);
        if (xtensa_is_load(&decoded))
            watch_load(insn, &decoded, pc);
    }
}

static void on_block(uint64_t id, struct qemu_plugin_tb *block)
{
    (void)id;
    size_t count = qemu_plugin_tb_n_insns(block);
    if (count == 0)
        return;
    uint32_t pc = (uint32_t)qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(block, 0));
    if (is_firmware(pc) && !is_probe_code(pc))
        watch_firmware(block, count);
    else
        watch_other_code(block, count, is_probe_code(pc));
}

// ---- start and end ----

static void on_exit_of_emulator(uint64_t id, void *data)
{
    (void)id;
    (void)data;
    flush(WIRE_LAST);
    if (report_path)
        plugin_report_write(report_path);
}

static const char *value_of(const char *word, const char *key)
{
    size_t bytes = strlen(key);
    return strncmp(word, key, bytes) == 0 && word[bytes] == '=' ? word + bytes + 1 : NULL;
}

static int take_option(const char *word)
{
    const char *value;
    if ((value = value_of(word, "map")) != NULL)
        return plugin_map_read(&map, value);
    if ((value = value_of(word, "out")) != NULL)
        return plugin_counts_open(value);
    if ((value = value_of(word, "report")) != NULL) {
        report_path = strdup(value);
        return report_path ? 0 : -1;
    }
    fprintf(stderr, "frost: plugin: unknown option '%s'\n", word);
    return -1;
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++)
        if (take_option(argv[i]) != 0)
            return -1;
    if (map.line_bytes != 0) {
        if (plugin_cache_init(map.line_bytes, map.set_count, map.way_count) != 0) {
            fprintf(stderr, "frost: plugin: no such flash cache\n");
            return -1;
        }
        line_bytes = map.line_bytes;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
    qemu_plugin_register_atexit_cb(id, on_exit_of_emulator, NULL);
    return 0;
}
