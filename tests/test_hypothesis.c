/* hypothesis, student, moderate and bootstrap: against values computed by R 4.2.2 and limma 3.54.1, and the coverage
 * of intervals on simulated noise. Deterministic. The R call stands beside each value; library(limma) where it is
 * limma's. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "measure/bootstrap.h"
#include "measure/hypothesis.h"
#include "measure/moderate.h"
#include "measure/student.h"

static int failures;

static void near(const char *what, double got, double want, double relative)
{
    if (fabs(got - want) <= relative * fabs(want)) return;
    fprintf(stderr, "%s: got %.17g, want %.17g\n", what, got, want);
    failures++;
}

static void is(const char *what, bool truth)
{
    if (truth) return;
    fprintf(stderr, "not so: %s\n", what);
    failures++;
}

static uint64_t state;
static double uniform(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
    return ((double)(state >> 11) + 0.5) * 0x1p-53;
}
static double normal(void)
{
    return sqrt(-2.0 * log(uniform())) * cos(6.283185307179586 * uniform());
}

/* ---- Student's t */

static void student(void)
{
    const struct {
        double t, freedom, tail; /* pt(t, freedom, lower = FALSE) */
    } tail[] = {{2.5, 3, 0.043853323504032753},
                {-1.2, 7.5, 0.86666553860338902},
                {12, 2, 0.0034364668385792299},
                {6, 40, 2.3632275663941041e-07},
                {0.3, 1, 0.40722642092225769},
                {1.96, 1e5, 0.024999281597150841},
                {40, 5, 9.2059810858864758e-08},
                {3, 1e6, 0.0013499312707108962},
                {0, 4, 0.5},
                {1.959963984540054, INFINITY, 0.025},
                {-INFINITY, 3, 1.0},
                {1e100, 1, 3.1830988618379068e-101}};
    const struct {
        double p, freedom, t; /* qt(p, freedom) */
    } quantile[] = {{.975, 1, 12.706204736174694},   {.975, 2, 4.3026527297494619},
                    {.975, 4.5, 2.6589123472044025}, {.8, 10, 0.87905782855058934},
                    {.9995, 3, 12.923978636687961},  {1 - 1e-8, 12, 12.984098085066465},
                    {.6, 200, 0.25368437919014764},  {.01, 6, -3.1426684032909833},
                    {.999, 1e6, 3.0902404563165193}, {.975, INFINITY, 1.9599639845400539}};
    for (size_t i = 0; i < sizeof tail / sizeof *tail; i++)
        near("tail of t", student_tail(tail[i].t, tail[i].freedom), tail[i].tail, 1e-9);
    for (size_t i = 0; i < sizeof quantile / sizeof *quantile; i++)
        near("quantile of t", student_quantile(quantile[i].p, quantile[i].freedom), quantile[i].t,
             1e-9);
    for (double f = 0.3; f < 3e7; f *= 1.7)
        for (double p = 1e-6; p < 1.0; p = p < 0.4 ? 3.0 * p : p + 0.13)
            near("the quantile's tail", student_tail(student_quantile(p, f), f), 1.0 - p, 1e-8);
}

/* ---- ranks. x, y: Hollander and Wolfe 1973, p. 69; x1, x2: p. 29, as in R's help of wilcox.test. */

