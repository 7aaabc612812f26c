#include "problem.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

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

static size_t problem_bytes(const struct problem *p)
{
    size_t bytes = 0;
    for (size_t o = 0; o < p->count; o++) {
        bytes += arena_bytes(operand_extent(&p->op[o]), 1);
        if (operand_written(&p->op[o]))
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

enum status problem_open(struct problem *p, const struct kernel_spec *spec,
                         const struct check_case *c, enum fill fill, uint64_t seed)
{
    const struct shape *shape = &c->shape;
    *p = (struct problem){
        .spec = spec, .shape = *shape, .fill = fill, .seed = seed, .alias = c->alias};
    cases_name(spec, c, p->name, sizeof p->name);
    p->may_vanish = c->care == CARE_SCALE;
    p->count = spec->operands(shape, p->op);
    const enum status status = arena_open(&p->arena, problem_bytes(p), p->name);
    if (status != STATUS_OK) return status;
    for (size_t o = 0; o < p->count; o++) {
        const struct operand *op = &p->op[o];
        const bool input = op->role == ROLE_IN || op->role == ROLE_INOUT;
        p->master[o] = arena_take(&p->arena, operand_extent(op), 1);
        fill_words(p->master[o], operand_extent(op), input ? FILL_GAP : FILL_STALE);
        if (input) fill_operand(p->master[o], op, fill, fill_key(seed, p->name, op->name, fill));
        if (op->role == ROLE_OUT) /* rows stale, gaps as everywhere */
            for (size_t r = 0; r + 1 < op->rows && op->cols; r++)
                fill_words((char *)p->master[o] + (r * op->ld + op->cols) * operand_size(op),
                           (op->ld - op->cols) * operand_size(op), FILL_GAP);
        if (operand_written(op)) take_oracle(p, o);
    }
    if (spec->adjust && fill == FILL_UNIT) spec->adjust(shape, p->master);
    if (p->alias) share(p);
    if (spec->prepare) spec->prepare(kernel_set(ISA_SCALAR), shape, p->master);
    spec->oracle(shape, p->master, p->want, p->slack);
    return STATUS_OK;
}

void problem_close(struct problem *p)
{
    arena_close(&p->arena);
}
