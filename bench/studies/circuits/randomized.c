/* Circuits with random bits, which are inputs beside the others: a gate that is 1 with a given probability, a test
 * that errs and its majority, and the same test with seeds that are right for every input (Adleman). */
#include <stdlib.h>

#include "studies/circuits/app.h"

/* ---- 1 with probability BERNOULLI_K / 2^n, over all seeds */

enum { BERNOULLI_K = 77 };

static void bernoulli(struct app *a)
{
    enum { BITS_MOST = 20 };
    uint32_t bit[BITS_MOST];
    struct circuit *c = &a->circuit;
    for (size_t i = 0; i < a->n; i++) bit[i] = circuit_input(c, 0, 1);
    circuit_output(c, circuit_with(c, GATE_BERNOULLI, BERNOULLI_K, a->n, bit));
    a->cases = (size_t)1 << a->n;
}

static void draw_seed(const struct app *a, size_t i, int64_t *in)
{
    for (size_t b = 0; b < a->n; b++) in[b] = (int64_t)(i >> b & 1);
}

static void judge_bernoulli(const struct app *a, const int64_t *in, int64_t *want)
{
    int64_t seed = 0;
    for (size_t b = 0; b < a->n; b++) seed += in[b] << b;
    want[0] = seed < BERNOULLI_K;
}

/* ---- are two words of n bits equal? One try compares the parities of two random subsets of their bits: of different
 * words it says yes with probability 1/4. The majority of TRIES says so with probability 4e-6. */

enum { TRIES = 15, PARITIES = 2, BITS_MOST = 16 };

/* x and y agree in the parity over the subset. */
static uint32_t agrees(struct circuit *c, size_t n, const uint32_t *differ, const uint32_t *subset)
{
    uint32_t both[BITS_MOST];
    for (size_t i = 0; i < n; i++) both[i] = circuit_2(c, GATE_AND, differ[i], subset[i]);
    return circuit_of(c, GATE_XNOR, n, both);
}

static uint32_t vote(struct circuit *c, size_t n, const uint32_t *differ,
                     const uint32_t subset[TRIES * PARITIES][BITS_MOST])
{
    uint32_t yes[TRIES];
    for (size_t t = 0; t < TRIES; t++) {
        uint32_t parity[PARITIES];
        for (size_t p = 0; p < PARITIES; p++)
            parity[p] = agrees(c, n, differ, subset[t * PARITIES + p]);
        yes[t] = circuit_of(c, GATE_AND, PARITIES, parity);
    }
    return circuit_with(c, GATE_THRESHOLD, TRIES / 2 + 1, TRIES, yes);
}

static void differing(struct circuit *c, size_t n, uint32_t *differ)
{
    uint32_t word[2][BITS_MOST];
    for (size_t w = 0; w < 2; w++)
        for (size_t i = 0; i < n; i++) word[w][i] = circuit_input(c, 0, 1);
    for (size_t i = 0; i < n; i++) differ[i] = circuit_2(c, GATE_XOR, word[0][i], word[1][i]);
}

static void amplified(struct app *a)
{
    uint32_t differ[BITS_MOST], subset[TRIES * PARITIES][BITS_MOST];
    struct circuit *c = &a->circuit;
    differing(c, a->n, differ);
    for (size_t s = 0; s < TRIES * PARITIES; s++)
        for (size_t i = 0; i < a->n; i++) subset[s][i] = circuit_input(c, 0, 1);
    circuit_output(c, vote(c, a->n, differ, (const uint32_t(*)[BITS_MOST])subset));
    a->cases = 20000;
}

/* Words that are equal, differ in one bit, or in any. */
static void draw_amplified(const struct app *a, size_t i, int64_t *in)
{
    const size_t n = a->n;
    for (size_t b = 0; b < a->circuit.inputs.count; b++) in[b] = app_random(a, i, b, 0, 1);
    for (size_t b = 0; b < n && i % 4 != 3; b++) in[n + b] = in[b];
    const size_t other = (size_t)app_random(a, i, a->circuit.inputs.count, 0, (int64_t)n - 1);
    if (i % 4 == 1) in[n + other] = 1 - in[other];
}

