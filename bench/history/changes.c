#include "changes.h"

#include <math.h>
#include <stdlib.h>

#include "measure/hypothesis.h"

/* Below this many deviations no exact p times its splits reaches CHANGES_RATE: of sides of 3 and 7 to 3 and 1000, the
 * least that could, U ends at 2.28 to 3; of 3 and 7 its p times splits is 0.08 already. */
#define WORTH 2.4

/* ---- one stretch */

struct split {
    size_t from, at, until;
    double p;
};

struct ranked {
    double value;
    size_t run;
};

static int by_value(const void *a, const void *b)
{
    const double x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;
    return (x > y) - (x < y);
}

/* The rank of each of n values, ties their mean. */
static void rank(const double *log, size_t n, struct ranked *room, double *ranks)
{
    for (size_t i = 0; i < n; i++) room[i] = (struct ranked){log[i], i};
    qsort(room, n, sizeof *room, by_value);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && !(room[end].value > room[i].value); end++)
            ;
        for (size_t k = i; k < end; k++) ranks[room[k].run] = 0.5 * (double)(i + 1 + end);
    }
}

struct room {
    struct ranked *ranked;
    double *ranks, *away;
};

/* Of n >= 2 CHANGES_SIDE runs, after how many U is the most deviations from its mean: away[] of that. */
static size_t best_split(const double *log, size_t n, const struct room *room)
{
    const double all = (double)n;
    size_t best = CHANGES_SIDE;
    double sum = 0.0;
    rank(log, n, room->ranked, room->ranks);
    for (size_t k = 1; k + CHANGES_SIDE <= n; k++) {
        const double m = (double)k, rest = all - m;
        sum += room->ranks[k - 1];
        room->away[k] = fabs(sum - 0.5 * m * (all + 1.0)) / sqrt(m * rest * (all + 1.0) / 12.0);
        if (k > CHANGES_SIDE && room->away[k] > room->away[best]) best = k;
    }
    return best;
}

/* ---- all stretches of a series */

typedef bool visit_fn(size_t from, size_t until, void *ctx);

/* Of layer d there are 2^(d+1) - 1 of n / 2^d runs, at equal distances, from the longest to the shortest. */
static bool stretches(size_t n, visit_fn *visit, void *ctx)
{
    for (size_t d = 0; d < 63 && n >> d >= 2 * CHANGES_SIDE; d++) {
        const size_t many = ((size_t)2 << d) - 1, long_ = (n + ((size_t)1 << d) - 1) >> d;
        for (size_t i = 0; i < many; i++) {
            const size_t from = many > 1 ? i * (n - long_) / (many - 1) : 0;
            if (!visit(from, from + long_, ctx)) return false;
        }
    }
    return true;
}

static bool count_splits(size_t from, size_t until, void *ctx)
{
    *(size_t *)ctx += until - from - 2 * CHANGES_SIDE + 1;
    return true;
}

static double splits_of(size_t n)
{
    size_t splits = 0;
    stretches(n, count_splits, &splits);
    return (double)splits;
}

/* U's least p is that of halves wholly apart: two of all choices. */
bool changes_possible(size_t runs)
{
    const double half = (double)(runs / 2), all = (double)runs;
    if (runs < 2 * CHANGES_SIDE) return false;
    const double ways = lgamma(all + 1.0) - lgamma(half + 1.0) - lgamma(all - half + 1.0);
    return log(2.0) - ways + log(splits_of(runs)) <= log(CHANGES_RATE);
}

struct search {
    const double *log;
    double splits; /* of the series */
    struct split *found;
    size_t count, capacity;
    struct room room;
};

static bool keep(struct search *s, struct split split)
{
    if (s->count == s->capacity) {
        const size_t more = s->capacity ? 2 * s->capacity : 64;
        struct split *grown = realloc(s->found, more * sizeof *grown);
        if (!grown) return false;
        s->found = grown;
        s->capacity = more;
    }
    s->found[s->count++] = split;
    return true;
}

/* The split that parts the stretch best; one is enough, since shorter stretches hold the others. */
static bool search_stretch(size_t from, size_t until, void *ctx)
{
    struct search *s = ctx;
    const size_t n = until - from, k = best_split(s->log + from, n, &s->room);
    const double *log = s->log + from;
    if (s->room.away[k] < WORTH) return true;
    const double p = fmin(1.0, s->splits * mann_whitney(log, k, log + k, n - k).p);
    if (isnan(p)) return false;
    return p > CHANGES_RATE || keep(s, (struct split){from, from + k, until, p});
}

/* ---- which of the splits count */

