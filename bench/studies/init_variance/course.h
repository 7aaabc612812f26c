/* course: the trainings that the experiments of a run ask for, and what was seen of them.
 *
 * An experiment is one function, called twice: first what it reads of trainings is NaN, and by asking it says which are
 * to be carried out; when all are, it gets their records and makes claims, series, figures and tables of them, which the
 * first call leaves out.
 */
#ifndef INIT_VARIANCE_COURSE_H
#define INIT_VARIANCE_COURSE_H

#include <math.h>

#include "studies/init_variance/descent.h"
#include "studies/ledger.h"
#include "studies/states.h"
#include "train/tokens.h"

struct course {
    struct study_run *run;
    enum study_size size;
    bool recording;
    const char *mnist;      /* the folder of its files; NULL: the usual one */
    size_t points, repeats; /* asked for; 0: those of the size */
    struct descent **descent;
    size_t count, room;
    struct split split[SPLITS];
    bool has[SPLITS];
    char lacking[512]; /* why there is no MNIST */
    struct tokens tokens;
    struct ledger ledger;
    struct states states;
};

/* An experiment. A failure of what it does itself ends the run. */
typedef enum status course_experiment(struct course *course);

/* Plans all, carries out what is not in the rows that are resumed, records. `asked` stands in the head of the rows.
 * experiment: NULL at the end. */
enum status course_run(struct course *course, course_experiment *const *experiment,
                       const char *asked);
void course_close(struct course *course);

static inline size_t course_pick(const struct course *course, size_t smoke, size_t standard,
                                 size_t paper)
{
    return course->size == STUDY_SMOKE ? smoke : course->size == STUDY_DEFAULT ? standard : paper;
}
/* Of MLPs, unless `repeats` says another. */
size_t course_draws(const struct course *course, size_t smoke, size_t standard, size_t paper);
/* The seed of a draw of this run. */
uint64_t course_seed(const struct course *course, size_t draw);

/* The training of that plan; its seed is that of the draw. */
const struct descent *course_mlp(struct course *course, const struct mlp_plan *plan, size_t draw);
const struct descent *course_gpt(struct course *course, const struct gpt_settings *settings,
                                 size_t draw);
/* Right without looking, NaN while there are no data. */
double course_chance(const struct course *course, enum split_name name);
/* Is this size to train on it, and can it? */
bool course_has(const struct course *course, enum split_name name);

/* ---- records, left out by the first call */

/* A smoke run is too small for a claim that hangs on training, and says so; NaN is what was not measured. */
void course_claim(const struct course *course, const char *id, struct interval measured,
                  size_t samples);
void course_claim_value(const struct course *course, const char *id, double measured,
                        size_t samples);
/* Claims that need MNIST, where it is not there. */
void course_lacks_mnist(const struct course *course, const char *const *id, size_t count);

/* y: count x draws numbers, or one a point where draws is 1: their means, with intervals where there are several. */
struct course_series {
    const char *name, *x_name, *y_name;
    const double *x, *y;
    size_t count, draws;
};
void course_series(const struct course *course, const struct course_series *series);
/* Of geometric means. */
void course_geomeans(const struct course *course, const struct course_series *series);
void course_figure(const struct course *course, const char *name, const struct figure *figure);
void course_heat(const struct course *course, const char *name, const struct svg_heat *heat);
void course_table(const struct course *course, const struct study_table *table);

/* ---- the experiments, each in the file of its name */

course_experiment course_scales, course_plane, course_schemes, course_laws, course_transformer;

#endif
