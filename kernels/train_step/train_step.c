#include "train_step.h"

#include <assert.h>

#include "../kernel.h"

/* The parts of the scratch: activations of all layers, their gradients, then of each row its lse, and of a single
 * output the logits of both classes. */
static size_t units(const struct train_step *a)
{
    return a->m * mlp_units(&a->net, a->net.depth);
}

size_t train_step_scratch(const struct mlp_layout *net, size_t m)
{
    return 2 * m * mlp_units(net, net->depth) + 3 * m;
}

float *train_step_acts(const struct train_step *a, size_t l)
{
    return a->scratch + a->m * mlp_units(&a->net, l - 1);
}

float *train_step_back(const struct train_step *a, size_t l)
{
    return train_step_acts(a, l) + units(a);
}

static float *lse_of(const struct train_step *a)
{
    return a->scratch + 2 * units(a);
}

static float *both_of(const struct train_step *a)
{
    return lse_of(a) + a->m;
}

/* A layer and its input. */
struct layer {
    const float *src;
    size_t k, n, ld_src, at; /* at: of its weights among the parameters */
    bool column;             /* one output and no bias: a matrix times a vector */
};

static struct layer layer_of(const struct train_step *a, size_t l)
{
    const struct mlp_layout *y = &a->net;
    return (struct layer){.src = l > 1 ? train_step_acts(a, l - 1) : a->src,
                          .k = y->width[l - 1],
                          .n = y->width[l],
                          .ld_src = l > 1 ? y->width[l - 1] : a->ld_src,
                          .at = mlp_offset(y, l),
                          .column = l == y->depth && y->width[l] == 1 && !y->bias};
}

static const float *bias_of(const struct train_step *a, size_t l)
{
    return a->net.bias ? a->param + mlp_offset(&a->net, l) + mlp_weights(&a->net, l) : NULL;
}

void train_step_fwd(const struct kernel_set *set, int threads, const struct train_step *a)
{
    assert(a->net.depth > 0 && a->ld_src >= a->net.width[0]);
    for (size_t l = 1; l <= a->net.depth; l++) {
        const struct layer y = layer_of(a, l);
        if (y.column)
            dense_bwd_data(set, threads,
                           &(struct dense_bwd_data){.dsrc = train_step_acts(a, l),
                                                    .ddst = a->param + y.at,
                                                    .w = y.src,
                                                    .m = 1,
                                                    .n = y.k,
                                                    .k = a->m,
                                                    .ld_dsrc = a->m,
                                                    .ld_ddst = y.k,
                                                    .ld_w = y.ld_src});
        else
            dense_fwd(set, threads,
                      &(struct dense_fwd){.dst = train_step_acts(a, l),
                                          .src = y.src,
                                          .w = a->param + y.at,
                                          .bias = bias_of(a, l),
                                          .m = a->m,
                                          .n = y.n,
                                          .k = y.k,
                                          .ld_dst = y.n,
                                          .ld_src = y.ld_src,
                                          .ld_w = y.n,
                                          .relu = l < a->net.depth});
    }
}

static size_t outputs_of(const struct train_step *a)
{
    return a->net.width[a->net.depth];
}

/* The differences take the place of the outputs' gradient. */
static void square_loss(const struct train_step *a)
{
    const size_t n = outputs_of(a);
    const float *h = train_step_acts(a, a->net.depth);
    float *off = train_step_back(a, a->net.depth);
    for (size_t i = 0; i < a->m; i++) {
        double sum = 0.0;
        for (size_t j = i * n; j < (i + 1) * n; j++) {
            off[j] = h[j] - a->probs[j];
            sum += (double)off[j] * (double)off[j];
        }
        a->loss[i] = (float)(0.5 * sum);
    }
}

enum status train_step_loss(const struct kernel_set *set, int threads, const struct train_step *a)
{
    const size_t outputs = outputs_of(a), classes = mlp_classes(&a->net, a->square);
    const float *logits = train_step_acts(a, a->net.depth);
    float *both = both_of(a);
    assert(!a->square || a->probs || !a->m);
    if (a->square) {
        square_loss(a);
        return STATUS_OK;
    }
    for (size_t i = 0; i < a->m && outputs == 1; i++) {
        both[2 * i] = 0.0f;
        both[2 * i + 1] = logits[i];
    }
    return xent_fwd(set, threads,
                    &(struct xent_fwd){.loss = a->loss,
                                       .lse = lse_of(a),
                                       .src = outputs == 1 ? both : logits,
                                       .target = a->probs ? NULL : a->target,
                                       .probs = a->probs,
                                       .m = a->m,
                                       .n = classes,
                                       .ld_src = classes,
                                       .ld_probs = classes,
                                       .tau = a->tau});
}

