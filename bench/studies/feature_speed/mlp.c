/* The law of ReLU MLPs, 1 / sqrt(l) and its constant, with linear networks as control. */
#include <math.h>

#include "studies/feature_speed/lab.h"
#include "studies/feature_speed/laws.h"

enum { TRAINED = 64, LAYERS = TRAINED + 1, ASYMPTOTIC = 8 };

/* By how much the mean over draws is off the law, relatively: the most from n = a to b trained layers. */
static double farthest(const struct samples *s, double v, size_t a, size_t b)
{
    double most = 0.0;
    for (size_t n = a; n <= b; n++)
        most = fmax(most, fabs(samples_mean(s, n - 1).at / law_chain(v, (double)n) - 1.0));
    return most;
}

static void judge_law(const struct lab *lab, const struct samples *s, const double *n)
{
    struct samples constant = samples_open(1, s->draws);
    double first = 0.0;
    for (size_t d = 0; d < s->draws; d++) {
        double sum = 0.0;
        for (size_t i = ASYMPTOTIC - 1; i < TRAINED; i++) sum += sqrt(n[i]) * samples_of(s, i)[d];
        constant.at[d] = sum / (TRAINED - ASYMPTOTIC + 1);
        first = fmax(first, fabs(samples_of(s, 0)[d] - 1.0));
    }
    lab_claim_value(lab, "P1-3", farthest(s, 2.0, 1, 32), s->draws);
    lab_claim_value(lab, "P1-3b", farthest(s, 2.0, TRAINED, TRAINED), s->draws);
    study_claim_value(lab->run, "P1-3c", first, s->draws, NULL);
    lab_claim(lab, "P1-4", lab_exponent(n, s, ASYMPTOTIC - 1, TRAINED), s->draws);
    lab_claim(lab, "P1-4b", samples_mean(&constant, 0), s->draws);
    samples_close(&constant);
}

static void draw_figure(const struct lab *lab, const double *n)
{
    double relu[TRAINED], linear[TRAINED], isometric[TRAINED];
    for (size_t i = 0; i < TRAINED; i++) {
        relu[i] = law_chain(2.0, n[i]);
        linear[i] = law_chain(1.0, n[i]);
        isometric[i] = law_chain(0.0, n[i]);
    }
    lab_line(lab, "law-relu", "trained layers", "cos", n, relu, TRAINED);
    lab_line(lab, "law-linear", "trained layers", "cos", n, linear, TRAINED);
    lab_line(lab, "law-isometric", "trained layers", "cos", n, isometric, TRAINED);
    study_figure(lab->run, "mlp-law",
                 &(struct figure){.title = "Angle between feature updates and backward pass: MLPs",
                                  .x = {.label = "trained layers up to the feature", .log = true},
                                  .y = {.label = "cos(theta)", .log = true},
                                  .curves =
                                      (const struct figure_curve[]){
                                          {"mlp-relu", "ReLU, Gaussian", SVG_LINE, 1},
                                          {"law-relu", "sqrt(3n / (2n^2 + 1))", SVG_REFERENCE, 1},
                                          {"mlp-digits", "the same on digits", SVG_POINTS, 4},
                                          {"mlp-linear", "linear, Gaussian", SVG_LINE, 2},
                                          {"mlp-half", "ReLU, orthogonal", SVG_POINTS, 5},
                                          {"law-linear", "law for v = 1", SVG_REFERENCE, 2},
                                          {"mlp-isometric", "linear, orthogonal", SVG_LINE, 3},
                                          {"law-isometric", "law for v = 0", SVG_REFERENCE, 3}},
                                  .count = 8});
}

