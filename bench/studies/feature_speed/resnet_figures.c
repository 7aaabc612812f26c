/* The authors' figures of ResNets: the angle by layer (E1), by depth (E2), by the scale of branches (E3, E4). */
#include <math.h>
#include <stdio.h>

#include "studies/feature_speed/laws.h"
#include "studies/feature_speed/resnet.h"

enum { SCALES = 5, NAME = 32 };
static double beta_of(size_t i, double depth)
{
    static const double factor[] = {0.5, 1.0, 2.0};
    return i == 0 ? 1.0 / depth : i == SCALES - 1 ? 1.0 : factor[i - 1] / sqrt(depth);
}
static const char *const scale_label[SCALES] = {"beta = 1/L", "0.5/sqrt(L)", "1/sqrt(L)",
                                                "2/sqrt(L)", "1 (MLP)"};

/* Read from the authors' stored figures, within 0.01: theta at layers 190 to 199 of 200 (E1), at depths 150 to 200 (E2). */
static const double seen_by_layer[SCALES] = {0.061, 0.374, 0.691, 1.095, 1.490},
                    seen_by_depth[SCALES] = {0.062, 0.384, 0.708, 1.067, 1.456};

static void scales_figure(const struct lab *lab, const char *figure, const char *title,
                          const char *x_label, const char *prefix, double x, const double *seen)
{
    char names[SCALES][NAME], theirs[SCALES][NAME];
    struct figure_curve curves[2 * SCALES];
    for (size_t i = 0; i < SCALES; i++) {
        snprintf(names[i], NAME, "%s-%zu", prefix, i);
        snprintf(theirs[i], NAME, "%s-paper-%zu", prefix, i);
        lab_line(lab, theirs[i], x_label, "theta in the authors' figure", &x, &seen[i], 1);
        curves[i] = (struct figure_curve){names[i], scale_label[i], SVG_LINE, i + 1};
        curves[SCALES + i] =
            (struct figure_curve){theirs[i], i ? NULL : "authors' figure", SVG_POINTS, 6};
    }
    study_figure(lab->run, figure,
                 &(struct figure){.title = title,
                                  .x = {.label = x_label},
                                  .y = {.label = "theta (rad)", .lo = 0.0, .hi = 1.6},
                                  .curves = curves,
                                  .count = 2 * SCALES});
}

/* By how much the mean theta of points `from` .. `to` - 1 is off what the figure shows. */
static double off_figure(const struct samples *theta, size_t from, size_t to, double seen)
{
    double mean = 0.0;
    for (size_t k = from; k < to; k++) mean += samples_mean(theta, k).at / (double)(to - from);
    return fabs(mean - seen);
}

enum status resnet_by_layer(const struct lab *lab, double from, double to)
{
    const size_t depth = lab_pick(lab, 50, 200, 200), width = lab_pick(lab, 64, 200, 200);
    const size_t draws = lab_pick(lab, 2, 5, 20), points = depth - 2;
    struct samples x = samples_open(1, points);
    enum status status = STATUS_OK;
    double off = 0.0;
    for (size_t i = 0; i < points; i++) x.at[i] = (double)i + 2.0;
    for (size_t i = 0; i < SCALES && status == STATUS_OK; i++) {
        const double step = (to - from) / SCALES, at = from + step * (double)i;
        const struct network_plan plan = resnet_plan(width, depth, beta_of(i, (double)depth), 1);
        struct samples s;
        char name[NAME];
        snprintf(name, sizeof name, "layer-%zu", i);
        status = lab_cosines(lab, &plan, draws, at, at + step, false, &s);
        for (size_t e = 0; e < s.points * s.draws; e++) s.at[e] = acos(fmin(s.at[e], 1.0));
        if (status == STATUS_OK) lab_curve(lab, name, "layer", "theta", x.at, &s);
        if (status == STATUS_OK)
            off = fmax(off, off_figure(&s, points - 10, points, seen_by_layer[i]));
        samples_close(&s);
        if (study_interrupted(lab->run)) break;
    }
    samples_close(&x);
    if (status != STATUS_OK || study_interrupted(lab->run)) return status;
    scales_figure(lab, "resnet-by-layer", "Angle along the layers (E1)", "layer", "layer",
                  (double)depth - 5.0, seen_by_layer);
    lab_claim_value(lab, "E1", off, draws);
    return STATUS_OK;
}

/* theta sqrt(3 L / 2) for branches of 1 / L, the one farthest from 1. */
static void judge_narrow(const struct lab *lab, const double *depth, const struct samples *s)
{
    struct interval off = {.at = 1.0};
    for (size_t k = 0; k < s->points; k++) {
        struct interval mean = samples_mean(s, k);
        const double by = sqrt(1.5 * depth[k]);
        if (depth[k] < 50.0 || fabs(mean.at * by - 1.0) < fabs(off.at - 1.0)) continue;
        off = (struct interval){mean.at * by, mean.lo * by, mean.hi * by};
    }
    lab_claim(lab, "P1-8", off, s->draws);
}

