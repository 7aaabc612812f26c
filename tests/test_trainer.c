/* The trainer of the studies: against PyTorch's formulas in f64, for any number of threads,
 * killed and resumed. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/perturbed_mlp.h"
#include "training.h"

static void near(const char *what, double got, double want, double allowed)
{
    if (fabs(got - want) <= allowed) return;
    fprintf(stderr, "%s: got %.9g, want %.9g, allowed %.3g\n", what, got, want, allowed);
    failures++;
}

/* ---- a task: inputs, classes that hang on them, soft labels */

enum { ROWS = 90, INPUTS = 12, HIDDEN = 20, CLASSES = 5, STEPS = 40 };
static const size_t width[] = {INPUTS, HIDDEN, HIDDEN, CLASSES}, column[] = {INPUTS, 1};

struct task {
    float src[ROWS * INPUTS], probs[ROWS * CLASSES];
    int32_t target[ROWS];
};
static struct task task;

static void draw_task(void)
{
    float score[ROWS * CLASSES];
    const struct kernel_set *set = kernel_set_best();
    normal_fill(set, 1, task.src, ROWS * INPUTS, 1.0f, 3, 0);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < CLASSES; j++)
            score[i * CLASSES + j] = task.src[i * INPUTS + j] - task.src[i * INPUTS + j + 1];
    argmax(set, 1, &(struct argmax){task.target, score, ROWS, CLASSES, CLASSES});
    softmax_fwd(set, 1,
                &(struct softmax_fwd){task.probs, score, ROWS, CLASSES, CLASSES, CLASSES, 2.0f});
}

