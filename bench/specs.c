#include "specs.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "kernel.h"
#include "twin.h"

static enum status flaw(const char *row, const char *what, const char *name)
{
    return fail(STATUS_INTERNAL, "kernels/%s/%s_spec.c: %s%s", row, row, what, name);
}

/* Names the shape, which is costly, only where there is something to say. */
static enum status flaw_of(const char *row, const char *what, const struct kernel_spec *spec,
                           const struct shape *s)
{
    char shape[192];
    case_name(spec, s, shape, sizeof shape);
    return flaw(row, what, shape);
}

static enum status check_members(const char *row, const struct kernel_spec *spec)
{
    const struct {
        const char *name;
        bool is_there;
    } members[] = {{"formula", spec->formula != NULL},
                   {"check_shapes", spec->check_shapes != NULL},
                   {"check_shape_count", spec->check_shape_count > 0},
                   {"bench_shapes", spec->bench_shapes != NULL},
                   {"bench_shape_count", spec->bench_shape_count > 0},
                   {"fills", spec->fills != 0},
                   {"operands", spec->operands != NULL},
                   {"call", spec->call != NULL},
                   {"oracle", spec->oracle != NULL},
                   {"flops", spec->flops != NULL},
                   {"bytes", spec->bytes != NULL}};
    if (!spec->name || strcmp(spec->name, row) != 0)
        return flaw(row, "its .name is not that of its row: ", spec->name ? spec->name : "none");
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (!members[i].is_there) return flaw(row, "its spec has no .", members[i].name);
    const size_t length = strlen(row);
    if (length > 4 && strcmp(row + length - 4, "_bwd") == 0 && !spec->grad)
        return flaw(row, "its spec has no .grad, as a _bwd must", "");
    return STATUS_OK;
}

static enum status check_operands(const char *row, const struct kernel_spec *spec,
                                  const struct shape *s)
{
    struct operand op[OPERANDS_MAX] = {0};
    const size_t count = spec->operands(s, op);
    bool written = false;
    for (size_t o = 0; o < OPERANDS_MAX; o++) {
        if (o >= count && op[o].name)
            return flaw(row, "operands() returns fewer than it sets, without ", op[o].name);
        if (o >= count) continue;
        if (!op[o].name)
            return flaw_of(row, "operands() sets not all that it returns, of ", spec, s);
        if (op[o].rows > 1 && op[o].ld < op[o].cols)
            return flaw(row, "operands(): ld is less than cols, of ", op[o].name);
        if (op[o].role == ROLE_PACKED && !spec->prepare)
            return flaw(row, "its spec has no .prepare, which makes ", op[o].name);
        written = written || operand_written(&op[o]);
    }
    for (size_t a = 0; a < spec->alias_count; a++)
        if ((size_t)spec->aliases[a].one >= count || (size_t)spec->aliases[a].same_as >= count)
            return flaw(row, "its .aliases name an operand that it has not", "");
    return written ? STATUS_OK : flaw_of(row, "operands() has none to write, of ", spec, s);
}

static enum status check_shape(const char *row, const struct kernel_spec *spec,
                               const struct shape *s)
{
    for (int f = 0; f < FLAGS_MAX; f++)
        if (s->flags >> f & 1u && !spec->flag_names[f])
            return flaw(row, "a shape has a flag without a name in .flag_names", "");
    if (spec->legal && !spec->legal(s))
        return flaw_of(row, "legal() is false of its own ", spec, s);
    return check_operands(row, spec, s);
}

/* Each operand read once, or written once, or both. */
static double traffic(const struct kernel_spec *spec, const struct shape *s)
{
    struct operand op[OPERANDS_MAX] = {0};
    double bytes = 0.0;
    const size_t count = spec->operands(s, op);
    for (size_t o = 0; o < count; o++)
        bytes += (op[o].role == ROLE_INOUT ? 2.0 : 1.0) *
                 (double)(operand_elements(&op[o]) * operand_size(&op[o]));
    return bytes;
}

/* What rates are made of. */
static enum status check_work(const char *row, const struct kernel_spec *spec,
                              const struct shape *s)
{
    if (!(spec->flops(s) >= 0.0)) return flaw_of(row, "flops() is less than 0, of ", spec, s);
    if (!(spec->bytes(s) > 0.0)) return flaw_of(row, "bytes() is not more than 0, of ", spec, s);
    if (spec->bytes(s) > traffic(spec, s))
        return flaw_of(row, "bytes() is more than all operands once, of ", spec, s);
    return STATUS_OK;
}

enum status spec_whole(const char *row, const struct kernel_spec *spec, bool leaf)
{
    enum status status = check_members(row, spec);
    for (size_t s = 0; status == STATUS_OK && s < spec->check_shape_count; s++)
        status = check_shape(row, spec, &spec->check_shapes[s]);
    for (size_t s = 0; status == STATUS_OK && s < spec->bench_shape_count; s++) {
        status = check_shape(row, spec, &spec->bench_shapes[s]);
        if (status == STATUS_OK && leaf) status = check_work(row, spec, &spec->bench_shapes[s]);
    }
    return status;
}

enum status specs_whole(void)
{
#define X(kernel) #kernel,
    static const char *const rows[] = {KERNELS(X) COMPOSED(X)}; /* in the order of kernel_specs */
#undef X
#define X(kernel) +1
    enum { LEAVES = 0 KERNELS(X) };
#undef X
    for (size_t i = 0; i < kernel_count; i++) {
        const enum status status = spec_whole(rows[i], kernel_specs[i], i < LEAVES);
        if (status != STATUS_OK) return status;
        const struct twin *twin = twin_of(rows[i]);
        if (!twin->none && (!twin->forms || !twin->open))
            return fail(STATUS_INTERNAL,
                        "reference/%s_dnnl.c: its twin has neither .none nor both .forms and .open",
                        rows[i]);
    }
    return STATUS_OK;
}
