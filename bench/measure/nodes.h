/* nodes: machines that should be alike, the nodes of a cluster, each held to the median of all.
 *
 * Of each row the median of the nodes' times; a node's speed is the geometric mean over rows of that median over its own
 * time, with a 95 % interval over rows. How far nodes of this cluster lie apart is told by 1.4826 times the median absolute
 * deviation of their log speeds, which the few that are off do not move. A node stands out where
 *
 *   its log speed is off the median of the nodes by more than nodes_limit() such spreads,
 *   that is by more than NODES_LEAST,
 *   and its interval over rows, where there are two rows or more, lies wholly on that side of 1.
 *
 * The limit is such that of n nodes with normal log speeds one is beyond it in one cluster of twenty (Davies and Gather,
 * "The identification of multiple outliers", Journal of the American Statistical Association 88, 1993): it is found by
 * simulation, and tests/test_nodes.c simulates it again. Of two nodes neither can be said to be off.
 */
#ifndef MEASURE_NODES_H
#define MEASURE_NODES_H

#include "base/status.h"
#include "measure/stats.h"

enum node_stand { NODE_WITH_OTHERS, NODE_SLOW, NODE_FAST };
#define NODES_LEAST 0.02

struct node {
    struct interval speed; /* > 1: faster than the median */
    double off;            /* of its log speed from the median of all, in spreads */
    enum node_stand stand;
};

struct nodes {
    struct node *at;
    size_t count, rows, out; /* out: that stand out */
    size_t middle;           /* the one nearest to the median */
    double spread, limit;    /* a log; in spreads */
};

/* ns[row * count + node]: times, all positive. STATUS_OS; nodes_free() in any case. */
enum status nodes_judge(struct nodes *nodes, const double *ns, size_t rows, size_t count);
void nodes_free(struct nodes *nodes);

/* Their numbers, the slowest first: to be freed; NULL without memory. */
size_t *nodes_order(const struct nodes *nodes);

/* In spreads, of at least three nodes. */
double nodes_limit(size_t count);
const char *node_stand_name(enum node_stand stand);
/* The rule above with this cluster's figures, in one sentence on lines of 100 columns. */
const char *nodes_rule(const struct nodes *nodes, char text[512]);

#endif
