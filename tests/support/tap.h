// tap.h: what a unit test in C needs: cases that register themselves, one process each, TAP out.
//
//     TEST(reads_a_header)
//     {
//         CHECK(value == 3);
//         CHECK_TEXT(message, "cut off");
//     }
//     TEST_MAIN
//
// A case that crashes is one failed line. `PROGRAM CASE` runs one case in the same process, for the
// debugger. test_seed() is SEED of the environment, 1 if it is not set; print what depends on it.

#ifndef FROST_TESTS_TAP_H
#define FROST_TESTS_TAP_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct test_case {
    const char *name;
    void (*body)(void);
    struct test_case *next;
};

// Step of a loop that tries everything: 1; `n` in sanitizer builds, which take many times as long
// and look at what any of the tries may touch.
#ifdef __SANITIZE_ADDRESS__
#define TEST_STEP(n) ((size_t)(n))
#else
#define TEST_STEP(n) ((size_t)1)
#endif

static struct test_case *test_first, **test_last = &test_first;
static int test_failures;

#define TEST(name)                                                                                 \
    static void test_body_##name(void);                                                            \
    __attribute__((constructor)) static void test_register_##name(void)                            \
    {                                                                                              \
        static struct test_case one = {#name, test_body_##name, NULL};                             \
        *test_last = &one;                                                                         \
        test_last = &one.next;                                                                     \
    }                                                                                              \
    static void test_body_##name(void)

// Reports a failed condition and goes on; at most 20 lines a case.
#define CHECK(condition) test_check(!!(condition), __FILE__, __LINE__, #condition)
#define CHECK_TEXT(got, want) test_check_text((got), (want), __FILE__, __LINE__)
#define CHECK_EQUAL(got, want)                                                                     \
    test_check_equal((long long)(got), (long long)(want), __FILE__, __LINE__)

static inline void test_check(int is_good, const char *file, int line, const char *what)
{
    if (!is_good && ++test_failures <= 20)
        printf("# %s:%d: failed: %s\n", file, line, what);
}

static inline void test_check_text(const char *got, const char *want, const char *file, int line)
{
    if (strcmp(got, want) != 0 && ++test_failures <= 20)
        printf("# %s:%d: got \"%s\", want \"%s\"\n", file, line, got, want);
}

static inline void test_check_equal(long long got, long long want, const char *file, int line)
{
    if (got != want && ++test_failures <= 20)
        printf("# %s:%d: got %lld, want %lld\n", file, line, got, want);
}

static inline uint64_t test_seed(void)
{
    const char *seed = getenv("SEED");
    return seed && *seed ? strtoull(seed, NULL, 0) : 1;
}

// Numbers that only depend on the state (xorshift); *state must not be 0.
static inline uint32_t test_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 32);
}

// A whole file in memory of exactly its size (so that a sanitizer sees every overrun); the test
// ends if it cannot be read.
static inline uint8_t *test_read_file(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        printf("Bail out! cannot read %s\n", path);
        exit(1);
    }
    *bytes = (size_t)ftell(file);
    rewind(file);
    uint8_t *data = malloc(*bytes ? *bytes : 1);
    if (!data || fread(data, 1, *bytes, file) != *bytes) {
        printf("Bail out! cannot read %s\n", path);
        exit(1);
    }
    fclose(file);
    return data;
}

static inline int test_run_forked(const struct test_case *one)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        one->body();
        fflush(stdout);
        _exit(test_failures != 0);
    }
    int status = 1;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status))
        printf("# ended by signal %d\n", WTERMSIG(status));
    return status != 0;
}

static inline int test_main(int argc, char **argv)
{
    int number = 0, failed = 0;
    for (struct test_case *one = test_first; one; one = one->next) {
        if (argc > 1 && strcmp(argv[1], one->name) != 0)
            continue;
        int is_bad = 0;
        if (argc > 1)
            one->body(), is_bad = test_failures != 0;
        else
            is_bad = test_run_forked(one);
        printf("%sok %d - %s\n", is_bad ? "not " : "", ++number, one->name);
        failed += is_bad;
    }
    printf("1..%d\n", number);
    return failed || number == 0;
}

#define TEST_MAIN                                                                                  \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        return test_main(argc, argv);                                                              \
    }

#endif
