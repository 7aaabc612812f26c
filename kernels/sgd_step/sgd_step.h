/* sgd_step: one step of gradient descent, with weight decay.
 *
 *   g = dw[i] + decay * w[i]        (g = dw[i] where decay is 0)
 *   w[i] = w[i] - lr * g
 *
 * w       n floats, any alignment; does not overlap dw.
 * dw      n floats, any alignment; read only.
 * lr      the learning rate: any value.
 * decay   the factor of the L2 penalty's gradient: any value. 0 leaves the first line out, so that an
 *         infinite weight does not become NaN.
 * n       any value.
 * Special IEEE 754 throughout; which NaN comes out is not specified.
 * Order   part of the contract: g = fma(decay, w, dw), w = fma(-lr, g, w): every variant returns the same
 *         words.
 * Error   g is rounded once and w once, u = 2^-24:
 *         |w - exact| <= u |exact| + (1 + u) |lr| (u |g| + 2^-150) + 2^-150; without decay g is exact.
 * Cost    2 n flops, 4 n with decay; 8 n bytes read, 4 n written.
 * Source  papers: feature learning and signal propagation; initialization and variance dynamics.
 */
#ifndef SGD_STEP_H
#define SGD_STEP_H

#include <stddef.h>

/* Operands of the spec. lr is the shape's scale; with flag decay, decay is SGD_STEP_SPEC_DECAY,
 * else 0. */
enum { SGD_STEP_W, SGD_STEP_DW };
enum { SGD_STEP_FLAG_DECAY = 1 };
#define SGD_STEP_SPEC_DECAY 0.01f

typedef void sgd_step_fn(float *w, const float *dw, float lr, float decay, size_t n);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void sgd_step(const struct kernel_set *set, int threads, float *w, const float *dw, float lr,
              float decay, size_t n);

#endif
