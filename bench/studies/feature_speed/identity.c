/* The formula as an identity of the velocities, and for a finite step. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "studies/feature_speed/lab.h"

/* |v_l . b_l / (sum over j <= l of rate_j |grad_j|^2) - 1|, the most over the layers that cut the
 * network. */
static double gap_of(const struct network *y)
{
    double most = 0.0;
    for (size_t l = 2; l <= y->plan.depth; l++) {
        if (!chain_cuts(&y->chain, l)) continue;
        const struct angle a = angle_of(&y->sweep, l);
        const double dot = a.cosine * a.velocity * a.backward;
        most = fmax(most, fabs(dot / a.decay_up_to - 1.0));
    }
    return most;
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
            network_draw(&y, lab->seed, i);
            status = lab_inputs(lab, &y, i, false);
            network_normals(&y, y.ddst, plan.batch * plan.width, 1.0, lab->seed, i, 1);
            network_forward(&y);
            network_backward(&y);
            network_rates_equal(&y, 1.0);
            network_velocity(&y);
            gap[w] = fmax(gap[w], gap_of(&y));
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

/* The features' change in a step of size eta against what the formula says: the relative gap of <-df, b>. */
static double finite_gap(struct network *y, float *before, double eta)
{
    const size_t count = y->plan.batch * y->plan.width, depth = y->plan.depth;
    double sum[DOT_NORMS_FIELDS];
    network_forward(y);
    network_backward(y);
    network_rates_equal(y, eta / (double)(depth + 1));
    network_velocity(y);
    const double want = angle_of(&y->sweep, depth).decay_up_to;
    memcpy(before, network_features(y, depth), count * sizeof *before);
    network_step(y);
    network_forward(y);
    const float *after = network_features(y, depth);
    for (size_t i = 0; i < count; i++) before[i] -= after[i];
    dot_norms(y->set, 1, sum, before, y->ddst, count);
    return fabs(sum[DOT_NORMS_XY] / want - 1.0);
}

static enum status finite_step(const struct lab *lab, double from, double to)
{
    enum { MOST = 8 };
    static const double depth[MOST] = {5, 10, 15, 20, 25, 30, 35, 40};
    const size_t count = lab_pick(lab, 2, MOST, MOST), draws = lab_pick(lab, 2, 6, 20);
    const size_t width = lab_pick(lab, 128, 400, 400);
    struct samples large = samples_open(count, draws), small = samples_open(count, draws);
    struct samples fall = samples_open(1, count);
    float *before = malloc(width * sizeof *before);
    enum status status = STATUS_OK;
    double worst = 0.0;
    if (!before) abort();
    for (size_t k = 0; k < count && status == STATUS_OK; k++) {
        /* The read-out is no layer of ours; its standard deviation is the paper's, sqrt(L) / m. */
        const struct network_plan plan = {.batch = 1,
                                          .inputs = 10,
                                          .width = width,
                                          .depth = (size_t)depth[k] - 1,
                                          .beta = 1.0,
                                          .keeps_weights = true};
        struct network y;
        status = network_open(&y, study_kernels(lab->run), study_threads(lab->run), &plan);
        for (size_t d = 0; d < 2 * draws && status == STATUS_OK; d++) {
            const double part = ((double)k + (double)d / (2.0 * (double)draws)) / (double)count;
            if (lab_at(lab, from + (to - from) * part)) break;
            network_draw(&y, lab->seed, d / 2);
            status = lab_inputs(lab, &y, d / 2, false);
            network_normals(&y, y.ddst, width, sqrt(depth[k]) / (double)width, lab->seed, d / 2, 1);
            const double gap = finite_gap(&y, before, d % 2 ? 0.001 : 0.01);
            samples_of(d % 2 ? &small : &large, k)[d / 2] = gap;
            if (d % 2 == 0) worst = fmax(worst, gap);
        }
        network_close(&y);
        fall.at[k] = samples_mean(&large, k).at / samples_mean(&small, k).at;
        if (study_interrupted(lab->run)) break;
    }
    if (status == STATUS_OK && !study_interrupted(lab->run)) {
        lab_claim(lab, "P1-2", (struct interval){worst, NAN, NAN}, count * draws);
        lab_claim(lab, "P1-2b", samples_mean(&fall, 0), count);
        lab_curve(lab, "finite-large", "depth L", "relative gap", depth, &large);
        lab_curve(lab, "finite-small", "depth L", "relative gap", depth, &small);
        study_figure(lab->run, "finite-step",
                     &(struct figure){.title = "The formula and a step of finite size, MLPs",
                                      .x = {.label = "depth L"},
                                      .y = {.label = "relative gap", .log = true},
                                      .curves =
                                          (const struct figure_curve[]){
                                              {"finite-large", "eta = 0.01", SVG_LINE, 1},
                                              {"finite-small", "eta = 0.001", SVG_LINE, 2}},
                                      .count = 2});
    }
    free(before);
    samples_close(&large);
    samples_close(&small);
    samples_close(&fall);
    return status;
}

enum status lab_identity(const struct lab *lab)
{
    const enum status status = identity(lab, 0.0, 0.9);
    if (status != STATUS_OK || study_interrupted(lab->run)) return status;
    return finite_step(lab, 0.9, 1.0);
}
