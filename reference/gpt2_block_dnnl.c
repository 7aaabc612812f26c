#include <math.h>

#include "base/gpt2_layout.h"
#include "dnnl.h"
#include "gpt2_block/gpt2_block.h"

/* What a framework makes of a block: a primitive for each step, attention head by head as in attn_fwd's twin, the
 * probabilities kept for the backward pass. */
struct block {
    struct twin_run *run;
    const struct shape *s;
    size_t m, c;
    struct gpt2_layout at;
    const float *param, *dparam;
    struct view h1, qkv, o, mid, h2, f, g, wide, narrow,
        sum; /* sum: what a layernorm's gradient adds */
    const float *mean1, *variance1, *mean2, *variance2, *probs, *grads;
};

static struct view scratch(const struct block *b, size_t columns)
{
    return view_of(run_scratch(b->run, b->m * columns), b->m, columns, columns);
}

static struct block block_of(struct twin_run *run, const struct shape *s, void *const buf[])
{
    const size_t m = s->m * s->n, c = s->heads * s->k, pairs = s->n * s->n;
    struct block b = {run,
                      s,
                      m,
                      c,
                      gpt2_layout_block(c),
                      buf[GPT2_BLOCK_PARAM],
                      buf[GPT2_BLOCK_DPARAM],
                      .mean1 = run_scratch(run, m)};
    b.variance1 = run_scratch(run, m);
    b.mean2 = run_scratch(run, m);
    b.variance2 = run_scratch(run, m);
    b.h1 = scratch(&b, c);
    b.qkv = scratch(&b, 3 * c);
    b.o = scratch(&b, c);
    b.mid = scratch(&b, c);
    b.h2 = scratch(&b, c);
    b.f = scratch(&b, 4 * c);
    b.g = scratch(&b, 4 * c);
    b.probs = run_scratch(run, s->m * s->heads * pairs);
    if (s->flags & GPT2_BLOCK_FLAG_FORWARD) return b;
    b.wide = scratch(&b, 4 * c);
    b.narrow = scratch(&b, c);
    b.sum = scratch(&b, c);
    b.grads = run_scratch(run, pairs);
    return b;
}

static void linear_fwd(const struct block *b, enum gpt2_tensor weight, struct view dst,
                       struct view src)
{
    run_dense_fwd(b->run,
                  &(struct dense_views){
                      .dst = dst,
                      .src = src,
                      .w = view_of(b->param + b->at.offset[weight], src.cols, dst.cols, dst.cols),
                      .bias = view_of(b->param + b->at.offset[weight + 1], 1, dst.cols, dst.cols)});
}

static void linear_bwd(const struct block *b, enum gpt2_tensor weight, struct view dsrc,
                       struct view ddst, struct view src)
{
    const size_t k = src.cols, n = ddst.cols;
    run_dense_bwd_weights(b->run, &(struct weights_views){
                                      .dw = view_of(b->dparam + b->at.offset[weight], k, n, n),
                                      .db = view_of(b->dparam + b->at.offset[weight + 1], 1, n, n),
                                      .src = src,
                                      .ddst = ddst});
    run_dense_bwd_data(b->run, dsrc, ddst, view_of(b->param + b->at.offset[weight], k, n, n));
}

static void norm_fwd(const struct block *b, enum gpt2_tensor gain, struct view dst, struct view src,
                     const float *mean, const float *variance)
{
    run_layernorm_fwd(b->run, &(struct layernorm_views){.dst = dst,
                                                        .src = src,
                                                        .mean = mean,
                                                        .variance = variance,
                                                        .gamma = b->param + b->at.offset[gain],
                                                        .beta = b->param + b->at.offset[gain + 1],
                                                        .eps = GPT2_EPS});
}

/* Into b->sum, and with what is in d already into dsrc. */
static void norm_bwd(const struct block *b, enum gpt2_tensor gain, struct view dsrc, struct view d,
                     struct view src, const float *mean, const float *variance)
{
    run_layernorm_bwd(b->run,
                      &(struct layernorm_views){.dst = b->narrow,
                                                .src = src,
                                                .mean = mean,
                                                .variance = variance,
                                                .gamma = b->param + b->at.offset[gain],
                                                .eps = GPT2_EPS,
                                                .dsrc = b->sum,
                                                .dgamma = b->dparam + b->at.offset[gain],
                                                .dbeta = b->dparam + b->at.offset[gain + 1]});
    run_sum(b->run, dsrc, 1.0f, d, 1.0f, b->sum);
}

/* Of one head: its part of a matrix of `parts` times C columns, from column part * C on. */
static struct views head_of(const struct block *b, struct view all, size_t head, size_t part)
{
    const size_t t = b->s->n, d = b->s->k, column = part * b->c + head % b->s->heads * d;
    return (struct views){
        view_of(all.data + head / b->s->heads * t * all.row + column, t, d, all.row), 1, 0};
}

static struct views turned(struct views v)
{
    return (struct views){view_transposed(v.one), v.count, v.step};
}

static struct views probs_of(const struct block *b, size_t head)
{
    const size_t t = b->s->n;
    return (struct views){view_of(b->probs + head * t * t, t, t, t), 1, 0};
}

static void product(const struct block *b, struct views dst, struct views x, struct views y,
                    float scale)
{
    run_products(b->run, &(struct product_views){.dst = dst, .a = x, .b = y, .scale = scale});
}

