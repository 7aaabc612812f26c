#include "netlist.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "studies/circuits/text_file.h"

enum status netlist_wrong(const struct netlist *n, size_t line, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return fail(STATUS_DATA, "%s:%zu: %s", n->file, line, text);
}

enum status netlist_no_memory(const struct netlist *n)
{
    return fail(STATUS_OS, "no memory for the netlist %s", n->file);
}

enum status netlist_signal(struct netlist *n, const char *name, size_t length, uint32_t *signal)
{
    *signal = symbol_of(&n->names, name, length);
    if (*signal == UINT32_MAX) return netlist_no_memory(n);
    if (*signal < n->nodes.count) return STATUS_OK;
    struct node *node = list_add(&n->nodes, 1, sizeof *node);
    if (!node) return netlist_no_memory(n);
    *node = (struct node){.kind = NODE_NONE};
    return STATUS_OK;
}

static const char *name_of(const struct netlist *n, uint32_t signal, char text[64])
{
    if (n->names.first.count)
        snprintf(text, 64, "%.60s", symbol_name(&n->names, signal));
    else
        snprintf(text, 64, "%zu", 2 * (size_t)signal);
    return text;
}

enum status netlist_define(struct netlist *n, uint32_t signal, enum node_kind kind, bool inverted,
                           size_t line)
{
    char text[64];
    struct node *node = node_at(n, signal);
    if (node->kind != NODE_NONE)
        return netlist_wrong(n, line, "'%s' is defined in line %zu too", name_of(n, signal, text),
                             node->line);
    *node = (struct node){.kind = kind,
                          .inverted = inverted,
                          .first = n->operands.count,
                          .cube = n->cubes.count,
                          .line = line};
    return STATUS_OK;
}

enum status netlist_put(struct netlist *n, struct list *list, uint32_t x)
{
    uint32_t *to = list_add(list, 1, sizeof *to);
    if (!to) return netlist_no_memory(n);
    *to = x;
    return STATUS_OK;
}

enum status netlist_operand(struct netlist *n, uint32_t signal, uint32_t operand)
{
    node_at(n, signal)->count++;
    return netlist_put(n, &n->operands, operand);
}

/* ---- the whole */

static enum status check_defined(const struct netlist *n)
{
    char text[64];
    for (size_t s = 0; s < n->nodes.count; s++)
        if (node_at(n, s)->kind == NODE_NONE)
            return fail(STATUS_DATA, "%s: '%s' is used and not defined", n->file,
                        name_of(n, (uint32_t)s, text));
    if (n->outputs.count + n->taken.count == 0) return fail(STATUS_DATA, "%s: no output", n->file);
    return STATUS_OK;
}

static enum status put_in_order(struct netlist *n)
{
    const size_t count = n->nodes.count;
    size_t *start = calloc(count + 1, sizeof *start), needs = 0, cycle = SIZE_MAX;
    uint32_t *need = calloc(n->operands.count + 1, sizeof *need);
    char text[64];
    n->order = calloc(count + 1, sizeof *n->order);
    if (start && need && n->order) {
        for (size_t s = 0; s < count; s++) {
            const struct node *node = node_at(n, s);
            for (uint32_t i = 0; i < node->count; i++)
                need[needs++] = node_operands(n, node)[i] / 2;
            start[s + 1] = needs;
        }
        cycle = order_of(count, start, need, n->order);
    }
    free(start);
    free(need);
    if (cycle == SIZE_MAX) return netlist_no_memory(n);
    if (cycle == count) return STATUS_OK;
    return netlist_wrong(n, node_at(n, cycle)->line, "'%s' depends on itself",
                         name_of(n, (uint32_t)cycle, text));
}

