#include "exact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "studies/circuits/app.h"
#include "studies/circuits/compiler.h"
#include "studies/circuits/net_sparse.h"

/* Small ones of each family of gates. */
static const struct {
    const struct app_kind *kind;
    size_t n;
} networks[] = {{&app_boolean16, 0},
                {&app_add, 32},
                {&app_multiply, 8},
                {&app_int8_multiply, 0},
                {&app_add_modulo, 4194301},
                {&app_layer_product, 64},
                {&app_exp, 64},
                {&app_floyd_warshall, 8},
                {&app_sort, 16},
                {&app_edit_distance, 4},
                {&app_bb2, 0},
                {&app_fixed_seeds, 4}};
_Static_assert(sizeof networks / sizeof *networks == EXACT_NETWORKS, "each has a row");

/* Inputs at once: whole tiles of each width, and a tail. */
enum { INPUTS = 83 };

static bool same(struct exact *x, const char *route, size_t panel, int threads)
{
    for (size_t i = 0; i < x->m * x->outputs; i++) {
        const float got = x->got[i] + 0.0f; /* -0 as +0 */
        if (memcmp(&got, &x->want[i], sizeof got) == 0) continue;
        x->finding.verdict = VERDICT_VALUE;
        snprintf(
            x->finding.text, sizeof x->finding.text,
            "output %zu of input %zu: got %.9g, want %.9g, allowed 0; %s, %zu inputs at a time, "
            "%d thread%s",
            i / x->m, i % x->m, (double)x->got[i], (double)x->want[i], route, panel, threads,
            threads > 1 ? "s" : "");
        return false;
    }
    return true;
}

static void make_stale(struct exact *x)
{
    memset(x->got, 0xff, x->m * x->outputs * sizeof *x->got); /* NaNs */
}

/* Panels that fill tiles, leave tails, take all inputs at once. */
static bool sparse_right(struct exact *x, const struct kernel_set *set, int threads)
{
    static const size_t panels[] = {1, 16, 40, 64, 2 * INPUTS};
    for (size_t p = 0; p < sizeof panels / sizeof *panels; p++)
        for (int form = 0; form < 2; form++) {
            struct net_sparse run;
            if (net_sparse_open(&run, form ? &x->skip : &x->net, panels[p], threads) != STATUS_OK)
                out_of_memory();
            make_stale(x);
            net_sparse_exec(&run, set, x->src, x->got, x->m);
            net_sparse_close(&run);
            if (!same(x, form ? "with skip connections" : "by non-zeros", panels[p], threads))
                return false;
        }
    return true;
}

/* Layer by layer, each cut among the threads: by inputs or by rows. */
static bool layers_right(struct exact *x, const struct kernel_set *set, int threads)
{
    const struct relu_net *net = &x->net;
    const size_t width = net->size.width > net->inputs ? net->size.width : net->inputs;
    float *h[2] = {calloc(width * x->m, sizeof(float)), calloc(width * x->m, sizeof(float))};
    if (!h[0] || !h[1]) out_of_memory();
    make_stale(x);
    for (size_t l = 0; l <= net->depth; l++) {
        const struct net_layer *y = &net->layer[l];
        const bool last = l == net->depth;
        sparse_relu_fwd(set, threads,
                        &(struct sparse_relu_fwd){.dst = last ? x->got : h[l % 2],
                                                  .src = l ? h[(l + 1) % 2] : x->src,
                                                  .value = y->value,
                                                  .bias = y->bias,
                                                  .start = y->start,
                                                  .col = y->col,
                                                  .m = x->m,
                                                  .n = y->rows,
                                                  .k = y->columns,
                                                  .ld_dst = x->m,
                                                  .ld_src = x->m,
                                                  .relu = !last});
    }
    free(h[0]);
    free(h[1]);
    return same(x, "layer by layer", x->m, threads);
}

static void turn(float *to, const float *from, size_t rows, size_t cols)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) to[j * rows + i] = from[i * cols + j];
}

bool exact_dense_right(struct exact *x, struct net_dense *d, const struct kernel_set *set,
                       int threads)
{
    d->threads = threads;
    turn(d->src, x->src, x->net.inputs, x->m);
    memset(d->dst, 0xff, x->m * x->outputs * sizeof *d->dst);
    net_dense_exec(d, set);
    turn(x->got, d->dst, x->m, x->outputs);
    return same(x, d->twin ? "oneDNN's full matrices" : "as full matrices", x->m, threads);
}

bool exact_right(struct exact *x, const struct kernel_set *set, const int *threads, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!sparse_right(x, set, threads[i]) || !layers_right(x, set, threads[i]) ||
            !exact_dense_right(x, &x->dense, set, threads[i]))
            return false;
    return true;
}

static enum status fill(struct exact *x, const struct app *a)
{
    const size_t inputs = x->net.inputs;
    int64_t *in = calloc(inputs, sizeof *in), *out = calloc(x->outputs, sizeof *out);
    x->src = calloc(inputs * x->m, sizeof *x->src);
    x->want = calloc(x->outputs * x->m, sizeof *x->want);
    x->got = calloc(x->outputs * x->m, sizeof *x->got);
    const bool room = in && out && x->src && x->want && x->got;
    for (size_t j = 0; room && j < x->m; j++) {
        /* Of all cases, evenly. */
        a->kind->draw(a, j * a->cases / x->m, in);
        a->kind->judge(a, in, out);
        for (size_t k = 0; k < inputs; k++) x->src[k * x->m + j] = (float)in[k];
        for (size_t k = 0; k < x->outputs; k++) x->want[k * x->m + j] = (float)out[k];
    }
    free(in);
    free(out);
    return room ? STATUS_OK : fail(STATUS_OS, "no memory for %s", x->name);
}

void exact_close(struct exact *x)
{
    net_dense_close(&x->dense);
    relu_net_close(&x->net);
    relu_net_close(&x->skip);
    free(x->src);
    free(x->want);
    free(x->got);
}

void exact_name(size_t i, char text[96])
{
    const struct app_kind *kind = networks[i].kind;
    if (kind->what)
        snprintf(text, 96, "circuit/%s/n:%zu", kind->name, networks[i].n);
    else
        snprintf(text, 96, "circuit/%s", kind->name);
}

enum status exact_open(struct exact *x, size_t i, uint64_t seed)
{
    struct app a;
    *x = (struct exact){.m = INPUTS};
    exact_name(i, x->name);
    enum status status = app_open(&a, networks[i].kind, networks[i].n, seed);
    if (status != STATUS_OK) return status;
    status = compile(&x->net, &a.circuit, &(struct compile_plan){.skip = false});
    if (status == STATUS_OK)
        status = compile(&x->skip, &a.circuit, &(struct compile_plan){.skip = true});
    x->outputs = x->net.outputs;
    if (status == STATUS_OK) status = fill(x, &a);
    x->dense.net = &x->net;
    if (status == STATUS_OK) status = net_dense_open(&x->dense, &x->net, false, x->m, 1);
    app_close(&a);
    if (status != STATUS_OK) exact_close(x);
    return status;
}
