/* fill: the contents of operands in a check, as a function of seed, case, operand and element
 * alone. */
#ifndef CHECK_FILL_H
#define CHECK_FILL_H

#include <stddef.h>
#include <stdint.h>

#include "kernel.h"

/* Signalling NaNs that no arithmetic returns: found in an output, they were never overwritten. */
#define FILL_STALE 0x7fb5a5a5u /* what outputs and scratch hold before a call */
#define FILL_GAP 0x7fb3c3c3u   /* what lies around operands and between their rows */

uint64_t fill_key(uint64_t seed, const char *case_name, const char *operand, enum fill fill);
/* The elements of op at data; the gaps between rows stay as they are. */
void fill_operand(void *data, const struct operand *op, enum fill fill, uint64_t key);

const char *fill_name(enum fill fill);
/* FILL_COUNT where no fill has that name. */
enum fill fill_from_name(const char *name);

#endif
