/* The stable band over the plane of width and depth, beside theory: weights keep the variance of what goes through them
 * at sqrt(2 / width). Handwritten digits, gradient descent, all hidden layers of one width.
 */
#include <stdlib.h>

#include "studies/init_variance/grid.h"

enum { WIDTHS = 4, DEPTHS = 4, CELLS = WIDTHS * DEPTHS };
static const size_t widths[STUDY_SIZES][WIDTHS] = {
    {8, 12, 16, 24}, {24, 48, 96, 192}, {32, 64, 128, 256}};
static const size_t depths[DEPTHS] = {1, 2, 4, 8};
enum { DEEPEST = DEPTHS - 1 };

/* Of each cell, by depth, then width: over draws. */
struct plane {
    size_t draws;
    double width[WIDTHS], depth[DEPTHS];
    double lower[CELLS * DRAWS_MOST], best[CELLS * DRAWS_MOST], upper[CELLS * DRAWS_MOST];
    double decades[CELLS * DRAWS_MOST];
    struct interval mean_lower[CELLS], mean_best[CELLS], mean_upper[CELLS], mean_decades[CELLS];
    double open_below[CELLS];
};

static double critical(double width)
{
    return sqrt(2.0 / width);
}

static void measure_cell(struct course *c, struct plane *p, size_t d, size_t w)
{
    const size_t cell = d * WIDTHS + w;
    struct mlp_plan plan = {.set = SPLIT_DIGITS,
                            .layers = depths[d],
                            .lr = 0.02,
                            .batch = 16,
                            .passes = course_pick(c, 1, 12, 40)};
    for (size_t l = 0; l < plan.layers; l++) plan.hidden[l] = widths[c->size][w];
    struct grid *g = grid_open(c, &plan, c->points ? c->points : course_pick(c, GRID_LEAST, 26, 51),
                               p->draws, RECORDS_FEW);
    p->mean_lower[cell] = grid_lower(g);
    p->mean_best[cell] = grid_best(g);
    p->mean_upper[cell] = grid_upper(g);
    p->mean_decades[cell] = grid_decades(g);
    p->open_below[cell] = grid_open_below(g);
    for (size_t k = 0; k < p->draws; k++) {
        const struct stable *band = &g->band[k];
        const size_t at = cell * p->draws + k;
        p->lower[at] = band->lower;
        p->best[at] = band->best;
        p->upper[at] = band->upper;
        p->decades[at] = log10(band->upper / band->lower);
    }
    free(g);
}

/* ---- claims */

/* The exponent of an edge in the width, at the greatest depth. */
static struct interval exponents(const struct plane *p, const double *y)
{
    double exponent[DRAWS_MOST];
    for (size_t k = 0; k < p->draws; k++)
        exponent[k] =
            stats_exponent(p->width, y + DEEPEST * WIDTHS * p->draws + k, WIDTHS, p->draws);
    return stats_mean(exponent, p->draws);
}

static void claim(const struct course *c, const struct plane *p)
{
    double narrower = -INFINITY, ratio[DRAWS_MOST];
    for (size_t w = 0; w < WIDTHS; w++) {
        const double deep = p->mean_decades[DEEPEST * WIDTHS + w].at;
        const double by = deep - p->mean_decades[w].at;
        if (isnan(by) || by > narrower) narrower = by;
    }
    for (size_t k = 0; k < p->draws; k++) {
        double sum = 0.0;
        for (size_t w = 0; w < WIDTHS; w++)
            sum += log(p->best[(DEEPEST * WIDTHS + w) * p->draws + k] / critical(p->width[w]));
        ratio[k] = exp(sum / WIDTHS);
    }
    course_claim_value(c, "DEPTH", narrower, WIDTHS * p->draws);
    course_claim(c, "CRIT", stats_forks(ratio, p->draws), p->draws);
    course_claim(c, "WIDTH", exponents(p, p->lower), p->draws);
    course_claim(c, "WIDTH-b", exponents(p, p->upper), p->draws);
}

/* ---- figures */

/* One edge over the widths: p->lower or the like at one depth, as a series. */
static void series_over_width(const struct course *c, const struct plane *p, const double *y,
                              const char *name, size_t depth)
{
    course_geomeans(c, &(struct course_series){name, "width", "standard deviation", p->width,
                                               y + depth * WIDTHS * p->draws, WIDTHS, p->draws});
}

