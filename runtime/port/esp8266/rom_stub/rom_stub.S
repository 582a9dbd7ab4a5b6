// rom_stub.S: reset vector of QEMU's machine, and jumps at the mask ROM's addresses.
//
// Addresses: rom.ld. The stack is the ROM's (below 0x40000000, above its data).

    .section .vector, "ax"
    .global rom_stub_reset
rom_stub_reset:
    j 1f
    .align 4
    .literal_position
1:  movi a2, rom_stub_start
    jx a2

    .macro entry address, function
    .org \address
    j \function
    .endm

    .section .entries, "ax"
    entry 0x0080, rom_stub_start
    .org 0x0100
    .literal_position
    .align 4
    .global rom_stub_start
rom_stub_start:
    movi a2, 0x20
    wsr.ps a2
    rsync
    movi a2, 2          // the attribute of a region that is read, written and executed
    movi a3, 0x40000000
    wdtlb a2, a3
    dsync
    movi a1, 0x3FFFFFF0
    j rom_stub_boot
    // rom_stub_call(number, a, b, c, error): the arguments are where QEMU wants them
    .align 4
    .global rom_stub_call
rom_stub_call:
    simcall
    s32i a3, a6, 0
    ret
    // rom_stub_jump(entry)
    .align 4
    .global rom_stub_jump
rom_stub_jump:
    jx a2
    .align 4
nothing:
    movi a2, 0
    ret
    entry 0x2ecc, nothing                 // ets_delay_us
    entry 0x2f04, nothing                 // ets_update_cpu_frequency
    entry 0x30f0, nothing                 // ets_wdt_disable
    entry 0x3b30, rom_stub_uart_tx_one_char
    entry 0x3b8c, rom_stub_uart_rx_one_char
    entry 0x4678, rom_stub_cache_enable
    entry 0x47f0, rom_stub_cache_disable
    entry 0x4878, nothing                 // SPIUnlock
    entry 0x4a00, rom_stub_spi_erase_sector
    entry 0x4a4c, rom_stub_spi_write
    entry 0x4b1c, rom_stub_spi_read
    entry 0x4c2c, nothing                 // SPIParamCfg
    entry 0x72d8, nothing                 // rom_i2c_writeReg
