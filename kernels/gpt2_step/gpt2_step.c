#include "gpt2_step.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "../base/index.h"
#include "../kernel.h"

/* A call, and where everything lies. */
struct pass {
    const struct kernel_set *set;
    int threads;
    const struct gpt2_step *a;
    size_t rows, c, d;
    struct gpt2_layout at;
    float *x; /* before each block and behind the last */
    float *acts, *h, *stat,
        *lse;      /* of the blocks, one after the other; of the last layernorm; of the loss */
    float *logits; /* then their gradient; rows of vocab_padded */
    float *dx, *dh, *norm, *work; /* of the backward pass */
};

/* The floats of each part of the scratch, in the order of struct pass; returns their sum. */
enum { PARTS = 9 };
static size_t parts_of(const struct gpt2_config *config, size_t batch, size_t t, size_t part[PARTS])
{
    const size_t rows = batch * t, c = config->channels, d = config->heads ? c / config->heads : 0;
    const size_t size[PARTS] = {(config->layers + 1) * rows * c,
                                config->layers * gpt2_block_acts(batch, t, config->heads, d),
                                rows * c,
                                2 * rows,
                                rows,
                                rows * config->vocab_padded,
                                rows * c,
                                rows * c,
                                layernorm_bwd_scratch(rows, c)};
    size_t sum = gpt2_block_scratch(batch, t, config->heads, d);
    for (int i = 0; i < PARTS; i++) {
        part[i] = size[i];
        sum += size[i];
    }
    return sum;
}

size_t gpt2_step_scratch(const struct gpt2_config *config, size_t batch, size_t t)
{
    size_t part[PARTS];
    return parts_of(config, batch, t, part);
}

static struct pass pass_of(const struct kernel_set *set, int threads, const struct gpt2_step *a)
{
    const struct gpt2_config *config = &a->config;
    const size_t d = config->heads ? config->channels / config->heads : 0;
    struct pass p = {
        set, threads, a, a->batch * a->t, config->channels, d, gpt2_layout(config), .x = NULL};
    float **const to[PARTS + 1] = {&p.x,      &p.acts, &p.h,  &p.stat, &p.lse,
                                   &p.logits, &p.dx,   &p.dh, &p.norm, &p.work};
    size_t part[PARTS];
    parts_of(config, a->batch, a->t, part);
    float *next = a->scratch;
    for (int i = 0; i <= PARTS; i++) {
        *to[i] = next;
        if (i < PARTS) next += part[i];
    }
    return p;
}

static struct gpt2_block block_of(const struct pass *p, size_t l)
{
    const struct gpt2_config *config = &p->a->config;
    const size_t all = p->rows * p->c;
    const size_t from = p->at.offset[GPT2_LN_1_WEIGHT] + l * p->at.layer_stride;
    return (struct gpt2_block){
        .dst = p->x + (l + 1) * all,
        .acts = p->acts + l * gpt2_block_acts(p->a->batch, p->a->t, config->heads, p->d),
        .src = p->x + l * all,
        .param = p->a->param + from,
        .batch = p->a->batch,
        .t = p->a->t,
        .heads = config->heads,
        .d = p->d,
        .dsrc = p->dx,
        .dparam = p->a->grad ? p->a->grad + from : NULL,
        .scratch = p->work,
        .ddst = p->dx};
}

/* The output layer: its weights are wte, so logits are what dense_bwd_data calls dsrc. */
static void logits_fwd(const struct pass *p)
{
    const struct gpt2_config *config = &p->a->config;
    dense_bwd_data(p->set, p->threads,
                   &(struct dense_bwd_data){.dsrc = p->logits,
                                            .ddst = p->h,
                                            .w = p->a->param + p->at.offset[GPT2_WTE],
                                            .m = p->rows,
                                            .n = p->c,
                                            .k = config->vocab,
                                            .ld_dsrc = config->vocab_padded,
                                            .ld_ddst = p->c,
                                            .ld_w = p->c});
}

