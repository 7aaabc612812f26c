/* bfk_moments: the first two moments of the spectrum of the backward-to-feature kernel K, from products alone.
 *
 *   M1 = tr K / dim,  M2 = tr K^2 / dim,  dim = bfk_dim(chain)
 *
 * At random initialization, for a backward pass that K does not depend on, cos(theta) -> M1 / sqrt(M2) with the width:
 * the moments' rule, which the spectrum of K alone decides.
 *
 * probes > 0: Hutchinson's estimator. z_p is a vector of independent signs, so that the means over p of z_p . K z_p / dim and of
 *         |K z_p|^2 / dim are M1 and M2 in expectation.
 * probes = 0: exact, of the dim unit vectors.
 *
 * chain   base/chain.h, with the rates of the step; biases are not looked at.
 * moments four doubles, as the enum below names them: M1, M2 and the standard error of each, the probes' standard deviation
 *         over sqrt(probes): NaN for one probe, 0 for exact moments. All NaN where dim = 0.
 * probes  below 2^32.
 * seed    sign i of probe p, z_p[i], is -1 where bit i mod 32 is set in output (i / 32) mod 4 of the Philox counter
 *         (i / 128, p, 0, BFK_MOMENTS_STREAM), key = seed, its lower half first; else +1.
 * acts, gram  as bfk_product takes them; read only.
 * scratch bfk_moments_scratch(chain) floats of work space.
 * Any alignment, rows without gaps; no overlap.
 * m, depth and the layers' sizes  any value that chain_check() passes.
 * Special as the rooms say: one NaN in K makes the moments NaN.
 * Order   part of the contract: K z as bfk_product, x = z . K z and |K z|^2 as dot_norms, divided by dim where z is a probe. From 0:
 *         d = x - mean; mean += d / (p + 1); square += d (x - mean), p = 0, 1, ..; the standard error is sqrt(square / (probes
 *         (probes - 1))). The same words on every lane and for any number of threads.
 * Error   with e the bound on K z that bfk_product has, z . K z errs by sum of e, |K z|^2 by sum of 2 |K z| e + e^2; the standard
 *         error by the root of the sum of their squares over (probes (probes - 1)).
 * Cost    a bfk_product a probe.
 * Source  Hutchinson, "A stochastic estimator of the trace of the influence matrix", Comm. Statist. Simulation Comput. 19, 1990;
 *         the rule: Chizat, Netrapalli, "The feature speed formula", NeurIPS 2024, arXiv 2311.18718; the updates of mean and square: Welford, 1962.
 */
#ifndef BFK_MOMENTS_H
#define BFK_MOMENTS_H

#include <stdint.h>

#include "../base/chain.h"

/* Operands of the spec: chain_case.h says what its shapes and flags are; heads is the number of probes. */
enum {
    BFK_MOMENTS_MOMENTS,
    BFK_MOMENTS_ACTS,
    BFK_MOMENTS_GRAM,
    BFK_MOMENTS_W,
    BFK_MOMENTS_PACKED,
    BFK_MOMENTS_PACKED_T,
    BFK_MOMENTS_SCRATCH
};
enum { BFK_MOMENT1, BFK_MOMENT2, BFK_MOMENT1_ERROR, BFK_MOMENT2_ERROR, BFK_MOMENTS_FIELDS };

#define BFK_MOMENTS_STREAM 0x7369676eu

struct bfk_moments {
    const struct chain *chain;
    double *moments;
    size_t probes;
    uint64_t seed;
    const float *acts, *gram;
    float *scratch;
};

size_t bfk_moments_scratch(const struct chain *c);

struct kernel_set;
/* On up to `threads` threads: each room takes those that pay. */
void bfk_moments(const struct kernel_set *set, int threads, const struct bfk_moments *a);

#endif
