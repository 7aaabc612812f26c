#include "turing.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "studies/circuits/text_file.h"

enum { CELLS_MOST = 1 << 20, STEPS_MOST = 1 << 20 };

/* What the lines have said so far. */
struct draft {
    struct turing *m;
    size_t line;
    const char *tape; /* a word of the text */
    bool has_cells, has_head, has_at, has_blank, has_start;
    size_t at;
};

static enum status wrong(const struct draft *d, const char *what, const char *word)
{
    return fail(STATUS_DATA, "%s:%zu: %s '%.40s'", d->m->file, d->line, what, word);
}

/* ---- words */

static enum status state_of(const struct draft *d, const char *word, size_t *state)
{
    struct turing *m = d->m;
    for (*state = 0; *state < m->states; (*state)++)
        if (strcmp(m->state[*state], word) == 0) return STATUS_OK;
    if (strlen(word) >= STATE_ROOM) return wrong(d, "a state's name is too long:", word);
    if (m->states == STATES_MOST) return wrong(d, "more than 64 states, with", word);
    strcpy(m->state[m->states++], word);
    return STATUS_OK;
}

static enum status symbol_of(const struct draft *d, const char *word, size_t *symbol)
{
    struct turing *m = d->m;
    if (strlen(word) != 1) return wrong(d, "a symbol is one character, not", word);
    for (*symbol = 0; *symbol < m->symbols; (*symbol)++)
        if (m->symbol[*symbol] == *word) return STATUS_OK;
    if (m->symbols == SYMBOLS_MOST) return wrong(d, "more than 32 symbols, with", word);
    m->symbol[m->symbols++] = *word;
    return STATUS_OK;
}

static enum status number_of(const struct draft *d, const char *word, size_t most, size_t *number)
{
    char *end;
    const unsigned long long value = strtoull(word, &end, 10);
    if (!isdigit((unsigned char)*word) || *end || value > most)
        return fail(STATUS_DATA, "%s:%zu: '%.40s' is no number from 0 to %zu", d->m->file, d->line,
                    word, most);
    *number = (size_t)value;
    return STATUS_OK;
}

/* ---- lines */

static enum status parse_rule(struct draft *d, char *word[5])
{
    size_t state, symbol, write, next;
    static const char moves[] = "LNR";
    enum status status = state_of(d, word[0], &state);
    if (status == STATUS_OK) status = symbol_of(d, word[1], &symbol);
    if (status == STATUS_OK) status = symbol_of(d, word[2], &write);
    if (status == STATUS_OK) status = state_of(d, word[4], &next);
    if (status != STATUS_OK) return status;
    const char *move = strlen(word[3]) == 1 ? strchr(moves, *word[3]) : NULL;
    if (!move) return wrong(d, "a move is L, R or N, not", word[3]);
    struct rule *r = &d->m->rule[state][symbol];
    if (r->there) return wrong(d, "a second rule for this symbol in state", word[0]);
    *r = (struct rule){(unsigned char)write, (unsigned char)next, (signed char)(move - moves - 1),
                       true};
    if (!d->has_start) d->m->start = state;
    d->has_start = true;
    return STATUS_OK;
}

static enum status parse_setting(struct draft *d, const char *name, char *value)
{
    struct turing *m = d->m;
    size_t state;
    if (strcmp(name, "steps") == 0) return number_of(d, value, STEPS_MOST, &m->steps);
    if (strcmp(name, "cells") == 0) {
        d->has_cells = true;
        return number_of(d, value, CELLS_MOST, &m->cells);
    }
    if (strcmp(name, "head") == 0) {
        d->has_head = true;
        return number_of(d, value, CELLS_MOST, &m->head);
    }
    if (strcmp(name, "at") == 0) {
        d->has_at = true;
        return number_of(d, value, CELLS_MOST, &d->at);
    }
    if (strcmp(name, "blank") == 0) {
        d->has_blank = true;
        return symbol_of(d, value, &m->blank);
    }
    if (strcmp(name, "tape") == 0) {
        d->tape = value;
        return STATUS_OK;
    }
    if (strcmp(name, "start") == 0) {
        d->has_start = true;
        return state_of(d, value, &m->start);
    }
    if (strcmp(name, "halt") != 0) return wrong(d, "unknown word", name);
    const enum status status = state_of(d, value, &state);
    if (status == STATUS_OK) m->halts[state] = true;
    return status;
}

static enum status parse_line(struct draft *d, char *line)
{
    enum { WORDS = 5 };
    char *word[WORDS + 1], *rest = NULL;
    size_t words = 0;
    for (char *w = strtok_r(line, " \t\r", &rest); w; w = strtok_r(NULL, " \t\r", &rest)) {
        if (words == WORDS) return wrong(d, "a line has at most five words, then comes", w);
        word[words++] = w;
    }
    if (words == 0) return STATUS_OK;
    if (words == WORDS) return parse_rule(d, word);
    if (words == 2) return parse_setting(d, word[0], word[1]);
    return wrong(d, "neither a rule of five words nor a setting of two:", word[0]);
}

