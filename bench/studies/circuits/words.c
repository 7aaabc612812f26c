#include "words.h"

#include <assert.h>

void word_input(struct circuit *c, size_t bits, uint32_t *word)
{
    for (size_t i = 0; i < bits; i++) word[i] = circuit_input(c, 0, 1);
}

void word_output(struct circuit *c, size_t bits, const uint32_t *word)
{
    for (size_t i = 0; i < bits; i++) circuit_output(c, word[i]);
}

/* The compiler finds that sum and carry of the same bits share neurons: two of a half adder, three of a full one. */
static uint32_t sum_bit(struct circuit *c, size_t count, const uint32_t *bit)
{
    return circuit_of(c, GATE_XOR, count, bit);
}
static uint32_t carry_bit(struct circuit *c, size_t count, const uint32_t *bit)
{
    return circuit_with(c, GATE_THRESHOLD, 2, count, bit);
}

void word_add(struct circuit *c, size_t bits, const uint32_t *x, const uint32_t *y, uint32_t *sum)
{
    uint32_t carry = 0;
    for (size_t i = 0; i < bits; i++) {
        const uint32_t in[] = {x[i], y[i], carry};
        const size_t count = i == 0 ? 2 : 3;
        sum[i] = sum_bit(c, count, in);
        carry = carry_bit(c, count, in);
    }
}

/* Bits of one weight that wait to be added. */
struct column {
    uint32_t bit[3 * WORD_MOST];
    size_t begin, end;
};

static void put(struct column *column, uint32_t bit)
{
    assert(column->end < 3 * WORD_MOST);
    column->bit[column->end++] = bit;
}

void word_multiply(struct circuit *c, size_t bits, const uint32_t *x, const uint32_t *y,
                   uint32_t *product)
{
    struct column column[WORD_MOST + 1] = {0};
    assert(bits <= WORD_MOST);
    for (size_t i = 0; i < bits; i++)
        for (size_t j = 0; i + j < bits; j++)
            put(&column[i + j], circuit_2(c, GATE_AND, x[i], y[j]));
    for (size_t w = 0; w < bits; w++) {
        struct column *at = &column[w];
        while (at->end - at->begin > 1) {
            const size_t count = at->end - at->begin < 3 ? 2 : 3;
            const uint32_t *in = at->bit + at->begin;
            at->begin += count;
            if (w + 1 < bits) put(&column[w + 1], carry_bit(c, count, in));
            put(at, sum_bit(c, count, in));
        }
        product[w] = at->bit[at->begin];
    }
}

void word_of(struct circuit *c, uint32_t x, size_t from, size_t bits, uint32_t *word,
             uint32_t *rest)
{
    for (size_t j = bits; j-- > from;) {
        const int64_t weight = (int64_t)1 << j;
        const uint32_t limit = circuit_const(c, weight);
        const uint32_t bit = circuit_1(c, GATE_RELU, circuit_2(c, GATE_GE, x, limit));
        const uint32_t left = circuit_2(c, GATE_SUM, x, circuit_linear(c, -weight, bit, 0));
        word[j - from] = bit;
        x = circuit_within(c, left, 0, weight - 1);
    }
    if (rest) *rest = x;
}

uint32_t word_value(struct circuit *c, size_t bits, const uint32_t *word)
{
    uint32_t part[WORD_MOST];
    assert(bits <= WORD_MOST);
    for (size_t i = 0; i < bits; i++) part[i] = circuit_linear(c, (int64_t)1 << i, word[i], 0);
    return circuit_of(c, GATE_SUM, bits, part);
}

uint32_t word_times(struct circuit *c, uint32_t x, size_t bits, const uint32_t *y)
{
    uint32_t part[WORD_MOST];
    assert(bits <= WORD_MOST);
    for (size_t i = 0; i < bits; i++)
        part[i] = circuit_linear(c, (int64_t)1 << i, circuit_2(c, GATE_WHEN, y[i], x), 0);
    return circuit_of(c, GATE_SUM, bits, part);
}
