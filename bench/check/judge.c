#include "judge.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[VERDICT_COUNT] = {
        "PASS",      "WRONG VALUE", "OTHER WORDS", "NOT REPEATABLE", "DEPENDS ON THREADS",
        "CRASH",     "OUTSIDE",     "WROTE INPUT", "UNWRITTEN",      "MISTRUSTED",
        "NO ORACLE", "TWIN OFF",    "GRADIENT OFF"};
    return names[verdict];
}

/* One output element: its value, and its word widened to 64 bits. */
struct element {
    double value;
    uint64_t word;
};

static struct element element_at(const char *out, enum type type, size_t i)
{
    struct element e = {0};
    if (type == TYPE_F32) {
        float x;
        uint32_t word;
        memcpy(&x, out + i * sizeof x, sizeof x);
        memcpy(&word, out + i * sizeof word, sizeof word);
        e.value = (double)x;
        e.word = word;
    } else if (type == TYPE_I32) {
        int32_t x;
        memcpy(&x, out + i * sizeof x, sizeof x);
        e.value = (double)x;
        e.word = (uint32_t)x;
    } else {
        memcpy(&e.value, out + i * sizeof e.value, sizeof e.value);
        memcpy(&e.word, out + i * sizeof e.word, sizeof e.word);
    }
    return e;
}

static bool is_stale(enum type type, uint64_t word)
{
    const uint64_t stale = FILL_STALE;
    return word == (type == TYPE_F64 ? stale << 32 | stale : stale);
}

/* The distance between neighbours at x. */
static double ulp_at(double x, enum type type)
{
    uint64_t word;
    if (type == TYPE_I32) return 1.0;
    if (x == 0.0 || !isfinite(x)) return type == TYPE_F32 ? 0x1p-149 : 0x1p-1074;
    memcpy(&word, &x, sizeof word);
    const int e = (int)(word >> (DBL_MANT_DIG - 1) & 0x7ff) - (DBL_MAX_EXP - 1);
    const int bits = type == TYPE_F32 ? FLT_MANT_DIG : DBL_MANT_DIG;
    const int least = type == TYPE_F32 ? -149 : -1074,
              at = e + 1 - bits < least ? least : e + 1 - bits;
    if (at < DBL_MIN_EXP - 1) return ldexp(1.0, at);
    /* 2^at by its exponent: this is asked of every element of every output. */
    word = (uint64_t)(at + DBL_MAX_EXP - 1) << (DBL_MANT_DIG - 1);
    double ulp;
    memcpy(&ulp, &word, sizeof ulp);
    return ulp;
}

/* From here on a result rounds to infinity. */
static double overflow_at(enum type type)
{
    return type == TYPE_F32 ? 0x1.ffffffp127 : INFINITY;
}

/* The oracle allows anything there. */
static bool is_free(double want, double slack)
{
    return isfinite(want) && isinf(slack);
}

double judge_held(const struct problem *p, double *elements)
{
    double all = 0.0, held = 0.0;
    for (size_t o = 0; o < p->count; o++) {
        if (!operand_written(&p->op[o])) continue;
        const size_t count = operand_elements(&p->op[o]);
        size_t any = 0;
        for (size_t i = 0; i < count; i++) any += is_free(p->want[o][i], p->slack[o][i]);
        all += (double)count;
        held += (double)(count - any);
    }
    if (elements) *elements = all;
    return held;
}

enum terms { TERMS_OWN, TERMS_FREE, TERMS_TWIN, TERMS_TWIN_OVERFLOW };

static bool is_twin(enum terms terms)
{
    return terms == TERMS_TWIN || terms == TERMS_TWIN_OVERFLOW;
}

