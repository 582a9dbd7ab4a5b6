// elf_image.c: sections, symbols and the property table of an ELF file.

#include "analyzer/elf/elf_image.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/format/status.h"

#define TEXT_BYTES_MAX 4096u
#define TEXT_BYTES_MIN 2u // shorter runs of printable bytes are numbers more often than texts

// The property table: words address, size, flags (binutils, include/elf/xtensa.h).
#define PROPERTY_BYTES 12u
#define PROPERTY_LITERAL 1u
#define PROPERTY_CODE 2u

// ---- sections ----

static int compare_sections(const void *x, const void *y)
{
    const struct elf_section *a = x, *b = y;
    return (a->addr > b->addr) - (a->addr < b->addr);
}

static int read_sections(struct arena *arena, Elf *elf, const char *path, struct elf_image *image,
                         struct problem *problem)
{
    size_t names, count, total = 0;
    if (elf_getshdrstrndx(elf, &names) != 0 || elf_getshdrnum(elf, &count) != 0 || count == 0)
        return problem_set(problem, STATUS_DAMAGED, text_of(path), PROBLEM_NO_OFF,
                           "an ELF file without sections, or cut off");
    image->sections = ARENA_NEW_ARRAY(arena, struct elf_section, count);
    for (Elf_Scn *at = NULL; (at = elf_nextscn(elf, at));) {
        GElf_Shdr header;
        if (!gelf_getshdr(at, &header) || !(header.sh_flags & SHF_ALLOC) || header.sh_size == 0)
            continue;
        const char *name = elf_strptr(elf, names, header.sh_name);
        struct elf_section section = {
            .name = arena_copy_string(arena, name ? name : "?"),
            .addr = header.sh_addr,
            .bytes = header.sh_size,
            .is_code = (header.sh_flags & SHF_EXECINSTR) != 0,
            .is_writable = (header.sh_flags & SHF_WRITE) != 0,
        };
        Elf_Data *data = header.sh_type == SHT_NOBITS ? NULL : elf_getdata(at, NULL);
        if (data && data->d_buf && data->d_size == header.sh_size) {
            total += header.sh_size;
            if (total > ELF_IMAGE_BYTES_MAX)
                return problem_set(problem, STATUS_LIMIT, text_of(path), PROBLEM_NO_OFF,
                                   "more than %u MiB of code and data", ELF_IMAGE_BYTES_MAX >> 20);
            uint8_t *copy = arena_alloc(arena, header.sh_size);
            memcpy(copy, data->d_buf, header.sh_size);
            section.data = copy;
        } else if (header.sh_type != SHT_NOBITS) {
            return problem_set(problem, STATUS_DAMAGED, text_of(path), header.sh_offset,
                               "section %s is cut off", section.name);
        }
        image->sections[image->section_count++] = section;
    }
    if (image->section_count)
        qsort(image->sections, image->section_count, sizeof *image->sections, compare_sections);
    return STATUS_OK;
}

// ---- symbols ----

struct named {
    struct elf_symbol symbol;
    uint32_t order;
};

