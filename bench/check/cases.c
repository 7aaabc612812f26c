#include "cases.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"

/* A field that names one dimension. */
static const size_t fields[] = {offsetof(struct shape, n), offsetof(struct shape, m),
                                offsetof(struct shape, k), offsetof(struct shape, heads)};
enum { FIELDS = sizeof fields / sizeof *fields };

static size_t get(const struct shape *s, size_t field)
{
    return *(const size_t *)((const char *)s + field);
}

static struct shape with(struct shape s, size_t field, size_t value)
{
    *(size_t *)((char *)&s + field) = value;
    return s;
}

static bool uses(const struct kernel_spec *spec, size_t field)
{
    for (size_t i = 0; i < spec->check_shape_count; i++)
        if (get(&spec->check_shapes[i], field)) return true;
    return false;
}

static bool is_vector(const struct kernel_spec *spec)
{
    return !uses(spec, offsetof(struct shape, m)) && !uses(spec, offsetof(struct shape, k)) &&
           !uses(spec, offsetof(struct shape, depth));
}

/* The smallest check shape with those flags in which no dimension that the kernel uses is below
 * two; NULL where there is none. Tails grow from it. */
static const struct shape *base_of(const struct kernel_spec *spec, unsigned flags)
{
    const struct shape *best = NULL;
    double least = 0.0;
    for (size_t i = 0; i < spec->check_shape_count; i++) {
        const struct shape *s = &spec->check_shapes[i];
        double work = 1.0;
        if (s->flags != flags) continue;
        for (size_t f = 0; f < FIELDS; f++)
            if (uses(spec, fields[f]))
                work *= get(s, fields[f]) < 2 ? 0.0 : (double)get(s, fields[f]);
        if (work == 0.0 || (best && work >= least)) continue;
        best = s;
        least = work;
    }
    return best;
}

static bool first_with_flags(const struct kernel_spec *spec, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (spec->check_shapes[j].flags == spec->check_shapes[i].flags) return false;
    return true;
}

bool cases_scaled(const struct kernel_spec *spec, const struct shape *shape)
{
    struct shape s = *shape;
    struct operand one[OPERANDS_MAX] = {0}, two[OPERANDS_MAX] = {0};
    s.scale = 1.0f;
    const size_t count = spec->operands(&s, one);
    s.scale = 2.0f;
    spec->operands(&s, two);
    for (size_t o = 0; o < count; o++)
        if (one[o].gain != two[o].gain) return true;
    return false;
}

struct visitor {
    void (*visit)(const struct check_case *c, void *ctx);
    void *ctx;
    const struct kernel_spec *spec;
    const struct alias *alias;
};

bool cases_alias_fits(const struct kernel_spec *spec, const struct alias *alias,
                      const struct shape *shape)
{
    struct operand op[OPERANDS_MAX] = {0};
    spec->operands(shape, op);
    return op[alias->one].rows == op[alias->same_as].rows;
}

bool cases_legal(const struct kernel_spec *spec, const struct shape *shape)
{
    return !spec->legal || spec->legal(shape);
}

static void emit(const struct visitor *v, struct shape shape, enum care care)
{
    if (!cases_legal(v->spec, &shape)) return;
    if (v->alias && !cases_alias_fits(v->spec, v->alias, &shape)) return;
    const struct check_case c = {shape, care, v->alias};
    v->visit(&c, v->ctx);
}

static void vector_tails(const struct shape *base, const struct visitor *v)
{
    enum { LONGEST = 70 }; /* four vectors and every tail behind them */
    for (size_t n = 0; n <= LONGEST; n++)
        emit(v, with(*base, offsetof(struct shape, n), n), CARE_TAIL);
}

static void matrix_tails(const struct kernel_spec *spec, const struct shape *base,
                         const struct visitor *v)
{
    /* Past two vectors of outputs, past two tallest register tiles of rows, past one vector of
     * inputs, some heads. */
    static const size_t last[FIELDS] = {35, 29, 19, 3};
    for (size_t f = 0; f < FIELDS; f++) {
        if (!uses(spec, fields[f])) continue;
        for (size_t x = 0; x <= last[f]; x++) emit(v, with(*base, fields[f], x), CARE_EDGE);
    }
    emit(v, *base, CARE_SHIFT);
}

/* Enough to be cut among several threads, with leading dimensions where there are any. */
static void cut(const struct kernel_spec *spec, struct shape s, const struct visitor *v)
{
    static const double MOST = 2e6; /* flops */
    if (is_vector(spec)) {
        s.n = 2 * PAR_PAGE + 17;
        if (!cases_legal(spec, &s)) s.n--;
    } else if (uses(spec, offsetof(struct shape, m))) {
        s.m = 2 * par_rows(s.n) + 1;
    }
    if (uses(spec, offsetof(struct shape, pad))) s.pad = 3;
    if (spec->flops(&s) <= MOST) emit(v, s, CARE_CUT);
}

static void scales(const struct kernel_spec *spec, struct shape s, const struct visitor *v)
{
    static const float set[] = {1e-3f, 0.1f, 0.25f, 0.5f, 1.0f, 2.0f, 4.0f, 10.0f, 1e3f};
    if (!cases_scaled(spec, &s)) return;
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
        s.scale = set[i];
        emit(v, s, CARE_SCALE);
    }
}

