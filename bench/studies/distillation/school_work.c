/* Who is still to be trained, as jobs of a sweep. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/status.h"
#include "studies/distillation/school.h"

struct work {
    struct school *school;
    struct sweep_job *job;
    size_t *who, count; /* a teacher, or behind them a student */
    char states[1000];  /* a folder; "": none is kept */
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

static void add_jobs(struct work *w)
{
    const struct school *school = w->school;
    size_t *job_of = calloc(school->teachers + 1, sizeof *job_of);
    if (!job_of) out_of_memory();
    for (size_t i = 0; i < school->students; i++)
        if (!is_done(&school->student[i])) job_of[school->student[i].teacher] = 1;
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
        if (!is_done(&school->student[i]))
            add_job(
                w, school->teachers + i,
                (struct sweep_job){student_seconds(s), wide, job_of[school->student[i].teacher]});
    }
    free(job_of);
}

/* FNV-1a of what it is the state of. */
static const char *state_path(const struct work *w, const char *key, char path[1100])
{
    uint64_t hash = 0xcbf29ce484222325u;
    if (!*w->states) return NULL;
    for (; *key; key++) hash = (hash ^ (unsigned char)*key) * 0x100000001b3u;
    snprintf(path, 1100, "%s/%016llx", w->states, (unsigned long long)hash);
    return path;
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
    char path[1100];
    const struct session s = session_of(w, worker, state_path(w, t->key, path));
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
    char path[1100];
    const struct session s = session_of(w, worker, state_path(w, y->key, path));
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

/* Beside the rows. */
static enum status open_states(struct work *w)
{
    const char *rows = study_rows(w->school->run);
    if (!rows) return STATUS_OK;
    if (snprintf(w->states, sizeof w->states, "%s.states", rows) >= (int)sizeof w->states)
        return fail(STATUS_NO_OUTPUT, "%s: the path is too long", rows);
    if (mkdir(w->states, 0777) == 0 || errno == EEXIST) return STATUS_OK;
    return fail(STATUS_NO_OUTPUT, "%s cannot be made: %s", w->states, strerror(errno));
}

static void remove_states(const struct work *w)
{
    char path[1100];
    const struct school *school = w->school;
    if (!*w->states) return;
    for (size_t i = 0; i < school->teachers; i++)
        unlink(state_path(w, school->teacher[i].key, path));
    for (size_t i = 0; i < school->students; i++)
        unlink(state_path(w, school->student[i].key, path));
    rmdir(w->states);
}

enum status school_work(struct school *school)
{
    struct work w = {.school = school,
                     .job = calloc(school->students + school->teachers + 1, sizeof *w.job),
                     .who = calloc(school->students + school->teachers + 1, sizeof *w.who)};
    if (!w.job || !w.who) out_of_memory();
    add_jobs(&w);
    enum status status = open_states(&w);
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
