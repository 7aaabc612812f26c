/* adamw_step: one step of Adam with decoupled weight decay.
 *
 *   g = scale * dw[i]
 *   m[i] = beta1 * m[i] + (1 - beta1) * g
 *   v[i] = beta2 * v[i] + (1 - beta2) * g^2
 *   w[i] = (1 - lr * decay) * w[i] - lr / (1 - beta1^t) * m[i] / (sqrt(v[i] / (1 - beta2^t)) + eps)
 *
 * w, m, v n floats each, any alignment. Overlap nothing.
 * dw      n floats, any alignment; read only.
 * n       any value.
 * lr, beta1, beta2, eps, decay, scale  any values, in doubles: the factors above are made of them once a call;
 *         betas from 0 to below 1 and eps > 0 are meant. scale is 1, or what clips the norm of the gradient.
 * t       the number of the step, from 1.
 * Special IEEE 754 throughout; which NaN comes out is not specified. A v that is below 0 makes NaN.
 * Order   part of the contract, each factor rounded to f32 from its exact value (struct adamw_factors):
 *           g = scale * dw,  m = fma(beta1, m, rest1 * g),  v = fma(rest2 * g, g, beta2 * v)
 *           w = fma(-rate, m / fma(sqrt(v), root, eps), keep * w)
 *         Divisions and square roots are rounded correctly: every variant returns the same words.
 * Error   with the factors as rounded, u = 2^-24, e = 2^-150, what is rounded before it in absolute values:
 *           g: u |g| + e = dg;  m: u |m| + u |rest1 g| + |rest1| dg + 2 e = dm
 *           v: u v + 4 u rest2 g^2 + u |beta2 v| + 2 |rest2 g| e + 2 e = dv; sqrt(v) lies between those of v - dv and v + dv
 *           the quotient within its extremes over these intervals and two roundings more, and w rounds twice.
 * Cost    13 n flops, two of them a division and a square root, 16 n bytes read, 12 n written.
 * Source  Loshchilov, Hutter, "Decoupled weight decay regularization", arXiv:1711.05101, algorithm 2, with eps
 *         outside of the root and decay times lr, as PyTorch's AdamW has them.
 */
#ifndef ADAMW_STEP_H
#define ADAMW_STEP_H

#include <stddef.h>

/* Operands of the spec. lr is the shape's scale, the rest ADAMW_STEP_SPEC. */
enum { ADAMW_STEP_W, ADAMW_STEP_M, ADAMW_STEP_V, ADAMW_STEP_DW };

struct adamw_options {
    double lr, beta1, beta2, eps, decay, scale;
    size_t t;
};
#define ADAMW_STEP_SPEC(rate)                                                                      \
    {                                                                                              \
        .lr = rate, .beta1 = 0.9, .beta2 = 0.95, .eps = 1e-8, .decay = 0.1, .scale = 0.5, .t = 3   \
    }

/* rest1 = 1 - beta1, rest2 = 1 - beta2, keep = 1 - lr decay, rate = lr / (1 - beta1^t),
 * root = 1 / sqrt(1 - beta2^t). */
struct adamw_factors {
    float scale, beta1, rest1, beta2, rest2, keep, rate, root, eps;
};
struct adamw_factors adamw_factors(const struct adamw_options *options);

struct adamw_step {
    float *w, *m, *v;
    const float *dw;
    size_t n;
    struct adamw_factors by;
};

typedef void adamw_step_fn(const struct adamw_step *a);

/* For oracles: what the step makes of w, m and v where scale times the gradient, rounded, is within dg of g; how far
 * right results may lie from it, infinite where anything may come out. In the order of the operands. */
struct adamw_bound {
    double want[ADAMW_STEP_DW], slack[ADAMW_STEP_DW];
};
struct adamw_bound adamw_bound(const struct adamw_factors *by, const float old[ADAMW_STEP_DW],
                               double g, double dg);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void adamw_step(const struct kernel_set *set, int threads, const struct adamw_step *a);

#endif
