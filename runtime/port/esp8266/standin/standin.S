// standin.S: reset vector of QEMU's machine, and jumps at the mask ROM's addresses.
//
// Addresses: rom.ld. The stack is the ROM's (below 0x40000000, above its data).

    .section .vector, "ax"
    .global standin_reset
standin_reset:
    j 1f
    .align 4
    .literal_position
1:  movi a2, standin_start
    jx a2

    .macro entry address, function
    .org \address
    j \function
    .endm

    .section .entries, "ax"
    entry 0x0080, standin_start
    .org 0x0100
    .literal_position
    .align 4
    .global standin_start
standin_start:
    movi a2, 0x20
    wsr.ps a2
    rsync
    movi a2, 2          // the attribute of a region that is read, written and executed
    movi a3, 0x40000000
    wdtlb a2, a3
    dsync
    movi a1, 0x3FFFFFF0
    j standin_boot
    // standin_call(number, a, b, c, error): the arguments are where QEMU wants them
    .align 4
    .global standin_call
standin_call:
    simcall
    s32i a3, a6, 0
    ret
    // standin_jump(entry)
    .align 4
    .global standin_jump
standin_jump:
    jx a2
    .align 4
nothing:
    movi a2, 0
    ret
    entry 0x2ecc, nothing                 // ets_delay_us
    entry 0x2f04, nothing                 // ets_update_cpu_frequency
    entry 0x30f0, nothing                 // ets_wdt_disable
    entry 0x3b30, standin_uart_tx_one_char
    entry 0x3b8c, standin_uart_rx_one_char
    entry 0x4678, standin_cache_enable
    entry 0x47f0, standin_cache_disable
    entry 0x4878, nothing                 // SPIUnlock
    entry 0x4a00, standin_spi_erase_sector
    entry 0x4a4c, standin_spi_write
    entry 0x4b1c, standin_spi_read
    entry 0x4c2c, nothing                 // SPIParamCfg
    entry 0x72d8, nothing                 // rom_i2c_writeReg
