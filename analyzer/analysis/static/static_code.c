// static_code.c: from the bytes of a firmware to its instructions.

#include "analyzer/analysis/static/static_code.h"

#include <stdlib.h>

#include "runtime/format/status.h"

// What is known of a byte of an executable section.
enum mark { MARK_NONE, MARK_LITERAL, MARK_FIRST, MARK_REST };

struct queue {
    uint32_t *items;
    uint32_t count, room;
};

struct reader {
    struct arena *arena; // for the result
    const struct elf_image *image;
    struct static_code *code;
    uint32_t room;
    // Where there is no property table: marks by section, and addresses from which to go on.
    struct arena *scratch;
    uint8_t **marks;
    struct queue starts, later; // later: what literals say
};

// ---- by the property table ----

static void add_insn(struct reader *reader, uint32_t pc, const struct xtensa_insn *insn)
{
    struct static_code *code = reader->code;
    if (code->insn_count == reader->room) {
        uint32_t room = reader->room ? reader->room * 2 : 4096;
        code->insns = arena_grow_array(reader->arena, code->insns, code->insn_count, room,
                                       sizeof *code->insns);
        reader->room = room;
    }
    code->insns[code->insn_count++] = (struct static_insn){pc, STATIC_NONE, *insn};
}

static void read_stretch(struct reader *reader, uint64_t begin, uint64_t end)
{
    const uint8_t *bytes = elf_image_bytes(reader->image, begin, (size_t)(end - begin));
    struct xtensa_insn insn;
    if (!bytes)
        return;
    for (uint64_t at = begin; at < end;) {
        unsigned length = xtensa_decode(bytes + (at - begin), (size_t)(end - at), (uint32_t)at,
                                        &insn);
        if (length)
            add_insn(reader, (uint32_t)at, &insn);
        reader->code->undecoded += length == 0;
        at += length ? length : 1;
    }
}

// ---- by following control ----

static uint8_t *mark_at(const struct reader *reader, uint32_t addr, uint64_t *room)
{
    const struct elf_section *section = elf_image_section(reader->image, addr);
    if (!section || !section->is_code || !section->data)
        return NULL;
    *room = section->addr + section->bytes - addr;
    return reader->marks[section - reader->image->sections] + (addr - section->addr);
}

static bool is_open(const struct reader *reader, uint32_t addr)
{
    uint64_t room;
    const uint8_t *mark = mark_at(reader, addr, &room);
    return mark && *mark == MARK_NONE;
}

static void add_start(struct reader *reader, struct queue *queue, uint32_t addr)
{
    if (!is_open(reader, addr))
        return;
    if (queue->count == queue->room) {
        uint32_t more = queue->room ? queue->room * 2 : 4096;
        queue->items = arena_grow_array(reader->scratch, queue->items, queue->count, more,
                                        sizeof *queue->items);
        queue->room = more;
    }
    queue->items[queue->count++] = addr;
}

// A literal is no code; what it says may be the address of a function.
static void note_literal(struct reader *reader, uint32_t addr)
{
    uint64_t room = 0;
    uint32_t word;
    uint8_t *mark = mark_at(reader, addr, &room);
    for (unsigned i = 0; mark && i < 4 && i < room; i++)
        if (mark[i] == MARK_NONE)
            mark[i] = MARK_LITERAL;
    if (elf_image_word(reader->image, addr, &word) && (word & 3) == 0)
        add_start(reader, &reader->later, word);
}

