/* turing: a Turing machine of one tape, from a table of its transitions, and the circuit of its first steps.
 *
 * The text: a line is a rule, or what the machine starts from; # begins a comment.
 *
 *   STATE SYMBOL WRITE MOVE NEXT     in STATE, reading SYMBOL: write WRITE, move L, R or N (stay), go on in NEXT
 *   start STATE                      (the first rule's)
 *   halt STATE                       in which it stays as it is, for ever; may come several times
 *   blank SYMBOL                     (0)
 *   steps N                          that the circuit makes
 *   cells N                          of the tape (2 steps + 1)
 *   tape SYMBOLS                     what is on it, from cell `at` on, blanks around it (all blank)
 *   at N                             (the head's cell)
 *   head N                           the first cell of the head, from 0 (the middle)
 *
 * A state is a word, a symbol one character.
 */
#ifndef CIRCUITS_TURING_H
#define CIRCUITS_TURING_H

#include "studies/circuits/circuit.h"

enum { STATES_MOST = 64, SYMBOLS_MOST = 32, STATE_ROOM = 24 };

struct rule {
    unsigned char write, next;
    signed char move; /* -1, 0, 1 */
    bool there;
};

struct turing {
    const char *file; /* for sentences */
    char state[STATES_MOST][STATE_ROOM];
    char symbol[SYMBOLS_MOST];
    bool halts[STATES_MOST];
    size_t states, symbols, start, blank;
    struct rule rule[STATES_MOST][SYMBOLS_MOST];
    size_t steps, cells, head;
    unsigned char *tape; /* cells symbols, as it starts */
};

/* STATUS_DATA names file and line, or the pair of state and symbol that no rule is for, or the step in which the
 * head would leave the tape. */
enum status turing_parse(struct turing *m, const char *file, const char *text);
enum status turing_read(struct turing *m, const char *path);
void turing_close(struct turing *m);

/* The tape after the steps; *head is cells where it has left the tape, after which nothing changes. */
void turing_run(const struct turing *m, unsigned char *tape, size_t *head, size_t *state);

/* Inputs and outputs: for each cell and symbol whether it is there, then for each cell and state whether the head
 * is there in it. A step is one layer. */
void turing_circuit(const struct turing *m, struct circuit *c);
static inline size_t turing_wires(const struct turing *m)
{
    return m->cells * (m->symbols + m->states);
}
void turing_encode(const struct turing *m, const unsigned char *tape, size_t head, size_t state,
                   int64_t *wires);

#endif
