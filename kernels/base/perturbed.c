#include "perturbed.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bound.h"
#include "par.h"
#include "status.h"

static const double U = 0x1p-24, LEAST = 0x1p-149;

struct move {
    double *x;
    const double *e;
    uint64_t key; /* 0: stays where it is */
};

/* The output step of splitmix64. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* From -1 to 1. */
static double uniform(uint64_t key, uint64_t i)
{
    return (double)(mix(key + (i + 1) * 0x9e3779b97f4a7c15u) >> 11) * 0x1p-52 - 1.0;
}

static void move_some(size_t begin, size_t end, void *ctx)
{
    const struct move *m = ctx;
    for (size_t i = begin; i < end; i++) {
        const double x = m->x[i], e = m->e ? m->e[i] : U * fabs(x) + LEAST;
        const double to = m->key ? x + e * uniform(m->key, i) : x;
        m->x[i] = fabs(to) + e < (double)FLT_MAX ? to : NAN;
    }
}

static int threads_for(size_t n)
{
    return bound_threads(32.0 * (double)n);
}

void perturbed_move(struct perturbed *p, double *x, const double *e, size_t n)
{
    struct move m = {x, e, p->seed ? mix(p->seed * 0x9e3779b97f4a7c15u + ++p->calls) | 1u : 0};
    par_each(threads_for(n), n, 1 << 14, move_some, &m);
}

void perturbed_see(double *want, double *spread, const double *x, size_t n, uint64_t run)
{
    for (size_t i = 0; i < n; i++) {
        if (run == 0) want[i] = x[i];
        const double off = x[i] - want[i];
        spread[i] = run == 0 ? 0.0 : spread[i] + off * off;
    }
}

int perturbed_runs(double flops)
{
    return flops < 1e8 ? 16 : 1;
}

void perturbed_slack(double *want, double *spread, size_t n, int runs)
{
    /* Normal deviations of that size occur once in 5e8, and those of uniform errors as large as the bounds are some
     * times those of roundings. */
    const double DEVIATIONS = 6.0;
    double mean = 0.0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(spread[i])) mean += spread[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        const double square = fmax(spread[i], mean) / runs;
        const bool told = isfinite(want[i]) && isfinite(spread[i]) && isfinite(square);
        if (!told) want[i] = 0.0;
        spread[i] = told ? DEVIATIONS * sqrt(square) + U * fabs(want[i]) + LEAST : INFINITY;
    }
}

double *perturbed_doubles(size_t n)
{
    double *x = calloc(n + 1, sizeof *x);
    if (!x) out_of_memory();
    return x;
}
