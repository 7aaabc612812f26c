/* descent: one training, of a ReLU MLP or of a GPT, and what is seen of it at some of its steps.
 *
 * A record is made before the first step and behind others, at the end at the latest. It has a row of the whole network,
 * layer 0, and one of each layer where layers are watched. Numbers are those of the batch that comes next. Where the loss
 * stops being finite the training ends, and what there is then stands in all its records that were still to come.
 */
#ifndef INIT_VARIANCE_DESCENT_H
#define INIT_VARIANCE_DESCENT_H

#include "studies/init.h"
#include "studies/init_variance/split.h"
#include "studies/sweep.h"
#include "train/gpt_settings.h"

enum seen {
    SEEN_LOSS, /* mean over the last pass, of a GPT over the steps since the last record; infinite: it ended there */
    SEEN_ACCURACY, /* on the tests */
    SEEN_REACHED, /* the step at which the running loss, 0.9 of it and 0.1 of the batch's, fell below mlp_plan.reach */
    SEEN_ACT,     /* variance of what leaves a layer */
    SEEN_DELTA,   /* variance of the gradient of what its ReLU, or the loss, is given */
    SEEN_GRAD,    /* root mean square of the gradient of its weights */
    SEEN_WEIGHT,  /* standard deviation of its weights */
    SEEN_DEAD,    /* share of its units that are 0 on the whole batch */
    SEEN_SUBNORMAL, /* share of subnormals among what leaves it and both gradients */
    SEEN_NONFINITE, /* likewise; of a network: 1 where its loss stopped being finite, else 0 */
    SEEN_Q,         /* standard deviations of a GPT's layers */
    SEEN_K,
    SEEN_V,
    SEEN_FIELDS
};
#define SEEN_COLUMNS "loss,accuracy,reached,act,delta,grad,weight,dead,subnormal,nonfinite,q,k,v"

enum records {
    RECORDS_FEW,   /* behind the first pass, at the end */
    RECORDS_CURVE, /* at 0, 1/20, 1/10, 1/5, 2/5 .. 1 of the steps: the first pass of five is one */
    RECORDS_LAYERS /* of layers too: at 0, 10, 100, 1000, at the end */
};
enum { RECORDS_MOST = 64, HIDDEN_MOST = 16 };

struct mlp_plan {
    enum split_name set;
    size_t rows;                        /* the first of them are trained on; 0: all */
    size_t hidden[HIDDEN_MOST], layers; /* widths of hidden layers */
    struct init init;
    double readout; /* the last layer's weights times it; 0 is 1 */
    bool
        equal; /* rates of layers, so that each lowers the first batch's loss alike, and all as much as one rate would */
    bool adam; /* else gradient descent */
    double lr;
    size_t batch, passes; /* passes 0: a record of fresh weights */
    double reach;
    enum records records;
    uint64_t seed; /* of weights and batches */
};

enum { DESCENT_KEY = 200 };
struct descent {
    bool is_gpt;
    struct mlp_plan mlp;
    struct gpt_settings gpt; /* records each record_every steps */
    char key[DESCENT_KEY];
    size_t steps, layers, records; /* layers 0: not watched */
    size_t step[RECORDS_MOST];
    double *seen; /* NaN until it is recorded */
    bool done;
};

/* STATUS_OS where memory is short. */
enum status descent_of_mlp(struct descent *d, const struct mlp_plan *plan);
enum status descent_of_gpt(struct descent *d, const struct gpt_settings *settings);
void descent_close(struct descent *d);

/* Widths of an MLP, inputs and classes among them; with biases. */
struct mlp_layout descent_net(const struct descent *d, size_t width[HIDDEN_MOST + 2]);

/* The fields of one row of a record. */
static inline double *descent_row(const struct descent *d, size_t record, size_t layer)
{
    return d->seen + (record * (d->layers + 1) + layer) * SEEN_FIELDS;
}
/* At the record of that step; NaN where there is none. */
double descent_at(const struct descent *d, size_t step, size_t layer, enum seen field);
/* At the last record. */
double descent_end(const struct descent *d, size_t layer, enum seen field);
/* About, on one thread. */
double descent_seconds(const struct descent *d);

/* ---- the trainings themselves. STATUS_OK though they were ended early: sweep_stopped() tells */

enum status mlp_descend(struct descent *d, const struct split *split, const struct kernel_set *set,
                        struct sweep_worker *worker);

struct gpt_way {
    const struct tokens *tokens;
    const char *state; /* a file that keeps the last record's state; NULL: none does */
    bool resume;       /* from there, where the rows up to it are in `seen` */
    /* Called behind each record, before its state is kept; a failure ends the training. */
    enum status (*record)(struct descent *d, size_t record, void *ctx);
    void *ctx;
};
enum status gpt_descend(struct descent *d, const struct gpt_way *way, struct sweep_worker *worker);

#endif