static bool holds(double got, double want, double slack, enum type type, enum terms terms)
{
    if (is_twin(terms)) slack *= 2.0;
    if (terms == TERMS_TWIN_OVERFLOW && !isfinite(got)) return true;
    if (isnan(want)) return isnan(got);
    if (isinf(want)) return got == want;
    if (is_free(want, slack)) return true;
    if (isnan(got)) return false;
    if (isinf(got)) return copysign(1.0, got) * want + slack >= overflow_at(type);
    if (want == 0.0 && slack == 0.0 && !is_twin(terms))
        return got == 0.0 && !signbit(got) == !signbit(want);
    return fabs(got - want) <= slack;
}

static bool oracle_filled(double want, double slack)
{
    uint64_t word;
    memcpy(&word, &want, sizeof word);
    if (is_stale(TYPE_F64, word)) return false;
    return !isfinite(want) || slack >= 0.0;
}

__attribute__((format(printf, 4, 5))) static void
describe(struct finding *f, const struct operand *op, size_t i, const char *format, ...)
{
    va_list args;
    int used = snprintf(f->text, sizeof f->text, "%s[%zu]", op->name, i);
    if (op->rows > 1)
        used += snprintf(f->text + used, sizeof f->text - (size_t)used, " (row %zu, column %zu)",
                         i / op->cols, i % op->cols);
    va_start(args, format);
    vsnprintf(f->text + used, sizeof f->text - (size_t)used, format, args);
    va_end(args);
}

static void see(struct readout *seen, double got, double want, double slack, enum type type)
{
    if (!isfinite(got) || !isfinite(want) || isinf(slack)) return;
    const double off = fabs(got - want);
    if (off == 0.0) return;
    const double ulp = off / ulp_at(fmax(fabs(want), slack), type);
    if (ulp > seen->max_ulp) seen->max_ulp = ulp;
    if (off / slack > seen->bound_used) seen->bound_used = off / slack;
}

static double greatest_input(const struct problem *p)
{
    double greatest = 0.0;
    for (size_t o = 0; o < p->count; o++) {
        const struct operand *op = &p->op[o];
        if (op->role != ROLE_IN || op->type != TYPE_F32) continue;
        for (size_t i = 0; i < operand_elements(op); i++) {
            const float *row = (const float *)p->master[o] + i / op->cols * op->ld;
            greatest = fmax(greatest, fabs((double)row[i % op->cols]));
        }
    }
    return greatest;
}

static bool judge_operand(const struct problem *p, size_t o, const char *out, enum terms terms,
                          struct readout *seen, struct finding *f)
{
    const struct operand *op = &p->op[o];
    const double share = is_twin(terms) ? p->spec->twin_slack : 0.0;
    const double times = terms == TERMS_FREE ? 2.0 : 1.0;
    const double more = share > 0.0 ? share * greatest_input(p) : 0.0;
    for (size_t i = 0; i < operand_elements(op); i++) {
        const double want = p->want[o][i], slack = times * p->slack[o][i] + more;
        const struct element e = element_at(out, op->type, i);
        if (!oracle_filled(want, slack)) {
            f->verdict = VERDICT_ORACLE;
            describe(f, op, i, ": the oracle wants %.9g and allows %g", want, slack);
            return false;
        }
        if (op->role == ROLE_OUT && is_stale(op->type, e.word)) {
            f->verdict = VERDICT_UNWRITTEN;
            describe(f, op, i, " was not written: want %.9g", want);
            return false;
        }
        if (!holds(e.value, want, slack, op->type, terms)) {
            f->verdict = VERDICT_VALUE;
            describe(f, op, i, ": got %.9g (0x%llx), want %.12g, allowed %.3g, off by %.3g",
                     e.value, (unsigned long long)e.word, want, slack, fabs(e.value - want));
            return false;
        }
        see(seen, e.value, want, slack, op->type);
    }
    return true;
}

/* A result of mostly dead units agrees with nearly any kernel. Where there are as many others as
 * the largest input has elements, the zeros are padding. */
