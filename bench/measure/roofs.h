/* roofs: the most that this machine can do, measured in the same run as the rows.
 *
 * FMA peak: independent chains of multiply-adds in registers. Bandwidth: a buffer of half the level
 * (DRAM: twice the last cache) is read, written, copied, updated in place, or made from two others
 * (STREAM's triad), again and again. The clock: a chain of additions that each wait for the one before, a cycle each. Stores are ordinary ones, as in the kernels: that a line is read
 * before it is written to is not counted. Per lane and thread count.
 */
#ifndef MEASURE_ROOFS_H
#define MEASURE_ROOFS_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel.h"
#include "traffic.h"

/* What binds a call: arithmetic, or the bandwidth of that loop. */
enum bound {
    BOUND_FMA,
    BOUND_LOAD,
    BOUND_STORE,
    BOUND_COPY,
    BOUND_UPDATE,
    BOUND_TRIAD,
    BOUND_COUNT
};
enum level { LEVEL_L1, LEVEL_L2, LEVEL_L3, LEVEL_DRAM, LEVEL_COUNT };

struct roof {
    enum isa isa;
    int threads;
    double gflops;
    double mhz; /* the clock that it had right after that: no counter is asked */
    /* Of each loop but BOUND_FMA; all bytes read and written count: two parts of a copy, three of an
     * update (dst = src + c dst) and of a triad (dst = src + c more). */
    double gbps[BOUND_COUNT][LEVEL_COUNT];
};
enum { ROOFS_MAX = 16 };

struct roofs {
    size_t bytes[LEVEL_COUNT]; /* capacity of each level seen by one core; DRAM: SIZE_MAX */
    size_t l3_all;             /* of all L3s, as hwloc has them */
    struct roof at[ROOFS_MAX];
    size_t count;
};

const char *level_name(enum level level);
const char *bound_name(enum bound bound);
void roofs_open(struct roofs *roofs);
/* Measures the lane (avx2 or avx512) on that many threads, about 0.4 s; the row stays in roofs.
 * NULL for a lane that has no roof of its own or does not run here. */
const struct roof *roofs_measure(struct roofs *roofs, enum isa isa, int threads);
/* Floats of each thread's buffer at that level, a multiple of 128. */
size_t roofs_floats(const struct roofs *roofs, enum level level, int threads);
/* What was measured; NULL where it was not. */
const struct roof *roofs_find(const struct roofs *roofs, enum isa isa, int threads);
/* Of what was measured twice, each figure the higher: others on the machine can only lower it. */
void roofs_take_higher(struct roofs *roofs, const struct roofs *again);
/* How far apart two measurements are at most: one minus the ratio of the lower to the higher. LEVEL_COUNT: in the
 * FMA peak. */
double roofs_spread(const struct roofs *one, const struct roofs *other, enum level level);
/* The smallest level that holds so many bytes (per core for L1 and L2). */
enum level roofs_level(const struct roofs *roofs, size_t bytes, int threads);
/* Bytes that all caches of so many cores hold together at the most: L3 need not contain L2. */
size_t roofs_cached(const struct roofs *roofs, int threads);
/* Seconds that a call takes at the least: what its flops take, or its bytes in the level that holds
 * them, whichever is longer. *bound says which applies. Bytes move as in the loop that is most like
 * the call by the share that it writes: loads alone, an update in place, a triad or a copy, stores alone.
 * Reads beyond those of that loop are held to the loads. */
double roof_seconds(const struct roofs *roofs, const struct roof *roof, const struct traffic *t,
                    enum bound *bound);

#endif
