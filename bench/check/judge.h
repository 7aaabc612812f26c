/* judge: outputs against the oracle's bound, and against another run's words. */
#ifndef CHECK_JUDGE_H
#define CHECK_JUDGE_H

#include "problem.h"

enum verdict {
    VERDICT_PASS,
    VERDICT_VALUE,      /* outside the oracle's bound */
    VERDICT_WORDS,      /* other words than the lane that defines them */
    VERDICT_REPEAT,     /* other words on a second run, or at another place in memory */
    VERDICT_THREADS,    /* other words on another number of threads */
    VERDICT_CRASH,      /* bad access, illegal instruction, failed assertion */
    VERDICT_OUTSIDE,    /* wrote around an operand or between its rows */
    VERDICT_INPUT,      /* wrote an input */
    VERDICT_UNWRITTEN,  /* left an element of an output as it was */
    VERDICT_MISTRUSTED, /* right, but the check proves little */
    VERDICT_ORACLE,     /* the oracle left an element out, or allows less than nothing */
    VERDICT_TWIN,       /* oneDNN's result is outside the bound */
    VERDICT_GRADIENT,   /* right by the oracle, but not the derivative of the forward pass */
    VERDICT_COUNT
};
const char *verdict_name(enum verdict verdict);

struct finding {
    enum verdict verdict;
    char text[320]; /* one sentence: operand, index, got, want, allowed */
};

/* The worst element seen. ULP are those of what was wanted or, where sums cancel, of what it may be off. */
struct readout {
    double max_ulp;
    double bound_used; /* largest |got - want| / slack */
};

/* Of how many output elements (NULL: not asked for) the oracle bounds the value: in the others, after an
 * overflow, it allows anything. */
double judge_held(const struct problem *p, double *elements);
/* out is problem_gather()'s. False with *finding filled; *seen grows. */
bool judge_bound(const struct problem *p, const void *out, struct readout *seen,
                 struct finding *finding);
/* For a plug-in that rounds in an order of its own: where a kernel takes k fused steps from the bias, it may round k
 * products, k sums and the bias apart, so a right result lies within twice the bound. */
bool judge_free(const struct problem *p, const void *out, struct readout *seen,
                struct finding *finding);
/* For oneDNN, whose order is its own too: twice the bound likewise. Zeros have no sign, and mostly zeros are the
 * kernel's concern. Where something may overflow, no infinity or NaN
 * counts: oneDNN masks by a product with 0, which makes NaN of an infinity. */
bool judge_twin(const struct problem *p, const void *out, struct readout *seen,
                struct finding *finding);
/* Any NaN equals any other. False with `verdict` and a sentence that names the `other` run. */
bool judge_words(const struct problem *p, const void *out, const void *ref, enum verdict verdict,
                 const char *other, struct finding *finding);

#endif