static struct trainer_plan plan_of(bool soft, size_t batch)
{
    return (struct trainer_plan){.net = {.mlp = {width, 3, true}},
                                 .rows = ROWS,
                                 .batch = batch,
                                 .src = task.src,
                                 .probs = soft ? task.probs : NULL,
                                 .target = task.target,
                                 .rule = {.lr = 3e-3, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8},
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
    trainee_init(set, threads, &plan->net, t->a.param, (struct init_source){7, 0});
}

/* ---- the first steps of Adam as PyTorch writes them, in f64 */

static void reference(double *w, const struct trainer_plan *plan, size_t steps)
{
    const size_t count = trainee_parameters(&plan->net),
                 classes = trainee_classes(&plan->net, plan->square);
    const struct train_rule *r = &plan->rule;
    double *m = perturbed_doubles(3 * count), *v = m + count, *g = v + count;
    double *src = perturbed_doubles(ROWS * INPUTS), *y = perturbed_doubles(ROWS * classes);
    double loss[ROWS], dloss[ROWS];
    for (size_t i = 0; i < ROWS * INPUTS; i++) src[i] = (double)plan->src[i];
    for (size_t i = 0; i < ROWS; i++) {
        dloss[i] = 1.0 / ROWS;
        for (size_t j = 0; j < classes; j++)
            y[i * classes + j] = plan->probs ? (double)plan->probs[i * classes + j]
                                             : (double)(plan->target[i] == (int32_t)j);
    }
    for (size_t t = 1; t <= steps; t++) {
        const struct perturbed_mlp model = {
            .net = plan->net.mlp, .m = ROWS, .param = w, .src = src, .target = y, .tau = 1.0};
        perturbed_mlp(&(struct perturbed){.seed = 0}, &model, loss, g, dloss);
        for (size_t i = 0; i < count; i++) {
            m[i] = r->beta1 * m[i] + (1.0 - r->beta1) * g[i];
            v[i] = r->beta2 * v[i] + (1.0 - r->beta2) * g[i] * g[i];
            const double m_hat = m[i] / (1.0 - pow(r->beta1, (double)t));
            const double v_hat = v[i] / (1.0 - pow(r->beta2, (double)t));
            w[i] -= r->lr * (r->decay * w[i] + m_hat / (sqrt(v_hat) + r->eps));
        }
    }
    free(m);
    free(src);
    free(y);
}

static void against_f64(struct trainer_plan plan, const char *what)
{
    enum { FEW = 5 };
    const size_t count = trainee_parameters(&plan.net);
    struct trainer t;
    open_trainer(&t, kernel_set_best(), 1, &plan);
    double *w = perturbed_doubles(2 * count), *start = w + count, moved = 0.0, off = 0.0;
    for (size_t i = 0; i < count; i++) w[i] = start[i] = (double)t.a.param[i];
    reference(w, &plan, FEW);
    trainer_run(&t, FEW, NULL);
    for (size_t i = 0; i < count; i++) {
        moved += (w[i] - start[i]) * (w[i] - start[i]);
        off += (w[i] - (double)t.a.param[i]) * (w[i] - (double)t.a.param[i]);
    }
    /* Steps of 3e-3 on weights of about 0.3, each rounded to 2^-24 of them: 1e-5 of the way, and rounded gradients. */
    near(what, sqrt(off / moved), 0.0, 1e-4);
    free(w);
    trainer_close(&t);
}

/* ---- the same words */

static bool count_rows(const struct trainer *t, void *ctx)
{
    const size_t from = t->step % trainer_steps_a_pass(&t->plan) * t->plan.batch;
    size_t *seen = ctx;
    for (size_t i = 0; i < t->a.m; i++) seen[t->order[from + i]]++;
    return true;
}

static void passes(void)
{
    const struct trainer_plan plan = plan_of(true, 32);
    struct trainer t;
    size_t seen[ROWS] = {0};
    open_trainer(&t, kernel_set_best(), 1, &plan);
    is("steps of a pass", trainer_steps_a_pass(&plan) == 3);
    trainer_run(&t, 3 * 4, &(struct trainer_watch){count_rows, seen});
    is("what is left of a pass", t.a.m == ROWS - 2 * 32);
    for (size_t i = 0; i < ROWS; i++) is("each row once a pass", seen[i] == 4);
    is("not in order", t.order[0] != 0 || t.order[1] != 1 || t.order[2] != 2);
    trainer_close(&t);
}

/* ---- learning */

static void learns(struct trainer_plan plan, const char *what)
{
    struct trainer t;
    int32_t told[ROWS];
    static float out[ROWS * CLASSES];
    const size_t n = trainee_outputs(&plan.net);
    open_trainer(&t, kernel_set_best(), 1, &plan);
    trainer_run(&t, 1, NULL);
    const double before = t.loss;
    trainer_run(&t, 3000, NULL);
    is(what, t.loss < 0.05 * before || plan.probs);
    is("told", trainer_outputs(t.set, 2, &plan.net, t.a.param, out, plan.src, ROWS) == STATUS_OK);
    argmax(t.set, 1, &(struct argmax){told, out, ROWS, n, n});
    size_t right = 0;
    for (size_t i = 0; i < ROWS; i++)
        right += n == 1 ? (out[i] > 0.0f) == plan.target[i] : told[i] == plan.target[i];
    is(what, right == ROWS);
    trainer_close(&t);
}

/* ---- interrupted */

static char path[64];

static bool save_each(const struct trainer *t, void *ctx)
{
    (void)ctx;
    if (trainer_save(t, path) != STATUS_OK) _exit(3);
    return true;
}

/* A process that is killed wherever it is, and again, until the training is done. */
static void killed(void)
{
    enum { LONG = 400, TRIES = 200 };
    const struct trainer_plan plan = plan_of(true, 16);
    struct trainer whole, t;
    int kills = 0;
    open_trainer(&whole, kernel_set_best(), 1, &plan);
    trainer_run(&whole, LONG, NULL);
    unlink(path);
    for (int i = 0; i < TRIES; i++) {
        int how = 0;
        const pid_t child = fork();
        if (child == 0) {
            open_trainer(&t, kernel_set_best(), 1, &plan);
            const enum status status = trainer_load(&t, path);
            if (status != STATUS_OK && status != STATUS_NO_INPUT) _exit(2);
            trainer_run(&t, LONG, &(struct trainer_watch){save_each, NULL});
            _exit(trainer_save(&t, path) == STATUS_OK ? 0 : 3);
        }
        usleep((useconds_t)(3000 + 1700 * i));
        kill(child, SIGKILL);
        waitpid(child, &how, 0);
        kills += WIFSIGNALED(how);
        is("a child that reads half a state", !WIFEXITED(how) || WEXITSTATUS(how) == 0);
        if (WIFEXITED(how)) break;
    }
    open_trainer(&t, kernel_set_best(), 1, &plan);
    is("killed at least once", kills > 0);
    is("read at the end", trainer_load(&t, path) == STATUS_OK);
    is("killed and resumed: the same words", t.step == LONG && same(&whole, &t));
    trainer_close(&t);
    trainer_close(&whole);
}

/* ---- bad input */

static void spoil(size_t at, int what)
{
    FILE *file = fopen(path, "r+b");
    if (!file || fseek(file, (long)at, SEEK_SET) != 0) exit(2);
    fputc(what, file);
    fclose(file);
}

static void bad_files(void)
{
    const struct trainer_plan plan = plan_of(false, 0);
    struct trainer t, other;
    open_trainer(&t, kernel_set_best(), 1, &plan);
    trainer_run(&t, 3, NULL);
    struct trainer_plan faster = plan;
    faster.rule.lr *= 2.0;
    open_trainer(&other, kernel_set_best(), 1, &faster);
    is("none", trainer_load(&t, "/no/such/state") == STATUS_NO_INPUT);
    is("cannot be written", trainer_save(&t, "/no/such/state") == STATUS_NO_OUTPUT);
    trainer_save(&t, path);
    is("of another training", trainer_load(&other, path) == STATUS_DATA && other.step == 0);
    is("which it says", strstr(status_text(), "another training") != NULL);
    spoil(200, 0x5a);
    is("spoiled", trainer_load(&t, path) == STATUS_DATA && strstr(status_text(), "checksum"));
    trainer_save(&t, path);
    if (truncate(path, 300) != 0) exit(2);
    is("half a file", trainer_load(&t, path) == STATUS_DATA && strstr(status_text(), "ends early"));
    if (truncate(path, 10) != 0) exit(2);
    is("half a head", trainer_load(&t, path) == STATUS_DATA);
    trainer_save(&t, path);
    spoil(0, 'x');
    is("something else",
       trainer_load(&t, path) == STATUS_DATA && strstr(status_text(), "not the state"));
    trainer_close(&t);
    trainer_close(&other);
    int32_t target[ROWS] = {0};
    target[17] = CLASSES;
    struct trainer_plan wrong = plan;
    wrong.target = target;
    is("no class", trainer_open(&t, kernel_set_best(), 1, &wrong) == STATUS_DATA);
    is("which row", strstr(status_text(), "row 17 is 5; there are 5") != NULL);
}

int main(void)
{
    snprintf(path, sizeof path, "test_trainer.%ld.state", (long)getpid());
    draw_task();
    struct trainer_plan hard = plan_of(false, 0), soft = plan_of(true, 0), some = plan_of(true, 32),
                        one = hard, sgd = plan_of(false, 25);
    int32_t sign[ROWS];
    for (size_t i = 0; i < ROWS; i++) sign[i] = task.src[i * INPUTS] > task.src[i * INPUTS + 1];
    one.net.mlp = (struct mlp_layout){column, 1, false};
    one.target = sign;
    sgd.rule = (struct train_rule){.sgd = true, .lr = 0.05};
    some.rule.decay = 0.1;
    some.warmup = 6;
    against_f64(hard, "classes, against f64");
    against_f64(soft, "soft labels, against f64");
    against_f64(one, "one logit, against f64");
    passes();
    anywhere(open_trainer, &hard, STEPS);
    anywhere(open_trainer, &some, STEPS);
    anywhere(open_trainer, &one, STEPS);
    anywhere(open_trainer, &sgd, STEPS);
    learns(hard, "classes are learned");
    learns(some, "soft labels are learned");
    one.rule.lr = 0.05;
    learns(one, "a line is learned");
    learns(sgd, "by gradient descent");
    resumed(open_trainer, &hard, STEPS, path);
    resumed(open_trainer, &some, STEPS, path);
    resumed(open_trainer, &sgd, STEPS, path);
    killed();
    bad_files();
    unlink(path);
    return failures ? 2 : 0;
}
