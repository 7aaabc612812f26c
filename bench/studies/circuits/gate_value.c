/* What gates mean. */
#include "studies/circuits/gates.h"

static int64_t sum_of(const struct gate_view *g, const int64_t *in)
{
    int64_t sum = 0;
    for (size_t i = 0; i < g->count; i++) sum += in[i];
    return sum;
}

/* The operands as the digits of a number, the first the lowest. */
static int64_t number_of(const struct gate_view *g, const int64_t *in)
{
    int64_t number = 0;
    for (size_t i = g->count; i-- > 0;) number = 2 * number + in[i];
    return number;
}

static int64_t extreme_of(const struct gate_view *g, const int64_t *in)
{
    int64_t best = in[0];
    for (size_t i = 1; i < g->count; i++)
        if ((in[i] < best) == (g->kind == GATE_MIN)) best = in[i];
    return best;
}

static int64_t wrapped(int64_t x, int64_t bits)
{
    const int64_t turn = (int64_t)1 << bits, low = x & (turn - 1);
    return low >= turn / 2 ? low - turn : low;
}

int64_t gate_value(const struct gate_view *g, const int64_t *in)
{
    const int64_t count = (int64_t)g->count;
    switch (g->kind) {
    case GATE_INPUT: /* given, not computed */
    case GATE_KINDS:
        break;
    case GATE_CONST:
        return g->a;
    case GATE_LINEAR:
        return g->a * in[0] + g->b;
    case GATE_SUM:
        return sum_of(g, in);
    case GATE_SUB:
        return in[0] - in[1];
    case GATE_WITHIN:
        return in[0];
    case GATE_RELU:
        return in[0] > 0 ? in[0] : 0;
    case GATE_AND:
        return sum_of(g, in) == count;
    case GATE_OR:
        return sum_of(g, in) > 0;
    case GATE_NAND:
        return sum_of(g, in) != count;
    case GATE_NOR:
        return sum_of(g, in) == 0;
    case GATE_XOR:
        return sum_of(g, in) % 2;
    case GATE_XNOR:
        return 1 - sum_of(g, in) % 2;
    case GATE_ANDN:
        return in[0] && !in[1];
    case GATE_MUX:
    case GATE_SELECT:
        return in[0] ? in[1] : in[2];
    case GATE_THRESHOLD:
        return sum_of(g, in) >= g->a;
    case GATE_TRUTH:
        return (int64_t)((uint64_t)g->a >> number_of(g, in) & 1u);
    case GATE_BERNOULLI:
        return number_of(g, in) < g->a;
    case GATE_MIN:
    case GATE_MAX:
        return extreme_of(g, in);
    case GATE_ABS:
        return in[0] < 0 ? -in[0] : in[0];
    case GATE_GE:
        return in[0] >= in[1];
    case GATE_GT:
        return in[0] > in[1];
    case GATE_EQ:
        return in[0] == in[1];
    case GATE_NE:
        return in[0] != in[1];
    case GATE_WHEN:
        return in[0] ? in[1] : 0;
    case GATE_ADDMOD:
        return (in[0] + in[1]) % g->a;
    case GATE_SUBMOD:
        return (in[0] + g->a - in[1]) % g->a;
    case GATE_WRAP:
        return wrapped(in[0], g->a);
    case GATE_PRODUCT:
        return in[0] * in[1];
    case GATE_TABLE:
        return g->table[in[0]];
    }
    return 0;
}
