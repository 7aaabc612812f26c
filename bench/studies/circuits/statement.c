#include "statement.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "studies/circuits/functions.h"

/* How a gate of the text becomes gates of the circuit. */
enum form {
    PLAIN,  /* the kind, with up to two numbers as its parameters */
    TURNED, /* the kind, with its operands in the other order */
    LINEAR, /* a x + b, where a number takes the place of the one that is 0 */
    MAJORITY,
    TRUTH,
    TABLE,
    FUNCTION,
    ADD, /* from here on: of words */
    MULTIPLY,
    BITS,
    VALUE,
    SIGNED
};

static const struct text_gate {
    const char *name;
    enum form form;
    enum gate_kind kind;
    size_t numbers;
    int64_t a, b;
} gates[] = {
    {"and", PLAIN, GATE_AND, 0, 0, 0},
    {"or", PLAIN, GATE_OR, 0, 0, 0},
    {"nand", PLAIN, GATE_NAND, 0, 0, 0},
    {"nor", PLAIN, GATE_NOR, 0, 0, 0},
    {"xor", PLAIN, GATE_XOR, 0, 0, 0},
    {"xnor", PLAIN, GATE_XNOR, 0, 0, 0},
    {"andn", PLAIN, GATE_ANDN, 0, 0, 0},
    {"mux", PLAIN, GATE_MUX, 0, 0, 0},
    {"threshold", PLAIN, GATE_THRESHOLD, 1, 0, 0},
    {"bernoulli", PLAIN, GATE_BERNOULLI, 1, 0, 0},
    {"sum", PLAIN, GATE_SUM, 0, 0, 0},
    {"sub", PLAIN, GATE_SUB, 0, 0, 0},
    {"min", PLAIN, GATE_MIN, 0, 0, 0},
    {"max", PLAIN, GATE_MAX, 0, 0, 0},
    {"abs", PLAIN, GATE_ABS, 0, 0, 0},
    {"relu", PLAIN, GATE_RELU, 0, 0, 0},
    {"within", PLAIN, GATE_WITHIN, 2, 0, 0},
    {"ge", PLAIN, GATE_GE, 0, 0, 0},
    {"gt", PLAIN, GATE_GT, 0, 0, 0},
    {"eq", PLAIN, GATE_EQ, 0, 0, 0},
    {"ne", PLAIN, GATE_NE, 0, 0, 0},
    {"le", TURNED, GATE_GE, 0, 0, 0},
    {"lt", TURNED, GATE_GT, 0, 0, 0},
    {"when", PLAIN, GATE_WHEN, 0, 0, 0},
    {"select", PLAIN, GATE_SELECT, 0, 0, 0},
    {"addmod", PLAIN, GATE_ADDMOD, 1, 0, 0},
    {"submod", PLAIN, GATE_SUBMOD, 1, 0, 0},
    {"wrap", PLAIN, GATE_WRAP, 1, 0, 0},
    {"product", PLAIN, GATE_PRODUCT, 0, 0, 0},
    {"not", LINEAR, GATE_LINEAR, 0, -1, 1},
    {"neg", LINEAR, GATE_LINEAR, 0, -1, 0},
    {"scale", LINEAR, GATE_LINEAR, 1, 0, 0},
    {"offset", LINEAR, GATE_LINEAR, 1, 1, 0},
    {"majority", MAJORITY, GATE_THRESHOLD, 0, 0, 0},
    {"truth", TRUTH, GATE_TRUTH, 1, 0, 0},
    {"table", TABLE, GATE_TABLE, 0, 0, 0},
    {"function", FUNCTION, GATE_TABLE, 3, 0, 0},
    {"add", ADD, GATE_KINDS, 0, 0, 0},
    {"multiply", MULTIPLY, GATE_KINDS, 0, 0, 0},
    {"bits", BITS, GATE_KINDS, 0, 0, 0},
    {"value", VALUE, GATE_KINDS, 0, 0, 0},
    {"signed", SIGNED, GATE_KINDS, 0, 0, 0},
};

const struct text_gate *text_gate_of(const char *name)
{
    for (size_t i = 0; i < sizeof gates / sizeof *gates; i++)
        if (strcmp(gates[i].name, name) == 0) return &gates[i];
    return NULL;
}

size_t text_gate_numbers(const struct text_gate *gate)
{
    return gate->numbers;
}

/* ---- words of the text */

void text_wrong(struct circuit *c, size_t line, const char *format, ...)
{
    char text[256];
    va_list args;
    if (c->status != STATUS_OK) return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    c->status = fail(STATUS_DATA, "%s:%zu: %s", c->file, line, text);
}

bool text_number(const char *text, int64_t *number)
{
    char *end;
    if (!isdigit((unsigned char)text[*text == '-'])) return false;
    errno = 0;
    *number = strtoll(text, &end, 10);
    return *end == '\0' && errno == 0 && *number >= -GATE_MOST && *number <= GATE_MOST;
}

