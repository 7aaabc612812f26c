/* The transformer that adds numbers: its loss and gradient against the formulas in f64, all three positions computed as
 * they are written; its training for any number of threads, saved and resumed; what it refuses. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "training.h"

enum {
    NUMBERS = 7,
    CHANNELS = 12,
    HEADS = 3,
    HIDDEN = 20,
    ROWS = 19,
    TOKENS = 3,
    D = CHANNELS / HEADS
};
static const struct pair_net y = {NUMBERS, CHANNELS, HEADS, HIDDEN};
static const struct trainee net = {.pair = {NUMBERS, CHANNELS, HEADS, HIDDEN}};

struct task {
    float src[ROWS * 2], probs[ROWS * NUMBERS];
    int32_t target[ROWS];
};
static struct task task;

static void draw_task(void)
{
    float score[ROWS * NUMBERS];
    const struct kernel_set *set = kernel_set_best();
    for (size_t i = 0; i < ROWS; i++) {
        const size_t a = 5 * i % NUMBERS, b = i / NUMBERS + 2 * i % 3;
        task.src[2 * i] = (float)a;
        task.src[2 * i + 1] = (float)b;
        task.target[i] = (int32_t)((a + b) % NUMBERS);
    }
    normal_fill(set, 1, score, ROWS * NUMBERS, 1.0f, 3, 0);
    softmax_fwd(set, 1,
                &(struct softmax_fwd){task.probs, score, ROWS, NUMBERS, NUMBERS, NUMBERS, 1.0f});
}

/* ---- the formulas */

/* dst = x w, w of k rows of n. */
static void times(double *dst, const double *x, const double *w, size_t k, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        dst[j] = 0.0;
        for (size_t i = 0; i < k; i++) dst[j] += x[i] * w[i * n + j];
    }
}

static void attention(double o[TOKENS][CHANNELS], double qkv[TOKENS][3 * CHANNELS])
{
    for (size_t t = 0; t < TOKENS; t++)
        for (size_t h = 0; h < HEADS; h++) {
            double p[TOKENS], sum = 0.0;
            for (size_t s = 0; s <= t; s++) {
                double score = 0.0;
                for (size_t e = h * D; e < (h + 1) * D; e++)
                    score += qkv[t][e] * qkv[s][CHANNELS + e];
                sum += p[s] = exp(score / sqrt((double)D));
            }
            for (size_t e = h * D; e < (h + 1) * D; e++) {
                o[t][e] = 0.0;
                for (size_t s = 0; s <= t; s++) o[t][e] += p[s] / sum * qkv[s][2 * CHANNELS + e];
            }
        }
}

/* The logits of a pair; sides takes the side of its kink that each hidden unit of the last position is on. */
static void logits(double out[NUMBERS], const double *w, const float pair[2], uint64_t *sides)
{
#define AT(tensor) (w + pair_net_offset(&y, PAIR_##tensor))
    const size_t token[TOKENS] = {(size_t)pair[0], (size_t)pair[1], NUMBERS};
    double x[TOKENS][CHANNELS], qkv[TOKENS][3 * CHANNELS], o[TOKENS][CHANNELS];
    for (size_t t = 0; t < TOKENS; t++) {
        for (size_t c = 0; c < CHANNELS; c++)
            x[t][c] =
                AT(TABLE)[token[t] * CHANNELS + c] + AT(TABLE)[(NUMBERS + 1 + t) * CHANNELS + c];
        times(qkv[t], x[t], AT(QKV), CHANNELS, 3 * CHANNELS);
    }
    attention(o, qkv);
    for (size_t t = 0; t < TOKENS; t++) {
        double more[CHANNELS], hidden[HIDDEN];
        times(more, o[t], AT(O), CHANNELS, CHANNELS);
        for (size_t c = 0; c < CHANNELS; c++) x[t][c] += more[c];
        times(hidden, x[t], AT(IN), CHANNELS, HIDDEN);
        for (size_t f = 0; f < HIDDEN; f++) {
            hidden[f] += AT(IN_BIAS)[f];
            if (t == TOKENS - 1) *sides = *sides * 31 + (hidden[f] > 0.0);
            if (hidden[f] < 0.0) hidden[f] = 0.0;
        }
        times(more, hidden, AT(OUT), HIDDEN, CHANNELS);
        for (size_t c = 0; c < CHANNELS; c++) x[t][c] += more[c] + AT(OUT_BIAS)[c];
    }
    times(out, x[TOKENS - 1], AT(U), CHANNELS, NUMBERS);
#undef AT
}

