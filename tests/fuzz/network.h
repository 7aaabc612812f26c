/* network: a circuit that was read from a file, as what it is for. */
#ifndef FUZZ_NETWORK_H
#define FUZZ_NETWORK_H

#include "studies/circuits/circuit.h"

/* Insists that both of its networks, where they are small, compute what the circuit does; in: a value of each input's
 * range. */
void fuzz_network(const struct circuit *c, const int64_t *in);

#endif