enum status resnet_by_depth(const struct lab *lab, double from, double to)
{
    enum { MOST = 20 };
    const size_t count = lab_pick(lab, 3, MOST, MOST), draws = lab_pick(lab, 2, 6, 20);
    const size_t width = lab_pick(lab, 64, 200, 200), step = lab_pick(lab, 25, 10, 10);
    double depth[MOST], off = 0.0;
    enum status status = STATUS_OK;
    for (size_t k = 0; k < count; k++) depth[k] = (double)(step * (k + 1));
    for (size_t i = 0; i < SCALES && status == STATUS_OK; i++) {
        struct samples cosine = samples_open(count, draws), theta = samples_open(count, draws);
        for (size_t k = 0; k < count && status == STATUS_OK; k++) {
            const double part =
                from + (to - from) * ((double)i + (double)k / (double)count) / SCALES;
            const struct network_plan plan =
                resnet_plan(width, (size_t)depth[k], beta_of(i, depth[k]), 1);
            if (lab_at(lab, part)) break;
            status = resnet_output(lab, &plan, part, samples_of(&cosine, k), samples_of(&theta, k),
                                   draws);
        }
        char name[NAME];
        snprintf(name, sizeof name, "depth-%zu", i);
        lab_curve(lab, name, "depth", "theta of the last features", depth, &theta);
        if (i == 0 && status == STATUS_OK && !study_interrupted(lab->run))
            judge_narrow(lab, depth, &theta);
        if (count == MOST) off = fmax(off, off_figure(&theta, 14, MOST, seen_by_depth[i]));
        samples_close(&cosine);
        samples_close(&theta);
        if (study_interrupted(lab->run)) return status;
    }
    if (status != STATUS_OK) return status;
    scales_figure(lab, "resnet-by-depth", "Angle of the last features by depth (E2)", "depth L",
                  "depth", 175.0, seen_by_depth);
    lab_claim_value(lab, "E2", off, draws);
    return STATUS_OK;
}

/* ---- E3, E4: by the scale of branches */

static void beta_figures(const struct lab *lab, size_t depths)
{
    enum { POINTS = 40 };
    static const char *const theta[] = {"beta-30", "beta-100", "beta-500"};
    static const char *const cosine[] = {"conjecture-30", "conjecture-100", "conjecture-500"};
    static const char *const label[] = {"L = 30", "L = 100", "L = 500"};
    double x[POINTS], y[POINTS], inverse[POINTS];
    /* What the authors' figure shows. */
    static const double seen_x[] = {1.0, 22.0}, seen_y[] = {0.75, 0.045};
    struct figure_curve curves[6];
    for (size_t i = 0; i < POINTS; i++) {
        x[i] = 0.1 * pow(300.0, (double)i / (POINTS - 1));
        y[i] = law_resnet(x[i]);
        inverse[i] = x[i] >= 1.0 ? 1.0 / x[i] : NAN;
    }
    lab_line(lab, "law-resnet", "sqrt(L) beta", "cos", x, y, POINTS);
    lab_line(lab, "law-inverse", "sqrt(L) beta", "cos", x, inverse, POINTS);
    lab_line(lab, "conjecture-paper", "sqrt(L) beta", "cos in the authors' figure", seen_x, seen_y,
             2);
    for (size_t i = 0; i < depths; i++)
        curves[i] = (struct figure_curve){theta[i], label[i], SVG_LINE, i + 1};
    study_figure(lab->run, "resnet-by-scale",
                 &(struct figure){.title = "Angle of the last features by branch scale (E3)",
                                  .x = {.label = "beta", .log = true},
                                  .y = {.label = "theta (rad)", .lo = 0.0, .hi = 1.6},
                                  .curves = curves,
                                  .count = depths});
    for (size_t i = 0; i < depths; i++)
        curves[i] = (struct figure_curve){cosine[i], label[i], SVG_POINTS, i + 1};
    curves[depths] = (struct figure_curve){"law-resnet", "theory, large depth", SVG_REFERENCE, 0};
    curves[depths + 1] =
        (struct figure_curve){"law-inverse", "1 / (sqrt(L) beta)", SVG_REFERENCE, 5};
    curves[depths + 2] =
        (struct figure_curve){"conjecture-paper", "authors' figure", SVG_POINTS, 6};
    study_figure(lab->run, "resnet-conjecture",
                 &(struct figure){.title = "cos against sqrt(L) beta, and the conjecture (E4)",
                                  .x = {.label = "sqrt(L) beta", .log = true},
                                  .y = {.label = "cos(theta)", .log = true},
                                  .curves = curves,
                                  .count = depths + 3});
}

enum status resnet_by_scale(const struct lab *lab, double from, double to)
{
    enum { MOST = 20 };
    static const double depth[] = {30, 100, 500};
    const size_t depths = lab_pick(lab, 1, 3, 3), count = lab_pick(lab, 4, MOST, MOST);
    const size_t width = lab_pick(lab, 64, 500, 500), draws = lab_pick(lab, 2, 3, 5);
    enum status status = STATUS_OK;
    double done = 0.0, beta[MOST], c[MOST];
    for (size_t i = 0; i < depths && status == STATUS_OK; i++) {
        struct samples cosine = samples_open(count, draws), theta = samples_open(count, draws);
        for (size_t k = 0; k < count && status == STATUS_OK; k++) {
            beta[k] = pow(10.0, -3.0 + 3.0 * (double)k / (double)(count - 1));
            c[k] = sqrt(depth[i]) * beta[k];
            const double part = from + (to - from) * (done + depth[i] * (double)k / (double)count) /
                                           (depths == 1 ? 30.0 : 630.0);
            const struct network_plan plan = resnet_plan(width, (size_t)depth[i], beta[k], 1);
            if (lab_at(lab, part)) break;
            status = resnet_output(lab, &plan, part, samples_of(&cosine, k), samples_of(&theta, k),
                                   draws);
        }
        char name[NAME];
        snprintf(name, sizeof name, "beta-%.0f", depth[i]);
        lab_curve(lab, name, "beta", "theta of the last features", beta, &theta);
        snprintf(name, sizeof name, "conjecture-%.0f", depth[i]);
        lab_curve(lab, name, "sqrt(L) beta", "cos of the last features", c, &cosine);
        done += depth[i];
        samples_close(&cosine);
        samples_close(&theta);
        if (study_interrupted(lab->run)) return status;
    }
    if (status == STATUS_OK) beta_figures(lab, depths);
    return status;
}
