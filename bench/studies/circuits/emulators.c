#include "emulators.h"

#include <stdlib.h>

#define RELU(f, form) affine_relu((f), (form), 0)

static const struct range BIT = {0, 1};

static struct range range_of(const struct affines *f, size_t form)
{
    return affine_at(f, form)->range;
}

/* The sum of all operands, operand i times `base` to the power i. */
static size_t weighted(struct affines *f, const struct gate_view *g, const size_t *in, int64_t base)
{
    struct part *part = malloc((g->count + 1) * sizeof *part);
    int64_t weight = 1;
    if (!part) {
        f->status = fail(STATUS_OS, "no memory for a gate of %zu operands", g->count);
        return 0;
    }
    for (size_t i = 0; i < g->count; i++, weight *= base) part[i] = (struct part){weight, in[i]};
    const size_t sum = affine_mix(f, 0, g->count, part);
    free(part);
    return sum;
}

static size_t opposite(struct affines *f, size_t bit)
{
    return MIX(f, 1, {-1, bit});
}

/* [s >= a] of an integer: relu(s - a + 1) - relu(s - a), one of them where the other is known. */
static size_t step(struct affines *f, size_t s, int64_t a)
{
    const struct range r = range_of(f, s);
    if (a <= r.lo) return MIX(f, 1, {0, s});
    if (a > r.hi) return MIX(f, 0, {0, s});
    if (a == r.hi) return affine_within(f, RELU(f, MIX(f, 1 - a, {1, s})), BIT);
    if (a == r.lo + 1) return opposite(f, RELU(f, MIX(f, a, {-1, s})));
    const size_t on = RELU(f, MIX(f, 1 - a, {1, s})), off = RELU(f, MIX(f, -a, {1, s}));
    return affine_within(f, MIX(f, 0, {1, on}, {-1, off}), BIT);
}

/* Of s, from lo to hi: relu(s - lo) - 2 relu(s - lo - 1) + 2 relu(s - lo - 2) .., or its opposite where lo is odd. */
static size_t parity(struct affines *f, size_t s)
{
    const struct range r = range_of(f, s);
    const size_t count = (size_t)(r.hi - r.lo);
    struct part *part = malloc((count + 1) * sizeof *part);
    if (!part) {
        f->status = fail(STATUS_OS, "no memory for the parity of %zu bits", count);
        return 0;
    }
    for (size_t k = 0; k < count; k++)
        part[k] = (struct part){k == 0  ? 1
                                : k % 2 ? -2
                                        : 2,
                                RELU(f, MIX(f, -r.lo - (int64_t)k, {1, s}))};
    const size_t odd = affine_within(f, affine_mix(f, 0, count, part), BIT);
    free(part);
    return r.lo % 2 ? opposite(f, odd) : odd;
}

/* One neuron for each row of the truth table that is 1, or for each that is 0: at most one of them is not 0. */
static size_t truth(struct affines *f, const struct gate_view *g, const size_t *in)
{
    const unsigned rows = 1u << g->count;
    const uint64_t all = rows == 64 ? UINT64_MAX : ((uint64_t)1 << rows) - 1;
    const uint64_t ones = (uint64_t)g->a & all;
    const bool invert = 2 * __builtin_popcountll(ones) > (int)rows;
    const uint64_t wanted = invert ? ~ones & all : ones;
    const uint32_t group = ++f->groups;
    struct part minterm[1 << GATE_TRUTH_MOST], literal[GATE_TRUTH_MOST];
    size_t count = 0;
    for (unsigned row = 0; row < rows; row++) {
        if (!(wanted >> row & 1u)) continue;
        for (size_t i = 0; i < g->count; i++)
            literal[i] = (struct part){row >> i & 1u ? 1 : -1, in[i]};
        const size_t sum = affine_mix(f, 1 - __builtin_popcount(row), g->count, literal);
        minterm[count++] = (struct part){1, affine_relu(f, sum, group)};
    }
    const size_t any = affine_within(f, affine_mix(f, 0, count, minterm), BIT);
    return invert ? opposite(f, any) : any;
}

/* A balanced tree, so that its depth is the logarithm. min(x, y) = x - relu(x - y), max(x, y) = y + relu(x - y): of a
 * pair both share the neuron. */
