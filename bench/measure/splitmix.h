/* splitmix: 64 random bits from a state that any seed starts: for resampling.
 *
 * Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
 */
#ifndef MEASURE_SPLITMIX_H
#define MEASURE_SPLITMIX_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* From 0 to n - 1. */
static inline size_t splitmix_below(uint64_t *state, size_t n)
{
    return (size_t)((unsigned __int128)splitmix(state) * n >> 64);
}

#endif
