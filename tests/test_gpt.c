/* What `hinge train gpt` is made of, against what the headers say: the schedule, bands, fresh weights, windows of the text,
 * text for a terminal. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "kernel.h"
#include "model/gpt2.h"
#include "report/bytes.h"
#include "train/bands.h"
#include "train/gpt_schedule.h"
#include "train/tokens.h"

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
    for (size_t i = 0; i < LENGTH; i++) text[i] = (uint16_t)(i % VOCAB);
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

/* ---- text for a terminal */

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
    check_schedule();
    check_bands();
    check_deviations();
    check_windows();
    check_bytes();
    printf("%d checks, %d failures\n", checks, failures);
    return failures != 0;
}
