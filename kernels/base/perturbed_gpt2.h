/* perturbed_gpt2: a GPT-2 with its loss in f64, of the layers of perturbed.h: the oracle of gpt2_step. */
#ifndef BASE_PERTURBED_GPT2_H
#define BASE_PERTURBED_GPT2_H

#include "gpt2_layout.h"
#include "perturbed.h"

struct perturbed_gpt2 {
    struct gpt2_config config;
    size_t batch, t;
    double eps;          /* of the layernorms */
    const float *single; /* the parameters as base/gpt2_layout.h lays them out, or NULL: */
    const double *param;
    const int32_t *token, *target; /* batch x t each */
};

/* loss: batch x t, each token's. grad: NULL for the forward pass alone, or laid out as the parameters, what lies
 * between tensors with +0; dloss the gradient of each loss. */
void perturbed_gpt2(struct perturbed *p, const struct perturbed_gpt2 *a, double *loss, double *grad,
                    const double *dloss);

#endif
