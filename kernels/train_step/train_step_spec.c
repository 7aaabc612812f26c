#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "../base/perturbed_mlp.h"
#include "../kernel.h"
#include "train_step.h"

enum {
    FORWARD = TRAIN_STEP_FLAG_FORWARD,
    BACKWARD = TRAIN_STEP_FLAG_BACKWARD,
    HARD = TRAIN_STEP_FLAG_HARD,
    SQUARE = TRAIN_STEP_FLAG_SQUARE,
    NOBIAS = TRAIN_STEP_FLAG_NOBIAS,
    SGD = TRAIN_STEP_FLAG_SGD,
    DEPTH_MOST = 64
};
#define EACH_PART(more, ...)                                                                       \
    {__VA_ARGS__, .flags = (more)}, {__VA_ARGS__, .flags = FORWARD | (more)},                      \
    {                                                                                              \
        __VA_ARGS__, .flags = BACKWARD | (more)                                                    \
    }
static const struct shape check_shapes[] = {
    EACH_PART(0, .depth = 2, .m = 0, .n = 3, .k = 4, .vocab = 5),
    EACH_PART(0, .depth = 1, .m = 3, .n = 9, .k = 4, .vocab = 17),
    EACH_PART(0, .depth = 2, .m = 20, .n = 19, .k = 7, .vocab = 33),
    EACH_PART(HARD, .depth = 3, .m = 33, .n = 40, .k = 21, .vocab = 10),
    EACH_PART(HARD | NOBIAS, .depth = 1, .m = 70, .n = 1, .k = 50, .vocab = 1),
    EACH_PART(NOBIAS, .depth = 2, .m = 17, .n = 20, .k = 9, .vocab = 1),
    EACH_PART(HARD, .depth = 2, .m = 18, .n = 20, .k = 9, .vocab = 1),
    EACH_PART(SQUARE, .depth = 3, .m = 19, .n = 24, .k = 10, .vocab = 18),
    EACH_PART(SQUARE | NOBIAS, .depth = 1, .m = 16, .n = 1, .k = 33, .vocab = 1),
    EACH_PART(SGD, .depth = 2, .m = 25, .n = 31, .k = 16, .vocab = 48),
    EACH_PART(NOBIAS, .depth = 9, .m = 16, .n = 24, .k = 24, .vocab = 24),
    /* Rows that no unit of the first layer answers have the kinks of those above. */
    EACH_PART(NOBIAS, .depth = 4, .m = 20, .n = 2, .k = 9, .vocab = 6),
    EACH_PART(HARD, .depth = 2, .m = 16, .n = 20, .k = 9, .vocab = 20, .scale = 100.0f),
    {.depth = 2, .m = 200, .n = 50, .k = 100, .vocab = 100}};

#define RULES(...)                                                                                 \
    {__VA_ARGS__},                                                                                 \
    {                                                                                              \
        __VA_ARGS__, .flags = SGD                                                                  \
    }
/* The first is the study's: 1000 samples, of 100 inputs and classes, and 50 units. */
static const struct shape bench_shapes[] = {
    RULES(.depth = 2, .m = 1000, .n = 50, .k = 100, .vocab = 100),
    RULES(.depth = 2, .m = 1000, .n = 256, .k = 256, .vocab = 100),
    RULES(.depth = 4, .m = 256, .n = 256, .k = 256, .vocab = 10),
    RULES(.depth = 8, .m = 256, .n = 256, .k = 256, .vocab = 10),
    RULES(.depth = 4, .m = 64, .n = 64, .k = 64, .vocab = 10),
    RULES(.depth = 4, .m = 1024, .n = 1024, .k = 1024, .vocab = 1000),
    RULES(.depth = 4, .m = 32, .n = 1024, .k = 1024, .vocab = 1000)};

/* In width, which has room for the shape's depth. */
static struct mlp_layout net_of(const struct shape *s, size_t width[DEPTH_MOST + 1])
{
    assert(s->depth > 0 && s->depth <= DEPTH_MOST);
    width[0] = s->k;
    for (size_t l = 1; l < s->depth; l++) width[l] = s->n;
    width[s->depth] = s->vocab;
    return (struct mlp_layout){width, s->depth, !(s->flags & NOBIAS)};
}

static size_t classes_of(const struct shape *s)
{
    return s->vocab == 1 && !(s->flags & SQUARE) ? 2 : s->vocab;
}

