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
/* The standard deviation of n >= 2 draws. */
double stats_deviation(const double *x, size_t n);
/* What a standard deviation is multiplied by for its upper 95 % bound, of normal draws: chi-square's 0.05 quantile by
 * Wilson and Hilferty (1931), good to 4 % from three degrees of freedom on. */
double stats_deviation_most(size_t freedom);
/* The smallest true effect that a two-sided test at 5 % finds with a probability of 80 %, where its estimate has that
 * standard error, itself estimated with so many degrees of freedom: error times the sum of the quantiles
 * 0.975 and 0.8 of Student's t. */
double stats_detectable(double error, size_t freedom);
/* The mean of n values and its 95 % interval, by Student's t: of independent draws that are near enough to
 * normal. A single value has none: NaN; no value has no mean. */
struct interval stats_mean(const double *x, size_t n);
/* The geometric mean of n positive values, one of each process, and its 95 % interval: that of the mean of their
 * logarithms. */
struct interval stats_forks(const double *x, size_t n);
/* The exponent a of y = c x^a through n >= 2 positive points (x[i], y[i * ld]): least squares of the logarithms. */
double stats_exponent(const double *x, const double *y, size_t n, size_t ld);

#endif
