/* Who is still to be trained, as jobs of a sweep. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "studies/distillation/school.h"
#include "studies/states.h"

struct work {
    struct school *school;
    struct sweep_job *job;
    size_t *who, count; /* a teacher, or behind them a student */
    struct states states;
};

static bool is_done(const struct school_student *s)
{
    return !isnan(s->outcome[SEEN]);
}

static void add_job(struct work *w, size_t who, struct sweep_job job)
{
    w->who[w->count] = who;
    w->job[w->count++] = job;
}

/* Each teacher's share, its students with it: nobody is taught twice. */
static enum status deal(const struct school *school, size_t *owner)
{
    const struct cluster_share share = study_share(school->run);
    if (!share.count) return STATUS_OK;
    double *cost = calloc(school->teachers + 1, sizeof *cost);
    if (!cost) out_of_memory();
    for (size_t i = 0; i < school->teachers; i++)
        cost[i] = teacher_seconds(&school->teacher[i].plan);
    for (size_t i = 0; i < school->students; i++)
        cost[school->student[i].teacher] += student_seconds(&school->student[i].plan);
    const enum status status = share_deal(cost, school->teachers, share.count, owner);
    free(cost);
    return status;
}

static enum status add_jobs(struct work *w)
{
    const struct school *school = w->school;
    const size_t mine = study_share(school->run).index;
    size_t *job_of = calloc(school->teachers + 1, sizeof *job_of);
    size_t *owner = calloc(school->teachers + 1, sizeof *owner);
    if (!job_of || !owner) out_of_memory();
    const enum status status = deal(school, owner);
    for (size_t i = 0; i < school->students; i++)
        if (!is_done(&school->student[i]) && owner[school->student[i].teacher] == mine)
            job_of[school->student[i].teacher] = 1;
    for (size_t i = 0; i < school->teachers; i++) {
        const struct teacher *t = &school->teacher[i].plan;
        if (!job_of[i]) continue;
        job_of[i] = w->count;
        add_job(w, i,
                (struct sweep_job){teacher_seconds(t), training_is_wide(&t->task, &t->how),
                                   SWEEP_NONE});
    }
    for (size_t i = 0; i < school->students; i++) {
        const struct student *s = &school->student[i].plan;
        const bool wide =
            s->teacher.task.model != LOGISTIC && training_is_wide(&s->teacher.task, &s->how);
        if (!is_done(&school->student[i]) && owner[school->student[i].teacher] == mine)
            add_job(
                w, school->teachers + i,
                (struct sweep_job){student_seconds(s), wide, job_of[school->student[i].teacher]});
    }
    free(job_of);
    free(owner);
    return status;
}

static struct session session_of(const struct work *w, struct sweep_worker *worker,
                                 const char *state)
{
    return (struct session){.set = study_kernels(w->school->run),
                            .worker = worker,
                            .state = state,
                            .resume = study_resumes(w->school->run),
                            .save_every = w->school->save_every};
}

static enum status teach_one(const struct work *w, struct school_teacher *t,
                             struct sweep_worker *worker)
{
    char path[STATES_PATH];
    const struct session s = session_of(w, worker, states_path(&w->states, t->key, "", path));
    t->param = malloc((teacher_parameters(&t->plan) + 1) * sizeof *t->param);
    if (!t->param) return fail(STATUS_OS, "no memory for the parameters of a teacher");
    return teacher_train(&s, &t->plan, t->param);
}

static void note_lacking(struct school *school)
{
    pthread_mutex_lock(&school->lock);
    snprintf(school->lacking, sizeof school->lacking, "%s", status_text());
    pthread_mutex_unlock(&school->lock);
}

/* Students that need what is not here are left out. */
static enum status study_one(const struct work *w, struct school_student *y,
                             struct sweep_worker *worker)
{
    char path[STATES_PATH];
    const struct session s = session_of(w, worker, states_path(&w->states, y->key, "", path));
    double outcome[FIELDS];
    enum status status =
        student_train(&s, &y->plan, w->school->teacher[y->teacher].param, outcome, NULL);
    if (status == STATUS_UNAVAILABLE) {
        note_lacking(w->school);
        return STATUS_OK;
    }
    if (status != STATUS_OK || sweep_stopped(worker)) return status;
    memcpy(y->outcome, outcome, sizeof outcome);
    status = ledger_append(&w->school->ledger, y->key, outcome);
    if (status == STATUS_OK && s.state) unlink(s.state);
    return status;
}

static enum status carry_out(size_t i, struct sweep_worker *worker, void *ctx)
{
    const struct work *w = ctx;
    const size_t who = w->who[i];
    if (who < w->school->teachers) return teach_one(w, &w->school->teacher[who], worker);
    return study_one(w, &w->school->student[who - w->school->teachers], worker);
}

static void remove_states(const struct work *w)
{
    const struct school *school = w->school;
    for (size_t i = 0; i < school->teachers; i++)
        states_remove(&w->states, school->teacher[i].key, "");
    for (size_t i = 0; i < school->students; i++)
        states_remove(&w->states, school->student[i].key, "");
    states_close(&w->states);
}

enum status school_work(struct school *school)
{
    struct work w = {.school = school,
                     .job = calloc(school->students + school->teachers + 1, sizeof *w.job),
                     .who = calloc(school->students + school->teachers + 1, sizeof *w.who)};
    if (!w.job || !w.who) out_of_memory();
    enum status status = add_jobs(&w);
    if (status == STATUS_OK) status = states_open(&w.states, study_rows(school->run));
    if (status == STATUS_OK)
        status = sweep_run(&(struct sweep){.run = school->run,
                                           .what = "teachers and students",
                                           .job = w.job,
                                           .count = w.count,
                                           .work = carry_out,
                                           .ctx = &w});
    if (status == STATUS_OK && !study_interrupted(school->run)) {
        status = ledger_complete(&school->ledger);
        remove_states(&w);
    }
    free(w.job);
    free(w.who);
    return status;
}
