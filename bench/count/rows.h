/* rows: which calls `hinge count` counts.
 *
 * Of each kernel the shapes that the benchmarks time, where they are small: what a call costs at a large one follows
 * from the same code. A kernel without a small one is counted at the largest small shape that `hinge check` uses.
 */
#ifndef COUNT_ROWS_H
#define COUNT_ROWS_H

#include "options.h"

enum { COUNT_READINGS = 2 };

struct count_row {
    char name[192]; /* of the case */
    const struct kernel_spec *spec;
    struct shape shape;
    enum isa isa;
    int threads;
    /* Of all threads together, for one call each. */
    uint64_t reading[COUNT_READINGS];
    unsigned readings;
};

/* True where two calls in a row took as many. */
static inline bool count_exact(const struct count_row *row)
{
    return row->readings == COUNT_READINGS && row->reading[0] == row->reading[1];
}

struct count_rows {
    struct count_row *at;
    size_t count;
    char counter[32]; /* once counted: "callgrind-3.19.0" */
};

/* The lanes that can be counted: callgrind knows no AVX-512. */
enum { COUNT_LANES = 1 << ISA_SCALAR | 1 << ISA_MODEL | 1 << ISA_OMP_AVX2 | 1 << ISA_AVX2 };

/* Kernel by kernel, case by case, of each the lanes and then the numbers of threads; `kernel` alone where it is not
 * NULL. STATUS_USAGE where nothing matches, STATUS_UNAVAILABLE without AVX2, or where no lane asked for can be counted. */
enum status count_rows_make(struct count_rows *rows, const struct options *options,
                            const struct kernel_spec *kernel);
void count_rows_free(struct count_rows *rows);

#endif