bool text_name(const char *text, size_t *length, int64_t *bit)
{
    char digits[8];
    const char *open = strchr(text, '[');
    *bit = -1;
    *length = open ? (size_t)(open - text) : strlen(text);
    if (!open) return *length > 0;
    const size_t inside = strcspn(open + 1, "]");
    if (inside == 0 || inside >= sizeof digits || strcmp(open + 1 + inside, "]") != 0) return false;
    memcpy(digits, open + 1, inside);
    digits[inside] = '\0';
    return *length > 0 && text_number(digits, bit) && *bit >= 0;
}

struct statement *text_defined(const struct parser *p, const char *word, size_t line)
{
    size_t length;
    int64_t bit;
    if (!text_name(word, &length, &bit)) {
        text_wrong(p->c, line, "'%.60s' is neither NAME nor NAME[BIT]", word);
        return NULL;
    }
    const uint32_t symbol = symbol_of((struct symbols *)&p->symbols, word, length);
    const uint32_t at = symbol < p->defined.count ? ((const uint32_t *)p->defined.at)[symbol] : 0;
    if (at) return statement_at(p, at - 1);
    text_wrong(p->c, line, "'%.*s' is not defined", length > 60 ? 60 : (int)length, word);
    return NULL;
}

/* ---- arguments */

static int64_t number_at(const struct parser *p, const struct statement *s, size_t i)
{
    int64_t number = 0;
    const char *word = argument_at(p, s, i);
    if (!text_number(word, &number))
        text_wrong(p->c, s->line, "%s takes a number, not '%.60s'", s->gate->name, word);
    return number;
}

static uint32_t wire_at(const struct parser *p, const struct statement *s, size_t i)
{
    const char *word = argument_at(p, s, i);
    int64_t number, bit;
    size_t length;
    if (text_number(word, &number)) return circuit_const(p->c, number);
    const struct statement *of = text_defined(p, word, s->line);
    if (!of || !text_name(word, &length, &bit)) return 0;
    if (of->bits == 0 && bit >= 0)
        text_wrong(p->c, s->line, "'%.60s': that is no word", word);
    else if (of->bits && bit < 0)
        text_wrong(p->c, s->line, "%s takes a wire, '%.60s' is a word", s->gate->name, word);
    else if (bit >= (int64_t)of->bits && of->bits)
        text_wrong(p->c, s->line, "'%.60s': the word has %zu bits", word, of->bits);
    else
        return of->wire[bit < 0 ? 0 : bit];
    return 0;
}

/* A word of as many bits as the statement's, or where that is one wire, of any. NULL after text_wrong(). */
static const struct statement *word_at(const struct parser *p, const struct statement *s, size_t i)
{
    const char *word = argument_at(p, s, i);
    const struct statement *of = text_defined(p, word, s->line);
    if (!of) return NULL;
    if (!of->bits || strchr(word, '['))
        text_wrong(p->c, s->line, "%s takes a word, '%.60s' is a wire", s->gate->name, word);
    else if (s->bits && of->bits != s->bits)
        text_wrong(p->c, s->line, "%s makes %zu bits of '%.60s', which has %zu", s->gate->name,
                   s->bits, word, of->bits);
    else
        return of;
    return NULL;
}

/* ---- gates */

static void build_gate(const struct parser *p, struct statement *s)
{
    const struct text_gate *g = s->gate;
    const size_t wires = s->count - g->numbers;
    struct gate_view v = {.kind = g->kind, .a = g->a, .b = g->b, .count = wires};
    uint32_t *in = calloc(wires + 1, sizeof *in);
    if (!in) {
        p->c->status = fail(STATUS_OS, "no memory for a gate of %zu operands", wires);
        return;
    }
    for (size_t i = 0; i < wires; i++)
        in[g->form == TURNED ? wires - 1 - i : i] = wire_at(p, s, g->numbers + i);
    if (g->numbers) *(g->form == LINEAR && g->a ? &v.b : &v.a) = number_at(p, s, 0);
    if (g->numbers > 1) v.b = number_at(p, s, 1);
    if (g->form == MAJORITY) v.a = (int64_t)wires / 2 + 1;
    if (p->c->status == STATUS_OK) {
        circuit_call(p->c, symbol_name(&p->symbols, (uint32_t)s->symbol), s->line);
        s->wire[0] = circuit_gate(p->c, &v, in);
    }
    free(in);
}

/* Digits, the first for all inputs 0, become the bits of a number, the first the lowest. */
static void build_truth(const struct parser *p, struct statement *s)
{
    const char *digits = argument_at(p, s, 0);
    const size_t wires = s->count - 1, rows = strlen(digits);
    uint64_t bits = 0;
    uint32_t in[GATE_TRUTH_MOST];
    if (wires == 0 || wires > GATE_TRUTH_MOST || rows != (size_t)1 << wires ||
        digits[strspn(digits, "01")] != '\0') {
        text_wrong(p->c, s->line, "truth takes one digit, 0 or 1, for each row of one to %d inputs",
                   GATE_TRUTH_MOST);
        return;
    }
    for (size_t r = 0; r < rows; r++) bits |= (uint64_t)(digits[r] == '1') << r;
    for (size_t i = 0; i < wires; i++) in[i] = wire_at(p, s, 1 + i);
    if (p->c->status != STATUS_OK) return;
    circuit_call(p->c, symbol_name(&p->symbols, (uint32_t)s->symbol), s->line);
    s->wire[0] = circuit_with(p->c, GATE_TRUTH, (int64_t)bits, wires, in);
}

