#include "train/gpt_sampler.h"

#include <math.h>
#include <stdlib.h>

#include "base/par.h"
#include "base/rng.h"

enum { DRAW = 0x74657874 }; /* the stream of Philox, which no tensor and no window has */

struct gpt_choice {
    float logit;
    int32_t token;
};

enum status gpt_sampler_open(struct gpt_sampler *s)
{
    const struct gpt2_config *c = &s->model->config;
    const size_t scratch = gpt2_step_scratch(c, 1, c->context);
    s->set = kernel_set_best();
    if (s->threads == 0) s->threads = par_max_threads();
    const enum status status =
        arena_open(&s->arena,
                   arena_bytes(scratch, sizeof(float)) + arena_bytes(c->context, sizeof(float)) +
                       arena_bytes(c->vocab, sizeof *s->choice),
                   "sampling");
    if (status != STATUS_OK) return status;
    s->step = (struct gpt2_step){.config = *c, .batch = 1, .param = s->model->param};
    s->step.scratch = arena_take(&s->arena, scratch, sizeof(float));
    s->step.loss = arena_take(&s->arena, c->context, sizeof(float));
    s->choice = arena_take(&s->arena, c->vocab, sizeof *s->choice);
    return STATUS_OK;
}

void gpt_sampler_close(struct gpt_sampler *s)
{
    arena_close(&s->arena);
}

static int likely_first(const void *a, const void *b)
{
    const struct gpt_choice *const x = a, *const y = b;
    if (x->logit != y->logit) return x->logit > y->logit ? -1 : 1;
    return (x->token > y->token) - (x->token < y->token);
}

/* In [0, 1), 53 bits. */
static double uniform(struct gpt_sampler *s)
{
    const uint32_t key[2] = {(uint32_t)s->seed, (uint32_t)(s->seed >> 32)};
    const uint32_t counter[4] = {(uint32_t)s->drawn, (uint32_t)(s->drawn >> 32), 0, DRAW};
    uint32_t out[4];
    philox4x32_10(counter, key, out);
    s->drawn++;
    return (double)(((uint64_t)out[1] << 32 | out[0]) >> 11) * 0x1p-53;
}

static int32_t draw(struct gpt_sampler *s, size_t vocab)
{
    const size_t top = s->top < vocab ? s->top : vocab;
    const double most = s->choice[0].logit, u = uniform(s);
    double all = 0.0, sum = 0.0;
    size_t i = 0;
    if (s->temperature == 0.0) return s->choice[0].token;
    for (size_t j = 0; j < top; j++) all += exp((s->choice[j].logit - most) / s->temperature);
    for (; i + 1 < top; i++) {
        sum += exp((s->choice[i].logit - most) / s->temperature);
        if (u * all < sum) break;
    }
    return s->choice[i].token;
}

enum status gpt_sampler_next(struct gpt_sampler *s, const int32_t *text, size_t length,
                             int32_t *next)
{
    const struct gpt2_config *c = &s->model->config;
    s->step.t = length < c->context ? length : c->context;
    /* The losses are not looked at. */
    s->step.token = s->step.target = text + length - s->step.t;
    const enum status status = gpt2_step_fwd(s->set, s->threads, &s->step);
    if (status != STATUS_OK) return status;
    const float *logit = gpt2_step_logits(&s->step) + (s->step.t - 1) * c->vocab_padded;
    for (size_t i = 0; i < c->vocab; i++) {
        if (!isfinite(logit[i]))
            return fail(STATUS_WRONG, "token %zu: the logit of %zu is %g", length, i,
                        (double)logit[i]);
        s->choice[i] = (struct gpt_choice){logit[i], (int32_t)i};
    }
    qsort(s->choice, c->vocab, sizeof *s->choice, likely_first);
    *next = draw(s, c->vocab);
    return STATUS_OK;
}
