// program_id.c: which program this is: what the linker has made of all its parts.
//
// Reads: the program's own notes, which the kernel has mapped. Memory: none.

#include <elf.h>
#include <string.h>
#include <sys/auxv.h>

#include "runtime/flash/inflate.h"
#include "runtime/port/host/host.h"

// CRC-32 of the build id among the notes from `at` to `end`; 0: there is none.
static uint32_t id_in(const uint8_t *at, const uint8_t *end)
{
    while (end - at >= (long)sizeof(Elf64_Nhdr)) {
        Elf64_Nhdr note;
        memcpy(&note, at, sizeof note);
        const uint8_t *name = at + sizeof note;
        const uint8_t *content = name + (note.n_namesz + 3u) / 4 * 4;
        at = content + (note.n_descsz + 3u) / 4 * 4;
        if (at <= end && note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
            memcmp(name, "GNU", 4) == 0)
            return inflate_crc(0, content, note.n_descsz);
    }
    return 0;
}

uint32_t host_program_id(void)
{
    const Elf64_Phdr *header = (const Elf64_Phdr *)getauxval(AT_PHDR);
    size_t count = getauxval(AT_PHNUM);
    uint32_t id = 0;
    for (size_t i = 0; header && i < count && id == 0; i++)
        if (header[i].p_type == PT_NOTE) { // not relocated: addresses are those of the file
            const uint8_t *at = (const uint8_t *)header[i].p_vaddr;
            id = id_in(at, at + header[i].p_memsz);
        }
    return id;
}
