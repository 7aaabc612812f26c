/* What every row's spec says of its shapes beside what bench/specs.c asks of it: names that are not cut, work that grows with
 * each size, tokens; and which set of kernels is which lane. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "kernel.h"

/* Of all operands but work space, each once: what is read and written twice. */
static double operand_bytes(const struct kernel_spec *spec, const struct shape *s)
{
    struct operand op[OPERANDS_MAX] = {0};
    const size_t count = spec->operands(s, op);
    double bytes = 0.0;
    for (size_t o = 0; o < count; o++) {
        const double once = (double)operand_elements(&op[o]) * (double)operand_size(&op[o]);
        if (op[o].role != ROLE_SCRATCH) bytes += op[o].role == ROLE_INOUT ? 2.0 * once : once;
    }
    return bytes;
}

static void one_shape(const struct kernel_spec *spec, const struct shape *s)
{
    char name[192];
    const double flops = spec->flops(s), bytes = spec->bytes(s);
    EXPECT(case_name(spec, s, name, sizeof name) < sizeof name, "%s is cut", name);
    EXPECT(!spec->legal || spec->legal(s), "%s: outside of the contract", name);
    EXPECT(flops >= 0.0 && isfinite(flops), "%s: %g flops", name, flops);
    EXPECT(bytes >= 0.0 && isfinite(bytes), "%s: %g bytes", name, bytes);
    if (spec->tokens) EXPECT(spec->tokens(s) == s->m * s->n, "%s: %zu", name, spec->tokens(s));
}

/* A shape that is timed: each size makes work, and twice of it no less; compulsory traffic is no more than the operands.
 * angle_sweep passes over its weights three times: its contract says why no fewer do. */
static void timed_shape(const struct kernel_spec *spec, const struct shape *s)
{
    char name[192];
    const double flops = spec->flops(s), bytes = spec->bytes(s), all = operand_bytes(spec, s);
    case_name(spec, s, name, sizeof name);
    EXPECT(bytes > 0.0, "%s: no traffic", name);
    const bool passes = strcmp(spec->name, "angle_sweep") == 0;
    EXPECT(passes || bytes <= all, "%s: %.0f bytes of operands of %.0f", name, bytes, all);
    for (size_t i = 0; i < SHAPE_SIZES; i++) {
        struct shape twice = *s;
        *shape_size(&twice, i) *= 2;
        if (!*shape_size(&twice, i) || (spec->legal && !spec->legal(&twice))) continue;
        const double more = spec->flops(&twice), moved = spec->bytes(&twice);
        EXPECT(more >= flops && moved >= bytes, "%s: twice %s is less: %g flops, %g bytes", name,
               shape_sizes[i].name, more, moved);
    }
}

static void test_specs(void)
{
    for (size_t i = 0; i < kernel_count; i++) {
        const struct kernel_spec *spec = kernel_specs[i];
        EXPECT(kernel_spec(spec->name) == spec, "%s is another's name", spec->name);
        for (size_t k = 0; k < spec->check_shape_count; k++)
            one_shape(spec, &spec->check_shapes[k]);
        for (size_t k = 0; k < spec->bench_shape_count; k++) {
            one_shape(spec, &spec->bench_shapes[k]);
            timed_shape(spec, &spec->bench_shapes[k]);
        }
    }
    EXPECT(!kernel_spec("frobnicate"), "a kernel that is not");
}

/* The plug-in's lane is there once its set is; the environment names the lane that applications get. */
static void test_lanes(void)
{
    for (int isa = 0; isa < ISA_PLUGIN; isa++) {
        EXPECT((int)isa_from_name(isa_name((enum isa)isa)) == isa, "lane %d", isa);
        if (!kernel_set((enum isa)isa)) continue;
        setenv("HINGE_ISA", isa_name((enum isa)isa), 1);
        EXPECT(kernel_set_best() == kernel_set((enum isa)isa), "HINGE_ISA=%s", getenv("HINGE_ISA"));
    }
    setenv("HINGE_ISA", "abacus", 1);
    const struct kernel_set *best = kernel_set_best();
    unsetenv("HINGE_ISA");
    EXPECT(best == kernel_set_best(), "a lane that is not changes the best to %s", best->name);
    EXPECT(!kernel_set(ISA_PLUGIN) && !kernel_set(ISA_COUNT), "lanes of nothing");
    EXPECT(strcmp(isa_name(ISA_PLUGIN), "plug-in") == 0, "%s", isa_name(ISA_PLUGIN));
    EXPECT(isa_from_name("theirs") == ISA_COUNT, "a name before its plug-in");
    struct kernel_set theirs = *kernel_set(ISA_SCALAR);
    theirs.isa = ISA_PLUGIN;
    theirs.name = "theirs";
    kernel_set_plug(&theirs);
    EXPECT(kernel_set(ISA_PLUGIN) == &theirs, "the set is another");
    EXPECT(strcmp(isa_name(ISA_PLUGIN), "theirs") == 0, "%s", isa_name(ISA_PLUGIN));
    EXPECT(isa_from_name("theirs") == ISA_PLUGIN, "no lane theirs");
    kernel_set_plug(NULL);
    EXPECT(!kernel_set(ISA_PLUGIN), "still there");
}

int main(void)
{
    test_specs();
    test_lanes();
    printf("%d failures\n", failures);
    return failures != 0;
}