static unsigned packed(const int64_t *bits, size_t n)
{
    unsigned word = 0;
    for (size_t i = 0; i < n; i++) word |= (unsigned)bits[i] << i;
    return word;
}

static bool try_says_yes(unsigned differ, const unsigned subset[PARITIES])
{
    bool yes = true;
    for (int p = 0; p < PARITIES; p++) yes = yes && __builtin_popcount(differ & subset[p]) % 2 == 0;
    return yes;
}

static void judge_amplified(const struct app *a, const int64_t *in, int64_t *want)
{
    const size_t n = a->n;
    const unsigned differ = packed(in, n) ^ packed(in + n, n);
    int yes = 0;
    for (size_t t = 0; t < TRIES; t++) {
        const int64_t *bits = in + 2 * n + t * PARITIES * n;
        yes +=
            try_says_yes(differ, (const unsigned[PARITIES]){packed(bits, n), packed(bits + n, n)});
    }
    want[0] = yes > TRIES / 2;
}

/* Seeds for which the majority is right whatever differs: most draws are such. False where a thousand are not. */
static bool good_seeds(const struct app *a, unsigned subset[TRIES][PARITIES])
{
    enum { DRAWS = 1000 };
    for (size_t draw = 0; draw < DRAWS; draw++) {
        bool good = true;
        for (size_t s = 0; s < TRIES * PARITIES; s++)
            subset[s / PARITIES][s % PARITIES] =
                (unsigned)app_random(a, draw, s, 0, (1 << a->n) - 1);
        for (unsigned differ = 1; differ < 1u << a->n && good; differ++) {
            int yes = 0;
            for (size_t t = 0; t < TRIES; t++) yes += try_says_yes(differ, subset[t]);
            good = yes <= TRIES / 2;
        }
        if (good) return true;
    }
    return false;
}

static void fixed_seeds(struct app *a)
{
    unsigned seed[TRIES][PARITIES];
    uint32_t differ[BITS_MOST], subset[TRIES * PARITIES][BITS_MOST];
    struct circuit *c = &a->circuit;
    if (!good_seeds(a, seed)) {
        c->status = fail(STATUS_INTERNAL, "no good seeds for words of %zu bits", a->n);
        return;
    }
    differing(c, a->n, differ);
    for (size_t s = 0; s < TRIES * PARITIES; s++)
        for (size_t i = 0; i < a->n; i++)
            subset[s][i] = circuit_const(c, seed[s / PARITIES][s % PARITIES] >> i & 1u);
    circuit_output(c, vote(c, a->n, differ, (const uint32_t(*)[BITS_MOST])subset));
    a->cases = (size_t)1 << 2 * a->n;
}

static void draw_words(const struct app *a, size_t i, int64_t *in)
{
    for (size_t b = 0; b < 2 * a->n; b++) in[b] = (int64_t)(i >> b & 1);
}

/* The truth, which no seed enters. */
static void judge_equal(const struct app *a, const int64_t *in, int64_t *want)
{
    want[0] = packed(in, a->n) == packed(in + a->n, a->n);
}

const struct app_kind app_bernoulli = {.name = "bernoulli",
                                       .what = "bits",
                                       .build = bernoulli,
                                       .draw = draw_seed,
                                       .judge = judge_bernoulli};
const struct app_kind app_amplified = {.name = "majority-test",
                                       .what = "bits",
                                       .build = amplified,
                                       .draw = draw_amplified,
                                       .judge = judge_amplified};
const struct app_kind app_fixed_seeds = {.name = "fixed-seeds",
                                         .what = "bits",
                                         .build = fixed_seeds,
                                         .draw = draw_words,
                                         .judge = judge_equal};
