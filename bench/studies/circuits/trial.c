#include "trial.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "measure/stats.h"
#include "studies/circuits/compiler.h"
#include "studies/circuits/net_dense.h"
#include "studies/circuits/net_sparse.h"

enum { ROUNDS_MOST = 32 };

/* What a trial works with. Inputs and right outputs of a batch, an input a column. */
struct bench {
    struct trial *t;
    const struct app *a;
    const struct trial_plan *plan;
    struct relu_net net, skip;
    struct net_sparse sparse[2]; /* layered, with skip connections */
    struct net_dense dense, twin;
    bool has_dense, has_twin;
    int64_t *in, *out;
    float *src, *want, *got;
};

/* ---- words */

/* Outputs that are not the same words: -0 counts as +0. */
static size_t differing(const float *got, const float *want, size_t count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        const float x = got[i] + 0.0f, y = want[i];
        wrong += memcmp(&x, &y, sizeof x) != 0;
    }
    return wrong;
}

static void count(struct trial *t, enum route route, int lane, size_t wrong, size_t outputs)
{
    t->compared[route][lane] += outputs;
    t->wrong[route][lane] += wrong;
}

static void check_sparse(struct bench *b, size_t m)
{
    for (int form = 0; form < 2; form++)
        for (int isa = 0; isa < ISA_COUNT; isa++) {
            const struct kernel_set *set = kernel_set((enum isa)isa);
            if (!set) continue;
            memset(b->got, 0xff, m * b->net.outputs * sizeof *b->got); /* NaNs */
            net_sparse_exec(&b->sparse[form], set, b->src, b->got, m);
            count(b->t, form ? ROUTE_SKIP : ROUTE_SPARSE, isa,
                  differing(b->got, b->want, m * b->net.outputs), m * b->net.outputs);
        }
}

/* An input is a row there. */
static void turn(float *to, const float *from, size_t rows, size_t cols, size_t ld)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) to[j * rows + i] = from[i * ld + j];
}

static void check_dense(struct bench *b, size_t m)
{
    const size_t outputs = b->net.outputs;
    struct net_dense *routes[] = {b->has_dense ? &b->dense : NULL, b->has_twin ? &b->twin : NULL};
    for (int r = 0; r < 2; r++) {
        struct net_dense *d = routes[r];
        if (!d) continue;
        const size_t some = m < d->m ? m : d->m;
        for (int isa = 0; isa < (r ? 1 : (int)ISA_COUNT); isa++) {
            const struct kernel_set *set = kernel_set((enum isa)isa);
            if (!set) continue;
            turn(d->src, b->src, b->net.inputs, some, m);
            turn(b->got, b->want, outputs, some, m);
            memset(d->dst, 0xff, some * outputs * sizeof *d->dst);
            net_dense_exec(d, set);
            count(b->t, r ? ROUTE_TWIN : ROUTE_DENSE, isa,
                  differing(d->dst, b->got, some * outputs), some * outputs);
        }
    }
}

/* Cases i .. i + m into columns. */
static void draw(struct bench *b, size_t i, size_t m)
{
    const size_t inputs = b->net.inputs, outputs = b->net.outputs;
    for (size_t j = 0; j < m; j++) {
        b->a->kind->draw(b->a, i + j, b->in);
        b->a->kind->judge(b->a, b->in, b->out);
        for (size_t k = 0; k < inputs; k++) b->src[k * m + j] = (float)b->in[k];
        for (size_t k = 0; k < outputs; k++) b->want[k * m + j] = (float)b->out[k];
    }
}

static void check_all(struct bench *b)
{
    const struct trial_plan *plan = b->plan;
    const size_t cases = plan->cases && plan->cases < b->a->cases ? plan->cases : b->a->cases;
    double left = plan->flops;
    for (size_t i = 0; i < cases; i += TRIAL_BATCH) {
        const size_t m = cases - i < TRIAL_BATCH ? cases - i : TRIAL_BATCH;
        if (plan->stop && plan->stop(plan->ctx)) {
            b->t->stopped = true;
            return;
        }
        draw(b, i, m);
        check_sparse(b, m);
        if (left <= 0.0) continue;
        check_dense(b, m);
        left -= 2.0 * b->t->dense_weights * (double)m;
    }
}

/* ---- times */