static bool mostly_zero(const struct problem *p, size_t o)
{
    /* So many units do not die by chance; whether they are the rows or the columns a kernel knows alone. A single row is
     * one of units. */
    enum { FEW = 32, UNITS = 8 };
    const bool few_rows = p->op[o].rows > 1 && p->op[o].rows < UNITS;
    const size_t elements = operand_elements(&p->op[o]);
    size_t zeros = 0, largest = 0;
    if (p->fill != FILL_UNIT || p->may_vanish) return false;
    if (elements < FEW || p->op[o].cols < UNITS || few_rows) return false;
    for (size_t i = 0; i < p->count; i++) {
        const size_t inputs = operand_elements(&p->op[i]);
        if (p->op[i].role != ROLE_IN) continue;
        if (inputs == 0) return false;
        if (inputs > largest) largest = inputs;
    }
    for (size_t i = 0; i < elements; i++) zeros += p->want[o][i] == 0.0 && !isinf(p->slack[o][i]);
    return zeros > elements / 10 * 9 && elements - zeros < largest;
}

static bool judge(const struct problem *p, const char *out, enum terms terms, struct readout *seen,
                  struct finding *finding)
{
    double elements = 0.0;
    const double held = judge_held(p, &elements);
    if (terms == TERMS_TWIN && held < elements) terms = TERMS_TWIN_OVERFLOW;
    for (size_t o = 0; o < p->count; o++) {
        const struct operand *op = &p->op[o];
        if (!operand_written(op)) continue;
        const bool made = !is_twin(terms) || !(p->spec->twin_without >> o & 1u);
        if (made && !judge_operand(p, o, out, terms, seen, finding)) return false;
        if (!is_twin(terms) && mostly_zero(p, o)) {
            finding->verdict = VERDICT_MISTRUSTED;
            snprintf(finding->text, sizeof finding->text,
                     "over 90 %% of %s are zeros: agreement proves little", op->name);
            return false;
        }
        out += operand_elements(op) * operand_size(op);
    }
    /* Contents that are there to overflow may do so in every output: then words alone are held. */
    const bool overflowing =
        p->fill == FILL_HUGE || p->fill == FILL_SPECIAL || p->fill == FILL_NONFINITE;
    if (is_twin(terms) || overflowing || held > 0.0 || elements == 0.0) return true;
    finding->verdict = VERDICT_MISTRUSTED;
    snprintf(finding->text, sizeof finding->text,
             "the oracle allows anything in all %.0f elements: agreement proves nothing", elements);
    return false;
}

bool judge_bound(const struct problem *p, const void *out, struct readout *seen,
                 struct finding *finding)
{
    return judge(p, out, TERMS_OWN, seen, finding);
}

bool judge_free(const struct problem *p, const void *out, struct readout *seen,
                struct finding *finding)
{
    return judge(p, out, TERMS_FREE, seen, finding);
}

bool judge_twin(const struct problem *p, const void *out, struct readout *seen,
                struct finding *finding)
{
    return judge(p, out, TERMS_TWIN, seen, finding);
}

bool judge_words(const struct problem *p, const void *out, const void *ref, enum verdict verdict,
                 const char *other, struct finding *finding)
{
    const char *a = out, *b = ref;
    if (memcmp(a, b, problem_output_bytes(p)) == 0) return true;
    for (size_t o = 0; o < p->count; o++) {
        const struct operand *op = &p->op[o];
        if (!operand_written(op)) continue;
        const size_t elements = operand_elements(op);
        for (size_t i = 0; i < elements; i++) {
            const struct element got = element_at(a, op->type, i),
                                 want = element_at(b, op->type, i);
            const bool nans = isnan(got.value) && isnan(want.value);
            if (got.word == want.word || (nans && !is_stale(op->type, got.word))) continue;
            finding->verdict = verdict;
            describe(finding, op, i, ": got %.9g (0x%llx), want %.9g (0x%llx) as %s, allowed 0",
                     got.value, (unsigned long long)got.word, want.value,
                     (unsigned long long)want.word, other);
            return false;
        }
        a += elements * operand_size(op);
        b += elements * operand_size(op);
    }
    return true;
}