static void logits_bwd(const struct pass *p)
{
    const struct gpt2_config *config = &p->a->config;
    dense_bwd_weights(p->set, p->threads,
                      &(struct dense_bwd_weights){.dw = p->a->grad + p->at.offset[GPT2_WTE],
                                                  .src = p->logits,
                                                  .ddst = p->h,
                                                  .m = p->rows,
                                                  .n = p->c,
                                                  .k = config->vocab,
                                                  .ld_dw = p->c,
                                                  .ld_src = config->vocab_padded,
                                                  .ld_ddst = p->c});
    dense_fwd(p->set, p->threads,
              &(struct dense_fwd){.dst = p->dh,
                                  .src = p->logits,
                                  .w = p->a->param + p->at.offset[GPT2_WTE],
                                  .m = p->rows,
                                  .n = p->c,
                                  .k = config->vocab,
                                  .ld_dst = p->c,
                                  .ld_src = config->vocab_padded,
                                  .ld_w = p->c});
}

static void check(const struct gpt2_step *a)
{
    const struct gpt2_config *config = &a->config;
    assert(config->vocab_padded >= config->vocab && config->context >= a->t);
    assert(config->heads ? config->channels % config->heads == 0 : config->channels == 0);
    (void)config;
}

/* Before anything is written. */
static enum status check_tokens(const struct gpt2_step *a)
{
    const size_t rows = a->batch * a->t, vocab = a->config.vocab;
    const int32_t *const list[] = {a->token, a->target};
    static const char *const name[] = {"token", "target"};
    for (int i = 0; i < 2; i++) {
        const size_t wrong = index_outside(list[i], rows, vocab);
        if (wrong < rows)
            return fail(STATUS_DATA, "gpt2_step: %s %zu is %d; the vocabulary has %zu", name[i],
                        wrong, (int)list[i][wrong], vocab);
    }
    return STATUS_OK;
}

enum status gpt2_step_fwd(const struct kernel_set *set, int threads, const struct gpt2_step *a)
{
    const struct pass p = pass_of(set, threads, a);
    check(a);
    enum status status = check_tokens(a);
    if (status != STATUS_OK || p.rows == 0) return status;
    status = embed_fwd(set, threads,
                       &(struct embed_fwd){.dst = p.x,
                                           .token = a->token,
                                           .wte = a->param + p.at.offset[GPT2_WTE],
                                           .wpe = a->param + p.at.offset[GPT2_WPE],
                                           .m = p.rows,
                                           .n = p.c,
                                           .vocab = a->config.vocab,
                                           .period = a->t});
    for (size_t l = 0; l < a->config.layers && status == STATUS_OK; l++) {
        const struct gpt2_block b = block_of(&p, l);
        gpt2_block_fwd(set, threads, &b);
    }
    layernorm_fwd(set, threads,
                  &(struct layernorm_fwd){.dst = p.h,
                                          .mean = p.stat,
                                          .rstd = p.stat + p.rows,
                                          .src = p.x + a->config.layers * p.rows * p.c,
                                          .gamma = a->param + p.at.offset[GPT2_LN_F_WEIGHT],
                                          .beta = a->param + p.at.offset[GPT2_LN_F_BIAS],
                                          .m = p.rows,
                                          .n = p.c,
                                          .ld_dst = p.c,
                                          .ld_src = p.c,
                                          .eps = GPT2_EPS});
    logits_fwd(&p);
    if (status != STATUS_OK) return status;
    return xent_fwd(set, threads,
                    &(struct xent_fwd){.loss = a->loss,
                                       .lse = p.lse,
                                       .src = p.logits,
                                       .target = a->target,
                                       .m = p.rows,
                                       .n = a->config.vocab,
                                       .ld_src = a->config.vocab_padded,
                                       .tau = 1.0f});
}

/* What no tensor covers, and what nothing but a sum is for: positions beyond t have none. */
static void clear(const struct pass *p)
{
    const struct gpt2_config *config = &p->a->config;
    for (size_t i = 0; i < gpt2_tensor_count(config); i++) {
        const struct gpt2_place place = gpt2_place(config, i);
        const bool made = p->rows && place.tensor != GPT2_WPE;
        const size_t from = place.from + (made ? place.count : 0);
        memset(p->a->grad + from, 0, (place.next - from) * sizeof *p->a->grad);
    }
}

