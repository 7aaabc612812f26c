/* row: one case, its variants (lanes and oneDNN), checked and then timed in one interleaved run. */
#ifndef BENCH_ROW_H
#define BENCH_ROW_H

#include "check/judge.h"
#include "grid/workload.h"
#include "measure/sample.h"
#include "measure/stats.h"
#include "twin.h"

enum state {
    STATE_TIMED,
    STATE_WRONG, /* its output failed the check: it has no time */
    STATE_REF    /* oneDNN fell back to its unoptimized code: no reference */
};

struct variant {
    char name[24]; /* "avx2", "avx2+ftz", "dnnl-plain" */
    char impl[96]; /* the lane, or oneDNN's implementation string */
    enum state state;
    enum isa isa;   /* ISA_COUNT for oneDNN */
    enum form form; /* oneDNN's */
    bool ftz;
    struct twin_run *run; /* oneDNN's; NULL for lanes and once closed */
    struct row *row;
    struct readout readout; /* against the oracle, at check_shape */
    struct samples samples;
    /* Against the fastest oneDNN variant, > 1: this one is faster; at = 0 where there is none. */
    struct interval vs_onednn;
};

struct row {
    char name[192];
    struct workload work;
    int threads;
    double flops, bytes;
    struct shape check_shape; /* the timed one, or with fewer rows of the batch where the oracle
                                 would take long */
    struct variant variant[TASKS_MAX];
    size_t variants, rounds;
    size_t best_twin; /* index; TASKS_MAX where there is none */
    bool has_signal;
    struct signal signal;
    char wrong[320]; /* the first failed check, or "" */
};

struct row_plan {
    unsigned isas;
    bool twins, ftz; /* ftz: the fastest lane once more with FTZ and DAZ set */
    struct plan sampling;
};

/* Checks every variant of row->work (open, row->threads set) and prepares the sampling of those
 * that passed. STATUS_OK even where a variant is wrong: its state says so. */
enum status row_open(struct row *row, const struct row_plan *plan, struct sampler *sampler,
                     struct task task[TASKS_MAX], struct samples samples[TASKS_MAX]);
/* After the last round: fills samples and ratios of the variants. */
void row_conclude(struct row *row, const struct sampler *sampler);
/* Closes what row_open opened and the workload; the figures stay. */
void row_close(struct row *row);

#endif
