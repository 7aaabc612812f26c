#include "studies/feature_speed/lab.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/data.h"

bool lab_at(const struct lab *lab, double part)
{
    study_progress(lab->run, lab->begin + lab->span * part, 1.0, lab->what);
    return study_interrupted(lab->run);
}

struct samples samples_open(size_t points, size_t draws)
{
    struct samples s = {points, draws, malloc((points * draws + 1) * sizeof *s.at)};
    if (!s.at) out_of_memory();
    for (size_t i = 0; i < points * draws; i++) s.at[i] = NAN;
    return s;
}

void samples_close(struct samples *s)
{
    free(s->at);
    s->at = NULL;
}

struct interval samples_mean(const struct samples *s, size_t point)
{
    return stats_mean(samples_of(s, point), s->draws);
}

struct interval samples_median(const struct samples *s, size_t point)
{
    struct samples one = samples_open(1, s->draws);
    for (size_t d = 0; d < s->draws; d++) one.at[d] = 1.0;
    const struct interval median = stats_ratio(one.at, samples_of(s, point), s->draws);
    samples_close(&one);
    return median;
}

void lab_claim(const struct lab *lab, const char *id, struct interval measured, size_t samples)
{
    if (lab->size == STUDY_SMOKE)
        study_out_of_reach(lab->run, id, "too few draws at this size");
    else
        study_claim(lab->run, id, &(struct outcome){.measured = measured, .samples = samples});
}

void lab_claim_value(const struct lab *lab, const char *id, double measured, size_t samples)
{
    lab_claim(lab, id, (struct interval){measured, NAN, NAN}, samples);
}

static void curve(const struct lab *lab, const struct series *series, const struct samples *s,
                  struct interval (*of)(const struct samples *, size_t))
{
    struct samples rows = samples_open(3, s->points);
    struct series with = *series;
    double *at = samples_of(&rows, 0), *lo = samples_of(&rows, 1), *hi = samples_of(&rows, 2);
    for (size_t i = 0; i < s->points; i++) {
        const struct interval over = of(s, i);
        at[i] = over.at;
        lo[i] = over.lo;
        hi[i] = over.hi;
    }
    with.y = at;
    with.lo = lo;
    with.hi = hi;
    with.count = s->points;
    study_series(lab->run, &with);
    samples_close(&rows);
}

void lab_curve(const struct lab *lab, const char *name, const char *x_name, const char *y_name,
               const double *x, const struct samples *s)
{
    curve(lab, &(struct series){.name = name, .x_name = x_name, .y_name = y_name, .x = x}, s,
          samples_mean);
}

void lab_medians(const struct lab *lab, const char *name, const char *x_name, const char *y_name,
                 const double *x, const struct samples *s)
{
    curve(lab, &(struct series){.name = name, .x_name = x_name, .y_name = y_name, .x = x}, s,
          samples_median);
}

void lab_line(const struct lab *lab, const char *name, const char *x_name, const char *y_name,
              const double *x, const double *y, size_t count)
{
    study_series(
        lab->run,
        &(struct series){
            .name = name, .x_name = x_name, .y_name = y_name, .x = x, .y = y, .count = count});
}

/* The slope of the centers of points, as far apart as the slopes of draws say. */
static struct interval exponent(const double *x, const struct samples *s, size_t from, size_t to,
                                struct interval (*of)(const struct samples *, size_t))
{
    const size_t n = to - from;
    struct samples y = samples_open(1, n), slopes = samples_open(1, s->draws);
    for (size_t d = 0; d < s->draws; d++) {
        for (size_t i = 0; i < n; i++) y.at[i] = samples_of(s, from + i)[d];
        slopes.at[d] = stats_exponent(x + from, y.at, n, 1);
    }
    struct interval over = of(&slopes, 0);
    for (size_t i = 0; i < n; i++) y.at[i] = of(s, from + i).at;
    const double at = stats_exponent(x + from, y.at, n, 1);
    over.lo += at - over.at;
    over.hi += at - over.at;
    over.at = at;
    samples_close(&y);
    samples_close(&slopes);
    return over;
}