/* A layer at the least; the parts of a step are named one at a time; a squared error knows no targets. */
static bool legal(const struct shape *s)
{
    const bool parts = s->flags & FORWARD && s->flags & BACKWARD;
    const bool targets = s->flags & SQUARE && s->flags & HARD;
    return s->depth > 0 && s->depth <= DEPTH_MOST && s->vocab > 0 && !parts && !targets;
}

static size_t operands(const struct shape *s, struct operand op[])
{
    size_t width[DEPTH_MOST + 1];
    const struct mlp_layout net = net_of(s, width);
    const size_t m = s->m, count = mlp_parameters(&net), classes = classes_of(s);
    const size_t scratch = train_step_scratch(&net, m);
    const bool forward = s->flags & FORWARD, step = !(s->flags & (FORWARD | BACKWARD));
    const bool adamw = step && !(s->flags & SGD), hard = s->flags & HARD;
    const float gain = shape_scale(s) * sqrtf(2.0f / (float)(s->k ? s->k : 1));
    const float spread = s->flags & SQUARE ? 1.0f : -1.0f / (float)(classes + 1);
    op[TRAIN_STEP_LOSS] = (struct operand){"loss", ROLE_OUT, TYPE_F32, 1, m, m, 0};
    op[TRAIN_STEP_PARAM] =
        (struct operand){"param", step ? ROLE_INOUT : ROLE_IN, TYPE_F32, 1, count, count, gain};
    op[TRAIN_STEP_GRAD] = (struct operand){
        "grad", step ? ROLE_SCRATCH : ROLE_OUT, TYPE_F32, forward ? 0 : 1, count, count, 0};
    op[TRAIN_STEP_MOMENT1] =
        (struct operand){"moment1", ROLE_INOUT, TYPE_F32, adamw, count, count, 1e-2f};
    op[TRAIN_STEP_MOMENT2] =
        (struct operand){"moment2", ROLE_INOUT, TYPE_F32, adamw, count, count, -1e-2f};
    op[TRAIN_STEP_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, m, s->k, s->k, 0};
    op[TRAIN_STEP_TARGET] =
        (struct operand){"target", ROLE_IN, TYPE_I32, hard, m, m, (float)classes};
    op[TRAIN_STEP_PROBS] =
        (struct operand){"probs", ROLE_IN, TYPE_F32, hard ? 0 : m, classes, classes, spread};
    op[TRAIN_STEP_DLOSS] = (struct operand){
        "dloss", ROLE_IN, TYPE_F32, forward ? 0 : 1, m, m, 1.0f / (float)(m ? m : 1)};
    op[TRAIN_STEP_SCRATCH] =
        (struct operand){"scratch", ROLE_SCRATCH, TYPE_F32, 1, scratch, scratch, 0};
    return 10;
}

/* Distributions, each row's sum being 1 but for rounding. */
static void adjust(const struct shape *s, void *const buf[])
{
    const size_t n = classes_of(s);
    float *probs = buf[TRAIN_STEP_PROBS];
    if (s->flags & (HARD | SQUARE)) return;
    for (size_t i = 0; i < s->m; i++, probs += n) {
        float sum = 0.0f;
        for (size_t j = 0; j < n; j++) sum += probs[j];
        for (size_t j = 0; j < n; j++) probs[j] /= sum;
    }
}

static struct train_step step_of(const struct shape *s, void *const buf[],
                                 size_t width[DEPTH_MOST + 1])
{
    struct train_rule rule = TRAIN_STEP_SPEC;
    rule.sgd = s->flags & SGD;
    return (struct train_step){.net = net_of(s, width),
                               .loss = buf[TRAIN_STEP_LOSS],
                               .param = buf[TRAIN_STEP_PARAM],
                               .grad = buf[TRAIN_STEP_GRAD],
                               .moment1 = buf[TRAIN_STEP_MOMENT1],
                               .moment2 = buf[TRAIN_STEP_MOMENT2],
                               .scratch = buf[TRAIN_STEP_SCRATCH],
                               .src = buf[TRAIN_STEP_SRC],
                               .probs = s->flags & HARD ? NULL : buf[TRAIN_STEP_PROBS],
                               .dloss = buf[TRAIN_STEP_DLOSS],
                               .target = buf[TRAIN_STEP_TARGET],
                               .m = s->m,
                               .ld_src = s->k,
                               .tau = TRAIN_STEP_SPEC_TAU(s->vocab),
                               .square = s->flags & SQUARE,
                               .rule = rule,
                               .step = TRAIN_STEP_SPEC_STEP};
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    size_t width[DEPTH_MOST + 1];
    const struct train_step a = step_of(s, buf, width);
    train_step_fwd(set, threads, &a);
    const enum status status = train_step_loss(set, threads, &a);
    assert(status == STATUS_OK);
    (void)status;
    if (s->flags & FORWARD) return;
    train_step_bwd(set, threads, &a);
    if (!(s->flags & BACKWARD)) train_step_update(set, threads, &a);
}