/* E |f_l|^2 is the same at every depth; that of one draw varies by 5 l / m of its square. */
static enum status features_square(const struct lab *lab, double from, double to)
{
    enum { DEPTHS = 7 };
    const size_t m = lab_pick(lab, 256, 512, 1024), draws = lab_pick(lab, 8, 32, 64);
    const struct network_plan plan = {
        .batch = 1, .inputs = 10, .width = m, .depth = TRAINED, .beta = 1.0};
    struct network y;
    struct samples square = samples_open(DEPTHS, draws);
    double depth[DEPTHS], worst = 0.0;
    enum status status = network_open(&y, study_kernels(lab->run), study_threads(lab->run), &plan);
    for (size_t d = 0; d < draws && status == STATUS_OK; d++) {
        if (lab_at(lab, from + (to - from) * (double)d / (double)draws)) break;
        network_draw(&y, lab->seed + 1, d);
        status = lab_inputs(lab, &y, d, false);
        for (size_t i = 0; i < DEPTHS; i++) {
            double sum[DOT_NORMS_FIELDS];
            y.chain.depth = (size_t)1 << i; /* the last features are the ones that are kept */
            network_forward(&y);
            const float *f = network_features(&y, y.chain.depth);
            dot_norms(y.set, 1, sum, f, f, m);
            depth[i] = (double)y.chain.depth;
            /* Of f_1 it is 1 / inputs. */
            samples_of(&square, i)[d] = sum[DOT_NORMS_XX] / (double)m * (double)plan.inputs;
        }
    }
    network_close(&y);
    for (size_t i = 0; i < DEPTHS; i++) {
        const double sd = sqrt(5.0 * depth[i] / ((double)m * (double)draws));
        worst = fmax(worst, fabs(samples_mean(&square, i).at - 1.0) / sd);
    }
    if (status == STATUS_OK) lab_claim_value(lab, "P1-12", worst, draws);
    lab_curve(lab, "features-square", "layer", "mean square over that at the start", depth,
              &square);
    samples_close(&square);
    return status;
}

/* One kind of network: cosines as series `name`, and v of its law. */
struct kind {
    const char *name;
    size_t width, draws;
    struct network_plan plan;
    bool real;
};

static enum status measure(const struct lab *lab, const struct kind *kind, double from, double to,
                           const double *n, struct samples *s)
{
    struct network_plan plan = kind->plan;
    plan.batch = 1;
    plan.beta = 1.0;
    plan.depth = LAYERS;
    plan.width = kind->width;
    plan.inputs = kind->real ? LAB_DIGIT : 10;
    const enum status status = lab_cosines(lab, &plan, kind->draws, from, to, kind->real, s);
    if (status == STATUS_OK) lab_curve(lab, kind->name, "trained layers", "cos", n, s);
    return status;
}

enum status lab_mlp(const struct lab *lab)
{
    const size_t wide = lab_pick(lab, 512, 2048, 4096), many = lab_pick(lab, 4, 40, 60);
    const size_t draws = lab_pick(lab, 4, 40, 40), narrow = lab_pick(lab, 128, 512, 512);
    const struct kind kinds[] = {
        {"mlp-relu", wide, draws, {0}, false},
        {"mlp-digits", narrow, many, {0}, true},
        {"mlp-linear", narrow, many, {.linear = true, .gain = 1.0}, false},
        {"mlp-half", narrow, lab_pick(lab, 2, 4, 12), {.orthogonal = true}, false},
        {"mlp-isometric",
         narrow,
         lab_pick(lab, 2, 4, 12),
         {.linear = true, .orthogonal = true, .gain = 1.0},
         false}};
    enum { KINDS = sizeof kinds / sizeof *kinds };
    static const double done[KINDS + 1] = {0.0, 0.55, 0.65, 0.75, 0.85, 0.95};
    double n[TRAINED];
    for (size_t i = 0; i < TRAINED; i++) n[i] = (double)i + 1.0;
    for (size_t i = 0; i < KINDS; i++) {
        struct samples s;
        const enum status status = measure(lab, &kinds[i], done[i], done[i + 1], n, &s);
        if (status == STATUS_OK && !study_interrupted(lab->run)) {
            if (i == 0) judge_law(lab, &s, n);
            if (i == 1) lab_claim_value(lab, "DIGITS", farthest(&s, 2.0, 1, 32), s.draws);
            if (i == 2) lab_claim_value(lab, "P1-5", farthest(&s, 1.0, 1, 32), s.draws);
            if (i == 4)
                study_claim_value(lab->run, "P1-5b", farthest(&s, 0.0, 1, TRAINED), s.draws, NULL);
        }
        samples_close(&s);
        if (status != STATUS_OK || study_interrupted(lab->run)) return status;
    }
    draw_figure(lab, n);
    return features_square(lab, done[KINDS], 1.0);
}
