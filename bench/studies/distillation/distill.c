#include "studies/distillation/distill.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "least_squares.h"

static enum status open_fresh(struct trainer *t, const struct session *s,
                              const struct trainer_plan *plan, enum stream weights)
{
    const int threads = sweep_threads(s->worker);
    const enum status status = trainer_open(t, s->set, threads, plan);
    if (status == STATUS_OK)
        trainee_init(s->set, threads, &plan->net, t->a.param,
                     (struct init_source){plan->seed, weights});
    return status;
}

/* ---- the teacher */

size_t teacher_parameters(const struct teacher *teacher)
{
    size_t width[NET_WIDTHS];
    const struct trainee net = task_net(&teacher->task, teacher->how.p, width);
    return trainee_parameters(&net);
}

enum status teacher_train(const struct session *s, const struct teacher *teacher, float *param)
{
    size_t width[NET_WIDTHS];
    const struct trainee net = task_net(&teacher->task, teacher->how.p, width);
    struct trainer_plan plan = training_plan(&net, &teacher->how, teacher->task.seed);
    struct trainer t = {0};
    struct task task;
    enum status status = task_open(&task, s->set, &teacher->task);
    plan.rows = task.n;
    plan.src = task.x;
    plan.target = task.label;
    if (status == STATUS_OK) status = open_fresh(&t, s, &plan, STREAM_TEACHER);
    if (status == STATUS_OK) status = training_run(s, &t, teacher->how.epochs);
    if (status == STATUS_OK) memcpy(param, t.a.param, trainee_parameters(&net) * sizeof *param);
    trainer_close(&t);
    task_close(&task);
    return status;
}

/* ---- the student */

/* All that a student's job holds. */
struct lesson {
    const struct session *s;
    const struct student *student;
    struct task task;
    struct arena arena;
    size_t seen_count, held_count;
    uint32_t *seen, *held, *with;
    float *by_teacher, *by_student; /* outputs of all samples, fresh ones behind them */
    float *x, *probs;               /* of the student's training set */
    int32_t *target;
};

static void take(struct lesson *l)
{
    const struct task *t = &l->task;
    const size_t n = t->n, all = n + t->fresh;
    l->seen = arena_take(&l->arena, n, sizeof *l->seen);
    l->held = arena_take(&l->arena, n, sizeof *l->held);
    l->with = arena_take(&l->arena, n, sizeof *l->with);
    l->target = arena_take(&l->arena, n, sizeof *l->target);
    l->by_teacher = arena_take(&l->arena, all * t->outputs, sizeof(float));
    l->by_student = arena_take(&l->arena, all * t->outputs, sizeof(float));
    l->x = arena_take(&l->arena, n * t->inputs, sizeof(float));
    l->probs = arena_take(&l->arena, n * t->outputs, sizeof(float));
}

static enum status lesson_open(struct lesson *l, const float *teacher_param)
{
    const struct teacher *teacher = &l->student->teacher;
    size_t width[NET_WIDTHS];
    const struct trainee net = task_net(&teacher->task, teacher->how.p, width);
    enum status status = task_open(&l->task, l->s->set, &teacher->task);
    if (status != STATUS_OK) return status;
    const struct task *t = &l->task;
    const size_t all = t->n + t->fresh;
    const size_t floats = 2 * all * t->outputs + t->n * (t->inputs + t->outputs + 4);
    status = arena_open(&l->arena, floats * sizeof(float) + 8 * ARENA_ALIGN, "a student's lesson");
    if (status != STATUS_OK) return status;
    take(l);
    l->seen_count = task_split(t, l->student->rho, l->seen, l->held);
    l->held_count = t->n - l->seen_count;
    memcpy(l->with, l->seen, l->seen_count * sizeof *l->with);
    if (l->student->shuffle) task_shuffle(t, l->seen, l->seen_count, l->with);
    for (size_t i = 0; i < l->seen_count; i++) {
        memcpy(l->x + i * t->inputs, t->x + l->with[i] * t->inputs, t->inputs * sizeof *l->x);
        l->target[i] = t->label[l->seen[i]];
    }
    return trainer_outputs(l->s->set, sweep_threads(l->s->worker), &net, teacher_param,
                           l->by_teacher, t->x, all);
}