struct timed {
    enum route route;
    enum isa isa;
    size_t repeats;
    double ns[ROUNDS_MOST];
};

static double run_once(const struct bench *b, const struct timed *x)
{
    const struct kernel_set *set = kernel_set(x->isa);
    const double start = clock_ns(CLOCK_MONOTONIC);
    for (size_t r = 0; r < x->repeats; r++) {
        if (x->route <= ROUTE_SKIP)
            net_sparse_exec(&b->sparse[x->route == ROUTE_SKIP], set, b->src, b->got, TRIAL_BATCH);
        else
            net_dense_exec(x->route == ROUTE_DENSE ? &b->dense : &b->twin, set);
    }
    return (clock_ns(CLOCK_MONOTONIC) - start) / (double)x->repeats;
}

static size_t list_timed(const struct bench *b, struct timed *x)
{
    static const enum isa lanes[] = {ISA_SCALAR, ISA_AVX2, ISA_AVX512};
    size_t count = 0;
    for (int route = 0; route < ROUTES; route++)
        for (size_t l = 0; l < sizeof lanes / sizeof *lanes; l++) {
            const bool slow = lanes[l] == ISA_SCALAR && route == ROUTE_DENSE &&
                              2.0 * b->t->dense_weights * TRIAL_BATCH > b->plan->flops;
            if ((route == ROUTE_DENSE && !b->has_dense) || (route == ROUTE_TWIN && !b->has_twin))
                continue;
            if (!kernel_set(lanes[l]) || kernel_set_emulated(lanes[l]) || slow) continue;
            if (route == ROUTE_TWIN && l > 0) continue;
            x[count++] = (struct timed){.route = (enum route)route, .isa = lanes[l], .repeats = 1};
        }
    return count;
}

/* Round by round, so that what disturbs the machine falls on all. */
static void time_all(struct bench *b)
{
    enum { TIMED_MOST = ROUTES * 3 };
    const double least_ns = 2e5;
    struct timed x[TIMED_MOST];
    const size_t timed = list_timed(b, x);
    assert(b->plan->rounds <= ROUNDS_MOST);
    for (size_t i = 0; i < timed; i++) {
        const double ns = run_once(b, &x[i]);
        if (ns < least_ns) x[i].repeats = (size_t)(least_ns / ns) + 1;
    }
    for (size_t r = 0; r < b->plan->rounds && !b->t->stopped; r++) {
        for (size_t i = 0; i < timed; i++) x[i].ns[r] = run_once(b, &x[i]);
        b->t->stopped = b->plan->stop && b->plan->stop(b->plan->ctx);
    }
    for (size_t i = 0; i < timed && !b->t->stopped; i++)
        b->t->ns[x[i].route][x[i].isa] = stats_median(x[i].ns, b->plan->rounds) / TRIAL_BATCH;
}

/* ---- the whole */

/* Full matrices for as many inputs at a time as the flops allow. Without oneDNN the others go on. */
static enum status open_dense(struct bench *b, size_t m, int threads)
{
    const double bytes = net_dense_bytes(&b->net, m);
    if (bytes > b->plan->bytes) return STATUS_OK;
    const enum status ours = net_dense_open(&b->dense, &b->net, false, m, threads);
    if (ours != STATUS_OK) return ours;
    b->has_dense = true;
    if (2.0 * bytes > b->plan->bytes) return STATUS_OK;
    const enum status twin = net_dense_open(&b->twin, &b->net, true, m, threads);
    b->has_twin = twin == STATUS_OK;
    return twin == STATUS_UNAVAILABLE ? STATUS_OK : twin;
}

static void close_dense(struct bench *b)
{
    if (b->has_dense) net_dense_close(&b->dense);
    if (b->has_twin) net_dense_close(&b->twin);
    b->has_dense = b->has_twin = false;
}

static enum status open_sparse(struct bench *b, int threads)
{
    enum status status = net_sparse_open(&b->sparse[0], &b->net, 0, threads);
    if (status == STATUS_OK) status = net_sparse_open(&b->sparse[1], &b->skip, 0, threads);
    return status;
}

static void close_sparse(struct bench *b)
{
    net_sparse_close(&b->sparse[0]);
    net_sparse_close(&b->sparse[1]);
}

