/* Circuits and their networks: every kind of gate on all its inputs, drawn circuits, what must be refused; and that the networks of
 * `hinge check` find faults in the kernels that they run on. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "studies/circuits/app.h"
#include "studies/circuits/compiler.h"
#include "studies/circuits/net_check.h"
#include "studies/circuits/netlist.h"
#include "studies/circuits/symbols.h"
#include "studies/circuits/words.h"

static int failures;

static void is(const char *what, bool truth)
{
    if (truth) return;
    fprintf(stderr, "not so: %s (%s)\n", what, status_text());
    failures++;
}

enum { INPUTS_MOST = 8, OUTPUTS_MOST = 40 };

/* Both forms of the circuit's network give its values for these inputs. */
static bool right(const struct circuit *c, const struct relu_net net[2], const int64_t *in)
{
    int64_t out[OUTPUTS_MOST];
    double from[INPUTS_MOST], got[OUTPUTS_MOST];
    int64_t *value = calloc(c->gates.count, sizeof *value);
    bool good = value && circuit_value(c, in, out, value) == STATUS_OK;
    for (size_t i = 0; i < net[0].inputs; i++) from[i] = (double)in[i];
    for (int form = 0; form < 2 && good; form++) {
        double *h = calloc(net_units(&net[form]) + 1, sizeof *h);
        if (!h) abort();
        relu_net_f64(&net[form], from, got, h);
        free(h);
        for (size_t o = 0; o < net[form].outputs; o++) good = good && got[o] == (double)out[o];
    }
    free(value);
    return good;
}

/* On every input where they are few, else on `drawn`. */
static bool all_right(const struct circuit *c, size_t drawn)
{
    const struct app random = {.seed = 7};
    struct relu_net net[2];
    size_t all = 1;
    bool good = true;
    for (int form = 0; form < 2; form++)
        if (compile(&net[form], c, &(struct compile_plan){.skip = form}) != STATUS_OK) return false;
    for (size_t i = 0; i < c->inputs.count; i++) {
        const struct range r = circuit_at(c, ((const uint32_t *)c->inputs.at)[i])->range;
        all *= (size_t)(r.hi - r.lo + 1);
    }
    const size_t cases = all < drawn ? all : drawn;
    for (size_t i = 0; i < cases && good; i++) {
        int64_t in[INPUTS_MOST];
        size_t left = i;
        for (size_t k = 0; k < c->inputs.count; k++) {
            const struct range r = circuit_at(c, ((const uint32_t *)c->inputs.at)[k])->range;
            const size_t values = (size_t)(r.hi - r.lo + 1);
            in[k] = cases == all ? r.lo + (int64_t)(left % values)
                                 : app_random(&random, i, k, r.lo, r.hi);
            left /= values;
        }
        good = right(c, net, in);
    }
    is("skip connections need no pass-through neurons here",
       net[1].size.passes <= net[0].size.passes);
    relu_net_close(&net[0]);
    relu_net_close(&net[1]);
    return good;
}

/* ---- gates */

