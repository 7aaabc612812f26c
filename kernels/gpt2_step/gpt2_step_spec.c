#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/perturbed_gpt2.h"
#include "../kernel.h"
#include "base/status.h"
#include "gpt2_step.h"

enum { FORWARD = GPT2_STEP_FLAG_FORWARD, BACKWARD = GPT2_STEP_FLAG_BACKWARD };
#define EACH_PART(...)                                                                             \
    {__VA_ARGS__}, {__VA_ARGS__, .flags = FORWARD},                                                \
    {                                                                                              \
        __VA_ARGS__, .flags = BACKWARD                                                             \
    }
/* Even vocabularies: tails of it would take away the last token. */
static const struct shape check_shapes[] = {
    EACH_PART(.depth = 1, .m = 0, .n = 3, .heads = 2, .k = 4, .vocab = 6),
    EACH_PART(.depth = 0, .m = 2, .n = 3, .heads = 2, .k = 4, .vocab = 6),
    EACH_PART(.depth = 1, .m = 1, .n = 1, .heads = 1, .k = 5, .vocab = 2),
    EACH_PART(.depth = 1, .m = 2, .n = 4, .heads = 2, .k = 2, .vocab = 10),
    EACH_PART(.depth = 1, .m = 4, .n = 4, .heads = 2, .k = 2, .vocab = 5), /* for differences */
    EACH_PART(.depth = 2, .m = 2, .n = 7, .heads = 3, .k = 5, .vocab = 50),
    EACH_PART(.depth = 3, .m = 1, .n = 20, .heads = 2, .k = 16, .vocab = 130),
    {.depth = 2, .m = 2, .n = 40, .heads = 1, .k = 64, .vocab = 500},
    {.depth = 2, .m = 2, .n = 8, .heads = 2, .k = 8, .vocab = 40, .scale = 1e-4f},
    {.depth = 2, .m = 2, .n = 8, .heads = 2, .k = 8, .vocab = 40, .scale = 1e2f}};
/* GPT-2's vocabulary; 12 x 768 is its smallest model, of 124 million parameters. */
#define GPT2(sequences, length, width)                                                             \
    {                                                                                              \
        .depth = 12, .m = sequences, .n = length, .heads = width / 64, .k = 64, .vocab = 50257     \
    }
static const struct shape bench_shapes[] = {GPT2(1, 256, 768), GPT2(4, 64, 768),
                                            GPT2(1, 256, 128), GPT2(1, 256, 256),
                                            GPT2(1, 256, 384), GPT2(1, 256, 512)};

static struct gpt2_config config_of(const struct shape *s)
{
    return (struct gpt2_config){.layers = s->depth,
                                .heads = s->heads,
                                .channels = s->heads * s->k,
                                .context = s->n,
                                .vocab = s->vocab,
                                .vocab_padded = (s->vocab + 15) / 16 * 16};
}

/* A token needs a row of the table; the parts of a step are named one at a time. */
static bool legal(const struct shape *s)
{
    return s->k <= ATTN_FWD_D && s->vocab > 0 && s->flags != (FORWARD | BACKWARD);
}

static size_t operands(const struct shape *s, struct operand op[])
{
    const struct gpt2_config config = config_of(s);
    const size_t rows = s->m * s->n, count = gpt2_layout(&config).count, c = config.channels;
    const size_t scratch = gpt2_step_scratch(&config, s->m, s->n);
    const bool forward = s->flags & FORWARD, step = s->flags == 0;
    const float gain = shape_scale(s) / sqrtf((float)(c ? c : 1)), small = 1e-2f;
    const float share = 1.0f / (float)(rows ? rows : 1), tokens = (float)s->vocab;
    op[GPT2_STEP_LOSS] = (struct operand){"loss", ROLE_OUT, TYPE_F32, 1, rows, rows, 0};
    op[GPT2_STEP_PARAM] =
        (struct operand){"param", step ? ROLE_INOUT : ROLE_IN, TYPE_F32, 1, count, count, gain};
    op[GPT2_STEP_GRAD] = (struct operand){
        "grad", step ? ROLE_SCRATCH : ROLE_OUT, TYPE_F32, forward ? 0 : 1, count, count, 0};
    op[GPT2_STEP_M] = (struct operand){"m", ROLE_INOUT, TYPE_F32, step, count, count, small};
    op[GPT2_STEP_V] = (struct operand){"v", ROLE_INOUT, TYPE_F32, step, count, count, -small};
    op[GPT2_STEP_TOKEN] = (struct operand){"token", ROLE_IN, TYPE_I32, 1, rows, rows, tokens};
    op[GPT2_STEP_TARGET] = (struct operand){"target", ROLE_IN, TYPE_I32, 1, rows, rows, tokens};
    op[GPT2_STEP_DLOSS] =
        (struct operand){"dloss", ROLE_IN, TYPE_F32, forward ? 0 : 1, rows, rows, share};
    op[GPT2_STEP_SCRATCH] =
        (struct operand){"scratch", ROLE_SCRATCH, TYPE_F32, 1, scratch, scratch, 0};
    return 9;
}

