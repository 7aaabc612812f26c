/* The networks of the studies, and the laws that the feature speed study holds them to. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "studies/feature_speed/laws.h"
#include "studies/network.h"

static int failures;

static void near(const char *what, double got, double want, double allowed)
{
    if (fabs(got - want) <= allowed) return;
    fprintf(stderr, "%s: got %.9g, want %.9g, allowed %.3g\n", what, got, want, allowed);
    failures++;
}

/* Closed forms, and what the differential equation gives with ten times the steps, rounded. */
static void laws(void)
{
    static const double c[] = {0.25, 0.5, 1.0, 2.0, 3.0, 4.0},
                        cosine[] = {0.9795, 0.9224, 0.7512, 0.4687, 0.3250, 0.2465};
    near("one trained layer", law_chain(2.0, 1.0), 1.0, 0.0);
    near("two trained layers", law_chain(2.0, 2.0), sqrt(2.0 / 3.0), 1e-15);
    near("64 trained layers", law_chain(2.0, 64.0), sqrt(3.0 * 64.0 / (2.0 * 64.0 * 64.0 + 1.0)),
         1e-15);
    near("orthogonal, linear", law_chain(0.0, 50.0), 1.0, 0.0);
    near("a batch of one", law_batch(1.0), 1.0, 0.0);
    for (size_t i = 0; i < sizeof c / sizeof *c; i++)
        near("a ResNet", law_resnet(c[i]), cosine[i], 2e-4);
    near("narrow branches: 1 - c^2 / 3", law_resnet(0.05), 1.0 - 0.05 * 0.05 / 3.0, 1e-5);
    near("wide branches: 1 / c", 12.0 * law_resnet(12.0), 1.0, 0.01);
}

static void open_network(struct network *y, struct network_plan plan, int threads, uint64_t draw)
{
    if (network_open(y, kernel_set_best(), threads, &plan) != STATUS_OK) abort();
    network_draw(y, 7, draw);
    network_normals(y, y->src, plan.batch * plan.inputs, 1.0, 7, draw, 0);
    network_normals(y, y->ddst, plan.batch * plan.width, 1.0, 7, draw, 1);
    network_forward(y);
    network_backward(y);
    network_rates_equal(y, 1.0);
    network_velocity(y);
}

static double distance(const float *x, const float *y, size_t n)
{
    double square = 0.0;
    for (size_t i = 0; i < n; i++) square += pow((double)x[i] - (double)y[i], 2.0);
    return sqrt(square);
}

/* The features after a step, from weights that are formed and from weights that are not. */
static void step(struct network_plan plan)
{
    plan.keeps_weights = true;
    struct network y;
    open_network(&y, plan, 1, 0);
    const size_t count = plan.batch * plan.width, depth = plan.depth;
    float *before = malloc(2 * count * sizeof *before), *after = before + count;
    if (!before) abort();
    network_rates_equal(&y, 0.05);
    memcpy(before, network_features(&y, depth), count * sizeof *before);
    network_after_step(&y, after);
    network_step(&y);
    network_forward(&y);
    const double moved = distance(before, after, count);
    near("a step moves the features", moved > 0.0, 1.0, 0.0);
    /* Roundings of f32 through some layers, against how far the features move. */
    near("after a step", distance(after, network_features(&y, depth), count) / moved, 0.0, 1e-3);
    free(before);
    network_close(&y);
}

static void same_words(const struct network_plan *plan)
{
    struct network one, two, other;
    open_network(&one, *plan, 1, 3);
    open_network(&two, *plan, 2, 3);
    open_network(&other, *plan, 1, 4);
    const size_t table = plan->depth * CHAIN_JVP_FIELDS * sizeof(double);
    near("two threads", memcmp(one.sweep.table, two.sweep.table, table) == 0, 1.0, 0.0);
    near("another draw", memcmp(one.sweep.table, other.sweep.table, table) != 0, 1.0, 0.0);
    network_close(&one);
    network_close(&two);
    network_close(&other);
}

/* Equal rates: each trained layer contributes as much; the embedding nothing. */
static void rates(const struct network_plan *plan)
{
    struct network y;
    open_network(&y, *plan, 1, 0);
    for (size_t l = 1; l <= plan->depth; l++)
        near("decay of a layer", angle_of(&y.sweep, l).decay, l > 1 ? 1.0 : 0.0, 1e-6);
    network_rates_fixed(&y, 0.5);
    near("rate of a branch's last layer", (double)y.layer[plan->depth - 1].rate,
         0.5 * plan->beta * plan->beta, 1e-7);
    network_close(&y);
}

static void orthogonal(void)
{
    struct network y;
    open_network(&y,
                 (struct network_plan){.batch = 1,
                                       .inputs = 5,
                                       .width = 48,
                                       .depth = 20,
                                       .beta = 1.0,
                                       .gain = 1.0,
                                       .linear = true,
                                       .orthogonal = true},
                 1, 0);
    for (size_t l = 2; l <= 20; l++)
        near("dynamical isometry", angle_of(&y.sweep, l).cosine, 1.0, 1e-6);
    network_close(&y);
}

int main(void)
{
    const struct network_plan
        mlp = {.batch = 3, .inputs = 8, .width = 50, .depth = 6, .beta = 1.0},
        resnet = {.batch = 2, .inputs = 8, .width = 40, .depth = 9, .beta = 0.3},
        two = {.batch = 2, .inputs = 8, .width = 40, .depth = 9, .beta = 0.3, .branch = 2};
    laws();
    step(mlp);
    step(resnet);
    step(two);
    same_words(&mlp);
    same_words(&two);
    rates(&resnet);
    orthogonal();
    return failures ? 1 : 0;
}
