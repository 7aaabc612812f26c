/* trainer: a network (studies/trainee.h) trained on labels, soft labels or values.
 *
 * Every step is on `batch` of the rows: all, or the next of them in an order that is drawn anew for each pass and
 * depends on (seed, stream, pass) alone; what is left of a pass at its end makes a smaller step. Nothing depends on
 * the number of threads, on the instruction set, or on whether the training was interrupted: the state after a step,
 * of parameters, moments and the step's number, can be written to a file and read back.
 */
#ifndef STUDIES_TRAINER_H
#define STUDIES_TRAINER_H

#include "base/arena.h"
#include "studies/trainee.h"

struct trainer_plan {
    struct trainee
        net; /* an MLP's widths are read as long as the trainer is open, as are the rows */
    size_t rows, batch;    /* batch 0: all rows */
    const float *src;      /* rows x trainee_inputs() */
    const float *probs;    /* rows x classes, as train_step has them; or NULL, and then */
    const int32_t *target; /* rows */
    float tau;             /* 0 is 1 */
    bool square;
    struct train_rule rule;
    size_t warmup; /* steps over which the learning rate rises to that of the rule */
    uint64_t seed, stream;
};

struct trainer {
    struct trainer_plan plan;
    const struct kernel_set *set;
    int threads;
    struct arena arena;
    struct train_step a; /* of the last step: its rows, gradient and losses */
    size_t step;         /* that were taken */
    double loss;         /* mean of the last step's rows, before its update */
    uint32_t *order;     /* of the rows in pass number `pass` - 1; NULL where steps take all */
    size_t pass;         /* 0: none was drawn */
    float *src, *probs;  /* of the rows of a step */
    int32_t *target;
};

/* STATUS_OS where memory is short, and then there is nothing to close; STATUS_DATA where a target is no class or an
 * input none that the network reads. Parameters are 0: they are to be filled in (trainee_init()) or read. A trainer is not
 * copied. */
enum status trainer_open(struct trainer *t, const struct kernel_set *set, int threads,
                         const struct trainer_plan *plan);
void trainer_close(struct trainer *t);

/* Called in each step when its gradient is there, before the update: t->step are those before it, an MLP's
 * activations and their gradients are train_step_acts(&t->a, l) and train_step_back(&t->a, l). False ends the training
 * before this update: it can go on from there as if nothing had been. */
struct trainer_watch {
    bool (*step)(const struct trainer *t, void *ctx);
    void *ctx;
};
/* Until so many steps were taken; watch may be NULL. Returns false where the watch ended it. */
bool trainer_run(struct trainer *t, size_t until, const struct trainer_watch *watch);
/* Steps of one pass over the rows. */
size_t trainer_steps_a_pass(const struct trainer_plan *plan);

/* What a network of these parameters says to `rows` rows of trainee_inputs() without gaps, all of them read and written
 * that way. STATUS_OS where memory is short. */
enum status trainer_outputs(const struct kernel_set *set, int threads, const struct trainee *net,
                            const float *param, float *dst, const float *src, size_t rows);

/* The state, whole or not at all. */
enum status trainer_save(const struct trainer *t, const char *path);
/* STATUS_NO_INPUT where there is no such file; STATUS_DATA, and the trainer as it was, where it is no state, not
 * whole, or that of another training: other widths, rule, rows or labels. */
enum status trainer_load(struct trainer *t, const char *path);

#endif
