/* The tasks of the distillation study: who is given which labels, who sees what; and one teacher with its students. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "studies/distillation/distill.h"

static int failures;

static void is(const char *what, bool truth)
{
    if (truth) return;
    fprintf(stderr, "not so: %s\n", what);
    failures++;
}

static struct task open_task(const struct task_plan *plan)
{
    struct task t;
    if (task_open(&t, kernel_set_best(), plan) != STATUS_OK) abort();
    return t;
}

static size_t of_class(const struct task *t, const uint32_t *which, size_t count, int32_t class)
{
    size_t some = 0;
    for (size_t i = 0; i < count; i++) some += t->label[which ? which[i] : i] == class;
    return some;
}

/* Every sample is seen or held out, of each class the same share is seen, and its first samples. */
static void splits(const struct task *t, double rho, size_t each)
{
    uint32_t *seen = calloc(3 * t->n, sizeof *seen), *held = seen + t->n, *with = held + t->n;
    int *times = calloc(t->n, sizeof *times);
    if (!seen || !times) abort();
    const size_t count = task_split(t, rho, seen, held);
    is("as many as the share says", count == each * t->classes);
    for (size_t i = 0; i < count; i++) times[seen[i]]++;
    for (size_t i = 0; i < t->n - count; i++) times[held[i]]++;
    for (size_t i = 0; i < t->n; i++) is("each once", times[i] == 1);
    for (size_t c = 0; c < t->classes; c++) {
        size_t last = 0, first = t->n;
        is("of each class", of_class(t, seen, count, (int32_t)c) == each);
        for (size_t i = 0; i < count; i++)
            if (t->label[seen[i]] == (int32_t)c) last = seen[i];
        for (size_t i = t->n - count; i-- > 0;)
            if (t->label[held[i]] == (int32_t)c) first = held[i];
        is("the first of each class", last < first);
    }
    task_shuffle(t, seen, count, with);
    size_t moved = 0;
    for (size_t i = 0; i < count; i++) {
        is("shuffled within its class", t->label[with[i]] == t->label[seen[i]]);
        moved += with[i] != seen[i];
        times[with[i]]++;
    }
    for (size_t i = 0; i < count; i++) is("a permutation", times[seen[i]] == 2);
    is("which moves most", each < 4 || 2 * moved > count);
    free(seen);
    free(times);
}

static void labels(void)
{
    const struct task_plan plan = {LINEAR, 12, 103, 5, 7}, again = plan,
                           other = {LINEAR, 12, 103, 5, 8};
    struct task t = open_task(&plan), same = open_task(&again), second = open_task(&other);
    is("a multiple of the classes", t.n == 100);
    for (int32_t c = 0; c < 5; c++) is("as many of each", of_class(&t, NULL, t.n, c) == 20);
    is("not in order", t.label[0] != 0 || t.label[1] != 1 || t.label[2] != 2 || t.label[3] != 3);
    is("the seed decides", memcmp(t.x, same.x, t.n * 12 * sizeof *t.x) == 0 &&
                               memcmp(t.label, same.label, t.n * sizeof *t.label) == 0);
    is("another seed", memcmp(t.x, second.x, t.n * 12 * sizeof *t.x) != 0 &&
                           memcmp(t.label, second.label, t.n * sizeof *t.label) != 0);
    splits(&t, 0.3, 6);
    splits(&t, 0.7, 14);
    task_close(&t);
    task_close(&same);
    task_close(&second);
}

static void standardized(void)
{
    struct task t = open_task(&(struct task_plan){LOGISTIC, 9, 50, 2, 3});
    for (size_t j = 0; j < 9; j++) {
        double mean = 0.0, square = 0.0;
        for (size_t i = 0; i < t.n; i++) {
            mean += (double)t.x[i * 9 + j] / 50.0;
            square += (double)t.x[i * 9 + j] * (double)t.x[i * 9 + j] / 50.0;
        }
        is("mean 0, deviation 1", fabs(mean) < 1e-6 && fabs(square - 1.0) < 1e-6);
    }
    task_close(&t);
}

/* Which of the first d features, and of the next d, is hot. */
static void numbers_of(const struct task *t, size_t i, size_t d, size_t parts, size_t number[3])
{
    for (size_t k = 0; k < parts; k++) {
        size_t hot = 0;
        for (size_t j = 0; j < d; j++) {
            const float x = t->x[i * t->inputs + k * d + j];
            is("one-hot", x == 0.0f || x == 1.0f);
            hot += x == 1.0f;
            if (x == 1.0f) number[k] = j;
        }
        is("one of them", hot == 1);
    }
}

