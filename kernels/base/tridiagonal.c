#include "tridiagonal.h"

#include <math.h>
#include <stdint.h>

#include "rng.h"

/* factor T, whose least eigenvalue is the one that is looked for: factor is a power of two that brings |T| below 1, and
 * negative for the greatest. */
struct scaled {
    const struct tridiagonal *t;
    double factor;
};

static double diagonal(const struct scaled *s, size_t i)
{
    return s->factor * s->t->diagonal[i];
}
/* Element (i - 1, i). */
static double before(const struct scaled *s, size_t i)
{
    return i ? s->factor * s->t->beside[i - 1] : 0.0;
}
static double around(const struct scaled *s, size_t i)
{
    return fabs(before(s, i)) + (i + 1 < s->t->n ? fabs(before(s, i + 1)) : 0.0);
}

/* factor 0: all elements are; NaN: one is no number. */
static struct scaled scale(const struct tridiagonal *t, bool greatest)
{
    struct scaled s = {t, 1.0};
    double norm = 0.0;
    for (size_t i = 0; i < t->n; i++) {
        const double row = fabs(diagonal(&s, i)) + around(&s, i);
        if (!(row <= norm)) norm = row;
        if (!isfinite(row)) break;
    }
    int exponent;
    if (!isfinite(norm)) return (struct scaled){t, NAN};
    if (norm == 0.0) return (struct scaled){t, 0.0};
    frexp(norm, &exponent);
    /* 2^1022 is the greatest power whose inverse is normal. */
    s.factor = ldexp(greatest ? -1.0 : 1.0, exponent < -1022 ? 1022 : -exponent);
    return s;
}

/* No eigenvalue lies at or below x: all pivots of the elimination are positive. */
static bool above(const struct scaled *s, double x)
{
    double pivot = 1.0;
    for (size_t i = 0; i < s->t->n; i++) {
        const double b = before(s, i);
        pivot = diagonal(s, i) - x - b * b / pivot;
        if (!(pivot > 0.0)) return false;
    }
    return true;
}

double tridiagonal_edge(const struct tridiagonal *t, bool greatest)
{
    const struct scaled s = scale(t, greatest);
    if (!(fabs(s.factor) > 0.0)) return s.factor;
    /* Gershgorin below, a Rayleigh quotient above. */
    double low = INFINITY, high = INFINITY;
    for (size_t i = 0; i < t->n; i++) {
        low = fmin(low, diagonal(&s, i) - around(&s, i));
        high = fmin(high, diagonal(&s, i));
    }
    double middle = low + (high - low) / 2.0;
    while (high - low > 0x1p-55 && low < middle && middle < high) {
        if (above(&s, middle))
            low = middle;
        else
            high = middle;
        middle = low + (high - low) / 2.0;
    }
    return middle / s.factor;
}

/* Pivots of the scaled matrix less the shift. */
static void eliminate(const struct scaled *s, double shift, double *pivot)
{
    for (size_t i = 0; i < s->t->n; i++) {
        const double b = before(s, i), less = i ? b * b / pivot[i - 1] : 0.0;
        /* No pivot of a definite matrix is below its least eigenvalue: of the 32 U at least 16 are left. */
        pivot[i] = fmax(diagonal(s, i) - shift - less, 8.0 * 0x1p-53);
    }
}

static void solve(const struct scaled *s, const double *pivot, double *x)
{
    const size_t n = s->t->n;
    for (size_t i = 1; i < n; i++) x[i] -= before(s, i) / pivot[i - 1] * x[i - 1];
    for (size_t i = 0; i < n; i++) x[i] /= pivot[i];
    for (size_t i = n - 1; i-- > 0;) x[i] -= before(s, i + 1) / pivot[i] * x[i + 1];
}

static void normalize(double *x, size_t n)
{
    double square = 0.0;
    for (size_t i = 0; i < n; i++) square += x[i] * x[i];
    for (size_t i = 0; i < n; i++) x[i] /= sqrt(square);
}

/* From -1 to 1, and no pattern that an eigenvector might have. */
static void start(double *x, size_t n)
{
    const uint32_t key[2] = {0, 0};
    for (size_t i = 0; i < n; i++) {
        const uint32_t counter[4] = {(uint32_t)i, 0, 0, 0};
        uint32_t out[4];
        philox4x32_10(counter, key, out);
        x[i] = ((double)out[0] + 0.5) * 0x1p-31 - 1.0;
    }
}

void tridiagonal_vector(const struct tridiagonal *t, bool greatest, double edge, double *x,
                        double *scratch)
{
    /* Each weakens eigenvectors whose eigenvalues are four times as far from the shift by four more. */
    enum { ITERATIONS = 5 };
    const struct scaled s = scale(t, greatest);
    /* Past the 8 U that the edge may be off and what elimination may round: still definite. */
    const double outside = 32.0 * 0x1p-53;
    start(x, t->n);
    if (isnan(s.factor) || s.factor == 0.0) {
        for (size_t i = 0; i < t->n; i++) x[i] = s.factor == 0.0 ? (double)(i == 0) : (double)NAN;
        return;
    }
    eliminate(&s, s.factor * edge - outside, scratch);
    for (int i = 0; i < ITERATIONS; i++) {
        solve(&s, scratch, x);
        normalize(x, t->n);
    }
}
