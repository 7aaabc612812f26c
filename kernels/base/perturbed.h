/* perturbed: the layers of a transformer in f64, each result moved at random as rounding may move it: the
 * oracle of rooms that compose others.
 *
 * What the rounding of each step comes to at the end of a model has no useful bound in advance: worst cases multiply
 * from layer to layer. So the model is computed once exactly and then perturbed, every result of every
 * layer by an independent uniform error as large as the room's bound, gamma_n being replaced by sqrt(n) u: roundings
 * are as good as independent, and sums of n of them that far off at the most (Higham, Mary, "A new approach to
 * probabilistic rounding error analysis", SIAM J. Sci. Comput. 41, 2019). What that makes of an element, and of its
 * tensor on average, says how far a right result may lie off: Monte Carlo arithmetic (Parker, "Monte Carlo
 * arithmetic", 1997). Where a single may have overflowed the exact result is NaN, and anything is allowed.
 */
#ifndef BASE_PERTURBED_H
#define BASE_PERTURBED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct perturbed {
    uint64_t seed; /* 0: exact */
    uint64_t calls;
};

/* So many doubles, zeros, to be freed; ends the program where there is no memory. */
double *perturbed_doubles(size_t n);

/* How many perturbed runs a model of so many flops is worth: where terms and channels are few, single elements matter,
 * whose spread takes many runs to tell, and a run costs nothing; a large tensor's average is told by one. */
int perturbed_runs(double flops);
/* What run 0, which is exact, and then each perturbed run makes of each element. */
void perturbed_see(double *want, double *spread, const double *x, size_t n, uint64_t run);
/* After so many perturbed runs: from the spread of the elements of one tensor to how far each may lie off. Where there is no
 * telling, want becomes 0 and slack infinite. */
void perturbed_slack(double *want, double *spread, size_t n, int runs);

/* x[i] off by up to e[i], or by up to u |x[i]| where e is NULL; NaN where a single has no such value. */
void perturbed_move(struct perturbed *p, double *x, const double *e, size_t n);

/* dst = src w + bias, src and dst m rows. */
struct perturbed_linear {
    const double *w, *bias; /* k x n; n, or NULL */
    size_t m, n, k;
    bool transposed; /* w is n x k */
};
void perturbed_linear_fwd(struct perturbed *p, const struct perturbed_linear *a, double *dst,
                          const double *src);
/* dsrc, dw as w lies, and db, each NULL where it is not wanted. */
void perturbed_linear_bwd(struct perturbed *p, const struct perturbed_linear *a, double *dsrc,
                          double *dw, double *db, const double *ddst, const double *src);

/* m rows of n; stat: means, then reciprocal deviations. */
struct perturbed_norm {
    const double *gamma, *beta;
    size_t m, n;
    double eps;
};
void perturbed_norm_fwd(struct perturbed *p, const struct perturbed_norm *a, double *dst,
                        double *stat, const double *src);
/* dsrc is added to. */
void perturbed_norm_bwd(struct perturbed *p, const struct perturbed_norm *a, double *dsrc,
                        double *dgamma, double *dbeta, const double *ddst, const double *src,
                        const double *stat);

/* GELU in its tanh form; dsrc = ddst times its derivative, in place. */
void perturbed_gelu_fwd(struct perturbed *p, double *dst, const double *src, size_t n);
void perturbed_gelu_bwd(struct perturbed *p, double *d, const double *src, size_t n);

/* Causal attention in the packed layout: qkv of batch x t rows of 3 heads d, o of heads d; probs is batch x heads x t
 * x t, and what the softmax makes of the scores in the backward pass too. */
struct perturbed_attn {
    size_t batch, t, heads, d;
};
void perturbed_attn_fwd(struct perturbed *p, const struct perturbed_attn *a, double *o,
                        double *probs, const double *qkv);
void perturbed_attn_bwd(struct perturbed *p, const struct perturbed_attn *a, double *dqkv,
                        const double *grad, const double *o, const double *probs,
                        const double *qkv);

/* dst = x + y. */
void perturbed_sum(struct perturbed *p, double *dst, const double *x, const double *y, size_t n);

#endif