/* Registers' ends behind the others. */
static enum status cut_registers(struct netlist *n)
{
    enum status status = STATUS_OK;
    n->latches = n->held.count;
    for (size_t i = 0; i < n->latches && status == STATUS_OK; i++)
        status = netlist_put(n, &n->inputs, ((const uint32_t *)n->held.at)[i]);
    for (size_t i = 0; i < n->latches && status == STATUS_OK; i++)
        status = netlist_put(n, &n->outputs, ((const uint32_t *)n->taken.at)[i]);
    return status;
}

static bool ends_in(const char *path, const char *end)
{
    const size_t a = strlen(path), b = strlen(end);
    return a > b && strcmp(path + a - b, end) == 0;
}

bool netlist_is(const char *path)
{
    return ends_in(path, ".blif") || ends_in(path, ".bench") || ends_in(path, ".aag") ||
           ends_in(path, ".aig");
}

enum status netlist_read(struct netlist *n, const char *path)
{
    char *text;
    size_t size;
    *n = (struct netlist){.file = path};
    enum status status = text_file_read(path, &text, &size);
    if (status != STATUS_OK) return status;
    const bool blif = ends_in(path, ".blif"), bench = ends_in(path, ".bench");
    if (blif || bench) status = text_file_check(path, text, size);
    if (status == STATUS_OK)
        status = blif    ? netlist_blif(n, text)
                 : bench ? netlist_bench(n, text)
                         : netlist_aiger(n, text, size);
    free(text);
    if (status == STATUS_OK) status = check_defined(n);
    if (status == STATUS_OK) status = put_in_order(n);
    if (status == STATUS_OK) status = cut_registers(n);
    if (status != STATUS_OK) netlist_close(n);
    return status;
}

void netlist_close(struct netlist *n)
{
    symbols_close(&n->names);
    list_free(&n->nodes);
    list_free(&n->operands);
    list_free(&n->cubes);
    list_free(&n->inputs);
    list_free(&n->outputs);
    list_free(&n->held);
    list_free(&n->taken);
    free(n->order);
    n->order = NULL;
}

/* ---- meaning */

static uint64_t literal_value(const uint64_t *value, uint32_t x)
{
    return x % 2 ? ~value[x / 2] : value[x / 2];
}

static uint64_t cover_value(const struct netlist *n, const struct node *node, const uint64_t *value)
{
    const uint32_t *operand = node_operands(n, node);
    uint64_t any = 0;
    for (size_t c = 0; c < node->cubes; c++) {
        const char *cube = node_cubes(n, node) + c * node->count;
        uint64_t fits = UINT64_MAX;
        for (uint32_t i = 0; i < node->count; i++) {
            const uint64_t x = literal_value(value, operand[i]);
            if (cube[i] != '-') fits &= cube[i] == '1' ? x : ~x;
        }
        any |= fits;
    }
    return any;
}

static uint64_t node_value(const struct netlist *n, const struct node *node, const uint64_t *value)
{
    const uint32_t *operand = node_operands(n, node);
    if (node->kind == NODE_COVER) return cover_value(n, node, value);
    uint64_t x = node->kind == NODE_AND ? UINT64_MAX : 0;
    for (uint32_t i = 0; i < node->count; i++) {
        const uint64_t y = literal_value(value, operand[i]);
        x = node->kind == NODE_AND ? x & y : node->kind == NODE_OR ? x | y : x ^ y;
    }
    return x;
}

void netlist_value(const struct netlist *n, const uint64_t *in, uint64_t *out, uint64_t *value)
{
    const uint32_t *input = n->inputs.at, *output = n->outputs.at;
    for (size_t i = 0; i < n->inputs.count; i++) value[input[i]] = in[i];
    for (size_t i = 0; i < n->nodes.count; i++) {
        const struct node *node = node_at(n, n->order[i]);
        if (node->kind == NODE_INPUT) continue;
        const uint64_t x = node_value(n, node, value);
        value[n->order[i]] = node->inverted ? ~x : x;
    }
    for (size_t i = 0; i < n->outputs.count; i++) out[i] = literal_value(value, output[i]);
}
