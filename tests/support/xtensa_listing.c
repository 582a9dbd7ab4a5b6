// xtensa_listing.c: compares runtime/format/xtensa.h with a disassembler.
//
// usage: xtensa-lx106-elf-objdump -d FW.elf | xtensa_listing
// Each line of the listing is decoded again and written as objdump writes it; for instructions that
// the decoder only knows the written registers of, those are compared. Differences are printed.
// The last line is "N instructions, M sub-word loads, D differ"; status 1 if D is not 0.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/format/xtensa.h"

#define LINE_BYTES 192

struct line {
    unsigned pc;
    char hex[32], name[32], operands[LINE_BYTES];
};

// The listing has numbers in either base; ours are decimal.
static void make_decimal(char *operands)
{
    char out[LINE_BYTES] = "";
    size_t used = 0;
    for (const char *at = operands; *at && used + 16 < sizeof out;) {
        if (at[0] == '0' && at[1] == 'x') {
            char *end;
            used += (size_t)snprintf(out + used, sizeof out - used, "%d",
                                     (int)(unsigned)strtoul(at, &end, 16));
            at = end;
        } else {
            out[used++] = *at++;
        }
    }
    out[used] = 0;
    memcpy(operands, out, used + 1);
}

static int begins(const char *name, const char *const *heads)
{
    for (; *heads; heads++)
        if (strncmp(name, *heads, strlen(*heads)) == 0)
            return 1;
    return 0;
}

// Only what it writes is known: the first operand, if it is a register.
static int is_same_effect(const struct line *line, const struct xtensa_insn *insn)
{
    static const char *const known[] = {"l8",  "l16",  "l32", "s8i", "s16i", "s32i", "add",
                                        "mov", "call", "j",   "ret", "b",    NULL};
    static const char *const none[] = {"wsr", "ss", "wur", "wdtlb", "witlb", "waiti", NULL};
    unsigned reg;
    if (begins(line->name, known))
        return strcmp(line->name, "break") == 0;
    unsigned writes = sscanf(line->operands, "a%u", &reg) == 1 ? 1u << reg : 0;
    return insn->writes == writes || (begins(line->name, none) && (insn->writes & ~writes) == 0);
}

static void write_access(const struct xtensa_insn *insn, const char *name, char *mine)
{
    snprintf(mine, LINE_BYTES, "%s%s a%u, a%u, %d", name, insn->bytes == 2 ? ".n" : "", insn->reg,
             insn->base, insn->imm);
}

// The instruction as the listing has it; empty if its effect alone is known.
static void write_like(const struct line *line, const struct xtensa_insn *insn, char *mine)
{
    static const char *const accesses[] = {[XTENSA_LOAD_8] = "l8ui",
                                           [XTENSA_LOAD_16] = "l16ui",
                                           [XTENSA_LOAD_16S] = "l16si",
                                           [XTENSA_LOAD_32] = "l32i"};
    const char *name = line->name;
    *mine = 0;
    switch (insn->kind) {
    case XTENSA_LOAD_8:
    case XTENSA_LOAD_16:
    case XTENSA_LOAD_16S:
    case XTENSA_LOAD_32:
        write_access(insn, accesses[insn->kind], mine);
        break;
    case XTENSA_STORE:
        write_access(insn, insn->width == 1 ? "s8i" : insn->width == 2 ? "s16i" : "s32i", mine);
        break;
    case XTENSA_ADD_IMM:
        write_access(insn, name[3] == 'm' ? "addmi" : "addi", mine);
        break;
    case XTENSA_LITERAL:
        snprintf(mine, LINE_BYTES, "l32r a%u, %x ", insn->reg, insn->addr);
        break;
    case XTENSA_SET:
        snprintf(mine, LINE_BYTES, "%s a%u, %d", name, insn->reg, insn->imm);
        break;
    default:
        break;
    }
}