static void whole_numbers(void)
{
    enum { P = 7 };
    struct task t = open_task(&(struct task_plan){ADDITION, P, 20, 0, 3});
    bool seen[P * P] = {false};
    size_t number[3] = {0};
    is("all pairs", t.n == 20 && t.n + t.fresh == P * P);
    for (size_t i = 0; i < P * P; i++) {
        numbers_of(&t, i, P, 2, number);
        is("their sum", (size_t)t.label[i] == (number[0] + number[1]) % P);
        is("each pair once", !seen[number[0] * P + number[1]]);
        seen[number[0] * P + number[1]] = true;
    }
    struct task plain = open_task(&(struct task_plan){ATTENTION, P, 20, 0, 3});
    is("of a transformer the same", plain.inputs == 2 && plain.n == 20 && plain.fresh == t.fresh &&
                                        memcmp(plain.label, t.label, P * P * sizeof *t.label) == 0);
    for (size_t i = 0; i < P * P; i++) {
        numbers_of(&t, i, P, 2, number);
        is("as they are",
           plain.x[2 * i] == (float)number[0] && plain.x[2 * i + 1] == (float)number[1]);
    }
    task_close(&plain);
    task_close(&t);
    t = open_task(&(struct task_plan){TRIPLES, 11, 30, 6, 3});
    is("three numbers", t.inputs == 33);
    for (size_t i = 0; i < t.n + t.fresh; i++) numbers_of(&t, i, 11, 3, number);
    task_close(&t);
}

/* ---- a teacher and its students */

static void taught(const struct student *student, double outcome[FIELDS])
{
    const struct session s = {.set = kernel_set_best()};
    float *param = calloc(teacher_parameters(&student->teacher) + 1, sizeof *param);
    if (!param || teacher_train(&s, &student->teacher, param) != STATUS_OK) abort();
    const enum status status = student_train(&s, student, param, outcome, NULL);
    if (status == STATUS_UNAVAILABLE) fprintf(stderr, "SKIPPED in part: %s\n", status_text());
    if (status != STATUS_OK && status != STATUS_UNAVAILABLE) failures++;
    if (status != STATUS_OK) outcome[SEEN] = NAN;
    free(param);
}

/* Twice as many logits as weights tell the teacher, half as many do not. */
static void logits_tell(void)
{
    const struct training how = {.epochs = 2000, .lr = 1e-3, .beta2 = 0.999};
    struct student s = {.teacher = {{LOGISTIC, 20, 50, 2, 11}, how}, .rho = 0.8, .tau = 1.0};
    double above[FIELDS], below[FIELDS], mixed[FIELDS];
    taught(&s, above);
    if (isnan(above[SEEN])) return;
    is("40 seen", above[SEEN] == 40.0);
    is("the teacher is known", above[MATCH] == 1.0 && above[MATCH_FRESH] == 1.0);
    is("to its logits", above[LOGIT_ERROR] < 1e-8);
    s.rho = 0.2;
    taught(&s, below);
    is("10 seen: it is not", below[SEEN] == 10.0 && below[LOGIT_ERROR] > 1e-3);
    s.rho = 0.8;
    s.shuffle = true;
    taught(&s, mixed);
    is("shuffled: neither", mixed[LOGIT_ERROR] > 1e-3);
}

static void networks_learn(void)
{
    const struct training how = {.p = 30, .epochs = 1500, .lr = 3e-3, .beta2 = 0.999};
    struct student s = {
        .teacher = {{MLP, 12, 60, 6, 11}, how}, .how = how, .rho = 0.5, .tau = 1.0, .hard = true};
    double outcome[FIELDS];
    taught(&s, outcome);
    is("the teacher memorizes", outcome[TEACHER] == 1.0);
    is("its student memorizes hard labels", outcome[TRAIN] == 1.0 && outcome[SEEN] == 30.0);
    s.hard = false;
    taught(&s, outcome);
    is("and soft ones", outcome[TRAIN] == 1.0);
}

int main(void)
{
    labels();
    standardized();
    whole_numbers();
    logits_tell();
    networks_learn();
    return failures ? 2 : 0;
}
