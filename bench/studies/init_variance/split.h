/* split: a data set in two, what is trained on and what is tested.
 *
 *   wine     142 rows and 36, 13 inputs, 3 classes: every fifth row, from the first on, is tested
 *   digits   1437 and 360, 64 inputs, 10 classes: likewise
 *   mnist    60000 and 10000, 784 inputs, 10 classes: its own two sets
 *
 * Inputs are standardized as data/data.h says.
 */
#ifndef INIT_VARIANCE_SPLIT_H
#define INIT_VARIANCE_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum split_name { SPLIT_WINE, SPLIT_DIGITS, SPLIT_MNIST, SPLITS };

struct split {
    size_t inputs, classes, rows, tests;
    float *x;       /* rows x inputs, then tests x inputs */
    int32_t *label; /* rows, then tests */
};

const char *split_text(enum split_name name);
size_t split_inputs(enum split_name name);
size_t split_classes(enum split_name name);
/* That are trained on. */
size_t split_rows(enum split_name name);

/* mnist: the folder of its files, NULL: the usual one. STATUS_NO_INPUT where a file is not there, and where status is not
 * STATUS_OK there is nothing to close; STATUS_DATA where MNIST is of other sizes. */
enum status split_open(struct split *split, enum split_name name, const char *mnist);
void split_close(struct split *split);
/* The share of the most frequent class among the tests: right without looking. */
double split_chance(const struct split *split);

#endif
