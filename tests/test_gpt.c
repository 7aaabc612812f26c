/* The parts of `hinge train gpt` against what their headers say: the schedule, the text and its windows, fresh weights, a
 * step with and without clipping against f64, bands, sampling. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/perturbed_gpt2.h"
#include "report/bytes.h"
#include "train/bands.h"
#include "train/gpt_sampler.h"
#include "train/gpt_schedule.h"
#include "train/gpt_trainer.h"

static int failures, checks;

#define EXPECT(condition, ...)                                                                     \
    do {                                                                                           \
        checks++;                                                                                  \
        if (!(condition)) {                                                                        \
            failures++;                                                                            \
            printf("%s:%d: %s: ", __FILE__, __LINE__, #condition);                                 \
            printf(__VA_ARGS__);                                                                   \
            putchar('\n');                                                                         \
        }                                                                                          \
    } while (0)

static bool close_to(double a, double b, double relative)
{
    return fabs(a - b) <= relative * fabs(b);
}

/* ---- schedule */

static void check_schedule(void)
{
    const struct gpt_schedule s = {.top = 2.0, .end = 0.5, .warmup = 10, .steps = 50};
    const struct {
        size_t step;
        double rate;
    } known[] = {{1, 0.2},   {5, 1.0},
                 {10, 2.0},  {20, 0.5 + 0.75 * (1.0 + sqrt(0.5))},
                 {30, 1.25}, {40, 0.5 + 0.75 * (1.0 - sqrt(0.5))},
                 {50, 0.5}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        EXPECT(close_to(gpt_schedule_rate(&s, known[i].step), known[i].rate, 1e-15),
               "step %zu: %.17g", known[i].step, gpt_schedule_rate(&s, known[i].step));
    for (size_t step = 11; step <= 50; step++)
        EXPECT(gpt_schedule_rate(&s, step) < gpt_schedule_rate(&s, step - 1), "step %zu", step);
    const struct gpt_schedule none = {1.0, 0.0, 0, 4}, all = {1.0, 0.0, 4, 4};
    EXPECT(close_to(gpt_schedule_rate(&none, 2), 0.5, 1e-15), "no warm-up: halfway");
    EXPECT(gpt_schedule_rate(&none, 4) == 0.0, "no warm-up: the end");
    EXPECT(gpt_schedule_rate(&all, 4) == 1.0, "warm-up alone: the end");
}

/* ---- bands */

enum { RECORDS = 401, APART = 10 };

static struct band band_where(double (*x)(double step), size_t ld)
{
    static double step[RECORDS], value[2 * RECORDS];
    for (size_t i = 0; i < RECORDS; i++) {
        step[i] = (double)(APART * i);
        value[i * ld] = x(step[i]);
    }
    return band_of(step, value, RECORDS, ld);
}

static double grows(double step)
{
    return 0.03 - 0.01 * exp(-step / 200.0);
}

static double shrinks(double step)
{
    return 0.02 + 0.01 * exp(-step / 355.0);
}

static double ramps(double step)
{
    return 0.01 + 1e-5 * step;
}

static double stays(double step)
{
    return fmod(step, 20.0) > 0.0 ? 0.02 : 0.0201;
}

static void check_bands(void)
{
    for (size_t ld = 1; ld <= 2; ld++) {
        const struct band up = band_where(grows, ld), down = band_where(shrinks, ld);
        EXPECT(up.settled && close_to(up.level, 0.03, 1e-6), "level %g", up.level);
        EXPECT(up.start == grows(0.0) && up.tau == 200.0, "start %g, tau %g", up.start, up.tau);
        /* The last quarter is steps 3000 to 4000. */
        EXPECT(up.lo == grows(3000.0) && up.hi == grows(4000.0), "%g..%g", up.lo, up.hi);
        /* 355 falls between two records. */
        EXPECT(down.settled && down.tau == 360.0, "tau %g", down.tau);
    }
    const struct band ramp = band_where(ramps, 1), still = band_where(stays, 1);
    EXPECT(!ramp.settled && close_to(ramp.level, 0.045, 1e-12), "a ramp: %g", ramp.level);
    EXPECT(still.settled && isnan(still.tau), "what goes nowhere: tau %g", still.tau);
    const double step[] = {0, 1, 2, 3, 4, 5, 6, 7, 8}, x[9] = {1.0};
    EXPECT(isnan(band_of(step, x, 9, 1).level), "three records in the last quarter are no band");
}

/* ---- fresh weights */

static void check_deviations(void)
{
    const struct gpt2_config c = {
        .layers = 8, .heads = 4, .channels = 192, .context = 16, .vocab = 50, .vocab_padded = 128};
    const struct {
        enum gpt2_rule rule;
        double attn, o, fc, proj;
    } want[GPT2_RULES] = {
        {GPT2_RULE_GPT2, 0.02, 0.005, 0.02, 0.005},
        {GPT2_RULE_NORMAL, 0.02, 0.02, 0.02, 0.02},
        {GPT2_RULE_KAIMING, sqrt(2.0 / 192), sqrt(2.0 / 192), sqrt(2.0 / 192), sqrt(2.0 / 768)},
        {GPT2_RULE_XAVIER, sqrt(1.0 / 192), sqrt(1.0 / 192), sqrt(2.0 / 960), sqrt(2.0 / 960)},
        {GPT2_RULE_MUP, 0.04, 0.01, 0.04, 0.01}};
    for (int i = 0; i < GPT2_RULES; i++) {
        const struct gpt2_fresh fresh = {want[i].rule, 0.02, 7};
        const struct {
            enum gpt2_tensor tensor;
            double std;
        } each[] = {{GPT2_ATTN_WEIGHT, want[i].attn},
                    {GPT2_ATTN_PROJ_WEIGHT, want[i].o},
                    {GPT2_FC_WEIGHT, want[i].fc},
                    {GPT2_FC_PROJ_WEIGHT, want[i].proj},
                    {GPT2_WTE, 0.02},
                    {GPT2_WPE, 0.02}};
        struct gpt2 model;
        if (gpt2_open(&model, &c, "a test") != STATUS_OK) abort();
        gpt2_init(&model, kernel_set_best(), 1, &fresh);
        for (size_t t = 0; t < sizeof each / sizeof *each; t++) {
            const char *rule = gpt2_rule_name(want[i].rule);
            const struct gpt2_view view = gpt2_view(&model, each[t].tensor, 0);
            const size_t count = view.rows * view.cols;
            double m[MOMENTS_FIELDS];
            moments(kernel_set_best(), 1, view.data, count, m);
            EXPECT(close_to(gpt2_deviation(&c, each[t].tensor, &fresh), each[t].std, 1e-14),
                   "%s, %s", rule, view.name);
            /* Five standard errors of a normal sample. */
            EXPECT(
                close_to(sqrt(m[MOMENTS_VARIANCE]), each[t].std, 5.0 / sqrt(2.0 * (double)count)),
                "%s, %s: drawn with %g", rule, view.name, sqrt(m[MOMENTS_VARIANCE]));
        }
        EXPECT(gpt2_rule_named(gpt2_rule_name(want[i].rule)) == want[i].rule, "rule %d", i);
        gpt2_close(&model);
    }
}

/* ---- windows */

enum { LENGTH = 300, VOCAB = 40 };
static uint16_t text[LENGTH];
static const struct tokens tokens = {text, LENGTH, VOCAB, 0};

static void check_windows(void)
{
    enum { BATCH = 64, T = 10, FROM = 50, COUNT = 40 };
    const struct windows w = {&tokens, FROM, COUNT, BATCH, T};
    static int32_t token[BATCH * T], target[BATCH * T], again[BATCH * T];
    bool seen[LENGTH] = {false};
    size_t starts = 0;
    for (uint64_t step = 1; step <= 30; step++) {
        windows_draw(&w, 3, step, token, target);
        windows_draw(&w, 3, step, again, target);
        EXPECT(memcmp(token, again, sizeof token) == 0, "step %d: other windows", (int)step);
        for (size_t row = 0; row < BATCH; row++) {
            /* text[i] is i % VOCAB, and the stretch no longer than that: the first token tells where it lies. */
            const size_t at = FROM + ((size_t)token[row * T] + VOCAB - FROM % VOCAB) % VOCAB;
            for (size_t i = 0; i < T; i++)
                EXPECT(at + i + 1 < FROM + COUNT && token[row * T + i] == text[at + i] &&
                           target[row * T + i] == text[at + i + 1],
                       "row %zu from %zu", row, at);
            starts += !seen[at];
            seen[at] = true;
        }
    }
    EXPECT(starts == COUNT - T, "%zu of %d starts were drawn", starts, COUNT - T);
    windows_draw(&w, 3, 1, token, target);
    windows_draw(&w, 4, 1, again, target);
    EXPECT(memcmp(token, again, sizeof token) != 0, "another seed, the same windows");
    windows_spread(&w, 0, BATCH, token, target);
    EXPECT(token[0] == text[FROM] && target[BATCH * T - 1] == text[FROM + COUNT - 1],
           "spread from %d to %d", token[0], target[BATCH * T - 1]);
}

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

static void check_bytes(void)
{
    static const struct {
        const char *in, *out;
        size_t left; /* unless it is the last piece */
    } known[] = {{"Whale\n\t", "Whale\n\t", 0},
                 {"\033[2J\r\177", "\\x1b[2J\\x0d\\x7f", 0},
                 {"\xe2\x80\x94", "\xe2\x80\x94", 0},
                 {"a\xe2\x80", "a", 2},
                 {"\xc0\xaf", "\\xc0\\xaf", 0},
                 {"\xc2\x9b", "\\xc2\\x9b", 0},
                 {"\xed\xa0\x80", "\\xed\\xa0\\x80", 0},
                 {"\xf0\x9f\x90\xb3", "\xf0\x9f\x90\xb3", 0},
                 {"\xf5\x80", "\\xf5\\x80", 0},
                 {"\x80", "\\x80", 0},
                 {"\xe2((", "\\xe2((", 0}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char *shown = NULL;
        size_t size = 0;
        const size_t n = strlen(known[i].in);
        FILE *out = open_memstream(&shown, &size);
        if (!out) abort();
        const size_t wrote = bytes_show(out, (const unsigned char *)known[i].in, n, false);
        fclose(out);
        EXPECT(strcmp(shown, known[i].out) == 0 && wrote == n - known[i].left, "%zu: '%s', %zu", i,
               shown, wrote);
        free(shown);
    }
}

int main(void)
{
    for (size_t i = 0; i < LENGTH; i++) text[i] = (uint16_t)(i % VOCAB);
    check_schedule();
    check_bands();
    check_deviations();
    check_windows();
    check_step(0.5, true);
    check_step(1e3, false);
    check_step(0.0, false);
    check_breaks();
    check_sampler();
    check_bytes();
    printf("%d checks, %d failures\n", checks, failures);
    return failures != 0;
}
