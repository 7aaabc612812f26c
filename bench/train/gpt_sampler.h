/* gpt_sampler: continues a text, token by token, as a GPT-2 would.
 *
 * The next token of a text is drawn from softmax(logits / temperature) over the `top` most likely ones, equal logits in
 * the order of their tokens; with a temperature of 0 it is the most likely. Draw n depends on the seed and n alone: the
 * same model, text and seed continue alike, for any number of threads. The model sees the last `context` tokens of the text
 * and works through all of them for each new one: nothing is kept from one to the next.
 */
#ifndef TRAIN_GPT_SAMPLER_H
#define TRAIN_GPT_SAMPLER_H

#include "kernel.h"
#include "model/gpt2.h"

struct gpt_sampler {
    const struct gpt2 *model;
    const struct kernel_set *set;
    int threads;
    double temperature; /* at least 0 */
    size_t top;         /* at least 1; more than the vocabulary is all of it */
    uint64_t seed, drawn;
    struct arena arena;
    struct gpt2_step step;
    struct gpt_choice *choice;
};

/* What the caller has set: model, temperature, top, seed. */
enum status gpt_sampler_open(struct gpt_sampler *sampler);
void gpt_sampler_close(struct gpt_sampler *sampler);
/* Of length >= 1. STATUS_WRONG where the logits are not finite, STATUS_DATA where the text has a token that is not in
 * the vocabulary. */
enum status gpt_sampler_next(struct gpt_sampler *sampler, const int32_t *text, size_t length,
                             int32_t *next);

#endif
