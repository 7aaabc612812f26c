#include "effect.h"

#include <math.h>

#include "measure/stats.h"

/* A row's processes at the least, for a spread to be estimated from; pairs beyond RUN_MOST would be given more rounds
 * instead. */
enum { RUN_LEAST = 2, DAY_MINUTES = 24 * 60 };

static size_t fitting(double seconds, double each)
{
    const double n = floor(seconds / each);
    return n < RUN_LEAST ? RUN_LEAST : n > RUN_MOST ? RUN_MOST : (size_t)n;
}

static double as_share(double log_ratio)
{
    return expm1(log_ratio);
}

static double ab_log(double deviation, size_t pairs)
{
    return stats_detectable(deviation / sqrt((double)pairs), pairs - 1);
}

static void set_ab(struct effect *e, const struct probe *p, int kind)
{
    double ratio[PROBE_PAIRS];
    for (size_t i = 0; i < p->pairs; i++) ratio[i] = p->ratio[i][kind];
    const double deviation = stats_deviation(ratio, p->pairs);
    const double alone = sqrt(1.0 + 1.0 / (double)p->pairs);
    e->ab = as_share(ab_log(deviation, e->pairs));
    e->ab_most = as_share(ab_log(deviation * stats_deviation_most(p->pairs - 1), e->pairs));
    e->floor = as_share(stats_student(p->pairs - 1) * deviation * alone);
}

/* The spread of processes within each half, and how far the halves are apart beyond what that explains. */
static void set_compare(struct effect *e, const struct probe *p, int kind)
{
    double half[2][2 * PROBE_PAIRS], variance = 0.0;
    struct interval middle[2];
    size_t n[2] = {0, 0};
    for (size_t i = 0; i < p->pairs; i++)
        for (int s = 0; s < 2; s++) {
            const int h = i >= p->pairs / 2;
            half[h][n[h]++] = p->time[i][s][kind];
        }
    const size_t freedom = n[0] + n[1] - 2;
    for (int h = 0; h < 2; h++) {
        const double deviation = stats_deviation(half[h], n[h]);
        middle[h] = stats_mean(half[h], n[h]);
        variance += deviation * deviation * (double)(n[h] - 1) / (double)freedom;
    }
    const double apart = middle[1].at - middle[0].at;
    const double chance = variance * (1.0 / (double)n[0] + 1.0 / (double)n[1]);
    const double drift = sqrt(fmax(apart * apart - chance, 0.0));
    const double error = sqrt(2.0 * variance / (double)e->processes);
    const double spread = stats_detectable(error, 2 * e->processes - 2);
    e->drift = as_share(drift);
    e->compare = as_share(spread + drift);
    e->compare_most = as_share(spread * stats_deviation_most(freedom) + drift);
}

/* A longer run has more pairs. */
static double minutes_for(double wanted, const struct effect *e, double pair_seconds)
{
    const double each = pair_seconds * RUN_ROWS / 60.0;
    const double deviation = log1p(e->ab) / ab_log(1.0, e->pairs);
    for (size_t n = RUN_LEAST; (double)n * each <= DAY_MINUTES; n += 1 + n / 16)
        if (as_share(ab_log(deviation, n)) <= wanted) return (double)n * each;
    return INFINITY;
}

struct effect effect_of(const struct probe *p, enum probe_kind kind, double min_effect)
{
    const struct probe_counts *c = &p->counts[kind];
    const double pair_seconds = p->seconds / (double)p->pairs / probe_kinds();
    const double row_seconds = (double)RUN_SECONDS / RUN_ROWS;
    struct effect e = {.pairs = fitting(row_seconds, pair_seconds),
                       .processes = fitting(row_seconds, 0.5 * pair_seconds),
                       .retaken = c->retaken / (c->kept + c->retaken),
                       .disturbed = c->disturbed / c->kept};
    set_ab(&e, p, (int)kind);
    set_compare(&e, p, (int)kind);
    e.minutes = minutes_for(min_effect, &e, pair_seconds);
    return e;
}
