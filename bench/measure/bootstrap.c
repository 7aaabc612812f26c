#include "bootstrap.h"

#include <math.h>
#include <stdlib.h>

#include "splitmix.h"
#include "student.h"

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double log_median(double *x, size_t n)
{
    qsort(x, n, sizeof *x, ascending);
    return log(0.5 * (x[(n - 1) / 2] + x[n / 2]));
}

struct group {
    struct forks of;
    const double **first; /* sample of each process */
};

/* One draw, or with state NULL the data themselves. */
static double centre(const struct group *g, double *room, uint64_t *state)
{
    double sum = 0.0;
    for (size_t f = 0; f < g->of.forks; f++) {
        const size_t from = state ? splitmix_below(state, g->of.forks) : f, n = g->of.count[from];
        for (size_t i = 0; i < n; i++)
            room[i] = g->first[from][state ? splitmix_below(state, n) : i];
        sum += log_median(room, n);
    }
    return sum / (double)g->of.forks;
}

static size_t open_group(struct group *g, struct forks of, const double **first)
{
    size_t most = 0, at = 0;
    *g = (struct group){of, first};
    for (size_t f = 0; f < of.forks; f++) {
        first[f] = of.ns + at;
        at += of.count[f];
        if (of.count[f] > most) most = of.count[f];
    }
    return most;
}

/* P(Z < -sqrt(n / (n - 1)) t), at least the rank that is there. */
static double expanded(size_t forks, size_t resamples)
{
    const double n = (double)forks;
    const double z = sqrt(n / (n - 1.0)) * student_quantile(0.975, n - 1.0);
    return fmax(0.5 * erfc(z / sqrt(2.0)), 1.0 / (double)resamples);
}

struct interval bootstrap_change(struct forks a, struct forks b, size_t resamples, uint64_t seed)
{
    struct interval r = {NAN, NAN, NAN};
    if (a.forks < 2 || b.forks < 2) return r;
    const double **first = malloc((a.forks + b.forks) * sizeof *first);
    double *seen = malloc(resamples * sizeof *seen), *room = NULL;
    struct group old, new;
    if (first) {
        const size_t most_a = open_group(&old, a, first),
                     most_b = open_group(&new, b, first + a.forks);
        room = malloc((most_a > most_b ? most_a : most_b) * sizeof *room);
    }
    if (first && seen && room) {
        r.at = centre(&new, room, NULL) - centre(&old, room, NULL);
        for (size_t k = 0; k < resamples; k++)
            seen[k] = centre(&new, room, &seed) - centre(&old, room, &seed);
        const double tail = expanded(a.forks < b.forks ? a.forks : b.forks, resamples);
        r.lo = stats_quantile(seen, resamples, tail);
        r.hi = stats_quantile(seen, resamples, 1.0 - tail);
    }
    free(first);
    free(seen);
    free(room);
    return r;
}
