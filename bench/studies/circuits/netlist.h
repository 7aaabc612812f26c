/* netlist: a Boolean circuit as the tools of logic synthesis write it: BLIF, ISCAS's bench format, AIGER.
 *
 * Registers are cut: what one holds is an input behind the others, what it takes an output behind the others.
 * netlist_value() says what a netlist means without any of the circuit's code, 64 vectors at a time.
 *
 * Sources: "Berkeley Logic Interchange Format (BLIF)", UC Berkeley, 1992; Brglez, Fujiwara, "A neutral netlist of 10
 * combinational benchmark circuits", ISCAS 1985; Biere, "The AIGER And-Inverter Graph (AIG) format", 2007.
 */
#ifndef CIRCUITS_NETLIST_H
#define CIRCUITS_NETLIST_H

#include "studies/circuits/circuit.h"
#include "studies/circuits/symbols.h"

enum node_kind {
    NODE_NONE, /* named, but nothing says what it is */
    NODE_INPUT,
    NODE_AND, /* of nothing: 1 */
    NODE_OR,
    NODE_XOR,
    NODE_COVER /* 1 where one of its cubes fits: a 0, 1 or - for each operand */
};

/* A signal, or its complement. */
static inline uint32_t literal(uint32_t signal, bool inverted)
{
    return 2 * signal + inverted;
}

struct node {
    enum node_kind kind;
    bool inverted;
    uint32_t count;     /* operands */
    size_t first;       /* of them, in netlist.operands: literals */
    size_t cube, cubes; /* the first, in netlist.cubes; how many */
    size_t line;        /* of the file; 0: none */
};

struct netlist {
    const char *file;
    struct symbols names; /* a signal is a name's number; AIGER: a variable's, without names */
    struct list nodes;    /* struct node, of each signal */
    struct list operands; /* uint32_t: literals */
    struct list cubes;    /* char */
    struct list inputs, outputs; /* uint32_t: signals; literals */
    struct list held, taken; /* of registers: what they hold, a signal; what they take, a literal */
    uint32_t *order;         /* of all signals, each behind its operands */
    size_t latches;
};

/* By the file's name: .blif, .bench, .aag, .aig. */
bool netlist_is(const char *path);
/* STATUS_DATA names file and line, STATUS_NO_INPUT the file. Then there is nothing to close. */
enum status netlist_read(struct netlist *n, const char *path);
void netlist_close(struct netlist *n);

/* in and out: a word of 64 vectors for each input and output. value has room for every signal. */
void netlist_value(const struct netlist *n, const uint64_t *in, uint64_t *out, uint64_t *value);
/* Into an open, empty circuit. */
void netlist_circuit(const struct netlist *n, struct circuit *c);

static inline struct node *node_at(const struct netlist *n, size_t signal)
{
    return (struct node *)n->nodes.at + signal;
}
/* NULL: it has none. */
static inline const uint32_t *node_operands(const struct netlist *n, const struct node *node)
{
    return node->count ? (const uint32_t *)n->operands.at + node->first : NULL;
}
static inline const char *node_cubes(const struct netlist *n, const struct node *node)
{
    return node->cubes ? (const char *)n->cubes.at + node->cube : NULL;
}

/* ---- for the readers of the formats */

enum status netlist_blif(struct netlist *n, char *text);
enum status netlist_bench(struct netlist *n, char *text);
enum status netlist_aiger(struct netlist *n, const char *text, size_t size);

__attribute__((format(printf, 3, 4))) enum status
netlist_wrong(const struct netlist *n, size_t line, const char *format, ...);
enum status netlist_no_memory(const struct netlist *n);
/* The signal of that name, with a node. */
enum status netlist_signal(struct netlist *n, const char *name, size_t length, uint32_t *signal);
/* What it is: an error where that has been said before. Operands follow by netlist_operand(). */
enum status netlist_define(struct netlist *n, uint32_t signal, enum node_kind kind, bool inverted,
                           size_t line);
enum status netlist_operand(struct netlist *n, uint32_t signal, uint32_t literal);
/* Onto one of the lists of uint32_t. */
enum status netlist_put(struct netlist *n, struct list *list, uint32_t x);

#endif
