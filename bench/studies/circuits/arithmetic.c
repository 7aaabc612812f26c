/* Integers as a digital computer has them, overflow included: words of bits, and integers on one wire. */
#include "studies/circuits/app.h"
#include "studies/circuits/words.h"

enum { PAIRS_ALL = 1 << 16, PAIRS_ADD = 20000, PAIRS_MULTIPLY = 1000, PAIRS_INTEGER = 20000 };

/* ---- words */

static void words(struct app *a,
                  void (*gate)(struct circuit *, size_t, const uint32_t *, const uint32_t *,
                               uint32_t *),
                  size_t drawn)
{
    uint32_t x[WORD_MOST], y[WORD_MOST], z[WORD_MOST];
    word_input(&a->circuit, a->n, x);
    word_input(&a->circuit, a->n, y);
    gate(&a->circuit, a->n, x, y, z);
    word_output(&a->circuit, a->n, z);
    a->cases = a->n <= 8 ? (size_t)1 << 2 * a->n : drawn;
}

static void add(struct app *a)
{
    words(a, word_add, PAIRS_ADD);
}
static void multiply(struct app *a)
{
    words(a, word_multiply, PAIRS_MULTIPLY);
}

static void draw_words(const struct app *a, size_t i, int64_t *in)
{
    for (size_t b = 0; b < 2 * a->n; b++)
        in[b] = a->n <= 8 ? (int64_t)(i >> b & 1) : app_random(a, i, b, 0, 1);
}

static uint32_t number_of(const int64_t *bits, size_t n)
{
    uint32_t number = 0;
    for (size_t i = 0; i < n; i++) number |= (uint32_t)bits[i] << i;
    return number;
}

/* The machine's own arithmetic: what is above n bits is left out. */
static void judge_add(const struct app *a, const int64_t *in, int64_t *want)
{
    const uint32_t sum = number_of(in, a->n) + number_of(in + a->n, a->n);
    for (size_t i = 0; i < a->n; i++) want[i] = sum >> i & 1u;
}
static void judge_multiply(const struct app *a, const int64_t *in, int64_t *want)
{
    const uint32_t product = number_of(in, a->n) * number_of(in + a->n, a->n);
    for (size_t i = 0; i < a->n; i++) want[i] = product >> i & 1u;
}

/* ---- integers on one wire */

/* Pairs from lo to hi: all where they are few. */
static void pairs(struct app *a, int64_t count)
{
    a->cases = count * count <= PAIRS_ALL ? (size_t)(count * count) : PAIRS_INTEGER;
}

static void draw_pair(const struct app *a, size_t i, int64_t *in)
{
    const struct range r = circuit_at(&a->circuit, 0)->range; /* of the first input */
    const int64_t count = r.hi - r.lo + 1;
    for (size_t k = 0; k < 2; k++)
        in[k] = count * count > PAIRS_ALL ? app_random(a, i, k, r.lo, r.hi)
                                          : r.lo + (k ? (int64_t)i / count : (int64_t)i % count);
}

static void add_modulo(struct app *a)
{
    struct circuit *c = &a->circuit;
    const int64_t m = (int64_t)a->n;
    const uint32_t x[] = {circuit_input(c, 0, m - 1), circuit_input(c, 0, m - 1)};
    circuit_output(c, circuit_with(c, GATE_ADDMOD, m, 2, x));
    pairs(a, m);
}

static void judge_add_modulo(const struct app *a, const int64_t *in, int64_t *want)
{
    want[0] = (int64_t)(((uint64_t)in[0] + (uint64_t)in[1]) % a->n);
}

static void int8_add(struct app *a)
{
    struct circuit *c = &a->circuit;
    const uint32_t x[] = {circuit_input(c, INT8_MIN, INT8_MAX),
                          circuit_input(c, INT8_MIN, INT8_MAX)};
    const uint32_t sum = circuit_of(c, GATE_SUM, 2, x);
    circuit_output(c, circuit_with(c, GATE_WRAP, 8, 1, &sum));
    pairs(a, 256);
}

static void judge_int8_add(const struct app *a, const int64_t *in, int64_t *want)
{
    (void)a;
    want[0] = (int8_t)(uint8_t)((unsigned)in[0] + (unsigned)in[1]);
}

/* Residues mod 256, their product of 16 bits, its low 8 as a signed number. */
static void int8_multiply(struct app *a)
{
    struct circuit *c = &a->circuit;
    uint32_t x[2], word[16], low;
    for (int i = 0; i < 2; i++) {
        const uint32_t in = circuit_input(c, INT8_MIN, INT8_MAX);
        const uint32_t sign = circuit_2(c, GATE_GT, circuit_const(c, 0), in);
        x[i] =
            circuit_within(c, circuit_2(c, GATE_SUM, in, circuit_linear(c, 256, sign, 0)), 0, 255);
    }
    word_of(c, x[1], 0, 8, word, NULL);
    word_of(c, word_times(c, x[0], 8, word), 8, 16, word, &low);
    circuit_output(c, circuit_with(c, GATE_WRAP, 8, 1, &low));
    pairs(a, 256);
}

static void judge_int8_multiply(const struct app *a, const int64_t *in, int64_t *want)
{
    (void)a;
    want[0] = (int8_t)(uint8_t)((unsigned)in[0] * (unsigned)in[1]);
}

/* ---- a product deep and narrow, or wide and in one layer */

static void judge_product(const struct app *a, const int64_t *in, int64_t *want)
{
    (void)a;
    want[0] = in[0] * in[1];
}

/* Of integers of n bits, by the bits of the second. */
static void gated_product(struct app *a)
{
    struct circuit *c = &a->circuit;
    uint32_t word[WORD_MOST];
    const int64_t count = (int64_t)1 << a->n;
    const uint32_t x = circuit_input(c, 0, count - 1), y = circuit_input(c, 0, count - 1);
    word_of(c, y, 0, a->n, word, NULL);
    circuit_output(c, word_times(c, x, a->n, word));
    pairs(a, count);
}

/* Of integers below n. */
static void layer_product(struct app *a)
{
    struct circuit *c = &a->circuit;
    const uint32_t x = circuit_input(c, 0, (int64_t)a->n - 1);
    const uint32_t y = circuit_input(c, 0, (int64_t)a->n - 1);
    circuit_output(c, circuit_2(c, GATE_PRODUCT, x, y));
    pairs(a, (int64_t)a->n);
}

const struct app_kind app_add = {
    .name = "add", .what = "bits", .build = add, .draw = draw_words, .judge = judge_add};
const struct app_kind app_multiply = {.name = "multiply",
                                      .what = "bits",
                                      .build = multiply,
                                      .draw = draw_words,
                                      .judge = judge_multiply};
const struct app_kind app_add_modulo = {.name = "add-modulo",
                                        .what = "modulus",
                                        .build = add_modulo,
                                        .draw = draw_pair,
                                        .judge = judge_add_modulo};
const struct app_kind app_int8_add = {
    .name = "int8-add", .build = int8_add, .draw = draw_pair, .judge = judge_int8_add};
const struct app_kind app_int8_multiply = {.name = "int8-multiply",
                                           .build = int8_multiply,
                                           .draw = draw_pair,
                                           .judge = judge_int8_multiply};
const struct app_kind app_gated_product = {.name = "gated-product",
                                           .what = "bits",
                                           .build = gated_product,
                                           .draw = draw_pair,
                                           .judge = judge_product};
const struct app_kind app_layer_product = {.name = "layer-product",
                                           .what = "values",
                                           .build = layer_product,
                                           .draw = draw_pair,
                                           .judge = judge_product};