static int compare_named(const void *x, const void *y)
{
    const struct named *a = x, *b = y;
    if (a->symbol.addr != b->symbol.addr)
        return a->symbol.addr < b->symbol.addr ? -1 : 1;
    // A size tells more than none.
    if (!a->symbol.bytes != !b->symbol.bytes)
        return a->symbol.bytes ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

// One name for each address.
static struct elf_symbol *sorted(struct arena *arena, struct named *named, size_t count,
                                 size_t *kept)
{
    struct elf_symbol *symbols = ARENA_NEW_ARRAY(arena, struct elf_symbol, count + 1);
    *kept = 0;
    if (count)
        qsort(named, count, sizeof *named, compare_named);
    for (size_t i = 0; i < count; i++) {
        if (*kept && symbols[*kept - 1].addr == named[i].symbol.addr)
            continue;
        symbols[*kept] = named[i].symbol;
        symbols[*kept].name = arena_copy_string(arena, named[i].symbol.name);
        ++*kept;
    }
    return symbols;
}

static void read_symbol_table(struct arena *arena, Elf *elf, Elf_Scn *at, const GElf_Shdr *header,
                              struct elf_image *image)
{
    struct arena scratch;
    Elf_Data *data = elf_getdata(at, NULL);
    size_t count = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;
    size_t function_count = 0, object_count = 0;
    arena_init(&scratch);
    struct named *functions = ARENA_NEW_ARRAY(&scratch, struct named, count + 1);
    struct named *objects = ARENA_NEW_ARRAY(&scratch, struct named, count + 1);
    for (size_t i = 0; i < count; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx == SHN_UNDEF ||
            symbol.st_shndx >= SHN_LORESERVE)
            continue;
        int type = GELF_ST_TYPE(symbol.st_info);
        const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);
        const struct elf_section *section = elf_image_section(image, symbol.st_value);
        if (!name || !*name || !section)
            continue;
        struct named one = {{name, symbol.st_value, symbol.st_size}, (uint32_t)i};
        if (type == STT_OBJECT)
            objects[object_count++] = one;
        else if (section->is_code &&
                 (type == STT_FUNC ||
                  (type == STT_NOTYPE && GELF_ST_BIND(symbol.st_info) != STB_LOCAL)))
            functions[function_count++] = one;
    }
    image->functions = sorted(arena, functions, function_count, &image->function_count);
    image->objects = sorted(arena, objects, object_count, &image->object_count);
    arena_deinit(&scratch);
}

// ---- the property table ----

static int compare_code(const void *x, const void *y)
{
    const struct elf_code *a = x, *b = y;
    return (a->begin > b->begin) - (a->begin < b->begin);
}

static uint32_t word_at(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void read_properties(struct arena *arena, Elf_Scn *at, struct elf_image *image)
{
    Elf_Data *data = elf_getdata(at, NULL);
    size_t count = data && data->d_buf ? data->d_size / PROPERTY_BYTES : 0;
    if (count == 0)
        return;
    image->code = arena_grow_array(arena, image->code, image->code_count, image->code_count + count,
                                   sizeof *image->code);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *row = (const uint8_t *)data->d_buf + i * PROPERTY_BYTES;
        uint32_t addr = word_at(row), bytes = word_at(row + 4), flags = word_at(row + 8);
        const struct elf_section *section = elf_image_section(image, addr);
        if (!(flags & PROPERTY_CODE) || (flags & PROPERTY_LITERAL) || bytes == 0 || !section ||
            !section->is_code || bytes > section->addr + section->bytes - addr)
            continue;
        image->code[image->code_count++] = (struct elf_code){addr, (uint64_t)addr + bytes};
    }
}

// Stretches that touch become one.
static void join_code(struct elf_image *image)
{
    size_t kept = 0;
    if (image->code_count)
        qsort(image->code, image->code_count, sizeof *image->code, compare_code);
    for (size_t i = 0; i < image->code_count; i++) {
        if (kept && image->code[i].begin <= image->code[kept - 1].end) {
            if (image->code[i].end > image->code[kept - 1].end)
                image->code[kept - 1].end = image->code[i].end;
        } else {
            image->code[kept++] = image->code[i];
        }
    }
    image->code_count = kept;
}

// ---- opening ----

static int read_all(struct arena *arena, Elf *elf, const char *path, struct elf_image *image,
                    struct problem *problem)
{
    GElf_Ehdr head;
    size_t names, file_bytes = 0;
    if (!gelf_getehdr(elf, &head))
        return problem_set(problem, STATUS_DAMAGED, text_of(path), PROBLEM_NO_OFF,
                           "an ELF file that is cut off");
    image->machine = head.e_machine;
    image->entry = head.e_entry;
    (void)elf_rawfile(elf, &file_bytes);
    image->file_bytes = file_bytes;
    image->is_relocatable = head.e_type == ET_REL;
    int status = read_sections(arena, elf, path, image, problem);
    if (status != STATUS_OK || elf_getshdrstrndx(elf, &names) != 0)
        return status;
    for (Elf_Scn *at = NULL; (at = elf_nextscn(elf, at));) {
        GElf_Shdr header;
        if (!gelf_getshdr(at, &header))
            continue;
        const char *name = elf_strptr(elf, names, header.sh_name);
        if (header.sh_type == SHT_SYMTAB)
            read_symbol_table(arena, elf, at, &header, image);
        else if (image->machine == ELF_MACHINE_XTENSA && name &&
                 strncmp(name, ".xt.prop", strlen(".xt.prop")) == 0)
            read_properties(arena, at, image);
    }
    join_code(image);
    return STATUS_OK;
}

