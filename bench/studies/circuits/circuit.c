#include "circuit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* Bytes from which on it is asked what is free. */
#define LIST_LARGE 0x1p24

void *list_add(struct list *list, size_t count, size_t size)
{
    size_t need = list->count + count;
    if (need > list->room || !list->at) {
        const size_t room = need < 64 ? 64 : need + need / 2;
        /* A line of a file may stand for thousands of gates: it is refused before the system ends us. */
        const double bytes = (double)room * (double)size;
        if (bytes > LIST_LARGE && arena_fits(bytes, 0, "a list") != STATUS_OK) return NULL;
        void *more = room < SIZE_MAX / size ? realloc(list->at, room * size) : NULL;
        if (!more) return NULL;
        list->at = more;
        list->room = room;
    }
    void *added = (char *)list->at + list->count * size;
    list->count = need;
    return added;
}

void list_free(struct list *list)
{
    free(list->at);
    *list = (struct list){0};
}

void circuit_open(struct circuit *c, const char *file)
{
    *c = (struct circuit){.file = file};
    char *none = list_add(&c->names, 1, 1); /* offset 0: no name */
    if (none)
        *none = '\0';
    else
        c->status = fail(STATUS_OS, "no memory for a circuit");
}

void circuit_close(struct circuit *c)
{
    list_free(&c->gates);
    list_free(&c->operands);
    list_free(&c->tables);
    list_free(&c->names);
    list_free(&c->inputs);
    list_free(&c->outputs);
}

enum status circuit_ready(const struct circuit *c)
{
    if (c->status != STATUS_OK) return c->status;
    if (c->outputs.count == 0)
        return fail(STATUS_DATA, "%s: no output", c->file ? c->file : "the circuit");
    return STATUS_OK;
}

static enum status no_memory(struct circuit *c)
{
    return c->status = fail(STATUS_OS, "no memory for a circuit of %zu gates", c->gates.count + 1);
}

const char *circuit_gate_text(const struct circuit *c, size_t wire, char text[200])
{
    const struct gate *g = circuit_at(c, wire);
    const char *kind = gate_rule(g->kind)->name;
    if (g->line && c->file)
        snprintf(text, 200, "gate '%.60s' (%.90s:%zu, %s)", (char *)c->names.at + g->name, c->file,
                 g->line, kind);
    else if (g->name)
        snprintf(text, 200, "gate '%.60s' (%s)", (char *)c->names.at + g->name, kind);
    else
        snprintf(text, 200, "gate %zu (%s)", wire, kind);
    return text;
}

struct gate_view circuit_view(const struct circuit *c, const struct gate *g)
{
    struct gate_view v = {g->kind, g->a, g->b, g->count, NULL};
    if (g->kind == GATE_TABLE) v.table = (const int64_t *)c->tables.at + g->a;
    return v;
}

/* ---- building */

enum { OPERANDS_ON_STACK = 8 };

/* The operands' ranges, and from them the gate's. */
static enum status range_of(const struct circuit *c, const struct gate *g, struct range *range)
{
    struct range few[OPERANDS_ON_STACK], *in = few;
    const struct gate_view v = circuit_view(c, g);
    if (g->count > OPERANDS_ON_STACK) in = malloc(g->count * sizeof *in);
    if (!in) return fail(STATUS_OS, "no memory for a gate of %u operands", (unsigned)g->count);
    for (size_t i = 0; i < g->count; i++) in[i] = circuit_at(c, circuit_operands(c, g)[i])->range;
    const enum status status = gate_range(&v, in, range);
    if (in != few) free(in);
    return status;
}

uint32_t circuit_gate(struct circuit *c, const struct gate_view *v, const uint32_t *in)
{
    char text[200], why[256];
    if (c->status != STATUS_OK) return 0;
    const size_t wire = c->gates.count;
    struct gate *g = wire < UINT32_MAX ? list_add(&c->gates, 1, sizeof *g) : NULL;
    uint32_t *operands = g ? list_add(&c->operands, v->count, sizeof *operands) : NULL;
    if (!operands) {
        no_memory(c);
        return 0;
    }
    *g = (struct gate){.kind = v->kind,
                       .count = (uint32_t)v->count,
                       .first = c->operands.count - v->count,
                       .a = v->a,
                       .b = v->b,
                       .name = c->next_name,
                       .line = c->next_line};
    c->next_name = c->next_line = 0;
    for (size_t i = 0; i < v->count; i++) {
        assert(in[i] < wire);
        operands[i] = in[i];
    }
    c->status = range_of(c, g, &g->range);
    if (c->status != STATUS_OK) {
        snprintf(why, sizeof why, "%s", status_text());
        c->status = fail(c->status, "%s: %s", circuit_gate_text(c, wire, text), why);
    }
    return (uint32_t)wire;
}

