/* compiler: a circuit as a ReLU network that computes exactly what the circuit does.
 *
 * Gate by gate, each operand is lifted to the level of the latest one, and the gate's emulator makes neurons on the
 * next. What is lifted is lifted once. Only what an output depends on is kept.
 *
 * Source: the meta-algorithm of Kratsios, Zvigelsky, Hart, arXiv 2508.18526, as derived in README.md.
 */
#ifndef CIRCUITS_COMPILER_H
#define CIRCUITS_COMPILER_H

#include "studies/circuits/affine.h"
#include "studies/circuits/circuit.h"
#include "studies/circuits/relu_net.h"

struct compile_plan {
    bool skip;
    const struct number_format *format; /* NULL: f32 */
};

/* STATUS_DATA names the gate whose sums the format cannot hold exactly, after its operands have had a level of
 * their own; STATUS_OS where memory is short. Then there is nothing to close. */
enum status compile(struct relu_net *net, const struct circuit *c, const struct compile_plan *plan);

#endif
