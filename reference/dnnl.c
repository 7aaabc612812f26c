#include "dnnl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "dnnl_run.h"

/* ---- what a run owns */

/* NULL, and the run failed, where there is no memory. */
static void *grow(struct twin_run *run, void *array, size_t count, size_t size)
{
    if (count & (count - 1)) return array; /* holds the next power of two */
    void *more = realloc(array, (count ? 2 * count : 1) * size);
    if (!more) run->status = fail(STATUS_OS, "%s: no memory for oneDNN's run", run->kernel);
    return more;
}

float *run_scratch(struct twin_run *run, size_t floats)
{
    if (!run || run->status) return NULL;
    void **list = grow(run, run->scratch, run->scratch_count, sizeof *list);
    if (!list) return NULL;
    run->scratch = list;
    const size_t bytes = (floats * sizeof(float) + 63) / 64 * 64 + 64;
    void *block = aligned_alloc(64, bytes);
    if (!block) {
        run->status = fail(STATUS_OS, "%s: no memory for %zu floats", run->kernel, floats);
        return NULL;
    }
    memset(block, 0, bytes);
    return list[run->scratch_count++] = block;
}

dnnl_memory_t memory_of(struct twin_run *run, const struct desc *desc, const void *data)
{
    if (run->status) return NULL;
    dnnl_memory_t *list = grow(run, run->memory, run->memory_count, sizeof *list), memory = NULL;
    if (!list) return NULL;
    run->memory = list;
    if (dnnl_memory_create(&memory, desc_md(desc), run->engine, (void *)data) != dnnl_success) {
        run->status = fail(STATUS_OS, "%s: oneDNN has no memory for an operand", run->kernel);
        return NULL;
    }
    return list[run->memory_count++] = memory;
}

bool pd_made(struct twin_run *run, const char *what, dnnl_status_t status)
{
    if (status == dnnl_success) return true;
    run->status = fail(STATUS_UNAVAILABLE, "%s: %s has no %s for this shape and layout (status %d)",
                       run->kernel, twin_version(), what, (int)status);
    return false;
}

void step_add(struct twin_run *run, dnnl_primitive_desc_t pd, int count,
              const dnnl_exec_arg_t arg[])
{
    assert(count <= STEP_ARGS);
    dnnl_primitive_t primitive = NULL;
    struct step *list = run->status ? NULL : grow(run, run->step, run->step_count, sizeof *list);
    if (list) {
        run->step = list;
        if (dnnl_primitive_create(&primitive, pd) == dnnl_success) {
            struct step *step = &list[run->step_count++];
            *step = (struct step){.primitive = primitive, .count = count};
            memcpy(step->arg, arg, (size_t)count * sizeof *arg);
        } else {
            run->status = fail(STATUS_OS, "%s: oneDNN could not build a primitive", run->kernel);
        }
    }
    dnnl_primitive_desc_destroy(pd);
}

/* ---- descriptors */

bool desc_view(struct twin_run *run, struct desc *desc, struct view v)
{
    *desc = (struct desc){0};
    if (run->status) return false;
    if (v.rows == 0 || v.cols == 0) {
        run->status =
            fail(STATUS_UNAVAILABLE, "%s: oneDNN is not asked for an empty operand", run->kernel);
        return false;
    }
    /* The stride of a single row or column means nothing, but some implementations refuse one
     * that is not dense. */
    if (v.cols == 1) v.col = 1;
    if (v.rows == 1) v.row = v.col == 1 ? v.cols : 1;
    const dnnl_dims_t dims = {(dnnl_dim_t)v.rows, (dnnl_dim_t)v.cols};
    const dnnl_dims_t strides = {(dnnl_dim_t)v.row, (dnnl_dim_t)v.col};
    return pd_made(run, "descriptor", desc_strides(desc, 2, dims, strides));
}

bool desc_bias(struct twin_run *run, struct desc *desc, struct view v)
{
    *desc = (struct desc){0};
    if (run->status || !v.data) return false;
    const dnnl_dims_t dims = {(dnnl_dim_t)v.cols}, strides = {1};
    return pd_made(run, "descriptor", desc_strides(desc, 1, dims, strides));
}

bool desc_any(struct twin_run *run, struct desc *desc, struct view v)
{
    *desc = (struct desc){0};
    const dnnl_dims_t dims = {(dnnl_dim_t)v.rows, (dnnl_dim_t)v.cols};
    return !run->status && pd_made(run, "descriptor", desc_tag(desc, 2, dims, dnnl_format_tag_any));
}

void desc_free_all(struct desc *desc, int count)
{
    for (int i = 0; i < count; i++) desc_free(&desc[i]);
}

/* ---- layouts that oneDNN chose */

void reorder_add(struct twin_run *run, const struct desc *from, dnnl_memory_t source,
                 const struct desc *to, dnnl_memory_t target)
{
    dnnl_primitive_desc_t pd = NULL;
    if (run->status || !pd_made(run, "reorder", pd_reorder(&pd, run->engine, from, to))) return;
    step_add(run, pd, 2, (dnnl_exec_arg_t[]){{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, target}});
}

static void step_exec(const struct twin_run *run, const struct step *step)
{
    const dnnl_status_t status =
        dnnl_primitive_execute(step->primitive, run->stream, step->count, step->arg);
    assert(status == dnnl_success);
    (void)status;
}

void step_now(struct twin_run *run)
{
    if (run->status) return;
    struct step *step = &run->step[--run->step_count];
    step_exec(run, step);
    dnnl_stream_wait(run->stream);
    dnnl_primitive_destroy(step->primitive);
}

