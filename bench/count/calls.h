/* calls: the counted calls, made in a process that runs under valgrind's callgrind.
 *
 * Before each call the operands are as they were drawn from the seed, and packed; one call more has touched them.
 * Callgrind's costs are set to zero before the counted call and written out after it, with the row's number, COUNT_READINGS
 * times a row.
 */
#ifndef COUNT_CALLS_H
#define COUNT_CALLS_H

#include "count/rows.h"

/* Stands before a row's number in callgrind's file, and the function that makes the call. */
#define COUNT_LABEL "row "
#define COUNT_READER "read_call"

/* NULL, or why this build cannot: a sentence's end. */
const char *count_calls_missing(void);

/* STATUS_UNAVAILABLE where this process does not run under callgrind. */
enum status count_calls(const struct count_rows *rows, uint64_t seed);

#endif
