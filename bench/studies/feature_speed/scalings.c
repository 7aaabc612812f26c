/* The table of hyper-parameter scalings: exponents of feature speed, loss decay and backward norm in width and depth,
 * of ReLU MLPs whose hidden layers train, against those that the formula gives. The depth L is the number of trained
 * layers, so that they share out the loss decay at any L, not for L -> infinity alone. */
#include <math.h>
#include <stdio.h>

#include "studies/feature_speed/lab.h"

enum { SCALINGS = 3, QUANTITIES = 3, POINTS = 5, ID = 8 };
static const char *const scaling_id[SCALINGS] = {"NTK", "MUP", "FSC"};
static const char *const quantity_id[QUANTITIES] = {"s", "d", "b"}; /* as in the claims' names */
static const char *const quantity_name[QUANTITIES] = {"feature speed", "loss decay",
                                                      "backward norm"};

static double deviation_of(size_t scaling, double depth, double width)
{
    return scaling == 0 ? 1.0 / sqrt(width) : (scaling == 2 ? sqrt(depth) : 1.0) / width;
}
/* Of the hidden layers; inputs have norm 1. */
static double rate_of(size_t scaling, double depth, double width)
{
    return scaling == 0   ? 1.0 / (depth * width)
           : scaling == 1 ? 1.0 / depth
                          : 1.0 / (depth * depth);
}

/* All scalings of one draw: the network is the same, the read-out and the rates are not. |dLoss/dP| = 1. */
static void measure(const struct lab *lab, struct network *y, uint64_t draw, size_t k,
                    struct samples out[SCALINGS][QUANTITIES])
{
    const size_t width = y->plan.width, depth = y->plan.depth;
    const double l = (double)depth - 1.0, m = (double)width;
    network_forward(y);
    for (size_t s = 0; s < SCALINGS; s++) {
        network_normals(y, y->ddst, width, deviation_of(s, l, m), lab->seed, draw, 1);
        network_backward(y);
        network_rates_fixed(y, rate_of(s, l, m));
        network_velocity(y);
        const struct angle a = angle_of(&y->sweep, depth);
        samples_of(&out[s][0], k)[draw] = a.velocity / sqrt(m);
        samples_of(&out[s][1], k)[draw] = a.decay_up_to;
        samples_of(&out[s][2], k)[draw] = a.backward;
    }
}

/* By width, or by depth; `variable` is m or L. */
static enum status sweep(const struct lab *lab, double from, double to, const double *x,
                         size_t fixed, char variable)
{
    const size_t draws = lab_pick(lab, 4, variable == 'm' ? 192 : 96, variable == 'm' ? 512 : 256);
    struct samples out[SCALINGS][QUANTITIES];
    double work[POINTS + 1] = {0.0};
    enum status status = STATUS_OK;
    for (size_t s = 0; s < SCALINGS * QUANTITIES; s++)
        out[s / QUANTITIES][s % QUANTITIES] = samples_open(POINTS, draws);
    for (size_t k = 0; k < POINTS; k++)
        work[k + 1] = work[k] + (variable == 'm' ? x[k] * x[k] : x[k]);
    for (size_t k = 0; k < POINTS && status == STATUS_OK; k++) {
        const struct network_plan plan = {.batch = 1,
                                          .inputs = 10,
                                          .width = variable == 'm' ? (size_t)x[k] : fixed,
                                          .depth = (variable == 'm' ? fixed : (size_t)x[k]) + 1,
                                          .beta = 1.0};
        struct network y;
        status = network_open(&y, study_kernels(lab->run), study_threads(lab->run), &plan);
        for (uint64_t d = 0; d < draws && status == STATUS_OK; d++) {
            const double done = work[k] + (work[k + 1] - work[k]) * (double)d / (double)draws;
            if (lab_at(lab, from + (to - from) * done / work[POINTS])) break;
            network_draw(&y, lab->seed, d);
            status = lab_inputs(lab, &y, d, false);
            measure(lab, &y, d, k, out);
        }
        network_close(&y);
        if (study_interrupted(lab->run)) break;
    }
    const bool whole = status == STATUS_OK && !study_interrupted(lab->run);
    for (size_t i = 0; i < SCALINGS * QUANTITIES; i++) {
        const size_t s = i / QUANTITIES, q = i % QUANTITIES;
        char id[ID], name[32];
        snprintf(id, sizeof id, "%s-%s%c", scaling_id[s], quantity_id[q], variable);
        snprintf(name, sizeof name, "scaling-%zu-%zu-%s", s, q,
                 variable == 'm' ? "width" : "depth");
        if (whole) {
            lab_claim(lab, id, lab_exponent(x, &out[s][q], 0, POINTS), draws);
            lab_curve(lab, name, variable == 'm' ? "width" : "depth", quantity_name[q], x,
                      &out[s][q]);
        }
        samples_close(&out[s][q]);
    }
    return status;
}

static void figure(const struct lab *lab, const char *name, const char *title, const char *suffix,
                   const char *x)
{
    char names[SCALINGS][32];
    static const char *const label[SCALINGS] = {"NTK", "MF + muP", "feature speed scaling"};
    struct figure_curve curves[SCALINGS];
    for (size_t s = 0; s < SCALINGS; s++) {
        snprintf(names[s], sizeof names[s], "scaling-%zu-0-%s", s, suffix);
        curves[s] = (struct figure_curve){names[s], label[s], SVG_LINE, s + 1};
    }
    study_figure(lab->run, name,
                 &(struct figure){.title = title,
                                  .x = {.label = x, .log = true},
                                  .y = {.label = "|df|_rms in one step", .log = true},
                                  .curves = curves,
                                  .count = SCALINGS});
}

enum status lab_scalings(const struct lab *lab)
{
    static const double widths[][POINTS] = {{32, 48, 64, 96, 128}, {64, 128, 256, 512, 1024}};
    static const double depths[][POINTS] = {{6, 8, 10, 12, 16}, {8, 12, 20, 36, 64}};
    const size_t large = lab->size != STUDY_SMOKE;
    enum status status = sweep(lab, 0.0, 0.4, widths[large], 16, 'm');
    if (status == STATUS_OK && !study_interrupted(lab->run))
        status = sweep(lab, 0.4, 1.0, depths[large], large ? 1024 : 128, 'L');
    if (status != STATUS_OK || study_interrupted(lab->run)) return status;
    figure(lab, "scalings-width", "Feature speed by width, depth 16", "width", "width m");
    figure(lab, "scalings-depth", "Feature speed by depth", "depth", "depth L");
    return STATUS_OK;
}