static float scale_of(const struct block *b)
{
    return (float)(1.0 / sqrt((double)b->s->k));
}

static void attention_fwd(const struct block *b)
{
    const struct view mask = run_causal_mask(b->run, b->s->n);
    for (size_t head = 0; head < b->s->m * b->s->heads; head++) {
        const struct views p = probs_of(b, head);
        run_products(b->run, &(struct product_views){.dst = p,
                                                     .a = head_of(b, b->qkv, head, 0),
                                                     .b = turned(head_of(b, b->qkv, head, 1)),
                                                     .mask = mask,
                                                     .scale = scale_of(b)});
        run_softmax_fwd(b->run, p.one, p.one);
        product(b, head_of(b, b->o, head, 0), p, head_of(b, b->qkv, head, 2), 1.0f);
    }
}

static void attention_bwd(const struct block *b, struct view dqkv, struct view grad)
{
    const size_t t = b->s->n;
    const struct views ds = {view_of(b->grads, t, t, t), 1, 0};
    for (size_t head = 0; head < b->s->m * b->s->heads; head++) {
        const struct views p = probs_of(b, head), g = head_of(b, grad, head, 0);
        product(b, head_of(b, dqkv, head, 2), turned(p), g, 1.0f);
        product(b, ds, g, turned(head_of(b, b->qkv, head, 2)), 1.0f);
        run_softmax_grad(b->run, ds.one, p.one);
        product(b, head_of(b, dqkv, head, 0), ds, head_of(b, b->qkv, head, 1), scale_of(b));
        product(b, head_of(b, dqkv, head, 1), turned(ds), head_of(b, b->qkv, head, 0), scale_of(b));
    }
}

static void forward(const struct block *b, struct view dst, struct view src)
{
    norm_fwd(b, GPT2_LN_1_WEIGHT, b->h1, src, b->mean1, b->variance1);
    linear_fwd(b, GPT2_ATTN_WEIGHT, b->qkv, b->h1);
    attention_fwd(b);
    linear_fwd(b, GPT2_ATTN_PROJ_WEIGHT, b->mid, b->o);
    run_sum(b->run, b->mid, 1.0f, b->mid, 1.0f, src);
    norm_fwd(b, GPT2_LN_2_WEIGHT, b->h2, b->mid, b->mean2, b->variance2);
    linear_fwd(b, GPT2_FC_WEIGHT, b->f, b->h2);
    run_gelu_fwd(b->run, b->g, b->f, true);
    linear_fwd(b, GPT2_FC_PROJ_WEIGHT, dst, b->g);
    run_sum(b->run, dst, 1.0f, dst, 1.0f, b->mid);
}

static void backward(const struct block *b, struct view dsrc, struct view ddst, struct view src)
{
    const struct view dqkv = view_of(b->wide.data, b->m, 3 * b->c, 3 * b->c);
    linear_bwd(b, GPT2_FC_PROJ_WEIGHT, b->wide, ddst, b->g);
    run_gelu_bwd(b->run, b->wide, b->wide, b->f, true);
    linear_bwd(b, GPT2_FC_WEIGHT, b->narrow, b->wide, b->h2);
    norm_bwd(b, GPT2_LN_2_WEIGHT, dsrc, ddst, b->mid, b->mean2, b->variance2);
    linear_bwd(b, GPT2_ATTN_PROJ_WEIGHT, b->narrow, dsrc, b->o);
    attention_bwd(b, dqkv, b->narrow);
    linear_bwd(b, GPT2_ATTN_WEIGHT, b->narrow, dqkv, b->h1);
    norm_bwd(b, GPT2_LN_1_WEIGHT, dsrc, dsrc, src, b->mean1, b->variance1);
}

/* oneDNN leaves what lies between the tensors of a gradient as it is. */
static bool has_gaps(const struct shape *s)
{
    return !(s->flags & GPT2_BLOCK_FLAG_FORWARD) && s->heads * s->k % 16 != 0;
}

/* A matmul has no constant weights for its gradients. */
static unsigned forms(const struct shape *s)
{
    if (has_gaps(s) || s->m * s->n == 0 || s->heads * s->k == 0) return 0;
    const bool forward_only = s->flags & GPT2_BLOCK_FLAG_FORWARD;
    return forms_dense(s) & ~(forward_only ? 0u : FORM_BIT(FORM_MATMUL_PACKED));
}

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    if (forms(s) == 0) {
        *out = NULL;
        return fail(STATUS_UNAVAILABLE, "gpt2_block: oneDNN has nothing to compute, or would leave "
                                        "gaps between gradients as they are");
    }
    struct twin_run *run = run_open("gpt2_block", threads, form);
    const struct block b = block_of(run, s, buf);
    const struct view src = view_of(buf[GPT2_BLOCK_SRC], b.m, b.c, b.c);
    forward(&b, view_of(buf[GPT2_BLOCK_DST], b.m, b.c, b.c), src);
    if (!(s->flags & GPT2_BLOCK_FLAG_FORWARD))
        backward(&b, view_of(buf[GPT2_BLOCK_DSRC], b.m, b.c, b.c),
                 view_of(buf[GPT2_BLOCK_DDST], b.m, b.c, b.c), src);
    return run_ready(run, out);
}

const struct twin gpt2_block_twin = {.forms = forms, .open = open};