static int is_same(const struct line *line, const struct xtensa_insn *insn)
{
    char mine[LINE_BYTES], theirs[2 * LINE_BYTES], text[64];
    const char *last = strrchr(line->operands, ',');
    snprintf(theirs, sizeof theirs, "%s%s%s", line->name, line->operands[0] ? " " : "",
             line->operands);
    switch (insn->kind) {
    case XTENSA_BRANCH: // the last operand is where it goes
        snprintf(text, sizeof text, "%x ", insn->addr);
        return line->name[0] == 'b' && last && strcmp(last + 2, text) == 0;
    case XTENSA_CALL:
        snprintf(text, sizeof text, insn->base == XTENSA_NO_REGISTER ? "call0 %x " : "callx0 a%u",
                 insn->base == XTENSA_NO_REGISTER ? insn->addr : insn->base);
        return strcmp(theirs, text) == 0;
    case XTENSA_JUMP:
        snprintf(text, sizeof text, insn->base == XTENSA_NO_REGISTER ? "j %x " : "jx a%u",
                 insn->base == XTENSA_NO_REGISTER ? insn->addr : insn->base);
        return strcmp(theirs, text) == 0;
    case XTENSA_RETURN:
        return strncmp(line->name, "ret", 3) == 0 || strncmp(line->name, "rf", 2) == 0;
    case XTENSA_STOP:
        return strncmp(line->name, "ill", 3) == 0 || strncmp(line->name, "break", 5) == 0;
    case XTENSA_MOVE: // objdump says or where it stands for mov
        snprintf(text, sizeof text, "a%u, a%u", insn->reg, insn->base);
        return strncmp(line->operands, text, strlen(text)) == 0 &&
               (strncmp(line->name, "mov", 3) == 0 || strcmp(line->name, "or") == 0);
    case XTENSA_MOVE_IF:
        snprintf(text, sizeof text, "a%u, a%u, ", insn->reg, insn->base);
        return strncmp(line->name, "mov", 3) == 0 &&
               strncmp(line->operands, text, strlen(text)) == 0;
    case XTENSA_ADD:
        snprintf(text, sizeof text, "a%u, a%u, a%u", insn->reg, insn->base, insn->other);
        return strncmp(line->name, "add", 3) == 0 && strcmp(line->operands, text) == 0 &&
               (insn->scale == 1 || line->name[4] == (char)('0' + insn->scale));
    case XTENSA_OTHER:
        return is_same_effect(line, insn);
    default:
        write_like(line, insn, mine);
        return strcmp(mine, theirs) == 0;
    }
}

int main(void)
{
    char text[512];
    unsigned long count = 0, narrow_count = 0, different_count = 0;
    while (fgets(text, sizeof text, stdin)) {
        struct line line = {.operands = ""};
        struct xtensa_insn insn;
        if (sscanf(text, " %x:\t%31s \t%31s %127[^\n]", &line.pc, line.hex, line.name,
                   line.operands) < 3 ||
            line.name[0] == '.' || !strcmp(line.name, "excw"))
            continue; // excw: what objdump makes of data
        char *comment = strchr(line.operands, '<');
        if (comment)
            *comment = 0;
        unsigned word = (unsigned)strtoul(line.hex, NULL, 16);
        uint8_t code[3] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16)};
        xtensa_decode(code, strlen(line.hex) / 2, line.pc, &insn);
        make_decimal(line.operands);
        count++;
        narrow_count += xtensa_is_narrow_load(&insn);
        if (is_same(&line, &insn))
            continue;
        different_count++;
        printf("%x: %s %s: kind %u, a%u, a%u, %d, 0x%x, writes 0x%x\n", line.pc, line.name,
               line.operands, insn.kind, insn.reg, insn.base, insn.imm, insn.addr, insn.writes);
    }
    printf("%lu instructions, %lu sub-word loads, %lu differ\n", count, narrow_count,
           different_count);
    return different_count != 0;
}
