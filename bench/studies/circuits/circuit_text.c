#include "circuit_text.h"

#include <stdlib.h>
#include <string.h>

#include "studies/circuits/statement.h"

/* A line of `output`. */
struct wanted {
    char *word;
    size_t line;
};

struct reader {
    struct parser p;
    struct list outputs; /* struct wanted */
    size_t line;
};

static void no_memory(struct reader *r)
{
    if (r->p.c->status == STATUS_OK)
        r->p.c->status = fail(STATUS_OS, "no memory for %s", r->p.c->file);
}

/* ---- lines */

/* A new statement that defines the name, or NULL. */
static struct statement *define(struct reader *r, const char *word)
{
    struct circuit *c = r->p.c;
    int64_t bits, number;
    size_t length;
    if (text_number(word, &number) || !text_name(word, &length, &bits) || bits == 0 ||
        bits > WORD_MOST) {
        text_wrong(c, r->line, "'%.60s' is neither a name nor NAME[BITS] of 1 to %d bits", word,
                   WORD_MOST);
        return NULL;
    }
    const uint32_t symbol = symbol_of(&r->p.symbols, word, length);
    while (symbol != UINT32_MAX && r->p.defined.count <= symbol) {
        uint32_t *none = list_add(&r->p.defined, 1, sizeof *none);
        if (!none) break;
        *none = 0;
    }
    if (symbol >= r->p.defined.count) {
        no_memory(r);
        return NULL;
    }
    uint32_t *defined = (uint32_t *)r->p.defined.at + symbol;
    if (*defined) {
        text_wrong(c, r->line, "'%.60s' is defined in line %zu too",
                   symbol_name(&r->p.symbols, symbol), statement_at(&r->p, *defined - 1)->line);
        return NULL;
    }
    struct statement *s = list_add(&r->p.statements, 1, sizeof *s);
    if (!s) {
        no_memory(r);
        return NULL;
    }
    *defined = (uint32_t)r->p.statements.count;
    *s = (struct statement){.line = r->line,
                            .symbol = symbol,
                            .first = r->p.words.count,
                            .bits = bits < 0 ? 0 : (size_t)bits,
                            .hi = 1};
    return s;
}

static void read_input(struct reader *r, char **word, size_t words)
{
    struct statement *s = words == 2 || words == 4 ? define(r, word[1]) : NULL;
    if (words != 2 && words != 4)
        text_wrong(r->p.c, r->line,
                   "input takes a name, or a name and its least and greatest value");
    if (!s || words == 2) return;
    if (s->bits)
        text_wrong(r->p.c, r->line, "a word's bits are from 0 to 1");
    else if (!text_number(word[2], &s->lo) || !text_number(word[3], &s->hi))
        text_wrong(r->p.c, r->line, "'%.60s %.60s' are no range", word[2], word[3]);
}

static void read_outputs(struct reader *r, char **word, size_t words)
{
    for (size_t i = 1; i < words; i++) {
        struct wanted *to = list_add(&r->outputs, 1, sizeof *to);
        if (to)
            *to = (struct wanted){word[i], r->line};
        else
            no_memory(r);
    }
    if (words == 1) text_wrong(r->p.c, r->line, "output takes names");
}

static void read_gate(struct reader *r, char **word, size_t words)
{
    struct statement *s = define(r, word[0]);
    if (!s) return;
    s->gate = words > 2 ? text_gate_of(word[2]) : NULL;
    if (!s->gate) {
        text_wrong(r->p.c, r->line, "'%.60s' is no gate", words > 2 ? word[2] : "");
        return;
    }
    s->count = words - 3;
    char **to = list_add(&r->p.words, s->count, sizeof *to);
    if (to)
        memcpy(to, word + 3, s->count * sizeof *to);
    else
        no_memory(r);
}

