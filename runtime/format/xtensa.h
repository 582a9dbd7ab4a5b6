// xtensa.h: what one machine instruction of the ESP8266's CPU (lx106) does, as far as data flow
// and loads are concerned: one decoder for the QEMU plugin and for the static analysis.
//
// Reads: the bytes of one instruction. Memory: none.
// Source: Xtensa Instruction Set Architecture reference manual, core instructions and the options
// that lx106 has (code density, 16/32-bit multiply, extended L32R is off, no windows, no loops);
// tests/e2e/hot-elf.sh compares every instruction of the firmware with objdump's listing.
//
// Bits of a 24-bit instruction, little-endian:
//   3..0 op0 | 7..4 t | 11..8 s | 15..12 r | 19..16 op1 | 23..20 op2
//   loads and stores (op0 2): r says which one, at = t, base as = s, unsigned offset 23..16
//   l32r (op0 1): at = t, 23..8 a negative word offset from the next word of code
//   calls (op0 5) and jumps (op0 6, n 0): n 5..4, signed offset 23..6
// Bits of a 16-bit one (op0 8 to 13): as above up to r.

#ifndef FROST_FORMAT_XTENSA_H
#define FROST_FORMAT_XTENSA_H

#include <stddef.h>
#include <stdint.h>

#define XTENSA_REGISTER_COUNT 16u
#define XTENSA_NO_REGISTER 0xffu
// Registers that a called function may change (call0 ABI): all but a1 and a12 to a15.
#define XTENSA_CALL_CHANGES 0x0ffdu

enum xtensa_kind {
    XTENSA_OTHER,
    XTENSA_LOAD_8,   // l8ui: reg = [base + imm]
    XTENSA_LOAD_16,  // l16ui
    XTENSA_LOAD_16S, // l16si
    XTENSA_LOAD_32,  // l32i, l32i.n
    XTENSA_LITERAL,  // l32r: reg = [addr]
    XTENSA_STORE,    // [base + imm] = reg, of any width
    XTENSA_ADD_IMM,  // addi, addi.n, addmi: reg = base + imm
    XTENSA_ADD,      // add, add.n, addx2, addx4, addx8: reg = base * scale + other
    XTENSA_MOVE,     // mov, mov.n: reg = base
    XTENSA_MOVE_IF,  // moveqz, movnez, movltz, movgez: reg = base, or unchanged
    XTENSA_SET,      // movi, movi.n: reg = imm
    XTENSA_CALL,     // call0: addr; callx0: base, addr 0
    XTENSA_JUMP,     // j: addr; jx: base, addr 0
    XTENSA_BRANCH,   // conditional: addr, or the next instruction
    XTENSA_RETURN,   // ret, ret.n, rfe, rfi
    XTENSA_STOP,     // ill, ill.n, break: nothing follows
};

struct xtensa_insn {
    uint8_t bytes; // 2 or 3; 0: no instruction of this machine, or cut off
    uint8_t kind;  // enum xtensa_kind
    uint8_t width; // of a load or store in bytes, else 0
    uint8_t reg;   // XTENSA_NO_REGISTER where there is none
    uint8_t base;
    uint8_t other;
    uint8_t scale;   // of XTENSA_ADD: 1, 2, 4 or 8
    int32_t imm;     // offset of a load in bytes, or a value
    uint32_t addr;   // of a literal; target of a call, jump or branch
    uint16_t writes; // registers that it changes, one bit each; too many rather than too few
};

static inline int xtensa_is_narrow_load(const struct xtensa_insn *insn)
{
    return insn->kind >= XTENSA_LOAD_8 && insn->kind <= XTENSA_LOAD_16S;
}

// Loads of data; l32r reads the code's own literals and counts as one of 4 bytes.
static inline int xtensa_is_load(const struct xtensa_insn *insn)
{
    return insn->kind >= XTENSA_LOAD_8 && insn->kind <= XTENSA_LITERAL;
}

