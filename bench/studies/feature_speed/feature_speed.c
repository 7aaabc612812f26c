#include <math.h>

#include "studies/feature_speed/lab.h"

#define FSF "speed formula"
#define DERIVED "derived"
#define SEEN "experiment"
static const struct claim claims[] = {
    {"P1-1",
     "f32: v.b is the sum of rate |grad|^2 in each layer, largest relative gap",
     FSF,
     {0, 1e-5}},
    {"P1-2", "a step of eta = 0.01 against the formula: largest mean gap, L to 40", FSF, {0, 0.01}},
    {"P1-2b", "mean gap at eta = 0.01 over that at 0.001: it falls linearly", FSF, {8, 12}},
    {"P1-3",
     "MLP: cos is sqrt(3n / (2n^2 + 1)) up to n = 32, largest relative gap",
     DERIVED,
     {0, 0.03}},
    {"P1-3b", "the same at n = 64", DERIVED, {0, 0.06}},
    {"P1-3c", "first trained layer: |cos - 1|", FSF, {0, 1e-6}},
    {"P1-4", "MLP: exponent of cos in the depth, n = 8 to 64", "abstract", {-0.53, -0.47}},
    {"P1-4b", "MLP: sqrt(n) cos, n = 8 to 64", DERIVED, {1.17, 1.28}},
    {"P1-5",
     "linear Gaussian: the law for v = 1, largest relative gap to n = 32",
     DERIVED,
     {0, 0.04}},
    {"P1-5b", "linear orthogonal: cos = 1 at all depths, largest gap", DERIVED, {0, 1e-5}},
    {"P1-6",
     "ResNet, beta = 1/sqrt(L): cos, L = 100 to 500, farthest from theory",
     "abstract",
     {0.736, 0.766}},
    {"P1-6b", "the same for 0.5/sqrt(L)", DERIVED, {0.914, 0.930}},
    {"P1-6c", "the same for 2/sqrt(L)", DERIVED, {0.449, 0.489}},
    {"P1-6d",
     "those cos do not depend on L from 100 on: largest relative gap",
     "abstract",
     {0, 0.05}},
    {"P1-7",
     "conjecture: sqrt(L) beta cos -> 1; least over sqrt(L) beta = 3 to 6",
     SEEN,
     {0.92, 1.05}},
    {"P1-7b", "the same, greatest", SEEN, {0.92, 1.05}},
    {"P1-8", "beta = 1/L: theta sqrt(3L/2), L = 50 to 200, farthest from 1", DERIVED, {0.94, 1.06}},
    {"P1-9", "MLP sensitivity, paper's scaling, L = 5 to 40: least", SEEN, {0.6, 0.95}},
    {"P1-9b", "the same, greatest", SEEN, {0.6, 0.95}},
    {"P1-9c", "MLP sensitivity, MF + muP: exponent in the depth", SEEN, {0.5, 0.65}},
    {"P1-9d", "the same at L = 20", SEEN, {3, INFINITY}},
    {"P1-9e", "MLP sensitivity, NTK: greatest", SEEN, {0, 0.35}},
    {"P1-9f", "MLP sensitivity: MF + muP over NTK, over sqrt(m)", DERIVED, {0.8, 1.2}},
    {"P1-10", "ResNet sensitivity, beta = 1/sqrt(L): exponent in the depth", SEEN, {-0.1, 0.1}},
    {"P1-10b", "the same for 1/L", SEEN, {-0.1, 0.1}},
    {"P1-10c", "ResNet sensitivity: 1/sqrt(L) over 1/L", DERIVED, {1.22, 1.38}},
    {"E1",
     "theta of the last ten layers of 200, five branch scales: farthest from the figure",
     SEEN,
     {0, 0.05}},
    {"E2",
     "theta at L = 150 to 200, five branch scales: farthest from the figure",
     SEEN,
     {0, 0.05}},
    {"P1-11", "batch: cos_1 sqrt(1 + (n - 1)/pi^2), farthest from 1", DERIVED, {0.97, 1.03}},
    {"P1-11b", "batch: sqrt(l) cos_l over its mean, l = 8 to 64, largest gap", SEEN, {0, 0.25}},
    {"P1-12",
     "E |f_l|^2 does not depend on l: largest gap in standard deviations",
     DERIVED,
     {0, 3}},
    {"DIGITS",
     "the MLP law on handwritten digits, largest relative gap to n = 32",
     DERIVED,
     {0, 0.06}},
    {"RES-2", "branches of two layers: cos at L = 400 over that at 50", "abstract", {0.9, 1.1}},
    {"TRAIN", "the identity at each step of training on digits, largest gap", FSF, {0, 1e-5}},
    {"TRAIN-b", "loss after 60 steps over that before", DERIVED, {0, 0.2}},
    {"BFK",
     "cos over M1 / sqrt(M2) of the kernel's spectrum, n = 1 to 64, farthest from 1",
     "abstract",
     {0.95, 1.05}},
    {"BFK-b", "M1 / sqrt(M2) over sqrt(3n / (2n^2 + 1)), farthest from 1", DERIVED, {0.95, 1.05}},
    {"JAC",
     "linear orthogonal: singular values of all Jacobians, farthest from 1",
     DERIVED,
     {0, 1e-4}},
    {"COST",
     "time over forward and backward alone, over the ratio of flops: most",
     DERIVED,
     {0.8, 1.25}},
    {"NTK-sm", "NTK: exponent of feature speed in the width", DERIVED, {-0.6, -0.4}},
    {"NTK-dm", "of loss decay", DERIVED, {-0.1, 0.1}},
    {"NTK-bm", "of the backward norm", DERIVED, {-0.1, 0.1}},
    {"MUP-sm", "MF + muP: exponent of feature speed in the width", DERIVED, {-0.1, 0.1}},
    {"MUP-dm", "of loss decay", DERIVED, {-0.1, 0.1}},
    {"MUP-bm", "of the backward norm", DERIVED, {-0.6, -0.4}},
    {"FSC-sm", "the paper's: exponent of feature speed in the width", DERIVED, {-0.1, 0.1}},
    {"FSC-dm", "of loss decay", DERIVED, {-0.1, 0.1}},
    {"FSC-bm", "of the backward norm", DERIVED, {-0.6, -0.4}},
    {"NTK-sL", "NTK: exponent of feature speed in the depth", DERIVED, {0.4, 0.6}},
    {"NTK-dL", "of loss decay", DERIVED, {-0.1, 0.1}},
    {"NTK-bL", "of the backward norm", DERIVED, {-0.1, 0.1}},
    {"MUP-sL", "MF + muP: exponent of feature speed in the depth", DERIVED, {0.4, 0.6}},
    {"MUP-dL", "of loss decay", DERIVED, {-0.1, 0.1}},
    {"MUP-bL", "of the backward norm", DERIVED, {-0.1, 0.1}},
    {"FSC-sL", "the paper's: exponent of feature speed in the depth", DERIVED, {-0.1, 0.1}},
    {"FSC-dL", "of loss decay", DERIVED, {-0.1, 0.1}},
    {"FSC-bL", "of the backward norm", DERIVED, {0.4, 0.6}},
};

