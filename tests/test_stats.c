/* stats: known values, and how often the intervals hold the truth on simulated noise.
 * Deterministic. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "measure/stats.h"

static int failures;

static void near(const char *what, double got, double want)
{
    if (fabs(got - want) <= 1e-12 * fmax(1.0, fabs(want))) return;
    fprintf(stderr, "%s: got %.17g, want %.17g\n", what, got, want);
    failures++;
}

static void is(const char *what, bool truth)
{
    if (truth) return;
    fprintf(stderr, "not so: %s\n", what);
    failures++;
}

static uint64_t state = 20240229;
static double uniform(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
    return ((double)(state >> 11) + 0.5) * 0x1p-53;
}
static double normal(void)
{
    return sqrt(-2.0 * log(uniform())) * cos(6.283185307179586 * uniform());
}

static void known_values(void)
{
    const double x[] = {9.0, 1.0, 4.0, 2.0, 7.0}, even[] = {4.0, 1.0, 3.0, 2.0}, one[] = {3.5};
    near("min", stats_min(x, 5), 1.0);
    near("median of five", stats_median(x, 5), 4.0);
    near("median of four", stats_median(even, 4), 2.5);
    near("median of one", stats_median(one, 1), 3.5);
    near("mad: |x - 4| = 5 3 0 2 3", stats_mad(x, 5), 3.0);
    near("mad of one", stats_mad(one, 1), 0.0);
    near("quantile 0", stats_quantile(x, 5, 0.0), 1.0);
    near("quantile 1", stats_quantile(x, 5, 1.0), 9.0);
    near("quantile .9 of 1 2 3 4 (type 7)", stats_quantile(even, 4, 0.9), 3.7);
    near("input kept", x[0], 9.0);
}

static void intervals(void)
{
    const double a[] = {1.0, 2.0, 4.0, 8.0, 16.0}, b[] = {3.0, 6.0, 12.0, 24.0, 48.0};
    const double up[] = {2.0, 8.0};
    struct interval r = stats_ratio(a, b, 5, 1);
    near("ratio", r.at, 3.0);
    near("equal ratios: lo", r.lo, 3.0);
    near("equal ratios: hi", r.hi, 3.0);
    r = stats_ratio(b, a, 5, 1);
    near("the other way round", r.at, 1.0 / 3.0);
    r = stats_ratio(a, b, 1, 1);
    near("one pair", r.at, 3.0);
    is("one pair bounds nothing", r.lo == 0.0 && isinf(r.hi));
    r = stats_geomean(up, 2, 1);
    near("geometric mean", r.at, 4.0);
    is("between the two", r.lo >= 2.0 - 1e-12 && r.hi <= 8.0 + 1e-12 && r.lo < r.hi);
}

/* Pairs share their noise, as interleaved samples do; their ratio is 1.05 with 2 % of its own
 * noise. */
static void fill_pairs(double *a, double *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double shared = exp(0.3 * normal());
        a[i] = 100.0 * shared * exp(0.02 * normal());
        b[i] = 105.0 * shared;
    }
}

/* The 95 % interval must hold the truth nearly that often: among T = 400 runs a right 95 % interval
 * misses 20, within 20 +- 4.4 sd. The percentile bootstrap of a median of 25 is known to be a
 * little off, so the band is 90 to 99 %. */
static void coverage(const char *what, bool of_ratio)
{
    enum { RUNS = 400, N = 25 };
    double a[N], b[N];
    int held = 0, excluded_one = 0;
    for (int t = 0; t < RUNS; t++) {
        fill_pairs(a, b, N);
        for (int i = 0; i < N && !of_ratio; i++) b[i] /= a[i];
        const struct interval r =
            of_ratio ? stats_ratio(a, b, N, (uint64_t)t) : stats_geomean(b, N, (uint64_t)t);
        held += r.lo <= 1.05 && 1.05 <= r.hi;
        excluded_one += r.lo > 1.0;
        if (!(r.lo <= r.at && r.at <= r.hi)) failures++;
    }
    printf("%s: %d of %d intervals hold the truth, %d see the 5 %%\n", what, held, RUNS,
           excluded_one);
    is(what, held >= RUNS * 90 / 100 && held <= RUNS * 99 / 100);
    is("5 % is seen through 2 % of noise", excluded_one == RUNS);
}

static void deterministic(void)
{
    double a[40], b[40];
    fill_pairs(a, b, 40);
    const struct interval one = stats_ratio(a, b, 40, 7), two = stats_ratio(a, b, 40, 7);
    is("same seed, same interval", one.lo == two.lo && one.hi == two.hi);
    const struct interval more = stats_geomean(a, 40, 7), other = stats_geomean(a, 40, 8);
    is("the seed matters", more.lo != other.lo || more.hi != other.hi);
}

int main(void)
{
    known_values();
    intervals();
    coverage("ratio", true);
    coverage("geometric mean", false);
    deterministic();
    return failures ? 2 : 0;
}
