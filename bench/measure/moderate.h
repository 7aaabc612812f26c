/* moderate: variances of few values each, moderated by those of many rows.
 *
 * Row i has the sample variance s[i] with freedom[i] degrees of freedom. Its true variance is taken as one draw
 * from a scaled inverse chi-squared distribution, common to all rows, with `value` and `freedom` of its own:
 * both are fitted to the logarithms of s. The better estimate of a row's variance is then
 *
 *   (freedom[i] s[i] + prior.freedom prior.value) / (freedom[i] + prior.freedom)
 *
 * with the sum of both degrees of freedom. Where the variances of rows differ widely prior.freedom is near
 * zero and rows keep their own; where they agree it is INFINITY and they share one. A t statistic of it
 * follows Student's distribution under that model.
 * Source: Smyth, "Linear models and empirical Bayes methods", Stat. Appl. Genet. Mol. Biol. 3(1), 2004, sections
 * 3 to 6.2.
 */
#ifndef MEASURE_MODERATE_H
#define MEASURE_MODERATE_H

#include <stddef.h>

struct prior {
    double value, freedom; /* freedom 0: nothing is known of other rows */
};

/* The prior behind n variances with freedom[i] > 0 each. Fewer than three give none. A variance below 1e-5 of their
 * median counts as that: clocks have steps. */
struct prior moderate_fit(const double *s, const double *freedom, size_t n);
/* The moderated variance and its degrees of freedom, at most `most`. */
double moderate(struct prior prior, double s, double freedom, double most, double *moderated);

/* The first two derivatives of lgamma(x), x > 0. */
double digamma(double x);
double trigamma(double x);
/* x with trigamma(x) = y > 0. */
double trigamma_inverse(double y);

#endif
