// device_encoding.h: logs that a terminal program kept as UTF-16, as some do on Windows.
//
// The log of a device is ASCII with other bytes between. If its first unit is a byte order mark, or
// a byte and a zero, it is taken for UTF-16 and narrowed: units above 0x7f become '?'.

#ifndef FROST_COLLECTORS_DEVICE_ENCODING_H
#define FROST_COLLECTORS_DEVICE_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// All zero before the first bytes.
struct device_encoding {
    bool is_known;
    bool is_wide, is_big_endian;
    uint8_t unit[2]; // the first bytes of a unit whose rest has not come yet
    uint8_t unit_bytes;
};

// Narrows `count` bytes as they came; `out` has room for as many and one more. Returns how many
// there are then.
size_t device_encoding_narrow(struct device_encoding *encoding, const char *bytes, size_t count,
                              char *out);

#endif