/* Each kind on operands of these ranges. */
static const struct {
    enum gate_kind kind;
    int64_t a, b;
    size_t count;
    struct range in[3];
} kinds[] = {
    {GATE_LINEAR, -3, 5, 1, {{-4, 9}}},
    {GATE_SUM, 0, 0, 3, {{-2, 2}, {0, 3}, {1, 4}}},
    {GATE_SUB, 0, 0, 2, {{-2, 2}, {0, 3}}},
    {GATE_RELU, 0, 0, 1, {{-5, 5}}},
    {GATE_AND, 0, 0, 3, {{0, 1}, {0, 1}, {0, 1}}},
    {GATE_OR, 0, 0, 3, {{0, 1}, {0, 1}, {0, 1}}},
    {GATE_NAND, 0, 0, 3, {{0, 1}, {0, 1}, {0, 1}}},
    {GATE_NOR, 0, 0, 3, {{0, 1}, {0, 1}, {0, 1}}},
    {GATE_XOR, 0, 0, 3, {{0, 1}, {0, 1}, {0, 1}}},
    {GATE_XNOR, 0, 0, 3, {{0, 1}, {1, 1}, {0, 1}}},
    {GATE_XOR, 0, 0, 1, {{0, 1}}},
    {GATE_ANDN, 0, 0, 2, {{0, 1}, {0, 1}}},
    {GATE_MUX, 0, 0, 3, {{0, 1}, {0, 1}, {0, 1}}},
    {GATE_THRESHOLD, 0, 0, 3, {{0, 1}, {0, 1}, {0, 1}}},
    {GATE_THRESHOLD, 2, 0, 3, {{0, 1}, {0, 1}, {0, 1}}},
    {GATE_THRESHOLD, 4, 0, 3, {{0, 1}, {0, 1}, {0, 1}}},
    {GATE_TRUTH, 0x96, 0, 3, {{0, 1}, {0, 1}, {0, 1}}},
    {GATE_TRUTH, 0xfe, 0, 3, {{0, 1}, {0, 1}, {0, 1}}},
    {GATE_TRUTH, 0, 0, 2, {{0, 1}, {0, 1}}},
    {GATE_BERNOULLI, 5, 0, 3, {{0, 1}, {0, 1}, {0, 1}}},
    {GATE_MIN, 0, 0, 3, {{-3, 3}, {-2, 5}, {0, 1}}},
    {GATE_MAX, 0, 0, 3, {{-3, 3}, {-2, 5}, {0, 1}}},
    {GATE_ABS, 0, 0, 1, {{-6, 3}}},
    {GATE_ABS, 0, 0, 1, {{2, 5}}},
    {GATE_GE, 0, 0, 2, {{-3, 3}, {-2, 5}}},
    {GATE_GT, 0, 0, 2, {{-3, 3}, {-2, 5}}},
    {GATE_EQ, 0, 0, 2, {{-3, 3}, {-2, 5}}},
    {GATE_NE, 0, 0, 2, {{-3, 3}, {-2, 5}}},
    {GATE_WHEN, 0, 0, 2, {{0, 1}, {-7, 4}}},
    {GATE_WHEN, 0, 0, 2, {{0, 1}, {3, 9}}},
    {GATE_WHEN, 0, 0, 2, {{0, 1}, {-9, -3}}},
    {GATE_SELECT, 0, 0, 3, {{0, 1}, {-7, 4}, {2, 6}}},
    {GATE_ADDMOD, 11, 0, 2, {{0, 10}, {0, 10}}},
    {GATE_SUBMOD, 11, 0, 2, {{0, 10}, {0, 10}}},
    {GATE_WRAP, 4, 0, 1, {{-24, 23}}},
    {GATE_PRODUCT, 0, 0, 2, {{0, 12}, {0, 7}}},
};

static void gates(void)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct circuit c;
        uint32_t in[3];
        char what[64];
        circuit_open(&c, NULL);
        for (size_t k = 0; k < kinds[i].count; k++)
            in[k] = circuit_input(&c, kinds[i].in[k].lo, kinds[i].in[k].hi);
        const uint32_t wire = circuit_gate(
            &c,
            &(struct gate_view){
                .kind = kinds[i].kind, .a = kinds[i].a, .b = kinds[i].b, .count = kinds[i].count},
            in);
        circuit_output(&c, wire);
        /* Once more behind a layer, on a wire that is lifted. */
        circuit_output(&c, circuit_2(&c, GATE_MAX, wire, circuit_linear(&c, -2, in[0], 1)));
        snprintf(what, sizeof what, "%s (row %zu)", gate_rule(kinds[i].kind)->name, i);
        is(what, circuit_ready(&c) == STATUS_OK && all_right(&c, 1000));
        circuit_close(&c);
    }
}

static void table_gate(void)
{
    const int64_t entries[] = {5, 0, -7, 1000000, 5};
    struct circuit c;
    circuit_open(&c, NULL);
    circuit_output(&c, circuit_table(&c, circuit_input(&c, 0, 4), entries, 5));
    is("a table", circuit_ready(&c) == STATUS_OK && all_right(&c, 1000));
    circuit_close(&c);
}

static void drawn_circuits(void)
{
    enum { CIRCUITS = 40, GATES = 60, KINDS = 8 };
    static const enum gate_kind of_bits[KINDS] = {GATE_AND,  GATE_OR,   GATE_XOR, GATE_NAND,
                                                  GATE_ANDN, GATE_XNOR, GATE_MUX, GATE_NOR};
    for (size_t i = 0; i < CIRCUITS; i++) {
        const struct app random = {.seed = i, .n = 1};
        struct circuit c;
        uint32_t wire[6 + GATES];
        char what[64];
        circuit_open(&c, NULL);
        for (size_t k = 0; k < 6; k++) wire[k] = circuit_input(&c, 0, 1);
        for (size_t g = 0; g < GATES; g++) {
            const enum gate_kind kind = of_bits[app_random(&random, g, 0, 0, KINDS - 1)];
            uint32_t in[3];
            for (size_t k = 0; k < 3; k++)
                in[k] = wire[app_random(&random, g, 1 + k, 0, (int64_t)(6 + g) - 1)];
            wire[6 + g] = circuit_of(&c, kind, kind == GATE_MUX ? 3 : 2, in);
        }
        for (size_t o = 0; o < 20; o++) circuit_output(&c, wire[6 + GATES - 1 - 2 * o]);
        snprintf(what, sizeof what, "drawn circuit %zu", i);
        is(what, circuit_ready(&c) == STATUS_OK && all_right(&c, 1000));
        circuit_close(&c);
    }
}

