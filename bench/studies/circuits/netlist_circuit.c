/* A netlist as a circuit's gates. */
#include <stdlib.h>
#include <string.h>

#include "studies/circuits/netlist.h"

struct maker {
    const struct netlist *n;
    struct circuit *c;
    uint32_t *wire;    /* of each signal */
    uint32_t *operand; /* of the node at hand, and of its cube */
    uint32_t *cube;
};

/* Up to so many operands a cover is one truth table: one layer, a neuron for each row. */
enum { TRUTH_OPERANDS = 4 };

static uint32_t wire_of(struct maker *m, uint32_t x)
{
    const uint32_t wire = m->wire[x / 2];
    return x % 2 ? circuit_not(m->c, wire) : wire;
}

static bool fits(const char *cube, size_t count, unsigned row)
{
    for (size_t i = 0; i < count; i++)
        if (cube[i] != '-' && (cube[i] == '1') != (row >> i & 1u)) return false;
    return true;
}

static uint32_t small_cover(struct maker *m, const struct node *node, const char *cubes)
{
    uint64_t table = 0;
    for (unsigned row = 0; row < 1u << node->count; row++)
        for (size_t c = 0; c < node->cubes; c++)
            if (fits(cubes + c * node->count, node->count, row)) table |= (uint64_t)1 << row;
    return circuit_with(m->c, GATE_TRUTH, (int64_t)table, node->count, m->operand);
}

/* A cube is the conjunction of what it asks for; of nothing, it is 1. */
static uint32_t one_cube(struct maker *m, const struct node *node, const char *cube)
{
    size_t count = 0;
    for (size_t i = 0; i < node->count; i++)
        if (cube[i] != '-')
            m->cube[count++] = cube[i] == '1' ? m->operand[i] : circuit_not(m->c, m->operand[i]);
    return count ? circuit_of(m->c, GATE_AND, count, m->cube) : circuit_const(m->c, 1);
}

static uint32_t cover(struct maker *m, const struct node *node)
{
    const char *cubes = node_cubes(m->n, node);
    if (node->cubes == 0) return circuit_const(m->c, 0);
    if (node->count && node->count <= TRUTH_OPERANDS) return small_cover(m, node, cubes);
    uint32_t *any = calloc(node->cubes, sizeof *any);
    if (!any) {
        m->c->status = netlist_no_memory(m->n);
        return 0;
    }
    for (size_t c = 0; c < node->cubes; c++) any[c] = one_cube(m, node, cubes + c * node->count);
    const uint32_t wire = circuit_of(m->c, GATE_OR, node->cubes, any);
    free(any);
    return wire;
}

static uint32_t make(struct maker *m, const struct node *node)
{
    const uint32_t *operand = node_operands(m->n, node);
    for (size_t i = 0; i < node->count; i++) m->operand[i] = wire_of(m, operand[i]);
    if (node->kind == NODE_COVER) return cover(m, node);
    if (node->count == 0) return circuit_const(m->c, node->kind == NODE_AND);
    if (node->count == 1) return m->operand[0];
    return circuit_of(m->c,
                      node->kind == NODE_AND  ? GATE_AND
                      : node->kind == NODE_OR ? GATE_OR
                                              : GATE_XOR,
                      node->count, m->operand);
}

static const char *name_of(const struct netlist *n, uint32_t signal)
{
    return n->names.first.count ? symbol_name(&n->names, signal) : NULL;
}

static void make_all(struct maker *m)
{
    const struct netlist *n = m->n;
    const uint32_t *input = n->inputs.at, *output = n->outputs.at;
    for (size_t i = 0; i < n->inputs.count; i++) {
        circuit_call(m->c, name_of(n, input[i]), node_at(n, input[i])->line);
        m->wire[input[i]] = circuit_input(m->c, 0, 1);
    }
    for (size_t i = 0; i < n->nodes.count && m->c->status == STATUS_OK; i++) {
        const struct node *node = node_at(n, n->order[i]);
        if (node->kind == NODE_INPUT) continue;
        const uint32_t wire = make(m, node);
        m->wire[n->order[i]] = node->inverted ? circuit_not(m->c, wire) : wire;
    }
    for (size_t i = 0; i < n->outputs.count; i++) circuit_output(m->c, wire_of(m, output[i]));
}

void netlist_circuit(const struct netlist *n, struct circuit *c)
{
    uint32_t most = 0;
    for (size_t s = 0; s < n->nodes.count; s++)
        if (node_at(n, s)->count > most) most = node_at(n, s)->count;
    struct maker m = {.n = n,
                      .c = c,
                      .wire = calloc(n->nodes.count + 1, sizeof *m.wire),
                      .operand = calloc(most + 1, sizeof *m.operand),
                      .cube = calloc(most + 1, sizeof *m.cube)};
    if (m.wire && m.operand && m.cube)
        make_all(&m);
    else
        c->status = netlist_no_memory(n);
    free(m.wire);
    free(m.operand);
    free(m.cube);
}
