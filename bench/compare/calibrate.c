#include "calibrate.h"

#include <math.h>
#include <stdlib.h>

#include "compare/verdict.h"
#include "measure/stats.h"
#include "measure/student.h"

static bool calibrates(const struct verdict_row *r)
{
    return r->control || r->batch > 0;
}

/* ---- drift */

struct member {
    size_t group;
    double at;
};

static int by_group(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    return (x->group > y->group) - (x->group < y->group);
}

/* The mean of each case, in place of its first rows; returns the number of cases. */
static size_t means_of_cases(struct member *m, size_t n, double *mean)
{
    size_t cases = 0;
    qsort(m, n, sizeof *m, by_group);
    for (size_t i = 0, end; i < n; i = end) {
        double sum = 0.0;
        for (end = i; end < n && m[end].group == m[i].group; end++) sum += m[end].at;
        mean[cases++] = sum / (double)(end - i);
    }
    return cases;
}

struct centre {
    double at, variance;
    size_t rows, cases;
};

/* The median's variance is pi / 2 times the mean's where cases are normal, their standard deviation 1.4826 times the
 * median absolute one. */
static struct centre centre_of(const struct verdict_row *row, const struct change *change,
                               size_t rows, size_t batch, struct member *m, double *mean)
{
    struct centre c = {0};
    for (size_t i = 0; i < rows; i++)
        if (row[i].batch == batch && calibrates(&row[i]))
            m[c.rows++] = (struct member){row[i].group, change[i].at};
    c.cases = means_of_cases(m, c.rows, mean);
    if (c.cases < CALIBRATE_CASES) return c;
    const double sd = 1.4826 * stats_mad(mean, c.cases);
    c.at = stats_median(mean, c.cases);
    c.variance = 1.5707963267948966 * sd * sd / (double)c.cases;
    return c;
}

/* ---- spread */

struct residual {
    double at, variance, freedom;
    double t; /* of Student at the level in question */
};

/* The score that `level` of the residuals stay below: |at| over its standard error, as a share of what Student's t
 * allows at that level. The k-th of n, k such that a further row stays below it with that probability. */
static double score(const struct residual *r, size_t n, double level, double square, double *room)
{
    for (size_t i = 0; i < n; i++) {
        const double most = r[i].t * sqrt(r[i].variance + square);
        room[i] = r[i].at == 0.0 ? 0.0 : fabs(r[i].at) / most;
    }
    const double k = fmin(ceil((double)(n + 1) * level), (double)n);
    return stats_quantile(room, n, n > 1 ? (k - 1.0) / (double)(n - 1) : 0.0);
}

/* The least square of a standard deviation that brings the score down to 1. */
static double square_at(struct residual *r, size_t n, double level, double *room)
{
    enum { STEPS = 60 };
    double below = 0.0, above = 0.0;
    for (size_t i = 0; i < n; i++) {
        r[i].t = student_quantile(0.5 + 0.5 * level, r[i].freedom);
        above = fmax(above, r[i].at * r[i].at);
    }
    if (score(r, n, level, 0.0, room) <= 1.0) return 0.0;
    while (score(r, n, level, above, room) > 1.0) above *= 2.0;
    for (int i = 0; i < STEPS && above - below > 1e-6 * above; i++) {
        const double middle = 0.5 * (below + above);
        if (score(r, n, level, middle, room) > 1.0)
            below = middle;
        else
            above = middle;
    }
    return above;
}

static struct spread spread_of(struct residual *r, size_t n, double freedom, double *room)
{
    struct spread s = {.rows = n};
    if (n < CALIBRATE_CASES) return (struct spread){0};
    const double level = fmin(0.98, (double)n / (double)(n + 1));
    const double square = fmax(square_at(r, n, level, room), square_at(r, n, 0.5, room));
    s.sd = sqrt(square);
    s.freedom = freedom;
    s.floor = student_quantile(0.975, s.freedom) * s.sd;
    return s;
}

/* ---- all */

struct room {
    struct member *member;
    double *mean, *score;
    struct residual *bare, *forked;
    size_t bares, forkeds;
};

static void collect(const struct verdict_row *row, const struct change *change, size_t rows,
                    size_t batch, double drift, struct room *to)
{
    for (size_t i = 0; i < rows; i++) {
        if (row[i].batch != batch || !calibrates(&row[i])) continue;
        const double at = change[i].at - drift;
        if (change_is_bare(&change[i]))
            to->bare[to->bares++] = (struct residual){at, 0.0, INFINITY, 0.0};
        else
            to->forked[to->forkeds++] =
                (struct residual){at, change[i].variance, change[i].freedom, 0.0};
    }
}

static void settle(const struct verdict_row *row, const struct change *change, size_t rows,
                   struct noise *noise, struct room *room)
{
    size_t batches = 0, cases = 0;
    double squares = 0.0;
    bool paired = true;
    for (size_t i = 0; i < rows; i++) {
        if (row[i].batch > batches) batches = row[i].batch;
        if (row[i].batch == 0 && row[i].old) paired = false;
    }
    for (size_t b = 0; b <= batches; b++) {
        const struct centre c = centre_of(row, change, rows, b, room->member, room->mean);
        if (b == 0) {
            noise->controls = c.rows;
            noise->cases = c.cases;
        }
        if (c.cases < CALIBRATE_CASES) continue;
        cases += c.cases;
        collect(row, change, rows, b, c.at, room);
        if (b == 0) {
            noise->drift = c.at;
            noise->drift_variance = c.variance;
            noise->drift_freedom = (double)(c.cases - 1);
            continue;
        }
        noise->runs++;
        squares += c.at * c.at;
    }
    if (cases) {
        const double freedom = (double)(cases - 1);
        noise->bare =
            spread_of(room->bare, room->bares, fmin(freedom, CALIBRATE_BARE_TAILS), room->score);
        noise->forked =
            spread_of(room->forked, room->forkeds, fmin(freedom, CALIBRATE_TAILS), room->score);
    }
    if (noise->cases >= CALIBRATE_CASES || paired) return;
    noise->assumed = noise->runs == 0;
    const double assumed = CALIBRATE_DEFAULT / 1.9599639845400539;
    noise->drift_variance = noise->assumed ? assumed * assumed : squares / (double)noise->runs;
    noise->drift_freedom = noise->assumed ? INFINITY : (double)noise->runs;
}

bool calibrate(const struct verdict_row *row, const struct change *change, size_t rows,
               struct noise *noise)
{
    struct room room = {.member = malloc((rows + 1) * sizeof *room.member),
                        .mean = malloc((rows + 1) * sizeof *room.mean),
                        .score = malloc((rows + 1) * sizeof *room.score),
                        .bare = malloc((rows + 1) * sizeof *room.bare),
                        .forked = malloc((rows + 1) * sizeof *room.forked)};
    const bool good = room.member && room.mean && room.score && room.bare && room.forked;
    *noise = (struct noise){0};
    if (good) settle(row, change, rows, noise, &room);
    free(room.member);
    free(room.mean);
    free(room.score);
    free(room.bare);
    free(room.forked);
    return good;
}
