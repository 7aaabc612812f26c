/* perturbed_mlp: the loss of a ReLU MLP and its gradient in f64, each result moved as rounding may move it
 * (base/perturbed.h): the oracle of train_step.
 */
#ifndef BASE_PERTURBED_MLP_H
#define BASE_PERTURBED_MLP_H

#include <stdint.h>

#include "mlp_layout.h"
#include "perturbed.h"

struct perturbed_mlp {
    struct mlp_layout net;
    size_t m;
    const double *param, *src; /* m x width[0], no gaps */
    const double *target;      /* m x mlp_classes(), distributions or values */
    double tau;
    bool square;     /* half the squared error in place of the cross entropy */
    uint64_t *sides; /* NULL, or a number that tells on which side of its kink each unit is */
};

/* loss: m; grad, of sum over i of dloss[i] loss[i], as the parameters lie, or NULL. */
void perturbed_mlp(struct perturbed *p, const struct perturbed_mlp *a, double *loss, double *grad,
                   const double *dloss);

#endif
