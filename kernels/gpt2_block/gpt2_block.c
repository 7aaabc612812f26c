#include "gpt2_block.h"

#include <math.h>
#include <string.h>

#include "../base/gpt2_layout.h"
#include "../kernel.h"

/* A call, and where everything lies. stat: the means of a layernorm, then its reciprocal deviations. */
struct pass {
    const struct kernel_set *set;
    int threads;
    const struct gpt2_block *a;
    size_t m, c;
    struct gpt2_layout at;
    float *h1, *qkv, *o, *mid, *h2, *f, *g, *stat1, *stat2, *lse; /* what is kept */
    float *wide, *narrow, *attn,
        *norm; /* gradients of f and qkv; of h2, o and h1; the rooms' own */
};

static struct pass pass_of(const struct kernel_set *set, int threads, const struct gpt2_block *a)
{
    const size_t m = a->batch * a->t, c = a->heads * a->d, all = m * c;
    struct pass p = {set, threads, a, m, c, gpt2_layout_block(c), .h1 = a->acts};
    p.qkv = p.h1 + all;
    p.o = p.qkv + 3 * all;
    p.mid = p.o + all;
    p.h2 = p.mid + all;
    p.f = p.h2 + all;
    p.g = p.f + 4 * all;
    p.stat1 = p.g + 4 * all;
    p.stat2 = p.stat1 + 2 * m;
    p.lse = p.stat2 + 2 * m;
    if (!a->scratch) return p;
    p.wide = a->scratch;
    p.narrow = p.wide + 4 * all;
    p.attn = p.narrow + all;
    p.norm = p.attn + attn_bwd_scratch(a->batch, a->heads, a->t);
    return p;
}

size_t gpt2_block_acts(size_t batch, size_t t, size_t heads, size_t d)
{
    return batch * t * (15 * heads * d + heads + 4);
}

size_t gpt2_block_scratch(size_t batch, size_t t, size_t heads, size_t d)
{
    return 5 * batch * t * heads * d + attn_bwd_scratch(batch, heads, t) +
           layernorm_bwd_scratch(batch * t, heads * d);
}

double gpt2_block_flops(size_t batch, size_t t, size_t heads, size_t d)
{
    const double m = (double)batch * (double)t, c = (double)heads * (double)d;
    return 24.0 * m * c * c + 2.0 * m * ((double)t + 1.0) * c;
}

/* A linear layer whose weights are tensor `weight`, its bias the next. */
static void linear_fwd(const struct pass *p, enum gpt2_tensor weight, float *dst, const float *src)
{
    const struct gpt2_size size = gpt2_size(&(struct gpt2_config){.channels = p->c}, weight);
    dense_fwd(p->set, p->threads,
              &(struct dense_fwd){.dst = dst,
                                  .src = src,
                                  .w = p->a->param + p->at.offset[weight],
                                  .bias = p->a->param + p->at.offset[weight + 1],
                                  .m = p->m,
                                  .n = size.cols,
                                  .k = size.rows,
                                  .ld_dst = size.cols,
                                  .ld_src = size.rows,
                                  .ld_w = size.cols});
}

/* Its gradients: of weights and bias in dparam, and dsrc. */
static void linear_bwd(const struct pass *p, enum gpt2_tensor weight, float *dsrc,
                       const float *ddst, const float *src)
{
    const struct gpt2_size size = gpt2_size(&(struct gpt2_config){.channels = p->c}, weight);
    dense_bwd_weights(p->set, p->threads,
                      &(struct dense_bwd_weights){.dw = p->a->dparam + p->at.offset[weight],
                                                  .db = p->a->dparam + p->at.offset[weight + 1],
                                                  .src = src,
                                                  .ddst = ddst,
                                                  .m = p->m,
                                                  .n = size.cols,
                                                  .k = size.rows,
                                                  .ld_dw = size.cols,
                                                  .ld_src = size.rows,
                                                  .ld_ddst = size.cols});
    dense_bwd_data(p->set, p->threads,
                   &(struct dense_bwd_data){.dsrc = dsrc,
                                            .ddst = ddst,
                                            .w = p->a->param + p->at.offset[weight],
                                            .m = p->m,
                                            .n = size.cols,
                                            .k = size.rows,
                                            .ld_dsrc = size.rows,
                                            .ld_ddst = size.cols,
                                            .ld_w = size.cols});
}

/* A layernorm whose gain is tensor `gain`, its shift the next. */
static void norm_fwd(const struct pass *p, enum gpt2_tensor gain, float *dst, const float *src,
                     float *stat)
{
    layernorm_fwd(p->set, p->threads,
                  &(struct layernorm_fwd){.dst = dst,
                                          .mean = stat,
                                          .rstd = stat + p->m,
                                          .src = src,
                                          .gamma = p->a->param + p->at.offset[gain],
                                          .beta = p->a->param + p->at.offset[gain + 1],
                                          .m = p->m,
                                          .n = p->c,
                                          .ld_dst = p->c,
                                          .ld_src = p->c,
                                          .eps = GPT2_EPS});
}

/* Its gradients: of gain and shift in dparam; that of src is added to the block's dsrc. */
static void norm_bwd(const struct pass *p, enum gpt2_tensor gain, const float *ddst,
                     const float *src, const float *stat)
{
    layernorm_bwd(p->set, p->threads,
                  &(struct layernorm_bwd){.dsrc = p->a->dsrc,
                                          .dgamma = p->a->dparam + p->at.offset[gain],
                                          .dbeta = p->a->dparam + p->at.offset[gain + 1],
                                          .scratch = p->norm,
                                          .ddst = ddst,
                                          .src = src,
                                          .mean = stat,
                                          .rstd = stat + p->m,
                                          .gamma = p->a->param + p->at.offset[gain],
                                          .m = p->m,
                                          .n = p->c,
                                          .ld_dsrc = p->c,
                                          .ld_ddst = p->c,
                                          .ld_src = p->c,
                                          .add_data = true});
}

