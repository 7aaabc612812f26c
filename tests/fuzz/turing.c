/* Tables of Turing machines: as a circuit they do the steps that turing_run() does. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "network.h"
#include "studies/circuits/turing.h"

enum { WIRES_MOST = 512, STEPS_MOST = 8 };

static void insist_steps(const struct turing *m)
{
    static int64_t in[WIRES_MOST], want[WIRES_MOST], out[WIRES_MOST];
    struct circuit c;
    unsigned char *tape = fuzz_room(m->cells, 1);
    size_t head = m->head, state = m->start;
    memcpy(tape, m->tape, m->cells);
    turing_encode(m, tape, head, state, in);
    turing_run(m, tape, &head, &state);
    turing_encode(m, tape, head, state, want);
    free(tape);
    circuit_open(&c, m->file);
    turing_circuit(m, &c);
    fuzz_insist(circuit_ready(&c) == STATUS_OK, "a machine has a circuit");
    int64_t *value = fuzz_room(c.gates.count, sizeof *value);
    fuzz_insist(circuit_value(&c, in, out, value) == STATUS_OK, "the circuit's values");
    fuzz_insist(memcmp(out, want, turing_wires(m) * sizeof *out) == 0, "the machine's steps");
    free(value);
    fuzz_network(&c, in);
    circuit_close(&c);
}

void fuzz_one(const char *data, size_t size)
{
    const char *path = fuzz_file(FUZZ_NAME, data, size);
    struct turing machine;
    const enum status status = turing_read(&machine, path);
    if (status != STATUS_OK) {
        fuzz_insist_sentence(status, path);
        return;
    }
    if (turing_wires(&machine) <= WIRES_MOST && machine.steps <= STEPS_MOST) insist_steps(&machine);
    turing_close(&machine);
}
