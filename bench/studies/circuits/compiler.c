#include "compiler.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "studies/circuits/emulators.h"

struct compiler {
    const struct circuit *c;
    struct affines f;
    bool *needed;    /* by an output */
    size_t *form;    /* of each wire */
    size_t *operand; /* of the gate at hand */
    uint32_t depth;
    /* What is kept: of each neuron, whether, and which row of its level it is. */
    bool *kept;
    uint32_t *row;
    size_t *rows, *nnz; /* of each level */
};

static const uint32_t *outputs_of(const struct circuit *c)
{
    return c->outputs.at;
}

/* ---- gates */

static void mark_needed(struct compiler *k)
{
    const struct circuit *c = k->c;
    for (size_t i = 0; i < c->outputs.count; i++) k->needed[outputs_of(c)[i]] = true;
    for (size_t w = c->gates.count; w-- > 0;) {
        const struct gate *g = circuit_at(c, w);
        if (!k->needed[w]) continue;
        for (size_t i = 0; i < g->count; i++) k->needed[circuit_operands(c, g)[i]] = true;
    }
}

/* The gate on its operands as they are; *sum is what would be too much. */
static size_t attempt(struct compiler *k, const struct gate_view *v, double *sum)
{
    struct affines *f = &k->f;
    f->over = 0.0;
    const size_t form = emulate(f, v, k->operand);
    *sum = f->over;
    if (f->status == STATUS_OK && *sum == 0.0 && affine_sum(f, form) > ldexp(1.0, f->format->bits))
        *sum = affine_sum(f, form);
    f->over = 0.0;
    return form;
}

/* A wire that several neurons make up counts in a sum with all that they could be: a level of its own makes it one,
 * or two. */
static void materialise(struct compiler *k, size_t count)
{
    uint32_t level = 0;
    for (size_t i = 0; i < count; i++) {
        k->operand[i] = affine_up(&k->f, k->operand[i]);
        const struct affine *x = affine_at(&k->f, k->operand[i]);
        if (x->count && x->level > level) level = x->level;
    }
    for (size_t i = 0; i < count; i++) k->operand[i] = affine_lift(&k->f, k->operand[i], level);
}

static enum status too_much(const struct compiler *k, size_t wire, double sum)
{
    char text[200];
    const struct number_format *format = k->f.format;
    return fail(STATUS_DATA, "%s: its sums reach 2^%.2f, beyond 2^%d %s is not exact",
                circuit_gate_text(k->c, wire, text), log2(sum), format->bits, format->name);
}

static enum status compile_gate(struct compiler *k, size_t wire)
{
    const struct gate *g = circuit_at(k->c, wire);
    const struct gate_view v = circuit_view(k->c, g);
    double sum;
    for (size_t i = 0; i < g->count; i++) k->operand[i] = k->form[circuit_operands(k->c, g)[i]];
    k->form[wire] = attempt(k, &v, &sum);
    if (sum > 0.0 && k->f.status == STATUS_OK) {
        materialise(k, g->count);
        k->form[wire] = attempt(k, &v, &sum);
    }
    if (k->f.status != STATUS_OK) return k->f.status;
    return sum > 0.0 ? too_much(k, wire, sum) : STATUS_OK;
}

/* Inputs come first and all of them, needed or not, in the order of their making. */
static enum status compile_gates(struct compiler *k)
{
    const struct circuit *c = k->c;
    const uint32_t *input = c->inputs.at, *output = outputs_of(c);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < c->inputs.count; i++)
        k->form[input[i]] = affine_input(&k->f, circuit_at(c, input[i])->range);
    for (size_t w = 0; w < c->gates.count && status == STATUS_OK; w++)
        if (k->needed[w] && circuit_at(c, w)->kind != GATE_INPUT) status = compile_gate(k, w);
    for (size_t i = 0; i < c->outputs.count && status == STATUS_OK; i++) {
        const struct affine *x = affine_at(&k->f, k->form[output[i]]);
        if (x->count && x->level > k->depth) k->depth = x->level;
    }
    for (size_t i = 0; i < c->outputs.count && status == STATUS_OK; i++) {
        k->form[output[i]] = affine_lift(&k->f, k->form[output[i]], k->depth);
        status = k->f.status;
        if (status == STATUS_OK && k->f.over > 0.0) status = too_much(k, output[i], k->f.over);
    }
    return status;
}

/* ---- the network */

static void keep_terms(struct compiler *k, size_t form)
{
    const struct term *t = affine_terms(&k->f, form);
    for (uint32_t i = 0; i < affine_at(&k->f, form)->count; i++) k->kept[t[i].neuron] = true;
}

/* Rows are numbered level by level in the order in which they were made. */
static void keep_neurons(struct compiler *k)
{
    const struct circuit *c = k->c;
    for (size_t i = 0; i < c->outputs.count; i++) keep_terms(k, k->form[outputs_of(c)[i]]);
    for (size_t n = k->f.neurons.count; n-- > 0;) {
        if (neuron_at(&k->f, n)->level == 0)
            k->kept[n] = true;
        else if (k->kept[n])
            keep_terms(k, neuron_at(&k->f, n)->form);
    }
    for (size_t n = 0; n < k->f.neurons.count; n++) {
        const struct neuron *x = neuron_at(&k->f, n);
        if (!k->kept[n]) continue;
        k->row[n] = (uint32_t)k->rows[x->level]++;
        if (x->level) k->nnz[x->level] += affine_at(&k->f, x->form)->count;
    }
}