static int narrowest_first(const void *a, const void *b)
{
    const struct split *x = a, *y = b;
    const size_t i = x->until - x->from, k = y->until - y->from;
    if (i != k) return i < k ? -1 : 1;
    if (x->p < y->p || x->p > y->p) return x->p < y->p ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static bool holds_a_shift(const struct series *series, const struct split *split)
{
    for (size_t i = 0; i < series->shifts; i++)
        if (series->shift[i].at > split->from && series->shift[i].at < split->until) return true;
    return false;
}

static int by_time(const void *a, const void *b)
{
    const size_t x = ((const struct shift *)a)->at, y = ((const struct shift *)b)->at;
    return (x > y) - (x < y);
}

static void choose(struct series *series, struct search *s, double threshold)
{
    if (s->count) qsort(s->found, s->count, sizeof *s->found, narrowest_first);
    for (size_t i = 0; i < s->count && series->shifts < CHANGES_MAX; i++)
        if (s->found[i].p <= threshold && !holds_a_shift(series, &s->found[i]))
            series->shift[series->shifts++] =
                (struct shift){.at = s->found[i].at, .p = s->found[i].p};
    qsort(series->shift, series->shifts, sizeof *series->shift, by_time);
}

/* ---- where and by how much */

static int by_number(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool measure(const double *log, struct shift *shift)
{
    const size_t m = shift->at - shift->from, n = shift->until - shift->at, all = m * n;
    double *d = malloc(all * sizeof *d);
    if (!d) return false;
    for (size_t i = 0; i < m; i++)
        for (size_t k = 0; k < n; k++) d[i * n + k] = log[shift->at + k] - log[shift->from + i];
    qsort(d, all, sizeof *d, by_number);
    const double a = (double)m, b = (double)n;
    const double c = 0.5 * a * b - 1.959964 * sqrt(a * b * (a + b + 1.0) / 12.0);
    const size_t lo = c >= 1.0 ? (size_t)c - 1 : 0;
    shift->by = (struct interval){0.5 * (d[(all - 1) / 2] + d[all / 2]), d[lo], d[all - 1 - lo]};
    free(d);
    return true;
}

/* One pass over the shifts: each to the split that parts the runs between its neighbours best. */
static bool settle(struct series *series, const struct room *room)
{
    struct shift *shift = series->shift;
    for (size_t i = 0; i < series->shifts; i++) {
        const size_t from = i ? shift[i - 1].at : 0;
        const size_t until = i + 1 < series->shifts ? shift[i + 1].at : series->runs;
        if (until - from >= 2 * CHANGES_SIDE)
            shift[i].at = from + best_split(series->log + from, until - from, room);
    }
    for (size_t i = 0; i < series->shifts; i++) {
        shift[i].from = i ? shift[i - 1].at : 0;
        shift[i].until = i + 1 < series->shifts ? shift[i + 1].at : series->runs;
        if (!measure(series->log, &shift[i])) return false;
    }
    return true;
}

/* ---- all series */

static bool search_series(struct series *series, struct search *s, const struct room *room)
{
    series->p = NAN;
    series->shifts = 0;
    if (!changes_possible(series->runs)) return true;
    *s = (struct search){.log = series->log, .splits = splits_of(series->runs), .room = *room};
    if (!stretches(series->runs, search_stretch, s)) return false;
    series->p = 1.0;
    for (size_t i = 0; i < s->count; i++) series->p = fmin(series->p, s->found[i].p);
    return true;
}

/* The p that a split must reach in an opened series; below 0 where none is opened. */
static bool threshold_of(const struct series *series, size_t count, double *threshold)
{
    double *p = malloc((2 * count + 1) * sizeof *p);
    size_t tested = 0, opened = 0;
    if (!p) return false;
    for (size_t i = 0; i < count; i++)
        if (!isnan(series[i].p)) p[tested++] = series[i].p;
    const bool good = benjamini_hochberg(p, tested, p + count);
    for (size_t i = 0; good && i < tested; i++) opened += p[count + i] <= CHANGES_RATE;
    *threshold = opened ? CHANGES_RATE * (double)opened / (double)tested : -1.0;
    free(p);
    return good;
}

bool changes_find(struct series *series, size_t count)
{
    struct search *search = calloc(count + 1, sizeof *search);
    size_t longest = 1;
    for (size_t i = 0; i < count; i++)
        if (series[i].runs > longest) longest = series[i].runs;
    const struct room room = {malloc(longest * sizeof *room.ranked),
                              malloc(longest * sizeof(double)), malloc(longest * sizeof(double))};
    bool good = search && room.ranked && room.ranks && room.away;
    double threshold = -1.0;
    for (size_t i = 0; good && i < count; i++) good = search_series(&series[i], &search[i], &room);
    good = good && threshold_of(series, count, &threshold);
    for (size_t i = 0; good && i < count; i++) {
        choose(&series[i], &search[i], threshold);
        good = settle(&series[i], &room);
    }
    for (size_t i = 0; search && i < count; i++) free(search[i].found);
    free(search);
    free(room.ranked);
    free(room.ranks);
    free(room.away);
    return good;
}
