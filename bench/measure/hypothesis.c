#include "hypothesis.h"

#include <math.h>
#include <stdlib.h>

#include "student.h"

enum { EXACT_BELOW = 50 };

/* ---- ranks */

struct ranked {
    double value;
    double rank;
    size_t from; /* index among all */
};

static int by_value(const void *a, const void *b)
{
    const double x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;
    return (x > y) - (x < y);
}

/* Sorts and gives ties their mean rank; returns the sum of t^3 - t over ties of t values. */
static double rank(struct ranked *all, size_t n)
{
    double ties = 0.0;
    qsort(all, n, sizeof *all, by_value);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && !(all[end].value > all[i].value); end++)
            ;
        const double t = (double)(end - i);
        ties += t * t * t - t;
        for (size_t k = i; k < end; k++) all[k].rank = 0.5 * (double)(i + 1 + end);
    }
    return ties;
}

/* Two-sided, with the correction for continuity: away is the statistic less its mean. */
static double normal_p(double away, double variance_of)
{
    if (!(variance_of > 0.0)) return 1.0;
    const double z = fmax(0.0, fabs(away) - 0.5) / sqrt(variance_of);
    return fmin(1.0, erfc(z / sqrt(2.0)));
}

/* The two-sided p of `at` among ways[0..most]. */
static double exact_p(const double *ways, size_t most, double at)
{
    double below = 0.0, above = 0.0, all = 0.0;
    for (size_t u = 0; u <= most; u++) {
        all += ways[u];
        if ((double)u <= at) below += ways[u];
        if ((double)u >= at) above += ways[u];
    }
    return fmin(1.0, 2.0 * fmin(below, above) / all);
}

/* ---- Mann and Whitney */

/* ways[k][u]: in how many orders of i x and k y U is u. The largest value is an x, above all k y, or a y:
 * ways(i, k, u) = ways(i - 1, k, u - k) + ways(i, k - 1, u). */
static double exact_u(size_t m, size_t n, double u_at)
{
    const size_t most = m * n, row = most + 1;
    double *ways = calloc((n + 1) * row, sizeof *ways);
    if (!ways) return NAN;
    for (size_t k = 0; k <= n; k++) ways[k * row] = 1.0;
    for (size_t i = 1; i <= m; i++)
        for (size_t k = 1; k <= n; k++)
            for (size_t u = most + 1; u-- > 0;)
                ways[k * row + u] =
                    (u >= k ? ways[k * row + u - k] : 0.0) + ways[(k - 1) * row + u];
    const double p = exact_p(ways + n * row, most, u_at);
    free(ways);
    return p;
}

struct rank_test mann_whitney(const double *x, size_t m, const double *y, size_t n)
{
    struct rank_test r = {NAN, NAN, false};
    struct ranked *all = malloc((m + n) * sizeof *all);
    if (!all) return r;
    for (size_t i = 0; i < m + n; i++) all[i] = (struct ranked){i < m ? x[i] : y[i - m], 0.0, i};
    const double ties = rank(all, m + n), a = (double)m, b = (double)n, both = a + b;
    double sum = 0.0;
    for (size_t i = 0; i < m + n; i++) sum += all[i].from < m ? all[i].rank : 0.0;
    free(all);
    r.statistic = sum - 0.5 * a * (a + 1.0);
    r.exact = m < EXACT_BELOW && n < EXACT_BELOW && ties == 0.0;
    r.p = r.exact ? exact_u(m, n, r.statistic)
                  : normal_p(r.statistic - 0.5 * a * b,
                             a * b / 12.0 * (both + 1.0 - ties / (both * (both - 1.0))));
    return r;
}

/* ---- Wilcoxon */

/* Each rank counts or does not. */
static double exact_v(size_t n, double at)
{
    const size_t most = n * (n + 1) / 2;
    double *ways = calloc(most + 1, sizeof *ways);
    if (!ways) return NAN;
    ways[0] = 1.0;
    for (size_t i = 1; i <= n; i++)
        for (size_t v = most; v >= i; v--) ways[v] += ways[v - i];
    const double p = exact_p(ways, most, at);
    free(ways);
    return p;
}

struct rank_test signed_rank(const double *x, size_t n)
{
    struct rank_test r = {NAN, NAN, false};
    struct ranked *all = malloc((n + 1) * sizeof *all);
    size_t kept = 0;
    if (!all) return r;
    for (size_t i = 0; i < n; i++)
        if (x[i] < 0.0 || x[i] > 0.0) all[kept++] = (struct ranked){fabs(x[i]), 0.0, i};
    const double ties = rank(all, kept), k = (double)kept;
    r.statistic = 0.0;
    for (size_t i = 0; i < kept; i++) r.statistic += x[all[i].from] > 0.0 ? all[i].rank : 0.0;
    free(all);
    if (!kept) return r;
    r.exact = kept == n && n < EXACT_BELOW && ties == 0.0;
    r.p = r.exact ? exact_v(kept, r.statistic)
                  : normal_p(r.statistic - 0.25 * k * (k + 1.0),
                             k * (k + 1.0) * (2.0 * k + 1.0) / 24.0 - ties / 48.0);
    return r;
}

/* ---- means */

double variance(const double *x, size_t n, double *mean)
{
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) squares += (x[i] - *mean) * (x[i] - *mean);
    return squares / (double)(n - 1);
}

struct mean_test student_test(double at, double error, double freedom)
{
    const double half = student_quantile(0.975, freedom) * error;
    const double t = at / error;
    return (struct mean_test){.at = at,
                              .error = error,
                              .freedom = freedom,
                              .t = t,
                              .p = 2.0 * student_tail(fabs(t), freedom),
                              .lo = at - half,
                              .hi = at + half};
}

struct mean_test student_one(const double *x, size_t n)
{
    double mean;
    const double square = variance(x, n, &mean) / (double)n;
    return student_test(mean, sqrt(square), (double)(n - 1));
}

struct mean_test student_welch(const double *x, size_t m, const double *y, size_t n)
{
    double of_x, of_y;
    const double a = variance(x, m, &of_x) / (double)m, b = variance(y, n, &of_y) / (double)n;
    const double freedom = (a + b) * (a + b) / (a * a / (double)(m - 1) + b * b / (double)(n - 1));
    return student_test(of_y - of_x, sqrt(a + b), freedom);
}

/* ---- many tests */

struct indexed {
    double p;
    size_t at;
};

static int by_p(const void *a, const void *b)
{
    const double x = ((const struct indexed *)a)->p, y = ((const struct indexed *)b)->p;
    return (x > y) - (x < y);
}

bool benjamini_hochberg(const double *p, size_t n, double *adjusted)
{
    struct indexed *order = malloc((n + 1) * sizeof *order);
    double least = 1.0;
    if (!order) return false;
    for (size_t i = 0; i < n; i++) order[i] = (struct indexed){p[i], i};
    qsort(order, n, sizeof *order, by_p);
    for (size_t i = n; i-- > 0;) {
        least = fmin(least, order[i].p * (double)n / (double)(i + 1));
        adjusted[order[i].at] = least;
    }
    free(order);
    return true;
}
