/* lab: what the experiments of the study share: sizes, progress, draws, curves. */
#ifndef FEATURE_SPEED_LAB_H
#define FEATURE_SPEED_LAB_H

#include "studies/network.h"
#include "studies/study.h"

/* One experiment of a run; part of its time lies in `begin` .. `begin + span` of the whole. */
struct lab {
    struct study_run *run;
    enum study_size size;
    uint64_t seed; /* its own */
    const char *what;
    double begin, span;
};

/* `part` of the experiment is done, 0 to 1. True where the run is to end. */
bool lab_at(const struct lab *lab, double part);
static inline size_t lab_pick(const struct lab *lab, size_t smoke, size_t standard, size_t paper)
{
    return lab->size == STUDY_SMOKE ? smoke : lab->size == STUDY_DEFAULT ? standard : paper;
}

/* points x draws numbers, row by row; NaN until they are set. To be freed. */
struct samples {
    size_t points, draws;
    double *at;
};
struct samples samples_open(size_t points, size_t draws);
void samples_close(struct samples *s);
static inline double *samples_of(const struct samples *s, size_t point)
{
    return s->at + point * s->draws;
}
struct interval samples_mean(const struct samples *s, size_t point);

/* The median over draws, and an interval that covers it with at least 95 % whatever their distribution. */
struct interval samples_median(const struct samples *s, size_t point);

/* The outcome of a claim of means over draws: a smoke run has too few of them, and says so. */
void lab_claim(const struct lab *lab, const char *id, struct interval measured, size_t samples);
/* Of a number that has no interval. */
void lab_claim_value(const struct lab *lab, const char *id, double measured, size_t samples);

/* The means over draws, or the medians, against x, with their intervals, as a series. */
void lab_curve(const struct lab *lab, const char *name, const char *x_name, const char *y_name,
               const double *x, const struct samples *s);
void lab_medians(const struct lab *lab, const char *name, const char *x_name, const char *y_name,
                 const double *x, const struct samples *s);
/* Numbers without draws. */
void lab_line(const struct lab *lab, const char *name, const char *x_name, const char *y_name,
              const double *x, const double *y, size_t count);

/* The exponent a of y = c x^a: least squares of the logarithms of means; its interval is that of the slopes of single
 * draws. Of medians, likewise. */
struct interval lab_exponent(const double *x, const struct samples *s, size_t from, size_t to);
struct interval lab_exponent_of_medians(const double *x, const struct samples *s, size_t from,
                                        size_t to);

/* cos(theta_l) of a network with fresh weights, inputs of norm 1 a row, and independent normal gradients of the last features, in each of
 * `draws` draws: point l - 2 for layers from the second on, those that are trained. Each contributes equally to the loss decay. real:
 * handwritten digits as inputs, picked at random. To be closed whatever the status. */
enum status lab_cosines(const struct lab *lab, const struct network_plan *plan, size_t draws,
                        double from, double to, bool real, struct samples *cosines);
/* Rows of src of a draw: unit normal vectors, or digits. */
enum status lab_inputs(const struct lab *lab, struct network *y, uint64_t draw, bool real);
enum { LAB_DIGIT = 64 }; /* pixels */

/* A draw carried through: fresh weights, lab_inputs(), independent normals of that deviation as the gradient of the last features, forward
 * and backward pass. */
enum status lab_draw(const struct lab *lab, struct network *y, uint64_t draw, double deviation,
                     bool real);
/* After network_velocity(): |v_l . b_l / (sum over j <= l of rate_j |grad_j|^2) - 1|, the most over the layers that cut the network. */
double lab_gap(const struct network *y);

/* The experiments, each in the file of its name. */
enum status lab_identity(const struct lab *lab);
enum status lab_mlp(const struct lab *lab);
enum status lab_resnet(const struct lab *lab);
enum status lab_sensitivity(const struct lab *lab);
enum status lab_batch(const struct lab *lab);
enum status lab_scalings(const struct lab *lab);
enum status lab_training(const struct lab *lab);
enum status lab_spectrum(const struct lab *lab);
enum status lab_cost(const struct lab *lab);

#endif
