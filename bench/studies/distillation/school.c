#include "studies/distillation/school.h"
#include "base/status.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- who is asked for */

static void *grown(void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room) return list;
    *room = *room ? 2 * *room : 64;
    list = realloc(list, *room * size);
    if (!list) out_of_memory();
    return list;
}

static int describe_training(char *text, size_t size, const struct training *t)
{
    return snprintf(text, size,
                    "p=%zu epochs=%zu batch=%zu lr=%.9g decay=%.9g beta2=%.9g warmup=%zu", t->p,
                    t->epochs, t->batch, t->lr, t->decay, t->beta2, t->warmup);
}

static void describe_teacher(char text[KEY_ROOM], const struct teacher *t)
{
    const int used =
        snprintf(text, KEY_ROOM, "%s d=%zu n=%zu c=%zu seed=%llu ", model_names[t->task.model],
                 t->task.d, t->task.n, t->task.c, (unsigned long long)t->task.seed);
    describe_training(text + used, KEY_ROOM - (size_t)used, &t->how);
}

static void describe_student(char text[KEY_ROOM], const struct student *s)
{
    describe_teacher(text, &s->teacher);
    int used = (int)strlen(text);
    used += snprintf(text + used, KEY_ROOM - (size_t)used, " > ");
    used += describe_training(text + used, KEY_ROOM - (size_t)used, &s->how);
    snprintf(text + used, KEY_ROOM - (size_t)used, " rho=%.9g tau=%.9g%s%s", s->rho, s->tau,
             s->hard ? " hard" : "", s->shuffle ? " shuffled" : "");
}

static size_t teacher_of(struct school *school, const struct teacher *plan)
{
    char key[KEY_ROOM];
    describe_teacher(key, plan);
    for (size_t i = school->teachers; i-- > 0;)
        if (strcmp(school->teacher[i].key, key) == 0) return i;
    school->teacher =
        grown(school->teacher, school->teachers, &school->teacher_room, sizeof *school->teacher);
    struct school_teacher *t = &school->teacher[school->teachers];
    *t = (struct school_teacher){.plan = *plan};
    memcpy(t->key, key, sizeof key);
    return school->teachers++;
}

static struct school_student *student_of(struct school *school, const struct student *plan)
{
    char key[KEY_ROOM];
    describe_student(key, plan);
    for (size_t i = 0; i < school->students; i++)
        if (strcmp(school->student[i].key, key) == 0) return &school->student[i];
    school->student =
        grown(school->student, school->students, &school->student_room, sizeof *school->student);
    struct school_student *s = &school->student[school->students++];
    *s = (struct school_student){.plan = *plan, .teacher = teacher_of(school, &plan->teacher)};
    memcpy(s->key, key, sizeof key);
    for (int f = 0; f < FIELDS; f++) s->outcome[f] = NAN;
    return s;
}

uint64_t school_seed(const struct school *school, size_t draw)
{
    enum { DRAWS = 1 << 16 };
    return study_seed(school->run) * DRAWS + draw;
}

const double *school_outcome(struct school *school, const struct student *student)
{
    return student_of(school, student)->outcome;
}

struct interval school_mean(struct school *school, const struct student *student, size_t draws,
                            enum outcome_field field)
{
    double *x = calloc(draws + 1, sizeof *x);
    struct student one = *student;
    if (!x) out_of_memory();
    for (size_t i = 0; i < draws; i++) {
        one.teacher.task.seed = school_seed(school, i);
        x[i] = school_outcome(school, &one)[field];
    }
    const struct interval mean = stats_mean(x, draws);
    free(x);
    return mean;
}

/* ---- the run */

static enum status open_rows(struct school *school, const char *asked)
{
    char build[256], text[1024];
    study_build(school->run, build, sizeof build);
    snprintf(text, sizeof text, "distillation, %s, seed %llu, %s", asked,
             (unsigned long long)study_seed(school->run), build);
    const enum status status =
        ledger_open(&school->ledger, &(struct ledger_plan){.path = study_rows(school->run),
                                                           .resume = study_resumes(school->run),
                                                           .run = text,
                                                           .share = study_share(school->run),
                                                           .columns = DISTILL_COLUMNS,
                                                           .fields = FIELDS});
    for (size_t i = 0; i < school->students && status == STATUS_OK; i++) {
        const double *row = ledger_find(&school->ledger, school->student[i].key);
        if (row) memcpy(school->student[i].outcome, row, sizeof school->student[i].outcome);
    }
    return status;
}

enum status school_run(struct school *school, struct study_run *run,
                       const struct school_options *options)
{
    *school = (struct school){.run = run,
                              .size = study_size(run),
                              .save_every = options->save_every,
                              .ledger = {.fd = -1},
                              .lock = PTHREAD_MUTEX_INITIALIZER};
    for (size_t i = 0; options->experiment[i]; i++) options->experiment[i](school);
    enum status status = open_rows(school, options->asked);
    if (status != STATUS_OK) return status;
    status = school_work(school);
    if (study_share(run).count) return status;
    school->recording = true;
    for (size_t i = 0; options->experiment[i]; i++) options->experiment[i](school);
    return status;
}

void school_close(struct school *school)
{
    for (size_t i = 0; i < school->teachers; i++) free(school->teacher[i].param);
    free(school->teacher);
    free(school->student);
    ledger_close(&school->ledger);
}

/* ---- records */

void school_claim(const struct school *school, const char *id, struct interval measured,
                  size_t samples)
{
    if (!school->recording) return;
    if (school->size == STUDY_SMOKE)
        study_out_of_reach(school->run, id, "too few draws at this size");
    else if (!isnan(measured.at))
        study_claim(school->run, id, &(struct outcome){.measured = measured, .samples = samples});
    else if (*school->lacking)
        study_out_of_reach(school->run, id, school->lacking);
}

void school_claim_value(const struct school *school, const char *id, double measured,
                        size_t samples)
{
    school_claim(school, id, (struct interval){measured, NAN, NAN}, samples);
}

void school_series(const struct school *school, const struct school_series *s)
{
    double y[POINTS], lo[POINTS], hi[POINTS];
    if (!school->recording) return;
    for (size_t i = 0; i < s->count; i++) {
        y[i] = s->y[i].at;
        lo[i] = s->y[i].lo;
        hi[i] = s->y[i].hi;
    }
    study_series(school->run, &(struct series){.name = s->name,
                                               .x_name = s->x_name,
                                               .y_name = s->y_name,
                                               .x = s->x,
                                               .y = y,
                                               .lo = lo,
                                               .hi = hi,
                                               .count = s->count});
}

void school_figure(const struct school *school, const char *name, const struct figure *figure)
{
    if (school->recording) study_figure(school->run, name, figure);
}

void school_heat(const struct school *school, const char *name, const struct svg_heat *heat)
{
    if (school->recording) study_heat(school->run, name, heat);
}