/* ---- what is refused */

static bool refuses(struct circuit *c, const char *sentence)
{
    struct relu_net net;
    const bool refused = compile(&net, c, &(struct compile_plan){.skip = false}) == STATUS_DATA &&
                         strstr(status_text(), sentence);
    circuit_close(c);
    return refused;
}

static void refusals(void)
{
    struct circuit c;
    circuit_open(&c, "file");
    uint32_t x = circuit_input(&c, 0, 1 << 23), y = circuit_input(&c, 0, 1 << 23);
    circuit_call(&c, "far", 9);
    circuit_output(&c, circuit_with(&c, GATE_ADDMOD, (1 << 23) + 1, 2, (const uint32_t[]){x, y}));
    is("beyond 2^24", refuses(&c, "gate 'far' (file:9, addmod): its sums reach 2^24."));
    circuit_open(&c, NULL);
    x = circuit_input(&c, 0, 255);
    circuit_output(&c, circuit_1(&c, GATE_AND, x));
    is("no bit", refuses(&c, "gate 1 (and): and takes a bit, operand 1 is from 0 to 255"));
    circuit_open(&c, NULL);
    x = circuit_input(&c, 0, 1);
    circuit_output(&c, circuit_of(&c, GATE_MUX, 2, (const uint32_t[]){x, x}));
    is("wrong arity", refuses(&c, "mux takes 3 operands, not 2"));
    circuit_open(&c, NULL);
    circuit_input(&c, 0, 1);
    is("no output", refuses(&c, "no output"));
    circuit_open(&c, NULL);
    x = circuit_input(&c, 0, (int64_t)1 << 40);
    circuit_output(&c, circuit_linear(&c, 1 << 20, x, 0));
    is("beyond 2^53", refuses(&c, "linear goes beyond 2^53"));
    /* A sum that is too much of wires that several neurons make up, and is not of wires that have one. */
    circuit_open(&c, NULL);
    x = circuit_input(&c, 0, 1000), y = circuit_input(&c, 0, 1000);
    const uint32_t more = circuit_2(&c, GATE_GE, x, y);
    circuit_output(&c, circuit_2(&c, GATE_WHEN, more, circuit_linear(&c, 5000, x, 0)));
    is("a bit gets a neuron of its own", all_right(&c, 5000));
    circuit_close(&c);
}

static void outside(void)
{
    struct circuit c;
    int64_t out, value[2];
    circuit_open(&c, NULL);
    circuit_output(&c, circuit_within(&c, circuit_input(&c, 0, 9), 0, 5));
    is("within", circuit_value(&c, (const int64_t[]){5}, &out, value) == STATUS_OK && out == 5);
    is("not within", circuit_value(&c, (const int64_t[]){6}, &out, value) == STATUS_DATA &&
                         strstr(status_text(), "is 6, which is not from 0 to 5"));
    circuit_close(&c);
}

static void orders(void)
{
    const size_t start[] = {0, 1, 2, 2, 4};
    const uint32_t need[] = {1, 2, 0, 2}, cycle[] = {1, 3, 0, 2};
    uint32_t order[4];
    struct symbols names = {0};
    is("an order", order_of(4, start, need, order) == 4 && order[0] == 2 && order[1] == 1 &&
                       order[2] == 0 && order[3] == 3);
    is("a cycle", order_of(4, start, cycle, order) < 4);
    for (uint32_t i = 0; i < 1000; i++) {
        char name[16];
        const int length = snprintf(name, sizeof name, "n%u", (unsigned)i);
        if (symbol_of(&names, name, (size_t)length) != i) is("a new name is a new number", false);
    }
    is("a name again", symbol_of(&names, "n77 ", 3) == 77);
    symbols_close(&names);
}

/* ---- netlists, against numbers */

