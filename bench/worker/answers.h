/* answers: what a worker says of a row that it has opened, sampled, closed. All times are of one call, in ns. */
#ifndef WORKER_ANSWERS_H
#define WORKER_ANSWERS_H

#include <jansson.h>

#include "row.h"

/* New references; NULL where memory is short.
 *
 * {"seconds", "oracle_seconds", "offset": [of each operand, modulo 4096], "huge": share, "note"?, "wrong"?,
 *  "checked"?, "signal"?: {"gain", "dead", "zero", "subnormal", "overflow"},
 *  "variants": [{"name", "impl", "state": "timed" | "wrong" | "ref" | "flushed", "isa" | "form" | "peer", "ftz"?, "words",
 *                "max_ulp", "bound_used"}]}
 * checked, note and signal where the oracle was asked of all variants. */
json_t *answer_opened(const struct row *row, const struct opened *opened, double huge);
/* {"rounds", "seconds", "stolen_ns", "cpus": [of each thread],
 *  "variants": [{"name", "iterations", "retaken", "disturbed", "ns": [..], "cpu_ns": [..], "switches"?: [..]}]}
 * switches where one is not 0; "placed": [the placement of each round] where `placed` is not NULL. */
json_t *answer_sampled(const struct sampler *sampler, const unsigned char *placed);
/* {"seconds", "wrong"?, "variants": [names of those that are wrong]} */
json_t *answer_closed(const struct row *row, double seconds);

#endif
