/* verdict: whether rows of two builds differ, by how much, and what could not have been seen.
 *
 * It knows nothing of files: a row is the logarithms of its processes' medians. What it does with them:
 *
 *   change    mean of new less mean of old, or the mean of paired log ratios. Its variance is that of the
 *             processes, each row's own moderated by those of all rows of its kind (measure/moderate.h), as Welch
 *             has it, with Satterthwaite's degrees of freedom.
 *   noise     what the same code does from run to run beyond that (calibrate.h), from the rows that are known not to
 *             have changed: controls. Their common drift is taken out of every row; what each of them moved
 *             besides widens every interval; it is also the noise floor. Of fewer than CHANGE_FEW processes a
 *             side the floor is at least what nearly all rows show between processes of one side (change.h).
 *   twins     where the controls of a row's own case moved on their own, the row's interval is stretched
 *             by as much to that side: that part may be the machine's.
 *   p         of the hypothesis that the row moved by no more than max(floor, least), least being the smallest
 *             change that matters (McCarthy and Smyth, "Testing significance relative to a fold-change
 *             threshold is a TREAT", Bioinformatics 25(6), 2009), adjusted over all rows by Benjamini and
 *             Hochberg.
 *
 *   regressed, improved   adjusted p <= 0.05 and the 95 % interval wholly beyond max(floor, least)
 *   unchanged             the 95 % interval wholly within least
 *   inconclusive          else
 *
 * All changes are natural logarithms of new time over old time: above 0 is slower.
 */
#ifndef COMPARE_VERDICT_H
#define COMPARE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "compare/calibrate.h"

enum change_verdict {
    CHANGE_REGRESSED,
    CHANGE_IMPROVED,
    CHANGE_UNCHANGED,
    CHANGE_INCONCLUSIVE,
    CHANGE_COUNT
};

#define VERDICT_FALSE_SHARE 0.05 /* the share of false calls among all calls that is accepted */

struct verdict_row {
    /* Log medians of processes; where old is NULL, new are paired log ratios. At least one each. */
    const double *old, *new;
    size_t olds, news;
    unsigned kind; /* < CHANGE_KINDS: processes of rows of one kind vary alike */
    size_t group;  /* rows of one case share it */
    size_t batch;  /* 0: the comparison; others: pairs of runs of one build, which only calibrate */
    bool control;  /* known not to have changed: calibrates, and is not judged */

    /* What verdict_judge() says. For rows of batch 0; controls have all but verdict and p. */
    enum change_verdict verdict;
    double raw; /* the change as measured, drift included */
    double at, lo,
        hi; /* less the drift; 95 % interval; -+ infinite where nothing is known of the noise */
    double freedom;     /* of the interval */
    double p, adjusted; /* of a change by no more than the threshold */
    double p_rank;      /* of no change, by ranks alone: Mann-Whitney's or, of pairs, Wilcoxon's */
    double detectable;  /* the smallest change called in four comparisons of five */
};

struct verdict_rules {
    double least; /* log of the smallest ratio that matters, >= 0 */
    bool
        paired; /* old and new took turns in every row: no drift, and no noise but that of the pairs */
};

/* Judges rows with batch 0 that are no controls. False where there is no memory. */
bool verdict_judge(struct verdict_row *row, size_t rows, const struct verdict_rules *rules,
                   struct noise *noise);

const char *change_verdict_name(enum change_verdict verdict);

#endif
