#include "gates.h"

static const struct gate_rule rules[GATE_KINDS] = {
    [GATE_INPUT] = {"input", 0, 0, false, false},
    [GATE_CONST] = {"const", 0, 0, false, false},
    [GATE_LINEAR] = {"linear", 1, 1, false, false},
    [GATE_SUM] = {"sum", 1, GATE_ANY, false, false},
    [GATE_SUB] = {"sub", 2, 2, false, false},
    [GATE_WITHIN] = {"within", 1, 1, false, false},
    [GATE_RELU] = {"relu", 1, 1, false, false},
    [GATE_AND] = {"and", 1, GATE_ANY, true, false},
    [GATE_OR] = {"or", 1, GATE_ANY, true, false},
    [GATE_NAND] = {"nand", 1, GATE_ANY, true, false},
    [GATE_NOR] = {"nor", 1, GATE_ANY, true, false},
    [GATE_XOR] = {"xor", 1, GATE_ANY, true, false},
    [GATE_XNOR] = {"xnor", 1, GATE_ANY, true, false},
    [GATE_ANDN] = {"andn", 2, 2, true, false},
    [GATE_MUX] = {"mux", 3, 3, true, false},
    [GATE_THRESHOLD] = {"threshold", 1, GATE_ANY, true, false},
    [GATE_TRUTH] = {"truth", 1, GATE_TRUTH_MOST, true, false},
    [GATE_BERNOULLI] = {"bernoulli", 1, 20, true, false},
    [GATE_MIN] = {"min", 1, GATE_ANY, false, false},
    [GATE_MAX] = {"max", 1, GATE_ANY, false, false},
    [GATE_ABS] = {"abs", 1, 1, false, false},
    [GATE_GE] = {"ge", 2, 2, false, false},
    [GATE_GT] = {"gt", 2, 2, false, false},
    [GATE_EQ] = {"eq", 2, 2, false, false},
    [GATE_NE] = {"ne", 2, 2, false, false},
    [GATE_WHEN] = {"when", 2, 2, false, true},
    [GATE_SELECT] = {"select", 3, 3, false, true},
    [GATE_ADDMOD] = {"addmod", 2, 2, false, false},
    [GATE_SUBMOD] = {"submod", 2, 2, false, false},
    [GATE_WRAP] = {"wrap", 1, 1, false, false},
    [GATE_PRODUCT] = {"product", 2, 2, false, false},
    [GATE_TABLE] = {"table", 1, 1, false, false},
};

const struct gate_rule *gate_rule(enum gate_kind kind)
{
    return &rules[kind];
}

static int64_t least(int64_t x, int64_t y)
{
    return x < y ? x : y;
}
static int64_t greatest(int64_t x, int64_t y)
{
    return x > y ? x : y;
}

/* ---- ranges */

static enum status operands_fit(const struct gate_view *g, const struct range *in)
{
    const struct gate_rule *rule = &rules[g->kind];
    if (g->count < (size_t)rule->least || g->count > (size_t)rule->most)
        return rule->least == rule->most
                   ? fail(STATUS_DATA, "%s takes %d operand%s, not %zu", rule->name, rule->least,
                          rule->least == 1 ? "" : "s", g->count)
               : g->count < (size_t)rule->least
                   ? fail(STATUS_DATA, "%s takes at least %d operand%s", rule->name, rule->least,
                          rule->least == 1 ? "" : "s")
                   : fail(STATUS_DATA, "%s takes at most %d operands, not %zu", rule->name,
                          rule->most, g->count);
    for (size_t i = 0; i < g->count; i++)
        if ((rule->of_bits || (rule->first_bit && i == 0)) && !range_is_bit(in[i]))
            return fail(STATUS_DATA, "%s takes a bit, operand %zu is from %lld to %lld", rule->name,
                        i + 1, (long long)in[i].lo, (long long)in[i].hi);
    return STATUS_OK;
}

/* Operands from 0 to below. */
static enum status below(const struct gate_view *g, const struct range *in, int64_t limit)
{
    for (size_t i = 0; i < g->count; i++)
        if (in[i].lo < 0 || in[i].hi >= limit)
            return fail(STATUS_DATA,
                        "%s %lld takes operands from 0 to %lld, operand %zu is from %lld to %lld",
                        rules[g->kind].name, (long long)limit, (long long)limit - 1, i + 1,
                        (long long)in[i].lo, (long long)in[i].hi);
    return STATUS_OK;
}

static enum status linear_range(const struct gate_view *g, struct range x, struct range *out)
{
    const int64_t from = g->a < 0 ? x.hi : x.lo, to = g->a < 0 ? x.lo : x.hi;
    if (__builtin_mul_overflow(g->a, from, &out->lo) ||
        __builtin_mul_overflow(g->a, to, &out->hi) ||
        __builtin_add_overflow(out->lo, g->b, &out->lo) ||
        __builtin_add_overflow(out->hi, g->b, &out->hi))
        return fail(STATUS_DATA, "linear %lld %lld overflows", (long long)g->a, (long long)g->b);
    return STATUS_OK;
}

