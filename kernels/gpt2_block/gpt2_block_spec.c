#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/gpt2_layout.h"
#include "../base/perturbed_block.h"
#include "../kernel.h"
#include "base/status.h"
#include "gpt2_block.h"

enum { FORWARD = GPT2_BLOCK_FLAG_FORWARD };
#define BOTH(...)                                                                                  \
    {__VA_ARGS__},                                                                                 \
    {                                                                                              \
        __VA_ARGS__, .flags = FORWARD                                                              \
    }
/* Two positions at the least and heads of several channels: a row of one position attends to itself
 * alone, and a layernorm of one channel is its shift. */
static const struct shape check_shapes[] = {BOTH(.m = 0, .n = 3, .heads = 2, .k = 4),
                                            BOTH(.m = 2, .n = 0, .heads = 2, .k = 4),
                                            BOTH(.m = 1, .n = 1, .heads = 1, .k = 5),
                                            BOTH(.m = 1, .n = 2, .heads = 3, .k = 2),
                                            BOTH(.m = 2, .n = 5, .heads = 2, .k = 4),
                                            /* Small enough for differences. */
                                            BOTH(.m = 1, .n = 9, .heads = 2, .k = 2),
                                            BOTH(.m = 1, .n = 33, .heads = 1, .k = 16),
                                            BOTH(.m = 2, .n = 17, .heads = 3, .k = 16),
                                            {.m = 1, .n = 70, .heads = 2, .k = 64},
                                            {.m = 2, .n = 8, .heads = 2, .k = 8, .scale = 1e-4f},
                                            {.m = 2, .n = 8, .heads = 2, .k = 8, .scale = 1e2f}};
static const struct shape bench_shapes[] = {
    BOTH(.m = 1, .n = 256, .heads = 2, .k = 64), BOTH(.m = 1, .n = 256, .heads = 4, .k = 64),
    BOTH(.m = 1, .n = 256, .heads = 8, .k = 64), BOTH(.m = 1, .n = 256, .heads = 12, .k = 64),
    BOTH(.m = 4, .n = 64, .heads = 12, .k = 64), BOTH(.m = 1, .n = 1024, .heads = 12, .k = 64)};

static const struct alias aliases[] = {{GPT2_BLOCK_DSRC, GPT2_BLOCK_DDST}};

static bool legal(const struct shape *s)
{
    return s->k <= ATTN_FWD_D;
}

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t rows = s->m * s->n, c = s->heads * s->k, back = s->flags & FORWARD ? 0 : 1;
    const size_t param = gpt2_layout_block(c).layer_stride;
    const size_t acts = gpt2_block_acts(s->m, s->n, s->heads, s->k);
    const size_t scratch = gpt2_block_scratch(s->m, s->n, s->heads, s->k);
    const float gain = shape_scale(s) / sqrtf((float)(c ? c : 1));
    op[GPT2_BLOCK_DST] = (struct operand){"dst", ROLE_OUT, TYPE_F32, rows, c, c, 0};
    op[GPT2_BLOCK_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, rows, c, c, 0};
    op[GPT2_BLOCK_PARAM] = (struct operand){"param", ROLE_IN, TYPE_F32, 1, param, param, gain};
    op[GPT2_BLOCK_ACTS] = (struct operand){"acts", ROLE_SCRATCH, TYPE_F32, 1, acts, acts, 0};
    op[GPT2_BLOCK_DSRC] = (struct operand){"dsrc", ROLE_OUT, TYPE_F32, back * rows, c, c, 0};
    op[GPT2_BLOCK_DPARAM] = (struct operand){"dparam", ROLE_OUT, TYPE_F32, back, param, param, 0};
    op[GPT2_BLOCK_DDST] = (struct operand){"ddst", ROLE_IN, TYPE_F32, back * rows, c, c, 0};
    op[GPT2_BLOCK_SCRATCH] =
        (struct operand){"scratch", ROLE_SCRATCH, TYPE_F32, back, scratch, scratch, 0};
    return 8;
}

/* The gains of layernorms lie about 1. */
static void adjust(const struct shape *s, void *const buf[])
{
    const size_t c = s->heads * s->k;
    const struct gpt2_layout at = gpt2_layout_block(c);
    float *param = buf[GPT2_BLOCK_PARAM];
    for (size_t j = 0; j < c; j++) {
        param[at.offset[GPT2_LN_1_WEIGHT] + j] += 1.0f;
        param[at.offset[GPT2_LN_2_WEIGHT] + j] += 1.0f;
    }
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const bool backward = !(s->flags & FORWARD);
    const struct gpt2_block a = {.dst = buf[GPT2_BLOCK_DST],
                                 .acts = buf[GPT2_BLOCK_ACTS],
                                 .src = buf[GPT2_BLOCK_SRC],
                                 .param = buf[GPT2_BLOCK_PARAM],
                                 .batch = s->m,
                                 .t = s->n,
                                 .heads = s->heads,
                                 .d = s->k,
                                 .dsrc = buf[GPT2_BLOCK_DSRC],
                                 .dparam = buf[GPT2_BLOCK_DPARAM],
                                 .scratch = backward ? buf[GPT2_BLOCK_SCRATCH] : NULL,
                                 .ddst = buf[GPT2_BLOCK_DDST]};
    gpt2_block_fwd(set, threads, &a);
    if (backward) gpt2_block_bwd(set, threads, &a);
}

