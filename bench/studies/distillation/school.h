/* school: the students that the experiments of a run ask for, and what came of them.
 *
 * An experiment is one function, called twice: first it asks for means over draws, which are NaN, and so says which
 * students are to be trained; when all of them are, it gets those means and records claims, series and figures, which
 * the first call leaves out.
 */
#ifndef DISTILLATION_SCHOOL_H
#define DISTILLATION_SCHOOL_H

#include <math.h>

#include "studies/distillation/distill.h"
#include "studies/ledger.h"

enum { KEY_ROOM = JOURNAL_KEY, POINTS = 64 };

struct school_student {
    struct student plan;
    char key[KEY_ROOM];
    size_t teacher;
    double outcome[FIELDS]; /* NaN until it is done */
};

struct school_teacher {
    struct teacher plan;
    char key[KEY_ROOM];
    float *param; /* NULL until it is taught */
};

struct school {
    struct study_run *run;
    enum study_size size;
    bool recording;
    struct school_student *student;
    struct school_teacher *teacher;
    size_t students, teachers, student_room, teacher_room;
    struct ledger ledger;
    double save_every;
    pthread_mutex_t lock;
    char lacking[256]; /* a library that some students would need; under the lock */
};

static inline size_t school_pick(const struct school *school, size_t smoke, size_t standard,
                                 size_t paper)
{
    return school->size == STUDY_SMOKE ? smoke : school->size == STUDY_DEFAULT ? standard : paper;
}

/* An experiment. */
typedef void school_experiment(struct school *school);

struct school_options {
    school_experiment *const *experiment; /* NULL at the end */
    const char *asked; /* for the head of the rows: what they are, beside size and seed */
    double save_every; /* seconds between states of one training */
};
/* Plans all, carries out what is not in the rows that are resumed, records. */
enum status school_run(struct school *school, struct study_run *run,
                       const struct school_options *options);
/* Trains those whose outcome is not there yet. */
enum status school_work(struct school *school);
void school_close(struct school *school);

/* The seed of a draw of this run. */
uint64_t school_seed(const struct school *school, size_t draw);
/* What became of that student; NaN where it is not done. */
const double *school_outcome(struct school *school, const struct student *student);
/* The mean over so many draws; the seed of the student is not looked at. */
struct interval school_mean(struct school *school, const struct student *student, size_t draws,
                            enum outcome_field field);

/* Of some, of which one that was not measured makes NaN. */
static inline double school_most(double most, double x)
{
    return isnan(x) || isnan(most) ? NAN : fmax(most, x);
}
static inline double school_least(double least, double x)
{
    return isnan(x) || isnan(least) ? NAN : fmin(least, x);
}

/* ---- records, left out by the first call */

/* A smoke run has too few draws for a claim, and says so; NaN is what was not measured. */
void school_claim(const struct school *school, const char *id, struct interval measured,
                  size_t samples);
void school_claim_value(const struct school *school, const char *id, double measured,
                        size_t samples);

struct school_series {
    const char *name, *x_name, *y_name;
    const double *x;
    const struct interval *y;
    size_t count; /* up to POINTS */
};
void school_series(const struct school *school, const struct school_series *series);
void school_figure(const struct school *school, const char *name, const struct figure *figure);
void school_heat(const struct school *school, const char *name, const struct svg_heat *heat);
/* The experiments, each in the file of its name. */
school_experiment school_logistic, school_temperature, school_classes, school_mlp, school_plane,
    school_addition, school_attention, school_triples;

#endif
