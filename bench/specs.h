/* specs: whether the specs of the registry are whole, before anything hangs on them. */
#ifndef BENCH_SPECS_H
#define BENCH_SPECS_H

#include <stdbool.h>

#include "base/status.h"
#include "kernel.h"

/* STATUS_INTERNAL, and a sentence with the file and the member that is missing or contradicts another. A leaf, unlike what
 * is composed of leaves, goes over no operand twice. */
enum status spec_whole(const char *row, const struct kernel_spec *spec, bool leaf);
/* Of all rows of kernels/list.h. */
enum status specs_whole(void);

#endif
