#include "net_dense.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static size_t layer_floats(const struct net_layer *y, bool packed)
{
    return packed ? dense_pack_floats(y->columns, y->rows, false) : y->columns * y->rows;
}

static size_t largest_layer(const struct relu_net *net)
{
    size_t largest = 0;
    for (size_t l = 0; l <= net->depth; l++) {
        const size_t one = layer_floats(&net->layer[l], false);
        if (one > largest) largest = one;
    }
    return largest;
}

/* What is packed lies plain first, one layer after the other. */
static size_t arena_size(const struct relu_net *net, size_t m, bool packed)
{
    const size_t plain = packed ? largest_layer(net) : 0;
    size_t bytes =
        arena_bytes(m * net->inputs, sizeof(float)) + arena_bytes(m * net->outputs, sizeof(float)) +
        2 * arena_bytes(m * net->size.width, sizeof(float)) + arena_bytes(plain, sizeof(float));
    for (size_t l = 0; l <= net->depth; l++)
        bytes += arena_bytes(layer_floats(&net->layer[l], packed), sizeof(float));
    return bytes;
}

double net_dense_bytes(const struct relu_net *net, size_t m)
{
    const double rows = (double)m * (double)(net->inputs + net->outputs + 2 * net->size.width);
    return sizeof(float) * (net_dense_weights(net) + rows);
}

/* Columns x rows: an input's weights to all neurons lie together. */
static void spread(float *w, const struct net_layer *y)
{
    memset(w, 0, y->columns * y->rows * sizeof *w);
    for (size_t i = 0; i < y->rows; i++)
        for (int32_t p = y->start[i]; p < y->start[i + 1]; p++)
            w[(size_t)y->col[p] * y->rows + i] = y->value[p];
}

static float *from_of(const struct net_dense *d, size_t l)
{
    return l == 0 ? d->src : d->h[(l - 1) % 2];
}
static float *to_of(const struct net_dense *d, size_t l)
{
    return l == d->net->depth ? d->dst : d->h[l % 2];
}

static enum status open_twin(struct net_dense *d, size_t l)
{
    const struct net_layer *y = &d->net->layer[l];
    const struct shape shape = {.m = d->m,
                                .n = y->rows,
                                .k = y->columns,
                                .flags = l < d->net->depth ? DENSE_FWD_FLAG_RELU : 0};
    void *buf[OPERANDS_MAX] = {[DENSE_FWD_DST] = to_of(d, l),
                               [DENSE_FWD_SRC] = from_of(d, l),
                               [DENSE_FWD_W] = d->w[l],
                               [DENSE_FWD_BIAS] = y->bias};
    return twin_of("dense_fwd")->open(&d->twin[l], &shape, buf, d->threads, FORM_MATMUL);
}

static enum status open_layers(struct net_dense *d, bool twin)
{
    enum status status = STATUS_OK;
    float *plain = twin ? NULL : arena_take(&d->arena, largest_layer(d->net), sizeof(float));
    for (size_t l = 0; l <= d->net->depth && status == STATUS_OK; l++) {
        const struct net_layer *y = &d->net->layer[l];
        d->w[l] = arena_take(&d->arena, layer_floats(y, !twin), sizeof(float));
        spread(twin ? d->w[l] : plain, y);
        if (twin)
            status = open_twin(d, l);
        else
            dense_pack(kernel_set_best(), d->threads,
                       &(struct dense_pack){d->w[l], plain, y->columns, y->rows, y->rows, false});
    }
    return status;
}

enum status net_dense_open(struct net_dense *d, const struct relu_net *net, bool twin, size_t m,
                           int threads)
{
    assert(!net->skip && m > 0);
    *d = (struct net_dense){.net = net, .threads = threads, .m = m};
    const enum status fits = arena_open(&d->arena, arena_size(net, m, !twin), "a dense network");
    if (fits != STATUS_OK) return fits;
    d->src = arena_take(&d->arena, m * net->inputs, sizeof(float));
    d->dst = arena_take(&d->arena, m * net->outputs, sizeof(float));
    for (int i = 0; i < 2; i++) d->h[i] = arena_take(&d->arena, m * net->size.width, sizeof(float));
    d->w = calloc(net->depth + 1, sizeof *d->w);
    d->twin = twin ? calloc(net->depth + 1, sizeof(struct twin_run *)) : NULL;
    const enum status status = d->w && (!twin || d->twin)
                                   ? open_layers(d, twin)
                                   : fail(STATUS_OS, "no memory for %zu layers", net->depth + 1);
    if (status != STATUS_OK) net_dense_close(d);
    return status;
}

void net_dense_close(struct net_dense *d)
{
    for (size_t l = 0; d->twin && l <= d->net->depth; l++) twin_close(d->twin[l]);
    free(d->twin);
    free(d->w);
    arena_close(&d->arena);
    *d = (struct net_dense){.net = d->net};
}

void net_dense_exec(const struct net_dense *d, const struct kernel_set *set)
{
    for (size_t l = 0; l <= d->net->depth; l++) {
        const struct net_layer *y = &d->net->layer[l];
        if (d->twin) {
            twin_exec(d->twin[l]);
            continue;
        }
        dense_fwd(set, d->threads,
                  &(struct dense_fwd){.dst = to_of(d, l),
                                      .src = from_of(d, l),
                                      .w = d->w[l],
                                      .bias = y->bias,
                                      .m = d->m,
                                      .n = y->rows,
                                      .k = y->columns,
                                      .ld_dst = y->rows,
                                      .ld_src = y->columns,
                                      .relu = l < d->net->depth,
                                      .packed = true});
    }
}