/* ---- the whole */

static enum status check_rules(const struct turing *m)
{
    bool any = false;
    for (size_t q = 0; q < m->states; q++)
        for (size_t a = 0; a < m->symbols; a++) {
            any = any || m->rule[q][a].there;
            if (!m->halts[q] && !m->rule[q][a].there)
                return fail(STATUS_DATA, "%s: no rule for state '%s' and symbol '%c'", m->file,
                            m->state[q], m->symbol[a]);
        }
    return any ? STATUS_OK : fail(STATUS_DATA, "%s: no rule", m->file);
}

static enum status lay_tape(struct draft *d)
{
    struct turing *m = d->m;
    const size_t length = d->tape ? strlen(d->tape) : 0;
    if (!d->has_cells) m->cells = 2 * m->steps + 1;
    if (!d->has_head) m->head = m->cells / 2;
    if (!d->has_at) d->at = m->head;
    if (m->steps == 0) return fail(STATUS_DATA, "%s: no steps", m->file);
    if (m->head >= m->cells)
        return fail(STATUS_DATA, "%s: the head starts in cell %zu of a tape of %zu", m->file,
                    m->head, m->cells);
    if (d->at > m->cells || length > m->cells - d->at)
        return fail(STATUS_DATA, "%s: %zu symbols from cell %zu on, the tape has %zu", m->file,
                    length, d->at, m->cells);
    m->tape = malloc(m->cells);
    if (!m->tape) return fail(STATUS_OS, "no memory for a tape of %zu cells", m->cells);
    memset(m->tape, (int)m->blank, m->cells);
    for (size_t i = 0; i < length; i++) {
        const char *at = memchr(m->symbol, d->tape[i], m->symbols);
        if (!at)
            return fail(STATUS_DATA, "%s: '%c' on the tape is in no rule", m->file, d->tape[i]);
        m->tape[d->at + i] = (unsigned char)(at - m->symbol);
    }
    return STATUS_OK;
}

/* One step; false where the head has left the tape. */
static bool step(const struct turing *m, unsigned char *tape, size_t *head, size_t *state)
{
    if (*head >= m->cells) return false;
    if (m->halts[*state]) return true;
    const struct rule r = m->rule[*state][tape[*head]];
    tape[*head] = r.write;
    *state = r.next;
    if (r.move < 0 && *head == 0)
        *head = m->cells;
    else
        *head = (size_t)((ptrdiff_t)*head + r.move);
    return *head < m->cells;
}

void turing_run(const struct turing *m, unsigned char *tape, size_t *head, size_t *state)
{
    for (size_t t = 0; t < m->steps; t++)
        if (!step(m, tape, head, state)) return;
}

static enum status check_tape(const struct turing *m)
{
    size_t head = m->head, state = m->start;
    unsigned char *tape = malloc(m->cells);
    enum status status = STATUS_OK;
    if (!tape) return fail(STATUS_OS, "no memory for a tape of %zu cells", m->cells);
    memcpy(tape, m->tape, m->cells);
    for (size_t t = 1; t <= m->steps && status == STATUS_OK; t++)
        if (!step(m, tape, &head, &state))
            status = fail(STATUS_DATA, "%s: in step %zu the head leaves the tape of %zu cells",
                          m->file, t, m->cells);
    free(tape);
    return status;
}

enum status turing_parse(struct turing *m, const char *file, const char *text)
{
    struct draft d = {.m = m};
    char *copy = strdup(text), *rest = copy;
    enum status status = STATUS_OK;
    *m = (struct turing){.file = file};
    if (!copy) return fail(STATUS_OS, "no memory for %s", file);
    for (char *line; status == STATUS_OK && (line = strsep(&rest, "\n"));) {
        d.line++;
        line[strcspn(line, "#")] = '\0';
        status = parse_line(&d, line);
    }
    if (status == STATUS_OK && !d.has_blank) status = symbol_of(&d, "0", &m->blank);
    if (status == STATUS_OK) status = check_rules(m);
    if (status == STATUS_OK) status = lay_tape(&d);
    if (status == STATUS_OK) status = check_tape(m);
    free(copy);
    if (status != STATUS_OK) turing_close(m);
    return status;
}

enum status turing_read(struct turing *m, const char *path)
{
    char *text = NULL;
    size_t size;
    enum status status = text_file_read(path, &text, &size);
    if (status == STATUS_OK) status = text_file_check(path, text, size);
    if (status == STATUS_OK) status = turing_parse(m, path, text);
    free(text);
    return status;
}

void turing_close(struct turing *m)
{
    free(m->tape);
    m->tape = NULL;
}

void turing_encode(const struct turing *m, const unsigned char *tape, size_t head, size_t state,
                   int64_t *wires)
{
    for (size_t i = 0; i < m->cells; i++)
        for (size_t a = 0; a < m->symbols; a++) *wires++ = tape[i] == a;
    for (size_t i = 0; i < m->cells; i++)
        for (size_t q = 0; q < m->states; q++) *wires++ = head == i && state == q;
}
