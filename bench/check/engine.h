/* engine: drives kernels from their specs alone, on every lane, and keeps the tally. */
#ifndef CHECK_ENGINE_H
#define CHECK_ENGINE_H

#include <stdint.h>
#include <stdio.h>

#include "cases.h"
#include "judge.h"
#include "junit.h"
#include "peers.h"

enum { THREADS_MAX = 16, CHECK_AT = 320 };

struct check_plan {
    /* True for the cases to run; NULL for all. */
    bool (*wanted)(const char *case_name, void *ctx);
    void *ctx;
    unsigned isas;  /* bit i is lane i */
    unsigned fills; /* FILL_BIT()s */
    int threads[THREADS_MAX];
    size_t thread_count;
    uint64_t seed;
    int shift; /* of CARE_DRAWN: floats past a 64-byte boundary, 0 to 15 */
    bool quick, verbose, twins, peers;
    bool once;         /* ends with the first case that fails */
    bool doubts;       /* of CARE_DRAWN: what is MISTRUSTED counts as found, and fails nothing */
    const char *fault; /* planted in the kernel, for the line that repeats a failure; NULL: none */
    FILE *out;         /* failures and progress; NULL: say nothing */
    struct junit *junit; /* NULL where none is wanted */
    char *at; /* CHECK_AT bytes for the name of what is under way, "" between two; or NULL */
};

struct check_tally {
    size_t cases;          /* that matched */
    size_t ran[ISA_COUNT]; /* variants: case, fill and lane */
    size_t failed[ISA_COUNT];
    size_t skipped[ISA_COUNT];
    char plugin_reason[160]; /* why its lane skipped one */
    size_t twins_ran, twins_failed, twins_skipped;
    char twin_reason[160]; /* why one was skipped */
    struct {
        size_t ran, failed, skipped;
        char reason[160];
    } peer[PEER_COUNT];
    size_t grads_ran, grads_failed; /* cases held to differences, per lane */
    size_t grads_elements, grads_kinks;
    struct readout grads_worst;
    size_t ended;    /* kernels that ended their process, whose other cases are missing here */
    double elements; /* of outputs, once a variant */
    size_t found[VERDICT_COUNT];
    struct readout worst[ISA_COUNT];
    struct finding first; /* the first failure; VERDICT_PASS where there was none */
};

/* STATUS_OK, or STATUS_WRONG where something failed, or what kept it from running. The tally grows.
 */
enum status check_kernel(const struct check_plan *plan, const struct kernel_spec *spec,
                         struct check_tally *tally);
/* The same for one case, in each fill of the plan that the kernel has. */
enum status check_one(const struct check_plan *plan, const struct kernel_spec *spec,
                      const struct check_case *c, struct check_tally *tally);
/* What is under way from here on; "": nothing. */
void check_at(const struct check_plan *plan, const char *name);
/* True where code of that lane may run here. */
bool check_lane_runs(enum isa isa);

#endif
