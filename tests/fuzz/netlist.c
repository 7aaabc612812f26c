/* Netlists in the format that FUZZ_NAME ends in: as a circuit they compute what netlist_value() says. */
#include <stdlib.h>

#include "fuzz.h"
#include "network.h"
#include "studies/circuits/netlist.h"

/* Two of the vectors: bits 0 and 1 of each word. */
static void insist_same(const struct netlist *n, const struct circuit *c)
{
    uint64_t *in = fuzz_room(n->inputs.count, sizeof *in),
             *out = fuzz_room(n->outputs.count, sizeof *out);
    uint64_t *word = fuzz_room(n->nodes.count, sizeof *word);
    int64_t *x = fuzz_room(n->inputs.count, sizeof *x), *y = fuzz_room(n->outputs.count, sizeof *y);
    int64_t *value = fuzz_room(c->gates.count, sizeof *value);
    for (size_t i = 0; i < n->inputs.count; i++) in[i] = i * 0x9e3779b97f4a7c15u >> 7;
    netlist_value(n, in, out, word);
    for (int bit = 0; bit < 2; bit++) {
        for (size_t i = 0; i < n->inputs.count; i++) x[i] = (int64_t)(in[i] >> bit & 1u);
        fuzz_insist(circuit_value(c, x, y, value) == STATUS_OK, "bits are in range");
        for (size_t i = 0; i < n->outputs.count; i++)
            fuzz_insist(y[i] == (int64_t)(out[i] >> bit & 1u), "the netlist's output");
    }
    fuzz_network(c, x);
    free(in);
    free(out);
    free(word);
    free(x);
    free(y);
    free(value);
}

void fuzz_one(const char *data, size_t size)
{
    const char *path = fuzz_file(FUZZ_NAME, data, size);
    struct netlist netlist;
    struct circuit circuit;
    enum status status = netlist_read(&netlist, path);
    if (status != STATUS_OK) {
        fuzz_insist_sentence(status, path);
        return;
    }
    circuit_open(&circuit, path);
    netlist_circuit(&netlist, &circuit);
    status = circuit_ready(&circuit);
    if (status == STATUS_OK) insist_same(&netlist, &circuit);
    if (status != STATUS_OK) fuzz_insist_sentence(status, path);
    circuit_close(&circuit);
    netlist_close(&netlist);
}
