/* hypothesis: tests of whether two groups, or one group and zero, differ; control of false discoveries.
 *
 * Values are taken as independent: processes, not the samples of one. p-values are two-sided.
 */
#ifndef MEASURE_HYPOTHESIS_H
#define MEASURE_HYPOTHESIS_H

#include <stdbool.h>
#include <stddef.h>

struct rank_test {
    double statistic; /* U of x; the sum of the ranks of positive x */
    double p;         /* NaN where there is no memory, or no value is left */
    bool exact;
};

/* Mann and Whitney's U of m x against n y, m and n >= 1: the number of pairs in which x is larger, ties
 * half. Exact for fewer than 50 of each without ties, else the normal distribution with the variance that
 * ties leave and the correction for continuity (Conover, Practical Nonparametric Statistics, 5.1). */
struct rank_test mann_whitney(const double *x, size_t m, const double *y, size_t n);

/* Wilcoxon's signed ranks of n values about zero. Zeros are left out. Exact for fewer than 50 without ties
 * and zeros, else normal in the same way (Conover, 5.7). */
struct rank_test signed_rank(const double *x, size_t n);

struct mean_test {
    double at, error, freedom; /* the mean, its standard error and its degrees of freedom */
    double t, p, lo, hi;       /* lo, hi: 95 % interval */
};

/* Of the mean of n >= 2 values against zero. */
struct mean_test student_one(const double *x, size_t n);
/* Of mean(y) - mean(x), m and n >= 2, with Satterthwaite's degrees of freedom (Welch 1947). */
struct mean_test student_welch(const double *x, size_t m, const double *y, size_t n);
/* The same from an estimate, its standard error and its degrees of freedom. */
struct mean_test student_test(double at, double error, double freedom);

/* Benjamini and Hochberg 1995: rejecting adjusted[i] <= q keeps the expected share of false rejections among
 * all at q or below. False where there is no memory. */
bool benjamini_hochberg(const double *p, size_t n, double *adjusted);

/* Mean and variance (n - 1) of n >= 2 values. */
double variance(const double *x, size_t n, double *mean);

#endif
