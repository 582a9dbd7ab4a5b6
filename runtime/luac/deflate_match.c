// deflate_match.c: all matches of the data, and the cheapest way through it; see deflate_parts.h.

#include <stdlib.h>
#include <string.h>

#include "runtime/luac/deflate_parts.h"

#define HASH_BITS 15
#define CHAIN_MAX 1500 // candidates looked at for one place
#define NONE UINT32_MAX

// A longer match than any nearer one.
struct match {
    uint16_t length, distance;
};

struct match_finder {
    const uint8_t *data;
    uint32_t bytes;
    struct match *matches; // of all places, by length
    uint32_t match_count, match_max;
    uint32_t *first;   // by place: its first match; one more at the end
    float *bits;       // by place: cheapest way to it
    struct step *last; // by place: the step that leads to it
};

static uint32_t hash3(const uint8_t *p)
{
    return ((uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]) * 2654435761u >> (32 - HASH_BITS);
}

static int add_match(struct match_finder *f, uint32_t length, uint32_t distance)
{
    if (f->match_count == f->match_max) {
        uint32_t max = f->match_max * 2;
        struct match *more = realloc(f->matches, max * sizeof(*more));
        if (!more)
            return 0;
        f->matches = more;
        f->match_max = max;
    }
    f->matches[f->match_count++] = (struct match){.length = (uint16_t)length,
                                                  .distance = (uint16_t)distance};
    return 1;
}

static uint32_t common_length(const uint8_t *a, const uint8_t *b, uint32_t most)
{
    uint32_t n = 0;
    while (n < most && a[n] == b[n])
        n++;
    return n;
}

// The matches of one place, the nearest of every length. 0 if memory ran out.
static int find_at(struct match_finder *f, uint32_t at, const uint32_t *heads,
                   const uint32_t *links)
{
    uint32_t most = f->bytes - at < MATCH_BYTES_MAX ? f->bytes - at : MATCH_BYTES_MAX;
    uint32_t longest = MATCH_BYTES_MIN - 1;
    if (most < MATCH_BYTES_MIN)
        return 1;
    uint32_t candidate = heads[hash3(f->data + at)];
    for (int n = 0; n < CHAIN_MAX && candidate != NONE && longest < most; n++) {
        if (at - candidate > LFS_GZIP_WINDOW_BYTES)
            break;
        // Byte 0 is not to be read; it is never in a chain.
        if (f->data[candidate + longest] == f->data[at + longest]) {
            uint32_t length = common_length(f->data + candidate, f->data + at, most);
            if (length > longest) {
                longest = length;
                if (!add_match(f, length, at - candidate))
                    return 0;
            }
        }
        candidate = links[candidate];
    }
    return 1;
}

static int find_all(struct match_finder *f, uint32_t *heads, uint32_t *links)
{
    memset(heads, 0xFF, sizeof(*heads) << HASH_BITS);
    for (uint32_t at = 0; at < f->bytes; at++) {
        f->first[at] = f->match_count;
        if (!find_at(f, at, heads, links))
            return 0;
        if (at > 0 && f->bytes - at >= MATCH_BYTES_MIN) {
            uint32_t h = hash3(f->data + at);
            links[at] = heads[h];
            heads[h] = at;
        }
    }
    f->first[f->bytes] = f->match_count;
    return 1;
}

void match_finder_destroy(struct match_finder *f)
{
    if (!f)
        return;
    free(f->matches);
    free(f->first);
    free(f->bits);
    free(f->last);
    free(f);
}

struct match_finder *match_finder_create(const uint8_t *data, uint32_t bytes)
{
    struct match_finder *f = calloc(1, sizeof(*f));
    uint32_t *heads = malloc(sizeof(*heads) << HASH_BITS);
    uint32_t *links = malloc((size_t)bytes * sizeof(*links));
    int is_done = 0;
    if (f) {
        *f = (struct match_finder){.data = data, .bytes = bytes, .match_max = bytes * 2 + 16};
        f->matches = malloc(f->match_max * sizeof(*f->matches));
        f->first = malloc(((size_t)bytes + 1) * sizeof(*f->first));
        f->bits = malloc(((size_t)bytes + 1) * sizeof(*f->bits));
        f->last = malloc(((size_t)bytes + 1) * sizeof(*f->last));
        is_done = heads && links && f->matches && f->first && f->bits && f->last &&
                  find_all(f, heads, links);
    }
    free(heads);
    free(links);
    if (!is_done) {
        match_finder_destroy(f);
        return NULL;
    }
    return f;
}

// ---- the cheapest way ----

static void offer(struct match_finder *f, uint32_t to, float bits, struct step step)
{
    if (bits < f->bits[to]) {
        f->bits[to] = bits;
        f->last[to] = step;
    }
}

static void offer_matches(struct match_finder *f, uint32_t at, const struct costs *costs)
{
    uint32_t length = MATCH_BYTES_MIN;
    for (uint32_t m = f->first[at]; m < f->first[at + 1]; m++) {
        uint16_t distance = f->matches[m].distance;
        float bits = f->bits[at] + costs->distance[deflate_distance_code(distance)];
        for (; length <= f->matches[m].length; length++)
            offer(f, at + length, bits + costs->length[length],
                  (struct step){.length = (uint16_t)length, .distance = distance});
    }
}

uint32_t match_finder_parse(struct match_finder *f, const struct region *regions,
                            struct step *steps)
{
    f->bits[0] = 0;
    for (uint32_t at = 1; at <= f->bytes; at++)
        f->bits[at] = 1e30f;
    for (uint32_t at = 0; at < f->bytes; at++) {
        while (at >= regions->end)
            regions++;
        const struct costs *costs = &regions->costs;
        uint8_t byte = f->data[at];
        offer(f, at + 1, f->bits[at] + costs->literal[byte],
              (struct step){.length = 1, .literal = byte});
        offer_matches(f, at, costs);
    }
    uint32_t count = 0;
    for (uint32_t at = f->bytes; at > 0; at -= f->last[at].length)
        count++;
    uint32_t n = count;
    for (uint32_t at = f->bytes; at > 0; at -= f->last[at].length)
        steps[--n] = f->last[at];
    return count;
}
