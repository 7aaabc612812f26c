/* Sensitivity, |df_{L-1}|_rms / |dLoss|: MLPs with the read-out of three scalings (E5), ResNets (E6). Medians over draws: it is
 * inversely proportional to the error P - Y, which with the read-out of the NTK passes 0, so that no mean exists. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "studies/feature_speed/lab.h"

enum { DEPTHS = 9 };

/* Of a network of the authors' depth L, one draw, with a read-out of that standard deviation; Y = 1, loss (P - Y)^2 / 2. */
static enum status sensitivity(const struct lab *lab, struct network *y, double deviation,
                               uint64_t draw, double *to)
{
    const size_t width = y->plan.width;
    const enum status status = lab_inputs(lab, y, draw, false);
    if (status != STATUS_OK) return status;
    network_forward(y);
    const float *f = network_features(y, y->plan.depth);
    network_normals(y, y->ddst, width, deviation, lab->seed, draw, 1);
    double p = 0.0;
    for (size_t i = 0; i < width; i++) p += (double)f[i] * (double)y->ddst[i];
    for (size_t i = 0; i < width; i++) y->ddst[i] *= (float)(p - 1.0);
    network_backward(y);
    network_rates_equal(y, 1.0 / (double)(y->plan.depth + 1));
    network_velocity(y);
    const struct angle a = angle_of(&y->sweep, y->plan.depth);
    *to = a.velocity / sqrt((double)width) / a.decay_up_to;
    return STATUS_OK;
}

/* Point (row, k): deviation_of(row) at depth[k], beta_of(row). */
struct sweep {
    size_t width, rows, count, draws;
    const double *depth;
    double (*deviation)(size_t row, double depth, double width);
    double (*beta)(size_t row, double depth);
};

static enum status run_sweep(const struct lab *lab, const struct sweep *w, double from, double to,
                             struct samples *rows)
{
    enum status status = STATUS_OK;
    for (size_t k = 0; k < w->count && status == STATUS_OK; k++)
        for (size_t r = 0; r < w->rows && status == STATUS_OK; r++) {
            struct network y;
            const struct network_plan plan = {.batch = 1,
                                              .inputs = 10,
                                              .width = w->width,
                                              .depth = (size_t)w->depth[k] - 1,
                                              .beta = w->beta(r, w->depth[k])};
            status = network_open(&y, study_kernels(lab->run), study_threads(lab->run), &plan);
            for (size_t d = 0; d < w->draws && status == STATUS_OK; d++) {
                const double part =
                    (double)k + ((double)r + (double)d / (double)w->draws) / (double)w->rows;
                if (lab_at(lab, from + (to - from) * part / (double)w->count)) break;
                network_draw(&y, lab->seed, d);
                status = sensitivity(lab, &y, w->deviation(r, w->depth[k], (double)w->width), d,
                                     &samples_of(&rows[r], k)[d]);
            }
            network_close(&y);
            if (study_interrupted(lab->run)) return status;
        }
    return status;
}

/* ---- MLPs: NTK, mean field and muP, the paper's */

enum { NTK, MUP, FSC, SCALINGS };

static double mlp_deviation(size_t row, double depth, double width)
{
    return row == NTK ? 1.0 / sqrt(width) : (row == FSC ? sqrt(depth) : 1.0) / width;
}
static double mlp_beta(size_t row, double depth)
{
    (void)row, (void)depth;
    return 1.0;
}

static void judge_mlp(const struct lab *lab, const struct sweep *w, const struct samples *rows)
{
    struct interval least = {.at = INFINITY}, most = {.at = -INFINITY}, lazy = {.at = -INFINITY};
    struct samples ratio = samples_open(1, w->count);
    for (size_t k = 0; k < w->count; k++) {
        const struct interval ours = samples_median(&rows[FSC], k),
                              ntk = samples_median(&rows[NTK], k);
        if (ours.at < least.at) least = ours;
        if (ours.at > most.at) most = ours;
        if (ntk.at > lazy.at) lazy = ntk;
        ratio.at[k] = samples_median(&rows[MUP], k).at / ntk.at / sqrt((double)w->width);
        if (w->depth[k] == 20.0)
            study_claim(
                lab->run, "P1-9d",
                &(struct outcome){.measured = samples_median(&rows[MUP], k), .samples = w->draws});
    }
    const struct {
        const char *id;
        struct interval measured;
        size_t samples;
    } out[] = {{"P1-9", least, w->draws},
               {"P1-9b", most, w->draws},
               {"P1-9c", lab_exponent_of_medians(w->depth, &rows[MUP], 0, w->count), w->draws},
               {"P1-9e", lazy, w->draws},
               {"P1-9f", samples_mean(&ratio, 0), w->count}};
    for (size_t i = 0; i < sizeof out / sizeof *out; i++)
        lab_claim(lab, out[i].id, out[i].measured, out[i].samples);
    samples_close(&ratio);
}

