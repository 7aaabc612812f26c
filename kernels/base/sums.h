/* sums: matrix products in f64, and how far a right result in single precision may lie from them: the
 * oracles of the rooms that multiply matrices.
 *
 *   x[i][j] = start[i][j] + factor plus[i][j] + sum over t of a[i][t] * b[t][j], t = 0 .. k-1 in order
 *
 * The same words for any number of threads and on every CPU.
 */
#ifndef BASE_SUMS_H
#define BASE_SUMS_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* A value and how far a right result may lie from it; ANYTHING after what may have overflowed. Where x is NaN
 * or infinite the result must be that. */
struct near {
    double x, e;
};
#define NEAR_ANYTHING ((struct near){0.0, INFINITY})

/* Element (r, c) is at r row + r / 16 row16 + c col + c / 16 col16: rows, columns, panels of either. */
struct place {
    size_t row, col, row16, col16;
};
static inline size_t place_at(const struct place *p, size_t r, size_t c)
{
    return r * p->row + r / 16 * p->row16 + c * p->col + c / 16 * p->col16;
}

struct factor {
    const float *exact;  /* NULL: */
    const double *x, *e; /* as in struct near; e NULL: exact too */
    struct place at;
};

static inline struct factor factor_transpose(struct factor f)
{
    f.at = (struct place){f.at.col, f.at.row, f.at.col16, f.at.row16};
    return f;
}

struct sums {
    size_t m, n, k;
    struct factor a, b; /* m x k and k x n; one at least is exact */
    const float *start; /* NULL: +0 */
    struct place start_at;
    const float *plus; /* NULL: none; else one step more, and not chained */
    struct place plus_at;
    float factor;
    double *x, *e;
    struct place at;
    /* False: both factors are exact, a sum takes its terms in order and is infinite from where a single
     * would be. True: where the finite magnitudes of a sum can reach FLT_MAX, in any order, and in what
     * depends on it, x is anything; NaN and infinities are wanted where they come of those among the
     * operands alone. */
    bool chained;
};

/* e: of k fused or rounded steps (and that of plus), on top of what the factors' errors become. */
void sums(const struct sums *s);

/* x . y in f64, its partial sums by n mod 16. */
double sums_dot(const float *x, const float *y, size_t n);

#endif
