// plugin_counts.c: sums of what was loaded, missed and executed, and their blocks.
//
// Equal keys of an interval share one record; the records stand in the order in which they first
// came, so that the same run gives the same trace.
// Writes: the pipe to the recorder. Memory: records and a table over them, which grow.

#include "collectors/qemu/plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "analyzer/base/hash_table.h"

#define ROOM_START 32768u

struct wire_totals plugin_totals;
uint16_t plugin_site;

static struct {
    struct wire_record *records;
    uint32_t count, room;
    struct arena arena; // of the table
    struct hash_table by_key;
    uint32_t epoch; // of the interval; memos of older ones are invalid
    int pipe;
} counts = {.epoch = 1, .pipe = -1};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "frost: plugin: %s: %s\n", what, strerror(errno));
    _exit(4);
}

static uint32_t hash_of(const struct wire_record *r)
{
    uint32_t hash = r->a * 0x9e3779b1u ^ r->b * 0x85ebca77u;
    hash ^= (uint32_t)r->site << 13 ^ (uint32_t)r->event << 5 ^ r->what;
    hash *= 0x27d4eb2fu;
    return hash ^ hash >> 15;
}

// Room for one more record.
static void grow(void)
{
    if (counts.count < counts.room)
        return;
    if (counts.room == 0)
        hash_table_init(&counts.by_key, &counts.arena, ROOM_START);
    counts.room = counts.room ? counts.room * 2 : ROOM_START;
    counts.records = realloc(counts.records, counts.room * sizeof *counts.records);
    if (!counts.records)
        fail("sums");
}

static uint32_t find_or_add(const struct plugin_key *key, uint16_t site)
{
    grow();
    struct wire_record wanted = {
        .a = key->a, .b = key->b, .site = site, .event = key->event, .what = key->what};
    uint32_t hash = hash_of(&wanted), i;
    HASH_TABLE_EACH (&counts.by_key, hash, i) {
        const struct wire_record *r = &counts.records[i];
        if (r->a == wanted.a && r->b == wanted.b && r->site == wanted.site &&
            r->event == wanted.event && r->what == wanted.what)
            return i;
    }
    hash_table_add(&counts.by_key, hash, counts.count);
    counts.records[counts.count] = wanted;
    return counts.count++;
}

void plugin_count(struct plugin_memo *memo, const struct plugin_key *key, uint16_t site,
                  uint64_t first, uint64_t second)
{
    if (memo->epoch != counts.epoch || memo->site != site || memo->a != key->a)
        *memo = (struct plugin_memo){
            .epoch = counts.epoch, .site = site, .a = key->a, .index = find_or_add(key, site)};
    counts.records[memo->index].first += first;
    counts.records[memo->index].second += second;
}

static void write_all(const void *data, size_t bytes)
{
    const char *at = data;
    while (bytes > 0) {
        ssize_t n = write(counts.pipe, at, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail("the recorder is gone");
        at += n;
        bytes -= (size_t)n;
    }
}

int plugin_counts_open(const char *path)
{
    counts.pipe = open(path, O_WRONLY | O_CLOEXEC);
    if (counts.pipe < 0) {
        fprintf(stderr, "frost: plugin: %s: %s\n", path, strerror(errno));
        return -1;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL); // without a recorder there is nothing to do
    struct wire_block hello = {
        .magic = WIRE_MAGIC, .flags = WIRE_HELLO, .process = (uint32_t)getpid()};
    write_all(&hello, sizeof hello);
    return 0;
}

void plugin_counts_flush(uint32_t flags)
{
    if (counts.pipe < 0)
        return;
    struct wire_block block = {
        .magic = WIRE_MAGIC,
        .flags = flags,
        .record_count = counts.count,
        .totals = plugin_totals,
    };
    write_all(&block, sizeof block);
    write_all(counts.records, counts.count * sizeof *counts.records);
    if (counts.count)
        hash_table_clear(&counts.by_key);
    counts.count = 0;
    counts.epoch++;
}