static size_t extreme(struct affines *f, bool min, size_t count, const size_t *in)
{
    if (count == 1) return in[0];
    const size_t x = extreme(f, min, count / 2, in);
    const size_t y = extreme(f, min, count - count / 2, in + count / 2);
    const struct range a = range_of(f, x), b = range_of(f, y);
    const size_t more = RELU(f, MIX(f, 0, {1, x}, {-1, y}));
    const bool low = a.lo < b.lo, high = a.hi < b.hi;
    const struct range r = {low == min ? a.lo : b.lo, high == min ? a.hi : b.hi};
    return affine_within(f, min ? MIX(f, 0, {1, x}, {-1, more}) : MIX(f, 0, {1, y}, {1, more}), r);
}

/* c ? x : 0, by what x can be at the most on either side of 0. */
static size_t when(struct affines *f, size_t c, size_t x)
{
    const struct range r = range_of(f, x);
    struct part part[2];
    size_t count = 0;
    if (r.hi > 0) part[count++] = (struct part){1, RELU(f, MIX(f, -r.hi, {1, x}, {r.hi, c}))};
    if (r.lo < 0) part[count++] = (struct part){-1, RELU(f, MIX(f, r.lo, {-1, x}, {-r.lo, c}))};
    return affine_within(f, affine_mix(f, 0, count, part),
                         (struct range){r.lo < 0 ? r.lo : 0, r.hi > 0 ? r.hi : 0});
}

static size_t if_else(struct affines *f, size_t c, size_t x, size_t y)
{
    const struct range a = range_of(f, x), b = range_of(f, y);
    const size_t yes = when(f, c, x), no = when(f, opposite(f, c), y);
    return affine_within(f, MIX(f, 0, {1, yes}, {1, no}),
                         (struct range){a.lo < b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi});
}

/* The turn is taken by a bit in a neuron of its own: m times the difference of two neurons would need sums of m^2. */
static size_t modular(struct affines *f, const struct gate_view *g, const size_t *in)
{
    const bool add = g->kind == GATE_ADDMOD;
    const size_t s = MIX(f, 0, {1, in[0]}, {add ? 1 : -1, in[1]});
    const size_t turns = add ? step(f, s, g->a) : opposite(f, step(f, s, 0));
    return affine_within(f, MIX(f, 0, {1, s}, {add ? -g->a : g->a, RELU(f, turns)}),
                         (struct range){0, g->a - 1});
}

static size_t wrap(struct affines *f, int64_t bits, size_t x)
{
    const int64_t half = (int64_t)1 << (bits - 1);
    const size_t above = step(f, x, half), below = opposite(f, step(f, x, -half));
    return affine_within(f, MIX(f, 0, {1, x}, {-2 * half, above}, {2 * half, below}),
                         (struct range){-half, half - 1});
}

/* x^2 of x >= 0 as relu(x) + 2 relu(x - 1) + 2 relu(x - 2) .., the neurons of the first and of their opposites. */
static size_t squares(struct affines *f, struct part *part, size_t x, int64_t most, int64_t sign)
{
    for (int64_t k = 0; k < most; k++)
        part[k] = (struct part){sign * (k ? 2 : 1), RELU(f, MIX(f, -k, {1, x}))};
    return (size_t)most;
}

/* x y = ((x + y)^2 - |x - y|^2) / 4. */
static size_t product(struct affines *f, size_t x, size_t y)
{
    const int64_t a = range_of(f, x).hi, b = range_of(f, y).hi;
    struct part *part = malloc((size_t)(2 * (a + b) + 1) * sizeof *part);
    if (!part) {
        f->status = fail(STATUS_OS, "no memory for a product");
        return 0;
    }
    size_t count = squares(f, part, MIX(f, 0, {1, x}, {1, y}), a + b, 1);
    count += squares(f, part + count, MIX(f, 0, {1, x}, {-1, y}), a, -1);
    count += squares(f, part + count, MIX(f, 0, {1, y}, {-1, x}), b, -1);
    const size_t four = affine_mix(f, 0, count, part);
    free(part);
    return affine_within(f, affine_halve(f, four, 2), (struct range){0, a * b});
}

