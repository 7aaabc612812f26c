#include "placements.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* The logarithm of each placement's median in a fork; false where it has not been at one of them. */
static bool read_fork(const struct variant *v, size_t f, double log_ns[PLACEMENTS])
{
    const struct variant_fork *x = &v->fork[f];
    const struct row_fork *fork = &v->row->fork[f];
    double there[SAMPLES_MAX];
    if (!fork->placed || x->count != fork->rounds) return false;
    for (size_t k = 0; k < PLACEMENTS; k++) {
        size_t n = 0;
        for (size_t i = 0; i < x->count; i++)
            if (fork->placed[i] == k) there[n++] = x->ns[i];
        if (!n) return false;
        log_ns[k] = log(stats_median(there, n));
    }
    return true;
}

static size_t least(const double x[PLACEMENTS], double sign)
{
    size_t at = 0;
    for (size_t k = 1; k < PLACEMENTS; k++)
        if (sign * x[k] < sign * x[at]) at = k;
    return at;
}

/* Of every placement the median over all forks but one; without: SIZE_MAX, or the only one, leaves none out. */
static void medians(double (*log_ns)[PLACEMENTS], size_t forks, size_t without, double *room,
                    double median[PLACEMENTS])
{
    for (size_t k = 0; k < PLACEMENTS; k++) {
        size_t n = 0;
        for (size_t f = 0; f < forks; f++)
            if (f != without || forks == 1) room[n++] = log_ns[f][k];
        median[k] = stats_median(room, n);
    }
}

static void summarize(double (*log_ns)[PLACEMENTS], double (*value)[4], double *room,
                      struct placements *out)
{
    struct interval *const to[] = {&out->best, &out->median, &out->worst, &out->spread};
    double at[PLACEMENTS];
    medians(log_ns, out->forks, SIZE_MAX, room, at);
    for (size_t k = 0; k < PLACEMENTS; k++) out->ns[k] = exp(at[k]);
    out->best_at = least(at, 1.0);
    out->worst_at = least(at, -1.0);
    for (size_t f = 0; f < out->forks; f++) {
        medians(log_ns, out->forks, f, room, at);
        value[f][0] = exp(log_ns[f][least(at, 1.0)]);
        value[f][1] = exp(stats_median(log_ns[f], PLACEMENTS));
        value[f][2] = exp(log_ns[f][least(at, -1.0)]);
        value[f][3] = value[f][2] / value[f][0];
    }
    for (size_t i = 0; i < 4; i++) {
        for (size_t f = 0; f < out->forks; f++) room[f] = value[f][i];
        *to[i] = stats_forks(room, out->forks);
    }
}

bool placements_of(const struct variant *v, struct placements *out)
{
    double(*log_ns)[PLACEMENTS] = malloc((v->forks + 1) * sizeof *log_ns);
    double(*value)[4] = malloc((v->forks + 1) * sizeof *value);
    double *room = malloc((v->forks + 1) * sizeof *room);
    *out = (struct placements){.forks = 0};
    for (size_t f = 0; log_ns && f < v->forks; f++)
        out->forks += read_fork(v, f, log_ns[out->forks]);
    const bool known = out->forks && value && room;
    if (known) summarize(log_ns, value, room, out);
    free(log_ns);
    free(value);
    free(room);
    return known;
}