static const struct {
    enum status (*run)(const struct lab *lab);
    const char *what;
    double share[STUDY_SIZES]; /* of the whole run's time, about */
} experiments[] = {
    {lab_identity, "identity", {6, 17, 40}}, {lab_mlp, "MLPs", {2, 24, 300}},
    {lab_resnet, "ResNets", {2, 60, 250}},   {lab_sensitivity, "sensitivity", {1, 5, 30}},
    {lab_batch, "batches", {1, 3, 40}},      {lab_scalings, "scalings", {1, 50, 150}},
    {lab_training, "training", {1, 1, 20}},  {lab_spectrum, "spectrum", {1, 30, 200}},
    {lab_cost, "cost", {1, 9, 30}},
};
enum { EXPERIMENTS = sizeof experiments / sizeof *experiments };

static enum status run(struct study_run *run)
{
    const enum study_size size = study_size(run);
    double total = 0.0, done = 0.0;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < EXPERIMENTS; i++) total += experiments[i].share[size];
    for (size_t i = 0; i < EXPERIMENTS && status == STATUS_OK; i++) {
        const double share = experiments[i].share[size];
        const struct lab lab = {.run = run,
                                .size = size,
                                .seed = study_seed(run) * EXPERIMENTS * 2 + 2 * i,
                                .what = experiments[i].what,
                                .begin = done / total,
                                .span = share / total};
        if (study_interrupted(run)) break;
        status = experiments[i].run(&lab);
        done += share;
    }
    return status;
}

const struct study study_feature_speed = {
    .name = "feature-speed",
    .title = "How fast features move in a step, and at which angle to the backward pass",
    .source = "Chizat, Netrapalli, \"The feature speed formula\", NeurIPS 2024, arXiv 2311.18718",
    .claims = claims,
    .claim_count = sizeof claims / sizeof *claims,
    .seconds = {5, 150, 540},
    .run = run,
};
