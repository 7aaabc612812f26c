/* transformer: the trainings of a GPT from one initial scale, a draw each, and how the standard deviations of Q, K and V
 * grow in them.
 */
#ifndef INIT_VARIANCE_TRANSFORMER_H
#define INIT_VARIANCE_TRANSFORMER_H

#include "studies/init_variance/course.h"

enum { GPT_PARTS = 3, GPT_DRAWS = 8 };
extern const enum seen gpt_part[GPT_PARTS];

/* The standard deviation at a step over that of fresh weights, less 1; layers from 0. */
double gpt_growth(const struct descent *d, enum seen part, size_t layer, size_t step);
/* Its mean over layers 1 to half - 1; and over half on, half being half of all. Layer 0 is neither. */
double gpt_growth_shallow(const struct descent *d, enum seen part, size_t step);
double gpt_growth_deep(const struct descent *d, enum seen part, size_t step);

/* transformer_show.c: figures and tables of `draws` trainings of one kind. */
void gpt_show(const struct course *course, const struct descent *const *d, size_t draws);

#endif
