/* Circuits as text: their gates stay within their ranges, and their networks compute the same. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "network.h"
#include "studies/circuits/circuit_text.h"

/* The least value of each input, the greatest, and both in turns. */
static void try_inputs(const struct circuit *c)
{
    int64_t *in = fuzz_room(c->inputs.count, sizeof *in);
    for (size_t way = 0; way < 3; way++) {
        for (size_t i = 0; i < c->inputs.count; i++) {
            const struct range r = circuit_at(c, ((const uint32_t *)c->inputs.at)[i])->range;
            in[i] = way == 0 || (way == 2 && i % 2) ? r.lo : r.hi;
        }
        fuzz_network(c, in);
    }
    free(in);
}

void fuzz_one(const char *data, size_t size)
{
    struct circuit circuit;
    char *text = fuzz_room(size, 1);
    memcpy(text, data, size);
    circuit_open(&circuit, FUZZ_NAME);
    const enum status status = circuit_parse(&circuit, text);
    if (status == STATUS_OK)
        try_inputs(&circuit);
    else
        fuzz_insist_sentence(status, FUZZ_NAME);
    circuit_close(&circuit);
    free(text);
}
