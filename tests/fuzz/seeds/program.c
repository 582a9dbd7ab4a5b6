// program.c: a program of each kind of symbol, for the corpus of fuzz_elf.

const char texts[][6] = {"alpha", "beta"};
static int counter = 3;
int zeros[20];
const char *name = "a literal";

static inline __attribute__((always_inline)) int mixed(int n)
{
    return n * 7 ^ counter;
}

int first(int n) __asm__("_ZN5space5firstEi");
__attribute__((noinline)) int first(int n)
{
    return mixed(n) + texts[n & 1][n];
}
int second(int n) __asm__("_RNvC6_123foo3bar");
__attribute__((noinline)) int second(int n)
{
    return first(n) + zeros[n];
}

void _start(void)
{
    counter = second(counter) + name[0];
}
