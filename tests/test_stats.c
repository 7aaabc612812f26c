/* stats: known values, and how often the intervals hold the truth on simulated noise.
 * Deterministic. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "measure/stats.h"
#include "measure/student.h"

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
    const double a[] = {1.0, 2.0, 4.0, 8.0, 16.0, 32.0}, b[] = {3.0, 6.0, 12.0, 24.0, 48.0, 96.0};
    const double spread[] = {1.1, 1.4, 1.2, 1.6, 1.5, 1.3}, ones[] = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
    const double up[] = {2.0, 8.0};
    struct interval r = stats_ratio(a, b, 6);
    near("ratio", r.at, 3.0);
    near("equal ratios: lo", r.lo, 3.0);
    near("equal ratios: hi", r.hi, 3.0);
    near("the other way round", stats_ratio(b, a, 6).at, 1.0 / 3.0);
    /* P(Binomial(6, 1/2) = 0) = 1/64 < 0.025 < P(<= 1): six pairs give the extremes. */
    r = stats_ratio(ones, spread, 6);
    near("median of six", r.at, 1.35);
    near("smallest of six", r.lo, 1.1);
    near("largest of six", r.hi, 1.6);
    for (size_t n = 1; n < 6; n++) {
        r = stats_ratio(a, b, n);
        near("few pairs", r.at, 3.0);
        is("fewer than six pairs bound nothing", r.lo == 0.0 && isinf(r.hi));
    }
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

enum { RUNS = 400, PAIRS = 25 };

/* `least` and `most` of RUNS intervals may hold the truth: the coverage that theory gives, +- 4
 * standard deviations of a count of RUNS. */
static void coverage(const char *what, bool of_ratio, int least, int most)
{
    double a[PAIRS], b[PAIRS];
    int held = 0, see = 0;
    for (int t = 0; t < RUNS; t++) {
        fill_pairs(a, b, PAIRS);
        for (int i = 0; i < PAIRS && !of_ratio; i++) b[i] /= a[i];
        const struct interval r =
            of_ratio ? stats_ratio(a, b, PAIRS) : stats_geomean(b, PAIRS, (uint64_t)t);
        held += r.lo <= 1.05 && 1.05 <= r.hi;
        see += r.lo > 1.0;
        is("the estimate lies in its interval", r.lo <= r.at && r.at <= r.hi);
    }
    printf("%s: %d of %d intervals hold the truth, %d see the 5 %%\n", what, held, RUNS, see);
    is(what, held >= least && held <= most);
    is("5 % is seen through 2 % of noise", see == RUNS);
}

