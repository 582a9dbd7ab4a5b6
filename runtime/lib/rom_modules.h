// rom_modules.h: the modules of the firmware that the ROM table lists beside the libraries.
//
// Reads and writes: nothing. Each line is M(name, table): the global name of the module and its
// read-only table, which has external linkage and is defined under runtime/nodemcu.
#ifndef RUNTIME_LIB_ROM_MODULES_H
#define RUNTIME_LIB_ROM_MODULES_H

#define ROM_MODULES(M) \
    M("node", node_lib) \
    M("file", file_lib) \
    M("tmr", tmr_lib) \
    M("bit", bit_lib) \
    M("uart", uart_lib)

#endif