static void lesson_close(struct lesson *l)
{
    arena_close(&l->arena);
    task_close(&l->task);
}

/* The logits that go with the inputs seen, one a row of probs. */
static void soft_labels(struct lesson *l)
{
    const size_t n = l->task.outputs;
    for (size_t i = 0; i < l->seen_count; i++)
        memcpy(l->probs + i * n, l->by_teacher + l->seen[i] * n, n * sizeof *l->probs);
    softmax_fwd(l->s->set, sweep_threads(l->s->worker),
                &(struct softmax_fwd){.dst = l->probs,
                                      .src = l->probs,
                                      .m = l->seen_count,
                                      .n = n,
                                      .ld_dst = n,
                                      .ld_src = n,
                                      .tau = (float)l->student->tau});
}

static enum status learn(struct lesson *l, double *loss)
{
    const struct student *y = l->student;
    size_t width[NET_WIDTHS];
    const struct trainee net = task_net(&y->teacher.task, y->how.p, width);
    struct trainer_plan plan = training_plan(&net, &y->how, y->teacher.task.seed);
    struct trainer t = {0};
    plan.rows = l->seen_count;
    plan.src = l->x;
    plan.probs = y->hard ? NULL : l->probs;
    plan.target = l->target;
    plan.stream++; /* its batches in another order than the teacher's */
    if (!y->hard) soft_labels(l);
    enum status status = open_fresh(&t, l->s, &plan, STREAM_STUDENT);
    if (status == STATUS_OK) status = training_run(l->s, &t, y->how.epochs);
    if (status == STATUS_OK)
        status = trainer_outputs(l->s->set, sweep_threads(l->s->worker), &net, t.a.param,
                                 l->by_student, l->task.x, l->task.n + l->task.fresh);
    *loss = t.loss;
    trainer_close(&t);
    return status;
}

/* By the pseudo-inverse of its inputs, in f64. */
static enum status solve(struct lesson *l, double *loss)
{
    const struct task *t = &l->task;
    const size_t m = l->seen_count, d = t->inputs;
    double *a = malloc((m * d + 1) * sizeof *a), *w = calloc(m > d ? m : d, sizeof *w), sum = 0.0;
    enum status status = a && w ? STATUS_OK : fail(STATUS_OS, "no memory for %zu equations", m);
    for (size_t i = 0; i < m * d && a; i++) a[i] = (double)l->x[i];
    for (size_t i = 0; i < m && w; i++) w[i] = (double)l->by_teacher[l->seen[i]];
    if (status == STATUS_OK) status = least_squares(a, w, m, d);
    for (size_t i = 0; i < t->n + t->fresh && status == STATUS_OK; i++) {
        double z = 0.0;
        for (size_t j = 0; j < d; j++) z += w[j] * (double)t->x[i * d + j];
        l->by_student[i] = (float)z;
    }
    for (size_t i = 0; i < m && status == STATUS_OK; i++) {
        const double off = (double)l->by_student[l->with[i]] - (double)l->by_teacher[l->seen[i]];
        sum += off * off;
    }
    *loss = sum / (double)m;
    free(a);
    free(w);
    return status;
}

/* ---- what came of it */

static int32_t *classes_told(const struct lesson *l, const float *out)
{
    const size_t all = l->task.n + l->task.fresh, n = l->task.outputs;
    int32_t *told = malloc((all + 1) * sizeof *told);
    if (!told) out_of_memory();
    argmax(l->s->set, sweep_threads(l->s->worker), &(struct argmax){told, out, all, n, n});
    for (size_t i = 0; i < all && n == 1; i++) told[i] = told[i] < 0 ? -1 : out[i] > 0.0f;
    return told;
}