static void draw_edges(const struct course *c, const struct plane *p)
{
    static const char *const name[DEPTHS][2] = {{"lower-1", "upper-1"},
                                                {"lower-2", "upper-2"},
                                                {"lower-4", "upper-4"},
                                                {"lower-8", "upper-8"}};
    static const char *const label[DEPTHS] = {"1 hidden layer", "2", "4", "8"};
    struct figure_curve curve[2 * DEPTHS + 1];
    double theory[WIDTHS];
    for (size_t d = 0; d < DEPTHS; d++) {
        series_over_width(c, p, p->lower, name[d][0], d);
        series_over_width(c, p, p->upper, name[d][1], d);
        curve[2 * d] = (struct figure_curve){name[d][0], label[d], SVG_LINE, d + 1};
        curve[2 * d + 1] = (struct figure_curve){name[d][1], NULL, SVG_LINE, d + 1};
    }
    for (size_t w = 0; w < WIDTHS; w++) theory[w] = critical(p->width[w]);
    course_series(c, &(struct course_series){"critical", "width", "standard deviation", p->width,
                                             theory, WIDTHS, 1});
    curve[2 * DEPTHS] = (struct figure_curve){"critical", "sqrt(2 / width)", SVG_REFERENCE, 0};
    course_figure(c, "edges",
                  &(struct figure){"Lower and upper edge of the stable band",
                                   {.label = "width of the hidden layers", .log = true},
                                   {.label = "initial standard deviation", .log = true},
                                   curve,
                                   2 * DEPTHS + 1});
}

static void draw_map(const struct course *c, const struct plane *p, const char *name,
                     const char *title, const char *what, const double *z)
{
    course_heat(c, name,
                &(struct svg_heat){.title = title,
                                   .x = {.label = "width"},
                                   .y = {.label = "hidden layers"},
                                   .z = {.label = what},
                                   .at_x = p->width,
                                   .at_y = p->depth,
                                   .at_z = z,
                                   .columns = WIDTHS,
                                   .rows = DEPTHS});
}

static void draw_maps(const struct course *c, const struct plane *p)
{
    double decades[CELLS], best[CELLS];
    for (size_t i = 0; i < CELLS; i++) {
        decades[i] = p->mean_decades[i].at;
        best[i] = p->mean_best[i].at / critical(p->width[i % WIDTHS]);
    }
    draw_map(c, p, "plane-decades", "How wide the stable band is", "decades", decades);
    draw_map(c, p, "plane-best", "The best scale over sqrt(2 / width)", "ratio", best);
}

static void tabulate(const struct course *c, const struct plane *p)
{
    enum { COLUMNS = 8 };
    static const char *const columns[COLUMNS] = {"lower", "lo", "hi", "best",
                                                 "upper", "lo", "hi", "critical"};
    double cells[CELLS * COLUMNS];
    char text[CELLS][48];
    const char *labels[CELLS];
    for (size_t i = 0; i < CELLS; i++) {
        const struct interval *lower = &p->mean_lower[i], *upper = &p->mean_upper[i];
        const double row[COLUMNS] = {
            lower->at, lower->lo, lower->hi, p->mean_best[i].at,
            upper->at, upper->lo, upper->hi, critical(p->width[i % WIDTHS])};
        for (size_t k = 0; k < COLUMNS; k++) cells[i * COLUMNS + k] = row[k];
        snprintf(text[i], sizeof text[i], "%.0f x %.0f%s", p->depth[i / WIDTHS],
                 p->width[i % WIDTHS], p->open_below[i] > 0.0 ? " *" : "");
        labels[i] = text[i];
    }
    course_table(c,
                 &(struct study_table){"plane",
                                       "The stable band on digits, geometric means over draws; * "
                                       "reaches below the grid in some draw",
                                       "depth x width", columns, COLUMNS, labels, cells, CELLS});
}

enum status course_plane(struct course *c)
{
    struct plane *p = calloc(1, sizeof *p);
    if (!p) out_of_memory();
    p->draws = course_draws(c, 1, 5, 10);
    for (size_t w = 0; w < WIDTHS; w++) p->width[w] = (double)widths[c->size][w];
    for (size_t d = 0; d < DEPTHS; d++) p->depth[d] = (double)depths[d];
    for (size_t i = 0; i < CELLS; i++) measure_cell(c, p, i / WIDTHS, i % WIDTHS);
    claim(c, p);
    tabulate(c, p);
    draw_edges(c, p);
    draw_maps(c, p);
    free(p);
    return STATUS_OK;
}
