#include "forks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum status forks_begin(struct row *row, const struct row_fork *fork)
{
    struct row_fork *grown = realloc(row->fork, (row->forks + 1) * sizeof *grown);
    if (!grown) {
        free(fork->placed);
        return fail(STATUS_OS, "no memory for the samples of %s", row->name);
    }
    row->fork = grown;
    row->fork[row->forks++] = *fork;
    row->rounds += fork->rounds;
    return STATUS_OK;
}

enum status forks_add(struct variant *v, const struct samples *s)
{
    if (v->forks + 1 != v->row->forks) return STATUS_OK;
    const size_t n = s->count;
    struct variant_fork *grown = realloc(v->fork, (v->forks + 1) * sizeof *grown);
    if (grown) v->fork = grown;
    struct variant_fork f = {n, malloc((n + 1) * sizeof *f.ns), malloc((n + 1) * sizeof *f.cpu_ns),
                             malloc((n + 1) * sizeof *f.switches)};
    if (!grown || !f.ns || !f.cpu_ns || !f.switches) {
        free(f.ns);
        free(f.cpu_ns);
        free(f.switches);
        return fail(STATUS_OS, "no memory for the samples of %s", v->row->name);
    }
    memcpy(f.ns, s->ns, n * sizeof *f.ns);
    memcpy(f.cpu_ns, s->cpu_ns, n * sizeof *f.cpu_ns);
    memcpy(f.switches, s->switches, n * sizeof *f.switches);
    v->fork[v->forks++] = f;
    v->iterations = s->iterations;
    v->retaken += s->retaken;
    v->disturbed += s->disturbed;
    return STATUS_OK;
}

enum status forks_take(struct row *row, const struct stage *stage)
{
    const struct sampler *s = &stage->sampler;
    struct row_fork fork = {
        .rounds = s->round, .stolen_ns = s->stolen_ns, .offsets = row->work.ops, .huge = NAN};
    for (size_t o = 0; o < row->work.ops; o++) fork.offset[o] = row_offset(row, o);
    enum status status = forks_begin(row, &fork);
    for (size_t t = 0; t < s->tasks && status == STATUS_OK; t++)
        status = forks_add(s->task[t].ctx, &s->out[t]);
    return status;
}

void forks_free(struct row *row)
{
    for (size_t i = 0; i < row->variants; i++) {
        struct variant *v = &row->variant[i];
        for (size_t f = 0; f < v->forks; f++) {
            free(v->fork[f].ns);
            free(v->fork[f].cpu_ns);
            free(v->fork[f].switches);
        }
        free(v->fork);
        v->fork = NULL;
        v->forks = 0;
    }
    for (size_t f = 0; f < row->forks; f++) free(row->fork[f].placed);
    free(row->fork);
    row->fork = NULL;
    row->forks = row->rounds = 0;
}

/* ---- what follows */

static bool is_whole(const struct variant *v)
{
    const struct row *row = v->row;
    if (v->state != STATE_TIMED || row->forks == 0 || v->forks != row->forks) return false;
    for (size_t f = 0; f < v->forks; f++)
        if (v->fork[f].count == 0 || v->fork[f].count != row->fork[f].rounds) return false;
    return true;
}

size_t forks_samples(const struct variant *v)
{
    size_t n = 0;
    for (size_t f = 0; f < v->forks; f++) n += v->fork[f].count;
    return n;
}

static void summarize_time(struct variant *v)
{
    struct summary *s = &v->summary;
    const size_t n = forks_samples(v);
    double *median = malloc((v->forks + 1) * sizeof *median), *all = malloc((n + 1) * sizeof *all);
    double cpu_ns = 0.0;
    size_t used = 0;
    s->min = s->time.at = s->mad = NAN;
    if (n && median && all) {
        for (size_t f = 0; f < v->forks; f++) {
            const struct variant_fork *x = &v->fork[f];
            median[f] = stats_median(x->ns, x->count);
            memcpy(all + used, x->ns, x->count * sizeof *all);
            used += x->count;
            for (size_t i = 0; i < x->count; i++) cpu_ns += x->cpu_ns[i];
        }
        s->time = stats_forks(median, v->forks);
        s->half_width = s->time.hi / s->time.at - 1.0;
        s->min = stats_min(all, n);
        s->mad = stats_mad_about(all, n, s->time.at);
        s->cpu_ns = cpu_ns / (double)n;
    }
    free(median);
    free(all);
}

struct interval forks_ratio(const struct variant *a, const struct variant *b)
{
    if (a->forks == 1) return stats_ratio(a->fork->ns, b->fork->ns, a->fork->count);
    struct interval r = {NAN, NAN, NAN};
    double *ratio = malloc((a->forks + 1) * sizeof *ratio);
    if (!ratio) return r;
    for (size_t f = 0; f < a->forks; f++)
        ratio[f] = stats_ratio(a->fork[f].ns, b->fork[f].ns, a->fork[f].count).at;
    r = stats_forks(ratio, a->forks);
    free(ratio);
    return r;
}

static void find_best_twin(struct row *row)
{
    double best = INFINITY;
    row->best_twin = TASKS_MAX;
    for (size_t i = 0; i < row->variants; i++) {
        const struct variant *v = &row->variant[i];
        if (!variant_is_twin(v) || !v->summary.whole || v->summary.time.at >= best) continue;
        best = v->summary.time.at;
        row->best_twin = i;
    }
}

/* at = 0, none, where two processes are so far apart that doubles do not hold the bounds. */
static struct interval bounded_ratio(const struct variant *a, const struct variant *b)
{
    const struct interval r = forks_ratio(a, b);
    return r.lo > 0.0 && isfinite(r.hi) ? r : (struct interval){0.0, 0.0, 0.0};
}

/* A variant against what was measured beside it in every round. */
static void compare(struct row *row, struct variant *v)
{
    if (!v->summary.whole || (row->forks == 1 && row->rounds < MIN_ROUNDS)) return;
    if (row->best_twin != TASKS_MAX)
        v->summary.vs_onednn = bounded_ratio(v, &row->variant[row->best_twin]);
    for (size_t i = 0; v->isa != ISA_COUNT && i < row->variants; i++) {
        const struct variant *x = &row->variant[i];
        if (x->peer != PEER_COUNT && x->summary.whole)
            v->summary.vs_peer[x->peer] = bounded_ratio(v, x);
    }
}

void forks_summarize(struct row *row)
{
    for (size_t i = 0; i < row->variants; i++) {
        struct variant *v = &row->variant[i];
        v->summary = (struct summary){.whole = is_whole(v)};
        if (v->state == STATE_TIMED && v->forks) summarize_time(v);
    }
    find_best_twin(row);
    for (size_t i = 0; i < row->variants; i++) compare(row, &row->variant[i]);
}

double forks_half_width(const struct row *row)
{
    double widest = 0.0;
    for (size_t i = 0; i < row->variants; i++) {
        const struct summary *s = &row->variant[i].summary;
        if (!s->whole) continue;
        if (!(s->half_width >= 0.0)) return INFINITY;
        widest = fmax(widest, s->half_width);
    }
    return widest;
}
