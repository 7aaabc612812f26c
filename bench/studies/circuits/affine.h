/* affine: what a wire is in a ReLU network: an affine form of neurons.
 *
 *   value = (bias + sum of weight * neuron) / 2^shift
 *
 * Everything is an integer, so that equal forms are found by their numbers: relu() of a form that was rectified
 * before is the neuron that it made then. A form lives on the level of its neurons; lift() makes the same value out
 * of neurons of a later one.
 *
 * Neurons are numbered in the order in which they are made, inputs too: a neuron's form has lower numbers only.
 */
#ifndef CIRCUITS_AFFINE_H
#define CIRCUITS_AFFINE_H

#include "studies/circuits/circuit.h"

struct term {
    int64_t weight;
    uint32_t neuron;
};

struct affine {
    size_t first; /* of its terms, by neuron, none of weight 0 */
    uint32_t count;
    uint32_t level;
    int shift;
    int64_t bias;
    struct range range; /* of the value, which is an integer */
    /* It is mul * base + add: what lift() lifts is the base, so that a bit and its complement pass as one. base is a
     * form's number + 1; 0: none. */
    size_t base;
    int64_t mul, add;
    size_t lifted; /* the form one level on, + 1; 0: not made yet */
};

struct neuron {
    size_t form;    /* it is relu() of; inputs: unused */
    size_t itself;  /* the form that is this neuron */
    uint32_t level; /* 0: an input */
    uint32_t next;  /* with the same hash, + 1; 0: the last */
    uint32_t group; /* of one group at most one is not 0; 0: no group */
    bool pass;      /* it carries a wire to the next level and belongs to no gate */
    int64_t most;   /* its greatest magnitude */
};

/* The exactness bound: within 2^bits units every sum is exact, whatever its order. */
struct number_format {
    const char *name;
    int bits;
};
extern const struct number_format format_f32, format_f64;

struct affines {
    bool skip; /* neurons may read all earlier levels: nothing is lifted */
    const struct number_format *format;
    struct list terms, forms, neurons;
    uint32_t *heads; /* of the hash table, neuron + 1 */
    size_t buckets;
    uint32_t groups;
    double over;    /* a sum that went beyond the format and was not made; 0: none */
    size_t checked; /* bytes that were found to be free */
    enum status status;
};

enum status affines_open(struct affines *f, bool skip, const struct number_format *format);
void affines_close(struct affines *f);

static inline struct affine *affine_at(const struct affines *f, size_t form)
{
    return (struct affine *)f->forms.at + form;
}
static inline const struct term *affine_terms(const struct affines *f, size_t form)
{
    return (const struct term *)f->terms.at + affine_at(f, form)->first;
}
static inline struct neuron *neuron_at(const struct affines *f, size_t neuron)
{
    return (struct neuron *)f->neurons.at + neuron;
}

/* The functions below return a form's number; after a failure, which is kept in `status`, any. */

size_t affine_input(struct affines *f, struct range range);

struct part {
    int64_t weight;
    size_t form;
};
/* bias + sum of weight * form, all lifted to the level of the last. */
size_t affine_mix(struct affines *f, int64_t bias, size_t count, const struct part *parts);
#define MIX(f, bias, ...)                                                                          \
    affine_mix((f), (bias), sizeof((struct part[]){__VA_ARGS__}) / sizeof(struct part),            \
               (struct part[]){__VA_ARGS__})
/* The same value in 2^-by: of a sum that is known to be a multiple. */
size_t affine_halve(struct affines *f, size_t form, int by);
/* The same, known to be in that range. */
size_t affine_within(struct affines *f, size_t form, struct range range);

/* max(form, 0), a neuron of the next level, of `group` unless that is 0. */
size_t affine_relu(struct affines *f, size_t form, uint32_t group);
/* The same value one level on. */
size_t affine_up(struct affines *f, size_t form);
/* The same value on that level or a later one. */
size_t affine_lift(struct affines *f, size_t form, uint32_t level);

/* S: |bias| + sum of |weight| times the greatest that the neuron can be, in units of 2^-shift. No partial sum in any
 * order is larger. */
double affine_sum(const struct affines *f, size_t form);

#endif
