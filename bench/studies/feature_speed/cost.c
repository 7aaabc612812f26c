/* What an estimate of the angles costs beside forward and backward alone, and what the initialization scale does to it: dead
 * units, subnormals, overflow. */
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/par.h"
#include "studies/feature_speed/lab.h"

enum { ROUNDS_MOST = 31 };

static void whole(struct network *y)
{
    network_forward(y);
    network_backward(y);
    network_velocity(y);
}

/* Without the norms of the gradients, which training does not ask for. */
static void backprop(struct network *y)
{
    const struct angle_sweep *a = &y->sweep;
    network_forward(y);
    chain_vjp(y->set, y->threads, &(struct chain_vjp){a->chain, a->back, NULL, a->ddst, a->acts});
}

/* Seconds of one call, of so many that they take two milliseconds. */
static double seconds(struct network *y, void (*call)(struct network *))
{
    size_t calls = 0;
    const double start = clock_seconds();
    double now;
    do {
        call(y);
        calls++;
        now = clock_seconds();
    } while (now - start < 2e-3);
    return (now - start) / (double)calls;
}

static enum status open_drawn(const struct lab *lab, struct network *y,
                              const struct network_plan *plan)
{
    enum status status = network_open(y, study_kernels(lab->run), study_threads(lab->run), plan);
    if (status != STATUS_OK) return status;
    status = lab_draw(lab, y, 0, 1.0, false);
    network_rates_equal(y, 1.0);
    return status;
}

/* Of the matrix products: three passes and the Gram matrices, over two passes. */
static double flop_ratio(const struct network_plan *p)
{
    const double m = (double)p->batch, n = (double)p->width, l = (double)p->depth;
    const double first = (double)p->inputs * n, inner = (l - 1.0) * n * n;
    const double two = first + 2.0 * inner;
    return 1.0 + (inner + m * ((double)p->inputs + (3.0 * l - 1.0) * n)) / two;
}

static enum status overhead(const struct lab *lab, double from, double to)
{
    enum { WIDTHS = 3, BATCHES = 2 };
    static const size_t batches[BATCHES] = {1, 32};
    static const double width[WIDTHS] = {64, 256, 1024};
    static const char *const name[BATCHES] = {"overhead-1", "overhead-32"},
                             *const flops[BATCHES] = {"overhead-flops-1", "overhead-flops-32"};
    const size_t rounds = lab_pick(lab, 3, 15, ROUNDS_MOST), depth = lab_pick(lab, 8, 64, 64);
    const size_t widths = lab_pick(lab, 1, WIDTHS, WIDTHS);
    double worst = 0.0;
    for (size_t b = 0; b < BATCHES; b++) {
        double want[WIDTHS], at[WIDTHS], lo[WIDTHS], hi[WIDTHS];
        for (size_t w = 0; w < widths; w++) {
            const struct network_plan plan = {.batch = batches[b],
                                              .inputs = (size_t)width[w],
                                              .width = (size_t)width[w],
                                              .depth = depth,
                                              .beta = 1.0};
            struct network y;
            double alone[ROUNDS_MOST], all[ROUNDS_MOST];
            const double part = ((double)b + (double)w / (double)widths) / BATCHES;
            if (lab_at(lab, from + (to - from) * part)) return STATUS_OK;
            const enum status status = open_drawn(lab, &y, &plan);
            if (status != STATUS_OK) return status;
            for (size_t r = 0; r < rounds; r++) {
                /* Either comes first as often as the other. */
                if (r % 2) alone[r] = seconds(&y, backprop);
                all[r] = seconds(&y, whole);
                if (r % 2 == 0) alone[r] = seconds(&y, backprop);
            }
            network_close(&y);
            const struct interval ratio = stats_ratio(alone, all, rounds);
            want[w] = flop_ratio(&plan);
            at[w] = ratio.at;
            lo[w] = ratio.lo;
            hi[w] = ratio.hi;
            worst = fmax(worst, ratio.at / want[w]);
        }
        study_series(lab->run, &(struct series){.name = name[b],
                                                .x_name = "width",
                                                .y_name = "time over forward and backward alone",
                                                .x = width,
                                                .y = at,
                                                .lo = lo,
                                                .hi = hi,
                                                .count = widths});
        lab_line(lab, flops[b], "width", "flops over forward and backward alone", width, want,
                 widths);
    }
    lab_claim_value(lab, "COST", worst, rounds);
    if (widths == WIDTHS)
        study_figure(
            lab->run, "overhead",
            &(struct figure){
                .title = "Cost of the angles over forward and backward alone, depth 64",
                .x = {.label = "width", .log = true},
                .y = {.label = "factor", .lo = 1.0, .hi = 3.0},
                .curves = (const struct figure_curve[]){{name[0], "batch 1", SVG_LINE, 1},
                                                        {flops[0], "flops", SVG_REFERENCE, 1},
                                                        {name[1], "batch 32", SVG_LINE, 2},
                                                        {flops[1], "flops", SVG_REFERENCE, 2}},
                .count = 4});
    return STATUS_OK;
}

static void set_ftz(const struct team *team, void *on)
{
    (void)team;
    cpu_set_ftz(*(const bool *)on);
}

/* ---- the initialization scale */

