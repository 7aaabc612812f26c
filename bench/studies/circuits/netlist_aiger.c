/* AIGER, ASCII (aag) and binary (aig), version 1: and-inverter graphs. Of version 1.9 what is more is refused. */
#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "studies/circuits/netlist.h"

struct aiger {
    struct netlist *n;
    const char *at, *end;
    size_t line;
    bool binary;
    size_t variables, inputs, latches, outputs, ands;
};

/* An AND takes two bytes at the least, everything else a line or, in the binary form, nothing. */
enum { INPUTS_MOST = 1 << 20 };

static enum status malformed(const struct aiger *a, const char *what)
{
    return netlist_wrong(a->n, a->line, "%s", what);
}

/* A number and what comes behind it: a space where more is to come, else the end of the line. */
static enum status number(struct aiger *a, bool more, size_t most, size_t *value)
{
    size_t x = 0;
    if (a->at == a->end || !isdigit((unsigned char)*a->at)) return malformed(a, "no number");
    for (; a->at < a->end && isdigit((unsigned char)*a->at); a->at++) {
        x = 10 * x + (size_t)(*a->at - '0');
        if (x > most) return malformed(a, "a number is too large");
    }
    if (!more && a->at < a->end && *a->at == '\r') a->at++;
    if (a->at == a->end || *a->at != (more ? ' ' : '\n'))
        return malformed(a, more ? "too few numbers" : "more than the line's numbers");
    a->at++;
    *value = x;
    if (!more) a->line++;
    return STATUS_OK;
}

static enum status header(struct aiger *a)
{
    const size_t left = (size_t)(a->end - a->at);
    size_t *const field[] = {&a->variables, &a->inputs, &a->latches, &a->outputs, &a->ands};
    enum status status = STATUS_OK;
    if (left < 4 || (memcmp(a->at, "aag ", 4) != 0 && memcmp(a->at, "aig ", 4) != 0))
        return malformed(a, "it begins with neither 'aag' nor 'aig'");
    a->binary = a->at[1] == 'i';
    a->at += 4;
    for (size_t i = 0; i < 5 && status == STATUS_OK; i++)
        status = number(a, i < 4, (size_t)1 << 30, field[i]);
    if (status != STATUS_OK) return status;
    if (a->variables < a->inputs + a->latches + a->ands ||
        (a->binary && a->variables != a->inputs + a->latches + a->ands))
        return netlist_wrong(a->n, 1,
                             "%zu variables are not those of %zu inputs, %zu latches and "
                             "%zu ANDs",
                             a->variables, a->inputs, a->latches, a->ands);
    if (a->inputs > INPUTS_MOST || a->variables > left + INPUTS_MOST ||
        a->latches + a->outputs + a->ands > left)
        return netlist_wrong(a->n, 1, "the file is too short for what it announces");
    return STATUS_OK;
}

/* Variable 0 is the constant 0. */
static enum status open_nodes(struct aiger *a)
{
    const double bytes = (double)a->variables * sizeof(struct node);
    const enum status fits = arena_fits(bytes, 0, a->n->file);
    struct node *node =
        fits == STATUS_OK ? list_add(&a->n->nodes, a->variables + 1, sizeof *node) : NULL;
    if (fits != STATUS_OK) return fits;
    if (!node) return netlist_no_memory(a->n);
    memset(node, 0, (a->variables + 1) * sizeof *node);
    return netlist_define(a->n, 0, NODE_OR, false, 1);
}

static enum status literal_of(struct aiger *a, bool more, size_t *x)
{
    return number(a, more, 2 * a->variables + 1, x);
}

/* A literal that something defines: positive and no constant. */
static enum status defined(struct aiger *a, size_t x, enum node_kind kind, size_t line)
{
    if (x < 2 || x % 2) return netlist_wrong(a->n, line, "%zu is no variable's literal", x);
    return netlist_define(a->n, (uint32_t)(x / 2), kind, false, line);
}

static enum status input(struct aiger *a, size_t i)
{
    const size_t line = a->line;
    size_t x = 2 * (i + 1);
    enum status status = a->binary ? STATUS_OK : literal_of(a, false, &x);
    if (status == STATUS_OK) status = defined(a, x, NODE_INPUT, line);
    return status == STATUS_OK ? netlist_put(a->n, &a->n->inputs, (uint32_t)(x / 2)) : status;
}

