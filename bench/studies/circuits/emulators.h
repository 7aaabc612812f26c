/* emulators: each gate as ReLUs: affine gates cost no neuron, the others those of the table in README.md. */
#ifndef CIRCUITS_EMULATORS_H
#define CIRCUITS_EMULATORS_H

#include "studies/circuits/affine.h"

/* The form of the gate's value, equal to gate_value() for all operands within their ranges. in: forms of the
 * operands. Not for GATE_INPUT. Where f->over is set afterwards, a sum went beyond the format, and the form is of
 * no use. */
size_t emulate(struct affines *f, const struct gate_view *g, const size_t *in);

#endif
