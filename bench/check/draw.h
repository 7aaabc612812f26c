/* draw: cases at random, each a function of a seed and its number alone. */
#ifndef CHECK_DRAW_H
#define CHECK_DRAW_H

#include <stdint.h>

#include "cases.h"

struct drawn {
    const struct kernel_spec *spec;
    struct check_case c;
    enum fill fill;
    int threads, shift;
    uint64_t seed; /* of its contents */
};

/* From which each is drawn. */
struct draw {
    uint64_t seed;
    const struct kernel_spec *const
        *specs; /* one after the other, so that each has as many cases */
    size_t spec_count;
    const int *threads;
    size_t thread_count;
    unsigned fills; /* FILL_BIT()s; every spec has one of them */
};

/* A legal shape: sizes of 0, 1, some, about multiples of 16 and powers of two, up to twice the greatest of the spec's own;
 * its flags or any, its scales, sometimes two operands in one memory. Few MiB, and some milliseconds a run at the
 * most, but for one case in 32, which may be sixteen times as large. */
struct drawn draw_case(const struct draw *from, uint64_t number);

#endif
