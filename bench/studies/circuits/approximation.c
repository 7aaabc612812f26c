/* Networks that are circuits against one that is trained. A circuit approximates its function as well as it does;
 * its network adds nothing to that error. A trained network of the same size has an error of its own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "studies/circuits/compiler.h"
#include "studies/circuits/net_sparse.h"
#include "studies/circuits/stages.h"

enum { POINTS = 256 };
static const double TURN = 6.283185307179586;

/* ---- circuits */

struct errors {
    double circuit,
        added; /* greatest against f; greatest by which the network's differs from the circuit's */
};

/* All cases through the network; the circuit by its gates. */
static enum status measure(const struct stage *s, const struct app *a, double (*f)(double),
                           double unit, struct errors *e)
{
    const size_t cases = a->cases;
    struct relu_net net;
    struct net_sparse run;
    float *src = malloc(cases * sizeof *src), *got = malloc(cases * sizeof *got);
    int64_t *value = malloc(a->circuit.gates.count * sizeof *value);
    enum status status = compile(&net, &a->circuit, &(struct compile_plan){.skip = false});
    if (status == STATUS_OK && !(src && got && value))
        status = fail(STATUS_OS, "no memory for %zu points", cases);
    if (status == STATUS_OK) status = net_sparse_open(&run, &net, 0, 1);
    *e = (struct errors){0.0, 0.0};
    if (status == STATUS_OK) {
        for (size_t i = 0; i < cases; i++) src[i] = (float)i;
        net_sparse_exec(&run, study_kernels(s->run), src, got, cases);
        for (size_t i = 0; i < cases && status == STATUS_OK; i++) {
            const int64_t in = (int64_t)i;
            int64_t out;
            status = circuit_value(&a->circuit, &in, &out, value);
            const double right = f((double)i / (double)cases);
            e->circuit = fmax(e->circuit, fabs((double)out * unit - right));
            e->added = fmax(e->added, fabs((double)got[i] - (double)out) * unit);
        }
        net_sparse_close(&run);
    }
    relu_net_close(&net);
    free(src);
    free(got);
    free(value);
    return status;
}

static double sine(double part)
{
    return sin(TURN * part);
}
static double sine_below_one(double part)
{
    return sin(part);
}

/* ---- a network of the table's size, trained */

enum { WIDE = POINTS + 2, NEXT = POINTS };

/* Offsets of w and bias of three layers in the parameters. */
enum {
    W1 = 0,
    B1 = W1 + WIDE,
    W2 = B1 + WIDE,
    B2 = W2 + WIDE * NEXT,
    W3 = B2 + NEXT,
    B3 = W3 + NEXT,
    PARAMETERS = B3 + 1
};

struct trained {
    float w[PARAMETERS], dw[PARAMETERS], m[PARAMETERS], v[PARAMETERS];
    float x[POINTS], y[POINTS], out[POINTS], dout[POINTS];
    float h1[POINTS * WIDE], h2[POINTS * NEXT], d1[POINTS * WIDE], d2[POINTS * NEXT];
};

static const struct dense {
    size_t k, n, w, bias;
} layers[] = {{1, WIDE, W1, B1}, {WIDE, NEXT, W2, B2}, {NEXT, 1, W3, B3}};

static void forward(const struct stage *s, struct trained *t, size_t l, const float *src,
                    float *dst)
{
    const struct dense *y = &layers[l];
    dense_fwd(study_kernels(s->run), study_threads(s->run),
              &(struct dense_fwd){.dst = dst,
                                  .src = src,
                                  .w = t->w + y->w,
                                  .bias = t->w + y->bias,
                                  .m = POINTS,
                                  .n = y->n,
                                  .k = y->k,
                                  .ld_dst = y->n,
                                  .ld_src = y->k,
                                  .ld_w = y->n,
                                  .relu = l < 2});
}

/* dsrc is masked by src, which is rectified; NULL for the first layer. */
static void backward(const struct stage *s, struct trained *t, size_t l, const float *src,
                     const float *ddst, float *dsrc)
{
    const struct dense *y = &layers[l];
    const struct kernel_set *set = study_kernels(s->run);
    dense_bwd_weights(set, study_threads(s->run),
                      &(struct dense_bwd_weights){.dw = t->dw + y->w,
                                                  .db = t->dw + y->bias,
                                                  .src = src,
                                                  .ddst = ddst,
                                                  .m = POINTS,
                                                  .n = y->n,
                                                  .k = y->k,
                                                  .ld_dw = y->n,
                                                  .ld_src = y->k,
                                                  .ld_ddst = y->n});
    if (!dsrc) return;
    dense_bwd_data(set, study_threads(s->run),
                   &(struct dense_bwd_data){.dsrc = dsrc,
                                            .ddst = ddst,
                                            .w = t->w + y->w,
                                            .act = src,
                                            .m = POINTS,
                                            .n = y->n,
                                            .k = y->k,
                                            .ld_dsrc = y->k,
                                            .ld_ddst = y->n,
                                            .ld_w = y->n,
                                            .ld_act = y->k});
}