/* Of samples which[i], or from i on where that is NULL. */
static double share(const int32_t *told, const int32_t *right, const uint32_t *which, size_t from,
                    size_t count)
{
    size_t equal = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t at = which ? which[i] : from + i;
        equal += told[at] >= 0 && told[at] == right[at];
    }
    return count ? (double)equal / (double)count : NAN;
}

static double logit_error(const struct lesson *l)
{
    const size_t n = l->task.outputs;
    double sum = 0.0;
    for (size_t i = 0; i < l->held_count; i++)
        for (size_t j = 0; j < n; j++) {
            const size_t at = l->held[i] * n + j;
            const double off = (double)l->by_student[at] - (double)l->by_teacher[at];
            sum += off * off;
        }
    return sum / (double)(l->held_count * n);
}

static void judge(const struct lesson *l, double outcome[FIELDS], const struct told *told)
{
    const struct task *t = &l->task;
    int32_t *teacher = classes_told(l, l->by_teacher), *student = classes_told(l, l->by_student);
    outcome[TEACHER] = share(teacher, t->label, NULL, 0, t->n);
    outcome[TEACHER_FRESH] = share(teacher, t->label, NULL, t->n, t->fresh);
    outcome[TRAIN] = share(student, t->label, l->with, 0, l->seen_count);
    outcome[HELD_OUT] = share(student, t->label, l->held, 0, l->held_count);
    outcome[FRESH] = share(student, t->label, NULL, t->n, t->fresh);
    outcome[MATCH] = share(student, teacher, l->held, 0, l->held_count);
    outcome[MATCH_FRESH] = share(student, teacher, NULL, t->n, t->fresh);
    outcome[LOGIT_ERROR] = logit_error(l);
    outcome[SEEN] = (double)l->seen_count;
    if (told) {
        memcpy(told->teacher, teacher + t->n, t->fresh * sizeof *teacher);
        memcpy(told->student, student + t->n, t->fresh * sizeof *student);
    }
    free(teacher);
    free(student);
}

enum status student_train(const struct session *s, const struct student *student,
                          const float *teacher_param, double outcome[FIELDS],
                          const struct told *told)
{
    struct lesson l = {.s = s, .student = student};
    enum status status = lesson_open(&l, teacher_param);
    if (status == STATUS_OK)
        status = (student->teacher.task.model == LOGISTIC ? solve : learn)(&l, &outcome[LOSS]);
    if (status == STATUS_OK && !sweep_stopped(s->worker)) judge(&l, outcome, told);
    lesson_close(&l);
    return status;
}

/* ---- about how long */

static double seconds_of(const struct task_plan *task, const struct training *how, double rows)
{
    size_t width[NET_WIDTHS];
    const struct trainee net = task_net(task, how->p, width);
    const double batch = how->batch && (double)how->batch < rows ? (double)how->batch : rows;
    const double steps = (double)how->epochs * ceil(rows / fmax(batch, 1.0));
    return steps * training_step_seconds(&net, (size_t)batch);
}

double teacher_seconds(const struct teacher *teacher)
{
    return seconds_of(&teacher->task, &teacher->how, (double)teacher->task.n);
}

double student_seconds(const struct student *student)
{
    const struct task_plan *task = &student->teacher.task;
    const double rows = student->rho * (double)task->n, d = (double)task->d;
    if (task->model == LOGISTIC) return 3.0 * rows * d * fmin(rows, d) / 1e10;
    return seconds_of(task, &student->how, rows);
}

bool training_is_wide(const struct task_plan *task, const struct training *how)
{
    const double long_enough = 0.02; /* a thousand regions of passively waiting threads */
    size_t width[NET_WIDTHS];
    const struct trainee net = task_net(task, how->p, width);
    const size_t rows = how->batch && how->batch < task->n ? how->batch : task->n;
    return training_step_seconds(&net, rows) >= long_enough;
}
