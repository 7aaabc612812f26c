#include <stdlib.h>

#include "../base/par.h"
#include "../base/perturbed.h"
#include "../chain_case.h"
#include "../kernel.h"
#include "angle_sweep.h"
#include "base/status.h"

enum { BACKPROP = ANGLE_SWEEP_FLAG_BACKPROP };
_Static_assert((int)BACKPROP == (int)CHAIN_FLAG_OWN, "behind the flags that chains share");
static const struct shape check_shapes[] = {
    CHAIN_CHECK_SHAPES, {.m = 5, .n = 40, .k = 8, .depth = 4, .flags = BACKPROP}};
/* Both, so that one run has the factor between them. */
#define BOTH(...)                                                                                  \
    {__VA_ARGS__},                                                                                 \
    {                                                                                              \
        __VA_ARGS__ | BACKPROP                                                                     \
    }
static const struct shape bench_shapes[] = {
    BOTH(.m = 32, .n = 1024, .k = 1024, .depth = 64, .flags = 0),
    BOTH(.m = 1, .n = 1024, .k = 1024, .depth = 64, .flags = 0),
    BOTH(.m = 32, .n = 256, .k = 256, .depth = 64, .flags = 0),
    BOTH(.m = 1, .n = 256, .k = 256, .depth = 64, .flags = 0),
    BOTH(.m = 512, .n = 1024, .k = 1024, .depth = 8, .flags = 0),
    BOTH(.m = 32, .n = 1024, .k = 1024, .depth = 64, .flags = CHAIN_FLAG_SKIP)};

static bool all_of(const struct shape *s)
{
    return !(s->flags & BACKPROP);
}

static size_t operands(const struct shape *s, struct operand op[])
{
    struct chain_case *y = chain_case(s, NULL, NULL, NULL);
    const size_t m = s->m, depth = s->depth, scratch = angle_sweep_scratch(&y->chain);
    const size_t feats = chain_case_keeps_features(s) ? depth - 1 : 0, rows = all_of(s) ? depth : 0;
    free(y);
    op[ANGLE_SWEEP_ACTS] = chain_case_layers(s, "acts", ROLE_OUT, depth);
    op[ANGLE_SWEEP_FEATS] = chain_case_layers(s, "feats", ROLE_OUT, feats);
    op[ANGLE_SWEEP_BACK] = chain_case_layers(s, "back", ROLE_OUT, depth);
    op[ANGLE_SWEEP_GRAM] = (struct operand){"gram", ROLE_OUT, TYPE_F32, rows * m, m, m, 0};
    op[ANGLE_SWEEP_GRAD2] = (struct operand){"grad2", ROLE_OUT, TYPE_F64, 1, rows, rows, 0};
    op[ANGLE_SWEEP_TABLE] =
        (struct operand){"table", ROLE_OUT, TYPE_F64, rows, CHAIN_JVP_FIELDS, CHAIN_JVP_FIELDS, 0};
    op[ANGLE_SWEEP_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, depth ? m : 0, s->k, s->k, 0};
    op[ANGLE_SWEEP_DDST] = chain_case_layers(s, "ddst", ROLE_IN, depth ? 1 : 0);
    op[ANGLE_SWEEP_W] = chain_case_w(s);
    op[ANGLE_SWEEP_BIAS] = chain_case_bias(s);
    op[ANGLE_SWEEP_PACKED] = chain_case_packed(s, false);
    op[ANGLE_SWEEP_PACKED_T] = chain_case_packed(s, true);
    op[ANGLE_SWEEP_SCRATCH] =
        (struct operand){"scratch", ROLE_SCRATCH, TYPE_F32, 1, scratch, scratch, 0};
    return 13;
}

static void adjust(const struct shape *s, void *const buf[])
{
    chain_case_adjust(s, buf[ANGLE_SWEEP_W]);
}
static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    chain_case_prepare(set, s, buf[ANGLE_SWEEP_PACKED], buf[ANGLE_SWEEP_PACKED_T],
                       buf[ANGLE_SWEEP_W]);
}