dnnl_memory_t weights_for(struct twin_run *run, const_dnnl_primitive_desc_t pd,
                          const struct desc *plain, const float *data)
{
    const struct desc chosen = pd_desc(pd, dnnl_query_weights_md);
    if (dnnl_memory_desc_equal(desc_md(&chosen), desc_md(plain)))
        return memory_of(run, plain, data);
    dnnl_memory_t packed = memory_of(run, &chosen, DNNL_MEMORY_ALLOCATE);
    reorder_add(run, plain, memory_of(run, plain, data), &chosen, packed);
    step_now(run);
    return packed;
}

/* ---- the run */

struct twin_run *run_open(const char *kernel, int threads, enum form form)
{
    struct twin_run *run = calloc(1, sizeof *run);
    if (!run) {
        fail(STATUS_OS, "%s: no memory for oneDNN's run", kernel);
        return NULL;
    }
    run->kernel = kernel;
    run->form = form;
    /* oneDNN reads the number of threads when it makes a primitive and again when it runs one. */
    run->threads = threads;
    run->former_threads = par_set_threads(threads);
    if (dnnl_engine_create(&run->engine, dnnl_cpu, 0) != dnnl_success ||
        dnnl_stream_create(&run->stream, run->engine, dnnl_stream_default_flags) != dnnl_success)
        run->status = fail(STATUS_UNAVAILABLE, "%s: oneDNN has no CPU engine", kernel);
    return run;
}
static void impl_add(struct twin_run *run, const struct step *step)
{
    const_dnnl_primitive_desc_t pd = NULL;
    const char *impl = "unknown";
    if (dnnl_primitive_get_primitive_desc(step->primitive, &pd) == dnnl_success)
        dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, &impl);
    run->is_ref = run->is_ref || strstr(impl, "ref") != NULL;
    if (strstr(run->impl, impl)) return;
    const size_t used = strlen(run->impl);
    snprintf(run->impl + used, sizeof run->impl - used, "%s%s", used ? "+" : "", impl);
}

void run_finish(struct twin_run *run)
{
    if (run) run->exec_count = run->step_count;
}

enum status run_ready(struct twin_run *run, struct twin_run **out)
{
    *out = NULL;
    if (!run) return STATUS_OS;
    par_set_threads(run->former_threads);
    if (run->status == STATUS_OK && run->step_count == 0)
        run->status = fail(STATUS_UNAVAILABLE, "%s: oneDNN is not asked for nothing", run->kernel);
    if (run->exec_count == 0) run->exec_count = run->step_count;
    for (size_t i = 0; i < run->exec_count; i++) impl_add(run, &run->step[i]);
    const enum status status = run->status;
    if (status == STATUS_OK)
        *out = run;
    else
        twin_close(run);
    return status;
}

void twin_exec(struct twin_run *run)
{
    const int former = par_set_threads(run->threads);
    for (size_t i = 0; i < run->exec_count; i++) step_exec(run, &run->step[i]);
    dnnl_stream_wait(run->stream);
    par_set_threads(former);
}

void twin_finish(struct twin_run *run)
{
    const int former = par_set_threads(run->threads);
    for (size_t i = run->exec_count; i < run->step_count; i++) step_exec(run, &run->step[i]);
    dnnl_stream_wait(run->stream);
    par_set_threads(former);
}

void twin_close(struct twin_run *run)
{
    if (!run) return;
    for (size_t i = 0; i < run->step_count; i++) dnnl_primitive_destroy(run->step[i].primitive);
    for (size_t i = 0; i < run->memory_count; i++) dnnl_memory_destroy(run->memory[i]);
    for (size_t i = 0; i < run->scratch_count; i++) free(run->scratch[i]);
    free(run->step);
    free(run->memory);
    free(run->scratch);
    if (run->stream) dnnl_stream_destroy(run->stream);
    if (run->engine) dnnl_engine_destroy(run->engine);
    free(run);
}

const char *twin_impl(const struct twin_run *run)
{
    return run->impl;
}
bool twin_is_ref(const struct twin_run *run)
{
    return run->is_ref;
}

const char *twin_version(void)
{
    static char text[32];
    const dnnl_version_t *v = dnnl_version();
    snprintf(text, sizeof text, "oneDNN %d.%d.%d", v->major, v->minor, v->patch);
    return text;
}

const char *twin_cpu_isa(void)
{
    const unsigned isa = (unsigned)dnnl_get_effective_cpu_isa();
    const struct {
        dnnl_cpu_isa_t isa;
        const char *name;
    } known[] = {
        {dnnl_cpu_isa_avx512_core_amx, "avx512_core_amx"},
        {dnnl_cpu_isa_avx512_core_bf16, "avx512_core_bf16"},
        {dnnl_cpu_isa_avx512_core_vnni, "avx512_core_vnni"},
        {dnnl_cpu_isa_avx512_core, "avx512_core"},
        {dnnl_cpu_isa_avx2_vnni, "avx2_vnni"},
        {dnnl_cpu_isa_avx2, "avx2"},
        {dnnl_cpu_isa_avx, "avx"},
        {dnnl_cpu_isa_sse41, "sse41"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((isa & known[i].isa) == known[i].isa) return known[i].name;
    return "none";
}

enum status twin_limit_isa(enum isa isa)
{
    dnnl_cpu_isa_t limit = dnnl_cpu_isa_sse41;
    if (isa == ISA_OMP_AVX2 || isa == ISA_AVX2) limit = dnnl_cpu_isa_avx2;
    if (isa == ISA_OMP_AVX512 || isa == ISA_AVX512) limit = dnnl_cpu_isa_avx512_core;
    if (dnnl_set_max_cpu_isa(limit) == dnnl_success) return STATUS_OK;
    return fail(STATUS_UNAVAILABLE,
                "oneDNN has fixed its instruction set: %s for lane %s comes too late",
                twin_cpu_isa(), isa_name(isa));
}
