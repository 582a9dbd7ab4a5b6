// ranges.S: keeps the chip's addresses free in a host process.
//
// The linker places these empty sections (--section-start): .frost_chip from the start of data RAM
// to the end of the flash window, .frost_stack for the interpreter's thread, .frost_top behind the
// kinds of quick operations. Nothing else, the kernel's randomly placed break included, which is
// behind the last section, can then come to lie there, or before .frost_top. Sizes as in
// runtime/format/address_map.h; memory.c maps over them or uses them as they are.

    .section .frost_chip, "aw", @nobits
    .globl host_chip_range
host_chip_range:
    .skip 0x318000

    .section .frost_stack, "aw", @nobits
    .globl host_stack_range
host_stack_range:
    .skip 0x8000000

    .section .frost_top, "aw", @nobits
    .skip 0x1000

    .section .note.GNU-stack, "", %progbits
