/* Batches of more than one input: the law stays, its prefactor falls. */
#include <math.h>
#include <stdio.h>

#include "studies/feature_speed/lab.h"
#include "studies/feature_speed/laws.h"

enum { TRAINED = 64, BATCHES = 5, NAME = 24 };
static const size_t batches[BATCHES] = {1, 4, 16, 64, 512};

static void figure(const struct lab *lab, size_t count, const double *n)
{
    static const char *const label[BATCHES] = {"1 input", "4", "16", "64", "512"};
    char names[2 * BATCHES][NAME];
    struct figure_curve curves[2 * BATCHES];
    for (size_t k = 0; k < count; k++) {
        double law[TRAINED];
        for (size_t i = 0; i < TRAINED; i++)
            law[i] = law_chain(2.0, n[i]) * law_batch((double)batches[k]);
        snprintf(names[2 * k], NAME, "batch-%zu", batches[k]);
        snprintf(names[2 * k + 1], NAME, "batch-law-%zu", batches[k]);
        lab_line(lab, names[2 * k + 1], "trained layers", "cos", n, law, TRAINED);
        curves[2 * k] = (struct figure_curve){names[2 * k], label[k], SVG_LINE, k + 1};
        curves[2 * k + 1] = (struct figure_curve){names[2 * k + 1], NULL, SVG_REFERENCE, k + 1};
    }
    study_figure(lab->run, "batch",
                 &(struct figure){.title = "Independent inputs: the law of one input, scaled",
                                  .x = {.label = "trained layers up to the feature", .log = true},
                                  .y = {.label = "cos(theta)", .log = true},
                                  .curves = curves,
                                  .count = 2 * count});
}

enum status lab_batch(const struct lab *lab)
{
    const size_t width = lab_pick(lab, 256, 512, 1024), draws = lab_pick(lab, 2, 12, 12);
    const size_t count = lab_pick(lab, 3, 4, 5), trained = lab_pick(lab, 16, TRAINED, TRAINED);
    double n[TRAINED], first = 1.0, uneven = 0.0;
    for (size_t i = 0; i < TRAINED; i++) n[i] = (double)i + 1.0;
    for (size_t k = 0; k < count; k++) {
        const double m = (double)batches[k];
        const struct network_plan plan = {.batch = batches[k],
                                          .inputs =
                                              width, /* so that inputs are nearly orthogonal */
                                          .width = width,
                                          .depth = trained + 1,
                                          .beta = 1.0};
        struct samples s;
        char name[NAME];
        const double from = (double)k / (double)count, to = from + 1.0 / (double)count;
        const enum status status = lab_cosines(lab, &plan, draws, from, to, false, &s);
        if (status != STATUS_OK || study_interrupted(lab->run)) {
            samples_close(&s);
            return status;
        }
        snprintf(name, sizeof name, "batch-%zu", batches[k]);
        lab_curve(lab, name, "trained layers", "cos", n, &s);
        const double at = samples_mean(&s, 0).at / law_batch(m);
        if (fabs(at - 1.0) > fabs(first - 1.0) || k == 0) first = at;
        double mean = 0.0;
        for (size_t i = 7; i < trained; i++)
            mean += sqrt(n[i]) * samples_mean(&s, i).at / (double)(trained - 7);
        for (size_t i = 7; i < trained; i++)
            uneven = fmax(uneven, fabs(sqrt(n[i]) * samples_mean(&s, i).at / mean - 1.0));
        samples_close(&s);
    }
    lab_claim_value(lab, "P1-11", first, draws);
    lab_claim_value(lab, "P1-11b", uneven, draws);
    if (trained == TRAINED) figure(lab, count, n);
    return STATUS_OK;
}
