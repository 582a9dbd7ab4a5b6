// xtensa_test.c: what runtime/format/xtensa.h says about instructions of the chip, against what the
// assembler made of the text beside each (xtensa-lx106-elf-as, objdump). tests/e2e/hot-elf.sh takes
// whole programs.

#include "runtime/format/xtensa.h"

#include "tests/support/tap.h"

static struct xtensa_insn decoded(uint32_t word, uint32_t pc)
{
    uint8_t code[3] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16)};
    struct xtensa_insn insn;
    (void)xtensa_decode(code, sizeof code, pc, &insn);
    return insn;
}

static void check_access(uint32_t word, enum xtensa_kind kind, unsigned width, unsigned reg,
                         unsigned base, int imm)
{
    struct xtensa_insn insn = decoded(word, 0x40210000);
    CHECK_EQUAL(insn.kind, kind);
    CHECK_EQUAL(insn.width, width);
    CHECK_EQUAL(insn.reg, reg);
    CHECK_EQUAL(insn.base, base);
    CHECK_EQUAL(insn.imm, imm);
    int is_store = kind == XTENSA_STORE;
    CHECK_EQUAL(insn.writes, is_store ? 0 : 1 << reg);
    CHECK_EQUAL(xtensa_is_load(&insn), !is_store);
    CHECK_EQUAL(xtensa_is_narrow_load(&insn), !is_store && width < 4);
}

TEST(loads_and_stores)
{
    check_access(0x050352, XTENSA_LOAD_8, 1, 5, 3, 5);     // l8ui a5, a3, 5
    check_access(0xff0c22, XTENSA_LOAD_8, 1, 2, 12, 255);  // l8ui a2, a12, 255
    check_access(0x0612e2, XTENSA_LOAD_16, 2, 14, 2, 12);  // l16ui a14, a2, 12
    check_access(0x039452, XTENSA_LOAD_16S, 2, 5, 4, 6);   // l16si a5, a4, 6
    check_access(0x4521c2, XTENSA_LOAD_32, 4, 12, 1, 276); // l32i a12, a1, 276
    check_access(0x23f8, XTENSA_LOAD_32, 4, 15, 3, 8);     // l32i.n a15, a3, 8
    check_access(0x054352, XTENSA_STORE, 1, 5, 3, 5);      // s8i a5, a3, 5
    check_access(0x055352, XTENSA_STORE, 2, 5, 3, 10);     // s16i a5, a3, 10
    check_access(0x4e61c2, XTENSA_STORE, 4, 12, 1, 312);   // s32i a12, a1, 312
    check_access(0x21d9, XTENSA_STORE, 4, 13, 1, 8);       // s32i.n a13, a1, 8
}

TEST(literals_lie_below_the_code)
{
    struct xtensa_insn insn = decoded(0xffff21, 0x40210007); // l32r a2, 40210004
    CHECK_EQUAL(insn.kind, XTENSA_LITERAL);
    CHECK_EQUAL(insn.reg, 2);
    CHECK_EQUAL(insn.addr, 0x40210004);
    insn = decoded(0x000021, 0x40250000); // the furthest one: 256 KB below
    CHECK_EQUAL(insn.addr, 0x40210000);
}

TEST(sums_moves_and_constants)
{
    struct xtensa_insn insn = decoded(0xd1c112, 0); // addi a1, a1, -47
    CHECK_EQUAL(insn.kind, XTENSA_ADD_IMM);
    CHECK_EQUAL(insn.imm, -47);
    insn = decoded(0xfcd222, 0); // addmi a2, a2, -1024
    CHECK_EQUAL(insn.kind, XTENSA_ADD_IMM);
    CHECK_EQUAL(insn.imm, -1024);
    insn = decoded(0x330b, 0); // addi.n a3, a3, -1
    CHECK_EQUAL(insn.imm, -1);
    CHECK_EQUAL(insn.reg, 3);
    insn = decoded(0x243a, 0); // add.n a2, a4, a3
    CHECK_EQUAL(insn.kind, XTENSA_ADD);
    CHECK_EQUAL(insn.reg, 2);
    CHECK_EQUAL(insn.base, 4);
    CHECK_EQUAL(insn.other, 3);
    insn = decoded(0xa02340, 0); // addx4 a2, a3, a4
    CHECK_EQUAL(insn.kind, XTENSA_ADD);
    CHECK_EQUAL(insn.scale, 4);
    CHECK_EQUAL(insn.base, 3);
    CHECK_EQUAL(insn.other, 4);
    insn = decoded(0x0d2d, 0); // mov.n a2, a13
    CHECK_EQUAL(insn.kind, XTENSA_MOVE);
    CHECK_EQUAL(insn.base, 13);
    insn = decoded(0x202dd0, 0); // mov a2, a13, which is or a2, a13, a13
    CHECK_EQUAL(insn.kind, XTENSA_MOVE);
    CHECK_EQUAL(insn.reg, 2);
    insn = decoded(0x202d30, 0); // or a2, a13, a3
    CHECK_EQUAL(insn.kind, XTENSA_OTHER);
    CHECK_EQUAL(insn.writes, 1 << 2);
    insn = decoded(0x932d30, 0); // movnez a2, a13, a3
    CHECK_EQUAL(insn.kind, XTENSA_MOVE_IF);
    CHECK_EQUAL(insn.reg, 2);
    CHECK_EQUAL(insn.base, 13);
    CHECK_EQUAL(insn.writes, 1 << 2);
    insn = decoded(0x8fad22, 0); // movi a2, -625
    CHECK_EQUAL(insn.kind, XTENSA_SET);
    CHECK_EQUAL(insn.imm, -625);
    insn = decoded(0xf27c, 0); // movi.n a2, -1
    CHECK_EQUAL(insn.imm, -1);
    insn = decoded(0xf25c, 0); // movi.n a2, 95
    CHECK_EQUAL(insn.imm, 95);
}

