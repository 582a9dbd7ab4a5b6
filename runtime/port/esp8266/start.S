// start.S: the first instructions, the exception vectors, and the way into and out of a trap.
//
// Everything here lies in IRAM, on the first page, literals included.

#define FRAME_EPC 64
#define FRAME_CAUSE 68
#define FRAME_ADDRESS 72
#define FRAME_SAR 76

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
    j trap_enter
    .org 0x50           // user
    wsr.excsave1 a0
    j trap_enter
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
    movi a2, chip_bss_start
    movi a3, chip_bss_end
    movi a4, 0
1:  bgeu a2, a3, 2f
    s32i a4, a2, 0
    addi a2, a2, 4
    j 1b
2:  j chip_power_on

// Registers are saved to the one frame; a second exception goes to double_enter.
trap_enter:
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
    .skip 80
    .align 16
    .skip 1024
trap_stack_top:
