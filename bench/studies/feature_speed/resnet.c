/* ResNets: the angle of the last features by the scale of branches. */
#include "studies/feature_speed/resnet.h"

#include <math.h>

#include "studies/feature_speed/laws.h"

struct network_plan resnet_plan(size_t width, size_t depth, double beta, size_t branch)
{
    return (struct network_plan){.batch = 1,
                                 .inputs = 10,
                                 .width = width,
                                 .depth = depth - 1,
                                 .beta = fmin(beta, 1.0),
                                 .branch = branch};
}

enum status resnet_output(const struct lab *lab, const struct network_plan *plan, double part,
                          double *cosine, double *theta, size_t draws)
{
    struct samples s;
    const enum status status = lab_cosines(lab, plan, draws, part, part, false, &s);
    for (size_t d = 0; d < draws && status == STATUS_OK; d++) {
        cosine[d] = samples_of(&s, plan->depth - 2)[d];
        theta[d] = acos(fmin(cosine[d], 1.0));
    }
    samples_close(&s);
    return status;
}

/* ---- branches of c / sqrt(L): cos does not depend on L */

static enum status constant_angle(const struct lab *lab, double from, double to)
{
    static const struct {
        double c;
        const char *id, *name;
    } at[] = {
        {1.0, "P1-6", "resnet-c1"}, {0.5, "P1-6b", "resnet-c05"}, {2.0, "P1-6c", "resnet-c2"}};
    static const double depths[] = {30, 100, 200, 500};
    const size_t width = lab_pick(lab, 128, 500, 500), draws = lab_pick(lab, 4, 12, 24);
    const size_t count = lab_pick(lab, 2, 4, 4);
    double apart = 0.0;
    for (size_t i = 0; i < 3; i++) {
        struct samples cosine = samples_open(count, draws), theta = samples_open(count, draws);
        struct interval off = {.at = at[i].c == 1.0 ? 0.0 : NAN};
        enum status status = STATUS_OK;
        for (size_t k = 0; k < count && status == STATUS_OK; k++) {
            const double part = from + (to - from) * ((double)i + (double)k / (double)count) / 3.0;
            const struct network_plan plan =
                resnet_plan(width, (size_t)depths[k], at[i].c / sqrt(depths[k]), 1);
            if (lab_at(lab, part)) break;
            status = resnet_output(lab, &plan, part, samples_of(&cosine, k), samples_of(&theta, k),
                                   draws);
        }
        lab_curve(lab, at[i].name, "depth", "cos of the last features", depths, &cosine);
        /* From a depth of 100 on, the one that is farthest from theory. */
        for (size_t k = 1; k < count; k++) {
            const struct interval mean = samples_mean(&cosine, k);
            const double law = law_resnet(at[i].c);
            if (k == 1 || fabs(mean.at - law) > fabs(off.at - law)) off = mean;
            apart = fmax(apart, fabs(mean.at / samples_mean(&cosine, count - 1).at - 1.0));
        }
        samples_close(&cosine);
        samples_close(&theta);
        if (status != STATUS_OK || study_interrupted(lab->run)) return status;
        lab_claim(lab, at[i].id, off, draws);
    }
    lab_claim_value(lab, "P1-6d", apart, draws);
    return STATUS_OK;
}

/* (sqrt(L) beta) cos at large sqrt(L) beta: the authors' conjecture is that it tends to 1. */
static enum status conjecture(const struct lab *lab, double from, double to)
{
    static const double c[] = {3, 4, 5, 6};
    enum { COUNT = 4 };
    const size_t width = lab_pick(lab, 128, 500, 500), draws = lab_pick(lab, 4, 24, 48);
    const size_t depth = lab_pick(lab, 100, 400, 400);
    struct samples product = samples_open(COUNT, draws), theta = samples_open(COUNT, draws);
    struct interval least = {.at = INFINITY}, most = {.at = -INFINITY};
    enum status status = STATUS_OK;
    for (size_t k = 0; k < COUNT && status == STATUS_OK; k++) {
        const double part = from + (to - from) * (double)k / COUNT;
        const struct network_plan plan = resnet_plan(width, depth, c[k] / sqrt((double)depth), 1);
        if (lab_at(lab, part)) break;
        status =
            resnet_output(lab, &plan, part, samples_of(&product, k), samples_of(&theta, k), draws);
        for (size_t d = 0; d < draws; d++) samples_of(&product, k)[d] *= c[k];
        const struct interval mean = samples_mean(&product, k);
        if (mean.at < least.at) least = mean;
        if (mean.at > most.at) most = mean;
    }
    if (status == STATUS_OK && !study_interrupted(lab->run)) {
        lab_curve(lab, "conjecture-product", "sqrt(L) beta", "sqrt(L) beta cos", c, &product);
        lab_claim(lab, "P1-7", least, draws);
        lab_claim(lab, "P1-7b", most, draws);
    }
    samples_close(&product);
    samples_close(&theta);
    return status;
}

/* Branches of two layers: cos at four times the depth over cos. */
static enum status two_layers(const struct lab *lab, double from, double to)
{
    enum { COUNT = 4 };
    static const double depth[COUNT] = {50, 100, 200, 400};
    const size_t count = lab_pick(lab, 2, COUNT, COUNT), draws = lab_pick(lab, 4, 8, 16);
    const size_t width = lab_pick(lab, 128, 400, 500);
    struct samples cosine = samples_open(count, draws), theta = samples_open(count, draws),
                   ratio = samples_open(1, draws);
    enum status status = STATUS_OK;
    for (size_t k = 0; k < count && status == STATUS_OK; k++) {
        const double part = from + (to - from) * (double)k / (double)count;
        /* So many branches, and the embedding. */
        const struct network_plan plan =
            resnet_plan(width, (size_t)depth[k] + 2, 1.0 / sqrt(depth[k] / 2.0), 2);
        if (lab_at(lab, part)) break;
        status =
            resnet_output(lab, &plan, part, samples_of(&cosine, k), samples_of(&theta, k), draws);
    }
    if (status == STATUS_OK && !study_interrupted(lab->run)) {
        for (size_t d = 0; d < draws; d++)
            ratio.at[d] = samples_of(&cosine, count - 1)[d] / samples_of(&cosine, 0)[d];
        lab_curve(lab, "resnet-two", "layers", "cos of the last features", depth, &cosine);
        lab_claim(lab, "RES-2", samples_mean(&ratio, 0), draws);
    }
    samples_close(&cosine);
    samples_close(&theta);
    samples_close(&ratio);
    return status;
}

enum status lab_resnet(const struct lab *lab)
{
    static enum status (*const part[])(const struct lab *, double, double) = {
        constant_angle, resnet_by_layer, resnet_by_depth, resnet_by_scale, conjecture, two_layers};
    static const double done[] = {0.0, 0.3, 0.35, 0.45, 0.75, 0.9, 1.0};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof part / sizeof *part && status == STATUS_OK; i++) {
        if (study_interrupted(lab->run)) break;
        status = part[i](lab, done[i], done[i + 1]);
    }
    return status;
}
