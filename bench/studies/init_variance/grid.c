#include "studies/init_variance/grid.h"

#include <stdlib.h>

static void judge(struct grid *g, size_t draw, double chance)
{
    double accuracy[GRID_MOST];
    bool finite[GRID_MOST];
    for (size_t i = 0; i < g->points; i++) {
        accuracy[i] = g->accuracy[i * g->draws + draw];
        finite[i] = descent_end(g->at[i][draw], 0, SEEN_NONFINITE) == 0.0;
    }
    g->band[draw] = stable_band(g->scale, accuracy, finite, g->points, chance);
}

struct grid *grid_open(struct course *c, const struct mlp_plan *plan, size_t points, size_t draws,
                       enum records first)
{
    struct grid *g = calloc(1, sizeof *g);
    if (!g) out_of_memory();
    g->points = points;
    g->draws = draws;
    for (size_t i = 0; i < points; i++) {
        const double part = (double)i / (double)(points - 1);
        g->scale[i] = GRID_FROM * pow(GRID_TO / GRID_FROM, part);
        for (size_t k = 0; k < draws; k++) {
            struct mlp_plan one = *plan;
            one.init = (struct init){.kind = INIT_FIXED, .gain = g->scale[i]};
            if (k == 0) one.records = first;
            const struct descent *d = course_mlp(c, &one, k);
            g->at[i][k] = d;
            g->accuracy[i * draws + k] = descent_end(d, 0, SEEN_ACCURACY);
            g->loss[i * draws + k] = descent_end(d, 0, SEEN_LOSS);
        }
    }
    for (size_t k = 0; k < draws; k++) judge(g, k, course_chance(c, plan->set));
    return g;
}

static struct interval geomean_of(const struct grid *g, double (*of)(const struct stable *))
{
    double x[DRAWS_MOST];
    for (size_t k = 0; k < g->draws; k++) x[k] = of(&g->band[k]);
    return stats_forks(x, g->draws);
}

static double lower_of(const struct stable *s)
{
    return s->lower;
}
static double upper_of(const struct stable *s)
{
    return s->upper;
}
static double best_of(const struct stable *s)
{
    return s->best;
}

struct interval grid_lower(const struct grid *g)
{
    return geomean_of(g, lower_of);
}
struct interval grid_upper(const struct grid *g)
{
    return geomean_of(g, upper_of);
}
struct interval grid_best(const struct grid *g)
{
    return geomean_of(g, best_of);
}

struct interval grid_decades(const struct grid *g)
{
    double x[DRAWS_MOST];
    for (size_t k = 0; k < g->draws; k++) x[k] = log10(g->band[k].upper / g->band[k].lower);
    return stats_mean(x, g->draws);
}

double grid_open_below(const struct grid *g)
{
    double some = 0.0;
    for (size_t k = 0; k < g->draws; k++)
        some += isnan(g->band[k].lower) ? NAN : (double)g->band[k].open_below;
    return some;
}

double grid_open_above(const struct grid *g)
{
    double some = 0.0;
    for (size_t k = 0; k < g->draws; k++)
        some += isnan(g->band[k].upper) ? NAN : (double)g->band[k].open_above;
    return some;
}

bool grid_within(double scale, double from, double to)
{
    const double rounding = 1e-9;
    return scale >= from * (1.0 - rounding) && scale <= to * (1.0 + rounding);
}
