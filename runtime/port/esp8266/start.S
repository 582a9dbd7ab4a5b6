// start.S: the first instructions, the exception vectors, and the way into and out of a trap.
//
// Everything here lies in IRAM, on the first page, literals included.

// trap.h has the frame and the numbers.
#define FRAME_EPC 64
#define FRAME_CAUSE 68
#define FRAME_ADDRESS 72
#define FRAME_SAR 76
#define FRAME_ALIAS 80
#define TRAP_SITES 272
#define CAUSE_LOAD_STORE 3
#define CAUSE_LOAD_PROHIBITED 28
#define REGION 2            // bits 29 to 31 of the addresses of code and window

    .section .vectors, "ax"
    .align 4
    .global chip_vectors
chip_vectors:
    .org 0x10           // debug
    j chip_vectors_unused
    .org 0x20           // not maskable
    j chip_vectors_unused
    .org 0x30           // kernel
    wsr.excsave1 a0
    j trap_fast
    .org 0x50           // user
    wsr.excsave1 a0
    j trap_fast
    .org 0x70           // an exception inside a trap
    wsr.excsave1 a0
    j double_enter
    .org 0x80

    .literal_position
    .align 4
chip_vectors_unused:
    j chip_vectors_unused

    .global chip_start
chip_start:
    movi a2, 0x20       // no exception in progress, user vector
    wsr.ps a2
    rsync
    movi a2, chip_vectors
    wsr.vecbase a2
    movi a1, chip_stack_top
    movi a4, 0
    movi a2, chip_iram_zero_start
    movi a3, chip_iram_zero_end
1:  bgeu a2, a3, 2f
    s32i a4, a2, 0
    addi a2, a2, 4
    j 1b
2:  movi a2, chip_bss_start
    movi a3, chip_bss_end
1:  bgeu a2, a3, 2f
    s32i a4, a2, 0
    addi a2, a2, 4
    j 1b
2:  j chip_power_on

// A sub-word load whose instruction has been met before is emulated here, with four registers
// and in 65 instructions (68 under the emulator); for everything else there is trap_handle, which
// starts from the registers as they were and takes about 200.
    .align 4
trap_fast:
    movi a0, trap_frame
    s32i a2, a0, 8
    s32i a3, a0, 12
    s32i a4, a0, 16
    s32i a5, a0, 20
    l32i a5, a0, FRAME_ALIAS // where code and window can be read: 0 on a chip
    rsr.exccause a2
    beqi a2, CAUSE_LOAD_STORE, 1f
    addi a2, a2, -CAUSE_LOAD_PROHIBITED
    bnez a2, trap_slow
    beqz a5, trap_slow
1:  rsr.sar a2
    s32i a2, a0, FRAME_SAR
    rsr.epc1 a2
    ssa8l a2            // the instruction: out of two words, from any byte on
    srli a3, a2, 2
    slli a3, a3, 2
    add a3, a3, a5
    l32i a4, a3, 0
    l32i a3, a3, 4
    src a4, a3, a4
    extui a3, a4, 0, 4  // op0 2: loads and stores
    bnei a3, 2, trap_slow_sar
    srli a3, a2, 9      // its counter
    xor a3, a3, a2
    extui a3, a3, 0, 8
    movi a2, trap_sites
    addx8 a2, a3, a2
    l32i a3, a2, 0
    s32i a4, a0, FRAME_CAUSE // the instruction, for a while
    rsr.epc1 a4
    beq a3, a4, 1f      // here or in one of the next two places
    l32i a3, a2, 8
    addi a2, a2, 8
    beq a3, a4, 1f
    l32i a3, a2, 8
    addi a2, a2, 8
    bne a3, a4, trap_slow_sar
1:  rsr.excvaddr a4
    extui a3, a4, 29, 3
    bnei a3, REGION, trap_slow_sar
    ssa8l a4            // the word, its bits at the lower end
    srli a3, a4, 2
    slli a3, a3, 2
    add a3, a3, a5
    l32i a3, a3, 0
    srl a3, a3
    l32i a5, a0, FRAME_CAUSE
    extui a5, a5, 12, 4 // which load
    beqz a5, trap_byte
    bbsi a4, 0, trap_slow_sar
    beqi a5, 1, trap_half
    addi a5, a5, -9
    bnez a5, trap_slow_sar
    slli a3, a3, 16
    srai a3, a3, 16
    j trap_count
