/* nodes: how often chance makes a node stand out, and whether one that is slow does. Deterministic. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "measure/nodes.h"

enum { NODES = 64, ROWS = 20 };
static int failures;

static void is(const char *what, bool truth)
{
    if (truth) return;
    fprintf(stderr, "not so: %s\n", what);
    failures++;
}

static uint64_t state = 20240229;
static double uniform(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
    return ((double)(state >> 11) + 0.5) * 0x1p-53;
}
static double normal(void)
{
    return sqrt(-2.0 * log(uniform())) * cos(6.283185307179586 * uniform());
}

static struct nodes judged(const double *ns, size_t rows, size_t count)
{
    struct nodes n;
    is("there is memory", nodes_judge(&n, ns, rows, count) == STATUS_OK);
    return n;
}

/* Equal nodes, whose noise is far above what matters: at most one cluster of twenty has one that stands out, +4 standard
 * deviations of the count, and not much less, or the limit would hide what is slow. */
static void chance(size_t count)
{
    enum { CLUSTERS = 2000, MOST = 139, LEAST = 40 };
    double ns[NODES];
    int alarms = 0;
    for (int c = 0; c < CLUSTERS; c++) {
        for (size_t i = 0; i < count; i++) ns[i] = 100.0 * exp(0.5 * normal());
        struct nodes n = judged(ns, 1, count);
        alarms += n.out > 0;
        nodes_free(&n);
    }
    printf("%zu nodes: %d of %d clusters have one that stands out\n", count, alarms, CLUSTERS);
    is("one cluster of twenty by chance", alarms <= MOST && alarms >= LEAST);
}

/* Nodes 0.5 % apart, rows with 1 % of their own; node `planted` takes `factor` times as long. */
static void fill(double *ns, size_t count, size_t planted, double factor)
{
    double node[NODES];
    for (size_t i = 0; i < count; i++) node[i] = 0.005 * normal();
    for (size_t r = 0; r < ROWS; r++)
        for (size_t i = 0; i < count; i++)
            ns[r * count + i] = 100.0 * (double)(r + 1) * exp(node[i] + 0.01 * normal()) *
                                (i == planted ? factor : 1.0);
}

static void planted(size_t count, double factor, enum node_stand stand)
{
    enum { CLUSTERS = 100, LEAST = 95, OTHERS = 10 };
    double ns[NODES * ROWS];
    int found = 0, others = 0;
    for (int c = 0; c < CLUSTERS; c++) {
        fill(ns, count, count / 2, factor);
        struct nodes n = judged(ns, ROWS, count);
        found += n.at[count / 2].stand == stand;
        others += n.out > (n.at[count / 2].stand != NODE_WITH_OTHERS);
        nodes_free(&n);
    }
    printf("%zu nodes, one %g times as slow: found %d times of %d, others %d\n", count, factor,
           found, CLUSTERS, others);
    is("the planted node stands out", found >= LEAST);
    is("and no other", others <= OTHERS);
}

static void known(void)
{
    /* 3 of 4 the same: no spread at all. */
    const double ns[] = {10.0, 10.0, 10.0, 12.5, 20.0, 20.0, 20.0, 25.0};
    struct nodes n = judged(ns, 2, 4);
    is("1.25 times the time is 0.8 of the speed", fabs(n.at[3].speed.at - 0.8) < 1e-12);
    is("the others have the median's", n.at[0].speed.at == 1.0 && n.at[0].off == 0.0);
    is("slow beyond any spread", n.at[3].stand == NODE_SLOW && isinf(n.at[3].off) && n.out == 1);
    is("the middle one is none that is off", n.middle != 3);
    nodes_free(&n);
    const double near[] = {10.0, 10.0, 10.0, 10.15};
    n = judged(near, 1, 4);
    is("less than matters", n.out == 0);
    nodes_free(&n);
    n = judged(ns, 4, 2);
    is("of two neither", n.out == 0 && isinf(n.limit));
    nodes_free(&n);
    /* Slow in one row of three and fast in another: its interval holds 1. */
    const double mixed[] = {10, 10, 10, 10, 30, 10, 10, 10, 10, 4, 10, 10, 10, 10, 10};
    n = judged(mixed, 3, 5);
    is("not off in all rows", n.at[4].stand == NODE_WITH_OTHERS);
    nodes_free(&n);
    for (size_t i = 3; i < 199; i++) is("limits fall", nodes_limit(i + 1) <= nodes_limit(i));
}

int main(void)
{
    static const size_t counts[] = {3, 4, 5, 6, 7, 8, 9, 11, 12, 15, 20, 30, 64};
    known();
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) chance(counts[i]);
    planted(5, 1.2, NODE_SLOW);
    planted(12, 1.06, NODE_SLOW);
    planted(12, 0.94, NODE_FAST);
    planted(64, 1.04, NODE_SLOW);
    printf("%d failures\n", failures);
    return failures != 0;
}