void gpt2_step_bwd(const struct kernel_set *set, int threads, const struct gpt2_step *a)
{
    const struct pass p = pass_of(set, threads, a);
    enum status status = STATUS_OK;
    clear(&p);
    if (p.rows) {
        status = xent_bwd(set, threads,
                          &(struct xent_bwd){.dsrc = p.logits,
                                             .src = p.logits,
                                             .lse = p.lse,
                                             .dloss = a->dloss,
                                             .target = a->target,
                                             .m = p.rows,
                                             .n = a->config.vocab,
                                             .ld_dsrc = a->config.vocab_padded,
                                             .ld_src = a->config.vocab_padded,
                                             .tau = 1.0f});
        logits_bwd(&p);
        layernorm_bwd(set, threads,
                      &(struct layernorm_bwd){.dsrc = p.dx,
                                              .dgamma = a->grad + p.at.offset[GPT2_LN_F_WEIGHT],
                                              .dbeta = a->grad + p.at.offset[GPT2_LN_F_BIAS],
                                              .scratch = p.norm,
                                              .ddst = p.dh,
                                              .src = p.x + a->config.layers * p.rows * p.c,
                                              .mean = p.stat,
                                              .rstd = p.stat + p.rows,
                                              .gamma = a->param + p.at.offset[GPT2_LN_F_WEIGHT],
                                              .m = p.rows,
                                              .n = p.c,
                                              .ld_dsrc = p.c,
                                              .ld_ddst = p.c,
                                              .ld_src = p.c});
    }
    for (size_t l = a->config.layers; l-- > 0;) {
        const struct gpt2_block b = block_of(&p, l);
        gpt2_block_bwd(set, threads, &b);
    }
    if (p.rows && status == STATUS_OK)
        status = embed_bwd(set, threads,
                           &(struct embed_bwd){.dwte = a->grad + p.at.offset[GPT2_WTE],
                                               .dwpe = a->grad + p.at.offset[GPT2_WPE],
                                               .ddst = p.dx,
                                               .token = a->token,
                                               .m = p.rows,
                                               .n = p.c,
                                               .vocab = a->config.vocab,
                                               .period = a->t});
    assert(status == STATUS_OK); /* gpt2_step_fwd() has seen these tokens and targets */
}

double gpt2_step_norm(const struct kernel_set *set, int threads, const struct gpt2_step *a)
{
    double square[DOT_NORMS_FIELDS];
    dot_norms(set, threads, square, a->grad, a->grad, gpt2_layout(&a->config).count);
    return sqrt(square[DOT_NORMS_XX]);
}

void gpt2_step_update(const struct kernel_set *set, int threads, const struct gpt2_step *a,
                      double norm)
{
    struct adamw_options options = {.lr = a->lr,
                                    .beta1 = a->beta1,
                                    .beta2 = a->beta2,
                                    .eps = a->eps,
                                    .scale = a->clip > 0.0 && norm > a->clip ? a->clip / norm : 1.0,
                                    .t = a->step};
    for (size_t i = 0; i < gpt2_tensor_count(&a->config); i++) {
        const struct gpt2_place place = gpt2_place(&a->config, i);
        options.decay = gpt2_is_matrix(place.tensor) ? a->decay : 0.0;
        adamw_step(set, threads,
                   &(struct adamw_step){.w = a->param + place.from,
                                        .m = a->m + place.from,
                                        .v = a->v + place.from,
                                        .dw = a->grad + place.from,
                                        .n = place.count,
                                        .by = adamw_factors(&options)});
    }
}

const float *gpt2_step_stream(const struct gpt2_step *a, size_t l)
{
    const struct pass p = pass_of(NULL, 1, a);
    return p.x + l * p.rows * p.c;
}

const float *gpt2_step_logits(const struct gpt2_step *a)
{
    return pass_of(NULL, 1, a).logits;
}
