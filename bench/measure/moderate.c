#include "moderate.h"

#include <math.h>

#include "stats.h"

/* Asymptotic series from here on: their first omitted terms are below 1e-14. Abramowitz and Stegun, 6.3.18 and
 * 6.4.12; below it the recurrences 6.3.5 and 6.4.6. */
static const double asymptotic = 16.0;

double digamma(double x)
{
    double below = 0.0;
    for (; x < asymptotic; x += 1.0) below += 1.0 / x;
    const double r = 1.0 / (x * x);
    return log(x) - 0.5 / x -
           r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 - r / 132)))) - below;
}

double trigamma(double x)
{
    double below = 0.0;
    for (; x < asymptotic; x += 1.0) below += 1.0 / (x * x);
    const double r = 1.0 / (x * x);
    return below + 1.0 / x + 0.5 * r +
           r / x * (1.0 / 6 - r * (1.0 / 30 - r * (1.0 / 42 - r * (1.0 / 30 - r * 5 / 66))));
}

double trigamma_inverse(double y)
{
    enum { STEPS = 200 };
    /* 1 / x < trigamma(x) < 1 / x + 1 / x^2. */
    double below = 1.0 / y, above = 0.5 * (1.0 + sqrt(1.0 + 4.0 * y)) / y;
    for (int i = 0; i < STEPS && above - below > 1e-15 * above; i++) {
        const double middle = 0.5 * (below + above);
        if (trigamma(middle) > y)
            below = middle;
        else
            above = middle;
    }
    return 0.5 * (below + above);
}

struct prior moderate_fit(const double *s, const double *freedom, size_t n)
{
    enum { FEWEST = 3 };
    double mean = 0.0, squares = 0.0, expected = 0.0, plain = 0.0;
    if (n < FEWEST) return (struct prior){0.0, 0.0};
    const double least = 1e-5 * stats_median(s, n);
    if (!(least > 0.0)) return (struct prior){0.0, 0.0};
    /* The logarithm of a sample variance, less what its degrees of freedom alone make of it. */
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++) {
            const double half = 0.5 * freedom[i], value = fmax(s[i], least);
            const double e = log(value) - digamma(half) + log(half);
            if (pass == 0) {
                mean += e / (double)n;
                plain += value / (double)n;
                expected += trigamma(half) / (double)n;
            } else {
                squares += (e - mean) * (e - mean);
            }
        }
    const double extra = squares / (double)(n - 1) - expected;
    if (extra <= 0.0) return (struct prior){plain, INFINITY};
    const double half = trigamma_inverse(extra);
    return (struct prior){exp(mean + digamma(half) - log(half)), 2.0 * half};
}

double moderate(struct prior prior, double s, double freedom, double most, double *moderated)
{
    const double sum = freedom + prior.freedom;
    *moderated = fmin(sum, most);
    if (isinf(prior.freedom)) return prior.value;
    return (freedom * s + prior.freedom * prior.value) / sum;
}