trap_half:
    extui a3, a3, 0, 16
    j trap_count
trap_byte:
    extui a3, a3, 0, 8
trap_count:
    l32i a4, a2, 4
    addi a4, a4, 1
    s32i a4, a2, 4
    l32i a4, a0, FRAME_CAUSE
    extui a4, a4, 4, 4  // the register
    movi a5, trap_to_register
    addx8 a5, a4, a5
    l32i a4, a0, FRAME_SAR
    wsr.sar a4
    rsr.epc1 a4
    addi a4, a4, 3
    wsr.epc1 a4
    jx a5

    .macro to_register number
    .align 8
    mov a\number, a3
    j trap_leave
    .endm
    .macro to_frame number
    .align 8
    s32i a3, a0, 4 * \number
    j trap_leave
    .endm
    .align 8
trap_to_register:
    .align 8
    wsr.excsave1 a3
    j trap_leave
    to_register 1
    to_frame 2
    to_frame 3
    to_frame 4
    to_frame 5
    to_register 6
    to_register 7
    to_register 8
    to_register 9
    to_register 10
    to_register 11
    to_register 12
    to_register 13
    to_register 14
    to_register 15
    .align 4
trap_leave:
    l32i a2, a0, 8
    l32i a3, a0, 12
    l32i a4, a0, 16
    l32i a5, a0, 20
    rsr.excsave1 a0
    rfe

trap_slow_sar:
    l32i a2, a0, FRAME_SAR
    wsr.sar a2
trap_slow:
    l32i a2, a0, 8
    l32i a3, a0, 12
    l32i a4, a0, 16
    l32i a5, a0, 20
// Registers are saved to the one frame; a second exception goes to double_enter.
    movi a0, trap_frame
    s32i a1, a0, 4
    s32i a2, a0, 8
    s32i a3, a0, 12
    s32i a4, a0, 16
    s32i a5, a0, 20
    s32i a6, a0, 24
    s32i a7, a0, 28
    s32i a8, a0, 32
    s32i a9, a0, 36
    s32i a10, a0, 40
    s32i a11, a0, 44
    s32i a12, a0, 48
    s32i a13, a0, 52
    s32i a14, a0, 56
    s32i a15, a0, 60
    rsr.excsave1 a3
    s32i a3, a0, 0
    rsr.epc1 a3
    s32i a3, a0, FRAME_EPC
    rsr.exccause a3
    s32i a3, a0, FRAME_CAUSE
    rsr.excvaddr a3
    s32i a3, a0, FRAME_ADDRESS
    rsr.sar a3
    s32i a3, a0, FRAME_SAR
    mov a2, a0
    movi a1, trap_stack_top
    call0 trap_handle
    movi a0, trap_frame
    l32i a3, a0, FRAME_EPC
    wsr.epc1 a3
    l32i a3, a0, FRAME_SAR
    wsr.sar a3
    l32i a1, a0, 4
    l32i a2, a0, 8
    l32i a3, a0, 12
    l32i a4, a0, 16
    l32i a5, a0, 20
    l32i a6, a0, 24
    l32i a7, a0, 28
    l32i a8, a0, 32
    l32i a9, a0, 36
    l32i a10, a0, 40
    l32i a11, a0, 44
    l32i a12, a0, 48
    l32i a13, a0, 52
    l32i a14, a0, 56
    l32i a15, a0, 60
    l32i a0, a0, 0
    rfe

double_enter:
    movi a2, trap_frame
    rsr.depc a3
    s32i a3, a2, FRAME_EPC
    rsr.exccause a3
    s32i a3, a2, FRAME_CAUSE
    rsr.excvaddr a3
    s32i a3, a2, FRAME_ADDRESS
    movi a1, trap_stack_top
    call0 trap_fatal

    .section .bss.trap, "aw", @nobits
    .align 16
    .global trap_frame
trap_frame:
    .skip 96
    .align 16
    .skip 1024
trap_stack_top:

// Words only, so data RAM need not have them.
    .section .iram_zero, "aw", @nobits
    .align 4
    .global trap_sites
trap_sites:
    .skip 8 * TRAP_SITES
