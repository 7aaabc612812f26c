/* How networks grow with their problem: Floyd and Warshall's with the vertices, a Turing machine's with its steps.
 * Nothing runs. */
#include <math.h>

#include "measure/stats.h"
#include "studies/circuits/compiler.h"
#include "studies/circuits/stages.h"

enum { POINTS_MOST = 8 };

/* Sizes of an application's networks at each n. */
struct growth {
    double x[POINTS_MOST]; /* what is grown */
    double neurons[POINTS_MOST], gates[POINTS_MOST], nnz[POINTS_MOST];
    size_t count;
};

static enum status grow(const struct stage *s, const struct app_kind *kind, size_t n, double x,
                        struct growth *g)
{
    struct app a;
    struct relu_net net;
    enum status status = app_open(&a, kind, n, s->seed);
    if (status != STATUS_OK) return status;
    status = compile(&net, &a.circuit, &(struct compile_plan){.skip = false});
    app_close(&a);
    if (status != STATUS_OK) return status;
    g->x[g->count] = x;
    g->neurons[g->count] = (double)net_neurons(&net);
    g->gates[g->count] = (double)net.size.gates;
    g->nnz[g->count++] = (double)net.size.nnz;
    relu_net_close(&net);
    return STATUS_OK;
}

/* Of a power law between that point and the next. */
static double exponent_at(const struct growth *g, const double *y, size_t point)
{
    return stats_exponent(g->x + point, y + point, 2, 1);
}

static void line(const struct stage *s, const char *name, const char *x_name, const char *y_name,
                 const struct growth *g, const double *y)
{
    study_series(s->run, &(struct series){.name = name,
                                          .x_name = x_name,
                                          .y_name = y_name,
                                          .x = g->x,
                                          .y = y,
                                          .count = g->count});
}

/* A power of x through the last point. */
static void reference(const struct stage *s, const char *name, const char *x_name, double power,
                      const struct growth *g)
{
    double y[POINTS_MOST];
    const size_t last = g->count - 1;
    for (size_t i = 0; i < g->count; i++)
        y[i] = g->neurons[last] * pow(g->x[i] / g->x[last], power);
    line(s, name, x_name, "neurons", g, y);
}

static void figure(const struct stage *s, const char *name, const char *title,
                   const char *const series[4], const char *law)
{
    study_figure(s->run, name,
                 &(struct figure){.title = title,
                                  .x = {.log = true},
                                  .y = {.label = "count", .log = true},
                                  .curves =
                                      (const struct figure_curve[]){
                                          {series[3], law, SVG_REFERENCE, 0},
                                          {series[2], "weights that are not 0", SVG_LINE, 2},
                                          {series[0], "neurons", SVG_LINE, 1},
                                          {series[1], "neurons of gates", SVG_LINE, 3}},
                                  .count = 4});
}

static void record(const struct stage *s, const char *const series[4], const char *x_name,
                   double power, const struct growth *g)
{
    line(s, series[0], x_name, "neurons", g, g->neurons);
    line(s, series[1], x_name, "neurons of gates", g, g->gates);
    line(s, series[2], x_name, "weights that are not 0", g, g->nnz);
    reference(s, series[3], x_name, power, g);
}

static enum status graphs(const struct stage *s)
{
    static const size_t vertices[] = {4, 8, 16, 32, 64, 96};
    static const char *const series[] = {"paths-neurons", "paths-gates", "paths-nnz",
                                         "paths-cubic"};
    const size_t count = stage_pick(s, 3, 5, 6);
    struct growth g = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        if (stage_at(s, 0.7 * pow(0.3, (double)(count - i)))) return STATUS_OK;
        const enum status status =
            grow(s, &app_floyd_warshall, vertices[i], (double)vertices[i], &g);
        if (status != STATUS_OK) return status;
    }
    record(s, series, "vertices", 3.0, &g);
    if (count > 3) {
        study_claim_value(s->run, "C4d", exponent_at(&g, g.neurons, 2), 2, NULL);
        study_claim_value(s->run, "C4e", exponent_at(&g, g.nnz, 2), 2, NULL);
        study_claim_value(s->run, "C4f", exponent_at(&g, g.neurons, count - 2), 2, NULL);
    }
    figure(s, "paths", "Floyd and Warshall's network", series, "vertices cubed");
    return STATUS_OK;
}

static enum status machines(const struct stage *s)
{
    static const size_t digits[] = {4, 8, 16, 32, 64, 128};
    static const char *const series[] = {"machine-neurons", "machine-gates", "machine-nnz",
                                         "machine-square"};
    const size_t count = stage_pick(s, 3, 5, 6);
    struct growth g = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        if (stage_at(s, 0.7 + 0.3 * pow(0.3, (double)(count - i)))) return STATUS_OK;
        /* A carry may go through all digits and into a new one. */
        const enum status status = grow(s, &app_increment, digits[i], (double)digits[i] + 1.0, &g);
        if (status != STATUS_OK) return status;
    }
    record(s, series, "steps", 2.0, &g);
    study_claim_value(s->run, "C5e", exponent_at(&g, g.neurons, count - 2), 2, NULL);
    figure(s, "machine",
           "A Turing machine that increments, on a tape one cell longer than its steps", series,
           "steps squared");
    return STATUS_OK;
}

enum status stage_growth(const struct stage *s)
{
    const enum status status = graphs(s);
    if (status != STATUS_OK || study_interrupted(s->run)) return status;
    return machines(s);
}