/* Rows of `parts` times C floats. */
static struct strides strides_of(const struct pass *p, size_t parts)
{
    return (struct strides){parts * p->c, p->a->d, p->a->t * parts * p->c};
}

static float attention_scale(const struct pass *p)
{
    return (float)(1.0 / sqrt((double)p->a->d));
}

static void attention_fwd(const struct pass *p)
{
    const struct strides rows = strides_of(p, 1), packed = strides_of(p, 3);
    attn_fwd(p->set, p->threads,
             &(struct attn_fwd){.o = p->o,
                                .lse = p->lse,
                                .q = p->qkv,
                                .k = p->qkv + p->c,
                                .v = p->qkv + 2 * p->c,
                                .o_by = rows,
                                .q_by = packed,
                                .k_by = packed,
                                .v_by = packed,
                                .batch = p->a->batch,
                                .heads = p->a->heads,
                                .t = p->a->t,
                                .d = p->a->d,
                                .scale = attention_scale(p),
                                .causal = true});
}

static void attention_bwd(const struct pass *p, float *dqkv, const float *grad)
{
    const struct strides rows = strides_of(p, 1), packed = strides_of(p, 3);
    attn_bwd(p->set, p->threads,
             &(struct attn_bwd){.dq = dqkv,
                                .dk = dqkv + p->c,
                                .dv = dqkv + 2 * p->c,
                                .scratch = p->attn,
                                .grad = grad,
                                .o = p->o,
                                .lse = p->lse,
                                .q = p->qkv,
                                .k = p->qkv + p->c,
                                .v = p->qkv + 2 * p->c,
                                .dq_by = packed,
                                .dk_by = packed,
                                .dv_by = packed,
                                .grad_by = rows,
                                .o_by = rows,
                                .q_by = packed,
                                .k_by = packed,
                                .v_by = packed,
                                .batch = p->a->batch,
                                .heads = p->a->heads,
                                .t = p->a->t,
                                .d = p->a->d,
                                .scale = attention_scale(p),
                                .causal = true});
}

void gpt2_block_fwd(const struct kernel_set *set, int threads, const struct gpt2_block *a)
{
    const struct pass p = pass_of(set, threads, a);
    const size_t all = p.m * p.c;
    if (all == 0) return;
    norm_fwd(&p, GPT2_LN_1_WEIGHT, p.h1, a->src, p.stat1);
    linear_fwd(&p, GPT2_ATTN_WEIGHT, p.qkv, p.h1);
    attention_fwd(&p);
    linear_fwd(&p, GPT2_ATTN_PROJ_WEIGHT, p.mid, p.o);
    axpy(set, threads, p.mid, 1.0f, p.mid, a->src, all);
    norm_fwd(&p, GPT2_LN_2_WEIGHT, p.h2, p.mid, p.stat2);
    linear_fwd(&p, GPT2_FC_WEIGHT, p.f, p.h2);
    gelu_fwd(set, threads, p.g, p.f, 4 * all, true);
    linear_fwd(&p, GPT2_FC_PROJ_WEIGHT, a->dst, p.g);
    axpy(set, threads, a->dst, 1.0f, a->dst, p.mid, all);
}

/* What no tensor covers, and everything where there are no tokens. */
static void clear_gaps(const struct pass *p)
{
    const struct gpt2_config config = {.channels = p->c};
    for (int t = GPT2_LN_1_WEIGHT; t <= GPT2_FC_PROJ_BIAS; t++) {
        const struct gpt2_size size = gpt2_size(&config, (enum gpt2_tensor)t);
        const size_t from = p->at.offset[t] + (p->m ? size.rows * size.cols : 0);
        const size_t next = t < GPT2_FC_PROJ_BIAS ? p->at.offset[t + 1] : p->at.layer_stride;
        memset(p->a->dparam + from, 0, (next - from) * sizeof *p->a->dparam);
    }
}

void gpt2_block_bwd(const struct kernel_set *set, int threads, const struct gpt2_block *a)
{
    const struct pass p = pass_of(set, threads, a);
    const size_t all = p.m * p.c;
    clear_gaps(&p);
    if (all == 0) return;
    linear_bwd(&p, GPT2_FC_PROJ_WEIGHT, p.wide, a->ddst, p.g);
    gelu_bwd(set, threads, p.wide, p.wide, p.f, 4 * all, true);
    linear_bwd(&p, GPT2_FC_WEIGHT, p.narrow, p.wide, p.h2);
    if (a->dsrc != a->ddst) memcpy(a->dsrc, a->ddst, all * sizeof *a->dsrc);
    norm_bwd(&p, GPT2_LN_2_WEIGHT, p.narrow, p.mid, p.stat2);
    linear_bwd(&p, GPT2_ATTN_PROJ_WEIGHT, p.narrow, a->dsrc, p.o);
    attention_bwd(&p, p.wide, p.narrow);
    linear_bwd(&p, GPT2_ATTN_WEIGHT, p.narrow, p.wide, p.h1);
    norm_bwd(&p, GPT2_LN_1_WEIGHT, p.narrow, a->src, p.stat1);
}
