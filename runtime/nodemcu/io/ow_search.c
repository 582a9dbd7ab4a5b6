// ow_search.c: see ow_search.h.
//
// Source: the manufacturer's note on the search (AN187): at each bit all that still take part say
// it and its opposite; where both are there, the searcher chooses. It goes the way of the last time
// before the last branch that it took the 0 of, there the other, and behind it that of the 0.

#include "runtime/nodemcu/io/ow_search.h"

#include <string.h>

static unsigned bit_of(const uint8_t *code, unsigned bit)
{
    return code[bit / 8] >> bit % 8 & 1;
}

static void set_bit(uint8_t *code, unsigned bit, unsigned value)
{
    code[bit / 8] = (uint8_t)((code[bit / 8] & ~(1u << bit % 8)) | value << bit % 8);
}

// Which values the devices that take part (a bit for each) say: bit 0 for 0, bit 1 for 1.
static unsigned values_said(const uint8_t *codes, unsigned count, uint32_t taking_part,
                            unsigned bit)
{
    unsigned values = 0;
    for (unsigned i = 0; i < count; i++)
        if (taking_part >> i & 1)
            values |= 1u << bit_of(codes + OW_CODE_BYTES * i, bit);
    return values;
}

static uint32_t those_with(const uint8_t *codes, unsigned count, unsigned bit, unsigned value)
{
    uint32_t those = 0;
    for (unsigned i = 0; i < count; i++)
        if (bit_of(codes + OW_CODE_BYTES * i, bit) == value)
            those |= 1u << i;
    return those;
}

// The way where both are there; `bit` counts from 0.
static unsigned choose(const struct ow_search *search, unsigned bit)
{
    if (bit + 1 < search->branch)
        return bit_of(search->code, bit);
    return bit + 1 == search->branch;
}

// False: at some bit nobody answers.
static int walk(struct ow_search *search, const uint8_t *codes, unsigned count)
{
    uint32_t taking_part = ~UINT32_C(0);
    unsigned last_zero = 0;
    for (unsigned bit = 0; bit < OW_CODE_BITS; bit++) {
        unsigned values = values_said(codes, count, taking_part, bit);
        if (values == 0)
            return 0;
        unsigned value = values == 3 ? choose(search, bit) : values >> 1;
        if (values == 3 && !value)
            last_zero = bit + 1;
        taking_part &= those_with(codes, count, bit, value);
        set_bit(search->code, bit, value);
    }
    search->branch = (uint8_t)last_zero;
    search->is_over = last_zero == 0;
    return 1;
}

int ow_search_next(struct ow_search *search, const uint8_t *codes, unsigned count)
{
    if (!search->is_over && walk(search, codes, count) && search->code[0] != 0)
        return 1;
    search->branch = search->is_over = 0;
    return 0;
}