// Sign extension of the low `bits` bits.
static inline int32_t xtensa_signed(uint32_t value, unsigned bits)
{
    uint32_t sign = 1u << (bits - 1);
    value &= (sign << 1) - 1;
    return (int32_t)((value ^ sign) - sign);
}

static inline uint16_t xtensa_bit(unsigned reg)
{
    return (uint16_t)(1u << reg);
}

// ---- 16-bit instructions ----

static inline void xtensa_decode_density(uint32_t word, uint32_t pc, struct xtensa_insn *insn)
{
    unsigned t = word >> 4 & 15, s = word >> 8 & 15, r = word >> 12 & 15;
    insn->bytes = 2;
    switch (word & 15) {
    case 8: // l32i.n
    case 9: // s32i.n
        insn->kind = (word & 1) ? XTENSA_STORE : XTENSA_LOAD_32;
        insn->width = 4;
        insn->reg = (uint8_t)t;
        insn->base = (uint8_t)s;
        insn->imm = (int32_t)(r * 4);
        insn->writes = (word & 1) ? 0 : xtensa_bit(t);
        break;
    case 10: // add.n
    case 11: // addi.n, where 0 stands for -1
        insn->kind = (word & 1) ? XTENSA_ADD_IMM : XTENSA_ADD;
        insn->reg = (uint8_t)r;
        insn->base = (uint8_t)s;
        insn->scale = 1;
        if (word & 1)
            insn->imm = t ? (int32_t)t : -1;
        else
            insn->other = (uint8_t)t;
        insn->writes = xtensa_bit(r);
        break;
    case 12:
        if (t & 8) { // beqz.n, bnez.n
            insn->kind = XTENSA_BRANCH;
            insn->base = (uint8_t)s;
            insn->addr = pc + 4 + ((t & 3) << 4 | r);
        } else { // movi.n, -32 to 95
            uint32_t value = (t & 7) << 4 | r;
            insn->kind = XTENSA_SET;
            insn->reg = (uint8_t)s;
            insn->imm = value >= 96 ? (int32_t)value - 128 : (int32_t)value;
            insn->writes = xtensa_bit(s);
        }
        break;
    default:          // 13
        if (r == 0) { // mov.n
            insn->kind = XTENSA_MOVE;
            insn->reg = (uint8_t)t;
            insn->base = (uint8_t)s;
            insn->writes = xtensa_bit(t);
        } else if (r == 15 && t <= 1) {
            insn->kind = XTENSA_RETURN;
        } else if (r == 15 && t == 6) {
            insn->kind = XTENSA_STOP; // ill.n
        }
        break;
    }
}

// ---- 24-bit instructions ----

// op0 2: loads, stores, and immediates that share their form.
static inline void xtensa_decode_lsai(uint32_t word, struct xtensa_insn *insn)
{
    static const uint8_t kinds[16] = {
        [0] = XTENSA_LOAD_8,   [1] = XTENSA_LOAD_16,  [2] = XTENSA_LOAD_32,  [4] = XTENSA_STORE,
        [5] = XTENSA_STORE,    [6] = XTENSA_STORE,    [9] = XTENSA_LOAD_16S, [10] = XTENSA_SET,
        [11] = XTENSA_LOAD_32, [12] = XTENSA_ADD_IMM, [13] = XTENSA_ADD_IMM, [14] = XTENSA_STORE,
        [15] = XTENSA_STORE};
    static const uint8_t widths[16] = {[0] = 1, [1] = 2, [2] = 4,  [4] = 1,  [5] = 2,
                                       [6] = 4, [9] = 2, [11] = 4, [14] = 4, [15] = 4};
    unsigned t = word >> 4 & 15, s = word >> 8 & 15, r = word >> 12 & 15, imm8 = word >> 16 & 255;
    insn->kind = kinds[r];
    insn->width = widths[r];
    if (insn->kind == XTENSA_OTHER)
        return; // cache control
    insn->reg = (uint8_t)t;
    insn->base = (uint8_t)s;
    insn->imm = (int32_t)(imm8 * (insn->width ? insn->width : 1u));
    if (insn->kind == XTENSA_ADD_IMM)
        insn->imm = xtensa_signed(imm8, 8) * (r == 13 ? 256 : 1);
    if (insn->kind == XTENSA_SET) {
        insn->base = XTENSA_NO_REGISTER;
        insn->imm = xtensa_signed(s << 8 | imm8, 12);
    }
    // s32c1i puts what it found into its register.
    insn->writes = insn->kind == XTENSA_STORE && r != 14 ? 0 : xtensa_bit(t);
}

