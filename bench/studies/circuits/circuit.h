/* circuit: a directed graph of gates without cycles, built gate by gate: a gate's operands are there before it.
 *
 * The functions that build return the new gate's number, which is its wire. The first failure is kept in `status`,
 * with status_text()'s sentence naming the gate; from then on they do nothing, so that only circuit_ready() has to
 * be looked at.
 */
#ifndef CIRCUITS_CIRCUIT_H
#define CIRCUITS_CIRCUIT_H

#include "studies/circuits/gates.h"

struct gate {
    enum gate_kind kind;
    uint32_t count; /* operands */
    size_t first;   /* of them, in circuit.operand */
    int64_t a, b;   /* as gates.h says */
    struct range range;
    size_t name; /* in circuit.names; 0: none */
    size_t line; /* of the file that it is from; 0: none */
};

/* An array that grows. */
struct list {
    void *at;
    size_t count, room;
};

struct circuit {
    const char *file; /* that it is from; NULL: none. Outlives the circuit */
    struct list gates, operands, tables, names, inputs, outputs;
    size_t next_name, next_line; /* what circuit_call() said */
    enum status status;
};

/* Room for `count` elements more, which it returns; NULL where memory is short. The caller writes them. */
void *list_add(struct list *list, size_t count, size_t size);
void list_free(struct list *list);

void circuit_open(struct circuit *c, const char *file);
void circuit_close(struct circuit *c);
/* STATUS_OK, or the first failure; also where there is no output. */
enum status circuit_ready(const struct circuit *c);

uint32_t circuit_gate(struct circuit *c, const struct gate_view *g, const uint32_t *in);
uint32_t circuit_input(struct circuit *c, int64_t lo, int64_t hi);
uint32_t circuit_const(struct circuit *c, int64_t value);
uint32_t circuit_linear(struct circuit *c, int64_t a, uint32_t x, int64_t b);
/* Gates without parameters. */
uint32_t circuit_of(struct circuit *c, enum gate_kind kind, size_t count, const uint32_t *in);
uint32_t circuit_1(struct circuit *c, enum gate_kind kind, uint32_t x);
uint32_t circuit_2(struct circuit *c, enum gate_kind kind, uint32_t x, uint32_t y);
uint32_t circuit_3(struct circuit *c, enum gate_kind kind, uint32_t x, uint32_t y, uint32_t z);
/* With one. */
uint32_t circuit_with(struct circuit *c, enum gate_kind kind, int64_t a, size_t count,
                      const uint32_t *in);
uint32_t circuit_within(struct circuit *c, uint32_t x, int64_t lo, int64_t hi);
uint32_t circuit_table(struct circuit *c, uint32_t x, const int64_t *entries, size_t count);
static inline uint32_t circuit_not(struct circuit *c, uint32_t x)
{
    return circuit_linear(c, -1, x, 1);
}
void circuit_output(struct circuit *c, uint32_t wire);

/* What the next gate is called, and where it stands; name may be NULL. */
void circuit_call(struct circuit *c, const char *name, size_t line);

static inline const struct gate *circuit_at(const struct circuit *c, size_t wire)
{
    return (const struct gate *)c->gates.at + wire;
}
static inline const uint32_t *circuit_operands(const struct circuit *c, const struct gate *g)
{
    return (const uint32_t *)c->operands.at + g->first;
}
struct gate_view circuit_view(const struct circuit *c, const struct gate *g);
/* "gate 's' (adder.txt:7, xor)", without what is not known. */
const char *circuit_gate_text(const struct circuit *c, size_t wire, char text[200]);

/* Integer by integer: in and out in the order in which inputs and outputs were made; value has room for every gate.
 * STATUS_DATA names the first gate outside its range, as GATE_WITHIN can be. */
enum status circuit_value(const struct circuit *c, const int64_t *in, int64_t *out, int64_t *value);

#endif