TEST(where_control_goes)
{
    struct xtensa_insn insn = decoded(0x0000c0 | 3 << 8, 0x40210000); // callx0 a3
    CHECK_EQUAL(insn.kind, XTENSA_CALL);
    CHECK_EQUAL(insn.base, 3);
    insn = decoded(0xfffe85, 0x40210012); // call0, back
    CHECK_EQUAL(insn.kind, XTENSA_CALL);
    CHECK_EQUAL(insn.addr, 0x40210010 + 4 - 6 * 4);
    insn = decoded(0x000080, 0); // ret
    CHECK_EQUAL(insn.kind, XTENSA_RETURN);
    CHECK_EQUAL(decoded(0xf00d, 0).kind, XTENSA_RETURN);   // ret.n
    CHECK_EQUAL(decoded(0x003000, 0).kind, XTENSA_RETURN); // rfe
    insn = decoded(0x0000a0 | 5 << 8, 0);                  // jx a5
    CHECK_EQUAL(insn.kind, XTENSA_JUMP);
    CHECK_EQUAL(insn.base, 5);
    insn = decoded(0xfffe06, 0x40210010); // j, back by 8
    CHECK_EQUAL(insn.kind, XTENSA_JUMP);
    CHECK_EQUAL(insn.addr, 0x4021000c);
    insn = decoded(0x102267, 0x40210010); // blt-like of op0 7, 16 ahead
    CHECK_EQUAL(insn.kind, XTENSA_BRANCH);
    CHECK_EQUAL(insn.addr, 0x40210024);
    insn = decoded(0xff8216, 0x40210010); // beqz a2 with a 12-bit offset of -8
    CHECK_EQUAL(insn.kind, XTENSA_BRANCH);
    CHECK_EQUAL(insn.addr, 0x4021000c);
    insn = decoded(0x53cc, 0x40237228); // bnez.n a3, 40237231
    CHECK_EQUAL(insn.kind, XTENSA_BRANCH);
    CHECK_EQUAL(insn.addr, 0x40237231);
    CHECK_EQUAL(decoded(0x000000, 0).kind, XTENSA_STOP); // ill
}

TEST(lengths_and_ends)
{
    uint8_t code[3] = {0x52, 0x03, 0x05};
    struct xtensa_insn insn;
    for (unsigned room = 0; room < 3; room++)
        CHECK_EQUAL(xtensa_decode(code, room, 0, &insn), 0);
    CHECK_EQUAL(xtensa_decode(code, 3, 0, &insn), 3);
    code[0] = 0x0d;
    CHECK_EQUAL(xtensa_decode(code, 1, 0, &insn), 0);
    CHECK_EQUAL(xtensa_decode(code, 2, 0, &insn), 2);
    for (unsigned op0 = 14; op0 < 16; op0++) {
        code[0] = (uint8_t)op0;
        CHECK_EQUAL(xtensa_decode(code, 3, 0, &insn), 0);
    }
    // Whatever the bits say, the answer is in range.
    for (uint32_t word = 0; word < 1u << 24; word += 5) {
        insn = decoded(word, word);
        CHECK(insn.bytes == ((word & 15) < 8 ? 3 : (word & 15) < 14 ? 2 : 0));
        CHECK(insn.reg < 16 || insn.reg == XTENSA_NO_REGISTER);
        CHECK(insn.kind <= XTENSA_STOP);
        CHECK(insn.kind != XTENSA_ADD || (insn.other < 16 && insn.scale >= 1));
    }
}

TEST_MAIN