static struct angle_sweep sweep_of(const struct chain *chain, void *const buf[])
{
    return (struct angle_sweep){.chain = chain,
                                .acts = buf[ANGLE_SWEEP_ACTS],
                                .feats = buf[ANGLE_SWEEP_FEATS],
                                .back = buf[ANGLE_SWEEP_BACK],
                                .gram = buf[ANGLE_SWEEP_GRAM],
                                .grad2 = buf[ANGLE_SWEEP_GRAD2],
                                .table = buf[ANGLE_SWEEP_TABLE],
                                .src = buf[ANGLE_SWEEP_SRC],
                                .ddst = buf[ANGLE_SWEEP_DDST],
                                .scratch = buf[ANGLE_SWEEP_SCRATCH]};
}

static void backprop(const struct kernel_set *set, int threads, const struct angle_sweep *a)
{
    chain_fwd(set, threads, &(struct chain_fwd){a->chain, a->acts, a->feats, a->src});
    chain_vjp(set, threads, &(struct chain_vjp){a->chain, a->back, NULL, a->ddst, a->acts});
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    struct chain_case *y =
        chain_case(s, buf[ANGLE_SWEEP_PACKED], buf[ANGLE_SWEEP_PACKED_T], buf[ANGLE_SWEEP_BIAS]);
    const struct angle_sweep a = sweep_of(&y->chain, buf);
    if (all_of(s))
        angle_sweep(set, threads, &a);
    else
        backprop(set, threads, &a);
    free(y);
}

static double flops(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n, k = (double)s->k, depth = (double)s->depth;
    const double inner = chain_case_inner_weights(s),
                 twice = 2.0 * m * (chain_case_weights(s) + inner);
    if (!all_of(s) || !s->depth) return twice;
    return twice + 2.0 * m * inner + 2.0 * m * m * (k + (3.0 * depth - 1.0) * n + depth);
}
static double bytes(const struct shape *s)
{
    const double passes = all_of(s) ? 3.0 : 2.0,
                 layers = (double)s->depth * (double)s->m * (double)s->n;
    return 4.0 * (passes * chain_case_weights(s) + (passes + 1.0) * layers);
}

/* Pointers for another room's oracle. */
struct bufs {
    void *buf[OPERANDS_MAX];
    double *want[OPERANDS_MAX], *slack[OPERANDS_MAX];
};
static void judge(const char *room, const struct shape *s, const struct bufs *b)
{
    kernel_spec(room)->oracle(s, b->buf, b->want, b->slack);
}

/* Every step but the first on what the steps before it leave on the scalar lane, and so on each: which features are
 * below 0 is not for f64 to say. */
