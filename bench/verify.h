/* verify: the outputs that are timed, held to the f64 oracle on the very operands of the timing.
 *
 * Every element of every output is judged, before the clock starts. Only words are kept of what was
 * found right, as a fingerprint: a variant with the same fingerprint wrote the same words, and
 * whoever writes others after the timing than before is found out. The same operands have the same
 * words in another process: who knows them need not ask the oracle there.
 */
#ifndef BENCH_VERIFY_H
#define BENCH_VERIFY_H

#include <stdint.h>

#include "check/judge.h"
#include "grid/workload.h"

struct verify {
    struct problem problem;      /* over the workload's operands, which it does not own */
    void *initial[OPERANDS_MAX]; /* of operands that are read and written */
    void *out;                   /* the outputs without gaps, as verify_words() left them */
    struct arena arena,
        oracle; /* kept from one workload to the next; what is wanted lies in the second */
    bool asked; /* the oracle, of this workload */
};

/* What of a machine's memory both take, in bytes. */
double verify_bytes(const struct kernel_spec *spec, const struct shape *shape);

/* v is zero before the first call; may follow another. */
enum status verify_open(struct verify *v, const struct workload *w);
/* Asks the oracle, on all CPUs where that pays, and once: what is wanted, and how near. Operands of the first
 * copy are then as before any call; v->out stays. */
enum status verify_ask(struct verify *v, const struct workload *w);
void verify_close(struct verify *v);

/* Which copy of the workload's operands the two below are about; the first after verify_open(). */
void verify_use(struct verify *v, const struct workload *w, size_t copy);
/* Before a call: what is read and written as it was, every output element unwritten. */
void verify_reset(const struct verify *v);
/* After it: the fingerprint of all outputs, any NaN being any other. */
uint64_t verify_words(const struct verify *v);

#endif
