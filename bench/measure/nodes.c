#include "measure/nodes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEED = 1 };
static const double NORMAL = 1.4826; /* deviations of normal draws in one of their median */

double nodes_limit(size_t count)
{
    /* From so many nodes on; between two, the most of any. */
    static const struct {
        size_t from;
        double limit;
    } at[] = {{3, 22.1},  {4, 7.94}, {6, 5.83},  {8, 5.09}, {10, 4.75},
              {12, 4.47}, {15, 4.3}, {20, 4.05}, {30, 3.9}, {200, 4.1}};
    double limit = INFINITY;
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        if (count >= at[i].from) limit = at[i].limit;
    return limit;
}

const char *node_stand_name(enum node_stand stand)
{
    static const char *const name[] = {"with the others", "slow", "fast"};
    return name[stand];
}

const char *nodes_rule(const struct nodes *n, char text[512])
{
    if (n->count < 3)
        snprintf(text, 512, "Of two nodes neither can be said to be off");
    else
        snprintf(
            text, 512,
            "A node stands out that is off the median of the %zu by more than %.3g times their "
            "spread (%.2g %%, 1.4826\ntimes the median absolute deviation of their log "
            "speeds), by more than %.0f %%, and with its interval:\nchance does that in one "
            "cluster of twenty",
            n->count, n->limit, 100.0 * n->spread, 100.0 * NODES_LEAST);
    return text;
}

static enum node_stand stand_of(const struct nodes *n, const struct node *node, double center)
{
    const double x = log(node->speed.at) - center, least = log1p(NODES_LEAST);
    if (fabs(x) <= least || fabs(x) <= n->limit * n->spread) return NODE_WITH_OTHERS;
    if (n->rows > 1 && node->speed.lo <= 1.0 && node->speed.hi >= 1.0) return NODE_WITH_OTHERS;
    return x < 0.0 ? NODE_SLOW : NODE_FAST;
}

/* Each node's speed; room for `rows` + `count` numbers. */
static void measure(struct nodes *n, const double *ns, double *room)
{
    double *median = room + n->count;
    for (size_t r = 0; r < n->rows; r++) median[r] = stats_median(ns + r * n->count, n->count);
    double *ratio = median + n->rows;
    for (size_t i = 0; i < n->count; i++) {
        for (size_t r = 0; r < n->rows; r++) ratio[r] = median[r] / ns[r * n->count + i];
        n->at[i].speed = stats_geomean(ratio, n->rows, SEED);
        if (n->rows == 1) n->at[i].speed.lo = n->at[i].speed.hi = NAN;
    }
}

enum status nodes_judge(struct nodes *n, const double *ns, size_t rows, size_t count)
{
    double *room = malloc((count + 2 * rows) * sizeof *room);
    *n = (struct nodes){.at = calloc(count, sizeof *n->at),
                        .count = count,
                        .rows = rows,
                        .limit = nodes_limit(count)};
    if (!room || !n->at) {
        free(room);
        return fail(STATUS_OS, "no memory for %zu nodes", count);
    }
    measure(n, ns, room);
    for (size_t i = 0; i < count; i++) room[i] = log(n->at[i].speed.at);
    const double center = stats_median(room, count);
    n->spread = NORMAL * stats_mad_about(room, count, center);
    for (size_t i = 0; i < count; i++) {
        struct node *node = &n->at[i];
        const double x = room[i] - center;
        node->off = n->spread > 0.0 ? x / n->spread : x == 0.0 ? 0.0 : copysign(INFINITY, x);
        node->stand = count < 3 ? NODE_WITH_OTHERS : stand_of(n, node, center);
        n->out += node->stand != NODE_WITH_OTHERS;
        if (fabs(x) < fabs(room[n->middle] - center)) n->middle = i;
    }
    free(room);
    return STATUS_OK;
}

static const struct node *sorted; /* qsort has no context */

static int slowest_first(const void *a, const void *b)
{
    const size_t i = *(const size_t *)a, j = *(const size_t *)b;
    const double x = sorted[i].speed.at, y = sorted[j].speed.at;
    return x != y ? (x > y) - (x < y) : (i > j) - (i < j);
}

size_t *nodes_order(const struct nodes *n)
{
    size_t *order = malloc((n->count + 1) * sizeof *order);
    for (size_t i = 0; order && i < n->count; i++) order[i] = i;
    sorted = n->at;
    if (order) qsort(order, n->count, sizeof *order, slowest_first);
    return order;
}

void nodes_free(struct nodes *n)
{
    free(n->at);
    *n = (struct nodes){0};
}
