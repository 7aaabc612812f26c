/* A run: forward, backward, rates, velocities; then what each layer's numbers are and are worth. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "angle/angle.h"
#include "kernel.h"

enum { INPUTS_DEFAULT = 64 };

enum status angle_open(struct angle_run *run, const struct angle_request *ask)
{
    struct network_plan *plan = &run->ask.plan;
    enum status status = STATUS_OK;
    *run = (struct angle_run){.ask = *ask, .file = {.input = {NULL, -1, 0}}};
    if (ask->weights && (status = mlp_file_open(&run->file, ask->weights)) != STATUS_OK)
        return status;
    if (ask->weights) {
        plan->inputs = run->file.layer[0].inputs;
        plan->width = run->file.layer[run->file.depth - 1].outputs;
        plan->depth = run->file.depth;
    }
    if (!plan->inputs) plan->inputs = INPUTS_DEFAULT;
    run->depth = plan->depth;
    status = angle_input(run, plan->inputs, plan->width);
    if (status != STATUS_OK) return status;
    run->row = calloc(run->depth, sizeof *run->row);
    if (!run->row) return fail(STATUS_OS, "no memory for a table of %zu layers", run->depth);
    status = angle_network(run);
    if (status == STATUS_OK) angle_source(run);
    return status;
}

void angle_close(struct angle_run *run)
{
    network_close(&run->net);
    data_close(&run->data);
    mlp_file_close(&run->file);
    free(run->row);
    run->row = NULL;
}

static bool subnormal_f32(double x)
{
    return x > 0.0 && x < FLT_MIN;
}

/* Of a sum of squares. */
static bool leaves_f32(double x)
{
    return subnormal_f32(x) || x > FLT_MAX;
}

struct looked {
    double zero, subnormal, nonfinite, square; /* shares of all; the sum of squares of the finite */
};

static struct looked look(const struct network *y, const float *x, size_t count)
{
    double of[MOMENTS_FIELDS];
    moments(y->set, y->threads, x, count, of);
    const double mean = of[MOMENTS_MEAN], finite = of[MOMENTS_N] * (1.0 - of[MOMENTS_NONFINITE]);
    return (struct looked){of[MOMENTS_ZERO], of[MOMENTS_SUBNORMAL], of[MOMENTS_NONFINITE],
                           finite > 0.0 ? finite * (of[MOMENTS_VARIANCE] + mean * mean) : 0.0};
}

static enum no_angle why_not(const struct angle_row *r, double velocity2, bool below)
{
    if (!below) return ANGLE_UNTRAINED;
    if (!isfinite(velocity2) || !isfinite(r->backward) || (r->marks & MARK_FEATURES))
        return ANGLE_NOT_FINITE;
    if (r->backward == 0.0) return ANGLE_NO_BACKWARD;
    return velocity2 == 0.0 ? ANGLE_STILL : ANGLE_THERE;
}

static void mark(struct angle_row *r, const struct looked *f, const struct looked *b,
                 double input_square, double velocity2)
{
    const double r2 = r->backward * r->backward;
    const struct {
        bool on;
        unsigned mark;
    } all[] = {{f->nonfinite > 0.0, MARK_FEATURES},
               {f->subnormal > 0.0, MARK_FEATURES_SUB},
               {f->zero == 1.0, MARK_FEATURES_ZERO},
               {b->nonfinite > 0.0, MARK_BACKWARD},
               {b->subnormal > 0.0, MARK_BACKWARD_SUB},
               {r->trained && (leaves_f32(input_square) || leaves_f32(r2)), MARK_SQUARES},
               {r->trained && r->grad2 != 0.0 && !isnormal((float)r->rate), MARK_RATE},
               {!isfinite(velocity2), MARK_VELOCITY},
               {subnormal_f32(r->velocity_rms), MARK_VELOCITY_SUB}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].on) r->marks |= all[i].mark;
}

/* Row after row: what angle_of() says of each, its sums carried along. */
static void fill_rows(struct angle_run *run)
{
    const struct network *y = &run->net;
    const struct angle_sweep *a = &y->sweep;
    const double m = (double)y->plan.batch;
    size_t at = 0;
    double up_to = 0.0, input_square = look(y, y->src, y->plan.batch * run->row[0].inputs).square;
    bool below = false;
    for (size_t l = 1; l <= run->depth; l++) {
        struct angle_row *r = &run->row[l - 1];
        const size_t count = y->plan.batch * r->outputs;
        const double *table = a->table + (l - 1) * CHAIN_JVP_FIELDS;
        const double velocity2 = table[CHAIN_JVP_VELOCITY2];
        const struct looked f = look(y, a->acts + at, count), b = look(y, a->back + at, count);
        at += count;
        below = below || r->trained;
        r->velocity_rms = sqrt(velocity2 / (m * (double)r->outputs));
        r->backward = sqrt(table[CHAIN_JVP_BACKWARD2]);
        r->grad2 = a->grad2[l - 1];
        r->rate = (double)y->layer[l - 1].rate;
        r->decay = r->rate * r->grad2;
        r->decay_up_to = up_to += r->decay;
        r->dead = l < run->depth && f.nonfinite == 0.0 ? f.zero : NAN;
        mark(r, &f, &b, input_square, velocity2);
        r->why = why_not(r, velocity2, below);
        r->cosine = r->gap = NAN;
        if (r->why == ANGLE_THERE) {
            r->cosine = table[CHAIN_JVP_DOT] / (sqrt(velocity2) * r->backward);
            if (chain_cuts(&y->chain, l) && r->decay_up_to > 0.0 && isfinite(r->decay_up_to))
                r->gap = fabs(table[CHAIN_JVP_DOT] / r->decay_up_to - 1.0);
        }
        input_square = f.square;
    }
}

void angle_measure(struct angle_run *run)
{
    struct network *y = &run->net;
    network_forward(y);
    angle_gradient(run);
    network_backward(y);
    if (run->ask.fixed)
        network_rates_fixed(y, run->ask.eta);
    else
        network_rates_equal(y, run->ask.eta);
    network_velocity(y);
    fill_rows(run);
}
