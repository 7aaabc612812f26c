#include "network.h"

#include <stdlib.h>

#include "fuzz.h"
#include "studies/circuits/compiler.h"

enum { GATES_MOST = 256, UNITS_MOST = 4096, ENTRIES_MOST = 4096 };

/* One input through a network, against the circuit's outputs. */
static void insist_equal(const struct relu_net *net, const int64_t *in, const int64_t *want)
{
    double *x = fuzz_room(net->inputs, sizeof *x), *y = fuzz_room(net->outputs, sizeof *y);
    double *h = fuzz_room(net_units(net), sizeof *h);
    for (size_t i = 0; i < net->inputs; i++) x[i] = (double)in[i];
    relu_net_f64(net, x, y, h);
    for (size_t i = 0; i < net->outputs; i++)
        fuzz_insist(!(y[i] < (double)want[i]) && !(y[i] > (double)want[i]), "the network's output");
    free(x);
    free(y);
    free(h);
}

static void insist_compiled(const struct circuit *c, const int64_t *in, const int64_t *want)
{
    for (int skip = 0; skip < 2; skip++) {
        struct relu_net net;
        const struct compile_plan plan = {.skip = skip != 0};
        const enum status status = compile(&net, c, &plan);
        if (status != STATUS_OK) {
            fuzz_insist(status == STATUS_DATA || status == STATUS_OS, "why it has no network");
            fuzz_insist_plain(status_text());
            continue;
        }
        if (net_units(&net) <= UNITS_MOST) insist_equal(&net, in, want);
        relu_net_close(&net);
    }
}

void fuzz_network(const struct circuit *c, const int64_t *in)
{
    int64_t *out = fuzz_room(c->outputs.count, sizeof *out),
            *value = fuzz_room(c->gates.count, sizeof *value);
    const bool small = c->gates.count <= GATES_MOST && c->tables.count <= ENTRIES_MOST;
    if (circuit_value(c, in, out, value) == STATUS_OK) {
        for (size_t g = 0; g < c->gates.count; g++) {
            const struct range r = circuit_at(c, g)->range;
            fuzz_insist(value[g] >= r.lo && value[g] <= r.hi, "a gate within its range");
        }
        if (small) insist_compiled(c, in, out);
    }
    free(out);
    free(value);
}
