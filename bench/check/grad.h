/* grad: gradients against central differences of the forward pass in f64. */
#ifndef CHECK_GRAD_H
#define CHECK_GRAD_H

#include "judge.h"

/* The gradients that a problem should have, as its spec's struct grad declares them. */
struct grads {
    const struct problem *p;
    size_t elements, kinks; /* compared; left out beside a kink */
    double *want, *allowed; /* in the order of the pairs and their elements; NaN: left out */
    struct arena arena;
};

/* True where the shape is large enough to tell and small enough to take differences by every input. */
bool grads_fit(const struct kernel_spec *spec, const struct shape *shape);

/* Settles the problem's operands, asks its oracle anew and takes the differences. STATUS_OS where memory ran
 * out; then there is nothing to close. */
enum status grads_open(struct grads *g, struct problem *p);
void grads_close(struct grads *g);

/* out is problem_gather()'s. False with *finding filled; *seen grows. */
bool grads_judge(const struct grads *g, const void *out, struct readout *seen,
                 struct finding *finding);

#endif
