#include "stats.h"

#include <math.h>
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

double stats_median(const double *x, size_t n) { return stats_quantile(x, n, 0.5); }

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

/* The percentile bootstrap (Efron 1979) of a statistic of n values. */
static struct interval bootstrap(const double *x, size_t n, uint64_t seed,
                                 double (*statistic)(const double *, size_t))
{
    struct interval r = {statistic(x, n), -INFINITY, INFINITY};
    double *again = malloc(n * sizeof *again), *seen = malloc(RESAMPLES * sizeof *seen);
    if (n > 1 && again && seen) {
        for (size_t k = 0; k < RESAMPLES; k++) {
            for (size_t i = 0; i < n; i++)
                again[i] = x[(size_t)((unsigned __int128)next(&seed) * n >> 64)];
            seen[k] = statistic(again, n);
        }
        qsort(seen, RESAMPLES, sizeof *seen, ascending);
        r.lo = sorted_quantile(seen, RESAMPLES, 0.025);
        r.hi = sorted_quantile(seen, RESAMPLES, 0.975);
    }
    free(again);
    free(seen);
    return r;
}

static struct interval of_logs(double *log_x, size_t n, uint64_t seed,
                               double (*statistic)(const double *, size_t))
{
    const struct interval r = bootstrap(log_x, n, seed, statistic);
    free(log_x);
    return (struct interval){exp(r.at), exp(r.lo), exp(r.hi)};
}

struct interval stats_ratio(const double *a, const double *b, size_t n, uint64_t seed)
{
    double *log_ratio = malloc(n * sizeof *log_ratio);
    if (!log_ratio) return (struct interval){NAN, NAN, NAN};
    for (size_t i = 0; i < n; i++) log_ratio[i] = log(b[i] / a[i]);
    return of_logs(log_ratio, n, seed, stats_median);
}

struct interval stats_geomean(const double *x, size_t n, uint64_t seed)
{
    double *log_x = malloc(n * sizeof *log_x);
    if (!log_x) return (struct interval){NAN, NAN, NAN};
    for (size_t i = 0; i < n; i++) log_x[i] = log(x[i]);
    return of_logs(log_x, n, seed, mean);
}
