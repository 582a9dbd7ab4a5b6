// core_heap_test.c: the heap arena: the model's rules, exact sums, and random use of both kinds.

#include "runtime/core/heap.h"

#include <sys/mman.h>

#include "runtime/core/heap_parts.h"
#include "runtime/format/address_map.h"
#include "tests/support/tap.h"

#define NEAR_BYTES 45056u
#define FAR_BYTES (8u << 20)

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif

static void start(size_t bytes)
{
    uintptr_t addr = bytes <= HEAP_NEAR_BYTES_MAX ? HEAP_ADDR : HEAP_FAR_ADDR;
    int fixed = bytes <= HEAP_NEAR_BYTES_MAX ? MAP_FIXED : MAP_FIXED_NOREPLACE;
    void *p = mmap((void *)addr, heap_map_bytes(bytes), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
    CHECK(p == (void *)addr);
    heap_init(p, bytes);
}

static void *take(size_t bytes)
{
    return heap_realloc(NULL, NULL, 0, bytes);
}

static void give(void *p, size_t bytes)
{
    CHECK(heap_realloc(NULL, p, bytes, 0) == NULL);
}

static uint32_t used(void)
{
    struct heap_info info;
    heap_get_info(&info);
    return info.used;
}

TEST(block_sizes_are_header_and_granule)
{
    start(NEAR_BYTES);
    static const uint32_t want[][2] = {{1, 16},  {8, 16},  {9, 24},   {16, 24},
                                       {17, 32}, {20, 32}, {100, 112}};
    CHECK_EQUAL(heap_free_bytes(), NEAR_BYTES);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        uint32_t before = used();
        void *p = take(want[i][0]);
        CHECK((uintptr_t)p % 8 == 0);
        CHECK_EQUAL(used() - before, want[i][1]);
        CHECK_EQUAL(heap_free_bytes(), NEAR_BYTES - used());
    }
}

TEST(first_fit_takes_the_lowest_block)
{
    start(NEAR_BYTES);
    char *a = take(40), *b = take(8), *c = take(100), *d = take(8);
    give(a, 40);
    give(c, 100);
    if (!IS_SANITIZED) {
        CHECK(take(90) == (void *)c);
        CHECK(take(30) == (void *)a);
    }
    give(b, 8);
    give(d, 8);
    CHECK(heap_check() == NULL);
}

TEST(neighbours_are_joined)
{
    start(NEAR_BYTES);
    struct heap_info info;
    void *p[6];
    for (int i = 0; i < 6; i++)
        p[i] = take(100);
    static const int order[] = {1, 3, 2, 0, 5, 4};
    for (int i = 0; i < 6; i++) {
        give(p[order[i]], 100);
        CHECK(heap_check() == NULL);
    }
    heap_get_info(&info);
    CHECK_EQUAL(info.free_blocks, 1);
    CHECK_EQUAL(info.free_largest, NEAR_BYTES);
    CHECK_EQUAL(info.used, 0);
    CHECK_EQUAL(info.used_max, 6 * 112);
}

TEST(blocks_grow_and_shrink_in_place)
{
    start(NEAR_BYTES);
    char *a = take(32);
    memset(a, 7, 32);
    char *grown = heap_realloc(NULL, a, 32, 200);
    CHECK(grown == a);
    CHECK_EQUAL(used(), 208);
    CHECK(heap_realloc(NULL, grown, 200, 32) == a);
    CHECK_EQUAL(used(), 40);
    void *wall = take(8);
    char *moved = heap_realloc(NULL, a, 32, 400);
    CHECK(moved != a);
    for (int i = 0; i < 32; i++)
        CHECK(moved[i] == 7);
    give(moved, 400);
    give(wall, 8);
    CHECK_EQUAL(used(), 0);
}

