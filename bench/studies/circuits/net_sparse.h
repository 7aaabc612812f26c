/* net_sparse: a network on the room sparse_relu_fwd, many inputs at once.
 *
 * A panel of inputs goes through all layers before the next one starts: what lies between two layers is a panel
 * wide, and stays in a cache near the core.
 */
#ifndef CIRCUITS_NET_SPARSE_H
#define CIRCUITS_NET_SPARSE_H

#include "base/arena.h"
#include "kernel.h"
#include "studies/circuits/relu_net.h"

struct net_sparse {
    const struct relu_net *net;
    size_t panel; /* inputs */
    int threads;
    size_t room; /* floats of each thread */
    struct arena arena;
};

/* panel 0: as many inputs as half of a MiB holds of the widest layers, 16 to 128. STATUS_OS where memory is short. */
enum status net_sparse_open(struct net_sparse *s, const struct relu_net *net, size_t panel,
                            int threads);
void net_sparse_close(struct net_sparse *s);

/* src is inputs x m, dst outputs x m, rows without gaps. The same words for any panel and number of threads. */
void net_sparse_exec(const struct net_sparse *s, const struct kernel_set *set, const float *src,
                     float *dst, size_t m);

#endif
