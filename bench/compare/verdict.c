#include "verdict.h"

#include <math.h>
#include <stdlib.h>

#include "measure/hypothesis.h"
#include "measure/student.h"

const char *change_verdict_name(enum change_verdict verdict)
{
    static const char *const name[] = {"regressed", "improved", "unchanged", "inconclusive"};
    return name[verdict];
}

/* ---- one row's error */

struct error {
    double variance, freedom; /* freedom 0: unknown */
    double floor;             /* a change must be beyond */
};

/* Of independent parts, each a variance with its degrees of freedom (Satterthwaite 1946). */
static struct error error_of(const struct change *c, const struct noise *noise)
{
    const bool bare = change_is_bare(c);
    const struct spread *s = bare ? &noise->bare : &noise->forked;
    struct error e = {0.0, 0.0, fmax(s->floor, c->step)};
    if (bare && s->rows == 0) return e;
    const struct {
        double variance, freedom;
    } part[] = {{bare ? 0.0 : c->variance, c->freedom},
                {s->sd * s->sd, s->freedom},
                {noise->drift_variance, noise->drift_freedom}};
    double squares = 0.0;
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        e.variance += part[i].variance;
        if (part[i].variance > 0.0)
            squares += part[i].variance * part[i].variance / part[i].freedom;
    }
    e.freedom = squares > 0.0 ? e.variance * e.variance / squares : INFINITY;
    return e;
}

/* ---- twins */

/* How far the controls of the row's case moved beside the drift, where that is beyond their own interval; else 0. */
static double twins_moved(const struct verdict_row *row, const struct change *change, size_t rows,
                          size_t of, const struct noise *noise)
{
    double sum = 0.0, variance_sum = 0.0, freedom = 0.0, n = 0.0;
    for (size_t i = 0; i < rows; i++) {
        if (!row[i].control || row[i].batch != 0 || row[i].group != row[of].group) continue;
        const struct error e = error_of(&change[i], noise);
        if (!(e.freedom > 0.0)) return 0.0;
        sum += change[i].at - noise->drift;
        variance_sum += e.variance;
        freedom += e.freedom;
        n += 1.0;
    }
    if (n == 0.0) return 0.0;
    /* As of one of them: they share their case's operands. */
    const double at = sum / n, half = student_quantile(0.975, freedom / n) * sqrt(variance_sum / n);
    return fabs(at) > half ? at : 0.0;
}

/* ---- verdicts */

static double rank_p(const struct verdict_row *r)
{
    if (!r->old) return signed_rank(r->new, r->news).p;
    return mann_whitney(r->old, r->olds, r->new, r->news).p;
}

static double threshold(const struct verdict_rules *rules, double floor)
{
    return fmax(rules->least, floor);
}

static void measure(struct verdict_row *r, const struct change *c, const struct noise *noise,
                    const struct verdict_rules *rules, double twins)
{
    const struct error e = error_of(c, noise);
    r->raw = c->at;
    r->at = c->at - noise->drift;
    r->lo = -INFINITY;
    r->hi = INFINITY;
    r->p = 1.0;
    r->p_rank = rank_p(r);
    r->freedom = e.freedom;
    if (!(e.freedom > 0.0)) return;
    const double error = sqrt(e.variance), half = student_quantile(0.975, e.freedom) * error;
    r->lo = r->at - half - fmax(twins, 0.0);
    r->hi = r->at + half - fmin(twins, 0.0);
    /* What is surely the row's own. */
    const double own =
        r->at > 0.0 ? fmax(r->at - fmax(twins, 0.0), 0.0) : fmax(-r->at + fmin(twins, 0.0), 0.0);
    const double beyond = threshold(rules, e.floor);
    r->p = error > 0.0 ? student_tail((own - beyond) / error, e.freedom) +
                             student_tail((own + beyond) / error, e.freedom)
                       : own <= beyond;
    r->p = fmin(r->p, 1.0);
}

static enum change_verdict decide(const struct verdict_row *r, double beyond, double least)
{
    if (r->adjusted <= VERDICT_FALSE_SHARE && r->lo > beyond) return CHANGE_REGRESSED;
    if (r->adjusted <= VERDICT_FALSE_SHARE && r->hi < -beyond) return CHANGE_IMPROVED;
    return r->lo >= -least && r->hi <= least ? CHANGE_UNCHANGED : CHANGE_INCONCLUSIVE;
}

static bool judged(const struct verdict_row *r)
{
    return r->batch == 0 && !r->control;
}

/* A change of which four comparisons of five see p below what one more call would have to reach. */
static double detectable(const struct error *e, double beyond, size_t calls, size_t n)
{
    if (!(e->freedom > 0.0)) return INFINITY;
    const double p = VERDICT_FALSE_SHARE * fmin(1.0, (double)(calls + 1) / (double)n);
    const double t = student_quantile(1.0 - fmin(p, 0.025), e->freedom);
    return beyond + (t + student_quantile(0.8, e->freedom)) * sqrt(e->variance);
}

static bool judge_all(struct verdict_row *row, const struct change *change, size_t rows,
                      const struct verdict_rules *rules, const struct noise *noise)
{
    double *p = malloc((2 * rows + 1) * sizeof *p);
    size_t n = 0, calls = 0;
    if (!p) return false;
    double *const adjusted = p + rows;
    for (size_t i = 0; i < rows; i++)
        if (judged(&row[i])) p[n++] = row[i].p;
    const bool good = benjamini_hochberg(p, n, adjusted);
    for (size_t i = 0, k = 0; good && i < rows; i++) {
        if (!judged(&row[i])) continue;
        const struct error e = error_of(&change[i], noise);
        row[i].adjusted = adjusted[k++];
        row[i].verdict = decide(&row[i], threshold(rules, e.floor), rules->least);
        calls += row[i].verdict <= CHANGE_IMPROVED;
    }
    for (size_t i = 0; good && i < rows; i++) {
        const struct error e = error_of(&change[i], noise);
        if (judged(&row[i]))
            row[i].detectable = detectable(&e, threshold(rules, e.floor), calls, n);
    }
    free(p);
    return good;
}

bool verdict_judge(struct verdict_row *row, size_t rows, const struct verdict_rules *rules,
                   struct noise *noise)
{
    struct change *change = malloc((rows + 1) * sizeof *change);
    *noise = (struct noise){0};
    bool good = change && change_of_rows(row, rows, change) &&
                (rules->paired || calibrate(row, change, rows, noise));
    for (size_t i = 0; good && i < rows; i++) {
        if (row[i].batch) continue;
        const double twins = row[i].control ? 0.0 : twins_moved(row, change, rows, i, noise);
        measure(&row[i], &change[i], noise, rules, twins);
    }
    good = good && judge_all(row, change, rows, rules, noise);
    free(change);
    return good;
}
