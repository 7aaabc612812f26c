/* Functions of one variable on a grid of n points, as tables of their values in fixed point, and a polynomial by
 * Horner's rule that truncates as a machine without a floating-point unit does. */
#include "functions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "studies/circuits/app.h"
#include "studies/circuits/words.h"

/* Bits behind the point: no value reaches 2^23. */
enum { FRACTION = 20 };

static const double TURN = 6.283185307179586;

static double exp_at(double t)
{
    return exp(t);
}
static double sin_at(double t)
{
    return sin(TURN * t);
}
static double log_at(double t)
{
    return log(t + 0x1p-10);
}
static double tanh_at(double t)
{
    return tanh(8.0 * t - 4.0);
}

static const struct {
    const char *name;
    double (*f)(double);
} functions[] = {{"exp", exp_at}, {"sin", sin_at}, {"log", log_at}, {"tanh", tanh_at}};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static int64_t fixed_point(double (*f)(double), size_t k, size_t points, int fraction)
{
    return (int64_t)rint(ldexp(f((double)k / (double)points), fraction));
}

bool function_table(const char *name, size_t points, int fraction, int64_t *entry)
{
    size_t i = 0;
    while (i < FUNCTIONS && strcmp(functions[i].name, name) != 0) i++;
    for (size_t k = 0; i < FUNCTIONS && k < points; k++)
        entry[k] = fixed_point(functions[i].f, k, points, fraction);
    return i < FUNCTIONS;
}

static void build_table(struct app *a, const char *name)
{
    struct circuit *c = &a->circuit;
    int64_t *entry = malloc(a->n * sizeof *entry);
    const uint32_t x = circuit_input(c, 0, (int64_t)a->n - 1);
    if (entry && function_table(name, a->n, FRACTION, entry))
        circuit_output(c, circuit_table(c, x, entry, a->n));
    else
        c->status = fail(STATUS_OS, "no memory for a table of %zu entries", a->n);
    a->cases = a->n;
    free(entry);
}

static void draw_number(const struct app *a, size_t i, int64_t *in)
{
    (void)a;
    in[0] = (int64_t)i;
}

#define TABLE(function)                                                                            \
    static void build_##function(struct app *a)                                                    \
    {                                                                                              \
        build_table(a, #function);                                                                 \
    }                                                                                              \
    static void judge_##function(const struct app *a, const int64_t *in, int64_t *want)            \
    {                                                                                              \
        want[0] = fixed_point(function##_at, (size_t)in[0], a->n, FRACTION);                       \
    }                                                                                              \
    const struct app_kind app_##function = {.name = #function "-table",                            \
                                            .what = "points",                                      \
                                            .build = build_##function,                             \
                                            .draw = draw_number,                                   \
                                            .judge = judge_##function};
TABLE(exp)
TABLE(sin)
TABLE(log)
TABLE(tanh)

/* ---- x - 10/64 x^3 for sin x on [0, 1), six bits behind the point */

enum { BITS = 6, ONE = 1 << BITS, DEGREE = 3 };
static const int64_t coefficient[DEGREE + 1] = {0, 64, 0, -10};

/* floor(x / 2^BITS): x is moved to where it is not negative, its high bits are found, those below are left. */
static uint32_t shifted_down(struct circuit *c, uint32_t x)
{
    uint32_t word[WORD_MOST];
    const struct range r = circuit_at(c, x)->range;
    const int64_t move = r.lo < 0 ? (-r.lo + ONE - 1) / ONE : 0;
    size_t bits = BITS + 1;
    while (r.hi + move * ONE >= (int64_t)1 << bits) bits++;
    word_of(c, circuit_linear(c, 1, x, move * ONE), BITS, bits, word, NULL);
    return circuit_linear(c, 1, word_value(c, bits - BITS, word), -move);
}

static void horner(struct app *a)
{
    struct circuit *c = &a->circuit;
    uint32_t word[BITS];
    const uint32_t x = circuit_input(c, 0, ONE - 1);
    uint32_t sum = circuit_const(c, coefficient[DEGREE]);
    word_of(c, x, 0, BITS, word, NULL);
    for (int d = DEGREE; d-- > 0;)
        sum = circuit_linear(c, 1, shifted_down(c, word_times(c, sum, BITS, word)), coefficient[d]);
    circuit_output(c, sum);
    a->cases = ONE;
}

static void judge_horner(const struct app *a, const int64_t *in, int64_t *want)
{
    int64_t sum = coefficient[DEGREE];
    (void)a;
    for (int d = DEGREE; d-- > 0;) sum = ((sum * in[0]) >> BITS) + coefficient[d];
    want[0] = sum;
}

const struct app_kind app_horner = {
    .name = "horner", .build = horner, .draw = draw_number, .judge = judge_horner};