/* The bits of the word of vectors j that a list holds, the first the lowest. */
static unsigned number_of(const uint64_t *word, size_t count, int vector)
{
    unsigned number = 0;
    for (size_t i = 0; i < count; i++) number |= (unsigned)(word[i] >> vector & 1u) << i;
    return number;
}

enum { WIRES_MOST = 16 };

/* out as a function of in, both numbers, for every in. */
static bool netlist_is_right(const char *path, unsigned (*right_of)(unsigned in))
{
    struct netlist n;
    uint64_t in[WIRES_MOST], out[WIRES_MOST];
    bool good = netlist_read(&n, path) == STATUS_OK;
    if (!good) return false;
    uint64_t *value = calloc(n.nodes.count, sizeof *value);
    for (unsigned first = 0; value && first < 1u << n.inputs.count; first += 64) {
        for (size_t i = 0; i < n.inputs.count; i++) {
            in[i] = 0;
            for (unsigned v = 0; v < 64; v++) in[i] |= (uint64_t)((first + v) >> i & 1u) << v;
        }
        netlist_value(&n, in, out, value);
        for (int v = 0; v < 64; v++)
            good = good &&
                   number_of(out, n.outputs.count, v) == right_of(number_of(in, n.inputs.count, v));
    }
    free(value);
    netlist_close(&n);
    return good;
}

/* a0 b0 a1 b1 .. */
static unsigned sum_of(unsigned in)
{
    unsigned a = 0, b = 0;
    for (int i = 0; i < 4; i++) {
        a |= (in >> 2 * i & 1u) << i;
        b |= (in >> (2 * i + 1) & 1u) << i;
    }
    return a + b;
}

static unsigned product_of(unsigned in)
{
    return (in & 7u) * (in >> 3 & 7u);
}

/* The greater, whether it is another than last time, and which it is: the register's end. */
static unsigned greater_of(unsigned in)
{
    const unsigned a = in & 15u, b = in >> 4 & 15u, last = in >> 8;
    const unsigned more = a > b;
    return (more ? a : b) | (last ^ more) << 4 | more << 5;
}

static void netlists(void)
{
    is("BLIF", netlist_is_right("bench/studies/circuits/examples/adder4.blif", sum_of));
    is("bench", netlist_is_right("bench/studies/circuits/examples/greater4.bench", greater_of));
    is("AIGER", netlist_is_right("bench/studies/circuits/examples/multiplier3.aag", product_of));
    is("binary AIGER",
       netlist_is_right("bench/studies/circuits/examples/multiplier3.aig", product_of));
}

/* ---- faults that the networks must find */

static void short_of_a_weight(const struct sparse_relu_fwd *a)
{
    int32_t *start = malloc((a->n + 1) * sizeof *start);
    struct sparse_relu_fwd row = *a;
    if (!start) abort();
    row.n = 1;
    row.start = start;
    for (size_t i = 0; i < a->n; i++) {
        start[0] = a->start[i];
        start[1] = a->start[i + 1] - (a->start[i + 1] > a->start[i] + 3);
        row.dst = a->dst + i * a->ld_dst;
        row.bias = a->bias + i;
        kernel_set(ISA_SCALAR)->sparse_relu_fwd(&row);
    }
    free(start);
}

static void short_of_an_input(const struct sparse_relu_fwd *a)
{
    struct sparse_relu_fwd less = *a;
    less.m -= a->m % 16 == 3;
    kernel_set(ISA_SCALAR)->sparse_relu_fwd(&less);
}

static void without_relu(const struct dense_fwd *a)
{
    struct dense_fwd other = *a;
    other.relu = false;
    kernel_set(ISA_SCALAR)->dense_fwd(&other);
}

static void faults(void)
{
    struct kernel_set set = *kernel_set(ISA_SCALAR);
    is("the networks are right on the scalar lane", net_check_set(&set) == 0);
    set.sparse_relu_fwd = short_of_a_weight;
    is("a lost weight is found", net_check_set(&set) > 0);
    set.sparse_relu_fwd = short_of_an_input;
    is("a lost input is found", net_check_set(&set) > 0);
    set = *kernel_set(ISA_SCALAR);
    set.dense_fwd = without_relu;
    is("a lost ReLU is found", net_check_set(&set) > 0);
}

int main(void)
{
    gates();
    table_gate();
    drawn_circuits();
    refusals();
    outside();
    orders();
    netlists();
    faults();
    return failures ? 2 : 0;
}
