/* task: what a teacher memorizes: inputs with labels that, but for modular addition, do not hang on them; which of
 * them a student sees, and fresh ones that neither does.
 *
 *   model      inputs x                                               classes                           hidden layers
 *   logistic   normal, each feature then of mean 0 and deviation 1     2, one logit                      none, no bias
 *   linear     normal                                                 c                                 none, no bias
 *   mlp        normal                                                 c                                 one of p
 *   plane      uniform in [-1, 1]^2                                   c                                 one of p
 *   addition   a and b below d, one-hot: 2 d features                 d: (a + b) mod d                  two of p
 *   attention  a and b below d, as they are                           likewise                          a transformer's
 *   triples    three whole numbers below d, one-hot: 3 d features     c                                 one of p
 *
 * The transformer is a pair_net (studies/pair_net.h) of p hidden units, a fourth as many channels and four heads.
 * Fresh inputs are 1000 more of the kind; of a plane the cells of a map of it, PLANE_SIDE x PLANE_SIDE, row by row
 * from the lowest; of addition, by either network, all other pairs.
 * Labels: n / c of each class, in random order, but for addition, whose teacher sees n of the d^2 pairs. Everything
 * hangs on the seed alone.
 */
#ifndef DISTILLATION_TASK_H
#define DISTILLATION_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "studies/trainee.h"

enum model { LOGISTIC, LINEAR, MLP, PLANE, ADDITION, ATTENTION, TRIPLES, MODELS };
extern const char *const model_names[MODELS];

enum { PLANE_SIDE = 100 };

struct task_plan {
    enum model model;
    size_t d, n, c; /* of addition c is not looked at, of a plane d */
    uint64_t seed;
};

struct task {
    struct task_plan plan;
    size_t n, inputs, classes, outputs, fresh; /* n: a multiple of the classes, but for addition */
    float *x;                                  /* n x inputs, then fresh x inputs */
    int32_t *label;                            /* n, then fresh */
};

/* STATUS_OS where memory is short; close it whatever the status. */
enum status task_open(struct task *t, const struct kernel_set *set, const struct task_plan *plan);
void task_close(struct task *t);

/* The model adds numbers. */
static inline bool task_adds(const struct task_plan *plan)
{
    return plan->model == ADDITION || plan->model == ATTENTION;
}
size_t task_inputs(const struct task_plan *plan);
size_t task_classes(const struct task_plan *plan);

/* A network for it with hidden layers of p: of an MLP with its widths in width, which has room for NET_WIDTHS; p of a
 * transformer is a multiple of ATTENTION_P. */
enum { NET_WIDTHS = 4, ATTENTION_HEADS = 4, ATTENTION_P = 4 * ATTENTION_HEADS };
struct trainee task_net(const struct task_plan *plan, size_t p, size_t width[NET_WIDTHS]);

/* The first share rho of each class, of addition of all, into seen, the others into held; both in ascending order,
 * with room for n. Returns how many are seen. */
size_t task_split(const struct task *t, double rho, uint32_t *seen, uint32_t *held);
/* The inputs of `count` samples permuted within their class: sample i keeps its label and soft label and gets the
 * input of with[i]. */
void task_shuffle(const struct task *t, const uint32_t *seen, size_t count, uint32_t *with);

/* The streams of random numbers that a seed has, for whoever draws. */
enum stream {
    STREAM_INPUTS,
    STREAM_LABELS,
    STREAM_FRESH,
    STREAM_SHUFFLE,
    STREAM_ORDER,        /* of mini-batches, the teacher's and the student's */
    STREAM_TEACHER = 16, /* and those behind it: weights */
    STREAM_STUDENT = 32
};

#endif
