// histogram.c: steps by powers of two; buckets of time that double.

#include "analyzer/analysis/heap/histogram.h"

// Values below HISTOGRAM_STEPS have a step each; above, the leading bit picks the group and the
// bits after it the step.
static unsigned step_of(uint64_t value)
{
    if (value < HISTOGRAM_STEPS)
        return (unsigned)value;
    unsigned shift = 63u - (unsigned)__builtin_clzll(value) - HISTOGRAM_STEP_BITS;
    return (shift + 1) * HISTOGRAM_STEPS + (unsigned)(value >> shift) - HISTOGRAM_STEPS;
}

// The largest value of a step.
static uint64_t step_end(unsigned step)
{
    if (step < HISTOGRAM_STEPS)
        return step;
    unsigned shift = step / HISTOGRAM_STEPS - 1;
    return ((uint64_t)(step % HISTOGRAM_STEPS + HISTOGRAM_STEPS + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram->counts[step_of(value)]++;
    histogram->count++;
    histogram->sum += value;
    if (value > histogram->max)
        histogram->max = value;
}

uint64_t histogram_quantile(const struct histogram *histogram, double share)
{
    double wanted = share * (double)histogram->count * (1 - 1e-12); // 0.29 * 100 is more than 29
    uint64_t seen = 0;
    for (unsigned step = 0; step < HISTOGRAM_ROOM; step++) {
        seen += histogram->counts[step];
        if (seen > 0 && (double)seen >= wanted) {
            uint64_t end = step_end(step);
            return end < histogram->max ? end : histogram->max;
        }
    }
    return histogram->max;
}

static void join(struct curve *curve)
{
    for (uint32_t i = 0; i < CURVE_BUCKETS / 2; i++) {
        struct curve_bucket a = curve->buckets[2 * i], b = curve->buckets[2 * i + 1];
        uint64_t min = !b.is_set || (a.is_set && a.min < b.min) ? a.min : b.min;
        curve->buckets[i] = (struct curve_bucket){min, a.max > b.max ? a.max : b.max, a.sum + b.sum,
                                                  a.is_set || b.is_set};
    }
    for (uint32_t i = CURVE_BUCKETS / 2; i < CURVE_BUCKETS; i++)
        curve->buckets[i] = (struct curve_bucket){0};
    curve->width *= 2;
    curve->width_bits++;
    curve->used = (curve->used + 1) / 2;
}

void curve_widen(struct curve *curve, uint64_t time)
{
    if (curve->width == 0)
        curve->width = 1;
    while (time >> curve->width_bits >= CURVE_BUCKETS)
        join(curve);
}