void circuit_call(struct circuit *c, const char *name, size_t line)
{
    c->next_line = line;
    c->next_name = 0;
    if (!name || c->status != STATUS_OK) return;
    const size_t bytes = strlen(name) + 1;
    char *to = list_add(&c->names, bytes, 1);
    if (!to) {
        no_memory(c);
        return;
    }
    memcpy(to, name, bytes);
    c->next_name = c->names.count - bytes;
}

uint32_t circuit_with(struct circuit *c, enum gate_kind kind, int64_t a, size_t count,
                      const uint32_t *in)
{
    return circuit_gate(c, &(struct gate_view){.kind = kind, .a = a, .count = count}, in);
}

uint32_t circuit_of(struct circuit *c, enum gate_kind kind, size_t count, const uint32_t *in)
{
    return circuit_with(c, kind, 0, count, in);
}

uint32_t circuit_1(struct circuit *c, enum gate_kind kind, uint32_t x)
{
    return circuit_of(c, kind, 1, &x);
}

uint32_t circuit_2(struct circuit *c, enum gate_kind kind, uint32_t x, uint32_t y)
{
    return circuit_of(c, kind, 2, (const uint32_t[]){x, y});
}

uint32_t circuit_3(struct circuit *c, enum gate_kind kind, uint32_t x, uint32_t y, uint32_t z)
{
    return circuit_of(c, kind, 3, (const uint32_t[]){x, y, z});
}

static uint32_t with_two(struct circuit *c, enum gate_kind kind, int64_t a, int64_t b, size_t count,
                         const uint32_t *in)
{
    return circuit_gate(c, &(struct gate_view){.kind = kind, .a = a, .b = b, .count = count}, in);
}

uint32_t circuit_linear(struct circuit *c, int64_t a, uint32_t x, int64_t b)
{
    return with_two(c, GATE_LINEAR, a, b, 1, &x);
}

uint32_t circuit_within(struct circuit *c, uint32_t x, int64_t lo, int64_t hi)
{
    return with_two(c, GATE_WITHIN, lo, hi, 1, &x);
}

uint32_t circuit_const(struct circuit *c, int64_t value)
{
    return with_two(c, GATE_CONST, value, 0, 0, NULL);
}

uint32_t circuit_input(struct circuit *c, int64_t lo, int64_t hi)
{
    const uint32_t wire = with_two(c, GATE_INPUT, lo, hi, 0, NULL);
    uint32_t *to = c->status == STATUS_OK ? list_add(&c->inputs, 1, sizeof *to) : NULL;
    if (to)
        *to = wire;
    else if (c->status == STATUS_OK)
        no_memory(c);
    return wire;
}

uint32_t circuit_table(struct circuit *c, uint32_t x, const int64_t *entries, size_t count)
{
    const size_t first = c->tables.count;
    int64_t *to = c->status == STATUS_OK ? list_add(&c->tables, count, sizeof *to) : NULL;
    if (!to) {
        if (c->status == STATUS_OK) no_memory(c);
        return 0;
    }
    memcpy(to, entries, count * sizeof *to);
    return with_two(c, GATE_TABLE, (int64_t)first, (int64_t)count, 1, &x);
}

void circuit_output(struct circuit *c, uint32_t wire)
{
    uint32_t *to = c->status == STATUS_OK ? list_add(&c->outputs, 1, sizeof *to) : NULL;
    if (to)
        *to = wire;
    else if (c->status == STATUS_OK)
        no_memory(c);
}

/* ---- meaning */

static enum status outside(const struct circuit *c, size_t wire, int64_t value)
{
    char text[200];
    const struct range r = circuit_at(c, wire)->range;
    return fail(STATUS_DATA, "%s is %lld, which is not from %lld to %lld",
                circuit_gate_text(c, wire, text), (long long)value, (long long)r.lo,
                (long long)r.hi);
}

enum status circuit_value(const struct circuit *c, const int64_t *in, int64_t *out, int64_t *value)
{
    int64_t few[OPERANDS_ON_STACK];
    size_t given = 0;
    enum status status = STATUS_OK;
    for (size_t w = 0; w < c->gates.count && status == STATUS_OK; w++) {
        const struct gate *g = circuit_at(c, w);
        const struct gate_view v = circuit_view(c, g);
        const uint32_t *operand = circuit_operands(c, g);
        int64_t *x = g->count > OPERANDS_ON_STACK ? malloc(g->count * sizeof *x) : few;
        if (!x) return fail(STATUS_OS, "no memory for a gate of %u operands", (unsigned)g->count);
        for (size_t i = 0; i < g->count; i++) x[i] = value[operand[i]];
        value[w] = g->kind == GATE_INPUT ? in[given++] : gate_value(&v, x);
        if (x != few) free(x);
        if (value[w] < g->range.lo || value[w] > g->range.hi) status = outside(c, w, value[w]);
    }
    for (size_t i = 0; i < c->outputs.count && status == STATUS_OK; i++)
        out[i] = value[((const uint32_t *)c->outputs.at)[i]];
    return status;
}
