// rom.h: the mask ROM's functions that the firmware calls, at the addresses of rom.ld.
//
// Under QEMU runtime/port/esp8266/rom_stub provides them at the same addresses.
// Source: addresses from the SDK's linker script; parameters from the SDK's headers and SDK-free
//         projects. Results of SPI functions: 0 done, 1 failed, 2 timed out.

#ifndef FROST_PORT_ESP8266_ROM_H
#define FROST_PORT_ESP8266_ROM_H

#include <stdint.h>

_Noreturn void rom_reset(void);
void rom_ets_delay_us(uint32_t us);
void rom_ets_update_cpu_frequency(uint32_t mhz);
void rom_ets_wdt_disable(void);
int rom_uart_tx_one_char(uint8_t character);
int rom_uart_rx_one_char(uint8_t *character); // 0: one has come, 1: none

// Maps a megabyte of flash (odd_even 0, mb_count 0: the first) to the window; no cache while
// disabled, so the caller lies in IRAM.
void rom_Cache_Read_Enable(uint32_t odd_even, uint32_t mb_count, uint32_t iram_share);
void rom_Cache_Read_Disable(void);

// Offsets and sizes are bytes, multiples of 4; data is aligned to 4. A sector has 4096 bytes.
int rom_SPIRead(uint32_t off, uint32_t *data, uint32_t bytes);
int rom_SPIWrite(uint32_t off, const uint32_t *data, uint32_t bytes);
int rom_SPIEraseSector(uint32_t sector);
int rom_SPIUnlock(void);
int rom_SPIParamCfg(uint32_t device_id, uint32_t chip_bytes, uint32_t block_bytes,
                    uint32_t sector_bytes, uint32_t page_bytes, uint32_t status_mask);

// Clock registers after the internal bus.
void rom_i2c_writeReg(uint32_t block, uint32_t host, uint32_t reg, uint32_t value);

#endif
