/* compare: counts beside those of a baseline. */
#ifndef COUNT_COMPARE_H
#define COUNT_COMPARE_H

#include "count/baseline.h"

enum change {
    CHANGE_GREW,   /* by more than the tolerance: a regression */
    CHANGE_GONE,   /* kept, but no longer counted: a gate that lost a case */
    CHANGE_VARIES, /* two calls in a row took different numbers: compared with nothing */
    CHANGE_MORE,   /* grew within the tolerance */
    CHANGE_FELL,
    CHANGE_NEW, /* not kept; of all rows where there is no baseline */
    CHANGE_SAME,
    CHANGE_COUNT
};
const char *change_name(enum change change);

struct compared {
    const char *name; /* of the case */
    enum isa isa;
    int threads;
    uint64_t was, is; /* 0: none */
    uint64_t other;   /* CHANGE_VARIES: the second reading */
    enum change change;
};

/* at: in the order of the run, what is gone behind it; the names are the rows' and the baseline's. */
struct comparison {
    struct compared *at;
    size_t count;
    size_t of[CHANGE_COUNT];
    const char *counter;  /* "callgrind-3.19.0" */
    const char *compiler; /* of this build */
    const char *kept_in;  /* the baseline's file; NULL: there is none */
    bool same_compiler;   /* the baseline has counts of it */
    double tolerance;     /* percent */
};

/* What a run was to count: of the baseline no more than that is looked at. */
struct selection {
    const struct options *options;
    const struct kernel_spec *kernel; /* NULL: all */
    const char *compiler;
};
/* True for a kept count that this run should have made too. */
bool selection_has(const struct baseline_row *row, const void *selection);

/* Percent, where there was a count and is one. */
double compared_growth(const struct compared *c);

/* c->counter, compiler, kept_in and tolerance are the caller's. A baseline without rows: all counts are new. */
enum status compare(struct comparison *c, const struct count_rows *rows, const struct baseline *b,
                    const struct selection *selection);
void comparison_free(struct comparison *c);

/* The exit code: STATUS_OK, STATUS_REGRESSION, STATUS_INCONCLUSIVE where counts vary, STATUS_UNAVAILABLE where the baseline
 * has none of this compiler. */
enum status comparison_verdict(const struct comparison *c);

#endif