// op0 0, op1 0, op2 0: returns, calls and jumps through registers, and control.
static inline void xtensa_decode_control(uint32_t word, struct xtensa_insn *insn)
{
    unsigned t = word >> 4 & 15, s = word >> 8 & 15, r = word >> 12 & 15;
    if (r == 0 && t >= 12) { // callx0 (and, with windows, callx4 to callx12)
        insn->kind = XTENSA_CALL;
        insn->base = (uint8_t)s;
        insn->writes = xtensa_bit(0);
    } else if (r == 0 && t == 10) { // jx
        insn->kind = XTENSA_JUMP;
        insn->base = (uint8_t)s;
    } else if (r == 0) { // ret; ill
        insn->kind = t == 8 || t == 9 ? XTENSA_RETURN : XTENSA_STOP;
    } else if (r == 1 || r == 6) { // movsp, rsil
        insn->writes = xtensa_bit(t);
    } else if (r == 3) { // rfe, rfi
        insn->kind = XTENSA_RETURN;
    } else if (r == 4) { // break
        insn->kind = XTENSA_STOP;
    } else if (r == 5) { // syscall, simcall: results in a2 and a3
        insn->writes = xtensa_bit(2) | xtensa_bit(3);
    }
}

// op0 0 with op1 0: arithmetic and logic.
static inline void xtensa_decode_rst0(uint32_t word, struct xtensa_insn *insn)
{
    unsigned t = word >> 4 & 15, s = word >> 8 & 15, r = word >> 12 & 15, op2 = word >> 20 & 15;
    switch (op2) {
    case 0:
        xtensa_decode_control(word, insn);
        break;
    case 2: // or; with the same register twice it is mov
        insn->writes = xtensa_bit(r);
        if (s == t) {
            insn->kind = XTENSA_MOVE;
            insn->reg = (uint8_t)r;
            insn->base = (uint8_t)s;
        }
        break;
    case 4: // shift amounts; rer, nsa and nsau write t
        insn->writes = r == 6 || r >= 14 ? xtensa_bit(t) : 0;
        break;
    case 5: // translation look-aside buffers
        insn->writes = xtensa_bit(t);
        break;
    case 8:
    case 9:
    case 10:
    case 11: // add, addx2, addx4, addx8
        insn->kind = XTENSA_ADD;
        insn->reg = (uint8_t)r;
        insn->base = (uint8_t)s;
        insn->other = (uint8_t)t;
        insn->scale = (uint8_t)(1u << (op2 - 8));
        insn->writes = xtensa_bit(r);
        break;
    default: // and, xor, neg, abs, sub...
        insn->writes = xtensa_bit(r);
        break;
    }
}