static double flops(const struct shape *s)
{
    size_t width[DEPTH_MOST + 1];
    const struct mlp_layout net = net_of(s, width);
    return s->flags & FORWARD ? mlp_flops_fwd(&net, s->m) : mlp_flops_step(&net, s->m);
}
static double bytes(const struct shape *s)
{
    size_t width[DEPTH_MOST + 1];
    const struct mlp_layout net = net_of(s, width);
    const double count = (double)mlp_parameters(&net), m = (double)s->m;
    const double passes = s->flags & FORWARD ? 1.0 : s->flags & (BACKWARD | SGD) ? 2.0 : 6.0;
    const double labels = s->flags & HARD ? 1.0 : (double)classes_of(s);
    return sizeof(float) * (passes * count + m * ((double)s->k + labels + 2.0));
}

/* ---- the oracle */

static double *widen(const float *x, size_t n)
{
    double *to = perturbed_doubles(n);
    for (size_t i = 0; i < n; i++) to[i] = (double)x[i];
    return to;
}

/* Of targets a 1 each. */
static double *targets(const struct train_step *a, size_t classes)
{
    if (a->probs) return widen(a->probs, a->m * classes);
    double *to = perturbed_doubles(a->m * classes);
    for (size_t i = 0; i < a->m; i++) to[i * classes + (size_t)a->target[i]] = 1.0;
    return to;
}

struct seen {
    double *loss, *slack_loss, *grad, *slack_grad; /* grad NULL: not wanted */
};

static void run(const struct train_step *a, const struct perturbed_mlp *model, struct perturbed *p,
                const struct seen *to)
{
    const size_t count = mlp_parameters(&a->net);
    double *loss = perturbed_doubles(a->m), *grad = to->grad ? perturbed_doubles(count) : NULL,
           *dloss = grad ? widen(a->dloss, a->m) : NULL;
    perturbed_mlp(p, model, loss, grad, dloss);
    perturbed_see(to->loss, to->slack_loss, loss, a->m, p->seed);
    if (grad) perturbed_see(to->grad, to->slack_grad, grad, count, p->seed);
    free(loss);
    free(grad);
    free(dloss);
}

/* Each layer's weights and biases are a tensor. */
static void slack_grad(const struct mlp_layout *y, const struct seen *to, int runs)
{
    for (size_t l = 1; l <= y->depth; l++) {
        const size_t w = mlp_offset(y, l), b = w + mlp_weights(y, l);
        perturbed_slack(to->grad + w, to->slack_grad + w, b - w, runs);
        if (y->bias) perturbed_slack(to->grad + b, to->slack_grad + b, y->width[l], runs);
    }
}

static void want_sgd(const struct train_step *a, double *const want[], double *const slack[])
{
    const double u = 0x1p-24, lr = (double)(float)a->rule.lr, decay = (double)(float)a->rule.decay;
    for (size_t i = 0; i < mlp_parameters(&a->net); i++) {
        double *x = &want[TRAIN_STEP_PARAM][i], *e = &slack[TRAIN_STEP_PARAM][i];
        const double w = (double)a->param[i], g = *x + decay * w;
        const double off = isfinite(*e) ? *e + u * (fabs(g) + *e) + 0x1p-150 : INFINITY;
        *x = w - lr * g;
        *e = lr * off + u * (fabs(*x) + lr * off) + 0x1p-150;
        if (isinf(*e)) *x = 0.0;
    }
}

