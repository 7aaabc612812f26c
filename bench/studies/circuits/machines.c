/* Turing machines: the busy beavers of two, three and four states, and the increment of a binary number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "studies/circuits/app.h"
#include "studies/circuits/turing.h"

static const char bb2[] = "A 0 1 R B\nA 1 1 L B\nB 0 1 L A\nB 1 1 R H\nhalt H\nsteps 6\n";
/* The one that leaves the most ones of three states. */
static const char bb3[] = "A 0 1 R B\nA 1 1 R H\nB 0 0 R C\nB 1 1 R B\nC 0 1 L C\nC 1 1 L A\n"
                          "halt H\nsteps 14\n";
static const char bb4[] = "A 0 1 R B\nA 1 1 L B\nB 0 1 L A\nB 1 0 L C\nC 0 1 R H\nC 1 1 L D\n"
                          "D 0 1 R D\nD 1 0 R A\nhalt H\nsteps 107\n";
/* From the lowest digit leftwards over ones. */
static const char carry[] = "A 1 0 L A\nA 0 1 N H\nA _ 1 N H\nhalt H\nblank _\n";

/* The app's data is the machine. */
static void build(struct app *a, const char *text)
{
    struct turing *m = app_data(a, 1, sizeof *m);
    if (!m) return;
    a->circuit.status = turing_parse(m, a->kind->name, text);
    if (a->circuit.status == STATUS_OK) turing_circuit(m, &a->circuit);
}

static void free_machine(struct app *a)
{
    if (a->data) turing_close(a->data);
}

static unsigned char *new_tape(const struct turing *m)
{
    unsigned char *tape = malloc(m->cells);
    if (!tape) out_of_memory();
    return tape;
}

/* Beavers start from their blank tape and, since the circuit is that of every tape, from drawn ones. */
static void build_beaver(struct app *a, const char *text)
{
    char more[64], all[512];
    *more = '\0';
    /* The smallest tape that the beaver of four states does not leave. */
    if (a->n) snprintf(more, sizeof more, "cells %zu\nhead 12\n", a->n);
    snprintf(all, sizeof all, "%s%s", text, more);
    build(a, all);
    a->cases = 16;
}

static void build_bb2(struct app *a)
{
    build_beaver(a, bb2);
}
static void build_bb3(struct app *a)
{
    build_beaver(a, bb3);
}
static void build_bb4(struct app *a)
{
    build_beaver(a, bb4);
}

static void draw_beaver(const struct app *a, size_t i, int64_t *in)
{
    const struct turing *m = a->data;
    unsigned char *tape = new_tape(m);
    memcpy(tape, m->tape, m->cells);
    for (size_t cell = 0; cell < m->cells && i; cell++)
        tape[cell] = (unsigned char)app_random(a, i, cell, 0, (int64_t)m->symbols - 1);
    turing_encode(m, tape, m->head, m->start, in);
    free(tape);
}

/* Wires as a tape, a head and a state again. */
static void decode(const struct turing *m, const int64_t *in, unsigned char *tape, size_t *head,
                   size_t *state)
{
    const int64_t *states = in + m->cells * m->symbols;
    *head = m->cells;
    *state = 0;
    for (size_t i = 0; i < m->cells; i++) {
        for (size_t s = 0; s < m->symbols; s++)
            if (in[i * m->symbols + s]) tape[i] = (unsigned char)s;
        for (size_t q = 0; q < m->states; q++) {
            if (!states[i * m->states + q]) continue;
            *head = i;
            *state = q;
        }
    }
}

static void judge_beaver(const struct app *a, const int64_t *in, int64_t *want)
{
    const struct turing *m = a->data;
    unsigned char *tape = new_tape(m);
    size_t head, state;
    decode(m, in, tape, &head, &state);
    turing_run(m, tape, &head, &state);
    turing_encode(m, tape, head, state, want);
    free(tape);
}

/* ---- increment */

static void build_increment(struct app *a)
{
    char text[512];
    snprintf(text, sizeof text, "%ssteps %zu\ncells %zu\nhead %zu\n", carry, a->n + 1, a->n + 2,
             a->n + 1);
    build(a, text);
    a->cases = 64;
}

/* Digits from the highest, behind two blanks. Case 0 has ones alone: the carry goes all the way. */
static void draw_increment(const struct app *a, size_t i, int64_t *in)
{
    const struct turing *m = a->data;
    unsigned char *tape = new_tape(m);
    const char *symbols = m->symbol;
    const size_t ones = (size_t)app_random(a, i, a->n, 0, (int64_t)a->n);
    for (size_t cell = 0; cell < m->cells; cell++) {
        const bool one = i == 0 || m->cells - cell <= ones || app_random(a, i, cell, 0, 1);
        const int digit = cell < 2 ? '_' : one ? '1' : '0';
        tape[cell] = (unsigned char)((const char *)memchr(symbols, digit, m->symbols) - symbols);
    }
    turing_encode(m, tape, m->head, m->start, in);
    free(tape);
}

/* Adds one to the number, without the machine; the head has stopped on the digit that took the carry. */
static void judge_increment(const struct app *a, const int64_t *in, int64_t *want)
{
    const struct turing *m = a->data;
    const size_t cells = m->cells, n = a->n;
    unsigned char code[128] = {0};
    uint64_t number = 0;
    for (size_t s = 0; s < m->symbols; s++) code[(unsigned char)m->symbol[s]] = (unsigned char)s;
    for (size_t i = 2; i < cells; i++)
        number = 2 * number + (uint64_t)in[i * m->symbols + code['1']];
    const size_t carried = number + 1 == 0 ? 64 : (size_t)__builtin_ctzll(number + 1);
    unsigned char *tape = new_tape(m);
    for (size_t i = 0; i < cells; i++) {
        const size_t place = cells - 1 - i;
        const bool digit = place < n || (place == n && carried == n);
        const bool one = place >= 64 ? carried == 64 : (number + 1) >> place & 1u;
        tape[i] = code[!digit ? '_' : one ? '1' : '0'];
    }
    turing_encode(m, tape, cells - 1 - carried, m->halts[0] ? 0 : 1, want);
    free(tape);
}

const struct app_kind app_bb2 = {.name = "busy-beaver-2",
                                 .build = build_bb2,
                                 .draw = draw_beaver,
                                 .judge = judge_beaver,
                                 .close = free_machine};
const struct app_kind app_bb3 = {.name = "busy-beaver-3",
                                 .build = build_bb3,
                                 .draw = draw_beaver,
                                 .judge = judge_beaver,
                                 .close = free_machine};
const struct app_kind app_bb4 = {.name = "busy-beaver-4",
                                 .what = "cells",
                                 .build = build_bb4,
                                 .draw = draw_beaver,
                                 .judge = judge_beaver,
                                 .close = free_machine};
const struct app_kind app_increment = {.name = "increment",
                                       .what = "digits",
                                       .build = build_increment,
                                       .draw = draw_increment,
                                       .judge = judge_increment,
                                       .close = free_machine};
const struct app_kind app_machine = {
    .name = "machine", .draw = draw_beaver, .judge = judge_beaver, .close = free_machine};