/* The gains of layernorms lie about 1. */
static void adjust(const struct shape *s, void *const buf[])
{
    const struct gpt2_config config = config_of(s);
    const struct gpt2_layout at = gpt2_layout(&config);
    static const enum gpt2_tensor gains[] = {GPT2_LN_1_WEIGHT, GPT2_LN_2_WEIGHT, GPT2_LN_F_WEIGHT};
    float *param = buf[GPT2_STEP_PARAM];
    for (size_t i = 0; i < sizeof gains / sizeof *gains; i++)
        for (size_t l = 0; l < (gpt2_in_layers(gains[i]) ? s->depth : 1); l++)
            for (size_t j = 0; j < config.channels; j++)
                param[at.offset[gains[i]] + l * at.layer_stride + j] += 1.0f;
}

static struct gpt2_step step_of(const struct shape *s, void *const buf[])
{
    return (struct gpt2_step){.config = config_of(s),
                              .batch = s->m,
                              .t = s->n,
                              .param = buf[GPT2_STEP_PARAM],
                              .grad = buf[GPT2_STEP_GRAD],
                              .m = buf[GPT2_STEP_M],
                              .v = buf[GPT2_STEP_V],
                              .loss = buf[GPT2_STEP_LOSS],
                              .scratch = buf[GPT2_STEP_SCRATCH],
                              .dloss = buf[GPT2_STEP_DLOSS],
                              .token = buf[GPT2_STEP_TOKEN],
                              .target = buf[GPT2_STEP_TARGET],
                              .lr = 1e-3,
                              .beta1 = 0.9,
                              .beta2 = 0.95,
                              .eps = 1e-8,
                              .decay = 0.1,
                              .clip = 1.0,
                              .step = 3};
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const struct gpt2_step a = step_of(s, buf);
    const enum status status = gpt2_step_fwd(set, threads, &a);
    assert(status == STATUS_OK);
    (void)status;
    if (s->flags & FORWARD) return;
    gpt2_step_bwd(set, threads, &a);
    if (s->flags & BACKWARD) return;
    gpt2_step_update(set, threads, &a, gpt2_step_norm(set, threads, &a));
}

/* Of all matrix products: forward one of each, backward two, and the scores of attention once more. */
static double flops(const struct shape *s)
{
    const double rows = (double)s->m * (double)s->n, c = (double)s->heads * (double)s->k;
    const double blocks = (double)s->depth * gpt2_block_flops(s->m, s->n, s->heads, s->k);
    const double once = blocks + 2.0 * rows * c * (double)s->vocab;
    if (s->flags & FORWARD) return once;
    return 3.0 * once + (double)s->depth * rows * ((double)s->n + 1.0) * c;
}
static double bytes(const struct shape *s)
{
    const struct gpt2_config config = config_of(s);
    const double count = (double)gpt2_layout(&config).count, rows = (double)s->m * (double)s->n;
    const double passes = s->flags & FORWARD ? 1.0 : s->flags & BACKWARD ? 2.0 : 6.0;
    return sizeof(float) * (passes * count + 4.0 * rows);
}
static size_t tokens(const struct shape *s)
{
    return s->m * s->n;
}

/* ---- the oracle */

/* What the runs make of losses and, where it is not NULL, gradient. */
struct seen {
    double *loss, *slack_loss, *grad, *slack_grad;
};

static void run(const struct gpt2_step *a, struct perturbed *p, const struct seen *to)
{
    const size_t rows = a->batch * a->t, count = gpt2_layout(&a->config).count;
    double *loss = perturbed_doubles(rows), *dloss = perturbed_doubles(rows),
           *grad = to->grad ? perturbed_doubles(count) : NULL;
    for (size_t i = 0; i < rows && grad; i++) dloss[i] = (double)a->dloss[i];
    perturbed_gpt2(p,
                   &(struct perturbed_gpt2){.config = a->config,
                                            .batch = a->batch,
                                            .t = a->t,
                                            .eps = (double)GPT2_EPS,
                                            .single = a->param,
                                            .token = a->token,
                                            .target = a->target},
                   loss, grad, dloss);
    perturbed_see(to->loss, to->slack_loss, loss, rows, p->seed);
    if (grad) perturbed_see(to->grad, to->slack_grad, grad, count, p->seed);
    free(loss);
    free(dloss);
    free(grad);
}