static void build_table(const struct parser *p, struct statement *s)
{
    enum { POINTS_MOST = 1 << 16, FRACTION_MOST = 40 };
    const bool function = s->gate->form == FUNCTION;
    const int64_t points = function ? number_at(p, s, 1) : (int64_t)s->count - 1;
    const int64_t fraction = function ? number_at(p, s, 2) : 0;
    const size_t x = function ? 3 : 0;
    if (points < 1 || points > POINTS_MOST || fraction < 0 || fraction > FRACTION_MOST ||
        (function && s->count != 4)) {
        text_wrong(p->c, s->line,
                   "table x ENTRY .. or function NAME POINTS FRACTION x, with 1 to "
                   "65536 points and up to 40 bits behind the point");
        return;
    }
    int64_t *entry = calloc((size_t)points, sizeof *entry);
    if (!entry) {
        p->c->status = fail(STATUS_OS, "no memory for a table of %lld", (long long)points);
        return;
    }
    for (int64_t i = 0; i < points && !function; i++) entry[i] = number_at(p, s, 1 + (size_t)i);
    if (function && !function_table(argument_at(p, s, 0), (size_t)points, (int)fraction, entry))
        text_wrong(p->c, s->line, "no function '%.60s': exp, sin, log, tanh", argument_at(p, s, 0));
    const uint32_t wire = wire_at(p, s, x);
    if (p->c->status == STATUS_OK) {
        circuit_call(p->c, symbol_name(&p->symbols, (uint32_t)s->symbol), s->line);
        s->wire[0] = circuit_table(p->c, wire, entry, (size_t)points);
    }
    free(entry);
}

/* The highest bit counts as minus its weight. */
static uint32_t signed_value(struct circuit *c, size_t bits, const uint32_t *word)
{
    const uint32_t sign = circuit_linear(c, -((int64_t)1 << bits), word[bits - 1], 0);
    const int64_t half = (int64_t)1 << (bits - 1);
    return circuit_within(c, circuit_2(c, GATE_SUM, word_value(c, bits, word), sign), -half,
                          half - 1);
}

static void build_word(const struct parser *p, struct statement *s)
{
    const enum form form = s->gate->form;
    const size_t wanted = form == ADD || form == MULTIPLY ? 2 : 1;
    const bool makes_word = form == ADD || form == MULTIPLY || form == BITS;
    if (s->count != wanted || makes_word != (s->bits > 0)) {
        text_wrong(p->c, s->line, "%s makes %s of %zu argument%s", s->gate->name,
                   makes_word ? "a word, NAME[BITS]," : "a wire", wanted, wanted > 1 ? "s" : "");
        return;
    }
    if (form == BITS) {
        const uint32_t x = wire_at(p, s, 0);
        if (p->c->status != STATUS_OK) return;
        const struct range r = circuit_at(p->c, x)->range;
        if (r.lo < 0 || r.hi >= (int64_t)1 << s->bits)
            text_wrong(p->c, s->line, "bits: '%.60s' is from %lld to %lld, not from 0 to 2^%zu - 1",
                       argument_at(p, s, 0), (long long)r.lo, (long long)r.hi, s->bits);
        else
            word_of(p->c, x, 0, s->bits, s->wire, NULL);
        return;
    }
    const struct statement *v = word_at(p, s, 0), *w = wanted > 1 ? word_at(p, s, 1) : v;
    if (!v || !w) return;
    if (form == ADD) word_add(p->c, s->bits, v->wire, w->wire, s->wire);
    if (form == MULTIPLY) word_multiply(p->c, s->bits, v->wire, w->wire, s->wire);
    if (form == VALUE) s->wire[0] = word_value(p->c, v->bits, v->wire);
    if (form == SIGNED) s->wire[0] = signed_value(p->c, v->bits, v->wire);
}

void statement_build(const struct parser *p, struct statement *s)
{
    if (!s->gate) {
        for (size_t i = 0; i < (s->bits ? s->bits : 1); i++) {
            circuit_call(p->c, symbol_name(&p->symbols, (uint32_t)s->symbol), s->line);
            s->wire[i] = circuit_input(p->c, s->lo, s->hi);
        }
        return;
    }
    if (s->gate->form >= ADD) {
        build_word(p, s);
        return;
    }
    if (s->bits)
        text_wrong(p->c, s->line, "%s makes a wire, not a word", s->gate->name);
    else if (s->count < s->gate->numbers + (s->gate->form != TABLE))
        text_wrong(p->c, s->line, "%s has too few arguments", s->gate->name);
    else if (s->gate->form == TRUTH)
        build_truth(p, s);
    else if (s->gate->form == TABLE || s->gate->form == FUNCTION)
        build_table(p, s);
    else
        build_gate(p, s);
}
