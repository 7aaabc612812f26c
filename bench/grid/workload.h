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
    struct operand op[OPERANDS_MAX];
    size_t ops;
    void *buf[OPERANDS_MAX];
    /* Packed operands once more, where a plug-in packs in an order of its own; a sweep does not move them. */
    bool own;
    void *packed[OPERANDS_MAX];
    char *slot[OPERANDS_MAX]; /* of a sweep: a page's start and room for every placement */
    size_t copies;            /* of all operands, for calls to take turns at; 1: hot */
    bool sweep;               /* one copy, that workload_place() moves */
    size_t stride; /* bytes from an operand in one copy to that in the next; the first is buf */
};

/* Bytes of the operands, in double since shapes may be absurd. */
double workload_bytes(const struct kernel_spec *spec, const struct shape *shape);

/* Copies that take turns so that each is beyond `cached` bytes of cache when its turn comes: between
 * two calls on one copy the others move twice that many bytes. At least 2. */
size_t workload_copies_beyond(size_t cached, const struct kernel_spec *spec,
                              const struct shape *shape);

/* The operands of w->spec at w->shape, w->copies times (0 becomes 1), in memory that stays the caller's. */
enum status workload_open(struct workload *w, struct arena *memory);
/* One of the two: a kernel's own contents, or real ones. */
void workload_draw(struct workload *w, uint64_t seed);

/* Of a chain (mlp_fwd, mlp_bwd). A backward chain's "acts" are those of the forward pass. */
enum status workload_set_inputs(struct workload *w, const struct data *data, uint64_t seed);

/* What calls find packed, once the inputs are filled. */
void workload_prepare(const struct workload *w);
/* Once the first is filled and prepared: its contents in all others. */
void workload_fill_copies(const struct workload *w);
/* Moves the operands of a sweep, contents and all, to where a placement has them (grid/placement.h); they are opened at
 * placement 0. */
void workload_place(struct workload *w, size_t placement);
/* Where the operands of that copy are; those of a plug-in's lane. */
void workload_copy(const struct workload *w, size_t copy, void *buf[OPERANDS_MAX]);
void workload_copy_own(const struct workload *w, size_t copy, void *buf[OPERANDS_MAX]);

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