static void want_adamw(const struct train_step *a, double *const want[], double *const slack[])
{
    static const int operand[] = {TRAIN_STEP_PARAM, TRAIN_STEP_MOMENT1, TRAIN_STEP_MOMENT2};
    const struct train_rule *r = &a->rule;
    const struct adamw_factors by = adamw_factors(
        &(struct adamw_options){r->lr, r->beta1, r->beta2, r->eps, r->decay, 1.0, a->step});
    for (size_t i = 0; i < mlp_parameters(&a->net); i++) {
        const float old[] = {a->param[i], a->moment1[i], a->moment2[i]};
        const struct adamw_bound to =
            adamw_bound(&by, old, want[TRAIN_STEP_PARAM][i], slack[TRAIN_STEP_PARAM][i]);
        for (int o = 0; o < 3; o++) {
            want[operand[o]][i] = to.want[o];
            slack[operand[o]][i] = to.slack[o];
        }
    }
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    size_t width[DEPTH_MOST + 1];
    const struct train_step a = step_of(s, buf, width);
    const int runs = perturbed_runs(flops(s));
    /* A whole step's gradient is found where its parameters will be. */
    const int grad = s->flags & BACKWARD ? TRAIN_STEP_GRAD : TRAIN_STEP_PARAM;
    const bool forward = s->flags & FORWARD;
    const struct seen to = {want[TRAIN_STEP_LOSS], slack[TRAIN_STEP_LOSS],
                            forward ? NULL : want[grad], slack[grad]};
    double *param = widen(a.param, mlp_parameters(&a.net)), *src = widen(a.src, s->m * s->k),
           *target = targets(&a, classes_of(s));
    struct perturbed_kinks kinks = perturbed_kinks_open(&a.net, s->m);
    const struct perturbed_mlp model = {.net = a.net,
                                        .m = s->m,
                                        .kinks = &kinks,
                                        .param = param,
                                        .src = src,
                                        .target = target,
                                        .tau = (double)a.tau,
                                        .square = a.square};
    for (uint64_t seed = 0; seed <= (uint64_t)runs; seed++)
        run(&a, &model, &(struct perturbed){.seed = seed}, &to);
    perturbed_slack(to.loss, to.slack_loss, s->m, runs);
    if (!forward) {
        slack_grad(&a.net, &to, runs);
        perturbed_mlp_kinks(&model, to.slack_grad, runs);
    }
    if (!forward && grad == TRAIN_STEP_PARAM) {
        if (a.rule.sgd)
            want_sgd(&a, want, slack);
        else
            want_adamw(&a, want, slack);
    }
    perturbed_kinks_close(&kinks);
    free(param);
    free(src);
    free(target);
}

/* ---- the loss, for differences */

static uint64_t forward(const struct shape *s, const double *const x[], double *dst)
{
    size_t width[DEPTH_MOST + 1];
    uint64_t sides = 0;
    const size_t classes = classes_of(s);
    double *hard = perturbed_doubles(s->m * classes);
    for (size_t i = 0; i < s->m && s->flags & HARD; i++)
        hard[i * classes + (size_t)x[TRAIN_STEP_TARGET][i]] = 1.0;
    const struct perturbed_mlp model = {.net = net_of(s, width),
                                        .m = s->m,
                                        .param = x[TRAIN_STEP_PARAM],
                                        .src = x[TRAIN_STEP_SRC],
                                        .target = s->flags & HARD ? hard : x[TRAIN_STEP_PROBS],
                                        .tau = (double)TRAIN_STEP_SPEC_TAU(s->vocab),
                                        .square = s->flags & SQUARE,
                                        .sides = &sides};
    perturbed_mlp(&(struct perturbed){.seed = 0}, &model, dst, NULL, NULL);
    free(hard);
    return sides;
}

static const struct grad_pair pairs[] = {{TRAIN_STEP_PARAM, TRAIN_STEP_GRAD}};
static const struct grad grad = {.ddst = TRAIN_STEP_DLOSS,
                                 .pairs = pairs,
                                 .count = sizeof pairs / sizeof *pairs,
                                 .forward = forward};

const struct kernel_spec train_step_spec = {
    .name = "train_step",
    .flag_names = {"forward", "backward", "hard", "square", "nobias", "sgd"},
    .formula = "loss of a ReLU MLP, its gradient, and a step of AdamW or gradient descent",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .legal = legal,
    .fills = FILL_BIT(FILL_UNIT),
    .same_words = true,
    .twin_without = 1u << TRAIN_STEP_LOSS,
    .operands = operands,
    .adjust = adjust,
    .call = call,
    .oracle = oracle,
    .grad = &grad,
    .flops = flops,
    .bytes = bytes,
};
