/* Boolean circuits of one gate or a few, on all their inputs. */
#include "studies/circuits/app.h"

static int64_t bit_of(size_t number, size_t i)
{
    return (int64_t)(number >> i & 1);
}

static void draw_bits(const struct app *a, size_t i, int64_t *in)
{
    for (size_t b = 0; b < a->circuit.inputs.count; b++) in[b] = bit_of(i, b);
}

/* The sixteen functions of two bits as truth tables, then those that have a gate of their own. */
static void boolean16(struct app *a)
{
    static const enum gate_kind own[] = {GATE_AND, GATE_OR,   GATE_NAND, GATE_NOR,
                                         GATE_XOR, GATE_XNOR, GATE_ANDN};
    struct circuit *c = &a->circuit;
    const uint32_t x[] = {circuit_input(c, 0, 1), circuit_input(c, 0, 1)};
    for (int64_t f = 0; f < 16; f++) circuit_output(c, circuit_with(c, GATE_TRUTH, f, 2, x));
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        circuit_output(c, circuit_of(c, own[i], 2, x));
    a->cases = 4;
}

static void judge_boolean16(const struct app *a, const int64_t *in, int64_t *want)
{
    const int64_t x = in[0], y = in[1];
    const int64_t own[] = {x & y, x | y, !(x & y), !(x | y), x ^ y, x == y, x & !y};
    (void)a;
    for (int f = 0; f < 16; f++) want[f] = f >> (x + 2 * y) & 1;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) want[16 + i] = own[i];
}

static void full_adder(struct app *a)
{
    struct circuit *c = &a->circuit;
    const uint32_t x[] = {circuit_input(c, 0, 1), circuit_input(c, 0, 1), circuit_input(c, 0, 1)};
    circuit_output(c, circuit_of(c, GATE_XOR, 3, x));
    circuit_output(c, circuit_with(c, GATE_THRESHOLD, 2, 3, x));
    a->cases = 8;
}

static void judge_full_adder(const struct app *a, const int64_t *in, int64_t *want)
{
    const int64_t sum = in[0] + in[1] + in[2];
    (void)a;
    want[0] = sum & 1;
    want[1] = sum >> 1;
}

static void mux(struct app *a)
{
    struct circuit *c = &a->circuit;
    const uint32_t x[] = {circuit_input(c, 0, 1), circuit_input(c, 0, 1), circuit_input(c, 0, 1)};
    circuit_output(c, circuit_of(c, GATE_MUX, 3, x));
    a->cases = 8;
}

static void judge_mux(const struct app *a, const int64_t *in, int64_t *want)
{
    (void)a;
    want[0] = in[0] == 1 ? in[1] : in[2];
}

/* Of an odd number of bits, all combinations. */
static void majority(struct app *a)
{
    enum { BITS_MOST = 20 };
    uint32_t x[BITS_MOST];
    struct circuit *c = &a->circuit;
    for (size_t i = 0; i < a->n; i++) x[i] = circuit_input(c, 0, 1);
    circuit_output(c, circuit_with(c, GATE_THRESHOLD, (int64_t)a->n / 2 + 1, a->n, x));
    a->cases = (size_t)1 << a->n;
}

static void judge_majority(const struct app *a, const int64_t *in, int64_t *want)
{
    size_t votes[2] = {0, 0};
    for (size_t i = 0; i < a->n; i++) votes[in[i] == 1]++;
    want[0] = votes[1] > votes[0];
}

const struct app_kind app_boolean16 = {
    .name = "boolean", .build = boolean16, .draw = draw_bits, .judge = judge_boolean16};
const struct app_kind app_full_adder = {
    .name = "full-adder", .build = full_adder, .draw = draw_bits, .judge = judge_full_adder};
const struct app_kind app_mux = {
    .name = "mux", .build = mux, .draw = draw_bits, .judge = judge_mux};
const struct app_kind app_majority = {.name = "majority",
                                      .what = "bits",
                                      .build = majority,
                                      .draw = draw_bits,
                                      .judge = judge_majority};
