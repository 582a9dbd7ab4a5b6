// bench_symbolize.c: how fast an index of code is built and answers.
//
// usage: bench_symbolize ELF LOOKUPS
// Prints "index_us lookups us lines": time to build, look-ups made, their time, line rows. Half of
// the look-ups ask for the innermost function and line, half for the whole chain.

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "analyzer/elf/elf_index.h"

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    struct arena arena;
    struct elf_index *index;
    struct problem problem = {0};
    arena_init(&arena);
    double start = now_us();
    if (elf_index_open(&arena, argv[1], &index, &problem) != 0) {
        fprintf(stderr, "bench_symbolize: %s: %s\n", argv[1], problem.message);
        return 4;
    }
    double index_us = now_us() - start;
    struct elf_figures figures = elf_index_figures(index);
    uint64_t first, last, unused, seed = 88172645463325252u, sum = 0;
    elf_index_range(index, 0, &first, &unused);
    elf_index_range(index, figures.range_count - 1, &last, &unused);
    long count = atol(argv[2]);
    start = now_us();
    for (long n = 0; n < count; n++) {
        struct elf_frame frames[ELF_CHAIN_MAX];
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        uint64_t addr = first + seed % (last - first);
        sum += n & 1 ? elf_index_chain(index, addr, frames, ELF_CHAIN_MAX)
                     : (size_t)elf_index_find(index, addr, frames);
    }
    double us = now_us() - start;
    printf("%.0f %ld %.0f %u\n", index_us, count, us, figures.row_count);
    return sum == 0;
}