/* Of SUM each operand is within GATE_MOST: it takes a thousand to overflow. */
static enum status sum_range(const struct gate_view *g, const struct range *in, struct range *out)
{
    *out = (struct range){0, 0};
    for (size_t i = 0; i < g->count; i++) {
        out->lo += in[i].lo;
        out->hi += in[i].hi;
        if (out->lo < -GATE_MOST || out->hi > GATE_MOST) break;
    }
    return STATUS_OK;
}

static void extremes(const struct gate_view *g, const struct range *in, struct range *out)
{
    *out = in[0];
    for (size_t i = 1; i < g->count; i++) {
        const bool min = g->kind == GATE_MIN;
        out->lo = min ? least(out->lo, in[i].lo) : greatest(out->lo, in[i].lo);
        out->hi = min ? least(out->hi, in[i].hi) : greatest(out->hi, in[i].hi);
    }
}

static enum status table_range(const struct gate_view *g, const struct range *in, struct range *out)
{
    *out = (struct range){g->table[0], g->table[0]};
    for (int64_t i = 0; i < g->b; i++) {
        out->lo = least(out->lo, g->table[i]);
        out->hi = greatest(out->hi, g->table[i]);
    }
    return below(g, in, g->b);
}

static enum status wrap_range(const struct gate_view *g, struct range x, struct range *out)
{
    if (g->a < 1 || g->a > 50) return fail(STATUS_DATA, "wrap takes 1 to 50 bits");
    const int64_t half = (int64_t)1 << (g->a - 1);
    *out = (struct range){-half, half - 1};
    if (x.lo < -3 * half || x.hi >= 3 * half)
        return fail(STATUS_DATA, "wrap %lld takes %lld to %lld, operand 1 is from %lld to %lld",
                    (long long)g->a, (long long)(-3 * half), (long long)(3 * half - 1),
                    (long long)x.lo, (long long)x.hi);
    return STATUS_OK;
}

static enum status product_range(const struct range *in, struct range *out)
{
    if (in[0].lo < 0 || in[1].lo < 0 || in[0].hi >= 1 << 12 || in[1].hi >= 1 << 12)
        return fail(STATUS_DATA, "product takes operands from 0 to 4095");
    *out = (struct range){0, in[0].hi * in[1].hi};
    return STATUS_OK;
}

static enum status kind_range(const struct gate_view *g, const struct range *in, struct range *out)
{
    const struct range bit = {0, 1};
    *out = bit;
    switch (g->kind) {
    case GATE_INPUT:
    case GATE_WITHIN:
        *out = (struct range){g->a, g->b};
        if (g->a > g->b)
            return fail(STATUS_DATA, "from %lld to %lld: nothing is there", (long long)g->a,
                        (long long)g->b);
        return STATUS_OK;
    case GATE_CONST:
        *out = (struct range){g->a, g->a};
        return STATUS_OK;
    case GATE_LINEAR:
        return linear_range(g, in[0], out);
    case GATE_SUM:
        return sum_range(g, in, out);
    case GATE_SUB:
        *out = (struct range){in[0].lo - in[1].hi, in[0].hi - in[1].lo};
        return STATUS_OK;
    case GATE_RELU:
        *out = (struct range){greatest(in[0].lo, 0), greatest(in[0].hi, 0)};
        return STATUS_OK;
    case GATE_MIN:
    case GATE_MAX:
        extremes(g, in, out);
        return STATUS_OK;
    case GATE_ABS:
        *out = (struct range){in[0].lo > 0   ? in[0].lo
                              : in[0].hi < 0 ? -in[0].hi
                                             : 0,
                              greatest(-in[0].lo, in[0].hi)};
        return STATUS_OK;
    case GATE_WHEN:
        *out = (struct range){least(in[1].lo, 0), greatest(in[1].hi, 0)};
        return STATUS_OK;
    case GATE_SELECT:
        *out = (struct range){least(in[1].lo, in[2].lo), greatest(in[1].hi, in[2].hi)};
        return STATUS_OK;
    case GATE_ADDMOD:
    case GATE_SUBMOD:
        *out = (struct range){0, g->a - 1};
        return below(g, in, g->a);
    case GATE_WRAP:
        return wrap_range(g, in[0], out);
    case GATE_PRODUCT:
        return product_range(in, out);
    case GATE_TABLE:
        return table_range(g, in, out);
    default:
        return STATUS_OK;
    }
}

enum status gate_range(const struct gate_view *g, const struct range *in, struct range *out)
{
    enum status status = operands_fit(g, in);
    if (status == STATUS_OK) status = kind_range(g, in, out);
    if (status == STATUS_OK && (out->lo < -GATE_MOST || out->hi > GATE_MOST))
        return fail(STATUS_DATA, "%s goes beyond 2^53", rules[g->kind].name);
    return status;
}