static void predict(const struct stage *s, struct trained *t)
{
    forward(s, t, 0, t->x, t->h1);
    forward(s, t, 1, t->h1, t->h2);
    forward(s, t, 2, t->h2, t->out);
}

/* Adam on the mean square, the rate falling to 0 like a cosine. */
static void train(const struct stage *s, struct trained *t, size_t steps)
{
    const double rate = 2e-3;
    for (size_t step = 0; step < steps; step++) {
        if (step % 16 == 0 && stage_at(s, 0.1 + 0.9 * (double)step / (double)steps)) return;
        predict(s, t);
        for (size_t i = 0; i < POINTS; i++) t->dout[i] = 2.0f * (t->out[i] - t->y[i]) / POINTS;
        backward(s, t, 2, t->h2, t->dout, t->d2);
        backward(s, t, 1, t->h1, t->d2, t->d1);
        backward(s, t, 0, t->x, t->d1, NULL);
        const double left = 0.5 + 0.5 * cos(0.5 * TURN * (double)step / (double)steps);
        const struct adamw_options options = {.lr = rate * left,
                                              .beta1 = 0.9,
                                              .beta2 = 0.999,
                                              .eps = 1e-8,
                                              .scale = 1.0,
                                              .t = step + 1};
        adamw_step(study_kernels(s->run), study_threads(s->run),
                   &(struct adamw_step){.w = t->w,
                                        .m = t->m,
                                        .v = t->v,
                                        .dw = t->dw,
                                        .n = PARAMETERS,
                                        .by = adamw_factors(&options)});
    }
}

/* He's weights; biases of the first layer put its kinks on the whole range. */
static void begin(const struct stage *s, struct trained *t)
{
    for (size_t l = 0; l < sizeof layers / sizeof *layers; l++)
        normal_fill(study_kernels(s->run), 1, t->w + layers[l].w, layers[l].k * layers[l].n,
                    (float)sqrt(2.0 / (double)layers[l].k), s->seed, l);
    normal_fill(study_kernels(s->run), 1, t->w + B1, WIDE, 1.0f, s->seed, 3);
    for (size_t i = 0; i < POINTS; i++) {
        t->x[i] = (float)(2.0 * (double)i / POINTS - 1.0);
        t->y[i] = (float)sine((double)i / POINTS);
    }
}

static enum status trained_error(const struct stage *s, double *error)
{
    struct trained *t = calloc(1, sizeof *t);
    if (!t) return fail(STATUS_OS, "no memory to train a network");
    begin(s, t);
    train(s, t, stage_pick(s, 50, 4000, 20000));
    predict(s, t);
    *error = 0.0;
    for (size_t i = 0; i < POINTS; i++)
        *error = fmax(*error, fabs((double)t->out[i] - sine((double)i / POINTS)));
    free(t);
    return STATUS_OK;
}

static enum status of_app(const struct stage *s, const struct app_kind *kind, double (*f)(double),
                          double unit, struct errors *e)
{
    struct app a;
    enum status status = app_open(&a, kind, POINTS, s->seed);
    if (status != STATUS_OK) return status;
    status = measure(s, &a, f, unit, e);
    app_close(&a);
    return status;
}

enum status stage_approximation(const struct stage *s)
{
    struct errors table, horner;
    double error = NAN;
    if (stage_at(s, 0.0)) return STATUS_OK;
    enum status status = of_app(s, &app_sin, sine, 0x1p-20, &table);
    if (status == STATUS_OK) status = of_app(s, &app_horner, sine_below_one, 0x1p-6, &horner);
    if (status == STATUS_OK) status = trained_error(s, &error);
    if (status != STATUS_OK || study_interrupted(s->run)) return status;
    study_claim_value(s->run, "UA", fmax(table.added, horner.added), POINTS + 64, NULL);
    study_claim_value(s->run, "UAb", table.circuit * 0x1p20, POINTS, NULL);
    study_claim_value(s->run, "UAc", horner.circuit * 0x1p6, 64, NULL);
    study_claim_value(s->run, "UAd", error / table.circuit, POINTS, NULL);
    return STATUS_OK;
}