static double flops(const struct shape *s)
{
    const double m = (double)s->m * (double)s->n, c = (double)s->heads * (double)s->k;
    const double once = gpt2_block_flops(s->m, s->n, s->heads, s->k);
    /* Backward: each product twice, and the scores once more. */
    return s->flags & FORWARD ? once : 3.0 * once + m * ((double)s->n + 1.0) * c;
}
static double bytes(const struct shape *s)
{
    const double c = (double)s->heads * (double)s->k, all = (double)s->m * (double)s->n * c;
    const double param = (double)gpt2_layout_block((size_t)c).layer_stride;
    return sizeof(float) * (s->flags & FORWARD ? 2.0 * all + param : 4.0 * all + 2.0 * param);
}
static size_t tokens(const struct shape *s)
{
    return s->m * s->n;
}

/* The block in f64, and what it computes. */
struct model {
    const struct shape *s;
    size_t all, params;
    struct perturbed_block block;
    double *param, *src, *dst, *d, *dparam;
};

static struct model model_open(const struct shape *s)
{
    const struct perturbed_attn size = {s->m, s->n, s->heads, s->k};
    const size_t c = s->heads * s->k, acts = perturbed_block_acts(&size);
    struct model y = {s, s->m * s->n * c, gpt2_layout_block(c).layer_stride, .src = NULL};
    y.src = calloc(3 * y.all + 2 * y.params + acts + 1, sizeof *y.src);
    if (!y.src) out_of_memory();
    y.dst = y.src + y.all;
    y.d = y.dst + y.all;
    y.param = y.d + y.all;
    y.dparam = y.param + y.params;
    y.block = (struct perturbed_block){size, y.param, (double)GPT2_EPS, y.dparam + y.params};
    return y;
}

static void widen(double *to, const float *from, size_t n)
{
    for (size_t i = 0; i < n; i++) to[i] = (double)from[i];
}

static void model_run(struct model *y, struct perturbed *p, void *const buf[])
{
    widen(y->src, buf[GPT2_BLOCK_SRC], y->all);
    if (y->all == 0) return;
    perturbed_block_fwd(p, &y->block, y->dst, y->src);
    if (y->s->flags & FORWARD) return;
    widen(y->d, buf[GPT2_BLOCK_DDST], y->all);
    perturbed_block_bwd(p, &y->block, y->d, y->dparam, y->src);
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const int runs = perturbed_runs(flops(s));
    struct model y = model_open(s);
    const struct {
        int operand;
        const double *x;
        size_t n;
    } out[] = {{GPT2_BLOCK_DST, y.dst, y.all},
               {GPT2_BLOCK_DSRC, y.d, y.all},
               {GPT2_BLOCK_DPARAM, y.dparam, y.params}};
    const size_t outs = s->flags & FORWARD ? 1 : 3;
    widen(y.param, buf[GPT2_BLOCK_PARAM], y.params);
    for (uint64_t run = 0; run <= (uint64_t)runs; run++) {
        model_run(&y, &(struct perturbed){.seed = run}, buf);
        for (size_t i = 0; i < outs; i++)
            perturbed_see(want[out[i].operand], slack[out[i].operand], out[i].x, out[i].n, run);
    }
    free(y.src);
    perturbed_slack(want[GPT2_BLOCK_DST], slack[GPT2_BLOCK_DST], y.all, runs);
    if (outs == 1) return;
    perturbed_slack(want[GPT2_BLOCK_DSRC], slack[GPT2_BLOCK_DSRC], y.all, runs);
    const struct gpt2_config config = {.channels = s->heads * s->k};
    const struct gpt2_layout at = gpt2_layout_block(config.channels);
    for (int t = GPT2_LN_1_WEIGHT; t <= GPT2_FC_PROJ_BIAS; t++) {
        const struct gpt2_size size = gpt2_size(&config, (enum gpt2_tensor)t);
        perturbed_slack(want[GPT2_BLOCK_DPARAM] + at.offset[t],
                        slack[GPT2_BLOCK_DPARAM] + at.offset[t], size.rows * size.cols, runs);
    }
}

static uint64_t forward(const struct shape *s, const double *const x[], double *dst)
{
    struct model y = model_open(s);
    y.block.param = x[GPT2_BLOCK_PARAM];
    perturbed_block_fwd(&(struct perturbed){.seed = 0}, &y.block, dst, x[GPT2_BLOCK_SRC]);
    free(y.src);
    return 0;
}

static const struct grad_pair pairs[] = {{GPT2_BLOCK_SRC, GPT2_BLOCK_DSRC},
                                         {GPT2_BLOCK_PARAM, GPT2_BLOCK_DPARAM}};
static const struct grad grad = {.ddst = GPT2_BLOCK_DDST,
                                 .pairs = pairs,
                                 .count = sizeof pairs / sizeof *pairs,
                                 .forward = forward};

const struct kernel_spec gpt2_block_spec = {
    .name = "gpt2_block",
    .flag_names = {"forward"},
    .formula = "mid = src + attn(ln(src)), dst = mid + mlp(ln(mid)), and all gradients",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .legal = legal,
    .fills = FILL_BIT(FILL_UNIT),
    .same_words = true,
    .aliases = aliases,
    .alias_count = sizeof aliases / sizeof *aliases,
    .operands = operands,
    .adjust = adjust,
    .call = call,
    .oracle = oracle,
    .grad = &grad,
    .flops = flops,
    .bytes = bytes,
    .tokens = tokens,
};
