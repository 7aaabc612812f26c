/* training: one network's training as a job of a sweep: its progress, and its state in a file. */
#ifndef DISTILLATION_TRAINING_H
#define DISTILLATION_TRAINING_H

#include "studies/sweep.h"
#include "studies/trainer.h"

struct training {
    size_t p;             /* units of a hidden layer */
    size_t epochs, batch; /* batch 0: all samples in each step */
    double lr, decay, beta2;
    size_t warmup; /* steps */
};

/* How a job is carried out. */
struct session {
    const struct kernel_set *set;
    struct sweep_worker *worker;
    const char *state; /* where the training's state is kept; NULL: nowhere */
    bool resume;       /* from there, where there is one */
    double save_every; /* seconds */
};

/* The rule of a network's training; rows, inputs and labels are to be filled in. */
struct trainer_plan training_plan(const struct trainee *net, const struct training *how,
                                  uint64_t seed);
/* From the state that is kept, where there is one, to the end. STATUS_OK though it was ended early: sweep_stopped()
 * tells. */
enum status training_run(const struct session *s, struct trainer *t, size_t epochs);
/* About, of a step on one thread. */
double training_step_seconds(const struct trainee *net, size_t rows);

#endif
