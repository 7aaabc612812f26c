/* math_bound: what the errors that vec_math.h and exp2.h state come to, for the oracles. */
#ifndef SIMD_MATH_BOUND_H
#define SIMD_MATH_BOUND_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "exp2.h"

/* The greatest errors of the functions of vec_math.h, in units in the last place. */
#define X(function, ulp) double function;
struct math_ulp {
    VEC_MATH(X)
};
#undef X
static inline struct math_ulp math_ulp(void)
{
#define X(function, ulp) .function = ulp,
    return (struct math_ulp){VEC_MATH(X)};
#undef X
}

/* A positive number and the interval of what may be found in its place. */
struct found {
    double exact, lo, hi;
};

/* e^t, t <= 0, as a power of two whose exponent is found within off LOG2_E of itself and not above 0. A unit in the
 * last place is at most 2^-23 of the number; 2^-40 is more than what e^t is off by here. */
static inline struct found found_exp(double t, double off)
{
    const double part = EXP2_ULP * 0x1p-23 + 0x1p-40, reach = isinf(t) ? 0.0 : off;
    return (struct found){exp(t), fmax(exp(t - reach) * (1.0 - part) - 0x1p-126, 0.0),
                          exp(fmin(t + reach, 0.0)) * (1.0 + part) + 0x1p-126};
}

/* e^((x - max) / tau) as row_weight() has it: the difference, LOG2_E, its quotient by tau and the product are
 * rounded. */
static inline struct found found_weight(double x, double max, double tau)
{
    const double t = (x - max) / tau, u = 0x1p-24;
    return found_exp(t, fabs(t) * 4.0 * u * (1.0 + 2.0 * u) + 0x1p-149);
}

/* The greatest of a row and the sum of its weights, the roundings of the sum left out. nan: the row holds NaN or +inf,
 * or nothing but -inf, and there is no sum. */
struct found_row {
    double max;
    struct found sum;
    bool nan;
};
static inline struct found_row found_row(const float *x, size_t n, double tau)
{
    struct found_row r = {.max = -INFINITY};
    for (size_t j = 0; j < n; j++) {
        r.nan |= isnan(x[j]);
        if ((double)x[j] > r.max) r.max = (double)x[j];
    }
    r.nan |= isinf(r.max) && n > 0;
    for (size_t j = 0; j < n && !r.nan; j++) {
        const struct found e = found_weight((double)x[j], r.max, tau);
        r.sum.exact += e.exact;
        r.sum.lo += e.lo;
        r.sum.hi += e.hi;
    }
    return r;
}

#endif