/* The update with its room's bound, of a gradient in want[M] that may be off by slack[M]. */
static void want_update(const struct gpt2_step *a, double *const want[], double *const slack[])
{
    static const int operand[] = {GPT2_STEP_PARAM, GPT2_STEP_M, GPT2_STEP_V};
    const size_t count = gpt2_layout(&a->config).count;
    double square = 0.0, off = 0.0;
    for (size_t i = 0; i < count; i++) {
        square += want[GPT2_STEP_M][i] * want[GPT2_STEP_M][i];
        off += slack[GPT2_STEP_M][i] * slack[GPT2_STEP_M][i];
    }
    /* Of the norm, and so of what clips it: by no more than the norm of what the gradient is off. */
    const double norm = sqrt(square), share = norm > 0.0 ? sqrt(off) / norm : 0.0;
    const double scale = norm > a->clip ? a->clip / norm : 1.0;
    const double more = norm + sqrt(off) > a->clip ? share + 0x1p-23 : 0x1p-24;
    for (size_t t = 0; t < gpt2_tensor_count(&a->config); t++) {
        const struct gpt2_place at = gpt2_place(&a->config, t);
        const double decay = gpt2_is_matrix(at.tensor) ? a->decay : 0.0;
        const struct adamw_factors by = adamw_factors(
            &(struct adamw_options){a->lr, a->beta1, a->beta2, a->eps, decay, scale, a->step});
        for (size_t i = at.from; i < at.from + at.count; i++) {
            const float old[] = {a->param[i], a->m[i], a->v[i]};
            const double g = scale * want[GPT2_STEP_M][i];
            const double dg =
                scale * slack[GPT2_STEP_M][i] * (1.0 + more) + more * fabs(g) + 0x1p-149;
            const struct adamw_bound to = adamw_bound(&by, old, g, isfinite(off) ? dg : INFINITY);
            for (int o = 0; o < 3; o++) {
                want[operand[o]][i] = to.want[o];
                slack[operand[o]][i] = to.slack[o];
            }
        }
    }
}

/* Between tensors: as before, or a gradient of 0. */
static void want_gaps(const struct gpt2_config *config, const float *was, double *want,
                      double *slack)
{
    for (size_t i = 0; i < gpt2_tensor_count(config); i++) {
        const struct gpt2_place at = gpt2_place(config, i);
        for (size_t e = at.from + at.count; e < at.next; e++) {
            want[e] = was ? (double)was[e] : 0.0;
            slack[e] = 0.0;
        }
    }
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const struct gpt2_step a = step_of(s, buf);
    const int runs = perturbed_runs(flops(s));
    const int grad = s->flags & BACKWARD ? GPT2_STEP_GRAD : GPT2_STEP_M;
    struct seen to = {want[GPT2_STEP_LOSS], slack[GPT2_STEP_LOSS], want[grad], slack[grad]};
    if (s->flags & FORWARD) to.grad = NULL;
    for (uint64_t seed = 0; seed <= (uint64_t)runs; seed++)
        run(&a, &(struct perturbed){.seed = seed}, &to);
    perturbed_slack(to.loss, to.slack_loss, s->m * s->n, runs);
    for (size_t i = 0; i < gpt2_tensor_count(&a.config) && to.grad; i++) {
        const struct gpt2_place at = gpt2_place(&a.config, i);
        perturbed_slack(to.grad + at.from, to.slack_grad + at.from, at.count, runs);
    }
    if (to.grad) want_gaps(&a.config, NULL, to.grad, to.slack_grad);
    if (s->flags) return;
    want_update(&a, want, slack);
    want_gaps(&a.config, a.param, want[GPT2_STEP_PARAM], slack[GPT2_STEP_PARAM]);
    want_gaps(&a.config, a.m, want[GPT2_STEP_M], slack[GPT2_STEP_M]);
    want_gaps(&a.config, a.v, want[GPT2_STEP_V], slack[GPT2_STEP_V]);
}

/* ---- the loss, for differences */

static uint64_t forward(const struct shape *s, const double *const x[], double *dst)
{
    const size_t rows = s->m * s->n;
    int32_t *token = malloc((2 * rows + 1) * sizeof *token), *target = token + rows;
    if (!token) out_of_memory();
    for (size_t i = 0; i < rows; i++) {
        token[i] = (int32_t)x[GPT2_STEP_TOKEN][i];
        target[i] = (int32_t)x[GPT2_STEP_TARGET][i];
    }
    perturbed_gpt2(&(struct perturbed){.seed = 0},
                   &(struct perturbed_gpt2){.config = config_of(s),
                                            .batch = s->m,
                                            .t = s->n,
                                            .eps = (double)GPT2_EPS,
                                            .param = x[GPT2_STEP_PARAM],
                                            .token = token,
                                            .target = target},
                   dst, NULL, NULL);
    free(token);
    return 0;
}

static const struct grad_pair pairs[] = {{GPT2_STEP_PARAM, GPT2_STEP_GRAD}};
static const struct grad grad = {.ddst = GPT2_STEP_DLOSS,
                                 .pairs = pairs,
                                 .count = sizeof pairs / sizeof *pairs,
                                 .forward = forward};

const struct kernel_spec gpt2_step_spec = {
    .name = "gpt2_step",
    .flag_names = {"forward", "backward"},
    .formula = "loss of a GPT-2, its gradient, clipped, and a step of AdamW",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .legal = legal,
    .fills = FILL_BIT(FILL_UNIT),
    .same_words = true,
    .operands = operands,
    .adjust = adjust,
    .call = call,
    .oracle = oracle,
    .grad = &grad,
    .flops = flops,
    .bytes = bytes,
    .tokens = tokens,
};
