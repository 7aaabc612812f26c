/* What decides the angle: the spectrum of the backward-to-feature kernel, and the singular values of layer-to-layer
 * Jacobians. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/status.h"
#include "jacobian.h"
#include "studies/feature_speed/lab.h"
#include "studies/feature_speed/laws.h"

enum { POINTS = 7, PROBES = 16, STEPS = 40 };
static const double trained[POINTS] = {1, 2, 4, 8, 16, 32, 64};

/* cos of the backward pass as it comes; what the moments say of any that the kernel does not depend on; the edges, over
 * the mean of the spectrum. */
enum { COSINE, RULE, LEAST, GREATEST, QUANTITIES };

struct work {
    float *scratch;
    double *doubles;
};

static void at_layer(const struct network *y, size_t l, uint64_t seed, const struct work *w,
                     double out[QUANTITIES])
{
    struct chain below = y->chain;
    double moment[BFK_MOMENTS_FIELDS], edge[BFK_EDGES_FIELDS];
    below.depth = l;
    bfk_moments(y->set, y->threads,
                &(struct bfk_moments){.chain = &below,
                                      .moments = moment,
                                      .probes = PROBES,
                                      .seed = seed,
                                      .acts = y->sweep.acts,
                                      .gram = y->sweep.gram,
                                      .scratch = w->scratch});
    bfk_edges(y->set, y->threads,
              &(struct bfk_edges){.chain = &below,
                                  .edges = edge,
                                  .steps = STEPS,
                                  .seed = seed,
                                  .acts = y->sweep.acts,
                                  .gram = y->sweep.gram,
                                  .scratch = w->scratch,
                                  .work = w->doubles});
    out[COSINE] = angle_of(&y->sweep, l).cosine;
    out[RULE] = moment[BFK_MOMENT1] / sqrt(moment[BFK_MOMENT2]);
    out[LEAST] = edge[BFK_EDGE_LEAST] / moment[BFK_MOMENT1];
    out[GREATEST] = edge[BFK_EDGE_GREATEST] / moment[BFK_MOMENT1];
}

static void report(const struct lab *lab, size_t points, const struct samples s[QUANTITIES])
{
    static const char *const name[QUANTITIES] = {"kernel-cos", "kernel-rule", "kernel-least",
                                                 "kernel-greatest"},
                             *const what[QUANTITIES] = {"cos", "M1 / sqrt(M2)",
                                                        "least eigenvalue over M1",
                                                        "greatest eigenvalue over M1"};
    double rule = 1.0, law[POINTS], moments = 1.0;
    for (size_t k = 0; k < points; k++) {
        const double of_rule = samples_mean(&s[RULE], k).at;
        const double ratio = samples_mean(&s[COSINE], k).at / of_rule;
        law[k] = law_chain(2.0, trained[k]);
        if (fabs(ratio - 1.0) > fabs(rule - 1.0)) rule = ratio;
        if (fabs(of_rule / law[k] - 1.0) > fabs(moments - 1.0)) moments = of_rule / law[k];
    }
    lab_claim_value(lab, "BFK", rule, s[0].draws);
    lab_claim_value(lab, "BFK-b", moments, s[0].draws);
    for (size_t q = 0; q < QUANTITIES; q++)
        lab_curve(lab, name[q], "trained layers", what[q], trained, &s[q]);
    lab_line(lab, "kernel-law", "trained layers", "cos", trained, law, points);
    study_figure(
        lab->run, "moments-rule",
        &(struct figure){.title = "The moments' rule: cos and the spectrum's M1 / sqrt(M2)",
                         .x = {.label = "trained layers up to the feature", .log = true},
                         .y = {.label = "cos(theta)", .log = true},
                         .curves =
                             (const struct figure_curve[]){
                                 {name[COSINE], "cos, measured", SVG_LINE, 1},
                                 {name[RULE], "M1 / sqrt(M2), Hutchinson", SVG_POINTS, 2},
                                 {"kernel-law", "sqrt(3n / (2n^2 + 1))", SVG_REFERENCE, 0}},
                         .count = 3});
    study_figure(
        lab->run, "kernel-edges",
        &(struct figure){
            .title = "Edges of the spectrum of the backward-to-feature kernel",
            .x = {.label = "trained layers up to the feature", .log = true},
            .y = {.label = "eigenvalue over the mean", .log = true},
            .curves = (const struct figure_curve[]){{name[GREATEST], "greatest", SVG_LINE, 1},
                                                    {name[LEAST], "least", SVG_LINE, 2}},
            .count = 2});
}