TEST(a_full_heap_says_so_and_stays_sound)
{
    start(NEAR_BYTES);
    void *p[4096];
    int count = 0;
    while (count < 4096 && (p[count] = take(24)) != NULL)
        count++;
    CHECK(count == (int)(NEAR_BYTES / 32));
    CHECK(take(1) == NULL);
    CHECK(heap_realloc(NULL, p[0], 24, 25) == NULL);
    CHECK(take(NEAR_BYTES) == NULL);
    CHECK(take(NEAR_BYTES + 1) == NULL);
    CHECK(take(SIZE_MAX / 2) == NULL);
    CHECK(heap_check() == NULL);
    while (count > 0)
        give(p[--count], 24);
    CHECK_EQUAL(used(), 0);
    CHECK(take(NEAR_BYTES - HEAP_BLOCK_HEADER_BYTES) != NULL || IS_SANITIZED);
}

// Random takes, resizes and frees; contents are checked, and every so often the whole arena.
static void use_at_random(size_t bytes, size_t content_max, int rounds)
{
    enum { SLOTS = 400 };
    static struct {
        unsigned char *p;
        uint32_t bytes;
        unsigned char fill;
    } slot[SLOTS];
    uint64_t seed = test_seed() * 7919 + bytes;
    start(bytes);
    for (int i = 0; i < rounds; i++) {
        uint32_t at = test_random(&seed) % SLOTS;
        uint32_t is_small = test_random(&seed) % 4;
        uint32_t want = test_random(&seed) % (is_small ? 64 : content_max);
        if (test_random(&seed) % 3 == 0)
            want = 0;
        for (uint32_t k = 0; k < slot[at].bytes; k += 1 + slot[at].bytes / 8)
            CHECK(slot[at].p[k] == slot[at].fill);
        unsigned char *p = heap_realloc(NULL, slot[at].p, slot[at].bytes, want);
        if (want != 0 && p == NULL)
            continue;
        for (uint32_t k = 0; k < want && k < slot[at].bytes; k += 1 + slot[at].bytes / 8)
            CHECK(p[k] == slot[at].fill);
        slot[at].p = p;
        slot[at].bytes = want;
        slot[at].fill = (unsigned char)i;
        if (want)
            memset(p, slot[at].fill, want);
        if (i % 256 == 0) {
            const char *fault = heap_check();
            CHECK_TEXT(fault ? fault : "sound", "sound");
        }
    }
    for (int i = 0; i < SLOTS; i++)
        give(slot[i].p, slot[i].bytes);
    CHECK_EQUAL(used(), 0);
    CHECK(heap_check() == NULL);
    struct heap_info info;
    heap_get_info(&info);
    CHECK_EQUAL(info.free_blocks, 1);
    CHECK_EQUAL(info.free_largest, bytes);
}

TEST(random_use_of_a_device_heap)
{
    use_at_random(NEAR_BYTES, 2000, 60000);
}

TEST(random_use_of_a_large_heap)
{
    use_at_random(FAR_BYTES, 100000, 60000);
}

TEST(a_large_heap_joins_kept_blocks_when_it_is_full)
{
    start(FAR_BYTES);
    enum { BLOCKS = 1 << 17 };
    static void *p[BLOCKS];
    int count = 0;
    while (count < BLOCKS && (p[count] = take(120)) != NULL)
        count++;
    CHECK_EQUAL(count, FAR_BYTES / 128);
    for (int i = 0; i < count; i++)
        give(p[i], 120);
    void *whole = take(FAR_BYTES / 2);
    CHECK(whole != NULL);
    give(whole, FAR_BYTES / 2);
    CHECK(heap_check() == NULL);
}

// ---- the check itself ----

// Changes a word for a moment; heap_check() must say `want`.
HEAP_CODE static void damage(uint32_t *word, uint32_t value, const char *want, const char *name)
{
    uint32_t was = *word;
    CHECK(was != value);
    *word = value;
    const char *got = heap_check();
    *word = was;
    if (!got || strcmp(got, want) != 0)
        printf("# %s = %x:\n", name, (unsigned)value);
    CHECK_TEXT(got ? got : "sound", want);
    CHECK(heap_check() == NULL);
}

#define DAMAGE(word, value, want) damage(&(word), value, want, #word)

