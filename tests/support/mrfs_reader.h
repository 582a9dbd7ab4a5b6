// mrfs_reader.h: an independent reader of a file store, written from the text of
// runtime/format/store.h and with nothing of the runtime's.
//
// Reads a store as bytes and gives its files, each with its content in place. It writes nothing and
// repairs nothing: after a cut it sees what counts. Used beside the store's own reading.

#ifndef FROST_TESTS_MRFS_READER_H
#define FROST_TESTS_MRFS_READER_H

#include <stdint.h>
#include <string.h>

#define MRFS_FILES_MAX 512

struct mrfs_file {
    char name[33];
    uint32_t time, size;
    const uint8_t *content;
    int is_crc_good;
};

struct mrfs {
    const uint8_t *bytes;
    uint32_t sector, count; // bytes of a sector, sectors
    uint32_t start;         // first entry
    uint32_t end;           // behind the last one
    struct mrfs_file files[MRFS_FILES_MAX];
    int file_count;
    const char *fault; // NULL: none
};

static inline uint32_t mrfs_u32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

// Bit by bit, for each byte once.
static inline uint32_t mrfs_crc(const uint8_t *at, uint32_t bytes)
{
    static uint32_t of_byte[256];
    if (of_byte[1] == 0)
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t crc = byte;
            for (int i = 0; i < 8; i++)
                crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
            of_byte[byte] = crc;
        }
    uint32_t crc = 0xFFFFFFFFu;
    while (bytes--)
        crc = crc >> 8 ^ of_byte[(crc ^ *at++) & 0xFF];
    return ~crc;
}

static inline int mrfs_word_is_good(uint32_t word)
{
    uint32_t zeros = 0;
    for (int bit = 0; bit < 32; bit++)
        if ((bit < 24 || bit > 28) && !(word >> bit & 1))
            zeros++;
    return zeros == (word >> 24 & 31);
}

// The word with one bit the other way with which what follows, up to `room` bytes, has its CRC.
static inline uint32_t mrfs_mend(const uint8_t *at, uint32_t word, uint32_t room)
{
    static uint8_t entry[1 << 16];
    for (int bit = 0; bit < 32; bit++) {
        uint32_t other = word ^ (1u << bit), bytes = 32 * (1 + ((other & 0xFFFFFF) + 31) / 32);
        if (!mrfs_word_is_good(other) || (other >> 24 & 31) == 0 || other >> 30 < 2 ||
            bytes > room || bytes > sizeof entry || at[bytes - 9] != 0) // no name ends there
            continue;
        memcpy(entry, at, bytes);
        for (int i = 0; i < 4; i++)
            entry[4 + i] = (uint8_t)(other >> 8 * i);
        if (mrfs_crc(entry, bytes) == 0x2144DF1Cu)
            return other;
    }
    return word;
}

static inline struct mrfs_file *mrfs_find(struct mrfs *fs, const char *name)
{
    for (int i = 0; i < fs->file_count; i++)
        if (strcmp(fs->files[i].name, name) == 0)
            return &fs->files[i];
    return NULL;
}

static inline void mrfs_forget(struct mrfs *fs, const char *name)
{
    struct mrfs_file *file = mrfs_find(fs, name);
    if (file)
        *file = fs->files[--fs->file_count];
}

// The control sector that counts gives where the log begins; 0: there is none.
static inline uint32_t mrfs_start(const struct mrfs *fs)
{
    uint32_t best = 0, start = 0;
    for (uint32_t n = 0; n < 2; n++) {
        const uint8_t *at = fs->bytes + n * fs->sector;
        if (memcmp(at, "sfr1", 4) != 0 || mrfs_crc(at, 28) != mrfs_u32(at + 28))
            continue;
        if (mrfs_u32(at + 4) <= best)
            continue;
        best = mrfs_u32(at + 4);
        start = mrfs_u32(at + 8);
        for (uint32_t off = 32; off < fs->sector && mrfs_u32(at + off) != 0xFFFFFFFFu; off += 4)
            if (mrfs_word_is_good(mrfs_u32(at + off)))
                start = mrfs_u32(at + off) & 0xFFFFFF;
    }
    return start * 32;
}

static inline void mrfs_take(struct mrfs *fs, const uint8_t *at, uint32_t word, uint32_t bytes)
{
    struct mrfs_file file = {.size = word & 0xFFFFFF, .content = at + 8};
    memcpy(file.name, at + bytes - 24, 15);
    if (!(word >> 29 & 1)) {
        file.size -= 16;
        memcpy(file.name + 15, at + 8 + file.size, 16);
    }
    if (word >> 30 == 2) {
        char old[33] = "";
        file.size -= 32;
        memcpy(old, at + 8 + file.size, 32);
        mrfs_forget(fs, old);
    }
    file.time = mrfs_u32(at + bytes - 8);
    file.is_crc_good = mrfs_crc(at, bytes) == 0x2144DF1Cu || mrfs_u32(at + 4) != word;
    mrfs_forget(fs, file.name);
    if (file.time == 0)
        return;
    if (fs->file_count == MRFS_FILES_MAX)
        fs->fault = "more files than the reader has room for";
    else
        fs->files[fs->file_count++] = file;
}

// Reads a store of `count` sectors.
static inline void mrfs_read(struct mrfs *fs, const uint8_t *bytes, uint32_t sector, uint32_t count)
{
    *fs = (struct mrfs){.bytes = bytes, .sector = sector, .count = count};
    fs->end = fs->start = mrfs_start(fs);
    if (fs->start == 0)
        return;
    uint32_t ring_end = sector * count;
    for (uint32_t passed = 0, step; passed < ring_end && !fs->fault; passed += step) {
        const uint8_t *at = bytes + fs->end;
        uint32_t magic = mrfs_u32(at), word = mrfs_u32(at + 4);
        if (memcmp(at, "mty0", 4) != 0) {
            if ((magic & 0x3079746D) != 0x3079746D)
                fs->fault = "no entry, and not erased";
            return;
        }
        if ((word >> 24 & 31) != 0 && !mrfs_word_is_good(word))
            word = mrfs_mend(at, word, ring_end - fs->end);
        step = 32 * (1 + ((word & 0xFFFFFF) + 31) / 32);
        int is_dead = (word >> 24 & 31) == 0;
        if (is_dead)
            step = sector - fs->end % sector;
        else if (!mrfs_word_is_good(word))
            return; // not finished
        if (step > ring_end - fs->end)
            fs->fault = "an entry goes over the end";
        else if (!is_dead && word >> 30 != 1)
            mrfs_take(fs, at, word, step);
        fs->end += step;
        if (fs->end == ring_end)
            fs->end = 2 * sector;
    }
}

#endif