static inline void xtensa_decode_qrst(uint32_t word, struct xtensa_insn *insn)
{
    unsigned t = word >> 4 & 15, s = word >> 8 & 15, r = word >> 12 & 15;
    unsigned op1 = word >> 16 & 15, op2 = word >> 20 & 15;
    if (op1 == 0)
        xtensa_decode_rst0(word, insn);
    else if (op1 == 1) // shifts, multiplications; xsr writes t
        insn->writes = op2 == 6 || op2 == 7 ? xtensa_bit(t) : xtensa_bit(r);
    else if (op1 == 3) // rsr writes t, wsr and wur nothing, the rest r
        insn->writes = op2 == 0 ? xtensa_bit(t) : op2 == 1 || op2 == 15 ? 0 : xtensa_bit(r);
    else if (op1 == 2 || op1 == 4 || op1 == 5) // mull, quou...; extui
        insn->writes = xtensa_bit(r);
    else
        insn->writes = xtensa_bit(r) | xtensa_bit(s) | xtensa_bit(t);
    if (op1 == 3 && op2 >= 8 && op2 <= 11) {
        insn->kind = XTENSA_MOVE_IF;
        insn->reg = (uint8_t)r;
        insn->base = (uint8_t)s;
    }
}

// op0 6: jump, branches against zero and constants.
static inline void xtensa_decode_si(uint32_t word, uint32_t pc, struct xtensa_insn *insn)
{
    unsigned n = word >> 4 & 3, m = word >> 6 & 3, s = word >> 8 & 15;
    if (n == 0) {
        insn->kind = XTENSA_JUMP;
        insn->addr = pc + 4 + (uint32_t)xtensa_signed(word >> 6, 18);
    } else if (n == 3 && m == 0) { // entry, with windows
        insn->writes = xtensa_bit(s);
    } else {
        insn->kind = XTENSA_BRANCH;
        insn->base = (uint8_t)s;
        insn->addr = pc + 4 +
                     (uint32_t)(n == 1 ? xtensa_signed(word >> 12, 12)
                                       : xtensa_signed(word >> 16, 8));
    }
}

// Decodes the instruction at address `pc`.
//
// code   its bytes; `room` of them can be read, 3 are enough.
// Result: its length, 0 if it is not of this machine or cut off; the same in insn->bytes.
static inline unsigned xtensa_decode(const uint8_t *code, size_t room, uint32_t pc,
                                     struct xtensa_insn *insn)
{
    *insn = (struct xtensa_insn){
        .reg = XTENSA_NO_REGISTER, .base = XTENSA_NO_REGISTER, .other = XTENSA_NO_REGISTER};
    unsigned op0 = room ? code[0] & 15 : 15;
    if (op0 >= 14 || room < (op0 >= 8 ? 2u : 3u))
        return 0;
    uint32_t word = code[0] | (uint32_t)code[1] << 8;
    if (op0 >= 8) {
        xtensa_decode_density(word, pc, insn);
        return insn->bytes;
    }
    word |= (uint32_t)code[2] << 16;
    unsigned t = word >> 4 & 15, s = word >> 8 & 15;
    insn->bytes = 3;
    switch (op0) {
    case 0:
        xtensa_decode_qrst(word, insn);
        break;
    case 1: // l32r
        insn->kind = XTENSA_LITERAL;
        insn->width = 4;
        insn->reg = (uint8_t)t;
        insn->addr = ((pc + 3) & ~3u) + ((0xffff0000u | word >> 8) << 2);
        insn->writes = xtensa_bit(t);
        break;
    case 2:
        xtensa_decode_lsai(word, insn);
        break;
    case 5: // call0
        insn->kind = XTENSA_CALL;
        insn->addr = (pc & ~3u) + 4 + ((uint32_t)xtensa_signed(word >> 6, 18) << 2);
        insn->writes = xtensa_bit(0);
        break;
    case 6:
        xtensa_decode_si(word, pc, insn);
        break;
    case 7:
        insn->kind = XTENSA_BRANCH;
        insn->base = (uint8_t)s;
        insn->addr = pc + 4 + (uint32_t)xtensa_signed(word >> 16, 8);
        break;
    default: // floating point, MAC16: not in lx106
        insn->writes = xtensa_bit(s) | xtensa_bit(t);
        break;
    }
    return insn->bytes;
}

#endif
