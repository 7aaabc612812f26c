/* The paper's first experiment: the standard deviation of the initial weights, the same in all layers, over five
 * decades; which of them trainings survive, and what goes through the layers. */
#include <stdlib.h>
#include <string.h>

#include "studies/init_variance/grid.h"

struct setting {
    const char *name, *label;
    enum split_name set;
    size_t hidden[2];
    bool adam;
    double lr;
    size_t batch, passes;
    bool layers; /* are watched in the first draw */
};

/* MNIST and wine are the paper's data, all sizes ours. The rules other than the first show what the lower edge
 * hangs on beside the scale. */
enum { WINE_SGD, DIGITS_SGD, DIGITS_FAST, DIGITS_ADAM, MNIST_SGD, SETTINGS };
static const struct setting settings[SETTINGS] = {
    {"wine-sgd", "wine, SGD 0.01", SPLIT_WINE, {64, 32}, false, 0.01, 16, 200, false},
    {"digits-sgd", "digits, SGD 0.01", SPLIT_DIGITS, {256, 128}, false, 0.01, 16, 30, true},
    {"digits-fast", "digits, SGD 0.1", SPLIT_DIGITS, {256, 128}, false, 0.1, 16, 30, false},
    {"digits-adam", "digits, Adam 0.001", SPLIT_DIGITS, {256, 128}, true, 1e-3, 16, 30, false},
    {"mnist-sgd", "MNIST, SGD 0.01", SPLIT_MNIST, {256, 128}, false, 0.01, 128, 5, true},
};

static struct mlp_plan plan_of(const struct course *c, const struct setting *s)
{
    return (struct mlp_plan){.set = s->set,
                             .hidden = {s->hidden[0], s->hidden[1]},
                             .layers = 2,
                             .adam = s->adam,
                             .lr = s->lr,
                             .batch = s->batch,
                             .passes = course_pick(c, 2, s->passes, s->passes)};
}

/* The least or greatest mean over draws of what lies in from .. to. */
static struct interval from_to(const struct grid *g, const double *y, double from, double to,
                               bool greatest)
{
    struct interval at = {greatest ? -INFINITY : INFINITY, NAN, NAN};
    for (size_t i = 0; i < g->points; i++) {
        if (!grid_within(g->scale[i], from, to)) continue;
        const struct interval mean = stats_mean(y + i * g->draws, g->draws);
        if (isnan(mean.at)) return mean;
        if (greatest ? mean.at > at.at : mean.at < at.at) at = mean;
    }
    return at;
}

/* ---- claims */

static void claim_band(const struct course *c, const char *below, const char *above,
                       const struct grid *g)
{
    course_claim(c, below, grid_lower(g), g->draws);
    course_claim(c, above, grid_upper(g), g->draws);
}

static double farthest(const struct grid *g, const double *y, double most, double from)
{
    double apart = 0.0;
    for (size_t i = 0; i < g->points; i++) {
        if (!grid_within(g->scale[i], GRID_FROM, most)) continue;
        for (size_t k = 0; k < g->draws; k++) {
            const double off = fabs(y[i * g->draws + k] - from);
            if (isnan(off) || off > apart) apart = off;
        }
    }
    return apart;
}

static void claim_mnist(const struct course *c, const struct grid *g)
{
    /* The entropy of the class shares; that of ones among the tests. */
    const double prior = 2.3010, majority = 0.1135;
    const double *accuracy = g->accuracy;
    course_claim(c, "P2-1", from_to(g, accuracy, 1e-2, 1e-1, false), g->draws);
    course_claim(c, "P2-1b", from_to(g, accuracy, GRID_FROM, 3.1623e-3, true), g->draws);
    course_claim(c, "P2-1c", from_to(g, accuracy, 1.0, GRID_TO, true), g->draws);
    course_claim(c, "P2-1d", grid_best(g), g->draws);
    course_claim_value(c, "P2-2", farthest(g, g->loss, 1e-3, prior), g->draws);
    course_claim_value(c, "P2-2b", farthest(g, accuracy, 1e-3, majority), g->draws);
    claim_band(c, "BAND-m", "BAND-m2", g);
}

/* ---- figures */