/* What it holds, what it takes, and it may be what it begins with. */
static enum status latch(struct aiger *a, size_t i)
{
    const size_t line = a->line;
    size_t holds = 2 * (a->inputs + i + 1), takes, begins;
    enum status status = a->binary ? STATUS_OK : literal_of(a, true, &holds);
    const char *rest = a->at;
    while (rest < a->end && isdigit((unsigned char)*rest)) rest++;
    const bool reset = rest < a->end && *rest == ' ';
    if (status == STATUS_OK) status = literal_of(a, reset, &takes);
    if (status == STATUS_OK && reset) status = literal_of(a, false, &begins);
    if (status == STATUS_OK) status = defined(a, holds, NODE_INPUT, line);
    if (status == STATUS_OK) status = netlist_put(a->n, &a->n->held, (uint32_t)(holds / 2));
    return status == STATUS_OK ? netlist_put(a->n, &a->n->taken, (uint32_t)takes) : status;
}

static enum status output(struct aiger *a)
{
    size_t x;
    const enum status status = literal_of(a, false, &x);
    return status == STATUS_OK ? netlist_put(a->n, &a->n->outputs, (uint32_t)x) : status;
}

/* Seven bits a byte, the lowest first, the highest bit set where more come. */
static enum status delta(struct aiger *a, size_t *x)
{
    *x = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        if (a->at == a->end) break;
        const unsigned char byte = (unsigned char)*a->at++;
        *x |= (size_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return STATUS_OK;
    }
    return malformed(a, "an AND is cut off or too large");
}

static enum status and_gate(struct aiger *a, size_t i)
{
    const size_t line = a->line;
    size_t x = 2 * (a->inputs + a->latches + i + 1), y, z;
    enum status status;
    if (a->binary) {
        size_t first, second;
        status = delta(a, &first);
        if (status == STATUS_OK) status = delta(a, &second);
        if (status != STATUS_OK) return status;
        if (first == 0 || first > x || second > x - first)
            return malformed(a, "an AND reads what is not before it");
        y = x - first;
        z = y - second;
    } else {
        status = literal_of(a, true, &x);
        if (status == STATUS_OK) status = literal_of(a, true, &y);
        if (status == STATUS_OK) status = literal_of(a, false, &z);
        if (status != STATUS_OK) return status;
    }
    status = defined(a, x, NODE_AND, line);
    if (status == STATUS_OK) status = netlist_operand(a->n, (uint32_t)(x / 2), (uint32_t)y);
    return status == STATUS_OK ? netlist_operand(a->n, (uint32_t)(x / 2), (uint32_t)z) : status;
}

/* Variables of the ASCII form that nothing uses need no definition: they are the constant then, like 0. */
static void fill_unused(struct aiger *a)
{
    const uint32_t *operand = a->n->operands.at, *lists[] = {a->n->outputs.at, a->n->taken.at};
    const size_t counts[] = {a->n->outputs.count, a->n->taken.count};
    for (size_t v = 1; v <= a->variables; v++)
        if (node_at(a->n, v)->kind == NODE_NONE) node_at(a->n, v)->kind = NODE_OR;
    /* What is used stays undefined, for the sentence that says so. */
    for (size_t i = 0; i < a->n->operands.count; i++) {
        struct node *node = node_at(a->n, operand[i] / 2);
        if (node->line == 0) node->kind = NODE_NONE;
    }
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < counts[l]; i++) {
            struct node *node = node_at(a->n, lists[l][i] / 2);
            if (node->line == 0) node->kind = NODE_NONE;
        }
}

enum status netlist_aiger(struct netlist *n, const char *text, size_t size)
{
    struct aiger a = {.n = n, .at = text, .end = text + size, .line = 1};
    enum status status = header(&a);
    if (status == STATUS_OK) status = open_nodes(&a);
    for (size_t i = 0; i < a.inputs && status == STATUS_OK; i++) status = input(&a, i);
    for (size_t i = 0; i < a.latches && status == STATUS_OK; i++) status = latch(&a, i);
    for (size_t i = 0; i < a.outputs && status == STATUS_OK; i++) status = output(&a);
    for (size_t i = 0; i < a.ands && status == STATUS_OK; i++) status = and_gate(&a, i);
    if (status == STATUS_OK) fill_unused(&a);
    return status;
}
