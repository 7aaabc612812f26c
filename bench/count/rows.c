#include "rows.h"

#include <stdlib.h>

#include "base/cpu.h"

/* The same as of results/avx512/instructions.csv, so that both files have the same cases. */
static const double flops_max = 1.2e6, bytes_max = 6e5;

static bool small(const struct kernel_spec *spec, const struct shape *shape)
{
    return spec->flops(shape) <= flops_max && spec->bytes(shape) <= bytes_max;
}

/* NULL where none is small. */
static const struct shape *largest_checked(const struct kernel_spec *spec)
{
    const struct shape *largest = NULL;
    for (size_t i = 0; i < spec->check_shape_count; i++) {
        const struct shape *s = &spec->check_shapes[i];
        if (small(spec, s) && (!largest || spec->flops(s) > spec->flops(largest))) largest = s;
    }
    return largest;
}

static void add_case(struct count_rows *rows, const struct options *options,
                     const struct kernel_spec *spec, const struct shape *shape)
{
    struct count_row row = {.spec = spec, .shape = *shape};
    case_name(spec, shape, row.name, sizeof row.name);
    if (!options_match(options, row.name)) return;
    for (int isa = 0; isa < ISA_COUNT; isa++) {
        if (!(options->isas & COUNT_LANES & 1u << isa)) continue;
        for (size_t t = 0; t < options->thread_count; t++) {
            row.isa = (enum isa)isa;
            row.threads = options->threads[t];
            rows->at[rows->count++] = row;
        }
    }
}

static void add_kernel(struct count_rows *rows, const struct options *options,
                       const struct kernel_spec *spec)
{
    size_t found = 0;
    for (size_t i = 0; i < spec->bench_shape_count; i++) {
        if (!small(spec, &spec->bench_shapes[i])) continue;
        add_case(rows, options, spec, &spec->bench_shapes[i]);
        found++;
    }
    const struct shape *checked = found ? NULL : largest_checked(spec);
    if (checked) add_case(rows, options, spec, checked);
}

enum status count_rows_make(struct count_rows *rows, const struct options *options,
                            const struct kernel_spec *kernel)
{
    size_t shapes = 0;
    *rows = (struct count_rows){0};
    if (!cpu_features()->avx2)
        return fail(STATUS_UNAVAILABLE, "counts are of code for AVX2 and FMA, which this CPU or "
                                        "this valgrind does not have");
    if (!(options->isas & COUNT_LANES))
        return fail(STATUS_UNAVAILABLE,
                    "none of these lanes can be counted: valgrind has no AVX-512 and hides it "
                    "(results/avx512/instructions.csv has avx512, counted under emulation)");
    for (size_t i = 0; i < kernel_count; i++) shapes += kernel_specs[i]->bench_shape_count + 1;
    rows->at = calloc(shapes * ISA_COUNT * options->thread_count, sizeof *rows->at);
    if (!rows->at) return fail(STATUS_OS, "no memory for the counts of %zu shapes", shapes);
    for (size_t i = 0; i < kernel_count; i++)
        if (!kernel || kernel == kernel_specs[i]) add_kernel(rows, options, kernel_specs[i]);
    if (rows->count) return STATUS_OK;
    count_rows_free(rows);
    return options->filter
               ? fail(STATUS_USAGE, "--filter %s matches no case that is counted", options->filter)
               : fail(STATUS_USAGE, "--kernel %s has no case that is small enough", kernel->name);
}

void count_rows_free(struct count_rows *rows)
{
    free(rows->at);
    *rows = (struct count_rows){0};
}
