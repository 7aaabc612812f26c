/* One layer from few weights to all: its time by non-zeros, and that of the full matrix. */
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "studies/circuits/stages.h"

enum { WIDTH = 1024, INPUTS = 64, DENSITIES = 11 };

struct layer_bench {
    float *src, *dst, *value, *bias;
    int32_t *start, *col;
};

/* `per` weights a row, in columns that are drawn. */
static void fill_layer(const struct stage *s, struct layer_bench *y, size_t per)
{
    const struct app drawn = {.seed = s->seed};
    for (size_t i = 0; i <= WIDTH; i++) y->start[i] = (int32_t)(i * per);
    for (size_t p = 0; p < WIDTH * per; p++)
        y->col[p] = (int32_t)app_random(&drawn, p, per, 0, WIDTH - 1);
}

static double layer_seconds(const struct stage *s, const struct layer_bench *y, bool dense)
{
    enum { TRIES = 9 };
    const struct kernel_set *set = study_kernels(s->run);
    double best = INFINITY;
    for (int t = 0; t < TRIES; t++) {
        const double start = clock_seconds();
        if (dense)
            set->dense_fwd(&(struct dense_fwd){.dst = y->dst,
                                               .src = y->src,
                                               .w = y->value,
                                               .bias = y->bias,
                                               .m = INPUTS,
                                               .n = WIDTH,
                                               .k = WIDTH,
                                               .ld_dst = WIDTH,
                                               .ld_src = WIDTH,
                                               .relu = true,
                                               .packed = true});
        else
            set->sparse_relu_fwd(&(struct sparse_relu_fwd){.dst = y->dst,
                                                           .src = y->src,
                                                           .value = y->value,
                                                           .bias = y->bias,
                                                           .start = y->start,
                                                           .col = y->col,
                                                           .m = INPUTS,
                                                           .n = WIDTH,
                                                           .k = WIDTH,
                                                           .ld_dst = INPUTS,
                                                           .ld_src = INPUTS,
                                                           .relu = true});
        best = fmin(best, clock_seconds() - start);
    }
    return best;
}

static void record_densities(const struct stage *s, const struct layer_bench *y)
{
    double per[DENSITIES], sparse[DENSITIES], dense[DENSITIES];
    const double full = 1e6 * layer_seconds(s, y, true);
    for (size_t d = 0; d < DENSITIES; d++) {
        if (stage_at(s, (double)d / DENSITIES)) return;
        fill_layer(s, (struct layer_bench *)y, (size_t)1 << d);
        per[d] = (double)((size_t)1 << d);
        sparse[d] = 1e6 * layer_seconds(s, y, false);
        dense[d] = full;
    }
    struct series series = {.name = "density-sparse",
                            .x_name = "weights of a row that are not 0",
                            .y_name = "time",
                            .y_unit = "us",
                            .x = per,
                            .y = sparse,
                            .count = DENSITIES};
    study_series(s->run, &series);
    series.name = "density-dense";
    series.y = dense;
    study_series(s->run, &series);
    study_claim_value(s->run, "COST", log(sparse[8] / sparse[4]) / log(per[8] / per[4]), 2, NULL);
    study_figure(s->run, "density",
                 &(struct figure){.title = "A layer of 1024 units, 64 inputs at a time, one thread",
                                  .x = {.log = true},
                                  .y = {.log = true},
                                  .curves =
                                      (const struct figure_curve[]){
                                          {"density-sparse", "by non-zeros", SVG_LINE, 1},
                                          {"density-dense", "full matrix", SVG_REFERENCE, 2}},
                                  .count = 2});
}

enum status stage_density(const struct stage *s)
{
    const size_t most = (size_t)WIDTH * WIDTH;
    struct layer_bench y = {.src = calloc((size_t)WIDTH * INPUTS, sizeof(float)),
                            .dst = calloc((size_t)WIDTH * INPUTS, sizeof(float)),
                            .value = calloc(most, sizeof(float)),
                            .bias = calloc(WIDTH, sizeof(float)),
                            .start = calloc(WIDTH + 1, sizeof(int32_t)),
                            .col = calloc(most, sizeof(int32_t))};
    const bool room = y.src && y.dst && y.value && y.bias && y.start && y.col;
    if (room) record_densities(s, &y);
    free(y.src);
    free(y.dst);
    free(y.value);
    free(y.bias);
    free(y.start);
    free(y.col);
    return room ? STATUS_OK : fail(STATUS_OS, "no memory for a layer of %d units", WIDTH);
}
