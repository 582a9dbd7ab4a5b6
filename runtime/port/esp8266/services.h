// services.h: what the emulator's stub of the boot ROM offers beyond the ROM's functions.
//
// Written by rom_stub/rom_stub.c before the firmware starts; read by the firmware, which takes it
// for absent (a chip) unless all four words of `magic` are there. It lies where the chip's ROM has
// data of its own.

#ifndef FROST_PORT_ESP8266_SERVICES_H
#define FROST_PORT_ESP8266_SERVICES_H

#include <stdint.h>

#define SERVICES_ADDR 0x3FFFC000u
#define SERVICES_MAGIC                                                                             \
    {                                                                                              \
        0x736F7246u, 0x6E696C74u, 0x6D653A65u, 0x31303075u                                         \
    }

// Numbers of QEMU's calls.
#define HOST_EXIT 1
#define HOST_READ 3
#define HOST_WRITE 4
#define HOST_OPEN 5
#define HOST_CLOSE 6
#define HOST_SEEK 19
#define HOST_SELECT 29 // descriptor, what for, address of seconds and microseconds
#define HOST_SELECT_READ 1
#define HOST_ARGUMENT_COUNT 1000
#define HOST_ARGUMENT_BYTES 1001
#define HOST_ARGUMENTS 1002

struct services {
    uint32_t magic[4];
    // A call of the host; *error gets its errno value.
    int32_t (*call)(uint32_t number, uint32_t a, uint32_t b, uint32_t c, int32_t *error);
    uint32_t boot_number; // 1 for the first
    uint32_t argument_count;
    const char *const *arguments; // without the program's own name; in RAM
};

#endif
