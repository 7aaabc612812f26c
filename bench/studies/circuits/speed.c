/* Floyd and Warshall's network of 32 vertices by its non-zeros and as full matrices, against what the machine can
 * do; and the memory that 64 vertices take. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "measure/roofs.h"
#include "studies/circuits/compiler.h"
#include "studies/circuits/net_dense.h"
#include "studies/circuits/net_sparse.h"
#include "studies/circuits/stages.h"

enum { GRAPHS = 256, ROUNDS_MOST = 32 };

static enum status open_net(const struct stage *s, size_t vertices, struct app *a,
                            struct relu_net *net)
{
    enum status status = app_open(a, &app_floyd_warshall, vertices, s->seed);
    if (status != STATUS_OK) return status;
    status = compile(net, &a->circuit, &(struct compile_plan){.skip = false});
    if (status != STATUS_OK) app_close(a);
    return status;
}

/* A batch, an input a column, and what must come out. */
struct batch {
    float *src, *got;
    int64_t *in, *want;
};

static enum status open_batch(struct batch *b, const struct app *a, const struct relu_net *net)
{
    const size_t inputs = net->inputs, outputs = net->outputs;
    b->src = malloc(inputs * GRAPHS * sizeof *b->src);
    b->got = malloc(outputs * GRAPHS * sizeof *b->got);
    b->in = malloc(inputs * sizeof *b->in);
    b->want = malloc(outputs * GRAPHS * sizeof *b->want);
    if (!b->src || !b->got || !b->in || !b->want)
        return fail(STATUS_OS, "no memory for %d graphs of %zu edges", GRAPHS, inputs);
    for (size_t j = 0; j < GRAPHS; j++) {
        a->kind->draw(a, j, b->in);
        a->kind->judge(a, b->in, b->want + j * outputs);
        for (size_t k = 0; k < inputs; k++) b->src[k * GRAPHS + j] = (float)b->in[k];
    }
    return STATUS_OK;
}

static void close_batch(struct batch *b)
{
    free(b->src);
    free(b->got);
    free(b->in);
    free(b->want);
}

static size_t wrong_of(const struct batch *b, size_t outputs)
{
    size_t wrong = 0;
    for (size_t j = 0; j < GRAPHS; j++)
        for (size_t k = 0; k < outputs; k++)
            wrong += b->got[k * GRAPHS + j] != (float)b->want[j * outputs + k];
    return wrong;
}

/* ---- memory */

/* The most that the process has held so far. */
static double peak_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return 1024.0 * (double)usage.ru_maxrss;
}

enum status stage_memory(const struct stage *s)
{
    const size_t vertices = 64;
    struct app a;
    struct relu_net net;
    struct batch b = {0};
    struct net_sparse run;
    if (s->size == STUDY_SMOKE || stage_at(s, 0.0)) return STATUS_OK;
    enum status status = open_net(s, vertices, &a, &net);
    if (status != STATUS_OK) return status;
    status = open_batch(&b, &a, &net);
    if (status == STATUS_OK) status = net_sparse_open(&run, &net, 0, study_threads(s->run));
    if (status == STATUS_OK) {
        net_sparse_exec(&run, study_kernels(s->run), b.src, b.got, GRAPHS);
        const size_t wrong = wrong_of(&b, net.outputs);
        study_claim_value(s->run, "MEM", wrong ? NAN : peak_bytes() * 0x1p-30, 1,
                          wrong ? "its outputs are wrong" : NULL);
        net_sparse_close(&run);
    }
    close_batch(&b);
    relu_net_close(&net);
    app_close(&a);
    return status;
}

/* ---- by non-zeros and as full matrices */

struct race {
    struct net_sparse one, all; /* one thread, all threads */
    struct net_dense dense;
    double one_s[ROUNDS_MOST], all_s[ROUNDS_MOST], dense_s[ROUNDS_MOST];
};

/* Seconds that the machine needs at the least on one thread: for the flops; or for the bytes, since each layer is
 * read and written once by each panel, from L2 where two layers of a panel stay. */