static void draw_outcomes(const struct course *c, struct grid *const grid[SETTINGS])
{
    struct figure_curve loss[SETTINGS], accuracy[SETTINGS];
    char name[SETTINGS][2][32];
    size_t count = 0;
    for (size_t s = 0; s < SETTINGS; s++) {
        const struct grid *g = grid[s];
        if (!g) continue;
        snprintf(name[s][0], sizeof name[s][0], "loss-%s", settings[s].name);
        snprintf(name[s][1], sizeof name[s][1], "accuracy-%s", settings[s].name);
        course_series(c, &(struct course_series){name[s][0], "standard deviation",
                                                 "training loss, last pass", g->scale, g->loss,
                                                 g->points, g->draws});
        course_series(c, &(struct course_series){name[s][1], "standard deviation", "test accuracy",
                                                 g->scale, g->accuracy, g->points, g->draws});
        loss[count] = (struct figure_curve){name[s][0], settings[s].label, SVG_LINE, count + 1};
        accuracy[count] = (struct figure_curve){name[s][1], settings[s].label, SVG_LINE, count + 1};
        count++;
    }
    const struct svg_axis x = {.label = "initial standard deviation of all weights", .log = true};
    course_figure(c, "loss",
                  &(struct figure){"Training loss after training",
                                   x,
                                   {.label = "loss, last pass", .log = true},
                                   loss,
                                   count});
    course_figure(c, "accuracy",
                  &(struct figure){"Test accuracy after training",
                                   x,
                                   {.label = "share right", .lo = 0.0, .hi = 1.0},
                                   accuracy,
                                   count});
}

/* ---- tables */

static void tabulate_bands(const struct course *c, struct grid *const grid[SETTINGS])
{
    enum { COLUMNS = 8 };
    static const char *const columns[COLUMNS] = {"lower", "lo", "hi",   "upper",
                                                 "lo",    "hi", "best", "open"};
    double cells[SETTINGS * COLUMNS];
    const char *labels[SETTINGS];
    size_t rows = 0;
    for (size_t s = 0; s < SETTINGS; s++) {
        if (!grid[s]) continue;
        const struct interval lower = grid_lower(grid[s]), upper = grid_upper(grid[s]);
        const double open = grid_open_below(grid[s]) + grid_open_above(grid[s]);
        const double row[COLUMNS] = {
            lower.at, lower.lo, lower.hi, upper.at, upper.lo, upper.hi, grid_best(grid[s]).at,
            open};
        memcpy(cells + rows * COLUMNS, row, sizeof row);
        labels[rows++] = settings[s].label;
    }
    course_table(c, &(struct study_table){
                        "bands",
                        "The stable band, geometric means over draws; open: draws whose band "
                        "reaches an end of the grid",
                        "setting", columns, COLUMNS, labels, cells, rows});
}

enum status course_scales(struct course *c)
{
    static const char *const needs_mnist[] = {"P2-1", "P2-1b", "P2-1c",  "P2-1d",
                                              "P2-2", "P2-2b", "BAND-m", "BAND-m2"};
    struct grid *grid[SETTINGS] = {NULL};
    const size_t points = c->points ? c->points : course_pick(c, GRID_LEAST, 21, 41);
    const size_t draws = course_draws(c, 1, 3, 10);
    for (size_t s = 0; s < SETTINGS; s++) {
        const struct mlp_plan plan = plan_of(c, &settings[s]);
        if (course_has(c, settings[s].set))
            grid[s] = grid_open(c, &plan, points, draws,
                                settings[s].layers ? RECORDS_LAYERS : RECORDS_FEW);
    }
    tabulate_bands(c, grid);
    draw_outcomes(c, grid);
    claim_band(c, "BAND-w", "BAND-w2", grid[WINE_SGD]);
    claim_band(c, "BAND-d", "BAND-d2", grid[DIGITS_SGD]);
    course_claim_value(c, "BAND-a", grid_open_below(grid[DIGITS_ADAM]) / (double)draws, draws);
    if (grid[MNIST_SGD])
        claim_mnist(c, grid[MNIST_SGD]);
    else
        course_lacks_mnist(c, needs_mnist, sizeof needs_mnist / sizeof *needs_mnist);
    for (size_t s = 0; s < SETTINGS; s++) {
        if (!grid[s] || !settings[s].layers) continue;
        grid_signal(c, settings[s].set, settings[s].label, grid[s]);
    }
    for (size_t s = 0; s < SETTINGS; s++) free(grid[s]);
    return STATUS_OK;
}