struct interval lab_exponent(const double *x, const struct samples *s, size_t from, size_t to)
{
    return exponent(x, s, from, to, samples_mean);
}

struct interval lab_exponent_of_medians(const double *x, const struct samples *s, size_t from,
                                        size_t to)
{
    return exponent(x, s, from, to, samples_median);
}

static void unit_rows(float *x, size_t rows, size_t n)
{
    for (size_t i = 0; i < rows; i++) {
        double square = 0.0;
        for (size_t j = 0; j < n; j++) square += (double)x[i * n + j] * (double)x[i * n + j];
        for (size_t j = 0; j < n; j++) x[i * n + j] *= (float)(1.0 / sqrt(square));
    }
}

static enum status digits(const struct lab *lab, struct network *y, uint64_t draw)
{
    struct data data;
    const size_t m = y->plan.batch;
    const enum status status = data_open_digits(&data);
    if (status != STATUS_OK) return status;
    float *pick = malloc((m + 1) * sizeof *pick);
    if (!pick) out_of_memory();
    network_normals(y, pick, m, 1.0, lab->seed, draw, 2);
    for (size_t i = 0; i < m; i++) {
        const double share = 0.5 * erfc((double)pick[i] / sqrt(2.0));
        const size_t row = (size_t)(share * (double)data.rows) % data.rows;
        memcpy(y->src + i * data.cols, data.x + row * data.cols, data.cols * sizeof *y->src);
    }
    free(pick);
    data_close(&data);
    return STATUS_OK;
}

enum status lab_inputs(const struct lab *lab, struct network *y, uint64_t draw, bool real)
{
    const size_t m = y->plan.batch, d = y->plan.inputs;
    const enum status status = real ? digits(lab, y, draw) : STATUS_OK;
    if (status != STATUS_OK) return status;
    if (!real) network_normals(y, y->src, m * d, 1.0, lab->seed, draw, 0);
    unit_rows(y->src, m, d);
    return STATUS_OK;
}

enum status lab_draw(const struct lab *lab, struct network *y, uint64_t draw, double deviation,
                     bool real)
{
    network_draw(y, lab->seed, draw);
    const enum status status = lab_inputs(lab, y, draw, real);
    if (status != STATUS_OK) return status;
    network_normals(y, y->ddst, y->plan.batch * y->plan.width, deviation, lab->seed, draw, 1);
    network_forward(y);
    network_backward(y);
    return STATUS_OK;
}

double lab_gap(const struct network *y)
{
    double most = 0.0;
    for (size_t l = 2; l <= y->plan.depth; l++) {
        if (!chain_cuts(&y->chain, l)) continue;
        const struct angle a = angle_of(&y->sweep, l);
        const double dot = a.cosine * a.velocity * a.backward;
        most = fmax(most, fabs(dot / a.decay_up_to - 1.0));
    }
    return most;
}

enum status lab_cosines(const struct lab *lab, const struct network_plan *plan, size_t draws,
                        double from, double to, bool real, struct samples *cosines)
{
    struct network y;
    *cosines = samples_open(plan->depth - 1, draws);
    enum status status = network_open(&y, study_kernels(lab->run), study_threads(lab->run), plan);
    if (status != STATUS_OK) return status;
    for (size_t d = 0; d < draws && status == STATUS_OK; d++) {
        if (lab_at(lab, from + (to - from) * (double)d / (double)draws)) break;
        status = lab_draw(lab, &y, d, 1.0, real);
        if (status != STATUS_OK) break;
        network_rates_equal(&y, 1.0 / (double)plan->depth);
        network_velocity(&y);
        for (size_t l = 2; l <= plan->depth; l++)
            samples_of(cosines, l - 2)[d] = angle_of(&y.sweep, l).cosine;
    }
    network_close(&y);
    return status;
}
