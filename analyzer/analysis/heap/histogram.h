// histogram.h: counts of values in steps that grow with the value, and curves over time.
//
// A histogram has HISTOGRAM_STEPS steps for each power of two, so a quantile is at most 1 part in
// HISTOGRAM_STEPS too high; count, sum and maximum are exact. A curve keeps CURVE_BUCKETS points:
// when time goes on, pairs of buckets are joined. Memory: of fixed size, in the caller's struct.

#ifndef FROST_ANALYSIS_HISTOGRAM_H
#define FROST_ANALYSIS_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

#define HISTOGRAM_STEP_BITS 5u
#define HISTOGRAM_STEPS (1u << HISTOGRAM_STEP_BITS)
#define HISTOGRAM_ROOM ((64u - HISTOGRAM_STEP_BITS + 1) * HISTOGRAM_STEPS)

struct histogram {
    uint64_t counts[HISTOGRAM_ROOM];
    uint64_t count, sum, max;
};

void histogram_add(struct histogram *histogram, uint64_t value);

// The value that `share` (0 to 1) of the values do not exceed, rounded up to its step; 0 if there
// are none.
uint64_t histogram_quantile(const struct histogram *histogram, double share);

#define CURVE_BUCKETS 1024u

struct curve {
    struct curve_bucket {
        uint64_t min, max, sum;
        bool is_set;
    } buckets[CURVE_BUCKETS];
    uint64_t width; // of a bucket: 1 << width_bits; 0: nothing was added
    uint32_t width_bits;
    uint32_t used; // buckets up to the last one that is set
};

// Makes the buckets wide enough for `time`.
void curve_widen(struct curve *curve, uint64_t time);

// Adds a value at `time`, which never decreases much: any order is right.
static inline void curve_add(struct curve *curve, uint64_t time, uint64_t value)
{
    if (time >> curve->width_bits >= CURVE_BUCKETS || curve->width == 0)
        curve_widen(curve, time);
    uint32_t idx = (uint32_t)(time >> curve->width_bits);
    struct curve_bucket *bucket = &curve->buckets[idx];
    bucket->min = !bucket->is_set || value < bucket->min ? value : bucket->min;
    bucket->max = value > bucket->max ? value : bucket->max;
    bucket->sum += value;
    bucket->is_set = true;
    curve->used = idx + 1 > curve->used ? idx + 1 : curve->used;
}

#endif