/* A bank of relu(x - k), from it one bit an entry, from those the entry. */
static size_t table(struct affines *f, const struct gate_view *g, size_t x)
{
    const int64_t n = g->b;
    size_t *bank = malloc((size_t)(n + 2) * sizeof *bank);
    struct part *part = malloc((size_t)n * sizeof *part);
    struct range r = {g->table[0], g->table[0]};
    size_t sum = 0;
    if (bank && part) {
        const uint32_t group = ++f->groups;
        for (int64_t k = -1; k <= n; k++) bank[k + 1] = RELU(f, MIX(f, -k, {1, x}));
        for (int64_t k = 0; k < n; k++) {
            const size_t *h = bank + k;
            const size_t spike = affine_within(f, MIX(f, 0, {1, h[0]}, {-2, h[1]}, {1, h[2]}), BIT);
            part[k] =
                (struct part){g->table[k], affine_within(f, affine_relu(f, spike, group), BIT)};
            if (g->table[k] < r.lo) r.lo = g->table[k];
            if (g->table[k] > r.hi) r.hi = g->table[k];
        }
        sum = affine_within(f, affine_mix(f, 0, (size_t)n, part), r);
    } else {
        f->status = fail(STATUS_OS, "no memory for a table of %lld entries", (long long)n);
    }
    free(bank);
    free(part);
    return sum;
}

/* [x = y] by the spike relu(d + 1) - 2 relu(d) + relu(d - 1), d = x - y. */
static size_t equal(struct affines *f, size_t x, size_t y)
{
    const size_t d = MIX(f, 0, {1, x}, {-1, y});
    const size_t up = RELU(f, MIX(f, 1, {1, d})), top = RELU(f, d),
                 down = RELU(f, MIX(f, -1, {1, d}));
    return affine_within(f, MIX(f, 0, {1, up}, {-2, top}, {1, down}), BIT);
}

static size_t boolean(struct affines *f, const struct gate_view *g, const size_t *in)
{
    const int64_t count = (int64_t)g->count;
    const size_t s = weighted(f, g, in, 1);
    switch (g->kind) {
    case GATE_AND:
        return step(f, s, count);
    case GATE_NAND:
        return opposite(f, step(f, s, count));
    case GATE_OR:
        return step(f, s, 1);
    case GATE_NOR:
        return opposite(f, step(f, s, 1));
    case GATE_XNOR:
        return opposite(f, parity(f, s));
    case GATE_THRESHOLD:
        return step(f, s, g->a);
    default:
        return parity(f, s);
    }
}

size_t emulate(struct affines *f, const struct gate_view *g, const size_t *in)
{
    switch (g->kind) {
    case GATE_CONST:
        return affine_mix(f, g->a, 0, NULL);
    case GATE_LINEAR:
        return MIX(f, g->b, {g->a, in[0]});
    case GATE_SUM:
        return weighted(f, g, in, 1);
    case GATE_SUB:
        return MIX(f, 0, {1, in[0]}, {-1, in[1]});
    case GATE_WITHIN:
        return affine_within(f, in[0], (struct range){g->a, g->b});
    case GATE_RELU:
        return RELU(f, in[0]);
    case GATE_ANDN:
        return affine_within(f, RELU(f, MIX(f, 0, {1, in[0]}, {-1, in[1]})), BIT);
    case GATE_MUX: {
        const size_t yes = RELU(f, MIX(f, -1, {1, in[0]}, {1, in[1]}));
        const size_t no = RELU(f, MIX(f, 0, {1, in[2]}, {-1, in[0]}));
        return affine_within(f, MIX(f, 0, {1, yes}, {1, no}), BIT);
    }
    case GATE_TRUTH:
        return truth(f, g, in);
    case GATE_BERNOULLI:
        return opposite(f, step(f, weighted(f, g, in, 2), g->a));
    case GATE_MIN:
    case GATE_MAX:
        return extreme(f, g->kind == GATE_MIN, g->count, in);
    case GATE_ABS:
        return affine_within(f,
                             MIX(f, 0, {1, RELU(f, in[0])}, {1, RELU(f, MIX(f, 0, {-1, in[0]}))}),
                             (struct range){0, INT64_MAX});
    case GATE_GE:
        return step(f, MIX(f, 0, {1, in[0]}, {-1, in[1]}), 0);
    case GATE_GT:
        return step(f, MIX(f, 0, {1, in[0]}, {-1, in[1]}), 1);
    case GATE_EQ:
        return equal(f, in[0], in[1]);
    case GATE_NE:
        return opposite(f, equal(f, in[0], in[1]));
    case GATE_WHEN:
        return when(f, in[0], in[1]);
    case GATE_SELECT:
        return if_else(f, in[0], in[1], in[2]);
    case GATE_ADDMOD:
    case GATE_SUBMOD:
        return modular(f, g, in);
    case GATE_WRAP:
        return wrap(f, g->a, in[0]);
    case GATE_PRODUCT:
        return product(f, in[0], in[1]);
    case GATE_TABLE:
        return table(f, g, in[0]);
    default:
        return boolean(f, g, in);
    }
}
