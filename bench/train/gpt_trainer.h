/* gpt_trainer: trains a GPT-2 on tokens, a step a call, on kernels/gpt2_step.
 *
 * All that decides the words of a run is in its settings and tokens: a step draws its windows from the seed and its own
 * number, there is no dropout, and the kernels give the same words on every lane and for any number of threads. So a
 * trainer that is given the weights, the moments and the number of steps of another goes on as that would have.
 *
 * The order of use: gpt_trainer_open(); gpt_trainer_fresh(), or a state that is read into it (train/gpt_state.h);
 * gpt_trainer_step() up to settings.steps times; gpt_trainer_close() whatever the status.
 */
#ifndef TRAIN_GPT_TRAINER_H
#define TRAIN_GPT_TRAINER_H

#include "kernel.h"
#include "train/gpt_settings.h"
#include "train/tokens.h"

struct gpt_trainer {
    struct gpt_settings settings;
    const struct kernel_set *set;
    int threads;
    size_t done; /* steps */
    struct gpt2 model;
    struct arena arena;
    struct gpt2_step step; /* what a step takes: among it the moments m and v */
    float *share;          /* each token's of the mean loss: dloss */
    int32_t *token, *target;
    struct windows train, held_out; /* held_out.count is 0 where nothing is */
};

/* What a trainer takes: parameters, gradient, moments, activations and the rest. */
double gpt_trainer_bytes(const struct gpt_settings *settings);

/* Zeros. The settings are settled; the tokens stay the caller's. STATUS_DATA where they are too few, with a sentence that
 * begins with `what`. */
enum status gpt_trainer_open(struct gpt_trainer *trainer, const struct gpt_settings *settings,
                             const struct tokens *tokens, const char *what);
void gpt_trainer_close(struct gpt_trainer *trainer);
void gpt_trainer_fresh(struct gpt_trainer *trainer);

struct gpt_outcome {
    double loss; /* of the batch, before the update */
    double norm; /* of its gradient, before it is clipped */
    double rate;
};
/* STATUS_WRONG where the loss or the gradient is not finite, with a sentence that names the step and where it
 * began; parameters and moments are then those before the step. */
enum status gpt_trainer_step(struct gpt_trainer *trainer, struct gpt_outcome *outcome);

/* The mean loss of evenly spread windows of the tokens that are held out; NaN where there are none. */
double gpt_trainer_held_out(struct gpt_trainer *trainer);

#endif
