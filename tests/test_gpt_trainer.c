/* gpt_trainer and gpt_sampler against f64: a step with and without clipping, where a number ceases to be finite, the
 * logits and what is drawn from them. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/perturbed_gpt2.h"
#include "expect.h"
#include "train/gpt_sampler.h"
#include "train/gpt_trainer.h"

static bool close_to(double a, double b, double relative)
{
    return fabs(a - b) <= relative * fabs(b);
}

enum { LENGTH = 300, VOCAB = 40 };
static uint16_t text[LENGTH];
static const struct tokens tokens = {text, LENGTH, VOCAB, 0};

/* ---- a step */

static struct gpt_settings small(void)
{
    struct gpt_settings s = gpt_settings_default();
    s.config = (struct gpt2_config){
        .layers = 3, .heads = 2, .channels = 24, .context = 12, .vocab = VOCAB};
    s.batch = 5;
    s.steps = 20;
    s.warmup = 2;
    s.fresh.std = 0.1;
    if (gpt_settings_settle(&s, STATUS_USAGE) != STATUS_OK) abort();
    return s;
}

/* |grad| of the mean loss of the trainer's present windows, in f64 throughout; *loss becomes that loss. */
static double exact_norm(const struct gpt_trainer *t, double *loss)
{
    const size_t rows = t->step.batch * t->step.t, count = t->model.layout.count;
    double *each = perturbed_doubles(rows), *share = perturbed_doubles(rows);
    double *grad = perturbed_doubles(count), sum = 0.0;
    for (size_t i = 0; i < rows; i++) share[i] = 1.0 / (double)rows;
    perturbed_gpt2(&(struct perturbed){.seed = 0},
                   &(struct perturbed_gpt2){.config = t->settings.config,
                                            .batch = t->step.batch,
                                            .t = t->step.t,
                                            .eps = (double)GPT2_EPS,
                                            .single = t->model.param,
                                            .token = t->token,
                                            .target = t->target},
                   each, grad, share);
    *loss = 0.0;
    for (size_t i = 0; i < rows; i++) *loss += each[i] / (double)rows;
    for (size_t i = 0; i < count; i++) sum += grad[i] * grad[i];
    free(each);
    free(share);
    free(grad);
    return sqrt(sum);
}

/* The update of AdamW's first step, m = v = 0, of the clipped gradient as the step has left it, in f64. */
static void check_update(const struct gpt_trainer *t, const float *was, double norm, double rate)
{
    const struct gpt_settings *s = &t->settings;
    const double scale = s->clip > 0.0 && norm > s->clip ? s->clip / norm : 1.0;
    double worst = 0.0, square = 0.0;
    for (size_t i = 0; i < gpt2_tensor_count(&s->config); i++) {
        const struct gpt2_place place = gpt2_place(&s->config, i);
        const double keep = gpt2_is_matrix(place.tensor) ? 1.0 - rate * s->decay : 1.0;
        for (size_t j = place.from; j < place.from + place.count; j++) {
            const double g = scale * (double)t->step.grad[j];
            const double want = keep * (double)was[j] - rate * g / (fabs(g) + s->eps);
            /* Each factor and operation rounds once: some 16 of the quotient, 3 of the weight. */
            const double slack = 0x1p-24 * (16.0 * rate + 3.0 * fabs((double)was[j]));
            worst = fmax(worst, fabs((double)t->model.param[j] - want) / slack);
            square += (double)t->step.m[j] * (double)t->step.m[j];
        }
    }
    EXPECT(worst <= 1.0, "clip %g: a weight is off by %g of what rounding allows", s->clip, worst);
    EXPECT(close_to(sqrt(square), (1.0 - s->beta1) * norm * scale, 5.0 * 0x1p-24),
           "clip %g: |m| is %.9g, the gradient's norm %.9g", s->clip, sqrt(square), norm);
}

static void check_step(double clip, bool clips)
{
    struct gpt_settings s = small();
    struct gpt_trainer t;
    struct gpt_outcome first, out;
    s.clip = clip;
    if (gpt_trainer_open(&t, &s, &tokens, "the test") != STATUS_OK) abort();
    gpt_trainer_fresh(&t);
    const size_t bytes = t.model.layout.count * sizeof(float);
    float *was = malloc(bytes);
    if (!was) abort();
    memcpy(was, t.model.param, bytes);
    EXPECT(gpt_trainer_step(&t, &first) == STATUS_OK, "%s", status_text());
    EXPECT(t.done == 1 && first.rate == s.lr / 2.0, "step %zu, rate %g", t.done, first.rate);
    check_update(&t, was, first.norm, first.rate);
    memcpy(t.model.param, was, bytes);
    double loss;
    const double norm = exact_norm(&t, &loss);
    /* What gpt2_step's own check allows is less; a wrong share or a lost row would be 1e-2 and more. */
    EXPECT(close_to(first.norm, norm, 1e-5), "norm %.9g, in f64 %.9g", first.norm, norm);
    EXPECT(close_to(first.loss, loss, 1e-6), "loss %.9g, in f64 %.9g", first.loss, loss);
    EXPECT((norm > clip && clip > 0.0) == clips, "clip %g, norm %g: the test is idle", clip, norm);
    gpt_trainer_fresh(&t);
    memset(t.step.m, 0, bytes);
    memset(t.step.v, 0, bytes);
    t.done = 0;
    while (t.done < s.steps && gpt_trainer_step(&t, &out) == STATUS_OK) {}
    EXPECT(t.done == s.steps && out.loss < first.loss, "loss %g after %g", out.loss, first.loss);
    EXPECT(isfinite(gpt_trainer_held_out(&t)), "a loss of held-out tokens");
    free(was);
    gpt_trainer_close(&t);
}

