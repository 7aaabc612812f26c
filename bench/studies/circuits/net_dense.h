/* net_dense: a network with all its zeros, layer by layer as full matrices: on the room dense_fwd, or as oneDNN's
 * layers.
 *
 * Of the layered form alone. An input is a row.
 */
#ifndef CIRCUITS_NET_DENSE_H
#define CIRCUITS_NET_DENSE_H

#include "base/arena.h"
#include "kernel.h"
#include "studies/circuits/relu_net.h"
#include "twin.h"

struct net_dense {
    const struct relu_net *net;
    int threads;
    size_t m;
    struct arena arena;
    float *src, *dst; /* m x inputs, to be filled; m x outputs */
    float *h[2];      /* two layers that take turns */
    float **w;        /* of each layer: packed, or plain for oneDNN */
    struct twin_run **twin;
};

/* What it would take. */
double net_dense_bytes(const struct relu_net *net, size_t m);

/* For m inputs at a time, as oneDNN's layers or ours. STATUS_OS where memory is short, STATUS_UNAVAILABLE where
 * oneDNN has no such layers or is not here. Then there is nothing to close. */
enum status net_dense_open(struct net_dense *d, const struct relu_net *net, bool twin, size_t m,
                           int threads);
void net_dense_close(struct net_dense *d);
/* set plays no part for oneDNN. */
void net_dense_exec(const struct net_dense *d, const struct kernel_set *set);

#endif
