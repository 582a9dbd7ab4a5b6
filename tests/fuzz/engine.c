// engine.c: runs a fuzz target on the interpreter's thread, under one of four engines.
//
// libFuzzer   the default; its own options
// AFL++       compiled by afl-clang-fast: one process takes many inputs, through shared memory
// replay      -DFUZZ_REPLAY: `PROGRAM FILE...` runs each file once
// mutations   -DFUZZ_MUTATE: `PROGRAM SEED COUNT CURRENT FILE...` runs COUNT mutations of the
//             files, the same ones for the same seed and files; CURRENT holds the input that is
//             running, so that it is there after a crash
// Memory: malloc. One thread for all inputs: to make one for each would cost more than most runs.

#include "tests/fuzz/engine.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/port/host/host.h"

#define STACK_BYTES (16u << 20)

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*target)(const uint8_t *data, size_t size));
const char *__asan_default_options(void);

unsigned long fuzz_taken;

// The guard below the interpreter's stack stops the search for leaks at the end; AFL++ wants to see
// the signal.
const char *__asan_default_options(void)
{
    return "detect_leaks=0:detect_stack_use_after_return=0:abort_on_error=1:symbolize=0";
}

struct arguments {
    int count;
    char **words;
};

#if defined(__AFL_COMPILER)

__AFL_FUZZ_INIT();

static int run(void *context)
{
    (void)context;
    __AFL_INIT();
    const uint8_t *data = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(100000))
        LLVMFuzzerTestOneInput(data, (size_t)__AFL_FUZZ_TESTCASE_LEN);
    _exit(0); // after the fork there is no main thread to return to
}

#elif defined(FUZZ_REPLAY) || defined(FUZZ_MUTATE)

#define INPUT_BYTES_MAX 65536
#define FILES_MAX 512

struct input {
    uint8_t *data;
    size_t size;
};

static int read_input(const char *name, struct input *input)
{
    FILE *f = fopen(name, "rb");
    if (!f) {
        fprintf(stderr, "fuzz: cannot open %s\n", name);
        return 0;
    }
    input->data = malloc(INPUT_BYTES_MAX);
    input->size = input->data ? fread(input->data, 1, INPUT_BYTES_MAX, f) : 0;
    fclose(f);
    return input->data != NULL;
}

#ifdef FUZZ_REPLAY

static int run(void *context)
{
    const struct arguments *args = context;
    for (int n = 1; n < args->count; n++) {
        struct input input;
        if (!read_input(args->words[n], &input))
            return 4;
        LLVMFuzzerTestOneInput(input.data, input.size);
        free(input.data);
    }
    printf("%d inputs, %lu not refused\n", args->count - 1, fuzz_taken);
    return 0;
}

#else

static uint64_t random_state;

static uint32_t random_below(size_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % limit);
}

static void put_word(struct input *in, uint32_t word)
{
    if (in->size >= sizeof word)
        memcpy(in->data + random_below(in->size - sizeof word + 1), &word, sizeof word);
}

static uint32_t odd_word(void)
{
    static const uint32_t words[] = {
        0,          1,          2,          250,        255,   256,   0x7fffffff,
        0x80000000, 0x3ffe8000, 0x40200000, 0x40210000, 65535, 65536, 0xffffffff,
    };
    return words[random_below(sizeof words / sizeof *words)];
}

// Takes `bytes` out at `at`, or makes room for them there, as far as the input may grow.
static void cut(struct input *in, size_t at, size_t bytes)
{
    memmove(in->data + at, in->data + at + bytes, in->size - at - bytes);
    in->size -= bytes;
}

static void insert_copy(struct input *in, size_t at, size_t from, size_t bytes)
{
    if (in->size + bytes > INPUT_BYTES_MAX)
        return;
    memmove(in->data + at + bytes, in->data + at, in->size - at);
    memmove(in->data + at, in->data + from, bytes);
    in->size += bytes;
}

static void mutate_block(struct input *in, const struct input *other)
{
    size_t at = random_below(in->size), most = in->size - at;
    size_t bytes = 1 + random_below(most > 64 ? 64 : most);
    size_t from = random_below(in->size - bytes + 1);
    switch (random_below(6)) {
    case 0:
        cut(in, at, bytes);
        break;
    case 1:
        insert_copy(in, at, from, bytes);
        break;
    case 2:
        memmove(in->data + at, in->data + from, bytes);
        break;
    case 3:
        in->size = at + 1;
        break;
    case 4:
        memset(in->data + at, (int)random_below(256), bytes);
        break;
    default: // the rest of another file
        if (at < other->size && other->size > 0) {
            memcpy(in->data + at, other->data + at, other->size - at);
            in->size = other->size;
        }
    }
}

static void mutate(struct input *in, const struct input *other)
{
    if (in->size == 0)
        return;
    uint8_t *byte = in->data + random_below(in->size);
    switch (random_below(8)) {
    case 0:
    case 1:
        *byte ^= (uint8_t)(1u << random_below(8));
        break;
    case 2:
        *byte = (uint8_t)random_below(256);
        break;
    case 3:
        *byte = (uint8_t)(*byte + random_below(33) - 16);
        break;
    case 4:
        put_word(in, odd_word());
        break;
    // An instruction: any operation, small operands.
    case 5:
        put_word(in, random_below(40) | random_below(8) << 6 | random_below(12) << 14 |
                         random_below(12) << 23 | random_below(2) << 31 | random_below(2) << 22);
        break;
    case 6:
        put_word(in, random_below(40) | random_below(1 << 26) << 6);
        break;
    default:
        mutate_block(in, other);
    }
}

// What is running, in a file: four bytes of size, then the input.
struct current {
    uint32_t size;
    uint8_t data[INPUT_BYTES_MAX];
};

static struct current *map_current(const char *name)
{
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || ftruncate(fd, sizeof(struct current)) != 0)
        return NULL;
    void *p = mmap(NULL, sizeof(struct current), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return p == MAP_FAILED ? NULL : p;
}

static int run(void *context)
{
    const struct arguments *args = context;
    static struct input files[FILES_MAX];
    int file_count = 0;
    if (args->count < 5)
        return 2;
    unsigned long count = strtoul(args->words[2], NULL, 0);
    random_state = strtoull(args->words[1], NULL, 0);
    struct current *current = map_current(args->words[3]);
    for (int n = 4; n < args->count && file_count < FILES_MAX; n++)
        if (!read_input(args->words[n], &files[file_count++]))
            return 4;
    if (!current)
        return 4;
    struct input in = {.data = current->data};
    for (unsigned long i = 0; i < count; i++) {
        const struct input *from = &files[random_below((size_t)file_count)];
        memcpy(in.data, from->data, from->size);
        in.size = from->size;
        for (uint32_t n = random_below(3) ? 1 : 1 + random_below(6); n > 0; n--)
            mutate(&in, &files[random_below((size_t)file_count)]);
        current->size = (uint32_t)in.size;
        LLVMFuzzerTestOneInput(in.data, in.size);
    }
    printf("%lu mutations of %d files, %lu not refused\n", count, file_count, fuzz_taken);
    return 0;
}

#endif

#else

static int run(void *context)
{
    struct arguments *args = context;
    return LLVMFuzzerRunDriver(&args->count, &args->words, LLVMFuzzerTestOneInput);
}

#endif

int main(int argc, char **argv)
{
    struct arguments args = {argc, argv};
    return host_thread_run(run, &args, STACK_BYTES);
}
