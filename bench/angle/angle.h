/* angle: what `hinge angle` measures: one network, the angle between feature updates and backward pass at each layer.
 *
 * The order of use: angle_open(), which reads or draws the network, its input and the rest; angle_measure(); then the
 * table, the file and the figure; angle_close() whatever the status.
 *
 * src     rows of real data, the first of the set, or Gaussian ones of norm 1
 * ddst    loss normal: independent normals. squared: of sum |f_depth - y|^2 / (2 rows), y one-hot labels.
 * rates   equal: eta / |grad_l|^2 for each trained layer, so that each contributes eta to the loss decay; fixed: eta, of
 *         the last layer of a branch eta beta^2
 */
#ifndef ANGLE_ANGLE_H
#define ANGLE_ANGLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "angle/mlp_file.h"
#include "data/data.h"
#include "studies/network.h"

enum angle_input { INPUT_CHOOSE, INPUT_GAUSSIAN, INPUT_DIGITS, INPUT_IDX };
enum angle_loss { LOSS_CHOOSE, LOSS_NORMAL, LOSS_SQUARED };

struct angle_request {
    const char *weights;      /* NULL: a fresh network */
    struct network_plan plan; /* of a fresh one; of one that is read, batch alone */
    bool resnet;
    double scale; /* of He's sqrt(2 / fan_in) */
    enum angle_input input;
    const char *data; /* folder of INPUT_IDX */
    enum angle_loss loss;
    bool fixed;
    double eta;
    uint64_t seed;
    int threads;
    const struct kernel_set *set;
};

/* Why a layer has no angle. */
enum no_angle { ANGLE_THERE, ANGLE_NOT_FINITE, ANGLE_UNTRAINED, ANGLE_NO_BACKWARD, ANGLE_STILL };

/* What makes numbers of a layer less than they seem: bits. */
enum {
    MARK_WEIGHTS = 1,           /* weights or biases that are not finite */
    MARK_FEATURES = 1 << 1,     /* not finite */
    MARK_FEATURES_SUB = 1 << 2, /* some subnormal */
    MARK_FEATURES_ZERO = 1 << 3,
    MARK_BACKWARD = 1 << 4,
    MARK_BACKWARD_SUB = 1 << 5,
    MARK_SQUARES =
        1 << 6,         /* the squares that gradients are made of leave the normal numbers of f32 */
    MARK_RATE = 1 << 7, /* of a trained layer: no normal number of f32 */
    MARK_VELOCITY = 1 << 8, /* not finite */
    MARK_VELOCITY_SUB = 1 << 9,
    MARK_COUNT = 10
};

struct angle_row {
    size_t inputs, outputs;
    bool trained;
    enum no_angle why;
    unsigned marks;
    double cosine;             /* NaN: see why */
    double velocity_rms;       /* of the step's update to first order, by feature */
    double backward;           /* Frobenius norm */
    double grad2, rate;        /* rate as f32 has it */
    double decay, decay_up_to; /* of the loss, first order */
    double dead; /* share of ReLU outputs that are 0; NaN where there is no ReLU or a NaN */
    double gap;  /* |v . b / decay_up_to - 1|; NaN where the formula does not hold */
};

struct angle_run {
    struct angle_request ask;
    struct mlp_file file; /* open where ask.weights */
    struct network net;
    struct data data; /* empty with Gaussian rows */
    enum angle_input input;
    enum angle_loss loss;
    double loss_value; /* of LOSS_SQUARED */
    size_t depth, parameters;
    struct angle_row *row; /* layer l is row[l - 1] */
};

enum status angle_open(struct angle_run *run, const struct angle_request *ask);
void angle_measure(struct angle_run *run);
void angle_close(struct angle_run *run);

/* Memory for the network, refused before it is asked for, and its weights. */
enum status angle_network(struct angle_run *run);
/* The input rows, and after a forward pass the gradient that the backward pass starts from. */
enum status angle_input(struct angle_run *run, size_t inputs, size_t outputs);
void angle_source(struct angle_run *run);
void angle_gradient(struct angle_run *run);

enum { ANGLE_TEXT = 400 };
/* "PATH: an MLP of 3 layers, 64 -> 32 -> 10"; "digits, rows 1 to 8"; return text. */
const char *angle_network_text(const struct angle_run *run, char text[ANGLE_TEXT]);
const char *angle_input_text(const struct angle_run *run, char text[ANGLE_TEXT]);
const char *angle_loss_text(const struct angle_run *run, char text[ANGLE_TEXT]);
const char *angle_rates_text(const struct angle_run *run, char text[ANGLE_TEXT]);
/* The i-th thing that a reader of the numbers must know, from 0: "features overflow from layer 37 on"; NULL behind
 * the last. */
const char *angle_note(const struct angle_run *run, size_t i, char text[ANGLE_TEXT]);
/* theta_l; NaN where there is none. */
double angle_degrees(const struct angle_row *row);
const char *no_angle_text(enum no_angle why);
/* What theory says of cos(theta_l); NaN where it says nothing: after a layer that nothing moves, of networks that are read, of
 * ResNets. */
double angle_law(const struct angle_run *run, size_t l);

/* Every `every`th layer, the first and the last. */
void angle_table(FILE *out, const struct angle_run *run, size_t every);
enum status angle_json(const struct angle_run *run, const char *path);
enum status angle_figure(const struct angle_run *run, const char *path);

#endif
