/* statement: a line of a circuit's text, and how it becomes gates. For circuit_text's files. */
#ifndef CIRCUITS_STATEMENT_H
#define CIRCUITS_STATEMENT_H

#include "studies/circuits/symbols.h"
#include "studies/circuits/words.h"

struct text_gate;

/* What defines a name: an input, or a gate with its arguments. */
struct statement {
    const struct text_gate *gate; /* NULL: an input, from lo to hi */
    size_t line, symbol;
    size_t first, count; /* of its arguments, in parser.words */
    size_t bits;         /* of a word; 0: one wire */
    int64_t lo, hi;
    uint32_t wire[WORD_MOST]; /* once it is built */
};

struct parser {
    struct circuit *c;
    struct symbols symbols;
    struct list statements; /* struct statement */
    struct list words;      /* char * into the text */
    struct list defined;    /* uint32_t: of each symbol its statement + 1; 0: none */
};

static inline struct statement *statement_at(const struct parser *p, size_t i)
{
    return (struct statement *)p->statements.at + i;
}
static inline char *argument_at(const struct parser *p, const struct statement *s, size_t i)
{
    return ((char **)p->words.at)[s->first + i];
}

/* NULL: no gate has that name. */
const struct text_gate *text_gate_of(const char *name);
/* Arguments that come before the wires. */
size_t text_gate_numbers(const struct text_gate *gate);

/* The circuit's status becomes STATUS_DATA, unless it has failed before: file, line and the sentence. */
__attribute__((format(printf, 3, 4))) void text_wrong(struct circuit *c, size_t line,
                                                      const char *format, ...);
/* A whole number, all of the text. */
bool text_number(const char *text, int64_t *number);
/* The name's length, and with NAME[BIT] the bit; false where the brackets are not right. */
bool text_name(const char *text, size_t *length, int64_t *bit);
/* The statement that defines what a wire's name begins with; NULL after text_wrong(). */
struct statement *text_defined(const struct parser *p, const char *word, size_t line);

/* Gates, once all that its arguments name is built. */
void statement_build(const struct parser *p, struct statement *s);

#endif
