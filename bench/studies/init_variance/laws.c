/* Fresh networks against the theory of variance propagation: how the first gradient hangs on a common scale, and what
 * Kaiming, Xavier and the GELU keep.
 */
#include <stdlib.h>

#include "studies/init_variance/grid.h"
#include "studies/network.h"

/* ---- |gradient of the first layer| ~ scale^(layers - 1) */

enum { NETS = 2, SCALES = 9 };
static const struct {
    const char *id, *name, *label;
    size_t hidden[5], layers;
} nets[NETS] = {{"P2-3", "gradient-3", "3 layers", {256, 128}, 2},
                {"P2-3b", "gradient-6", "6 layers", {128, 128, 128, 128, 128}, 5}};

static void gradients(struct course *c)
{
    const size_t draws = course_draws(c, 2, 5, 10);
    double scale[SCALES], y[SCALES * DRAWS_MOST], slope[DRAWS_MOST];
    struct figure_curve curve[NETS];
    for (size_t n = 0; n < NETS; n++) {
        for (size_t i = 0; i < SCALES; i++) {
            scale[i] = 1e-4 * pow(100.0, (double)i / (SCALES - 1));
            struct mlp_plan plan = {.set = SPLIT_DIGITS,
                                    .layers = nets[n].layers,
                                    .init = {INIT_FIXED, false, scale[i]},
                                    .lr = 0.01,
                                    .batch = 128,
                                    .records = RECORDS_LAYERS};
            for (size_t l = 0; l < plan.layers; l++) plan.hidden[l] = nets[n].hidden[l];
            for (size_t k = 0; k < draws; k++)
                y[i * draws + k] = descent_at(course_mlp(c, &plan, k), 0, 1, SEEN_GRAD);
        }
        for (size_t k = 0; k < draws; k++) slope[k] = stats_exponent(scale, y + k, SCALES, draws);
        if (c->recording && !isnan(slope[0])) {
            const struct interval mean = stats_mean(slope, draws);
            study_claim(c->run, nets[n].id, &(struct outcome){.measured = mean, .samples = draws});
        }
        course_series(c, &(struct course_series){nets[n].name, "standard deviation",
                                                 "gradient, root mean square", scale, y, SCALES,
                                                 draws});
        curve[n] = (struct figure_curve){nets[n].name, nets[n].label, SVG_LINE, n + 1};
    }
    course_figure(
        c, "first-gradient",
        &(struct figure){"The first layer's gradient before the first step",
                         {.label = "initial standard deviation of all weights", .log = true},
                         {.label = "root mean square", .log = true},
                         curve,
                         NETS});
}

/* ---- mean square of what enters each layer's ReLU, over that of the first */

struct depths {
    size_t width, depth, draws;
    double *ratio; /* depth x draws */
};

/* |z_l|^2. An MLP's features are kept as their ReLU left them: what entered it is formed again. */
static double square_before_relu(struct network *y, size_t l)
{
    const size_t n = y->plan.width;
    double norms[DOT_NORMS_FIELDS];
    dense_fwd(y->set, y->threads,
              &(struct dense_fwd){.dst = y->ddst,
                                  .src = l == 1 ? y->src : network_features(y, l - 1),
                                  .w = y->layer[l - 1].w,
                                  .m = 1,
                                  .n = n,
                                  .k = n,
                                  .ld_dst = n,
                                  .ld_src = n,
                                  .packed = true});
    dot_norms(y->set, y->threads, norms, y->ddst, y->ddst, n);
    return norms[DOT_NORMS_XX];
}

static enum status propagate(const struct course *c, struct depths *p, double gain, uint64_t stream)
{
    struct network y;
    const struct network_plan plan = {.batch = 1,
                                      .inputs = p->width,
                                      .width = p->width,
                                      .depth = p->depth,
                                      .beta = 1.0,
                                      .gain = gain};
    enum status status = network_open(&y, study_kernels(c->run), study_threads(c->run), &plan);
    if (status != STATUS_OK) return status;
    for (size_t k = 0; k < p->draws && !study_interrupted(c->run); k++) {
        const uint64_t seed = course_seed(c, k);
        double first = NAN;
        network_normals(&y, y.src, p->width, 1.0, seed, stream, 0);
        network_draw(&y, seed, stream);
        network_forward(&y);
        for (size_t l = 1; l <= p->depth; l++) {
            const double square = square_before_relu(&y, l);
            if (l == 1) first = square;
            p->ratio[(l - 1) * p->draws + k] = square / first;
        }
    }
    network_close(&y);
    return STATUS_OK;
}