static void judge_steps(const struct shape *s, const struct angle_sweep *a, void *const buf[],
                        double *const want[], double *const slack[])
{
    const struct kernel_set *set = kernel_set(ISA_SCALAR);
    const int threads = par_max_threads();
    struct shape pull = *s;
    pull.flags |= CHAIN_VJP_FLAG_NODSRC;
    backprop(set, threads, a);
    judge("chain_vjp", &pull,
          &(struct bufs){.buf = {[CHAIN_VJP_DDST] = buf[ANGLE_SWEEP_DDST],
                                 [CHAIN_VJP_ACTS] = a->acts,
                                 [CHAIN_VJP_W] = buf[ANGLE_SWEEP_W]},
                         .want = {[CHAIN_VJP_BACK] = want[ANGLE_SWEEP_BACK]},
                         .slack = {[CHAIN_VJP_BACK] = slack[ANGLE_SWEEP_BACK]}});
    if (!a->grad2) return;
    chain_grads(
        set, threads,
        &(struct chain_grads){a->chain, a->grad2, a->gram, a->scratch, a->acts, a->src, a->back});
    judge("chain_grads", s,
          &(struct bufs){.buf = {[CHAIN_GRADS_ACTS] = a->acts,
                                 [CHAIN_GRADS_SRC] = buf[ANGLE_SWEEP_SRC],
                                 [CHAIN_GRADS_BACK] = a->back},
                         .want = {[CHAIN_GRADS_GRAD2] = want[ANGLE_SWEEP_GRAD2],
                                  [CHAIN_GRADS_GRAM] = want[ANGLE_SWEEP_GRAM]},
                         .slack = {[CHAIN_GRADS_GRAD2] = slack[ANGLE_SWEEP_GRAD2],
                                   [CHAIN_GRADS_GRAM] = slack[ANGLE_SWEEP_GRAM]}});
    double *last = perturbed_doubles(2 * s->m * s->n);
    judge("chain_jvp", s,
          &(struct bufs){
              .buf = {[CHAIN_JVP_ACTS] = a->acts,
                      [CHAIN_JVP_BACK] = a->back,
                      [CHAIN_JVP_GRAM] = a->gram,
                      [CHAIN_JVP_W] = buf[ANGLE_SWEEP_W]},
              .want = {[CHAIN_JVP_DST] = last, [CHAIN_JVP_TABLE] = want[ANGLE_SWEEP_TABLE]},
              .slack = {[CHAIN_JVP_DST] = last + s->m * s->n,
                        [CHAIN_JVP_TABLE] = slack[ANGLE_SWEEP_TABLE]}});
    free(last);
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    struct operand op[OPERANDS_MAX];
    float *own[OPERANDS_MAX];
    const size_t count = operands(s, op);
    void *with[OPERANDS_MAX];
    for (size_t o = 0; o < count; o++) {
        own[o] = NULL;
        with[o] = buf[o];
        if (op[o].role == ROLE_IN) continue;
        with[o] = own[o] = calloc(operand_extent(&op[o]) + 1, 1);
        if (!own[o]) out_of_memory();
    }
    struct shape plain = *s;
    plain.flags &= (unsigned)CHAIN_FLAG_OWN - 1;
    judge("chain_fwd", &plain,
          &(struct bufs){.buf = {[CHAIN_FWD_SRC] = buf[ANGLE_SWEEP_SRC],
                                 [CHAIN_FWD_W] = buf[ANGLE_SWEEP_W],
                                 [CHAIN_FWD_BIAS] = buf[ANGLE_SWEEP_BIAS]},
                         .want = {[CHAIN_FWD_ACTS] = want[ANGLE_SWEEP_ACTS],
                                  [CHAIN_FWD_FEATS] = want[ANGLE_SWEEP_FEATS]},
                         .slack = {[CHAIN_FWD_ACTS] = slack[ANGLE_SWEEP_ACTS],
                                   [CHAIN_FWD_FEATS] = slack[ANGLE_SWEEP_FEATS]}});
    struct chain_case *y =
        chain_case(s, with[ANGLE_SWEEP_PACKED], with[ANGLE_SWEEP_PACKED_T], buf[ANGLE_SWEEP_BIAS]);
    struct angle_sweep a = sweep_of(&y->chain, with);
    if (!all_of(s)) a.grad2 = NULL;
    prepare(kernel_set(ISA_SCALAR), s, with);
    judge_steps(&plain, &a, buf, want, slack);
    free(y);
    for (size_t o = 0; o < count; o++) free(own[o]);
}

const struct kernel_spec angle_sweep_spec = {
    .name = "angle_sweep",
    .flag_names = {CHAIN_FLAG_NAMES, "backprop"},
    .formula = "cos(theta_l), |v_l|, |b_l| and loss decay of all layers of an MLP or ResNet",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILL_BIT(FILL_UNIT),
    .same_words = true,
    .operands = operands,
    .adjust = adjust,
    .prepare = prepare,
    .call = call,
    .oracle = oracle,
    .twin_without = 1u << ANGLE_SWEEP_BACK | 1u << ANGLE_SWEEP_GRAM | 1u << ANGLE_SWEEP_GRAD2 |
                    1u << ANGLE_SWEEP_TABLE,
    .flops = flops,
    .bytes = bytes,
};
