/* stats: robust summaries of samples, intervals of paired ratios and of means. */
#ifndef MEASURE_STATS_H
#define MEASURE_STATS_H

#include <stddef.h>
#include <stdint.h>

/* Of n >= 1 values; x is not changed. quantile interpolates linearly between order statistics (R's
 * type 7). */
double stats_min(const double *x, size_t n);
double stats_median(const double *x, size_t n);
double stats_quantile(const double *x, size_t n, double q);
/* Median absolute deviation from the median, not scaled; or from another centre. */
double stats_mad(const double *x, size_t n);
double stats_mad_about(const double *x, size_t n, double centre);

struct interval {
    double at, lo, hi;
};

/* The median of b[i] / a[i] over n >= 1 pairs and an interval that covers it with at least 95 %,
 * whatever the distribution: between order statistics, by the sign test (Conover, Practical
 * Nonparametric Statistics, 3.2). Fewer than six pairs cannot give one: [0, Inf]. */
struct interval stats_ratio(const double *a, const double *b, size_t n);

/* The geometric mean of n >= 1 positive values and its 95 % bootstrap interval over them; the same
 * seed gives the same. */
struct interval stats_geomean(const double *x, size_t n, uint64_t seed);

/* The 0.975 quantile of Student's t with so many degrees of freedom, at least one. */
double stats_student(size_t freedom);
/* The mean of n values and its 95 % interval, by Student's t: of independent draws that are near enough to
 * normal. A single value has none: NaN; no value has no mean. */
struct interval stats_mean(const double *x, size_t n);
/* The geometric mean of n positive values, one of each process, and its 95 % interval: that of the mean of their
 * logarithms. */
struct interval stats_forks(const double *x, size_t n);

#endif