/* Writes a form as the layer's next row; `base` is where each level's units begin in what the layer reads. */
static bool put_row(const struct compiler *k, struct net_layer *y, size_t row, size_t form,
                    const size_t *base)
{
    const struct affine *x = affine_at(&k->f, form);
    const struct term *t = affine_terms(&k->f, form);
    int32_t at = y->start[row];
    bool exact = true;
    y->bias[row] = (float)ldexp((double)x->bias, -x->shift);
    exact = (double)y->bias[row] == ldexp((double)x->bias, -x->shift);
    for (uint32_t i = 0; i < x->count; i++, at++) {
        const double weight = ldexp((double)t[i].weight, -x->shift);
        const uint32_t level = neuron_at(&k->f, t[i].neuron)->level;
        y->value[at] = (float)weight;
        exact = exact && (double)y->value[at] == weight;
        y->col[at] = (int32_t)(base[level] + k->row[t[i].neuron]);
    }
    y->start[row + 1] = at;
    return exact;
}

static enum status put_neurons(struct compiler *k, struct relu_net *net, const size_t *base)
{
    struct net_size *size = &net->size;
    for (size_t n = 0; n < k->f.neurons.count; n++) {
        const struct neuron *x = neuron_at(&k->f, n);
        if (x->level == 0 || !k->kept[n]) continue;
        if (!put_row(k, &net->layer[x->level - 1], k->row[n], x->form, base))
            return fail(STATUS_DATA, "the network has a weight that is no single");
        *(x->pass ? &size->passes : &size->gates) += 1;
        size->sum = fmax(size->sum, affine_sum(&k->f, x->form));
    }
    for (size_t i = 0; i < k->c->outputs.count; i++) {
        const size_t form = k->form[outputs_of(k->c)[i]];
        if (!put_row(k, &net->layer[net->depth], i, form, base))
            return fail(STATUS_DATA, "the network has a weight that is no single");
        size->sum = fmax(size->sum, affine_sum(&k->f, form));
    }
    return STATUS_OK;
}

static enum status open_layers(const struct compiler *k, struct relu_net *net)
{
    size_t units = k->rows[0], outputs_nnz = 0;
    for (size_t i = 0; i < net->outputs; i++)
        outputs_nnz += affine_at(&k->f, k->form[outputs_of(k->c)[i]])->count;
    net->layer = calloc(net->depth + 1, sizeof *net->layer);
    if (!net->layer) return fail(STATUS_OS, "no memory for %zu layers", net->depth + 1);
    for (size_t l = 0; l <= net->depth; l++) {
        const bool last = l == net->depth;
        const size_t rows = last ? net->outputs : k->rows[l + 1];
        const size_t nnz = last ? outputs_nnz : k->nnz[l + 1];
        if (nnz > INT32_MAX || units > INT32_MAX)
            return fail(STATUS_OS, "layer %zu has more than 2^31 weights or inputs", l + 1);
        if (!net_layer_open(&net->layer[l], rows, net->skip ? units : k->rows[l], nnz))
            return fail(STATUS_OS, "no memory for a layer of %zu neurons and %zu weights", rows,
                        nnz);
        units += rows;
        if (last) break;
        if (rows > net->size.width) net->size.width = rows;
        net->size.nnz += nnz;
    }
    return STATUS_OK;
}

static enum status emit(struct compiler *k, struct relu_net *net, size_t *base)
{
    *net = (struct relu_net){.skip = k->f.skip,
                             .inputs = k->c->inputs.count,
                             .outputs = k->c->outputs.count,
                             .depth = k->depth};
    keep_neurons(k);
    enum status status = open_layers(k, net);
    for (size_t l = 0; l < k->depth && net->skip; l++) base[l + 1] = base[l] + k->rows[l];
    if (status == STATUS_OK) status = put_neurons(k, net, base);
    if (status != STATUS_OK) relu_net_close(net);
    return status;
}

static enum status emit_all(struct compiler *k, struct relu_net *net)
{
    const size_t neurons = k->f.neurons.count, levels = (size_t)k->depth + 1;
    size_t *base = calloc(levels, sizeof *base);
    k->kept = calloc(neurons + 1, sizeof *k->kept);
    k->row = calloc(neurons + 1, sizeof *k->row);
    k->rows = calloc(levels, sizeof *k->rows);
    k->nnz = calloc(levels, sizeof *k->nnz);
    const bool room = base && k->kept && k->row && k->rows && k->nnz;
    const enum status status =
        room ? emit(k, net, base) : fail(STATUS_OS, "no memory for %zu neurons", neurons);
    free(base);
    free(k->kept);
    free(k->row);
    free(k->rows);
    free(k->nnz);
    return status;
}

enum status compile(struct relu_net *net, const struct circuit *c, const struct compile_plan *plan)
{
    struct compiler k = {.c = c};
    size_t most = 0;
    enum status status = circuit_ready(c);
    *net = (struct relu_net){0};
    if (status != STATUS_OK) return status;
    for (size_t w = 0; w < c->gates.count; w++)
        if (circuit_at(c, w)->count > most) most = circuit_at(c, w)->count;
    status = affines_open(&k.f, plan->skip, plan->format ? plan->format : &format_f32);
    k.needed = calloc(c->gates.count, sizeof *k.needed);
    k.form = calloc(c->gates.count, sizeof *k.form);
    k.operand = calloc(most + 1, sizeof *k.operand);
    if (status == STATUS_OK && !(k.needed && k.form && k.operand))
        status = fail(STATUS_OS, "no memory to compile %zu gates", c->gates.count);
    if (status == STATUS_OK) {
        mark_needed(&k);
        status = compile_gates(&k);
    }
    if (status == STATUS_OK) status = emit_all(&k, net);
    affines_close(&k.f);
    free(k.needed);
    free(k.form);
    free(k.operand);
    return status;
}
