#include "stats.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { RESAMPLES = 1000 };

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double sorted_quantile(const double *x, size_t n, double q)
{
    const double at = q * (double)(n - 1);
    const size_t i = (size_t)at;
    return i + 1 < n ? x[i] + (at - (double)i) * (x[i + 1] - x[i]) : x[n - 1];
}

double stats_min(const double *x, size_t n)
{
    double least = x[0];
    for (size_t i = 1; i < n; i++)
        if (x[i] < least) least = x[i];
    return least;
}

double stats_quantile(const double *x, size_t n, double q)
{
    double *copy = malloc(n * sizeof *copy);
    if (!copy) return NAN;
    memcpy(copy, x, n * sizeof *copy);
    qsort(copy, n, sizeof *copy, ascending);
    const double value = sorted_quantile(copy, n, q);
    free(copy);
    return value;
}

double stats_median(const double *x, size_t n)
{
    return stats_quantile(x, n, 0.5);
}

double stats_mad(const double *x, size_t n)
{
    double *away = malloc(n * sizeof *away);
    if (!away) return NAN;
    const double middle = stats_median(x, n);
    for (size_t i = 0; i < n; i++) away[i] = fabs(x[i] - middle);
    const double value = stats_median(away, n);
    free(away);
    return value;
}

static uint64_t next(uint64_t *state)
{
    /* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014. */
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static double mean(const double *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    return sum / (double)n;
}

/* The mean of n values and its percentile bootstrap interval (Efron 1979). */
static struct interval bootstrap(const double *x, size_t n, uint64_t seed)
{
    struct interval r = {mean(x, n), -INFINITY, INFINITY};
    double *again = malloc(n * sizeof *again), *seen = malloc(RESAMPLES * sizeof *seen);
    if (n > 1 && again && seen) {
        for (size_t k = 0; k < RESAMPLES; k++) {
            for (size_t i = 0; i < n; i++)
                again[i] = x[(size_t)((unsigned __int128)next(&seed) * n >> 64)];
            seen[k] = mean(again, n);
        }
        qsort(seen, RESAMPLES, sizeof *seen, ascending);
        r.lo = sorted_quantile(seen, RESAMPLES, 0.025);
        r.hi = sorted_quantile(seen, RESAMPLES, 0.975);
    }
    free(again);
    free(seen);
    return r;
}

/* How many order statistics may be left out at each end so that the interval between the rest
 * covers the median with at least 95 %: the largest k with P(Binomial(n, 1/2) < k) <= 0.025. */
static size_t left_out(size_t n)
{
    double term = pow(0.5, (double)n), below = 0.0;
    size_t k = 0;
    while (k < n && below + term <= 0.025) {
        below += term;
        term *= (double)(n - k) / (double)(k + 1);
        k++;
    }
    return k;
}

struct interval stats_ratio(const double *a, const double *b, size_t n)
{
    double *ratio = malloc(n * sizeof *ratio);
    if (!ratio) return (struct interval){NAN, NAN, NAN};
    for (size_t i = 0; i < n; i++) ratio[i] = b[i] / a[i];
    qsort(ratio, n, sizeof *ratio, ascending);
    const size_t k = left_out(n);
    struct interval r = {sorted_quantile(ratio, n, 0.5), 0.0, INFINITY};
    if (k > 0) {
        r.lo = ratio[k - 1];
        r.hi = ratio[n - k];
    }
    free(ratio);
    return r;
}

struct interval stats_geomean(const double *x, size_t n, uint64_t seed)
{
    double *log_x = malloc(n * sizeof *log_x);
    if (!log_x) return (struct interval){NAN, NAN, NAN};
    for (size_t i = 0; i < n; i++) log_x[i] = log(x[i]);
    const struct interval r = bootstrap(log_x, n, seed);
    free(log_x);
    return (struct interval){exp(r.at), exp(r.lo), exp(r.hi)};
}

/* P(|T| <= t) for t = sqrt(freedom) tan(angle): Abramowitz and Stegun, 26.7.3 and 26.7.4. */
static double student_within(double angle, size_t freedom)
{
    const double c2 = cos(angle) * cos(angle), two_over_pi = 0.63661977236758134308;
    const bool odd = freedom % 2 != 0;
    double term = odd ? cos(angle) : 1.0, sum = 0.0;
    for (size_t i = odd ? 1 : 0; i + 2 <= freedom; i += 2) {
        sum += term;
        term *= c2 * (double)(i + 1) / (double)(i + 2);
    }
    return odd ? two_over_pi * (angle + sin(angle) * sum) : sin(angle) * sum;
}

static double normal_quantile(double p)
{
    enum { STEPS = 80 };
    double below = 0.0, above = 40.0;
    for (int i = 0; i < STEPS; i++) {
        const double x = 0.5 * (below + above);
        if (1.0 - 0.5 * erfc(x * 0.70710678118654752440) < p)
            below = x;
        else
            above = x;
    }
    return below;
}

/* For many degrees of freedom, the expansion around the normal quantile x: 26.7.5. Its error is below 1e-9 from
 * 200 on, for quantiles up to 0.975. */
static double student_of_many(double x, double n)
{
    const double x2 = x * x;
    const double g1 = x * (x2 + 1.0) / 4.0, g2 = x * ((5.0 * x2 + 16.0) * x2 + 3.0) / 96.0;
    const double g3 = x * (((3.0 * x2 + 19.0) * x2 + 17.0) * x2 - 15.0) / 384.0;
    const double g4 =
        x * ((((79.0 * x2 + 776.0) * x2 + 1482.0) * x2 - 1920.0) * x2 - 945.0) / 92160.0;
    return x + (g1 + (g2 + (g3 + g4 / n) / n) / n) / n;
}

double stats_student_at(double p, size_t freedom)
{
    enum { MANY = 200, STEPS = 60 };
    double below = 0.0, above = 1.57079632679489661923;
    if (freedom >= MANY) return student_of_many(normal_quantile(p), (double)freedom);
    for (int i = 0; i < STEPS; i++) {
        const double angle = 0.5 * (below + above);
        if (student_within(angle, freedom) < 2.0 * p - 1.0)
            below = angle;
        else
            above = angle;
    }
    return sqrt((double)freedom) * tan(below);
}

double stats_student(size_t freedom)
{
    return stats_student_at(0.975, freedom);
}

double stats_deviation(const double *x, size_t n)
{
    const double middle = mean(x, n);
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += (x[i] - middle) * (x[i] - middle);
    return sqrt(sum / (double)(n - 1));
}

double stats_deviation_most(size_t freedom)
{
    const double part = 2.0 / (9.0 * (double)freedom);
    return pow(1.0 - part - normal_quantile(0.95) * sqrt(part), -1.5);
}

double stats_detectable(double error, size_t freedom)
{
    return error * (stats_student_at(0.975, freedom) + stats_student_at(0.8, freedom));
}

struct interval stats_mean(const double *x, size_t n)
{
    struct interval r = {n ? mean(x, n) : NAN, NAN, NAN};
    if (n < 2) return r;
    const double half = stats_student(n - 1) * stats_deviation(x, n) / sqrt((double)n);
    r.lo = r.at - half;
    r.hi = r.at + half;
    return r;
}
