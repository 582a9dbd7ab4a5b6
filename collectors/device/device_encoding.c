// device_encoding.c: logs that a terminal program kept as UTF-16.

#include "collectors/device/device_encoding.h"

#define MARK_FIRST 0xFE
#define MARK_SECOND 0xFF
#define REPLACEMENT '?'

// What the first two bytes say.
static void recognise(struct device_encoding *e)
{
    uint8_t a = e->unit[0], b = e->unit[1];
    e->is_known = true;
    e->is_big_endian = (a == MARK_FIRST && b == MARK_SECOND) || (a == 0 && b != 0);
    e->is_wide = e->is_big_endian || (a == MARK_SECOND && b == MARK_FIRST) || (a != 0 && b == 0);
}

static size_t put_unit(const struct device_encoding *e, char *out)
{
    uint8_t low = e->unit[e->is_big_endian], high = e->unit[!e->is_big_endian];
    if (high == MARK_FIRST && low == MARK_SECOND)
        return 0;
    *out = high == 0 && low < 0x80 ? (char)low : REPLACEMENT;
    return 1;
}

size_t device_encoding_narrow(struct device_encoding *e, const char *bytes, size_t count, char *out)
{
    size_t done = 0;
    for (size_t i = 0; i < count; i++) {
        if (e->is_known && !e->is_wide) {
            out[done++] = bytes[i];
            continue;
        }
        e->unit[e->unit_bytes++] = (uint8_t)bytes[i];
        if (e->unit_bytes < 2)
            continue;
        e->unit_bytes = 0;
        if (!e->is_known)
            recognise(e);
        if (e->is_wide) {
            done += put_unit(e, out + done);
        } else {
            out[done++] = (char)e->unit[0];
            out[done++] = (char)e->unit[1];
        }
    }
    return done;
}
