/* row: one case, its variants (lanes and oneDNN), checked, timed in interleaved rounds and checked again, in one
 * process after the other. */
#ifndef BENCH_ROW_H
#define BENCH_ROW_H

#include "grid/placement.h"
#include "measure/sample.h"
#include "measure/stats.h"
#include "measure/traffic.h"
#include "peers.h"
#include "twin.h"
#include "verify.h"

enum state {
    STATE_TIMED,
    STATE_WRONG, /* its output failed the check: it has no time */
    STATE_REF,   /* oneDNN fell back to its unoptimized code: no reference */
    STATE_FLUSHED, /* with FTZ and DAZ its output leaves the bound that it keeps without them: no time */
    STATE_CRASHED /* it ended its process */
};

/* What one process sampled of a variant, by round: sample i of every variant of a row belongs to round i. */
struct variant_fork {
    size_t count;
    double *ns, *cpu_ns; /* of one call: wall; CPU, the most of any thread of the team */
    long *switches;      /* involuntary context switches in the sample, the most of any thread */
};

struct summary {
    bool whole; /* it was sampled in every round of every fork; if not, it has no ratios */
    double min, mad, cpu_ns;
    struct interval time; /* of one call, over forks; a single one gives no bounds: NaN */
    double half_width;    /* of it, relative; NaN where there is none */
    /* Against the fastest form of oneDNN, > 1: this one is faster; at = 0 where there is none. */
    struct interval vs_onednn;
    struct interval vs_peer[PEER_COUNT]; /* of lanes, against each library in the same way */
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
    /* Those of row->fork that it was sampled in: the first so many, of slower forms of oneDNN not all. */
    struct variant_fork *fork;
    size_t forks;
    size_t iterations, retaken, disturbed; /* calls in a sample of the last fork; of all forks */
    struct summary summary;                /* of all that, by forks_summarize() */
};

/* In a result file, of a variant that has no time for that. */
#define FLUSHED_ERROR "FTZ and DAZ move the output beyond its bound"

static inline bool variant_is_twin(const struct variant *v)
{
    return v->isa == ISA_COUNT && v->peer == PEER_COUNT;
}

/* One process. */
struct row_fork {
    size_t rounds;
    double stolen_ns; /* by the hypervisor from the machine, while the row was sampled */
    unsigned
        offset[OPERANDS_MAX]; /* modulo 4096, of each operand's first element in the first copy */
    size_t offsets;
    unsigned char *placed; /* of a sweep: the placement that each round was at; else NULL */
    double huge;           /* share of the operands' memory in huge pages; NaN: unknown */
};

enum { ROW_CPUS = 64 }; /* of larger teams the first so many */

struct row {
    char name[192]; /* the case's; ends in "/cold" where calls take turns at copies */
    size_t number;  /* in the table of all rows, though this process may have some alone */
    struct workload work;
    size_t turn; /* the copy that the next call is on */
    /* A slowdown for tests of the verdict: that share of all calls is made twice; so many are still to be. */
    double plant, owed;
    int threads;
    bool chain;    /* of the grid: on real inputs */
    bool flush;    /* every variant's calls run with FTZ and DAZ set on all threads */
    unsigned isas; /* lanes that it runs on */
    const struct row
        *like; /* the same but for the scale, first sampled before: its fastest form of oneDNN
                               is the only one here; or NULL */
    double flops, bytes;
    double checked; /* output elements held to the oracle: all but those after an overflow */
    struct variant variant[TASKS_MAX];
    size_t variants;
    struct row_fork *fork;
    size_t forks, rounds;  /* rounds: of all forks */
    double again_seconds;  /* that the last visit took beside samples and oracle */
    size_t again_variants; /* that it had */
    size_t best_twin;      /* index; TASKS_MAX where there is none */
    bool has_signal;
    struct signal signal;
    int cpu[ROW_CPUS]; /* that the threads of the first fork were on */
    size_t cpus;
    char wrong[320]; /* the first failed check, or "" */
    bool out;        /* it is not visited any more: the note says why */
    char crash[96];  /* which variant ended its process, and how; or "" */
    char note[160];  /* why it was not sampled, or sampled less than others; or "" */
};

/* Whether a variant is sampled in another process: all but what is wrong, and oneDNN's slower forms. */
static inline bool row_goes_on(const struct row *row, size_t variant)
{
    const struct variant *v = &row->variant[variant];
    return v->state == STATE_TIMED && v->forks == row->forks &&
           (!variant_is_twin(v) || variant == row->best_twin);
}

/* Modulo 4096, of an operand's first element in the first copy. */
static inline unsigned row_offset(const struct row *row, size_t operand)
{
    return (unsigned)((uintptr_t)row->work.buf[operand] % 4096u);
}

/* Of a call; held: by all copies. */
struct traffic row_traffic(const struct row *row);
/* Of text in a call; 0 where there is none. */
double row_tokens(const struct row *row);

/* In a process that is to be followed by others; in the only one, where fewer than six pairs give no interval; at the
 * most. */
enum { VISIT_ROUNDS = 3, MIN_ROUNDS = 6, MOST_ROUNDS = 41 };
/* In a sweep, at least and at most: at each placement so many that one disturbed sample is not their median. */
enum { SWEEP_LEAST = 3 * PLACEMENTS, SWEEP_MOST = 5 * PLACEMENTS };
#define SAMPLE_NS 1e5 /* the least that a sample lasts */

/* What one row after the other uses in a process. Zero before the first. */
struct stage {
    struct arena memory; /* of the operands */
    struct verify verify;
    struct sampler sampler;
    struct task task[TASKS_MAX];
    size_t tasks;
    struct samples samples[TASKS_MAX];
};

/* The words that a variant wrote in an earlier process, where the oracle found them right. */
struct known {
    char name[24];
    uint64_t words;
};

struct row_plan {
    bool twins, peers, ftz; /* ftz: the fastest lane once more with FTZ and DAZ set */
    unsigned forms;         /* FORM_BIT()s of oneDNN's forms that are to be tried; 0: all */
    /* NULL: every variant, held to the oracle. Otherwise those that are named, and the oracle is asked only where
     * one of them writes other words. */
    const struct known *known;
    size_t knowns;
};

/* What opening took. */
struct opened {
    double seconds, oracle_seconds; /* in all; of it for the oracle */
    double again_seconds;           /* what row_check_again() will take */
};

/* Checks every variant of row->work (open) and makes the sampler ready for those that passed: it is calibrated, and
 * waits for a plan (sampler_restart). STATUS_OK even where a variant is wrong: its state says so. */
enum status row_open(struct row *row, struct stage *stage, const struct row_plan *plan,
                     struct opened *opened);
/* After the last round: holds the outputs of those that were sampled once more to the words of the check. */
void row_check_again(struct stage *stage);
/* Of a sweep: moves the operands, opens libraries anew where they then are, and where `check` holds every variant to
 * its words there. Not STATUS_OK where a library cannot be opened again or memory is short. */
enum status row_place(struct row *row, struct stage *stage, size_t placement, bool check);
/* Closes what row_open opened; the figures stay. */
void row_close(struct row *row);
void stage_close(struct stage *stage);

#endif
