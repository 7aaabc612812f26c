/* stages: the parts of the study. Each records its claims, tables, series and figures. */
#ifndef CIRCUITS_STAGES_H
#define CIRCUITS_STAGES_H

#include "studies/circuits/trial.h"
#include "studies/study.h"

/* Its part of the study's time lies in begin .. begin + span. */
struct stage {
    struct study_run *run;
    enum study_size size;
    uint64_t seed;
    const char *what;
    double begin, span;
};

/* `part` of it is done, 0 to 1. True where the run is to end. */
bool stage_at(const struct stage *s, double part);
/* trial_plan.stop, of a struct study_run. */
bool stage_stop(void *run);
static inline size_t stage_pick(const struct stage *s, size_t smoke, size_t standard, size_t paper)
{
    return s->size == STUDY_SMOKE ? smoke : s->size == STUDY_DEFAULT ? standard : paper;
}

/* applications.c: networks, their sizes, what they get wrong, their times. */
enum status stage_applications(const struct stage *s);
/* control.c: what is beyond the bound must fail, and what one gate takes. */
enum status stage_control(const struct stage *s);
/* growth.c: sizes against problem size. */
enum status stage_growth(const struct stage *s);
/* speed.c: by non-zeros against full matrices, and against what the machine can do. */
enum status stage_memory(const struct stage *s);
enum status stage_speed(const struct stage *s);
/* density.c: what a layer takes by its weights. */
enum status stage_density(const struct stage *s);
/* approximation.c: a circuit's network against a trained one. */
enum status stage_approximation(const struct stage *s);

/* trial_tables.c: sizes, what is wrong, times; one row each. */
void trial_tables(struct study_run *run, size_t count, const char *const *labels,
                  const struct trial *trial);
/* from_file.c: the user's circuit or machine (asked.h), tried like an application; tables alone. STATUS_WRONG where an
 * output is wrong. */
enum status stage_file(struct study_run *run);

#endif
