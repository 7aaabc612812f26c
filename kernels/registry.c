#include "kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"

#define X(kernel)                                                                                  \
    extern const struct kernel_spec kernel##_spec;                                                 \
    kernel##_fn kernel##_scalar, kernel##_scalar_base, kernel##_model, kernel##_omp_avx2,          \
        kernel##_omp_avx512, kernel##_avx2, kernel##_avx512;
KERNELS(X)
#undef X
#define X(composed) extern const struct kernel_spec composed##_spec;
COMPOSED(X)
#undef X

#define X(kernel) &kernel##_spec,
const struct kernel_spec *const kernel_specs[] = {KERNELS(X) COMPOSED(X)};
#undef X
const size_t kernel_count = sizeof kernel_specs / sizeof *kernel_specs;

static const struct kernel_set sets[ISA_PLUGIN] = {
#define X(kernel) .kernel = kernel##_scalar,
    [ISA_SCALAR] = {ISA_SCALAR, "scalar", KERNELS(X)},
#undef X
#define X(kernel) .kernel = kernel##_model,
    [ISA_MODEL] = {ISA_MODEL, "model", KERNELS(X)},
#undef X
#define X(kernel) .kernel = kernel##_omp_avx2,
    [ISA_OMP_AVX2] = {ISA_OMP_AVX2, "omp_avx2", KERNELS(X)},
#undef X
#define X(kernel) .kernel = kernel##_omp_avx512,
    [ISA_OMP_AVX512] = {ISA_OMP_AVX512, "omp_avx512", KERNELS(X)},
#undef X
#define X(kernel) .kernel = kernel##_avx2,
    [ISA_AVX2] = {ISA_AVX2, "avx2", KERNELS(X)},
#undef X
#define X(kernel) .kernel = kernel##_avx512,
    [ISA_AVX512] = {ISA_AVX512, "avx512", KERNELS(X)},
#undef X
};

/* The scalar source built for the oldest x86-64: fmaf is a library call there. Only CPUs without
 * FMA run it; elsewhere it would make every other lane look three times better than it is. */
static const struct kernel_set scalar_base = {
#define X(kernel) .kernel = kernel##_scalar_base,
    ISA_SCALAR, "scalar", KERNELS(X)
#undef X
};

static const struct kernel_set *plugged;

void kernel_set_plug(const struct kernel_set *set)
{
    plugged = set;
}

const char *isa_name(enum isa isa)
{
    if (isa == ISA_PLUGIN) return plugged ? plugged->name : "plug-in";
    return sets[isa].name;
}

enum isa isa_from_name(const char *name)
{
    int i = 0;
    while (i < ISA_PLUGIN && strcmp(sets[i].name, name) != 0) i++;
    if (i < ISA_PLUGIN) return (enum isa)i;
    return plugged && strcmp(plugged->name, name) == 0 ? ISA_PLUGIN : ISA_COUNT;
}

bool kernel_set_emulated(enum isa isa)
{
#ifdef HINGE_SIMDE
    return isa == ISA_AVX512;
#else
    (void)isa;
    return false;
#endif
}

const struct kernel_set *kernel_set(enum isa isa)
{
    const struct cpu *cpu = cpu_features();
    switch (isa) {
    case ISA_SCALAR:
        return cpu->fma ? &sets[isa] : &scalar_base;
    case ISA_MODEL:
        return cpu->fma ? &sets[isa] : NULL;
    case ISA_OMP_AVX2:
    case ISA_AVX2:
        return cpu->avx2 ? &sets[isa] : NULL;
    case ISA_OMP_AVX512:
    case ISA_AVX512:
        return (kernel_set_emulated(isa) ? cpu->avx2 : cpu->avx512) ? &sets[isa] : NULL;
    case ISA_PLUGIN:
        return plugged;
    case ISA_COUNT:
        break;
    }
    return NULL;
}

const struct kernel_set *kernel_set_best(void)
{
    const char *name = getenv("HINGE_ISA");
    const struct kernel_set *named = name ? kernel_set(isa_from_name(name)) : NULL;
    if (named) return named;
    if (kernel_set(ISA_AVX512) && !kernel_set_emulated(ISA_AVX512)) return kernel_set(ISA_AVX512);
    if (kernel_set(ISA_AVX2)) return kernel_set(ISA_AVX2);
    return kernel_set(ISA_SCALAR); /* GCOVR_EXCL_LINE: no AVX2: dispatch.c, emulated */
}

const struct kernel_spec *kernel_spec(const char *name)
{
    for (size_t i = 0; i < kernel_count; i++)
        if (strcmp(kernel_specs[i]->name, name) == 0) return kernel_specs[i];
    return NULL;
}

size_t operand_size(const struct operand *op)
{
    static const size_t size[] = {
        [TYPE_F32] = sizeof(float), [TYPE_F64] = sizeof(double), [TYPE_I32] = sizeof(int32_t)};
    return size[op->type];
}

size_t operand_elements(const struct operand *op)
{
    return op->rows * op->cols;
}

size_t operand_extent(const struct operand *op)
{
    if (operand_elements(op) == 0) return 0;
    return ((op->rows - 1) * op->ld + op->cols) * operand_size(op);
}

bool operand_written(const struct operand *op)
{
    return op->role == ROLE_OUT || op->role == ROLE_INOUT;
}

const struct shape_size shape_sizes[SHAPE_SIZES] = {
    {"depth", offsetof(struct shape, depth)}, {"heads", offsetof(struct shape, heads)},
    {"m", offsetof(struct shape, m)},         {"n", offsetof(struct shape, n)},
    {"k", offsetof(struct shape, k)},         {"vocab", offsetof(struct shape, vocab)},
    {"nnz", offsetof(struct shape, nnz)},     {"pad", offsetof(struct shape, pad)}};

size_t case_name(const struct kernel_spec *spec, const struct shape *s, char *text, size_t size)
{
    struct shape shape = *s;
    size_t used = 0;
#define ADD(...) used += (size_t)snprintf(text + used, used < size ? size - used : 0, __VA_ARGS__)
    ADD("%s", spec->name);
    for (size_t i = 0; i < SHAPE_SIZES; i++)
        if (*shape_size(&shape, i)) ADD("/%s:%zu", shape_sizes[i].name, *shape_size(&shape, i));
    if (s->scale != 0.0f) ADD("/scale:%g", (double)s->scale);
    const char *join = "/";
    for (int f = 0; f < FLAGS_MAX; f++) {
        if (!(s->flags >> f & 1u)) continue;
        ADD("%s%s", join, spec->flag_names[f]);
        join = "+";
    }
#undef ADD
    return used;
}
