// firmware.c: from the symbols of the firmware to the plugin's map.

#include "collectors/qemu/firmware.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct symbols {
    uint32_t *functions;
    size_t count;
    uint32_t probe_begin, probe_end;
};

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

// Is the symbol the beginning of code? Assembler sources do not always say "function".
static bool is_code(Elf *elf, const GElf_Sym *symbol)
{
    unsigned type = GELF_ST_TYPE(symbol->st_info);
    if (type != STT_FUNC && !(type == STT_NOTYPE && GELF_ST_BIND(symbol->st_info) == STB_GLOBAL))
        return false;
    GElf_Shdr header;
    Elf_Scn *section = symbol->st_shndx < SHN_LORESERVE ? elf_getscn(elf, symbol->st_shndx) : NULL;
    return section && gelf_getshdr(section, &header) && (header.sh_flags & SHF_EXECINSTR);
}

static void take_symbols(struct arena *arena, Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
                         struct symbols *symbols)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t count = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
    symbols->functions = ARENA_NEW_ARRAY(arena, uint32_t, count + 1);
    for (size_t i = 0; data && i < count; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, (int)i, &symbol))
            break;
        const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);
        if (name && !strcmp(name, "chip_probe_begin"))
            symbols->probe_begin = (uint32_t)symbol.st_value;
        else if (name && !strcmp(name, "chip_probe_end"))
            symbols->probe_end = (uint32_t)symbol.st_value;
        else if (is_code(elf, &symbol))
            symbols->functions[symbols->count++] = (uint32_t)symbol.st_value;
    }
    qsort(symbols->functions, symbols->count, sizeof *symbols->functions, compare);
}

static void read_symbols(struct arena *arena, Elf *elf, struct symbols *symbols)
{
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(elf, section)) != NULL) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB) {
            take_symbols(arena, elf, section, &header, symbols);
            return;
        }
    }
}

static int open_and_read(struct arena *arena, const char *path, struct symbols *symbols,
                         struct problem *problem)
{
    struct text file = text_of(path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return problem_set(problem, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, file,
                           PROBLEM_NO_OFF, "%s (make esp8266 makes it)", strerror(errno));
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    if (elf && elf_kind(elf) == ELF_K_ELF)
        read_symbols(arena, elf, symbols);
    elf_end(elf);
    close(fd);
    if (symbols->count == 0)
        return problem_set(problem, STATUS_DAMAGED, file, PROBLEM_NO_OFF,
                           "is not an ELF file with symbols of functions");
    if (symbols->probe_begin >= symbols->probe_end)
        return problem_set(problem, STATUS_DAMAGED, file, PROBLEM_NO_OFF,
                           "is not the firmware with probes");
    return STATUS_OK;
}

static void write_cache(FILE *file, const struct cost_model *model)
{
    if (model->cache_bytes)
        fprintf(file, "cache %" PRIu32 " %" PRIu32 " %" PRIu32 "\n", model->cache_line_bytes,
                model->cache_bytes / (model->cache_line_bytes * model->cache_ways),
                model->cache_ways);
}

static bool is_power_of_two(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

static int check_cache(const struct cost_model *model, struct problem *problem)
{
    uint32_t line = model->cache_line_bytes, ways = model->cache_ways;
    if (model->cache_bytes == 0)
        return STATUS_OK;
    if (line >= 4 && line <= 4096 && is_power_of_two(line) && ways > 0 && ways <= 64) {
        uint32_t sets = model->cache_bytes / (line * ways);
        if (model->cache_bytes % (line * ways) == 0 && is_power_of_two(sets) && sets <= 65536)
            return STATUS_OK;
    }
    return problem_set(problem, STATUS_DAMAGED, text_of(model->name), PROBLEM_NO_OFF,
                       "flash_cache: lines and sets must be powers of two, ways 1 to 64");
}

int firmware_write_map(struct arena *arena, const char *elf, const struct cost_model *model,
                       const char *path, struct problem *problem)
{
    struct symbols symbols = {0};
    int status = check_cache(model, problem);
    if (status == STATUS_OK)
        status = open_and_read(arena, elf, &symbols, problem);
    if (status != STATUS_OK)
        return status;
    FILE *file = fopen(path, "wxe");
    if (!file)
        return problem_set(problem, STATUS_IO, text_of(NULL), PROBLEM_NO_OFF,
                           "cannot write '%.80s': %s", path, strerror(errno));
    fprintf(file, "probes %" PRIx32 " %" PRIx32 "\n", symbols.probe_begin, symbols.probe_end);
    write_cache(file, model);
    for (size_t i = 0; i < symbols.count; i++)
        if (i == 0 || symbols.functions[i] != symbols.functions[i - 1])
            fprintf(file, "function %" PRIx32 "\n", symbols.functions[i]);
    bool is_bad = ferror(file);
    if (fclose(file) != 0 || is_bad)
        return problem_set(problem, STATUS_IO, text_of(NULL), PROBLEM_NO_OFF,
                           "cannot write '%.80s': %s", path, strerror(errno));
    return STATUS_OK;
}
