/* workload: the operands of a case that is timed.
 *
 * A kernel's own shapes get unit-normal operands, weights N(0, scale^2 2 / fan_in). A chain of
 * layers gets real inputs: images of the data set pass a fixed random layer (pixels to `width`
 * features, He's scale, no ReLU), so that every width sees the same images; biases are zero; the
 * gradient that enters the backward pass is standard normal.
 */
#ifndef GRID_WORKLOAD_H
#define GRID_WORKLOAD_H

#include <stdint.h>

#include "base/arena.h"
#include "data/data.h"
#include "kernel.h"

struct workload {
    const struct kernel_spec *spec;
    struct shape shape;
    struct arena arena;
    struct operand op[OPERANDS_MAX];
    size_t ops;
    void *buf[OPERANDS_MAX];
};

enum status workload_open(struct workload *w, const struct kernel_spec *spec,
                          const struct shape *shape, uint64_t seed);

/* Replaces "src" by projected images and clears "bias" of a chain (mlp_fwd, mlp_bwd). A backward
 * chain's "acts" become those of the forward pass. */
enum status workload_set_inputs(struct workload *w, const struct data *data, uint64_t seed);

void workload_close(struct workload *w);

/* The operand's number; OPERANDS_MAX where the kernel has none of that name. */
size_t workload_find(const struct workload *w, const char *name);

/* What the scale does to a chain: moments of each layer's activations. */
struct signal {
    double gain; /* geometric mean over layers of rms(h_{l+1}) / rms(h_l); NaN after overflow */
    double dead; /* share of units that are zero for every input of the batch, over layers */
    double zero; /* share of activations that are zero */
    double subnormal; /* share of activations that are subnormal */
    double overflow;  /* share of activations that are not finite */
};
/* After a call of mlp_fwd, whose activations the workload then holds. */
void workload_signal(const struct workload *w, struct signal *signal);

#endif
