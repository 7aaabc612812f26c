/* functions: analytic functions on a grid, in fixed point. */
#ifndef CIRCUITS_FUNCTIONS_H
#define CIRCUITS_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* entry[k] = f(k / points) 2^fraction, rounded to the nearest integer, with f(t) of `name`: exp t, sin 2 pi t,
 * log(t + 2^-10), tanh(8 t - 4). False where no function has that name. */
bool function_table(const char *name, size_t points, int fraction, int64_t *entry);

#endif
