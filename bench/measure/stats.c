#include "stats.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "splitmix.h"
#include "student.h"

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

double stats_mad_about(const double *x, size_t n, double centre)
{
    double *away = malloc(n * sizeof *away);
    if (!away) return NAN;
    for (size_t i = 0; i < n; i++) away[i] = fabs(x[i] - centre);
    const double value = stats_median(away, n);
    free(away);
    return value;
}

double stats_mad(const double *x, size_t n)
{
    return stats_mad_about(x, n, stats_median(x, n));
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
    double *again = malloc((n + 1) * sizeof *again), *seen = malloc(RESAMPLES * sizeof *seen);
    if (n > 1 && again && seen) {
        for (size_t k = 0; k < RESAMPLES; k++) {
            for (size_t i = 0; i < n; i++) again[i] = x[splitmix_below(&seed, n)];
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
    double *log_x = calloc(n + 1, sizeof *log_x);
    if (!log_x) return (struct interval){NAN, NAN, NAN};
    for (size_t i = 0; i < n; i++) log_x[i] = log(x[i]);
    const struct interval r = bootstrap(log_x, n, seed);
    free(log_x);
    return (struct interval){exp(r.at), exp(r.lo), exp(r.hi)};
}

double stats_student(size_t freedom)
{
    return student_quantile(0.975, (double)freedom);
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
    return pow(1.0 - part - student_quantile(0.95, INFINITY) * sqrt(part), -1.5);
}

double stats_detectable(double error, size_t freedom)
{
    return error *
           (student_quantile(0.975, (double)freedom) + student_quantile(0.8, (double)freedom));
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

struct interval stats_forks(const double *x, size_t n)
{
    double *log_x = malloc((n + 1) * sizeof *log_x);
    if (!log_x) return (struct interval){NAN, NAN, NAN};
    for (size_t i = 0; i < n; i++) log_x[i] = log(x[i]);
    const struct interval r = stats_mean(log_x, n);
    free(log_x);
    return (struct interval){exp(r.at), exp(r.lo), exp(r.hi)};
}

double stats_exponent(const double *x, const double *y, size_t n, size_t ld)
{
    double mx = 0.0, my = 0.0, xx = 0.0, xy = 0.0;
    for (size_t i = 0; i < n; i++) {
        mx += log(x[i]) / (double)n;
        my += log(y[i * ld]) / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (log(x[i]) - mx) * (log(x[i]) - mx);
        xy += (log(x[i]) - mx) * (log(y[i * ld]) - my);
    }
    return xy / xx;
}