/* The loss of each row; their mean. */
static double losses(const double *w, bool soft, double tau, double loss[ROWS], uint64_t *sides)
{
    double mean = 0.0;
    for (size_t i = 0; i < ROWS; i++) {
        double z[NUMBERS], sum = 0.0, most = -INFINITY;
        logits(z, w, task.src + 2 * i, sides);
        for (size_t j = 0; j < NUMBERS; j++) most = fmax(most, z[j] /= tau);
        for (size_t j = 0; j < NUMBERS; j++) sum += exp(z[j] - most);
        loss[i] = 0.0;
        for (size_t j = 0; j < NUMBERS; j++) {
            const double p =
                soft ? (double)task.probs[i * NUMBERS + j] : (double)(task.target[i] == (int32_t)j);
            loss[i] += p * (most + log(sum) - z[j]);
        }
        mean += loss[i] / ROWS;
    }
    return mean;
}

/* ---- against them */

static struct trainer_plan plan_of(bool soft, size_t batch)
{
    return (struct trainer_plan){
        .net = net,
        .rows = ROWS,
        .batch = batch,
        .src = task.src,
        .probs = soft ? task.probs : NULL,
        .target = task.target,
        .tau = soft ? 2.0f : 1.0f,
        .rule = {.lr = 3e-3, .beta1 = 0.9, .beta2 = 0.98, .eps = 1e-8, .decay = 0.5},
        .warmup = 4,
        .seed = 5,
        .stream = 9};
}

static void open_trainer(struct trainer *t, const struct kernel_set *set, int threads,
                         const struct trainer_plan *plan)
{
    if (trainer_open(t, set, threads, plan) != STATUS_OK) {
        fprintf(stderr, "%s\n", status_text());
        exit(2);
    }
    trainee_init(set, threads, &net, t->a.param, (struct init_source){7, 0});
    /* Biases that are not 0, as after a step. */
    normal_fill(set, 1, t->a.param + pair_net_offset(&y, PAIR_IN_BIAS), HIDDEN, 0.1f, 1, 1);
    normal_fill(set, 1, t->a.param + pair_net_offset(&y, PAIR_OUT_BIAS), CHANNELS, 0.1f, 1, 2);
}

static bool stop(const struct trainer *t, void *ctx)
{
    (void)t;
    (void)ctx;
    return false;
}

/* Central differences in f64, each element of each tensor. Ten sums of up to 60 terms, each step rounded to 2^-24, lie
 * behind an element: with roundings that are as good as independent sqrt(10 * 60) 2^-24 of the tensor's largest. */
static void against_f64(bool soft)
{
    const double step = 1e-5, allowed = sqrt(10.0 * 60.0) * 0x1p-24;
    const size_t count = trainee_parameters(&net);
    const struct trainer_plan plan = plan_of(soft, 0);
    struct trainer t;
    size_t kinks = 0;
    open_trainer(&t, kernel_set_best(), 1, &plan);
    trainer_run(&t, 1, &(struct trainer_watch){stop, NULL});
    double *w = calloc(count, sizeof *w), loss[ROWS], other[ROWS];
    if (!w) exit(2);
    for (size_t i = 0; i < count; i++) w[i] = (double)t.a.param[i];
    uint64_t sides = 0;
    losses(w, soft, (double)plan.tau, loss, &sides);
    for (size_t i = 0; i < ROWS; i++)
        is("the loss of a row", fabs((double)t.a.loss[i] - loss[i]) <= 1e-5 * (1.0 + loss[i]));
    for (int tensor = 0; tensor < PAIR_TENSORS; tensor++) {
        double most = 0.0, off = 0.0;
        for (size_t i = pair_net_offset(&y, (enum pair_tensor)tensor);
             i < pair_net_offset(&y, (enum pair_tensor)(tensor + 1)); i++) {
            const double was = w[i];
            uint64_t above = 0, below = 0;
            w[i] = was + step;
            const double up = losses(w, soft, (double)plan.tau, other, &above);
            w[i] = was - step;
            const double down = losses(w, soft, (double)plan.tau, other, &below);
            w[i] = was;
            kinks += above != below;
            if (above != below) continue;
            most = fmax(most, fabs(up - down) / (2.0 * step));
            off = fmax(off, fabs((double)t.a.grad[i] - (up - down) / (2.0 * step)));
        }
        if (most > 0.0 && off <= allowed * most) continue;
        fprintf(stderr, "tensor %d: off by %g of %g\n", tensor, off, most);
        failures++;
    }
    is("kinks in one of a hundred differences at the most", 100 * kinks <= count);
    free(w);
    trainer_close(&t);
}

