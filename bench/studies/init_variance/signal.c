/* What goes through the layers from each initial scale: activations, gradients, dead units, along the training and at its
 * end. The first draw's, whose layers are watched.
 */
#include <string.h>

#include "studies/init_variance/grid.h"

/* Of each layer against the scale, before the first step and at the end. */
struct quantity {
    enum seen field;
    const char *name, *title, *label;
    bool share; /* of hidden units: none of the outputs, and no logarithm */
};

/* Of a training that did not come to its end there is nothing trained to show. */
static double layer_at(const struct descent *d, size_t layer, enum seen field, bool trained)
{
    if (!trained) return descent_at(d, 0, layer, field);
    return descent_end(d, 0, SEEN_NONFINITE) > 0.0 ? NAN : descent_end(d, layer, field);
}

static void draw_layers(const struct course *c, enum split_name set, const struct grid *g,
                        const struct quantity *w)
{
    enum { LAYERS = 3, TIMES = 2 };
    struct figure_curve curve[LAYERS * TIMES];
    char name[LAYERS * TIMES][48], label[LAYERS * TIMES][32], figure[48];
    const size_t layers = w->share ? LAYERS - 1 : LAYERS;
    size_t count = 0;
    for (size_t time = 0; time < TIMES; time++)
        for (size_t l = 1; l <= layers; l++, count++) {
            double y[GRID_MOST];
            for (size_t i = 0; i < g->points; i++)
                y[i] = layer_at(g->at[i][0], l, w->field, time > 0);
            snprintf(name[count], sizeof name[count], "%s-%s-%zu-%s", w->name, split_text(set), l,
                     time ? "end" : "fresh");
            snprintf(label[count], sizeof label[count], "layer %zu%s", l,
                     time ? ", trained" : ", fresh");
            course_series(c, &(struct course_series){name[count], "standard deviation", w->label,
                                                     g->scale, y, g->points, 1});
            curve[count] = (struct figure_curve){name[count], label[count],
                                                 time ? SVG_LINE : SVG_REFERENCE, l};
        }
    snprintf(figure, sizeof figure, "%s-%s", w->name, split_text(set));
    course_figure(
        c, figure,
        &(struct figure){w->title,
                         {.label = "initial standard deviation of all weights", .log = true},
                         {.label = w->label, .log = !w->share},
                         curve,
                         count});
}

/* The first layer's gradient along the training. */
static void draw_steps(const struct course *c, enum split_name set, const struct grid *g)
{
    static const double shown[] = {1e-3, 1e-2, 3.1622776601683795e-2, 1e-1, 1.0};
    enum { SHOWN = sizeof shown / sizeof *shown };
    struct figure_curve curve[SHOWN];
    char name[SHOWN][48], label[SHOWN][32], figure[48];
    size_t count = 0;
    for (size_t i = 0; i < g->points; i++)
        for (size_t k = 0; k < SHOWN; k++) {
            const struct descent *d = g->at[i][0];
            double x[RECORDS_MOST], y[RECORDS_MOST];
            if (!grid_within(g->scale[i], shown[k], shown[k]) || count == SHOWN) continue;
            for (size_t r = 0; r < d->records; r++) {
                x[r] = (double)d->step[r] + 1.0;
                y[r] = descent_row(d, r, 1)[SEEN_GRAD];
            }
            snprintf(name[count], sizeof name[count], "steps-%s-%zu", split_text(set), i);
            snprintf(label[count], sizeof label[count], "%.3g", shown[k]);
            course_series(c,
                          &(struct course_series){name[count], "step", "gradient, root mean square",
                                                  x, y, d->records, 1});
            curve[count] = (struct figure_curve){name[count], label[count], SVG_LINE, count + 1};
            count++;
        }
    snprintf(figure, sizeof figure, "steps-%s", split_text(set));
    if (count)
        course_figure(c, figure,
                      &(struct figure){"The first layer's gradient along the training",
                                       {.label = "step, from 1", .log = true},
                                       {.label = "root mean square", .log = true},
                                       curve,
                                       count});
}

static void tabulate(const struct course *c, enum split_name set, const char *setting,
                     const struct grid *g)
{
    enum { COLUMNS = 9, LAYERS = 3 };
    static const char *const columns[COLUMNS] = {"accuracy", "loss",      "act 1",
                                                 "act 2",    "grad 1",    "dead 1",
                                                 "dead 2",   "subnormal", "nonfinite"};
    double cells[GRID_MOST * COLUMNS];
    char label[GRID_MOST][16], name[32], title[96];
    const char *labels[GRID_MOST];
    for (size_t i = 0; i < g->points; i++) {
        const struct descent *d = g->at[i][0];
        double subnormal = 0.0, nonfinite = 0.0;
        for (size_t l = 1; l <= LAYERS; l++) {
            subnormal = fmax(subnormal, descent_end(d, l, SEEN_SUBNORMAL));
            nonfinite = fmax(nonfinite, descent_end(d, l, SEEN_NONFINITE));
        }
        const double row[COLUMNS] = {descent_end(d, 0, SEEN_ACCURACY),
                                     descent_end(d, 0, SEEN_LOSS),
                                     descent_end(d, 1, SEEN_ACT),
                                     descent_end(d, 2, SEEN_ACT),
                                     descent_end(d, 1, SEEN_GRAD),
                                     descent_end(d, 1, SEEN_DEAD),
                                     descent_end(d, 2, SEEN_DEAD),
                                     subnormal,
                                     nonfinite};
        memcpy(cells + i * COLUMNS, row, sizeof row);
        snprintf(label[i], sizeof label[i], "%.3g", g->scale[i]);
        labels[i] = label[i];
    }
    snprintf(name, sizeof name, "signal-%s", split_text(set));
    snprintf(title, sizeof title,
             "%s, first draw, at the end; a loss of inf ended the training there", setting);
    course_table(
        c, &(struct study_table){name, title, "scale", columns, COLUMNS, labels, cells, g->points});
}

void grid_signal(const struct course *c, enum split_name set, const char *setting,
                 const struct grid *g)
{
    static const struct quantity shown[] = {
        {SEEN_ACT, "act", "Variance of what leaves each layer", "variance", false},
        {SEEN_DELTA, "delta", "Variance of the gradient that enters each layer", "variance", false},
        {SEEN_DEAD, "dead", "Units that are 0 on a whole batch", "share of units", true}};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) draw_layers(c, set, g, &shown[i]);
    draw_steps(c, set, g);
    tabulate(c, set, setting, g);
}
