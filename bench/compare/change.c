#include "change.h"

#include <math.h>
#include <stdlib.h>

#include "compare/verdict.h"
#include "measure/hypothesis.h"
#include "measure/moderate.h"
#include "measure/stats.h"

/* One side of a row, or its pairs. */
struct side {
    double mean, count;
    double variance, freedom; /* of single processes; freedom 0: of one there is none */
    double span;              /* largest less smallest */
};

static struct side side_of(const double *x, size_t n)
{
    struct side s = {.mean = n ? x[0] : 0.0, .count = (double)n};
    if (n < 2) return s;
    double lo = x[0], hi = x[0];
    for (size_t i = 1; i < n; i++) {
        lo = fmin(lo, x[i]);
        hi = fmax(hi, x[i]);
    }
    s.span = hi - lo;
    s.variance = variance(x, n, &s.mean);
    s.freedom = (double)(n - 1);
    return s;
}

/* Sides 2 i and 2 i + 1 are old and new of row i; of pairs the first is empty. */
struct sides {
    const struct verdict_row *row;
    struct side *side;
    size_t count; /* two a row */
    double *room; /* as many twice */
};

static bool of_kind(const struct sides *all, size_t i, unsigned kind)
{
    return all->row[i / 2].kind == kind && all->side[i].freedom > 0.0;
}

/* Returns the kind's step. */
static double settle_kind(const struct sides *all, unsigned kind)
{
    double *const s = all->room, *const freedom = all->room + all->count, sum = 0.0;
    size_t n = 0;
    for (size_t i = 0; i < all->count; i++)
        if (of_kind(all, i, kind)) s[n++] = all->side[i].span;
    if (n == 0) return 0.0;
    const double step = stats_quantile(s, n, 0.98);
    n = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (!of_kind(all, i, kind)) continue;
        s[n] = all->side[i].variance;
        freedom[n] = all->side[i].freedom;
        sum += freedom[n++];
    }
    const struct prior prior = moderate_fit(s, freedom, n);
    for (size_t i = 0; i < all->count; i++) {
        struct side *const x = &all->side[i];
        if (of_kind(all, i, kind))
            x->variance = moderate(prior, x->variance, x->freedom, sum, &x->freedom);
    }
    return step;
}

static struct change change_of(const struct side *old, const struct side *new, double step)
{
    struct change c = {.at = new->mean - old->mean, .variance = NAN};
    const bool paired = old->count == 0.0;
    if (!(new->freedom > 0.0) || (!paired && !(old->freedom > 0.0))) return c;
    const double a = paired ? 0.0 : old->variance / old->count, b = new->variance / new->count;
    c.variance = a + b;
    c.freedom = paired || !(a + b > 0.0)
                    ? new->freedom
                    : (a + b) * (a + b) / (a * a / old->freedom + b * b / new->freedom);
    if (new->count < CHANGE_FEW || (!paired && old->count < CHANGE_FEW)) c.step = step;
    return c;
}

bool change_of_rows(const struct verdict_row *row, size_t rows, struct change *change)
{
    const struct sides all = {.row = row,
                              .side = malloc((2 * rows + 1) * sizeof *all.side),
                              .count = 2 * rows,
                              .room = malloc((4 * rows + 1) * sizeof *all.room)};
    const bool good = all.side && all.room;
    double step[CHANGE_KINDS];
    for (size_t i = 0; good && i < rows; i++) {
        all.side[2 * i] = side_of(row[i].old, row[i].old ? row[i].olds : 0);
        all.side[2 * i + 1] = side_of(row[i].new, row[i].news);
    }
    for (unsigned kind = 0; good && kind < CHANGE_KINDS; kind++)
        step[kind] = settle_kind(&all, kind);
    for (size_t i = 0; good && i < rows; i++)
        change[i] = change_of(&all.side[2 * i], &all.side[2 * i + 1], step[row[i].kind]);
    free(all.side);
    free(all.room);
    return good;
}