HEAP_CODE static uint32_t word_of(const struct heap_block *b)
{
    return b->word;
}

TEST(each_damage_of_a_device_heap_has_its_reason)
{
    start(NEAR_BYTES);
    void *content[5];
    for (int i = 0; i < 5; i++)
        content[i] = take(100);
    give(content[0], 100);
    give(content[2], 100);
    struct heap_block *free0 = BLOCK_OF(content[0]), *used1 = BLOCK_OF(content[1]);
    struct heap_block *free2 = BLOCK_OF(content[2]), *used3 = BLOCK_OF(content[3]);
    DAMAGE(free0->word, 8, "size of a block");
    DAMAGE(free0->word, heap_space.end - heap_space.base + 8, "a block reaches beyond the heap");
    DAMAGE(used1->before_bytes, word_of(free0) + 8, "size of the block before");
    DAMAGE(free0->before_bytes, 8, "size of the block before");
    DAMAGE(used1->word, word_of(used1) & ~BLOCK_USED, "two free blocks touch");
    DAMAGE(used3->word, word_of(used3) | BLOCK_KEPT, "sum of used blocks");
    DAMAGE(heap_space.used, heap_space.used + 8, "sum of used blocks");
    DAMAGE(heap_space.used_max, heap_space.used - 8, "sum of used blocks");
    DAMAGE(heap_space.bytes, heap_space.used - 8, "sum of used blocks");
    DAMAGE(heap_space.free_first, 0, "a free block is in no list");
    DAMAGE(heap_space.free_first, BLOCK_ADDR(free2), "link back to the free block before");
    DAMAGE(free2->next, 0, "a free block is in no list");
    DAMAGE(free2->prev, 0, "link back to the free block before");
    DAMAGE(free0->next, BLOCK_ADDR(used1), "order of free blocks");
    DAMAGE(free0->next, BLOCK_ADDR(free0), "order of free blocks");
    DAMAGE(free2->next, BLOCK_ADDR(free0), "order of free blocks");
}

TEST(each_damage_of_a_large_heap_has_its_reason)
{
    start(FAR_BYTES);
    static const uint32_t sizes[] = {1000, 100, 5000, 100, 1000, 100};
    void *content[6];
    for (int i = 0; i < 6; i++)
        content[i] = take(sizes[i]);
    give(content[0], 1000);
    give(content[2], 5000);
    give(content[3], 100);
    struct heap_block *small = BLOCK_OF(content[0]), *large = BLOCK_OF(content[2]);
    struct heap_block *kept = BLOCK_OF(content[3]), *used4 = BLOCK_OF(content[4]);
    uint32_t *list = &heap_far.kept[(word_of(kept) & ~BLOCK_FLAGS) / 8];
    DAMAGE(small->next, BLOCK_ADDR(small), "link back to the free block before");
    DAMAGE(small->next, BLOCK_ADDR(used4), "a list of free blocks has one that is not free");
    DAMAGE(small->next, heap_far.top, "a list of free blocks has one that is not free");
    DAMAGE(small->next, BLOCK_ADDR(large), "a free block is in the list of another size");
    DAMAGE(small->prev, BLOCK_ADDR(large), "link back to the free block before");
    DAMAGE(used4->word, word_of(used4) | BLOCK_KEPT, "sum of used blocks");
    DAMAGE(*list, 0, "a kept block is in no list");
    DAMAGE(list[-1], BLOCK_ADDR(kept), "a kept block is in the list of another size");
    DAMAGE(list[1], BLOCK_ADDR(kept), "a list of kept blocks has too many");
    DAMAGE(kept->next, BLOCK_ADDR(kept), "a list of kept blocks has too many");
    DAMAGE(*list, BLOCK_ADDR(used4), "a list of kept blocks has one that is not kept");
    DAMAGE(heap_far.kept_bytes, heap_far.kept_bytes + 8, "sum of kept blocks");
    DAMAGE(heap_far.top_before, heap_far.top_before + 8, "size of the block below the top");
}

TEST_MAIN
