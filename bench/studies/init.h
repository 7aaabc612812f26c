/* init: fresh weights of a dense layer, k inputs to n outputs, and of a ReLU MLP.
 *
 *   kind              weights                                        biases
 *   INIT_LINEAR       uniform in +-1 / sqrt(k), PyTorch's Linear     the same
 *   INIT_HE           deviation sqrt(2 / k)         (Kaiming)        0
 *   INIT_XAVIER       deviation sqrt(2 / (k + n))   (Glorot)         0
 *   INIT_LECUN        deviation sqrt(1 / k)                          0
 *   INIT_FIXED        deviation 1                                    0
 *   INIT_ORTHOGONAL   orthonormal rows, or columns where k > n       0
 *
 * times `gain`. Gaussian, or with `uniform` uniform with that deviation. The same words for any number of threads and
 * on every instruction set, from (seed, stream) alone.
 */
#ifndef STUDIES_INIT_H
#define STUDIES_INIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mlp_layout.h"
#include "kernel.h"

enum init_kind {
    INIT_LINEAR,
    INIT_HE,
    INIT_XAVIER,
    INIT_LECUN,
    INIT_FIXED,
    INIT_ORTHOGONAL,
    INIT_KINDS
};

struct init {
    enum init_kind kind;
    bool uniform;
    double gain; /* 0 is 1 */
};

/* Which random numbers are meant. */
struct init_source {
    uint64_t seed, stream;
};

/* The standard deviation of the weights; of an orthogonal matrix the root mean square. */
double init_deviation(const struct init *init, size_t k, size_t n);
/* k x n, rows without gaps. */
void init_weights(const struct kernel_set *set, int threads, const struct init *init, float *w,
                  size_t k, size_t n, struct init_source from);
/* All parameters: layer l takes streams from.stream + 2 l and the next. */
void init_mlp(const struct kernel_set *set, int threads, const struct init *init, float *param,
              const struct mlp_layout *net, struct init_source from);
/* `rows` rows of n >= rows made orthonormal, each against those before it, twice. */
void init_orthonormalize(const struct kernel_set *set, float *w, size_t rows, size_t n);

#endif