static enum status check_routes(struct bench *b)
{
    const double flops = 2.0 * b->t->dense_weights;
    const double some = fmin(fmax(floor(b->plan->flops / flops), 1.0), TRIAL_BATCH);
    enum status status = open_sparse(b, b->plan->threads);
    if (status == STATUS_OK) status = open_dense(b, (size_t)some, b->plan->threads);
    if (status == STATUS_OK) check_all(b);
    close_dense(b);
    close_sparse(b);
    return status;
}

/* The last batch's inputs, or however many of them there are, over and over. */
static enum status time_routes(struct bench *b)
{
    if (!b->plan->rounds || b->t->stopped) return STATUS_OK;
    const bool dense = 2.0 * b->t->dense_weights * TRIAL_BATCH <= 5.0 * b->plan->flops;
    enum status status = open_sparse(b, 1);
    for (size_t j = 0; j < TRIAL_BATCH; j++) {
        b->a->kind->draw(b->a, j % b->a->cases, b->in);
        for (size_t k = 0; k < b->net.inputs; k++) b->src[k * TRIAL_BATCH + j] = (float)b->in[k];
    }
    if (status == STATUS_OK && dense) status = open_dense(b, TRIAL_BATCH, 1);
    if (b->has_dense) turn(b->dense.src, b->src, b->net.inputs, TRIAL_BATCH, TRIAL_BATCH);
    if (b->has_twin) turn(b->twin.src, b->src, b->net.inputs, TRIAL_BATCH, TRIAL_BATCH);
    if (status == STATUS_OK) time_all(b);
    close_dense(b);
    close_sparse(b);
    return status;
}

static enum status try_nets(struct bench *b)
{
    const size_t inputs = b->net.inputs, outputs = b->net.outputs;
    b->in = malloc((inputs + 1) * sizeof *b->in);
    b->out = malloc(outputs * sizeof *b->out);
    b->src = calloc((inputs + 1) * TRIAL_BATCH, sizeof *b->src);
    b->want = malloc(outputs * TRIAL_BATCH * sizeof *b->want);
    b->got = malloc(outputs * TRIAL_BATCH * sizeof *b->got);
    enum status status = STATUS_OK;
    if (!b->in || !b->out || !b->src || !b->want || !b->got)
        status = fail(STATUS_OS, "no memory for %zu inputs and %zu outputs", inputs, outputs);
    if (status == STATUS_OK) status = check_routes(b);
    if (status == STATUS_OK) status = time_routes(b);
    free(b->in);
    free(b->out);
    free(b->src);
    free(b->want);
    free(b->got);
    return status;
}

enum status trial_run(struct trial *t, const struct app *a, const struct trial_plan *plan)
{
    struct bench b = {.t = t, .a = a, .plan = plan};
    char why[256];
    *t = (struct trial){.circuit_gates = a->circuit.gates.count};
    for (int r = 0; r < ROUTES; r++)
        for (int isa = 0; isa < ISA_COUNT; isa++) t->ns[r][isa] = NAN;
    enum status status = compile(&b.net, &a->circuit, &(struct compile_plan){.skip = false});
    if (status == STATUS_OK)
        status = compile(&b.skip, &a->circuit, &(struct compile_plan){.skip = true});
    if (status == STATUS_OK) {
        t->size = b.net.size;
        t->skip_size = b.skip.size;
        t->depth = b.net.depth;
        t->inputs = b.net.inputs;
        t->outputs = b.net.outputs;
        t->dense_weights = net_dense_weights(&b.net);
        status = try_nets(&b);
    }
    relu_net_close(&b.net);
    relu_net_close(&b.skip);
    if (status == STATUS_OK) return status;
    snprintf(why, sizeof why, "%s", status_text());
    if (a->circuit.file) return fail(status, "%s: %s", a->circuit.file, why);
    return fail(status, "%s of size %zu: %s", a->kind->name, a->n, why);
}

static size_t over_all(const size_t by[ROUTES][ISA_COUNT])
{
    size_t sum = 0;
    for (int r = 0; r < ROUTES; r++)
        for (int isa = 0; isa < ISA_COUNT; isa++) sum += by[r][isa];
    return sum;
}

size_t trial_compared(const struct trial *t)
{
    return over_all(t->compared);
}

size_t trial_wrong(const struct trial *t)
{
    return over_all(t->wrong);
}
