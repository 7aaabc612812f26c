/* The circuit of a Turing machine's first steps. */
#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "studies/circuits/turing.h"

/* Wires of one moment: of cell i its symbols and states. */
struct moment {
    uint32_t *symbol, *state;
};

/* Both: in this cell, in this state, reading this symbol; and the symbol where no head is. */
struct acts {
    uint32_t *act, *keep;
};

static uint32_t *act_of(const struct turing *m, const struct acts *x, size_t i, size_t q, size_t a)
{
    return &x->act[(i * m->states + q) * m->symbols + a];
}

/* What a halt state does is nothing. */
static struct rule rule_of(const struct turing *m, size_t q, size_t a)
{
    if (!m->halts[q]) return m->rule[q][a];
    return (struct rule){(unsigned char)a, (unsigned char)q, 0, true};
}

static void act(const struct turing *m, struct circuit *c, const struct moment *now,
                const struct acts *x)
{
    for (size_t i = 0; i < m->cells; i++) {
        const uint32_t *symbol = now->symbol + i * m->symbols, *state = now->state + i * m->states;
        const uint32_t head = circuit_of(c, GATE_SUM, m->states, state);
        for (size_t a = 0; a < m->symbols; a++) {
            for (size_t q = 0; q < m->states; q++)
                *act_of(m, x, i, q, a) = circuit_2(c, GATE_AND, state[q], symbol[a]);
            x->keep[i * m->symbols + a] =
                circuit_1(c, GATE_RELU, circuit_2(c, GATE_SUB, symbol[a], head));
        }
    }
}

/* Of bits of which at most one is 1. */
static uint32_t one_of(struct circuit *c, size_t count, const uint32_t *bit)
{
    if (count == 0) return circuit_const(c, 0);
    return circuit_within(c, circuit_of(c, GATE_SUM, count, bit), 0, 1);
}

static uint32_t next_symbol(const struct turing *m, struct circuit *c, const struct acts *x,
                            size_t i, size_t b)
{
    uint32_t from[STATES_MOST * SYMBOLS_MOST + 1];
    size_t count = 0;
    from[count++] = x->keep[i * m->symbols + b];
    for (size_t q = 0; q < m->states; q++)
        for (size_t a = 0; a < m->symbols; a++)
            if (rule_of(m, q, a).write == b) from[count++] = *act_of(m, x, i, q, a);
    return one_of(c, count, from);
}

static uint32_t next_state(const struct turing *m, struct circuit *c, const struct acts *x,
                           size_t i, size_t p)
{
    uint32_t from[STATES_MOST * SYMBOLS_MOST];
    size_t count = 0;
    for (size_t q = 0; q < m->states; q++)
        for (size_t a = 0; a < m->symbols; a++) {
            const struct rule r = rule_of(m, q, a);
            const size_t cell = (size_t)((ptrdiff_t)i - r.move); /* beyond the tape: no cell */
            if (r.next == p && cell < m->cells) from[count++] = *act_of(m, x, cell, q, a);
        }
    return one_of(c, count, from);
}

static void run(const struct turing *m, struct circuit *c, struct moment *now, const struct acts *x)
{
    for (size_t i = 0; i < m->cells * m->symbols; i++) now->symbol[i] = circuit_input(c, 0, 1);
    for (size_t i = 0; i < m->cells * m->states; i++) now->state[i] = circuit_input(c, 0, 1);
    for (size_t t = 0; t < m->steps && c->status == STATUS_OK; t++) {
        act(m, c, now, x);
        for (size_t i = 0; i < m->cells; i++) {
            for (size_t b = 0; b < m->symbols; b++)
                now->symbol[i * m->symbols + b] = next_symbol(m, c, x, i, b);
            for (size_t p = 0; p < m->states; p++)
                now->state[i * m->states + p] = next_state(m, c, x, i, p);
        }
    }
    for (size_t i = 0; i < m->cells * m->symbols; i++) circuit_output(c, now->symbol[i]);
    for (size_t i = 0; i < m->cells * m->states; i++) circuit_output(c, now->state[i]);
}

/* Two short lines may ask for more gates than there are bytes of memory. */
static bool has_room(const struct turing *m, struct circuit *c)
{
    const double pairs = (double)(m->states * m->symbols);
    const double wires = (double)(m->states + m->symbols);
    const double gates = 1.0 + pairs + 2.0 * (double)m->symbols + 2.0 * wires;
    const double bytes = gates * sizeof(struct gate) + 5.0 * pairs * sizeof(uint32_t);
    c->status = arena_fits((double)m->cells * (double)m->steps * bytes, 0, m->file);
    return c->status == STATUS_OK;
}

void turing_circuit(const struct turing *m, struct circuit *c)
{
    if (!has_room(m, c)) return;
    const size_t symbols = m->cells * m->symbols, states = m->cells * m->states;
    struct moment now = {calloc(symbols, sizeof(uint32_t)), calloc(states, sizeof(uint32_t))};
    struct acts x = {calloc(states * m->symbols, sizeof(uint32_t)),
                     calloc(symbols, sizeof(uint32_t))};
    if (now.symbol && now.state && x.act && x.keep)
        run(m, c, &now, &x);
    else
        c->status = fail(STATUS_OS, "no memory for a tape of %zu cells", m->cells);
    free(now.symbol);
    free(now.state);
    free(x.act);
    free(x.keep);
}