/* A step of AdamW of all parameters. */
static void updates(void)
{
    enum { MOST = 2048 };
    static float w[MOST], m[MOST], v[MOST];
    const size_t count = trainee_parameters(&net);
    const struct trainer_plan plan = plan_of(true, 0);
    const struct train_rule *r = &plan.rule;
    struct trainer t;
    open_trainer(&t, kernel_set_best(), 1, &plan);
    is("room", count <= MOST);
    memcpy(w, t.a.param, count * sizeof *w);
    trainer_run(&t, 1, NULL);
    adamw_step(
        t.set, 1,
        &(struct adamw_step){w, m, v, t.a.grad, count,
                             adamw_factors(&(struct adamw_options){r->lr / 4.0, r->beta1, r->beta2,
                                                                   r->eps, r->decay, 1.0, 1})});
    is("AdamW of all", memcmp(w, t.a.param, count * sizeof *w) == 0);
    trainer_close(&t);
}

/* ---- the same words */

enum { STEPS = 30 };

static void same_words(struct trainer_plan plan)
{
    char path[64];
    struct trainer t;
    snprintf(path, sizeof path, "test_pair_net.%ld.state", (long)getpid());
    anywhere(open_trainer, &plan, STEPS);
    resumed(open_trainer, &plan, STEPS, path);
    plan.net.pair = (struct pair_net){NUMBERS, CHANNELS, 2, HIDDEN};
    open_trainer(&t, kernel_set_best(), 1, &plan);
    is("of other heads", trainer_load(&t, path) == STATUS_DATA);
    unlink(path);
    trainer_close(&t);
}

/* ---- learning, and what is no input */

static void learns(void)
{
    struct trainer_plan plan = plan_of(false, 0);
    float out[ROWS * NUMBERS];
    int32_t told[ROWS];
    struct trainer t;
    size_t right = 0;
    plan.rule.decay = 0.0;
    open_trainer(&t, kernel_set_best(), 1, &plan);
    trainer_run(&t, 500, NULL);
    is("told", trainer_outputs(t.set, 2, &net, t.a.param, out, task.src, ROWS) == STATUS_OK);
    argmax(t.set, 1, &(struct argmax){told, out, ROWS, NUMBERS, NUMBERS});
    for (size_t i = 0; i < ROWS; i++) right += told[i] == task.target[i];
    is("sums are memorized", right == ROWS && t.loss < 0.1);
    trainer_close(&t);
}

static void refuses(void)
{
    static const float bad[] = {NUMBERS, -1.0f, 1.5f, NAN};
    const struct trainer_plan plan = plan_of(false, 0);
    struct trainer t;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const float was = task.src[9];
        task.src[9] = bad[i];
        is("no number", trainer_open(&t, kernel_set_best(), 1, &plan) == STATUS_DATA);
        is("which", strstr(status_text(), "input 1 of row 4 is") != NULL);
        task.src[9] = was;
    }
}

int main(void)
{
    draw_task();
    against_f64(false);
    against_f64(true);
    updates();
    same_words(plan_of(false, 0));
    same_words(plan_of(true, 8));
    learns();
    refuses();
    return failures ? 2 : 0;
}