static enum status kernels(const struct lab *lab, double from, double to)
{
    const size_t draws = lab_pick(lab, 2, 64, 96), points = lab_pick(lab, 3, POINTS, POINTS);
    const struct network_plan plan = {.batch = 1,
                                      .inputs = 10,
                                      .width = lab_pick(lab, 64, 512, 1024),
                                      .depth = (size_t)trained[points - 1] + 1,
                                      .beta = 1.0};
    struct samples s[QUANTITIES];
    struct network y;
    enum status status = network_open(&y, study_kernels(lab->run), study_threads(lab->run), &plan);
    if (status != STATUS_OK) return status;
    const size_t moments = bfk_moments_scratch(&y.chain),
                 edges = bfk_edges_scratch(&y.chain, STEPS);
    struct work w = {malloc((moments > edges ? moments : edges) * sizeof *w.scratch),
                     malloc(bfk_edges_work(&y.chain, STEPS) * sizeof *w.doubles)};
    if (!w.scratch || !w.doubles) out_of_memory();
    for (size_t q = 0; q < QUANTITIES; q++) s[q] = samples_open(points, draws);
    for (size_t d = 0; d < draws * points && status == STATUS_OK; d++) {
        const size_t draw = d / points, k = d % points;
        double out[QUANTITIES];
        if (lab_at(lab, from + (to - from) * (double)d / (double)(draws * points))) break;
        if (k == 0) {
            status = lab_draw(lab, &y, draw, 1.0, false);
            network_rates_equal(&y, 1.0);
            network_velocity(&y);
        }
        at_layer(&y, (size_t)trained[k] + 1, lab->seed + draw, &w, out);
        for (size_t q = 0; q < QUANTITIES; q++) samples_of(&s[q], k)[draw] = out[q];
    }
    if (status == STATUS_OK && !study_interrupted(lab->run)) report(lab, points, s);
    for (size_t q = 0; q < QUANTITIES; q++) samples_close(&s[q]);
    network_close(&y);
    free(w.scratch);
    free(w.doubles);
    return status;
}

/* ---- conditioning of layer-to-layer Jacobians */

enum { JACOBIANS = 4, DISTANCES = 6 };
static const double distance[DISTANCES] = {1, 2, 4, 8, 16, 32};

/* The greatest singular value and the upper quartile at each distance: a ReLU halves the rank, so that the median is 0. *off:
 * the farthest of any from 1. */
static enum status singular(const struct lab *lab, const struct network_plan *plan, size_t count,
                            double *greatest, double *middle, double *off)
{
    struct network y;
    enum status status = network_open(&y, study_kernels(lab->run), study_threads(lab->run), plan);
    if (status != STATUS_OK) return status;
    double *values = malloc(plan->width * sizeof *values);
    if (!values) out_of_memory();
    network_draw(&y, lab->seed, 0);
    status = lab_inputs(lab, &y, 0, false);
    network_forward(&y);
    *off = 0.0;
    for (size_t k = 0; k < count && status == STATUS_OK; k++) {
        const struct jacobian a = {&y.chain, y.sweep.acts, 0, 1, 1 + (size_t)distance[k]};
        status = jacobian_singular_values(&a, values);
        if (status != STATUS_OK) break;
        greatest[k] = values[0];
        middle[k] = values[plan->width / 4];
        for (size_t i = 0; i < plan->width; i++) *off = fmax(*off, fabs(values[i] - 1.0));
    }
    free(values);
    network_close(&y);
    return status;
}

static enum status conditioning(const struct lab *lab, double from, double to)
{
    const size_t width = lab_pick(lab, 32, 128, 256),
                 count = lab_pick(lab, 3, DISTANCES, DISTANCES);
    const size_t depth = 1 + (size_t)distance[count - 1];
    const struct {
        const char *label;
        struct network_plan plan;
    } kinds[JACOBIANS] = {
        {"ReLU MLP, Gaussian", {.beta = 1.0}},
        {"ReLU ResNet, 1/sqrt(L)", {.beta = 1.0 / sqrt((double)depth)}},
        {"linear, Gaussian", {.beta = 1.0, .linear = true, .gain = 1.0}},
        {"linear, orthogonal", {.beta = 1.0, .linear = true, .orthogonal = true, .gain = 1.0}}};
    char names[2 * JACOBIANS][24];
    struct figure_curve curves[2 * JACOBIANS];
    double off = NAN;
    for (size_t i = 0; i < JACOBIANS; i++) {
        struct network_plan plan = kinds[i].plan;
        double greatest[DISTANCES], middle[DISTANCES];
        plan.batch = 1;
        plan.inputs = 10;
        plan.width = width;
        plan.depth = depth;
        if (lab_at(lab, from + (to - from) * (double)i / JACOBIANS)) return STATUS_OK;
        const enum status status = singular(lab, &plan, count, greatest, middle, &off);
        if (status == STATUS_UNAVAILABLE) {
            study_out_of_reach(lab->run, "JAC", status_text());
            return STATUS_OK;
        }
        if (status != STATUS_OK) return status;
        snprintf(names[2 * i], sizeof names[0], "jacobian-%zu-most", i);
        snprintf(names[2 * i + 1], sizeof names[0], "jacobian-%zu-quartile", i);
        lab_line(lab, names[2 * i], "layers between", "greatest singular value", distance, greatest,
                 count);
        lab_line(lab, names[2 * i + 1], "layers between", "upper quartile of singular values",
                 distance, middle, count);
        curves[2 * i] = (struct figure_curve){names[2 * i], kinds[i].label, SVG_LINE, i + 1};
        curves[2 * i + 1] = (struct figure_curve){names[2 * i + 1], i ? NULL : "upper quartiles",
                                                  SVG_REFERENCE, i + 1};
    }
    study_claim_value(lab->run, "JAC", off, width * count, NULL);
    study_figure(lab->run, "jacobians",
                 &(struct figure){.title = "Singular values of layer-to-layer Jacobians",
                                  .x = {.label = "layers between", .log = true},
                                  .y = {.label = "singular value", .log = true},
                                  .curves = curves,
                                  .count = 2 * JACOBIANS});
    return STATUS_OK;
}

enum status lab_spectrum(const struct lab *lab)
{
    const enum status status = kernels(lab, 0.0, 0.9);
    if (status != STATUS_OK || study_interrupted(lab->run)) return status;
    return conditioning(lab, 0.9, 1.0);
}