// Follows the code until control goes elsewhere for good. A call that does not return is not known:
// after it literals may lie, but no function reaches beyond its size.
static void follow(struct reader *reader, uint32_t pc)
{
    struct xtensa_insn insn;
    const struct elf_symbol *function = elf_image_function(reader->image, pc);
    for (;;) {
        uint64_t room = 0;
        if (function && pc - function->addr >= function->bytes)
            return;
        uint8_t *mark = mark_at(reader, pc, &room);
        if (!mark || *mark != MARK_NONE)
            return;
        size_t most = room < 3 ? (size_t)room : 3;
        unsigned length = xtensa_decode(elf_image_bytes(reader->image, pc, most), most, pc, &insn);
        for (unsigned i = 1; i < length; i++)
            if (mark[i] != MARK_NONE)
                return;
        if (length == 0) {
            reader->code->undecoded++;
            return;
        }
        memset(mark, MARK_REST, length);
        *mark = MARK_FIRST;
        if (insn.kind == XTENSA_LITERAL)
            note_literal(reader, insn.addr);
        else if (insn.addr) // branch, jump, call
            add_start(reader, &reader->starts, insn.addr);
        if (insn.kind == XTENSA_JUMP || insn.kind == XTENSA_RETURN || insn.kind == XTENSA_STOP)
            return;
        pc += length;
    }
}

// What control reaches first, then what literals say, one at a time: they may be numbers.
static void follow_all(struct reader *reader)
{
    while (reader->starts.count || reader->later.count) {
        struct queue *queue = reader->starts.count ? &reader->starts : &reader->later;
        follow(reader, queue->items[--queue->count]);
    }
}

// Words of data that may be addresses of code: vectors and tables of functions, which begin at
// words; then jump tables, whose targets may not.
static void follow_data(struct reader *reader, uint32_t alignment)
{
    for (size_t i = 0; i < reader->image->section_count; i++) {
        const struct elf_section *section = &reader->image->sections[i];
        uint64_t first = (section->addr + 3) & ~(uint64_t)3;
        for (uint64_t at = first; section->data && at + 4 <= section->addr + section->bytes;
             at += 4) {
            uint32_t word;
            uint64_t room;
            const uint8_t *mark = section->is_code ? mark_at(reader, (uint32_t)at, &room) : NULL;
            if ((mark && *mark != MARK_NONE) || !elf_image_word(reader->image, at, &word) ||
                word % alignment != 0)
                continue;
            if (!reader->image->function_count || elf_image_function(reader->image, word))
                add_start(reader, &reader->starts, word);
        }
        follow_all(reader);
    }
}

static void forget_code(struct reader *reader)
{
    reader->code->undecoded = 0;
    for (size_t i = 0; i < reader->image->section_count; i++)
        for (uint64_t off = 0; reader->marks[i] && off < reader->image->sections[i].bytes; off++)
            if (reader->marks[i][off] != MARK_LITERAL)
                reader->marks[i][off] = MARK_NONE;
}

static void read_marked(struct reader *reader)
{
    struct xtensa_insn insn;
    for (size_t i = 0; i < reader->image->section_count; i++) {
        const struct elf_section *section = &reader->image->sections[i];
        for (uint64_t off = 0; reader->marks[i] && off < section->bytes; off++) {
            if (reader->marks[i][off] != MARK_FIRST)
                continue;
            uint32_t pc = (uint32_t)(section->addr + off);
            (void)xtensa_decode(section->data + off, (size_t)(section->bytes - off), pc, &insn);
            add_insn(reader, pc, &insn);
        }
    }
}

static void read_following(struct reader *reader)
{
    const struct elf_image *image = reader->image;
    reader->marks = ARENA_NEW_ARRAY(reader->scratch, uint8_t *, image->section_count + 1);
    for (size_t i = 0; i < image->section_count; i++)
        if (image->sections[i].is_code && image->sections[i].data)
            reader->marks[i] = arena_alloc(reader->scratch, image->sections[i].bytes);
    // Twice: the second time all literals are known from the start.
    for (int pass = 0; pass < 2; pass++) {
        add_start(reader, &reader->starts, (uint32_t)image->entry);
        for (size_t i = 0; i < image->function_count; i++)
            add_start(reader, &reader->starts, (uint32_t)image->functions[i].addr);
        follow_all(reader);
        follow_data(reader, 4);
        follow_data(reader, 1);
        if (pass == 0)
            forget_code(reader);
    }
    read_marked(reader);
}

