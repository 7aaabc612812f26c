/* Least squares: the residual is orthogonal to what the matrix reaches, and x to what it loses. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "least_squares.h"

enum { SKIPPED = 77, MOST = 40 };
static int failures;

static void near(const char *what, size_t m, size_t n, double got, double want, double allowed)
{
    if (fabs(got - want) <= allowed) return;
    fprintf(stderr, "%zu x %zu: %s: got %.17g, want %.17g\n", m, n, what, got, want);
    failures++;
}

static double uniform(void)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
    return (double)(state >> 11) * 0x1p-52 - 1.0;
}

/* Elimination with pivots in rows: s x s, solved in place of b. */
static void solve(double *a, double *b, size_t s)
{
    for (size_t k = 0; k < s; k++) {
        size_t p = k;
        for (size_t i = k; i < s; i++)
            if (fabs(a[i * s + k]) > fabs(a[p * s + k])) p = i;
        for (size_t j = 0; j < s; j++) {
            const double t = a[k * s + j];
            a[k * s + j] = a[p * s + j];
            a[p * s + j] = t;
        }
        const double t = b[k];
        b[k] = b[p];
        b[p] = t;
        for (size_t i = k + 1; i < s; i++) {
            const double f = a[i * s + k] / a[k * s + k];
            for (size_t j = k; j < s; j++) a[i * s + j] -= f * a[k * s + j];
            b[i] -= f * b[k];
        }
    }
    for (size_t k = s; k-- > 0;) {
        for (size_t j = k + 1; j < s; j++) b[k] -= a[k * s + j] * b[j];
        b[k] /= a[k * s + k];
    }
}

/* The same by the normal equations, of the columns or of the rows. */
static void normal_equations(const double *a, const double *b, size_t m, size_t n, double *x)
{
    const bool tall = m >= n;
    const size_t s = tall ? n : m, along = tall ? m : n;
    double gram[MOST * MOST], right[MOST];
    for (size_t i = 0; i < s; i++) {
        right[i] = tall ? 0.0 : b[i];
        for (size_t k = 0; k < m && tall; k++) right[i] += a[k * n + i] * b[k];
        for (size_t j = 0; j < s; j++) {
            gram[i * s + j] = 0.0;
            for (size_t k = 0; k < along; k++)
                gram[i * s + j] += tall ? a[k * n + i] * a[k * n + j] : a[i * n + k] * a[j * n + k];
        }
    }
    solve(gram, right, s);
    for (size_t j = 0; j < n; j++) {
        x[j] = tall ? right[j] : 0.0;
        for (size_t i = 0; i < m && !tall; i++) x[j] += a[i * n + j] * right[i];
    }
}

static void one(size_t m, size_t n)
{
    double a[MOST * MOST], copy[MOST * MOST], b[MOST], x[MOST], want[MOST];
    for (size_t i = 0; i < m * n; i++) copy[i] = a[i] = uniform();
    for (size_t i = 0; i < m; i++) x[i] = b[i] = uniform();
    for (size_t i = m; i < n; i++) x[i] = NAN; /* room, whatever was there */
    normal_equations(a, b, m, n, want);
    if (least_squares(copy, x, m, n) != STATUS_OK) failures++;
    /* A condition number of some hundred, squared by the normal equations. */
    for (size_t j = 0; j < n; j++) near("x", m, n, x[j], want[j], 1e-8);
}

/* A column twice: least norm is half of each. */
static void twice(void)
{
    double a[] = {1, 1, 0, 0, 0, 1, 2, 2, 0}, b[] = {1.0, 3.0, 2.0};
    if (least_squares(a, b, 3, 3) != STATUS_OK) failures++;
    near("a column twice", 3, 3, b[0], 0.5, 1e-14);
    near("a column twice", 3, 3, b[1], 0.5, 1e-14);
    near("a column twice", 3, 3, b[2], 3.0, 1e-14);
}

int main(void)
{
    static const size_t shape[][2] = {{1, 1},   {5, 8},   {8, 5},  {30, 29},
                                      {29, 30}, {40, 10}, {10, 40}};
    double a = 1.0, b[2] = {3.0, 4.0};
    if (least_squares(&a, b, 1, 1) == STATUS_UNAVAILABLE) {
        fprintf(stderr, "SKIPPED: %s\n", status_text());
        return SKIPPED;
    }
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) one(shape[i][0], shape[i][1]);
    twice();
    if (least_squares(&a, b, 0, 2) != STATUS_OK || b[0] != 0.0 || b[1] != 0.0) failures++;
    return failures ? 2 : 0;
}
