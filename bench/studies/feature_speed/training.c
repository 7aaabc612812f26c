/* The formula along training: full-batch gradient descent on handwritten digits with the rates of the paper, each layer
 * contributing equally to the loss decay. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/data.h"
#include "studies/feature_speed/lab.h"

enum { CLASSES = 10, STEPS = 60 };

struct task {
    struct data data;
    float *readout; /* CLASSES x width */
    float *error;   /* batch x CLASSES: P - Y */
};

static double loss_of(const struct network *y, struct task *t)
{
    const size_t m = y->plan.batch, width = y->plan.width;
    const float *f = network_features(y, y->plan.depth);
    double loss = 0.0;
    for (size_t i = 0; i < m; i++)
        for (size_t c = 0; c < CLASSES; c++) {
            float p = 0.0f;
            dot_fwd(y->set, 1, &p, f + i * width, t->readout + c * width, width);
            const float e = p - (t->data.label[i] == c ? 1.0f : 0.0f);
            t->error[i * CLASSES + c] = e;
            loss += 0.5 * (double)e * (double)e / ((double)m * CLASSES);
        }
    return loss;
}

static void pull_back(struct network *y, const struct task *t)
{
    const size_t m = y->plan.batch, width = y->plan.width;
    memset(y->ddst, 0, m * width * sizeof *y->ddst);
    for (size_t i = 0; i < m; i++)
        for (size_t c = 0; c < CLASSES; c++)
            y->set->axpy(y->ddst + i * width, t->error[i * CLASSES + c] / (float)(m * CLASSES),
                         t->readout + c * width, y->ddst + i * width, width);
}

static enum status train(const struct lab *lab, struct network *y, struct task *t)
{
    const size_t depth = y->plan.depth;
    struct samples rows = samples_open(6, STEPS);
    double *step = samples_of(&rows, 0), *loss = samples_of(&rows, 1), *gap = samples_of(&rows, 2),
           *first = samples_of(&rows, 3), *middle = samples_of(&rows, 4),
           *last = samples_of(&rows, 5), worst = 0.0;
    size_t done = 0;
    for (; done < STEPS && !lab_at(lab, (double)done / STEPS); done++) {
        network_forward(y);
        step[done] = (double)done;
        loss[done] = loss_of(y, t);
        pull_back(y, t);
        network_backward(y);
        /* To first order the loss falls by a twentieth. */
        network_rates_equal(y, 0.05 * loss[done] / (double)depth);
        network_velocity(y);
        gap[done] = lab_gap(y);
        worst = fmax(worst, gap[done]);
        first[done] = angle_of(&y->sweep, 2).cosine;
        middle[done] = angle_of(&y->sweep, 1 + depth / 2).cosine;
        last[done] = angle_of(&y->sweep, depth).cosine;
        network_step(y);
    }
    if (done == STEPS) {
        study_claim_value(lab->run, "TRAIN", worst, STEPS, NULL);
        lab_claim_value(lab, "TRAIN-b", loss[STEPS - 1] / loss[0], 1);
        lab_line(lab, "training-loss", "step", "loss", step, loss, STEPS);
        lab_line(lab, "training-gap", "step", "largest relative gap", step, gap, STEPS);
        lab_line(lab, "training-first", "step", "cos, first trained layer", step, first, STEPS);
        lab_line(lab, "training-middle", "step", "cos, middle layer", step, middle, STEPS);
        lab_line(lab, "training-last", "step", "cos, last features", step, last, STEPS);
        study_figure(
            lab->run, "training",
            &(struct figure){.title = "Angles along training on digits",
                             .x = {.label = "step of gradient descent"},
                             .y = {.label = "cos(theta)", .lo = 0.0, .hi = 1.0},
                             .curves =
                                 (const struct figure_curve[]){
                                     {"training-first", "first trained layer", SVG_LINE, 1},
                                     {"training-middle", "middle layer", SVG_LINE, 2},
                                     {"training-last", "last features", SVG_LINE, 3}},
                             .count = 3});
    }
    samples_close(&rows);
    return STATUS_OK;
}

enum status lab_training(const struct lab *lab)
{
    const struct network_plan plan = {.batch = lab_pick(lab, 16, 64, 512),
                                      .inputs = LAB_DIGIT,
                                      .width = lab_pick(lab, 64, 256, 512),
                                      .depth = lab_pick(lab, 5, 17, 33),
                                      .beta = 1.0,
                                      .keeps_weights = true};
    struct network y;
    struct task t = {.readout = calloc(CLASSES * plan.width, sizeof *t.readout),
                     .error = calloc(CLASSES * plan.batch, sizeof *t.error)};
    if (!t.readout || !t.error) out_of_memory();
    enum status status = data_open_digits(&t.data);
    if (status == STATUS_OK)
        status = network_open(&y, study_kernels(lab->run), study_threads(lab->run), &plan);
    if (status == STATUS_OK) {
        network_draw(&y, lab->seed, 0);
        network_normals(&y, t.readout, CLASSES * plan.width,
                        sqrt((double)plan.depth) / (double)plan.width, lab->seed, 0, 1);
        memcpy(y.src, t.data.x, plan.batch * plan.inputs * sizeof *y.src);
        status = train(lab, &y, &t);
        network_close(&y);
    }
    data_close(&t.data);
    free(t.readout);
    free(t.error);
    return status;
}
