/* specs: what a spec lacks is named, with its file; the registry's lack nothing. */
#include <stdio.h>
#include <string.h>

#include "specs.h"

static int failures;

static struct kernel_spec sound(void)
{
    return *kernel_spec("axpy");
}

static void expect(const struct kernel_spec *spec, const char *words)
{
    const enum status status = spec_whole("axpy", spec, true);
    const char *text = status_text();
    if (status == STATUS_INTERNAL && strstr(text, "kernels/axpy/axpy_spec.c: ") &&
        strstr(text, words))
        return;
    failures++;
    printf("FAIL status %d, '%s', want '%s'\n", (int)status, text, words);
}

#define WITHOUT(member)                                                                            \
    do {                                                                                           \
        struct kernel_spec spec = sound();                                                         \
        memset(&spec.member, 0, sizeof spec.member);                                               \
        expect(&spec, "has no ." #member);                                                         \
    } while (0)

static double negative(const struct shape *s)
{
    (void)s;
    return -1.0;
}

static double nothing(const struct shape *s)
{
    (void)s;
    return 0.0;
}

static double too_many(const struct shape *s)
{
    return 13.0 * (double)s->n;
}

static bool never(const struct shape *s)
{
    (void)s;
    return false;
}

static size_t cut(const struct shape *s, struct operand op[])
{
    return kernel_spec("axpy")->operands(s, op) - 1;
}

static size_t surplus(const struct shape *s, struct operand op[])
{
    return kernel_spec("axpy")->operands(s, op) + 1;
}

static size_t only_read(const struct shape *s, struct operand op[])
{
    const size_t count = kernel_spec("axpy")->operands(s, op);
    for (size_t o = 0; o < count; o++) op[o].role = ROLE_IN;
    return count;
}

static size_t narrow(const struct shape *s, struct operand op[])
{
    const size_t count = kernel_spec("axpy")->operands(s, op);
    op[0].rows = 2;
    op[0].ld = 0;
    return count;
}

static size_t packed(const struct shape *s, struct operand op[])
{
    const size_t count = kernel_spec("axpy")->operands(s, op);
    op[1].role = ROLE_PACKED;
    return count;
}

static void operands(size_t (*of)(const struct shape *, struct operand[]), const char *words)
{
    struct kernel_spec spec = sound();
    spec.operands = of;
    expect(&spec, words);
}

int main(void)
{
    WITHOUT(formula);
    WITHOUT(check_shapes);
    WITHOUT(check_shape_count);
    WITHOUT(bench_shapes);
    WITHOUT(bench_shape_count);
    WITHOUT(fills);
    WITHOUT(operands);
    WITHOUT(call);
    WITHOUT(oracle);
    WITHOUT(flops);
    WITHOUT(bytes);

    struct kernel_spec spec = sound();
    spec.name = NULL;
    expect(&spec, ".name is not that of its row: none");
    spec.name = "axpby";
    expect(&spec, ".name is not that of its row: axpby");
    spec = sound();
    spec.flag_names[0] = NULL;
    expect(&spec, "a flag without a name");
    spec = sound();
    spec.legal = never;
    expect(&spec, "legal() is false of its own axpy/scale:0.5");
    spec = sound();
    spec.flops = negative;
    expect(&spec, "flops() is less than 0, of axpy/n:2000");
    spec = sound();
    spec.bytes = nothing;
    expect(&spec, "bytes() is not more than 0, of axpy/n:2000");
    spec.bytes = too_many;
    expect(&spec, "bytes() is more than all operands once, of axpy/n:2000");
    spec = sound();
    spec.aliases = &(struct alias){0, 3};
    spec.alias_count = 1;
    expect(&spec, ".aliases name an operand");

    operands(cut, "fewer than it sets, without dst");
    operands(surplus, "sets not all that it returns, of axpy/");
    operands(only_read, "none to write, of axpy/");
    operands(narrow, "ld is less than cols, of y");
    operands(packed, "has no .prepare, which makes x");

    spec = *kernel_spec("relu_bwd");
    spec.grad = NULL;
    if (spec_whole("relu_bwd", &spec, true) != STATUS_INTERNAL || !strstr(status_text(), ".grad")) {
        failures++;
        printf("FAIL a backward kernel without .grad: '%s'\n", status_text());
    }
    if (specs_whole() != STATUS_OK) {
        failures++;
        printf("FAIL the registry: %s\n", status_text());
    }
    puts(failures ? "failed" : "passed");
    return failures != 0;
}
