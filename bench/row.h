/* row: one case, its variants (lanes and oneDNN), checked, timed in one interleaved run and checked
 * again. */
#ifndef BENCH_ROW_H
#define BENCH_ROW_H

#include "measure/sample.h"
#include "measure/stats.h"
#include "measure/traffic.h"
#include "peers.h"
#include "twin.h"
#include "verify.h"

enum state {
    STATE_TIMED,
    STATE_WRONG, /* its output failed the check: it has no time */
    STATE_REF    /* oneDNN fell back to its unoptimized code: no reference */
};

struct variant {
    char name[24]; /* "avx2", "avx2+ftz", "dnnl-plain", "blis" */
    char impl[96]; /* the lane, oneDNN's implementation string, or another library's version */
    enum state state;
    enum isa isa;   /* ISA_COUNT for oneDNN and other libraries */
    enum peer peer; /* PEER_COUNT for lanes and oneDNN */
    enum form form; /* oneDNN's */
    bool ftz;
    struct twin_run *run;     /* oneDNN's; NULL for lanes and once closed */
    struct peer_run *library; /* another library's, in the same way */
    struct row *row;
    uint64_t words;         /* fingerprint of the outputs that were checked */
    struct readout readout; /* every output element against the oracle */
    double probe_ns;        /* of the call that was checked */
    struct samples samples; /* count < row->rounds: a form of oneDNN that fell out as slower */
    /* Against the fastest oneDNN variant, > 1: this one is faster; at = 0 where there is none. */
    struct interval vs_onednn;
    struct interval vs_peer[PEER_COUNT]; /* of lanes, against each library in the same way */
};

static inline bool variant_is_twin(const struct variant *v)
{
    return v->isa == ISA_COUNT && v->peer == PEER_COUNT;
}

struct row {
    char name[192]; /* the case's; ends in "/cold" where calls take turns at copies */
    struct workload work;
    size_t turn; /* the copy that the next call is on */
    int threads;
    bool chain;    /* of the grid: on real inputs */
    unsigned isas; /* lanes that it runs on */
    const struct row
        *like; /* the same but for the scale, sampled before: its fastest form of oneDNN
                               is the only one here; or NULL */
    double flops, bytes;
    double checked; /* output elements held to the oracle: all but those after an overflow */
    struct variant variant[TASKS_MAX];
    size_t variants, rounds;
    size_t best_twin; /* index; TASKS_MAX where there is none */
    double stolen_ns; /* by the hypervisor while it was sampled */
    bool has_signal;
    struct signal signal;
    char wrong[320]; /* the first failed check, or "" */
    char note[160];  /* why it was not sampled, or sampled less than others; or "" */
};

/* Of a call; held: by all copies. */
struct traffic row_traffic(const struct row *row);
/* Of text in a call; 0 where there is none. */
double row_tokens(const struct row *row);

enum { MIN_ROUNDS = 6, MOST_ROUNDS = 41 }; /* fewer than six pairs give no interval */
#define SAMPLE_NS 1e5                      /* the least that a sample lasts */

/* What one row after the other uses. Zero before the first. */
struct stage {
    struct arena memory; /* of the operands */
    struct verify verify;
    struct sampler sampler;
    struct task task[TASKS_MAX];
    struct samples samples[TASKS_MAX];
};

struct row_plan {
    bool twins, peers, ftz; /* ftz: the fastest lane once more with FTZ and DAZ set */
    double until;           /* of the monotonic clock in seconds: then the row is to be done */
    bool tight;             /* even where that leaves fewer than MIN_ROUNDS */
    uint64_t seed;
    bool (*stop)(void);
};

/* Checks every variant of row->work (open) and prepares the sampling of those that passed.
 * STATUS_OK even where a variant is wrong: its state says so. */
enum status row_open(struct row *row, struct stage *stage, const struct row_plan *plan);
/* After the last round: checks the outputs again, fills samples and ratios of the variants. */
void row_conclude(struct row *row, struct stage *stage);
/* Closes what row_open opened; the figures stay. */
void row_close(struct row *row);
void stage_close(struct stage *stage);

#endif
