/* outputs: one hash of what a case writes, over all its fills, which every lane that keeps to the words must give on every
 * number of threads.
 *
 * The inputs are those of `hinge check`, functions of the case's name and the seed. They pass through the C library's log
 * and cos in f64 before they become f32: what they came out as has a hash of its own. In both, elements follow one another
 * without gaps, operand by operand and fill by fill, in little-endian bytes; any NaN counts as the quiet one without a
 * payload, since no contract says which NaN comes out.
 */
#ifndef HASH_OUTPUTS_H
#define HASH_OUTPUTS_H

#include "check/cases.h"
#include "hash/table.h"
#include "options.h"

/* The omp lanes' order of rounding is the compiler's: they are held to the bound alone. */
enum { HASH_LANES = 1u << ISA_SCALAR | 1u << ISA_MODEL | 1u << ISA_AVX2 | 1u << ISA_AVX512 };

struct hash_plan {
    unsigned isas; /* of HASH_LANES, those that run here */
    const int *threads;
    size_t thread_count;
    uint64_t seed;
    FILE *out; /* where a lane that differs is told */
};

/* The hashes of the first lane on the first number of threads. STATUS_WRONG where another differs: each is told, with
 * the fill from which on it does. */
enum status hash_case(const struct hash_plan *plan, const struct kernel_spec *spec,
                      const struct check_case *c, struct hash_row *row);

#endif
