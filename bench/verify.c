#include "verify.h"

#include <string.h>

#include "check/fill.h"

static bool read_too(const struct operand *op)
{
    return op->role == ROLE_INOUT;
}

/* In double: shapes may be absurd. */
static double extent_of(const struct operand *op)
{
    return (double)op->rows * (double)op->ld * (double)operand_size(op);
}

double verify_bytes(const struct kernel_spec *spec, const struct shape *shape)
{
    struct operand op[OPERANDS_MAX];
    const size_t count = spec->operands(shape, op);
    double bytes = 0.0;
    for (size_t o = 0; o < count; o++) {
        const double elements = (double)op[o].rows * (double)op[o].cols;
        if (operand_written(&op[o]))
            bytes += elements * (2.0 * sizeof(double) + (double)operand_size(&op[o]));
        if (read_too(&op[o])) bytes += extent_of(&op[o]);
    }
    return bytes;
}

static size_t words_need(const struct problem *p)
{
    size_t bytes = arena_bytes(problem_output_bytes(p), 1);
    for (size_t o = 0; o < p->count; o++)
        if (read_too(&p->op[o])) bytes += arena_bytes(operand_extent(&p->op[o]), 1);
    return bytes;
}

static size_t oracle_need(const struct problem *p)
{
    size_t bytes = 0;
    for (size_t o = 0; o < p->count; o++)
        if (operand_written(&p->op[o]))
            bytes += 2 * arena_bytes(operand_elements(&p->op[o]), sizeof(double));
    return bytes;
}

enum status verify_open(struct verify *v, const struct workload *w)
{
    struct problem *p = &v->problem;
    /* A chain at a small scale may vanish: that is what is to be seen. */
    *p = (struct problem){
        .spec = w->spec, .shape = w->shape, .fill = FILL_UNIT, .may_vanish = true, .count = w->ops};
    case_name(w->spec, &w->shape, p->name, sizeof p->name);
    memcpy(p->op, w->op, sizeof p->op);
    memcpy(p->master, w->buf, sizeof p->master);
    const enum status status = arena_renew(&v->arena, words_need(p), p->name);
    if (status != STATUS_OK) return status;
    v->out = arena_take(&v->arena, problem_output_bytes(p), 1);
    v->asked = false;
    for (size_t o = 0; o < p->count; o++) {
        const size_t bytes = operand_extent(&p->op[o]);
        v->initial[o] = read_too(&p->op[o]) ? arena_take(&v->arena, bytes, 1) : NULL;
        if (v->initial[o]) memcpy(v->initial[o], w->buf[o], bytes);
    }
    return STATUS_OK;
}

enum status verify_ask(struct verify *v, const struct workload *w)
{
    struct problem *p = &v->problem;
    if (v->asked) return STATUS_OK;
    const enum status status = arena_renew(&v->oracle, oracle_need(p), p->name);
    if (status != STATUS_OK) return status;
    verify_use(v, w, 0);
    verify_reset(v);
    for (size_t o = 0; o < p->count; o++) {
        const size_t elements = operand_elements(&p->op[o]);
        if (!operand_written(&p->op[o])) continue;
        p->want[o] = arena_take(&v->oracle, elements, sizeof(double));
        p->slack[o] = arena_take(&v->oracle, elements, sizeof(double));
        memset(p->slack[o], 0xff, elements * sizeof(double)); /* NaN: not filled */
    }
    w->spec->oracle(&w->shape, p->master, p->want, p->slack);
    v->asked = true;
    return STATUS_OK;
}

void verify_close(struct verify *v)
{
    arena_close(&v->arena);
    arena_close(&v->oracle);
}

void verify_use(struct verify *v, const struct workload *w, size_t copy)
{
    workload_copy(w, copy, v->problem.master);
}

void verify_reset(const struct verify *v)
{
    const struct problem *p = &v->problem;
    for (size_t o = 0; o < p->count; o++) {
        const struct operand *op = &p->op[o];
        const size_t words = operand_extent(op) / sizeof(uint32_t);
        uint32_t *to = p->master[o];
        if (v->initial[o]) memcpy(to, v->initial[o], operand_extent(op));
        if (op->role != ROLE_OUT) continue;
        for (size_t i = 0; i < words; i++) to[i] = FILL_STALE;
    }
}

/* Half of a double that looks like a NaN is taken for one: what is lost is the difference between two
 * such words. */
uint64_t verify_words(const struct verify *v)
{
    enum { LANES = 4 };
    const uint64_t odd = 0x9e3779b97f4a7c15u; /* 2^64 / golden ratio */
    const size_t words = problem_output_bytes(&v->problem) / sizeof(uint32_t);
    const uint32_t *x = v->out;
    uint64_t h[LANES] = {1, 2, 3, 4};
    problem_gather(&v->problem, v->problem.master, v->out);
    for (size_t i = 0; i < words; i++) {
        const uint32_t word = (x[i] & 0x7fffffffu) > 0x7f800000u ? 0x7fc00000u : x[i];
        uint64_t *to = &h[i % LANES];
        *to = (*to ^ word) * odd;
        *to ^= *to >> 29;
    }
    for (int l = 1; l < LANES; l++) h[0] = (h[0] ^ h[l]) * odd;
    return h[0];
}