int elf_image_open(struct arena *arena, const char *path, struct elf_image **image,
                   struct problem *problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return problem_set(problem, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, text_of(path),
                           PROBLEM_NO_OFF, "cannot open: %s", strerror(errno));
    Elf *elf = elf_version(EV_CURRENT) != EV_NONE ? elf_begin(fd, ELF_C_READ_MMAP, NULL) : NULL;
    struct elf_image *made = ARENA_NEW(arena, struct elf_image);
    int status;
    *made = (struct elf_image){0};
    if (!elf || elf_kind(elf) != ELF_K_ELF)
        status = problem_set(problem, STATUS_DAMAGED, text_of(path), PROBLEM_NO_OFF,
                             "not an ELF file");
    else
        status = read_all(arena, elf, path, made, problem);
    elf_end(elf);
    close(fd);
    if (status == STATUS_OK)
        *image = made;
    return status;
}

// ---- look-ups ----

const struct elf_section *elf_image_section(const struct elf_image *image, uint64_t addr)
{
    for (size_t i = 0; i < image->section_count; i++)
        if (addr - image->sections[i].addr < image->sections[i].bytes)
            return &image->sections[i];
    return NULL;
}

// How many of them begin at or below the address.
static size_t count_up_to(const struct elf_symbol *symbols, size_t count, uint64_t addr)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (symbols[middle].addr <= addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct elf_symbol *find_symbol(const struct elf_symbol *symbols, size_t count,
                                            uint64_t addr)
{
    size_t low = count_up_to(symbols, count, addr);
    if (low == 0 || addr - symbols[low - 1].addr >= symbols[low - 1].bytes)
        return NULL;
    return &symbols[low - 1];
}

const struct elf_symbol *elf_image_function(const struct elf_image *image, uint64_t addr)
{
    return find_symbol(image->functions, image->function_count, addr);
}

const struct elf_symbol *elf_image_object(const struct elf_image *image, uint64_t addr)
{
    return find_symbol(image->objects, image->object_count, addr);
}

const struct elf_symbol *elf_image_next_function(const struct elf_image *image, uint64_t addr)
{
    size_t at = count_up_to(image->functions, image->function_count, addr);
    return at < image->function_count ? &image->functions[at] : NULL;
}

const uint8_t *elf_image_bytes(const struct elf_image *image, uint64_t addr, size_t bytes)
{
    const struct elf_section *section = elf_image_section(image, addr);
    if (!section || !section->data || bytes > section->bytes - (addr - section->addr))
        return NULL;
    return section->data + (addr - section->addr);
}

bool elf_image_word(const struct elf_image *image, uint64_t addr, uint32_t *word)
{
    const uint8_t *bytes = elf_image_bytes(image, addr, 4);
    if (bytes)
        *word = word_at(bytes);
    return bytes != NULL;
}

static bool is_text_byte(uint8_t byte)
{
    return (byte >= 32 && byte < 127) || byte == '\t' || byte == '\n' || byte == '\r';
}

bool elf_image_text(const struct elf_image *image, uint64_t addr, struct text *text,
                    uint64_t *addr_begin)
{
    const struct elf_section *section = elf_image_section(image, addr);
    if (!section || !section->data || section->is_writable)
        return false;
    size_t at = (size_t)(addr - section->addr), begin = at, end = at;
    while (begin > 0 && at - begin < TEXT_BYTES_MAX && is_text_byte(section->data[begin - 1]))
        begin--;
    while (end < section->bytes && end - at < TEXT_BYTES_MAX && is_text_byte(section->data[end]))
        end++;
    // The NUL at its end belongs to a text.
    if (end == section->bytes || section->data[end] != 0 || end - begin < TEXT_BYTES_MIN)
        return false;
    *text = (struct text){(const char *)section->data + begin, end - begin};
    *addr_begin = section->addr + begin;
    return true;
}
