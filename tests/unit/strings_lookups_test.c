// strings_lookups_test.c: strings that look-ups meet in an image with the list, by hash vectors of
// several sizes, against walking along the chains one look-up at a time.

#include "analyzer/analysis/strings/strings_lookups.h"
#include "runtime/format/string_hash.h"
#include "tests/support/tap.h"

#define TEXTS 200 // of the runs; the first LISTED are in the list
#define LISTED 60
#define IN_IMAGE 90 // strings of the image; the runs ask for the first one alone

struct world {
    struct strings strings;
    struct heap_profile profile;
    struct image image;
    struct heap_text texts[TEXTS];
    struct image_string image_strings[IN_IMAGE];
    uint32_t listed[LISTED];
    uint32_t sorted[LISTED]; // by their texts, as dummy_strings.lua has them
    struct strings_list list;
};

static int compare_texts(const void *a, const void *b, void *context)
{
    const struct world *world = context;
    return text_compare(world->texts[*(const uint32_t *)a].content,
                        world->texts[*(const uint32_t *)b].content);
}

static void build(struct world *world, struct arena *arena)
{
    *world = (struct world){0};
    for (uint32_t i = 0; i < TEXTS; i++) {
        char *text = arena_format(arena, "%s %u", i % 3 ? "text" : "a longer text", i * 7919u);
        world->texts[i] = (struct heap_text){.content = text_of(text),
                                             .bytes = (uint32_t)text_of(text).bytes,
                                             .births = i % 5,
                                             .found_ram = i % 4,
                                             .found_flash = i % 2};
    }
    struct hash_table *by_text = &world->image.strings_by_text;
    world->image = (struct image){.strings = world->image_strings, .string_count = IN_IMAGE};
    hash_table_init(by_text, arena, IN_IMAGE);
    for (uint32_t i = 0; i < IN_IMAGE; i++) { // the first one is a text of the runs
        char *name = arena_format(arena, "name %u", i * 31u);
        world->image_strings[i].text = i ? text_of(name) : world->texts[TEXTS - 1].content;
        world->image_strings[i].off = 4 * (IN_IMAGE - i); // the reader's order is another one
        world->image_strings[i].uses = i % 2 ? IMAGE_USE_LINES : 0;
        hash_table_add(by_text, hash_text(world->image_strings[i].text), i);
    }
    for (uint32_t i = 0; i < LISTED; i++)
        world->listed[i] = world->sorted[i] = i;
    qsort_r(world->sorted, LISTED, sizeof *world->sorted, compare_texts, world);
    world->profile.texts.items = world->texts;
    world->profile.texts.count = TEXTS;
    world->list = (struct strings_list){.texts = world->listed, .count = LISTED};
    world->strings = (struct strings){.profile = &world->profile};
    world->strings.flash.image = &world->image;
}

static uint32_t slot_of(struct text text, uint32_t slots)
{
    return string_hash(text.data, (uint32_t)text.bytes) % slots;
}

// One look-up: what was put in last is met first.
static void look_up(const struct world *world, struct text text, uint32_t slots, double *met,
                    double *loads)
{
    struct text all[IN_IMAGE + LISTED];
    uint32_t count = 0;
    for (uint32_t i = 0; i < IN_IMAGE; i += 2) // see build(): their places go down
        all[count++] = world->image_strings[IN_IMAGE - 2 - i].text;
    for (uint32_t i = 0; i < LISTED; i++)
        all[count++] = world->texts[world->sorted[i]].content;
    for (uint32_t i = 0; i < IN_IMAGE; i += 2) // line tables
        all[count++] = world->image_strings[IN_IMAGE - 1 - i].text;
    *met = *loads = 0;
    while (count-- > 0) {
        struct text other = all[count];
        size_t at = 0;
        if (slot_of(other, slots) != slot_of(text, slots))
            continue;
        ++*met;
        if (text_is_equal(other, text))
            return;
        while (other.bytes == text.bytes && other.data[at] == text.data[at])
            at++;
        *loads += other.bytes == text.bytes ? (double)at + 1 : 0;
    }
}

static void expect(const struct world *world, uint32_t slots, struct strings_lookups *want)
{
    *want = (struct strings_lookups){0};
    for (uint32_t i = 0; i < TEXTS; i++) {
        const struct heap_text *text = &world->texts[i];
        double times = (double)(text->births + text->found_flash +
                                (i < LISTED ? text->found_ram : 0));
        double met, loads;
        look_up(world, text->content, slots, &met, &loads);
        want->count += times;
        want->met += times * met;
        want->loads += times * loads;
    }
}

TEST(met_are_those_of_the_chain)
{
    static struct world world;
    struct arena arena;
    arena_init(&arena);
    build(&world, &arena);
    for (uint32_t slots = 1; slots <= 1024; slots *= 4) {
        struct strings_lookups got, want;
        strings_lookups_count(&world.strings, &world.list, slots, &arena, &got);
        expect(&world, slots, &want);
        CHECK_EQUAL((int64_t)got.count, (int64_t)want.count);
        CHECK_EQUAL((int64_t)got.met, (int64_t)want.met);
        CHECK_EQUAL((int64_t)got.loads, (int64_t)want.loads);
    }
    arena_deinit(&arena);
}

TEST(unknown_texts_meet_the_mean)
{
    static struct world world;
    struct arena arena;
    struct strings_lookups got;
    arena_init(&arena);
    build(&world, &arena);
    for (uint32_t i = 0; i < TEXTS; i++)
        if (i >= LISTED)
            world.texts[i].is_dropped = true;
        else
            world.texts[i].births = world.texts[i].found_ram = world.texts[i].found_flash = 0;
    world.profile.births_unknown = 100;
    strings_lookups_count(&world.strings, &world.list, 64, &arena, &got);
    CHECK_EQUAL((int64_t)got.count, 100);
    CHECK_EQUAL((int64_t)(64 * got.met), 100 * (IN_IMAGE + LISTED));
    arena_deinit(&arena);
}

TEST(growth_by_the_rule_and_kept)
{
    struct image image = {.string_count = 506, .slot_count = 512, .value_bytes = 12};
    struct strings_flash rule = strings_flash_of(&image, false, false);
    struct strings_flash kept = strings_flash_of(&image, false, true);
    struct strings_flash none = strings_flash_of(NULL, false, true);
    CHECK_EQUAL(strings_flash_growth(&rule, 2), 0); // 506 + 2 + 3 of its own are 511
    CHECK_EQUAL(strings_flash_growth(&rule, 3), 2048);
    CHECK_EQUAL(strings_flash_wanted_growth(&rule, 3), 2048);
    CHECK_EQUAL(strings_flash_wanted_growth(&kept, 3), 0);
    CHECK_EQUAL(strings_flash_growth(&kept, 3), 2048); // luac.cross
    CHECK_EQUAL(strings_flash_slots(&rule, 3), 1024);
    CHECK_EQUAL(strings_flash_room(&rule, 0), 2);
    CHECK_EQUAL(strings_flash_room(&kept, 0), UINT32_MAX);
    CHECK(!none.keeps_slots); // there are none to keep
}

TEST_MAIN
