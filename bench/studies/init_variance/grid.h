/* grid: initial standard deviations, evenly spread on a logarithmic axis, and trainings from each of them. */
#ifndef INIT_VARIANCE_GRID_H
#define INIT_VARIANCE_GRID_H

#include "studies/init_variance/course.h"
#include "studies/init_variance/stable.h"

#define GRID_FROM 1e-4
#define GRID_TO 1e1
enum { GRID_LEAST = 13, GRID_MOST = 101, DRAWS_MOST = 50 };

/* One training from each scale in each draw; all from one net and rule but for the scale. */
struct grid {
    size_t points, draws;
    double scale[GRID_MOST];
    const struct descent *at[GRID_MOST][DRAWS_MOST];
    double accuracy[GRID_MOST * DRAWS_MOST],
        loss[GRID_MOST * DRAWS_MOST]; /* point by point; at the end */
    struct stable band[DRAWS_MOST];   /* of each draw */
};

/* Asks for them. plan.records of the first draw is `first`. To be freed. */
struct grid *grid_open(struct course *course, const struct mlp_plan *plan, size_t points,
                       size_t draws, enum records first);

/* The geometric mean over draws. */
struct interval grid_lower(const struct grid *grid);
struct interval grid_upper(const struct grid *grid);
struct interval grid_best(const struct grid *grid);
/* The mean of log10(upper / lower). */
struct interval grid_decades(const struct grid *grid);
/* Draws whose band reaches the first scale, the last; NaN where a draw has no band. */
double grid_open_below(const struct grid *grid);
double grid_open_above(const struct grid *grid);
/* Figures and a table of what went through the layers in the first draw, which was asked for with RECORDS_LAYERS. `setting`
 * names it in the title. */
void grid_signal(const struct course *course, enum split_name set, const char *setting,
                 const struct grid *grid);
/* Is the scale within from .. to, up to rounding? */
bool grid_within(double scale, double from, double to);

#endif
