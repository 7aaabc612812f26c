/* trial: an application tried: compiled in both forms, run on every lane and every route, each output held to its
 * judge's word by word, and timed. */
#ifndef CIRCUITS_TRIAL_H
#define CIRCUITS_TRIAL_H

#include "kernel.h"
#include "studies/circuits/app.h"
#include "studies/circuits/relu_net.h"

/* How a network runs: layered by its non-zeros, the form with skip connections likewise, layered as full matrices
 * on our kernels and on oneDNN's. */
enum route { ROUTE_SPARSE, ROUTE_SKIP, ROUTE_DENSE, ROUTE_TWIN, ROUTES };

struct trial_plan {
    int threads;             /* of what is checked; what is timed has one */
    size_t cases;            /* at most; 0: all that the application has */
    double flops;            /* that the full matrices may take, a lane; fewer cases run there */
    double bytes;            /* that they may take; above, they are left out */
    size_t rounds;           /* of timing; 0: none */
    bool (*stop)(void *ctx); /* asked between batches; NULL: never */
    void *ctx;
};

struct trial {
    struct net_size size, skip_size;
    size_t depth, inputs, outputs, circuit_gates;
    double dense_weights; /* numbers of the full matrices */
    size_t compared[ROUTES][ISA_COUNT],
        wrong[ROUTES][ISA_COUNT]; /* outputs; oneDNN's stand at lane 0 */
    double ns[ROUTES]
             [ISA_COUNT]; /* median of one evaluation in a batch of TRIAL_BATCH; NaN: not timed */
    bool stopped;
};
enum { TRIAL_BATCH = 256 };

/* A failure names the application. */
enum status trial_run(struct trial *t, const struct app *a, const struct trial_plan *plan);

/* Over routes and lanes. */
size_t trial_compared(const struct trial *t);
size_t trial_wrong(const struct trial *t);

#endif