/* A weight that is not finite is found where it is, and nothing is updated. */
static void check_broken(size_t at, const char *says)
{
    const struct gpt_settings s = small();
    struct gpt_trainer t;
    struct gpt_outcome out;
    if (gpt_trainer_open(&t, &s, &tokens, "the test") != STATUS_OK) abort();
    gpt_trainer_fresh(&t);
    t.model.param[at] = NAN;
    const float other = t.model.param[0];
    EXPECT(gpt_trainer_step(&t, &out) == STATUS_WRONG, "a NaN went through");
    EXPECT(strstr(status_text(), says) && strstr(status_text(), "step 1:"), "'%s' in: %s", says,
           status_text());
    EXPECT(t.done == 0 && t.model.param[0] == other, "an update");
    gpt_trainer_close(&t);
}

static void check_breaks(void)
{
    const struct gpt_settings s = small();
    const struct gpt2_layout at = gpt2_layout(&s.config);
    check_broken(at.offset[GPT2_FC_WEIGHT] + at.layer_stride, "in layer 1 of 0 to 2");
    check_broken(at.offset[GPT2_ATTN_WEIGHT], "in layer 0 of 0 to 2");
    check_broken(at.offset[GPT2_LN_F_WEIGHT], "behind the last layer");
    check_broken(at.offset[GPT2_WPE], "in the embeddings");
    struct gpt_settings bad = small();
    struct gpt_trainer t;
    bad.config.context = 16;
    bad.held_out = 0.05; /* 15 tokens */
    EXPECT(gpt_trainer_open(&t, &bad, &tokens, "the test") == STATUS_DATA &&
               strstr(status_text(), "a context of 16 takes at least 17"),
           "%s", status_text());
    gpt_trainer_close(&t);
}

/* ---- what a forward pass leaves, and sampling */

static void check_sampler(void)
{
    struct gpt2 model;
    const struct gpt_settings s = small();
    int32_t line[40], all, cut, cold, one;
    if (gpt2_open(&model, &s.config, "a test") != STATUS_OK) abort();
    gpt2_init(&model, kernel_set_best(), 1, &s.fresh);
    for (int i = 0; i < 40; i++) line[i] = (7 * i) % VOCAB;
    struct gpt_sampler draws = {.model = &model, .threads = 1, .temperature = 1.0, .top = VOCAB};
    if (gpt_sampler_open(&draws) != STATUS_OK) abort();
    EXPECT(gpt_sampler_next(&draws, line, 40, &all) == STATUS_OK, "%s", status_text());
    draws.drawn = 0;
    EXPECT(gpt_sampler_next(&draws, line + 28, 12, &cut) == STATUS_OK, "%s", status_text());
    EXPECT(all == cut, "what lies before the context counts: %d, %d", all, cut);
    /* The logits of the last position, and the losses, which have the next token as a target. */
    const float *logit = gpt2_step_logits(&draws.step) + 11 * s.config.vocab_padded;
    const float *stream = gpt2_step_stream(&draws.step, 0);
    double sum = 0.0;
    int32_t best = 0;
    for (int32_t i = 0; i < VOCAB; i++) {
        sum += exp((double)logit[i]);
        if (logit[i] > logit[best]) best = i;
    }
    EXPECT(close_to(draws.step.loss[11], log(sum) - (double)logit[line[39]], 1e-5), "loss %g",
           (double)draws.step.loss[11]);
    EXPECT(stream[11 * 24] == gpt2_view(&model, GPT2_WTE, 0).data[line[39] * 24] +
                                  gpt2_view(&model, GPT2_WPE, 0).data[11 * 24],
           "the stream of layer 0 is that of the embeddings");
    /* Frequencies of many draws, against softmax, within five standard errors. */
    enum { DRAWS = 4000 };
    int count = 0;
    for (int i = 0; i < DRAWS; i++) {
        if (gpt_sampler_next(&draws, line + 28, 12, &one) != STATUS_OK) abort();
        count += one == best;
    }
    const double p = exp((double)logit[best]) / sum, error = sqrt(p * (1.0 - p) / DRAWS);
    EXPECT(fabs((double)count / DRAWS - p) < 5.0 * error, "%d of %d draws, p %g", count, DRAWS, p);
    draws.temperature = 0.0;
    gpt_sampler_next(&draws, line + 28, 12, &cold);
    draws.temperature = 5.0;
    draws.top = 1;
    gpt_sampler_next(&draws, line + 28, 12, &one);
    EXPECT(cold == best && one == best, "cold %d, of one %d, likeliest %d", cold, one, best);
    line[39] = VOCAB;
    EXPECT(gpt_sampler_next(&draws, line + 28, 12, &one) == STATUS_DATA, "a token out of range");
    gpt_sampler_close(&draws);
    gpt2_close(&model);
}

int main(void)
{
    for (size_t i = 0; i < LENGTH; i++) text[i] = (uint16_t)(i % VOCAB);
    check_step(0.5, true);
    check_step(1e3, false);
    check_step(0.0, false);
    check_breaks();
    check_sampler();
    printf("%d checks, %d failures\n", checks, failures);
    return failures != 0;
}
