/* exact: a network of a circuit beside what an integer program says of its inputs, to which each way to run it is held, word
 * for word. */
#ifndef CIRCUITS_EXACT_H
#define CIRCUITS_EXACT_H

#include "check/judge.h"
#include "studies/circuits/net_dense.h"
#include "studies/circuits/relu_net.h"

enum { EXACT_NETWORKS = 12 };

struct exact {
    char name[96];
    size_t m, outputs;
    struct relu_net net, skip;
    struct net_dense dense;
    float *src, *want, *got; /* an input a column */
    struct finding finding;
};

/* "circuit/NETWORK/n:SIZE", of network i. */
void exact_name(size_t i, char text[96]);
enum status exact_open(struct exact *x, size_t i, uint64_t seed);
void exact_close(struct exact *x);

/* By non-zeros, layer by layer and as full matrices, on each of these numbers of threads. False with x->finding filled. */
bool exact_right(struct exact *x, const struct kernel_set *set, const int *threads, size_t count);
/* As the full matrices d alone; set is NULL for oneDNN's. */
bool exact_dense_right(struct exact *x, struct net_dense *d, const struct kernel_set *set,
                       int threads);

#endif