static double limit_seconds(const struct net_sparse *run, enum isa isa, const char **what)
{
    const struct relu_net *net = run->net;
    struct roofs roofs;
    roofs_open(&roofs);
    const struct roof *roof = roofs_measure(&roofs, isa, 1);
    if (!roof) return NAN;
    double units = 0.0, weights = 0.0;
    for (size_t l = 0; l <= net->depth; l++) {
        units += (double)(net->layer[l].columns + net->layer[l].rows);
        weights += (double)layer_nnz(&net->layer[l]);
    }
    const double panels = ceil((double)GRAPHS / (double)run->panel);
    const double bytes = sizeof(float) * units * GRAPHS + 8.0 * weights * panels;
    const double by_flops = 1e-9 * 2.0 * weights * GRAPHS / roof->gflops;
    const double by_bytes = 1e-9 * bytes / roof->gbps[BOUND_COPY][LEVEL_L2];
    *what = by_flops > by_bytes ? "the limit is that of the flops"
                                : "the limit is that of the bytes, between L1 and L2";
    return fmax(by_flops, by_bytes);
}

static void race_rounds(const struct stage *s, struct race *r, struct batch *b, size_t rounds)
{
    enum { TRIES = 8 }; /* what disturbs can only add to what takes a millisecond */
    const struct kernel_set *set = study_kernels(s->run);
    for (size_t i = 0; i < rounds; i++) {
        r->one_s[i] = INFINITY;
        for (int t = 0; t < TRIES; t++) {
            const double start = clock_seconds();
            net_sparse_exec(&r->one, set, b->src, b->got, GRAPHS);
            r->one_s[i] = fmin(r->one_s[i], clock_seconds() - start);
        }
        const double begin = clock_seconds();
        net_sparse_exec(&r->all, set, b->src, b->got, GRAPHS);
        const double middle = clock_seconds();
        net_dense_exec(&r->dense, set);
        r->all_s[i] = middle - begin;
        r->dense_s[i] = clock_seconds() - middle;
        if (stage_at(s, 0.3 + 0.5 * (double)(i + 1) / (double)rounds)) return;
    }
}

static void record_race(const struct stage *s, const struct race *r, size_t rounds)
{
    const char *what = NULL;
    char note[200];
    const double one = stats_min(r->one_s, rounds);
    const double limit = limit_seconds(&r->one, study_kernels(s->run)->isa, &what);
    study_claim(s->run, "SPEED",
                &(struct outcome){.measured = stats_ratio(r->all_s, r->dense_s, rounds),
                                  .samples = rounds,
                                  .note = NULL});
    if (isnan(limit)) return;
    snprintf(note, sizeof note, "%.3f ms on one thread, %.3f ms of it at the least: %s", 1e3 * one,
             1e3 * limit, what);
    study_claim_value(s->run, "LIMIT", one / limit, rounds, note);
}

static enum status race(const struct stage *s)
{
    const size_t rounds = stage_pick(s, 0, 7, 15);
    struct app a;
    struct relu_net net;
    struct batch b = {0};
    struct race r;
    enum status status = open_net(s, 32, &a, &net);
    if (status != STATUS_OK) return status;
    status = open_batch(&b, &a, &net);
    if (status == STATUS_OK) status = net_sparse_open(&r.one, &net, 0, 1);
    if (status == STATUS_OK) status = net_sparse_open(&r.all, &net, 0, study_threads(s->run));
    if (status == STATUS_OK)
        status = net_dense_open(&r.dense, &net, false, GRAPHS, study_threads(s->run));
    if (status == STATUS_OK) {
        for (size_t j = 0; j < GRAPHS; j++)
            for (size_t k = 0; k < net.inputs; k++)
                r.dense.src[j * net.inputs + k] = b.src[k * GRAPHS + j];
        race_rounds(s, &r, &b, rounds);
        if (!study_interrupted(s->run)) record_race(s, &r, rounds);
        net_sparse_close(&r.one);
        net_sparse_close(&r.all);
        net_dense_close(&r.dense);
    }
    close_batch(&b);
    relu_net_close(&net);
    app_close(&a);
    return status;
}

enum status stage_speed(const struct stage *s)
{
    if (stage_at(s, 0.0)) return STATUS_OK;
    return s->size == STUDY_SMOKE ? STATUS_OK : race(s);
}