enum { SCALES = 11 };
/* Multiples of He's. */
static const double scale[SCALES] = {0.0625, 0.125, 0.25, 0.5, 0.7, 1.0, 1.4, 2.0, 4.0, 8.0, 16.0};
enum { DEAD, SUBNORMAL_Q, SUBNORMAL_B, OVERFLOW_Q, OVERFLOW_B, TIME, TIME_FTZ, COLUMNS };

static void shares(const struct network *y, double row[COLUMNS])
{
    const size_t count = y->plan.batch * y->plan.width * (y->plan.depth - 1);
    double q[MOMENTS_FIELDS], b[MOMENTS_FIELDS];
    moments(y->set, y->threads, y->sweep.acts, count, q);
    moments(y->set, y->threads, y->sweep.back, count, b);
    row[DEAD] = q[MOMENTS_ZERO];
    row[SUBNORMAL_Q] = q[MOMENTS_SUBNORMAL];
    row[SUBNORMAL_B] = b[MOMENTS_SUBNORMAL];
    row[OVERFLOW_Q] = q[MOMENTS_NONFINITE];
    row[OVERFLOW_B] = b[MOMENTS_NONFINITE];
}

static void time_both(struct network *y, size_t rounds, double row[COLUMNS])
{
    double off[ROUNDS_MOST], on[ROUNDS_MOST];
    bool set = true, unset = false;
    for (size_t r = 0; r < rounds; r++) {
        off[r] = 1e3 * seconds(y, whole);
        par_team(y->threads, set_ftz, &set);
        on[r] = 1e3 * seconds(y, whole);
        par_team(y->threads, set_ftz, &unset);
    }
    row[TIME] = stats_median(off, rounds);
    row[TIME_FTZ] = stats_median(on, rounds);
}

static enum status by_scale(const struct lab *lab, double from, double to)
{
    static const char *const name[COLUMNS] = {"scale-zero",        "scale-subnormal",
                                              "scale-subnormal-b", "scale-overflow",
                                              "scale-overflow-b",  "scale-time",
                                              "scale-time-ftz"},
                             *const what[COLUMNS] = {
                                 "share of activations that are 0",
                                 "share of subnormal activations",
                                 "share of subnormals in the backward pass",
                                 "share of non-finite activations",
                                 "share of non-finite values in the backward pass",
                                 "milliseconds of an estimate",
                                 "milliseconds with FTZ and DAZ"};
    const size_t rounds = lab_pick(lab, 3, 9, ROUNDS_MOST);
    double rows[SCALES][COLUMNS], column[SCALES], most = 0.0;
    for (size_t k = 0; k < SCALES; k++) {
        const struct network_plan plan = {.batch = 32,
                                          .inputs = 256,
                                          .width = lab_pick(lab, 64, 256, 1024),
                                          .depth = lab_pick(lab, 16, 64, 64),
                                          .beta = 1.0,
                                          .gain = sqrt(2.0) * scale[k]};
        struct network y;
        if (lab_at(lab, from + (to - from) * (double)k / SCALES)) return STATUS_OK;
        const enum status status = open_drawn(lab, &y, &plan);
        if (status != STATUS_OK) return status;
        shares(&y, rows[k]);
        time_both(&y, rounds, rows[k]);
        most = fmax(most, fmax(rows[k][TIME], rows[k][TIME_FTZ]));
        network_close(&y);
    }
    for (size_t c = 0; c < COLUMNS; c++) {
        for (size_t k = 0; k < SCALES; k++) column[k] = rows[k][c];
        study_series(lab->run, &(struct series){.name = name[c],
                                                .x_name = "multiple of He's scale",
                                                .y_name = what[c],
                                                .y_unit = c >= TIME ? "ms" : NULL,
                                                .x = scale,
                                                .y = column,
                                                .count = SCALES});
    }
    study_figure(lab->run, "scale-shares",
                 &(struct figure){.title = "Depth 64: what the initialization scale leaves",
                                  .x = {.label = "multiple of He's scale", .log = true},
                                  .y = {.label = "share of all values", .lo = 0.0, .hi = 1.0},
                                  .curves =
                                      (const struct figure_curve[]){
                                          {name[DEAD], "activations that are 0", SVG_LINE, 1},
                                          {name[SUBNORMAL_Q], "subnormal", SVG_LINE, 2},
                                          {name[OVERFLOW_Q], "not finite", SVG_LINE, 3},
                                          {name[SUBNORMAL_B], "backward, subnormal", SVG_LINE, 4},
                                          {name[OVERFLOW_B], "backward, not finite", SVG_LINE, 5}},
                                  .count = 5});
    study_figure(
        lab->run, "scale-time",
        &(struct figure){
            .title = "Time of an estimate by initialization scale, batch 32",
            .x = {.label = "multiple of He's scale", .log = true},
            .y = {.label = "median time (ms)", .lo = 0.0, .hi = 1.25 * most},
            .curves = (const struct figure_curve[]){{name[TIME], "subnormals kept", SVG_LINE, 1},
                                                    {name[TIME_FTZ], "FTZ and DAZ", SVG_LINE, 2}},
            .count = 2});
    return STATUS_OK;
}

enum status lab_cost(const struct lab *lab)
{
    const enum status status = overhead(lab, 0.0, 0.6);
    if (status != STATUS_OK || study_interrupted(lab->run)) return status;
    return by_scale(lab, 0.6, 1.0);
}
