// trap_loads.S: one load instruction per form and register, between known contents of all registers.
//
// trap_loads has the functions, in the order of trap_test.c: for each kind, each target register and
// two base registers. Each takes the address in a2 and writes to trap_results what a0 to a15 and SAR
// hold behind the load.

    .macro fill number, base
    .ifne \number - \base
    movi a\number, 0x400 + \number
    .endif
    .endm

    .macro fill_all base
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    fill \n, \base
    .endr
    .endm

    .macro probe kind, target, base
    .section .text
    .align 4
    .literal_position
    .align 4
probe_\kind\()_\target\()_\base:
    movi a3, trap_saved
    s32i a0, a3, 0
    s32i a1, a3, 4
    s32i a12, a3, 8
    s32i a13, a3, 12
    s32i a14, a3, 16
    s32i a15, a3, 20
    movi a3, 0x15
    wsr.sar a3
    mov a\base, a2
    fill_all \base
    \kind a\target, a\base, 0
    wsr.excsave1 a0
    movi a0, trap_results
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    s32i a\n, a0, 4 * \n
    .endr
    rsr.excsave1 a2
    s32i a2, a0, 0
    rsr.sar a2
    s32i a2, a0, 64
    movi a3, trap_saved
    l32i a0, a3, 0
    l32i a1, a3, 4
    l32i a12, a3, 8
    l32i a13, a3, 12
    l32i a14, a3, 16
    l32i a15, a3, 20
    ret
    .section .data
    .word probe_\kind\()_\target\()_\base
    .endm

    .section .data
    .align 4
    .global trap_loads
trap_loads:
    .irp target, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    probe l8ui, \target, 7
    probe l8ui, \target, 4
    .endr
    .irp target, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    probe l16ui, \target, 7
    probe l16ui, \target, 4
    .endr
    .irp target, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    probe l16si, \target, 7
    probe l16si, \target, 4
    .endr

    .section .bss
    .align 4
    .global trap_results
trap_results:
    .skip 68
    .global trap_saved
trap_saved:
    .skip 24
