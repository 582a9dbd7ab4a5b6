// fuzz_elf.c: bytes as a program whose size is asked for.
//
// libFuzzer's entry point. The first byte chooses the levels and the filter, the others are the
// file. Whatever it holds, each table must add up to what its program headers load, and the table
// of the file to the number of its bytes.

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/analysis/size/size_elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static const char *const levels[] = {"region,section", "unit,symbol",       "symbol",
                                     "inline,kind",    "string,group,unit", "kind,module",
                                     "section,unit"};

static void require(int is_good, const char *what)
{
    if (is_good)
        return;
    fprintf(stderr, "fuzz_elf: %s\n", what);
    abort();
}

static void check_table(const struct report_table *table, const char *figure, uint64_t wanted)
{
    int column = report_find_column(table, text_of(figure));
    uint64_t sum = 0;
    require(column >= 0 && table->sum, "a table without its sum");
    for (size_t r = 0; r < table->row_count; r++)
        sum += (uint64_t)table->cells[r * table->column_count + (size_t)column].number;
    require(sum == wanted, "rows that do not add up");
    require((uint64_t)table->sum[column].number == wanted, "a sum that is none");
}

static void check(struct arena *arena, const char *path, uint8_t choice_byte, size_t bytes)
{
    static const char *patterns[] = {"main|rodata", "x=[a-m]", "y=."};
    struct size_choice choice = {0};
    struct size_elf_settings settings = {0};
    struct size_elf_sum sum;
    struct size_tree *tree;
    struct problem problem = {0};
    struct report *report = report_create(arena, "size", 1, "fuzzed");
    require(size_choice_levels(&choice, levels[choice_byte % (sizeof levels / sizeof *levels)],
                               &problem) == STATUS_OK,
            "levels");
    choice.groups = (struct option_list){.items = &patterns[1], .count = 2};
    choice.matches = (struct option_list){.items = patterns, .count = choice_byte >> 7};
    require(size_tree_create(arena, &choice, &tree, &problem) == STATUS_OK, "a tree");
    int status = size_elf_add(arena, path, &settings, tree, report, &sum, &problem);
    size_tree_finish(tree, report, 50);
    if (status != STATUS_OK) {
        require(problem.message[0] != 0, "a failure without a message");
        return;
    }
    check_table(report_find_table(report, "file"), "bytes", bytes);
    check_table(report_find_table(report, "level_1"), "bytes", sum.bytes);
    check_table(report_find_table(report, "level_2") ? report_find_table(report, "level_2")
                                                     : report_find_table(report, "level_1"),
                "ram_bytes", sum.ram_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char path[64];
    struct arena arena;
    if (bytes < 2)
        return 0;
    int fd = memfd_create("fuzz_elf", MFD_CLOEXEC);
    require(fd >= 0 && write(fd, data + 1, bytes - 1) == (ssize_t)(bytes - 1), "no file");
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    arena_init(&arena);
    check(&arena, path, data[0], bytes - 1);
    arena_deinit(&arena);
    close(fd);
    return 0;
}

#ifdef FUZZ_REPLAY
int main(int argc, char **argv)
{
    static uint8_t data[1 << 20];
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        require(file != NULL, "cannot open a file");
        size_t bytes = fread(data, 1, sizeof data, file);
        fclose(file);
        LLVMFuzzerTestOneInput(data, bytes);
    }
    return 0;
}
#endif