/* Tables of t at 0.975 to six digits. Both sides of where the expansion takes over. */
static void student(void)
{
    const struct {
        size_t freedom;
        double t;
    } table[] = {{1, 12.706205}, {2, 4.302653},  {3, 3.182446},  {4, 2.776445},   {5, 2.570582},
                 {6, 2.446912},  {7, 2.364624},  {9, 2.262157},  {11, 2.200985},  {19, 2.093024},
                 {29, 2.045230}, {30, 2.042272}, {60, 2.000298}, {120, 1.979930}, {1000, 1.962339}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        is("t as in the tables", fabs(stats_student(table[i].freedom) - table[i].t) < 6e-7);
    for (size_t f = 1; f < 400; f++) is("t falls", stats_student(f) > stats_student(f + 1));
    is("no step at 200",
       fabs(stats_student(198) - 2.0 * stats_student(199) + stats_student(200)) < 1e-6);
    is("normal at last", fabs(stats_student(1000000000) - 1.959963985) < 1e-8);

    /* At 0.8: tan(0.3 pi) and 0.6 / sqrt(0.32) in closed form, then tables. */
    const struct {
        size_t freedom;
        double t;
    } fifth[] = {{1, 1.376382}, {2, 1.060660}, {5, 0.919544}, {10, 0.879058}, {1000000, 0.841622}};
    for (size_t i = 0; i < sizeof fifth / sizeof *fifth; i++)
        is("t at 0.8", fabs(student_quantile(0.8, (double)fifth[i].freedom) - fifth[i].t) < 1e-6);

    /* Of 1 2 3 4 5: 3 +- 2.776445 sqrt(2.5 / 5). */
    const double x[] = {1.0, 2.0, 3.0, 4.0, 5.0};
    struct interval r = stats_mean(x, 5);
    near("mean", r.at, 3.0);
    is("its interval", fabs(r.lo - 1.036757) < 2e-6 && fabs(r.hi - 4.963243) < 2e-6);
    r = stats_mean(x, 1);
    is("one value has no interval", r.at == 1.0 && isnan(r.lo) && isnan(r.hi));
    is("no value has no mean", isnan(stats_mean(x, 0).at));
    int held = 0;
    for (int t = 0; t < 400; t++) {
        double draw[4];
        for (int i = 0; i < 4; i++) draw[i] = normal();
        r = stats_mean(draw, 4);
        held += r.lo <= 0.0 && 0.0 <= r.hi;
    }
    is("intervals of four draws hold the truth in 380 of 400 +- 4 x 4.4",
       held >= 363 && held <= 397);
}

/* One process after the other: the process has its own error (placement), each sample one more. */
static double fork_median(double truth, double between, double within)
{
    enum { ROUNDS = 7 };
    double ns[ROUNDS];
    const double mine = truth * exp(between * normal());
    for (int i = 0; i < ROUNDS; i++) ns[i] = mine * exp(within * normal());
    return stats_median(ns, ROUNDS);
}

/* Counts how many of RUNS intervals hold the truth, from `least` forks on until one is so narrow: 0 never is. */
static int held_by_forks(int least, int most, double target)
{
    enum { MOST = 25 };
    double median[MOST];
    int held = 0;
    for (int t = 0; t < RUNS; t++) {
        struct interval r = {0.0, 0.0, 0.0};
        for (int n = 0; n < most; n++) {
            median[n] = fork_median(100.0, 0.01, 0.02);
            r = stats_forks(median, (size_t)n + 1);
            if (n + 1 >= least && r.hi / r.at - 1.0 <= target) break;
        }
        held += r.lo <= 100.0 && 100.0 <= r.hi;
    }
    return held;
}

static void exponents(void)
{
    enum { N = 5 };
    double x[N], y[2 * N];
    for (int i = 0; i < N; i++) {
        x[i] = pow(1.7, i);
        y[2 * i] = 3.0 * pow(x[i], -0.5);
        y[2 * i + 1] = NAN;
    }
    near("an exact power", stats_exponent(x, y, N, 2), -0.5);
    /* Of three points one step apart the middle one does not count. */
    const double three[] = {1.0, 10.0, 100.0}, of[] = {2.0, 9999.0, 200.0};
    near("least squares", stats_exponent(three, of, 3, 1), 1.0);
    is("not a number", isnan(stats_exponent(x, y + 1, N, 2)));
}

static void forks(void)
{
    const double x[] = {1.0, 2.0, 4.0}, one[] = {3.5};
    struct interval r = stats_forks(x, 3);
    /* The logarithms are 0, 1 and 2 times ln 2: their standard deviation is ln 2. */
    const double half = 4.302653 / sqrt(3.0) * log(2.0);
    near("geometric mean", r.at, 2.0);
    is("its interval", fabs(r.lo * exp(half) - 2.0) < 1e-5 && fabs(r.hi / exp(half) - 2.0) < 1e-5);
    r = stats_forks(one, 1);
    is("one process has no interval", fabs(r.at - 3.5) < 1e-12 && isnan(r.lo) && isnan(r.hi));
    is("none has no mean", isnan(stats_forks(one, 0).at));
    /* 380 of 400 +- 4 x 4.4. */
    for (int n = 3; n <= 12; n += 3) {
        const int held = held_by_forks(n, n, 0.0);
        printf("%d forks: %d of %d intervals hold the truth\n", n, held, RUNS);
        is("intervals over forks", held >= 363 && held <= 397);
    }
    /* To stop at the first that is narrow enough favours those that are narrow by chance: less than 95 %. */
    const int held = held_by_forks(3, 25, 0.01);
    printf("stopped at 1 %%: %d of %d intervals hold the truth\n", held, RUNS);
    is("intervals of runs that stop at their target", held >= 340 && held <= 397);
    /* All samples as if they were independent: what forks are there to prevent. */
    int naive = 0;
    for (int t = 0; t < RUNS; t++) {
        const double mine = 100.0 * exp(0.01 * normal());
        double ns[21];
        for (int i = 0; i < 21; i++) ns[i] = mine * exp(0.02 * normal());
        r = stats_forks(ns, 21);
        naive += r.lo <= 100.0 && 100.0 <= r.hi;
    }
    printf("one process: %d of %d intervals hold the truth\n", naive, RUNS);
    is("samples of one process are no forks", naive < 320);
}

static void deterministic(void)
{
    double a[40], b[40];
    fill_pairs(a, b, 40);
    const struct interval one = stats_geomean(a, 40, 7), two = stats_geomean(a, 40, 7),
                          other = stats_geomean(a, 40, 8);
    is("same seed, same interval", one.lo == two.lo && one.hi == two.hi);
    is("the seed matters", one.lo != other.lo || one.hi != other.hi);
}

/* How often a t test of n draws finds an effect of that size, and one of nothing. */
static double found(size_t n, double effect)
{
    enum { TIMES = 4000, MOST = 64 };
    int times = 0;
    double x[MOST];
    for (int t = 0; t < TIMES; t++) {
        for (size_t i = 0; i < n; i++) x[i] = effect + normal();
        const struct interval r = stats_mean(x, n);
        times += r.lo > 0.0 || r.hi < 0.0;
    }
    return (double)times / TIMES;
}

static void power(void)
{
    static const size_t draws[] = {5, 10, 40};
    for (size_t i = 0; i < sizeof draws / sizeof *draws; i++) {
        const size_t n = draws[i];
        const double effect = stats_detectable(1.0 / sqrt((double)n), n - 1);
        const double seen = found(n, effect), none = found(n, 0.0);
        is("the detectable effect is found in four of five", seen > 0.77 && seen < 0.85);
        is("an effect of nothing in one of twenty", none > 0.04 && none < 0.06);
    }
    const double x[] = {1.0, 2.0, 3.0, 4.0, 5.0};
    near("deviation", stats_deviation(x, 5), sqrt(2.5));
    /* sqrt(f / q), q = chi-square's 0.05 quantile from tables */
    is("bound of a deviation, 3",
       fabs(stats_deviation_most(3) / sqrt(3.0 / 0.351846) - 1.0) < 0.04);
    is("bound of a deviation, 10",
       fabs(stats_deviation_most(10) / sqrt(10.0 / 3.940299) - 1.0) < 0.002);
}

int main(void)
{
    known_values();
    intervals();
    /* Order statistics 8 and 18 of 25 cover with 95.7 %: 383 +- 4 x 4.1. */
    coverage("ratio", true, 366, 399);
    /* The percentile bootstrap of a mean of 25 normals is short by sqrt(24/25) and t's tail: 93.4
     * %, 374 +- 4 x 5. */
    coverage("geometric mean", false, 354, 394);
    deterministic();
    student();
    exponents();
    forks();
    power();
    return failures ? 2 : 0;
}