// ---- functions ----

static void number_functions(struct reader *reader)
{
    struct static_code *code = reader->code;
    const struct elf_image *image = reader->image;
    size_t symbol = 0, room = image->function_count * 2 + 2;
    code->functions = ARENA_NEW_ARRAY(reader->arena, struct static_function, room);
    for (uint32_t i = 0; i < code->insn_count; i++) {
        uint32_t pc = code->insns[i].pc;
        while (symbol < image->function_count && image->functions[symbol].addr <= pc)
            symbol++;
        const struct elf_symbol *owner = symbol ? &image->functions[symbol - 1] : NULL;
        if (owner && owner->bytes && pc - owner->addr >= owner->bytes)
            owner = NULL;
        uint32_t begin = owner ? (uint32_t)owner->addr : 0;
        const char *name = owner ? owner->name : NULL;
        struct static_function *last = code->function_count
                                           ? &code->functions[code->function_count - 1]
                                           : NULL;
        if (!last || last->name != name || (owner && last->begin != begin)) {
            if (code->function_count == room) {
                code->functions = arena_grow_array(reader->arena, code->functions, room, room * 2,
                                                   sizeof *code->functions);
                room *= 2;
            }
            last = &code->functions[code->function_count++];
            *last = (struct static_function){name, owner ? begin : pc, i, 0};
        }
        last->count++;
        code->insns[i].function = code->function_count - 1;
    }
}

static int compare_insns(const void *x, const void *y)
{
    const struct static_insn *a = x, *b = y;
    return (a->pc > b->pc) - (a->pc < b->pc);
}

int static_code_read(struct arena *arena, const struct elf_image *image, const char *path,
                     struct static_code *code, struct problem *problem)
{
    struct reader reader = {.arena = arena, .image = image, .code = code};
    *code = (struct static_code){.image = image, .is_exact = image->code_count > 0};
    if (image->machine != ELF_MACHINE_XTENSA)
        return problem_set(problem, STATUS_VERSION, text_of(path), PROBLEM_NO_OFF,
                           "an ELF file for another machine (number %u%s), not for the ESP8266 "
                           "(Xtensa, %u)",
                           image->machine, image->machine == ELF_MACHINE_X86_64 ? ", x86-64" : "",
                           ELF_MACHINE_XTENSA);
    if (image->is_relocatable)
        return problem_set(problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                           "an object file that is not linked: its code and constants have no "
                           "addresses yet; give the linked firmware");
    if (code->is_exact) {
        for (size_t i = 0; i < image->code_count; i++)
            read_stretch(&reader, image->code[i].begin, image->code[i].end);
    } else {
        struct arena scratch;
        arena_init(&scratch);
        reader.scratch = &scratch;
        read_following(&reader);
        arena_deinit(&scratch);
    }
    if (code->insn_count == 0)
        return problem_set(problem, STATUS_DAMAGED, text_of(path), PROBLEM_NO_OFF, "no code in it");
    qsort(code->insns, code->insn_count, sizeof *code->insns, compare_insns);
    number_functions(&reader);
    return STATUS_OK;
}

// ---- look-ups ----

uint32_t static_code_at(const struct static_code *code, uint32_t pc)
{
    uint32_t low = 0, high = code->insn_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (code->insns[middle].pc < pc)
            low = middle + 1;
        else
            high = middle;
    }
    return low < code->insn_count && code->insns[low].pc == pc ? low : STATIC_NONE;
}

uint32_t static_code_function(const struct static_code *code, uint32_t pc)
{
    uint32_t at = static_code_at(code, pc);
    if (at == STATIC_NONE || code->functions[code->insns[at].function].begin != pc)
        return STATIC_NONE;
    return code->insns[at].function;
}