static void all_shapes(const struct kernel_spec *spec, bool quick, const struct visitor *v)
{
    for (size_t i = 0; i < spec->check_shape_count; i++) emit(v, spec->check_shapes[i], CARE_FULL);
    for (size_t i = 0; i < spec->check_shape_count && !quick; i++) {
        if (!first_with_flags(spec, i)) continue;
        const struct shape *base = base_of(spec, spec->check_shapes[i].flags);
        if (!base) continue;
        if (is_vector(spec))
            vector_tails(base, v);
        else
            matrix_tails(spec, base, v);
        cut(spec, *base, v);
        scales(spec, *base, v);
    }
}

void cases_name(const struct kernel_spec *spec, const struct check_case *c, char *text, size_t size)
{
    const size_t used = case_name(spec, &c->shape, text, size);
    struct operand op[OPERANDS_MAX] = {0};
    if (!c->alias || used >= size) return;
    spec->operands(&c->shape, op);
    snprintf(text + used, size - used, "/%s=%s", op[c->alias->one].name,
             op[c->alias->same_as].name);
}

void cases_visit(const struct kernel_spec *spec, bool quick,
                 void (*visit)(const struct check_case *c, void *ctx), void *ctx)
{
    all_shapes(spec, quick, &(struct visitor){visit, ctx, spec, NULL});
    for (size_t a = 0; a < spec->alias_count; a++)
        all_shapes(spec, quick, &(struct visitor){visit, ctx, spec, &spec->aliases[a]});
}

/* ---- a case from its name */

static bool parse_size(const char *word, struct shape *s)
{
    const size_t length = strcspn(word, ":");
    char *end;
    for (size_t i = 0; i < SHAPE_SIZES; i++) {
        const char *name = shape_sizes[i].name;
        if (strlen(name) != length || strncmp(word, name, length) != 0) continue;
        errno = 0;
        const char *digits = word + length + 1;
        const unsigned long long value = strtoull(digits, &end, 10);
        if (*digits < '0' || *digits > '9' || *end || errno || value > UINT32_MAX) return false;
        *shape_size(s, i) = (size_t)value;
        return true;
    }
    if (strncmp(word, "scale:", 6) != 0) return false;
    s->scale = strtof(word + 6, &end);
    return end != word + 6 && !*end && isfinite(s->scale);
}

static bool parse_flags(const struct kernel_spec *spec, const char *word, struct shape *s)
{
    for (bool more = true; more; word++) {
        const size_t length = strcspn(word, "+");
        int f = 0;
        while (f < FLAGS_MAX && !(spec->flag_names[f] && strlen(spec->flag_names[f]) == length &&
                                  strncmp(word, spec->flag_names[f], length) == 0))
            f++;
        if (f == FLAGS_MAX) return false;
        s->flags |= 1u << f;
        word += length;
        more = *word == '+';
    }
    return true;
}

static bool parse_alias(const struct kernel_spec *spec, const char *word, struct check_case *c)
{
    struct operand op[OPERANDS_MAX] = {0};
    char name[128];
    spec->operands(&c->shape, op);
    for (size_t a = 0; a < spec->alias_count; a++) {
        const struct alias *alias = &spec->aliases[a];
        if (!cases_alias_fits(spec, alias, &c->shape)) continue;
        snprintf(name, sizeof name, "%s=%s", op[alias->one].name, op[alias->same_as].name);
        if (strcmp(name, word) == 0) c->alias = alias;
    }
    return c->alias != NULL;
}

static bool parse_part(const struct kernel_spec *spec, const char *word, struct check_case *c)
{
    if (strchr(word, ':')) return parse_size(word, &c->shape);
    if (strchr(word, '=')) return parse_alias(spec, word, c);
    return parse_flags(spec, word, &c->shape);
}

/* Its bytes might not be a size_t. */
static bool too_large(const struct shape *shape)
{
    struct shape s = *shape;
    double product = 1.0;
    for (size_t i = 0; i < SHAPE_SIZES; i++) product *= fmax((double)*shape_size(&s, i), 1.0);
    return product > 0x1p48;
}

enum status cases_parse(const char *text, const struct kernel_spec **spec, struct check_case *c)
{
    char word[128];
    const char *at = text;
    *c = (struct check_case){.care = CARE_DRAWN};
    for (bool first = true; *at || first; first = false) {
        const size_t length = strcspn(at, "/");
        if (length >= sizeof word) return fail(STATUS_USAGE, "'%s': no name of a case", text);
        memcpy(word, at, length);
        word[length] = '\0';
        at += length + (at[length] == '/');
        if (first) {
            if (!*spec) *spec = kernel_spec(word);
            if (!*spec || strcmp((*spec)->name, word) != 0)
                return fail(STATUS_USAGE, "'%s': no kernel %s here", text, word);
        } else if (!parse_part(*spec, word, c)) {
            return fail(STATUS_USAGE, "'%s': %s has no size, flag or shared operand '%s'", text,
                        (*spec)->name, word);
        }
    }
    if (too_large(&c->shape)) return fail(STATUS_USAGE, "'%s': too large", text);
    const bool fits = !c->alias || cases_alias_fits(*spec, c->alias, &c->shape);
    if (fits && cases_legal(*spec, &c->shape)) return STATUS_OK;
    return fail(STATUS_USAGE, "'%s': outside of the kernel's contract", text);
}