/* Of the outputs. */
static void loss_bwd(const struct kernel_set *set, int threads, const struct train_step *a)
{
    const size_t outputs = outputs_of(a), classes = mlp_classes(&a->net, a->square);
    float *d = train_step_back(a, a->net.depth), *both = both_of(a);
    if (a->square) {
        for (size_t i = 0; i < a->m; i++)
            for (size_t j = 0; j < outputs; j++) d[i * outputs + j] *= a->dloss[i];
        return;
    }
    const float *src = outputs == 1 ? both : train_step_acts(a, a->net.depth);
    const enum status status = xent_bwd(set, threads,
                                        &(struct xent_bwd){.dsrc = outputs == 1 ? both : d,
                                                           .src = src,
                                                           .lse = lse_of(a),
                                                           .dloss = a->dloss,
                                                           .target = a->probs ? NULL : a->target,
                                                           .probs = a->probs,
                                                           .m = a->m,
                                                           .n = classes,
                                                           .ld_dsrc = classes,
                                                           .ld_src = classes,
                                                           .ld_probs = classes,
                                                           .tau = a->tau});
    assert(status == STATUS_OK); /* train_step_loss() has seen these targets */
    (void)status;
    for (size_t i = 0; i < a->m && outputs == 1; i++) d[i] = both[2 * i + 1];
}

static void weights_bwd(const struct kernel_set *set, int threads, const struct train_step *a,
                        size_t l)
{
    const struct layer y = layer_of(a, l);
    float *dw = a->grad + y.at;
    if (y.column)
        dense_fwd(set, threads,
                  &(struct dense_fwd){.dst = dw,
                                      .src = train_step_back(a, l),
                                      .w = y.src,
                                      .m = 1,
                                      .n = y.k,
                                      .k = a->m,
                                      .ld_dst = y.k,
                                      .ld_src = a->m,
                                      .ld_w = y.ld_src});
    else
        dense_bwd_weights(set, threads,
                          &(struct dense_bwd_weights){.dw = dw,
                                                      .db = a->net.bias ? dw + y.k * y.n : NULL,
                                                      .src = y.src,
                                                      .ddst = train_step_back(a, l),
                                                      .m = a->m,
                                                      .n = y.n,
                                                      .k = y.k,
                                                      .ld_dw = y.n,
                                                      .ld_src = y.ld_src,
                                                      .ld_ddst = y.n});
}

void train_step_bwd(const struct kernel_set *set, int threads, const struct train_step *a)
{
    loss_bwd(set, threads, a);
    for (size_t l = a->net.depth; l > 0; l--) {
        const struct layer y = layer_of(a, l);
        weights_bwd(set, threads, a, l);
        if (l == 1) break;
        dense_bwd_data(set, threads,
                       &(struct dense_bwd_data){.dsrc = train_step_back(a, l - 1),
                                                .ddst = train_step_back(a, l),
                                                .w = a->param + y.at,
                                                .act = y.src,
                                                .m = a->m,
                                                .n = y.n,
                                                .k = y.k,
                                                .ld_dsrc = y.k,
                                                .ld_ddst = y.n,
                                                .ld_w = y.n,
                                                .ld_act = y.ld_src});
    }
}

void train_step_update(const struct kernel_set *set, int threads, const struct train_step *a)
{
    const struct train_rule *by = &a->rule;
    const size_t count = mlp_parameters(&a->net);
    if (by->sgd) {
        sgd_step(set, threads, a->param, a->grad, (float)by->lr, (float)by->decay, count);
        return;
    }
    const struct adamw_options options = {.lr = by->lr,
                                          .beta1 = by->beta1,
                                          .beta2 = by->beta2,
                                          .eps = by->eps,
                                          .decay = by->decay,
                                          .scale = 1.0,
                                          .t = a->step};
    adamw_step(set, threads,
               &(struct adamw_step){a->param, a->moment1, a->moment2, a->grad, count,
                                    adamw_factors(&options)});
}
