/* The formula as an identity of the velocities, and for a finite step. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "studies/feature_speed/lab.h"

/* What all layers contribute, without their velocities. */
static double decay_of(const struct network *y)
{
    double sum = 0.0;
    for (size_t l = 0; l < y->plan.depth; l++) sum += (double)y->layer[l].rate * y->sweep.grad2[l];
    return sum;
}

static const struct {
    double c; /* branch scale times sqrt(depth); 0: an MLP */
    size_t branch;
    const char *series, *label;
} kinds[] = {{0.0, 1, "identity-mlp", "MLP"},
             {1.0, 1, "identity-resnet", "ResNet, 1/sqrt(L)"},
             {1.0, 2, "identity-two", "ResNet, branches of two layers"}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static enum status identity(const struct lab *lab, double from, double to)
{
    enum { WIDTHS = 6, BATCHES = 4, DEPTH = 65 };
    static const size_t batches[BATCHES] = {1, 4, 16, 64};
    static const double width[WIDTHS] = {128, 256, 512, 1024, 2048, 4096};
    const size_t widths = lab_pick(lab, 2, 5, 6), depth = lab_pick(lab, 17, DEPTH, DEPTH);
    double worst = 0.0;
    for (size_t k = 0; k < KINDS; k++) {
        double gap[WIDTHS] = {0};
        for (size_t i = 0; i < widths * BATCHES; i++) {
            const size_t w = i / BATCHES;
            const struct network_plan plan = {
                .batch = batches[i % BATCHES],
                .inputs = 10,
                .width = (size_t)width[w],
                .depth = depth,
                .branch = kinds[k].branch,
                .beta = kinds[k].c > 0.0 ? kinds[k].c / sqrt((double)depth) : 1.0};
            struct network y;
            const double part = ((double)k + (double)i / (double)(widths * BATCHES)) / KINDS;
            if (lab_at(lab, from + (to - from) * part)) return STATUS_OK;
            enum status status =
                network_open(&y, study_kernels(lab->run), study_threads(lab->run), &plan);
            if (status != STATUS_OK) return status;
            status = lab_draw(lab, &y, i, 1.0, false);
            network_rates_equal(&y, 1.0);
            network_velocity(&y);
            gap[w] = fmax(gap[w], lab_gap(&y));
            network_close(&y);
            if (status != STATUS_OK) return status;
        }
        lab_line(lab, kinds[k].series, "width", "largest relative gap", width, gap, widths);
        for (size_t w = 0; w < widths; w++) worst = fmax(worst, gap[w]);
    }
    study_claim_value(lab->run, "P1-1", worst, KINDS * widths * BATCHES * (depth - 1), NULL);
    study_figure(
        lab->run, "identity",
        &(struct figure){
            .title = "Both sides of the feature speed formula, f32",
            .x = {.label = "width", .log = true},
            .y = {.label = "largest relative gap, all layers and batches", .log = true},
            .curves = (const struct figure_curve[]){{kinds[0].series, kinds[0].label, SVG_LINE, 1},
                                                    {kinds[1].series, kinds[1].label, SVG_LINE, 2},
                                                    {kinds[2].series, kinds[2].label, SVG_LINE, 3}},
            .count = KINDS});
    return STATUS_OK;
}

/* ---- a step of finite size */

enum { ETAS = 2, DEPTHS = 8 };
static const double eta[ETAS] = {1e-2, 1e-3};

/* The features' change in a step against what the formula says: <-df, b> over the decay, less 1. */
static double gap_of_step(struct network *y, float *after, double size)
{
    const size_t count = y->plan.batch * y->plan.width, depth = y->plan.depth;
    const float *before = network_features(y, depth);
    double sum[DOT_NORMS_FIELDS];
    network_rates_equal(y, size / (double)(depth + 1));
    network_after_step(y, after);
    for (size_t i = 0; i < count; i++) after[i] = before[i] - after[i];
    dot_norms(y->set, 1, sum, after, y->ddst, count);
    return sum[DOT_NORMS_XY] / decay_of(y) - 1.0;
}

/* Draws at one depth, for each eta. */
static enum status steps_at(const struct lab *lab, size_t k, double depth, double from, double to,
                            struct samples gap[ETAS])
{
    const size_t draws = gap[0].draws, width = lab_pick(lab, 128, 400, 400);
    /* The read-out is no layer of ours; its standard deviation is the paper's, sqrt(L) / m. */
    const struct network_plan plan = {
        .batch = 1, .inputs = 10, .width = width, .depth = (size_t)depth - 1, .beta = 1.0};
    struct network y;
    float *after = malloc(width * sizeof *after);
    enum status status = network_open(&y, study_kernels(lab->run), study_threads(lab->run), &plan);
    if (!after) out_of_memory();
    for (size_t d = 0; d < draws && status == STATUS_OK; d++) {
        if (lab_at(lab, from + (to - from) * (double)d / (double)draws)) break;
        status = lab_draw(lab, &y, d, sqrt(depth) / (double)width, false);
        for (size_t e = 0; e < ETAS; e++)
            samples_of(&gap[e], k)[d] = gap_of_step(&y, after, eta[e]);
    }
    network_close(&y);
    free(after);
    return status;
}

static void report_steps(const struct lab *lab, size_t count, const double *depth,
                         struct samples gap[ETAS])
{
    static const char *const name[ETAS] = {"finite-2", "finite-3"};
    double worst = 0.0, sum[ETAS] = {0};
    for (size_t e = 0; e < ETAS; e++) {
        for (size_t k = 0; k < count; k++) sum[e] += samples_mean(&gap[e], k).at;
        lab_curve(lab, name[e], "depth L", "relative gap", depth, &gap[e]);
    }
    for (size_t k = 0; k < count; k++) worst = fmax(worst, fabs(samples_mean(&gap[0], k).at));
    const size_t draws = gap[0].draws;
    lab_claim_value(lab, "P1-2", worst, draws);
    lab_claim_value(lab, "P1-2b", sum[0] / sum[1], draws);
    study_figure(lab->run, "finite-step",
                 &(struct figure){
                     .title = "The formula and a step of finite size, MLPs",
                     .x = {.label = "depth L"},
                     .y = {.label = "<-df, b> over the decay, less 1"},
                     .curves = (const struct figure_curve[]){{name[0], "eta = 0.01", SVG_LINE, 1},
                                                             {name[1], "eta = 0.001", SVG_LINE, 2}},
                     .count = ETAS});
}

static enum status finite_step(const struct lab *lab, double from, double to)
{
    static const double depth[DEPTHS] = {5, 10, 15, 20, 25, 30, 35, 40};
    const size_t count = lab_pick(lab, 2, DEPTHS, DEPTHS), draws = lab_pick(lab, 2, 96, 192);
    struct samples gap[ETAS];
    enum status status = STATUS_OK;
    for (size_t e = 0; e < ETAS; e++) gap[e] = samples_open(count, draws);
    for (size_t k = 0; k < count && status == STATUS_OK; k++) {
        const double at = from + (to - from) * (double)k / (double)count;
        status = steps_at(lab, k, depth[k], at, at + (to - from) / (double)count, gap);
        if (study_interrupted(lab->run)) break;
    }
    if (status == STATUS_OK && !study_interrupted(lab->run)) report_steps(lab, count, depth, gap);
    for (size_t e = 0; e < ETAS; e++) samples_close(&gap[e]);
    return status;
}

enum status lab_identity(const struct lab *lab)
{
    const enum status status = identity(lab, 0.0, 0.9);
    if (status != STATUS_OK || study_interrupted(lab->run)) return status;
    return finite_step(lab, 0.9, 1.0);
}
