/* perturbed_mlp: the loss of a ReLU MLP and its gradient in f64, each result moved as rounding may move it
 * (base/perturbed.h): the oracle of train_step.
 */
#ifndef BASE_PERTURBED_MLP_H
#define BASE_PERTURBED_MLP_H

#include <stdint.h>

#include "mlp_layout.h"
#include "perturbed.h"

/* Units whose inputs lie within rounding of 0: f64 says of them on which side of its kink they are, a variant that sums
 * in another order may say otherwise, and each passes its gradient or not. m x mlp_units(net, depth - 1) each. */
struct perturbed_kinks {
    double *z, *slack; /* inputs of the exact run; their spread, then how far each may lie off */
    double *d;         /* the gradient of what the unit puts out, of the exact run */
};

struct perturbed_mlp {
    struct mlp_layout net;
    size_t m;
    const double *param, *src; /* m x width[0], no gaps */
    const double *target;      /* m x mlp_classes(), distributions or values */
    double tau;
    bool square; /* half the squared error in place of the cross entropy */
    struct perturbed_kinks
        *kinks; /* NULL, or what the runs, the exact one first, leave for perturbed_mlp_kinks();
                                    * all have the exact run's sides then */
    uint64_t *sides; /* NULL, or a number that tells on which side of its kink each unit is */
};

/* loss: m; grad, of sum over i of dloss[i] loss[i], as the parameters lie, or NULL. */
void perturbed_mlp(struct perturbed *p, const struct perturbed_mlp *a, double *loss, double *grad,
                   const double *dloss);

/* Zeros, to be closed. */
struct perturbed_kinks perturbed_kinks_open(const struct mlp_layout *net, size_t m);
void perturbed_kinks_close(struct perturbed_kinks *kinks);
/* After so many perturbed runs: adds to slack, of the gradient, what it may be off by since such units may be on
 * either side: all that they pass on. */
void perturbed_mlp_kinks(const struct perturbed_mlp *a, double *slack, int runs);

#endif
