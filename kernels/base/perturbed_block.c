#include "perturbed_block.h"

#include <stdlib.h>

#include "gpt2_layout.h"
#include "status.h"

/* Where the forward pass keeps what, as kernels/gpt2_block names it. */
struct kept {
    size_t m, c;
    struct gpt2_layout at;
    double *h1, *qkv, *o, *mid, *h2, *f, *g, *stat1, *stat2, *probs;
};

static struct kept kept_of(const struct perturbed_block *b)
{
    const size_t m = b->size.batch * b->size.t, c = b->size.heads * b->size.d, all = m * c;
    struct kept x = {m, c, gpt2_layout_block(c), .h1 = b->acts};
    x.qkv = x.h1 + all;
    x.o = x.qkv + 3 * all;
    x.mid = x.o + all;
    x.h2 = x.mid + all;
    x.f = x.h2 + all;
    x.g = x.f + 4 * all;
    x.stat1 = x.g + 4 * all;
    x.stat2 = x.stat1 + 2 * m;
    x.probs = x.stat2 + 2 * m;
    return x;
}

size_t perturbed_block_acts(const struct perturbed_attn *s)
{
    return s->batch * s->t * (15 * s->heads * s->d + 4 + s->heads * s->t);
}

static struct perturbed_linear linear(const struct perturbed_block *b, const struct kept *x,
                                      enum gpt2_tensor weight)
{
    const struct gpt2_size size = gpt2_size(&(struct gpt2_config){.channels = x->c}, weight);
    return (struct perturbed_linear){.w = b->param + x->at.offset[weight],
                                     .bias = b->param + x->at.offset[weight + 1],
                                     .m = x->m,
                                     .n = size.cols,
                                     .k = size.rows};
}

static struct perturbed_norm norm(const struct perturbed_block *b, const struct kept *x,
                                  enum gpt2_tensor gain)
{
    return (struct perturbed_norm){.gamma = b->param + x->at.offset[gain],
                                   .beta = b->param + x->at.offset[gain + 1],
                                   .m = x->m,
                                   .n = x->c,
                                   .eps = b->eps};
}

void perturbed_block_fwd(struct perturbed *p, const struct perturbed_block *b, double *dst,
                         const double *src)
{
    const struct kept x = kept_of(b);
    const struct perturbed_norm ln1 = norm(b, &x, GPT2_LN_1_WEIGHT);
    const struct perturbed_norm ln2 = norm(b, &x, GPT2_LN_2_WEIGHT);
    const struct perturbed_linear in = linear(b, &x, GPT2_ATTN_WEIGHT);
    const struct perturbed_linear proj = linear(b, &x, GPT2_ATTN_PROJ_WEIGHT);
    const struct perturbed_linear fc = linear(b, &x, GPT2_FC_WEIGHT);
    const struct perturbed_linear fc_proj = linear(b, &x, GPT2_FC_PROJ_WEIGHT);
    perturbed_norm_fwd(p, &ln1, x.h1, x.stat1, src);
    perturbed_linear_fwd(p, &in, x.qkv, x.h1);
    perturbed_attn_fwd(p, &b->size, x.o, x.probs, x.qkv);
    perturbed_linear_fwd(p, &proj, x.mid, x.o);
    perturbed_sum(p, x.mid, x.mid, src, x.m * x.c);
    perturbed_norm_fwd(p, &ln2, x.h2, x.stat2, x.mid);
    perturbed_linear_fwd(p, &fc, x.f, x.h2);
    perturbed_gelu_fwd(p, x.g, x.f, 4 * x.m * x.c);
    perturbed_linear_fwd(p, &fc_proj, dst, x.g);
    perturbed_sum(p, dst, dst, x.mid, x.m * x.c);
}

void perturbed_block_bwd(struct perturbed *p, const struct perturbed_block *b, double *d,
                         double *dparam, const double *src)
{
    const struct kept x = kept_of(b);
    const size_t all = x.m * x.c;
    double *wide = malloc((5 * all + 1) * sizeof *wide), *narrow = wide + 4 * all;
    if (!wide) out_of_memory();
    const struct perturbed_norm ln1 = norm(b, &x, GPT2_LN_1_WEIGHT);
    const struct perturbed_norm ln2 = norm(b, &x, GPT2_LN_2_WEIGHT);
    const struct perturbed_linear in = linear(b, &x, GPT2_ATTN_WEIGHT);
    const struct perturbed_linear proj = linear(b, &x, GPT2_ATTN_PROJ_WEIGHT);
    const struct perturbed_linear fc = linear(b, &x, GPT2_FC_WEIGHT);
    const struct perturbed_linear fc_proj = linear(b, &x, GPT2_FC_PROJ_WEIGHT);
    double *of[GPT2_TENSORS];
    for (int t = GPT2_LN_1_WEIGHT; t <= GPT2_FC_PROJ_BIAS; t++) of[t] = dparam + x.at.offset[t];
    perturbed_linear_bwd(p, &fc_proj, wide, of[GPT2_FC_PROJ_WEIGHT], of[GPT2_FC_PROJ_BIAS], d, x.g);
    perturbed_gelu_bwd(p, wide, x.f, 4 * all);
    perturbed_linear_bwd(p, &fc, narrow, of[GPT2_FC_WEIGHT], of[GPT2_FC_BIAS], wide, x.h2);
    perturbed_norm_bwd(p, &ln2, d, of[GPT2_LN_2_WEIGHT], of[GPT2_LN_2_BIAS], narrow, x.mid,
                       x.stat2);
    perturbed_linear_bwd(p, &proj, narrow, of[GPT2_ATTN_PROJ_WEIGHT], of[GPT2_ATTN_PROJ_BIAS], d,
                         x.o);
    perturbed_attn_bwd(p, &b->size, wide, narrow, x.o, x.probs, x.qkv);
    perturbed_linear_bwd(p, &in, narrow, of[GPT2_ATTN_WEIGHT], of[GPT2_ATTN_BIAS], wide, x.h1);
    perturbed_norm_bwd(p, &ln1, d, of[GPT2_LN_1_WEIGHT], of[GPT2_LN_1_BIAS], narrow, src, x.stat1);
    free(wide);
}