/* The farthest mean from base^(l - 1), in the standard deviations of it that 5 l / (width draws) is the square of. */
static double farthest(const struct depths *p, double base)
{
    double most = 0.0;
    for (size_t l = 2; l <= p->depth; l++) {
        const double mean = stats_mean(p->ratio + (l - 1) * p->draws, p->draws).at;
        const double one = sqrt(5.0 * (double)l / (double)(p->width * p->draws));
        const double apart = fabs(mean / pow(base, (double)l - 1.0) - 1.0) / one;
        if (isnan(apart) || apart > most) most = apart;
    }
    return most;
}

static enum status variances(const struct course *c)
{
    static const struct {
        const char *id, *name, *label;
        double gain, base;
    } kind[] = {{"P2-4", "variance-he", "Kaiming", M_SQRT2, 1.0},
                {"P2-4b", "variance-xavier", "Xavier", 1.0, 0.5}};
    struct depths p = {course_pick(c, 128, 1024, 2048), course_pick(c, 8, 32, 64),
                       course_pick(c, 4, 16, 32), NULL};
    struct figure_curve curve[2];
    enum status status = STATUS_OK;
    double *layer = malloc((p.depth + 1) * sizeof *layer);
    p.ratio = malloc((p.depth * p.draws + 1) * sizeof *p.ratio);
    if (!layer || !p.ratio) out_of_memory();
    for (size_t l = 0; l < p.depth; l++) layer[l] = (double)l + 1.0;
    for (size_t i = 0; i < 2 && status == STATUS_OK; i++) {
        for (size_t k = 0; k < p.depth * p.draws; k++) p.ratio[k] = NAN;
        status = propagate(c, &p, kind[i].gain, i);
        course_claim_value(c, kind[i].id, farthest(&p, kind[i].base), p.draws);
        course_series(c,
                      &(struct course_series){kind[i].name, "layer", "mean square over layer 1's",
                                              layer, p.ratio, p.depth, p.draws});
        curve[i] = (struct figure_curve){kind[i].name, kind[i].label, SVG_LINE, i + 1};
    }
    if (status == STATUS_OK)
        course_figure(c, "propagation",
                      &(struct figure){"What enters each layer's ReLU, fresh weights",
                                       {.label = "layer"},
                                       {.label = "mean square over layer 1's", .log = true},
                                       curve,
                                       2});
    free(layer);
    free(p.ratio);
    return status;
}

/* ---- the GELU: at unit variance weights of 2.3517 / inputs keep it */

static enum status gelu(const struct course *c)
{
    const double kept = 2.3517;
    const size_t n = course_pick(c, 128, 1024, 2048), rows = 64, draws = course_pick(c, 4, 16, 32);
    const struct kernel_set *set = study_kernels(c->run);
    const int threads = study_threads(c->run);
    double ratio[DRAWS_MOST];
    float *z = malloc((n * (2 * rows + n) + 1) * sizeof *z);
    if (!z) return fail(STATUS_OS, "no memory for a layer of %zu", n);
    float *next = z + rows * n, *w = next + rows * n;
    for (size_t k = 0; k < draws; k++) {
        double before[DOT_NORMS_FIELDS], after[DOT_NORMS_FIELDS];
        normal_fill(set, threads, z, rows * n, 1.0f, course_seed(c, k), 0);
        normal_fill(set, threads, w, n * n, (float)sqrt(kept / (double)n), course_seed(c, k), 1);
        dot_norms(set, threads, before, z, z, rows * n);
        gelu_fwd(set, threads, z, z, rows * n, false);
        dense_fwd(set, threads,
                  &(struct dense_fwd){.dst = next,
                                      .src = z,
                                      .w = w,
                                      .m = rows,
                                      .n = n,
                                      .k = n,
                                      .ld_dst = n,
                                      .ld_src = n,
                                      .ld_w = n});
        dot_norms(set, threads, after, next, next, rows * n);
        ratio[k] = after[DOT_NORMS_XX] / before[DOT_NORMS_XX];
    }
    free(z);
    course_claim(c, "P2-4c", stats_mean(ratio, draws), draws);
    return STATUS_OK;
}

enum status course_laws(struct course *c)
{
    gradients(c);
    if (!c->recording || study_interrupted(c->run)) return STATUS_OK;
    const enum status status = variances(c);
    return status == STATUS_OK ? gelu(c) : status;
}