/* Read from the authors' stored figure: two draws a depth, means over ranges of depths. */
static void seen_mlp(const struct lab *lab)
{
    static const double depth[] = {6.5, 12.5, 17.5, 22.5}, ends[] = {6.5, 36.5};
    static const double ntk[] = {0.105, 0.25}, mup[] = {1.8, 2.7, 3.3, 3.4}, fsc[] = {0.67, 0.86};
    lab_line(lab, "sensitivity-paper-ntk", "depth L", "authors' figure", ends, ntk, 2);
    lab_line(lab, "sensitivity-paper-mup", "depth L", "authors' figure", depth, mup, 4);
    lab_line(lab, "sensitivity-paper-fsc", "depth L", "authors' figure", ends, fsc, 2);
}

static enum status mlps(const struct lab *lab, double from, double to)
{
    static const double depth[DEPTHS] = {5, 7, 10, 15, 20, 25, 30, 35, 40};
    static const char *const name[SCALINGS] = {"sensitivity-ntk", "sensitivity-mup",
                                               "sensitivity-fsc"};
    const struct sweep w = {.width = lab_pick(lab, 128, 400, 400),
                            .rows = SCALINGS,
                            .count = lab_pick(lab, 3, DEPTHS, DEPTHS),
                            .draws = lab_pick(lab, 4, 24, 64),
                            .depth = depth,
                            .deviation = mlp_deviation,
                            .beta = mlp_beta};
    struct samples rows[SCALINGS];
    for (size_t r = 0; r < SCALINGS; r++) rows[r] = samples_open(w.count, w.draws);
    const enum status status = run_sweep(lab, &w, from, to, rows);
    if (status == STATUS_OK && !study_interrupted(lab->run)) {
        for (size_t r = 0; r < SCALINGS; r++)
            lab_medians(lab, name[r], "depth L", "sensitivity", depth, &rows[r]);
        judge_mlp(lab, &w, rows);
        seen_mlp(lab);
        study_figure(
            lab->run, "mlp-sensitivity",
            &(struct figure){.title = "Sensitivity of deep ReLU MLPs (E5)",
                             .x = {.label = "depth L"},
                             .y = {.label = "|df|_rms / |dLoss|", .log = true},
                             .curves =
                                 (const struct figure_curve[]){
                                     {name[NTK], "NTK", SVG_LINE, 1},
                                     {name[MUP], "MF + muP", SVG_LINE, 2},
                                     {name[FSC], "feature speed scaling", SVG_LINE, 3},
                                     {"sensitivity-paper-ntk", "authors' figure", SVG_POINTS, 6},
                                     {"sensitivity-paper-mup", NULL, SVG_POINTS, 6},
                                     {"sensitivity-paper-fsc", NULL, SVG_POINTS, 6}},
                             .count = SCALINGS + 3});
    }
    for (size_t r = 0; r < SCALINGS; r++) samples_close(&rows[r]);
    return status;
}

/* ---- ResNets: branches of 1 / sqrt(L), of 1 / L */

static double resnet_deviation(size_t row, double depth, double width)
{
    (void)row, (void)depth;
    return 1.0 / width;
}
static double resnet_beta(size_t row, double depth)
{
    return row == 0 ? 1.0 / sqrt(depth) : 1.0 / depth;
}

static enum status resnets(const struct lab *lab, double from, double to)
{
    static const double depth[DEPTHS] = {20, 30, 40, 50, 60, 70, 80, 90, 100};
    static const char *const id[] = {"P1-10", "P1-10b"}, *const name[] = {"sensitivity-root",
                                                                          "sensitivity-one"};
    const struct sweep w = {.width = 50,
                            .rows = 2,
                            .count = lab_pick(lab, 3, DEPTHS, DEPTHS),
                            .draws = lab_pick(lab, 8, 200, 1000),
                            .depth = depth,
                            .deviation = resnet_deviation,
                            .beta = resnet_beta};
    struct samples rows[2], ratio = samples_open(1, w.count);
    for (size_t r = 0; r < 2; r++) rows[r] = samples_open(w.count, w.draws);
    const enum status status = run_sweep(lab, &w, from, to, rows);
    if (status == STATUS_OK && !study_interrupted(lab->run)) {
        for (size_t r = 0; r < 2; r++) {
            lab_medians(lab, name[r], "depth L", "sensitivity", depth, &rows[r]);
            lab_claim(lab, id[r], lab_exponent_of_medians(depth, &rows[r], 0, w.count), w.draws);
        }
        for (size_t k = 0; k < w.count; k++)
            ratio.at[k] = samples_median(&rows[0], k).at / samples_median(&rows[1], k).at;
        lab_claim(lab, "P1-10c", samples_mean(&ratio, 0), w.count);
        study_figure(
            lab->run, "resnet-sensitivity",
            &(struct figure){
                .title = "Sensitivity of ResNets, width 50 (E6)",
                .x = {.label = "depth L"},
                .y = {.label = "|df|_rms / |dLoss|", .lo = 0.0, .hi = 2.0},
                .curves = (const struct figure_curve[]){{name[0], "beta = 1/sqrt(L)", SVG_LINE, 1},
                                                        {name[1], "beta = 1/L", SVG_LINE, 2}},
                .count = 2});
    }
    for (size_t r = 0; r < 2; r++) samples_close(&rows[r]);
    samples_close(&ratio);
    return status;
}

enum status lab_sensitivity(const struct lab *lab)
{
    const enum status status = mlps(lab, 0.0, 0.7);
    if (status != STATUS_OK || study_interrupted(lab->run)) return status;
    return resnets(lab, 0.7, 1.0);
}
