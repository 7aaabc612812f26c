/* bound: how far a sum of products in single precision may lie from the exact one, for the oracles. */
#ifndef BASE_BOUND_H
#define BASE_BOUND_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "par.h"

/* The inner loops of an oracle whose problems are large: for the widest vectors that the CPU has. The same
 * results, since nothing is contracted or reordered. Clang 14 names the symbol of one otherwise than its callers
 * in other files do, and makes the resolver global: for static functions of unique names. */
#define ORACLE_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))

/* n u / (1 - n u), u = 2^-24: the relative error of n rounded steps; and what the same sum in f64 rounds
 * itself. */
static inline double bound_gamma(size_t steps)
{
    const double u = (double)steps * 0x1p-24;
    return u / (1.0 - u) + (double)steps * 0x1p-52;
}

/* True where a sum of so many terms, whose magnitudes add up to mag, may pass FLT_MAX on its way, in any
 * order and with products rounded apart; and where mag is no number. */
static inline bool bound_overflows(double mag, size_t steps)
{
    return !(mag * (1.0 + 2.0 * bound_gamma(steps)) + (double)steps * 0x1p-148 < (double)FLT_MAX);
}

/* The unit roundoff of long double as it is computed here: 2^-64 of the x87's registers, 2^-53 where a tool that executes
 * the program (valgrind) keeps doubles in them. */
static inline double bound_long_unit(void)
{
    const volatile long double one = 1.0L;
    const volatile long double next = one + 0x1p-63L;
    return next > one ? 0x1p-64 : 0x1p-53;
}

/* The threads of an oracle: below so many flops a team costs more than it saves. */
static inline int bound_threads(double flops)
{
    return flops > 1e7 ? par_max_threads() : 1;
}

#endif
