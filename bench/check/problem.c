#include "problem.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "guard.h"

size_t problem_output_bytes(const struct problem *p)
{
    size_t bytes = 0;
    for (size_t o = 0; o < p->count; o++)
        if (operand_written(&p->op[o]))
            bytes += operand_elements(&p->op[o]) * operand_size(&p->op[o]);
    return bytes;
}

void problem_gather(const struct problem *p, void *const buf[], void *out)
{
    char *to = out;
    for (size_t o = 0; o < p->count; o++) {
        const struct operand *op = &p->op[o];
        if (!operand_written(op)) continue;
        const size_t row = op->cols * operand_size(op);
        for (size_t r = 0; r < op->rows && row; r++, to += row)
            memcpy(to, (const char *)buf[o] + r * op->ld * operand_size(op), row);
    }
}

static void fill_words(void *data, size_t bytes, uint32_t word)
{
    for (size_t i = 0; i < bytes / sizeof word; i++)
        memcpy((char *)data + i * sizeof word, &word, sizeof word);
}

static size_t problem_bytes(const struct problem *p, bool judged)
{
    size_t bytes = 0;
    for (size_t o = 0; o < p->count; o++) {
        bytes += arena_bytes(operand_extent(&p->op[o]), 1);
        if (judged && operand_written(&p->op[o]))
            bytes += 2 * arena_bytes(operand_elements(&p->op[o]), sizeof(double));
    }
    return bytes;
}

/* An unfilled want is told from a wanted NaN by its payload, an unfilled slack by being NaN. */
static void take_oracle(struct problem *p, size_t o)
{
    const size_t elements = operand_elements(&p->op[o]);
    p->want[o] = arena_take(&p->arena, elements, sizeof(double));
    p->slack[o] = arena_take(&p->arena, elements, sizeof(double));
    fill_words(p->want[o], elements * sizeof(double), FILL_STALE);
    fill_words(p->slack[o], elements * sizeof(double), 0xffffffffu);
}

/* The second's contents are in the first. An output may have any before the call. */
static void share(struct problem *p)
{
    const struct operand *one = &p->op[p->alias->one], *two = &p->op[p->alias->same_as];
    assert(one->type == two->type && one->rows == two->rows && one->cols == two->cols &&
           one->ld == two->ld);
    if (one->role != ROLE_OUT && operand_extent(one))
        memcpy(p->master[p->alias->one], p->master[p->alias->same_as], operand_extent(one));
}

static void set(struct problem *p, const struct kernel_spec *spec, const struct check_case *c,
                enum fill fill, uint64_t seed)
{
    *p = (struct problem){
        .spec = spec, .shape = c->shape, .fill = fill, .seed = seed, .alias = c->alias};
    cases_name(spec, c, p->name, sizeof p->name);
    p->may_vanish = c->care == CARE_SCALE;
    p->count = spec->operands(&p->shape, p->op);
}

/* judged: with room for what the oracle says. */
static enum status draw(struct problem *p, bool judged)
{
    const enum status status = arena_open(&p->arena, problem_bytes(p, judged), p->name);
    if (status != STATUS_OK) return status;
    for (size_t o = 0; o < p->count; o++) {
        const struct operand *op = &p->op[o];
        const bool input = op->role == ROLE_IN || op->role == ROLE_INOUT;
        p->master[o] = arena_take(&p->arena, operand_extent(op), 1);
        fill_words(p->master[o], operand_extent(op), input ? FILL_GAP : FILL_STALE);
        const uint64_t key = fill_key(p->seed, p->name, op->name, p->fill);
        if (input) fill_operand(p->master[o], op, p->fill, key);
        if (op->role == ROLE_OUT) /* rows stale, gaps as everywhere */
            for (size_t r = 0; r + 1 < op->rows && op->cols; r++)
                fill_words((char *)p->master[o] + (r * op->ld + op->cols) * operand_size(op),
                           (op->ld - op->cols) * operand_size(op), FILL_GAP);
        if (judged && operand_written(op)) take_oracle(p, o);
    }
    if (p->spec->adjust && p->fill == FILL_UNIT) p->spec->adjust(&p->shape, p->master);
    if (p->alias) share(p);
    return STATUS_OK;
}

enum status problem_draw(struct problem *p, const struct kernel_spec *spec,
                         const struct check_case *c, enum fill fill, uint64_t seed)
{
    set(p, spec, c, fill, seed);
    return draw(p, false);
}

static void ask_oracle(void *ctx)
{
    const struct problem *p = ctx;
    if (p->spec->prepare) p->spec->prepare(kernel_set(ISA_SCALAR), &p->shape, p->master);
    p->spec->oracle(&p->shape, p->master, p->want, p->slack);
}

enum status problem_open(struct problem *p, const struct kernel_spec *spec,
                         const struct check_case *c, enum fill fill, uint64_t seed)
{
    struct crash crash;
    char label[320];
    set(p, spec, c, fill, seed);
    const enum status status = draw(p, true);
    if (status != STATUS_OK) return status;
    snprintf(label, sizeof label, "%s, prepare() or oracle() of its spec", p->name);
    guard_limit(0);
    guard_call(ask_oracle, p, 0, label, &crash);
    return STATUS_OK;
}

void problem_close(struct problem *p)
{
    arena_close(&p->arena);
}