static const double x[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
static const double y[] = {1.15, 0.88, 0.90, 0.74, 1.21};
static const double x1[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
static const double x2[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};

static void rank(const char *what, struct rank_test got, struct rank_test want)
{
    near(what, got.statistic, want.statistic, 0.0);
    near(what, got.p, want.p, 1e-12);
    is(what, got.exact == want.exact);
}

static void ranks(void)
{
    double a[50], b[50], s[50], d[9];
    const double low[] = {1.1, 2.2, 3.3}, high[] = {4.4, 5.5, 6.6}, same[] = {2, 2, 2},
                 none[] = {0, 0};
    const double tied_a[] = {1, 2, 2, 3, 5, 8, 8, 9}, tied_b[] = {2, 4, 5, 5, 8, 10, 11, 12, 13};
    const double zeros[] = {1, -2, 2, 3, 0, -1, 4, 5, 5, -6, 0, 7};
    for (int i = 0; i < 50; i++) {
        a[i] = 2.0 * (i + 1);
        b[i] = 1.7 * (i + 1) + 9.37;
        s[i] = (i + 1) * 37 % 53 - 20.25;
    }
    for (int i = 0; i < 9; i++) d[i] = x1[i] - x2[i];
    /* wilcox.test(x, y) */
    rank("x, y", mann_whitney(x, 10, y, 5), (struct rank_test){35, 0.2544122544122544, true});
    rank("y, x", mann_whitney(y, 5, x, 10), (struct rank_test){15, 0.2544122544122544, true});
    rank("3 below 3", mann_whitney(low, 3, high, 3), (struct rank_test){0, 0.1, true});
    rank("one each", mann_whitney(low, 1, high, 1), (struct rank_test){0, 1.0, true});
    /* wilcox.test((1:49) * 2, (1:49) * 1.7 + 9.37), and of 1:50, which is no longer exact */
    rank("49", mann_whitney(a, 49, b, 49), (struct rank_test){1155, 0.75025128202402436, true});
    rank("50", mann_whitney(a, 50, b, 50), (struct rank_test){1207, 0.76953182491522476, false});
    /* wilcox.test(a, b, exact = FALSE) */
    rank("ties", mann_whitney(tied_a, 8, tied_b, 9),
         (struct rank_test){19, 0.10970556071066581, false});
    rank("all tied", mann_whitney(same, 3, same, 3), (struct rank_test){4.5, 1.0, false});
    /* wilcox.test(x1, x2, paired = TRUE), wilcox.test(c(1, 2, 3)) */
    rank("x1 - x2", signed_rank(d, 9), (struct rank_test){40, 0.0390625, true});
    rank("1 2 3", signed_rank((double[]){1, 2, 3}, 3), (struct rank_test){6, 0.25, true});
    /* wilcox.test(z, exact = FALSE); wilcox.test(((1:49) * 37) %% 53 - 20.25), and of 1:50 */
    rank("zeros and ties", signed_rank(zeros, 12),
         (struct rank_test){41, 0.18428662122211104, false});
    rank("signed 49", signed_rank(s, 49), (struct rank_test){857, 0.014286094408188179, true});
    rank("signed 50", signed_rank(s, 50), (struct rank_test){907, 0.0094115334132937895, false});
    is("nothing but zeros says nothing", isnan(signed_rank(none, 2).p));
}

/* ---- means */

static void mean(const char *what, struct mean_test got, const double want[5])
{
    near(what, got.t, want[0], 1e-12);
    near(what, got.freedom, want[1], 1e-12);
    near(what, got.p, want[2], 1e-12);
    near(what, got.lo, want[3], 1e-11);
    near(what, got.hi, want[4], 1e-11);
}

static void means(void)
{
    /* t.test(extra ~ group, data = sleep): Student's own data */
    const double drug1[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
    const double drug2[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
    double less_one[10];
    for (int i = 0; i < 10; i++) less_one[i] = x[i] - 1.0;
    mean("sleep", student_welch(drug2, 10, drug1, 10),
         (double[]){-1.860813467486853057, 17.776473516178498357, 0.079394140187358173,
                    -3.365483230711710405, 0.205483230711710180});
    /* t.test(x, y) */
    mean("Welch", student_welch(y, 5, x, 10),
         (double[]){2.041383092210069528, 12.970538443257542127, 0.062101343781078469,
                    -0.019724996335104026, 0.693724996335103872});
    /* t.test(x, mu = 1), whose interval is of x */
    mean("one sample", student_one(less_one, 10),
         (double[]){2.243351373405046090, 9, 0.051560246326424787, -0.002623847583503759,
                    0.628623847583503759});
}

static void discoveries(void)
{
    /* p.adjust(p, "BH"): p as in Benjamini and Hochberg's example of 25 dietary variables by McDonald, Handbook of
     * Biological Statistics */
    const double p[] = {0.001, 0.008, 0.039, 0.041, 0.042, 0.06,  0.074, 0.205, 0.212,
                        0.216, 0.222, 0.251, 0.269, 0.275, 0.34,  0.341, 0.384, 0.569,
                        0.594, 0.696, 0.762, 0.94,  0.942, 0.975, 0.986};
    const double want[] = {0.025,
                           0.1,
                           0.21,
                           0.21,
                           0.21,
                           0.25,
                           0.2642857142857143,
                           0.4910714285714286,
                           0.4910714285714286,
                           0.4910714285714286,
                           0.4910714285714286,
                           0.4910714285714286,
                           0.4910714285714286,
                           0.4910714285714286,
                           0.5328125,
                           0.5328125,
                           0.5647058823529413,
                           0.7815789473684210,
                           0.7815789473684210,
                           0.87,
                           0.9071428571428571,
                           0.986,
                           0.986,
                           0.986,
                           0.986};
    const double mixed[] = {.04, .01, .5, .03, .02}, of_mixed[] = {.05, .05, .5, .05, .05};
    double got[25];
    is("memory", benjamini_hochberg(p, 25, got));
    for (int i = 0; i < 25; i++) near("adjusted", got[i], want[i], 1e-12);
    is("memory", benjamini_hochberg(mixed, 5, got));
    for (int i = 0; i < 5; i++) near("in any order", got[i], of_mixed[i], 1e-12);
}

/* ---- moderated variances */

static void moderation(void)
{
    const struct {
        double x, digamma, trigamma;
    } gamma[] = {{.1, -10.423754940411076, 101.433299150792749},
                 {.5, -1.9635100260214231, 4.9348022005446790},
                 {1, -0.57721566490153231, 1.64493406684822641},
                 {2.5, 0.70315664064524341, 0.49035775610023491},
                 {10, 2.25175258906672138, 0.10516633568168572},
                 {100, 4.600161852738088086, 0.010050166663333566}};
    for (size_t i = 0; i < sizeof gamma / sizeof *gamma; i++) {
        near("digamma", digamma(gamma[i].x), gamma[i].digamma, 1e-13);
        near("trigamma", trigamma(gamma[i].x), gamma[i].trigamma, 1e-13);
        near("its inverse", trigamma_inverse(gamma[i].trigamma), gamma[i].x, 1e-12);
    }
    /* squeezeVar(s, 4): var.prior, df.prior, var.post */
    const double s[] = {1.2, 0.3, 0.8, 2.5, 0.05, 1.1, 0.9, 4.0, 0.6, 0.2};
    const double four[] = {4, 4, 4, 4, 4, 4, 4, 4, 4, 4};
    const double post[] = {0.94524026312212805, 0.42579664788548893, 0.71437643412806628,
                           1.69554770735282934, 0.28150675476420028, 0.88752430587361286,
                           0.77209239137658181, 2.56128706608056156, 0.59894451963103534,
                           0.36808069063697352};
    struct prior prior = moderate_fit(s, four, 10);
    /* limma's own inverse of trigamma stops at 1e-8. */
    near("prior value", prior.value, 0.59750383288757891, 1e-7);
    near("prior freedom", prior.freedom, 2.93049234681607107, 1e-7);
    for (int i = 0; i < 10; i++) {
        double freedom;
        near("moderated", moderate(prior, s[i], 4, 1e9, &freedom), post[i], 1e-7);
        near("freedom", freedom, 4 + prior.freedom, 1e-12);
    }
    /* squeezeVar(s, d) */
    prior = moderate_fit(s, (double[]){2, 4, 6, 3, 8, 4, 4, 2, 5, 7}, 10);
    near("unequal: value", prior.value, 0.57732695171477955, 1e-7);
    near("unequal: freedom", prior.freedom, 2.53969159244294129, 1e-7);
    /* squeezeVar(c(1, 1.1, .9, 1.05, .95, 1.02), 4): df.prior Inf */
    prior = moderate_fit((double[]){1, 1.1, .9, 1.05, .95, 1.02}, four, 6);
    near("equal: value", prior.value, 1.0033333333333334, 1e-12);
    is("equal: all share one", isinf(prior.freedom));
    double freedom;
    near("shared", moderate(prior, 7.0, 4, 24, &freedom), prior.value, 0.0);
    near("freedom is bounded", freedom, 24, 0.0);
    prior = moderate_fit(s, four, 2);
    near("two rows tell nothing of others", moderate(prior, 7.0, 4, 1e9, &freedom), 7.0, 0.0);
    prior = moderate_fit((double[]){0, 0, 0}, four, 3);
    near("nor do clocks that stand", moderate(prior, 7.0, 4, 1e9, &freedom), 7.0, 0.0);
}

/* ---- coverage on simulated noise: `least` and `most` of RUNS intervals may hold the truth, theory +- 4 standard
 * deviations of such a count. */

enum { RUNS = 400, FORKS = 5, SAMPLES = 11 };

static void holds(const char *what, int held, int least, int most)
{
    printf("%s: %d of %d intervals hold the truth\n", what, held, RUNS);
    is(what, held >= least && held <= most);
}

/* Processes of 1 % and samples of 2 % with the tails of Student's t of 3. */
static void draw(double *ns, double shift)
{
    for (int f = 0; f < FORKS; f++) {
        const double fork = shift + 0.01 * normal();
        for (int i = 0; i < SAMPLES; i++) {
            const double a = normal(), b = normal(), c = normal();
            const double tail = normal() / sqrt((a * a + b * b + c * c) / 3.0);
            ns[f * SAMPLES + i] = 1e3 * exp(fork + 0.02 * tail);
        }
    }
}

static void log_medians(const double *ns, double *out)
{
    for (int f = 0; f < FORKS; f++) out[f] = log(stats_median(ns + f * SAMPLES, SAMPLES));
}

static void coverage(void)
{
    static const size_t count[FORKS] = {SAMPLES, SAMPLES, SAMPLES, SAMPLES, SAMPLES};
    double old[FORKS * SAMPLES], new[FORKS * SAMPLES], a[FORKS], b[FORKS], paired[FORKS];
    int welch = 0, one = 0, boot = 0, ranked = 0;
    state = 20240401;
    for (int t = 0; t < RUNS; t++) {
        draw(old, 0.0);
        draw(new, 0.03);
        log_medians(old, a);
        log_medians(new, b);
        for (int f = 0; f < FORKS; f++) paired[f] = b[f] - a[f];
        const struct mean_test w = student_welch(a, FORKS, b, FORKS),
                               s = student_one(paired, FORKS);
        const struct interval r = bootstrap_change(
            (struct forks){old, count, FORKS}, (struct forks){new, count, FORKS}, 999, (uint64_t)t);
        welch += w.lo <= 0.03 && 0.03 <= w.hi;
        one += s.lo <= 0.03 && 0.03 <= s.hi;
        boot += r.lo <= 0.03 && 0.03 <= r.hi;
        for (int f = 0; f < FORKS; f++) b[f] -= 0.03;
        ranked += mann_whitney(a, FORKS, b, FORKS).p > 0.05;
        is("one estimate", fabs(r.at - w.at) < 1e-12);
    }
    holds("Welch", welch, 363, 398);
    holds("one sample", one, 363, 397);
    /* The processes' own spread enters twice, by resampling them and their samples: not too narrow. */
    holds("bootstrap", boot, 363, 400);
    /* p <= 0.05 has 4 of 252 orders at each end: 96.8 %. */
    holds("Mann-Whitney", ranked, 373, 400);
    const struct forks none = {old, count, 1};
    is("one process has no interval", isnan(bootstrap_change(none, none, 99, 1).lo));
    const struct interval twice = bootstrap_change((struct forks){old, count, FORKS},
                                                   (struct forks){new, count, FORKS}, 99, 5);
    const struct interval again = bootstrap_change((struct forks){old, count, FORKS},
                                                   (struct forks){new, count, FORKS}, 99, 5);
    is("the same seed gives the same", twice.lo == again.lo && twice.hi == again.hi);
}

int main(void)
{
    student();
    ranks();
    means();
    discoveries();
    moderation();
    coverage();
    printf("%d failures\n", failures);
    return failures ? 2 : 0;
}
