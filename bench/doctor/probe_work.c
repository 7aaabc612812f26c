#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/par.h"
#include "kernel.h"
#include "measure/sample.h"
#include "probe.h"

static const double SAMPLE_NS = 1e6;
enum { L1_FLOATS = 2000 };
static const size_t compute_size[3] = {64, 128, 128}, team_size[3] = {256, 256, 256};

const char *probe_kind_name(enum probe_kind kind)
{
    static const char *const name[PROBE_KINDS] = {"compute", "l1", "memory", "team"};
    return name[kind];
}

const char *probe_kind_rows(enum probe_kind kind)
{
    static const char *const rows[PROBE_KINDS] = {"compute-bound rows", "rows in L1",
                                                  "memory-bound rows", "rows on all threads"};
    return rows[kind];
}

int probe_kinds(void)
{
    return par_max_threads() > 1 ? PROBE_KINDS : PROBE_TEAM;
}

struct call {
    struct dense_fwd layer; /* where threads > 0 */
    int threads;
    const float *x, *y;
    size_t n;
    float sum;
};

struct probe_work {
    struct arena memory;
    struct call call[PROBE_KINDS];
    struct task task[PROBE_KINDS];
    struct sampler sampler[PROBE_KINDS];
    struct samples samples[PROBE_KINDS];
};

static void run(void *ctx)
{
    struct call *c = ctx;
    if (c->threads)
        dense_fwd(kernel_set_best(), c->threads, &c->layer);
    else
        dot_fwd(kernel_set_best(), 1, &c->sum, c->x, c->y, c->n);
}

/* Between two samples the other process had the caches, and a team may have ended. */
static void warm(void *ctx, size_t calls)
{
    (void)calls;
    run(ctx);
}

static const float *take(struct arena *memory, size_t n)
{
    float *x = arena_take(memory, n, sizeof *x);
    for (size_t i = 0; i < n; i++) x[i] = (float)(i % 7) / 16.0f - 0.2f;
    return x;
}

static void make_layer(struct arena *memory, struct call *call, const size_t size[3], int threads)
{
    const size_t m = size[0], n = size[1], k = size[2];
    call->threads = threads;
    call->layer = (struct dense_fwd){.dst = arena_take(memory, m * n, sizeof(float)),
                                     .src = take(memory, m * k),
                                     .w = take(memory, k * n),
                                     .bias = take(memory, n),
                                     .m = m,
                                     .n = n,
                                     .k = k,
                                     .ld_dst = n,
                                     .ld_src = k,
                                     .ld_w = n,
                                     .relu = true};
}

static void make_dot(struct arena *memory, struct call *call, size_t n)
{
    call->n = n;
    call->x = take(memory, n);
    call->y = take(memory, n);
}

static size_t layer_bytes(const size_t size[3])
{
    const size_t m = size[0], n = size[1], k = size[2];
    return arena_bytes(m * n, sizeof(float)) + arena_bytes(m * k, sizeof(float)) +
           arena_bytes(k * n, sizeof(float)) + arena_bytes(n, sizeof(float));
}

struct probe_work *probe_work_open(size_t floats)
{
    const struct plan plan = {.min_ns = SAMPLE_NS,
                              .budget_ns = INFINITY,
                              .min_rounds = SAMPLES_MAX,
                              .rounds = SAMPLES_MAX};
    const size_t bytes = layer_bytes(compute_size) + layer_bytes(team_size) +
                         2 * arena_bytes(L1_FLOATS, sizeof(float)) +
                         2 * arena_bytes(floats, sizeof(float));
    struct probe_work *w = calloc(1, sizeof *w);
    if (!w) {
        fail(STATUS_OS, "no memory for the probe");
        return NULL;
    }
    if (arena_open(&w->memory, bytes, "the probe") != STATUS_OK) {
        free(w);
        return NULL;
    }
    make_layer(&w->memory, &w->call[PROBE_COMPUTE], compute_size, 1);
    make_layer(&w->memory, &w->call[PROBE_TEAM], team_size, par_max_threads());
    make_dot(&w->memory, &w->call[PROBE_L1], L1_FLOATS);
    make_dot(&w->memory, &w->call[PROBE_MEMORY], floats);
    for (int k = 0; k < probe_kinds(); k++) {
        w->task[k] = (struct task){.name = probe_kind_name((enum probe_kind)k),
                                   .body = run,
                                   .ctx = &w->call[k],
                                   .threads = k == PROBE_TEAM ? w->call[k].threads : 1,
                                   .enter = warm};
        sampler_open(&w->sampler[k], &w->task[k], 1, &plan, &w->samples[k]);
    }
    par_release();
    return w;
}

void probe_work_close(struct probe_work *w)
{
    arena_close(&w->memory);
    free(w);
}

double probe_work_sample(struct probe_work *w, enum probe_kind kind)
{
    const struct samples *s = &w->samples[kind];
    if (!sampler_round(&w->sampler[kind])) return NAN;
    par_release(); /* the other process's turn: ours must not spin */
    return s->ns[s->count - 1];
}

struct probe_counts probe_work_counts(const struct probe_work *w, enum probe_kind kind)
{
    const struct samples *s = &w->samples[kind];
    return (struct probe_counts){(double)s->count, (double)s->retaken, (double)s->disturbed};
}