static void read_line(struct reader *r, char *line, struct list *words)
{
    char *rest = NULL;
    words->count = 0;
    line[strcspn(line, "#")] = '\0';
    for (char *w = strtok_r(line, " \t\r", &rest); w; w = strtok_r(NULL, " \t\r", &rest)) {
        char **to = list_add(words, 1, sizeof *to);
        if (!to) {
            no_memory(r);
            return;
        }
        *to = w;
    }
    char **word = words->at;
    if (words->count == 0) return;
    if (words->count > 1 && strcmp(word[1], "=") == 0)
        read_gate(r, word, words->count);
    else if (strcmp(word[0], "input") == 0)
        read_input(r, word, words->count);
    else if (strcmp(word[0], "output") == 0)
        read_outputs(r, word, words->count);
    else
        text_wrong(r->p.c, r->line, "'%.60s': a line is input, output, or NAME = GATE", word[0]);
}

/* ---- the order in which statements can be built */

static bool is_wire(const struct parser *p, const struct statement *s, size_t i)
{
    int64_t number;
    return i >= text_gate_numbers(s->gate) && !text_number(argument_at(p, s, i), &number);
}

static void build_in_order(struct reader *r, const size_t *start, const uint32_t *need)
{
    struct parser *p = &r->p;
    const size_t count = p->statements.count;
    uint32_t *order = calloc(count + 1, sizeof *order);
    const size_t cycle = order ? order_of(count, start, need, order) : SIZE_MAX;
    if (cycle == SIZE_MAX) {
        no_memory(r);
    } else if (cycle < count) {
        const struct statement *s = statement_at(p, cycle);
        text_wrong(p->c, s->line, "'%.60s' depends on itself",
                   symbol_name(&p->symbols, (uint32_t)s->symbol));
    }
    for (size_t i = 0; i < count && p->c->status == STATUS_OK; i++)
        if (statement_at(p, order[i])->gate) statement_build(p, statement_at(p, order[i]));
    free(order);
}

/* Inputs first, in the order of the text: that is the order of the circuit's. */
static void build(struct reader *r)
{
    struct parser *p = &r->p;
    const size_t count = p->statements.count;
    size_t *start = calloc(count + 1, sizeof *start), needs = 0;
    uint32_t *need = calloc(p->words.count + 1, sizeof *need);
    if (!start || !need) no_memory(r);
    for (size_t i = 0; i < count && p->c->status == STATUS_OK; i++) {
        const struct statement *s = statement_at(p, i);
        start[i] = needs;
        for (size_t k = 0; s->gate && k < s->count && p->c->status == STATUS_OK; k++) {
            if (!is_wire(p, s, k)) continue;
            const struct statement *of = text_defined(p, argument_at(p, s, k), s->line);
            if (of && of->gate) need[needs++] = (uint32_t)(of - statement_at(p, 0));
        }
        start[i + 1] = needs;
        if (!s->gate) statement_build(p, statement_at(p, i));
    }
    if (p->c->status == STATUS_OK) build_in_order(r, start, need);
    free(start);
    free(need);
}

static void put_outputs(struct reader *r)
{
    for (size_t i = 0; i < r->outputs.count && r->p.c->status == STATUS_OK; i++) {
        const struct wanted *w = (const struct wanted *)r->outputs.at + i;
        const struct statement *s = text_defined(&r->p, w->word, w->line);
        size_t length;
        int64_t bit;
        if (!s || !text_name(w->word, &length, &bit)) return;
        if (bit >= (int64_t)s->bits && bit >= 0)
            text_wrong(r->p.c, w->line, "'%.60s': the word has %zu bits", w->word, s->bits);
        else if (bit >= 0)
            circuit_output(r->p.c, s->wire[bit]);
        else
            for (size_t b = 0; b < (s->bits ? s->bits : 1); b++) circuit_output(r->p.c, s->wire[b]);
    }
}

enum status circuit_parse(struct circuit *c, char *text)
{
    struct reader r = {.p = {.c = c}};
    struct list words = {0};
    for (char *line; c->status == STATUS_OK && (line = strsep(&text, "\n"));) {
        r.line++;
        read_line(&r, line, &words);
    }
    if (c->status == STATUS_OK) build(&r);
    if (c->status == STATUS_OK) put_outputs(&r);
    list_free(&words);
    list_free(&r.outputs);
    list_free(&r.p.statements);
    list_free(&r.p.words);
    list_free(&r.p.defined);
    symbols_close(&r.p.symbols);
    return circuit_ready(c);
}
