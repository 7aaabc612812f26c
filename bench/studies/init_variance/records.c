/* What is made of a course's trainings: claims, series, figures, tables. */
#include <stdlib.h>

#include "studies/init_variance/course.h"

void course_claim(const struct course *c, const char *id, struct interval measured, size_t samples)
{
    if (!c->recording) return;
    if (c->size == STUDY_SMOKE)
        study_out_of_reach(c->run, id, "too small at this size");
    else if (!isnan(measured.at))
        study_claim(c->run, id, &(struct outcome){.measured = measured, .samples = samples});
}

void course_claim_value(const struct course *c, const char *id, double measured, size_t samples)
{
    course_claim(c, id, (struct interval){measured, NAN, NAN}, samples);
}

void course_lacks_mnist(const struct course *c, const char *const *id, size_t count)
{
    for (size_t i = 0; i < count && c->recording; i++)
        study_out_of_reach(c->run, id[i],
                           *c->lacking ? c->lacking : "a smoke run leaves MNIST out");
}

static void put_series(const struct course *c, const struct course_series *s,
                       struct interval (*mean_of)(const double *, size_t))
{
    double *row = calloc(3 * s->count + 1, sizeof *row);
    if (!row) out_of_memory();
    double *y = row, *lo = row + s->count, *hi = lo + s->count;
    for (size_t i = 0; i < s->count; i++) {
        const struct interval mean = mean_of(s->y + i * s->draws, s->draws);
        y[i] = mean.at;
        lo[i] = mean.lo;
        hi[i] = mean.hi;
    }
    if (c->recording)
        study_series(c->run, &(struct series){.name = s->name,
                                              .x_name = s->x_name,
                                              .y_name = s->y_name,
                                              .x = s->x,
                                              .y = y,
                                              .lo = s->draws > 1 ? lo : NULL,
                                              .hi = s->draws > 1 ? hi : NULL,
                                              .count = s->count});
    free(row);
}

void course_series(const struct course *c, const struct course_series *s)
{
    put_series(c, s, stats_mean);
}

void course_geomeans(const struct course *c, const struct course_series *s)
{
    put_series(c, s, stats_forks);
}

void course_figure(const struct course *c, const char *name, const struct figure *figure)
{
    if (c->recording) study_figure(c->run, name, figure);
}

void course_heat(const struct course *c, const char *name, const struct svg_heat *heat)
{
    if (c->recording) study_heat(c->run, name, heat);
}

void course_table(const struct course *c, const struct study_table *table)
{
    if (c->recording) study_table(c->run, table);
}
