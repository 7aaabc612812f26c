/* gates: what a circuit is made of: for each kind its name, its operands, its integer meaning and its range.
 *
 * A wire holds an integer. A bit is a wire from 0 to 1. What a gate means is said here alone and without ReLUs:
 * emulators.c says it once more, as neurons.
 */
#ifndef CIRCUITS_GATES_H
#define CIRCUITS_GATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* a, b: the gate's parameters; x, y, z: its operands. */
enum gate_kind {
    GATE_INPUT,  /* from a to b */
    GATE_CONST,  /* a */
    GATE_LINEAR, /* a x + b; NOT is -x + 1 */
    GATE_SUM,    /* of all operands */
    GATE_SUB,    /* x - y */
    GATE_WITHIN, /* x, which is known to be from a to b */
    GATE_RELU,   /* max(x, 0); of a bit: the bit in a neuron of its own */
    GATE_AND,    /* of bits, like all down to GATE_BERNOULLI */
    GATE_OR,
    GATE_NAND,
    GATE_NOR,
    GATE_XOR, /* parity */
    GATE_XNOR,
    GATE_ANDN,      /* x and not y */
    GATE_MUX,       /* x ? y : z */
    GATE_THRESHOLD, /* at least a of the operands are 1 */
    GATE_TRUTH,     /* bit (x + 2 y + 4 z + ..) of a: up to six operands */
    GATE_BERNOULLI, /* x + 2 y + 4 z + .. < a: of fair bits a Bernoulli bit */
    GATE_MIN,
    GATE_MAX,
    GATE_ABS,
    GATE_GE, /* x >= y, a bit, like the next three */
    GATE_GT,
    GATE_EQ,
    GATE_NE,
    GATE_WHEN,    /* x ? y : 0, x a bit */
    GATE_SELECT,  /* x ? y : z */
    GATE_ADDMOD,  /* (x + y) mod a, both from 0 to a - 1 */
    GATE_SUBMOD,  /* (x - y) mod a */
    GATE_WRAP,    /* x as the two's complement of a bits has it, x less than one turn outside */
    GATE_PRODUCT, /* x y, both from 0, in one layer */
    GATE_TABLE,   /* entry x of b from a on in the circuit's tables */
    GATE_KINDS
};

/* No wire goes beyond, so that sums of a few never overflow an int64_t. */
#define GATE_MOST ((int64_t)1 << 53)

enum { GATE_ANY = 0x7fffffff, GATE_TRUTH_MOST = 6 };

struct gate_rule {
    const char *name;
    int least, most; /* operands */
    bool of_bits;    /* all of them must be */
    bool first_bit;  /* the first must be */
};
const struct gate_rule *gate_rule(enum gate_kind kind);

struct range {
    int64_t lo, hi;
};
static inline bool range_is_bit(struct range r)
{
    return r.lo >= 0 && r.hi <= 1;
}

/* What a gate is, for the functions here. */
struct gate_view {
    enum gate_kind kind;
    int64_t a, b;
    size_t count;
    const int64_t *table; /* of GATE_TABLE: its first entry */
};

/* The range of the gate's value; STATUS_DATA and what is wrong with its operands or parameters, without the gate's
 * name. */
enum status gate_range(const struct gate_view *g, const struct range *in, struct range *out);

/* The gate's value; operands are within the ranges that gate_range() took. */
int64_t gate_value(const struct gate_view *g, const int64_t *in);

#endif
