#include "dnnl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "dnnl_load.h"
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

/* From arenas of at least 2 MiB, so that packed weights get huge pages and lie side by side, as our
 * operands do. */
static void *run_memory(struct twin_run *run, size_t bytes)
{
    const size_t least = (size_t)2 << 20, need = arena_bytes(bytes, 1);
    struct arena *last = run->arena_count ? &run->arena[run->arena_count - 1] : NULL;
    if (run->status) return NULL;
    if (!last || last->size - last->used < need) {
        struct arena *list = grow(run, run->arena, run->arena_count, sizeof *list);
        if (!list) return NULL;
        run->arena = list;
        last = &list[run->arena_count];
        run->status = arena_open(last, need > least ? need : least, run->kernel);
        if (run->status) return NULL;
        run->arena_count++;
    }
    return arena_take(last, bytes, 1);
}

float *run_scratch(struct twin_run *run, size_t floats)
{
    return run ? run_memory(run, floats * sizeof(float)) : NULL;
}

dnnl_memory_t memory_of(struct twin_run *run, const struct desc *desc, const void *data)
{
    if (data == DNNL_MEMORY_ALLOCATE)
        data = run_memory(run, dnnl_memory_desc_get_size(desc_md(desc)));
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

static const char *pd_impl(const_dnnl_primitive_desc_t pd)
{
    const char *impl = "unknown";
    dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, &impl);
    return impl;
}

bool pd_is_ref(const_dnnl_primitive_desc_t pd)
{
    return strstr(pd_impl(pd), "ref") != NULL;
}

/* The scratchpad of a primitive, to be placed in run_ready(): one serves all steps. */
static dnnl_memory_t scratchpad_of(struct twin_run *run, const_dnnl_primitive_desc_t pd)
{
    const struct desc pad = pd_desc(pd, dnnl_query_scratchpad_md);
    const size_t bytes = dnnl_memory_desc_get_size(desc_md(&pad));
    if (bytes == 0) return NULL;
    if (bytes > run->scratchpad_bytes) run->scratchpad_bytes = bytes;
    return memory_of(run, &pad, DNNL_MEMORY_NONE);
}

void step_add(struct twin_run *run, dnnl_primitive_desc_t pd, int count,
              const dnnl_exec_arg_t arg[])
{
    assert(count < STEP_ARGS);
    dnnl_primitive_t primitive = NULL;
    struct steps *to = run->to;
    struct step *list = run->status ? NULL : grow(run, to->at, to->count, sizeof *list);
    if (list) {
        to->at = list;
        dnnl_memory_t pad = scratchpad_of(run, pd);
        if (dnnl_primitive_create(&primitive, pd) == dnnl_success) {
            struct step *step = &list[to->count++];
            *step = (struct step){.primitive = primitive, .scratchpad = pad, .count = count};
            memcpy(step->arg, arg, (size_t)count * sizeof *arg);
            if (pad) step->arg[step->count++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, pad};
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

static void step_exec(const struct twin_run *run, const struct step *step,
                      const dnnl_exec_arg_t *arg)
{
    const dnnl_status_t status =
        dnnl_primitive_execute(step->primitive, run->stream, step->count, arg);
    assert(status == dnnl_success);
    (void)status;
}

void step_now(struct twin_run *run)
{
    if (run->status) return;
    struct step *step = &run->to->at[--run->to->count];
    step_exec(run, step, step->arg);
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
    hold(run, data, packed);
    return packed;
}

void hold(struct twin_run *run, const float *plain, dnnl_memory_t memory)
{
    struct held *list = run->status ? NULL : grow(run, run->held, run->held_count, sizeof *list);
    if (!list) return;
    run->held = list;
    list[run->held_count++] = (struct held){plain, memory};
}

dnnl_memory_t held_of(const struct twin_run *run, const float *plain)
{
    for (size_t i = 0; i < run->held_count; i++)
        if (run->held[i].plain == plain) return run->held[i].memory;
    return NULL;
}

/* ---- the run */

/* It writes each primitive's code into a block of its own, and does not look whether it got one. */
static const size_t ROOM = (size_t)64 << 20;

static enum status engine_open(struct twin_run *run)
{
    const char *kernel = run->kernel;
    if (dnnl_load() != STATUS_OK) {
        char why[512];
        snprintf(why, sizeof why, "%s", status_text());
        return fail(STATUS_UNAVAILABLE, "%s: %s", kernel, why);
    }
    if (!arena_addressable(ROOM))
        return fail(STATUS_OS, "%s: oneDNN would not get the memory that it asks for", kernel);
    if (dnnl_engine_create(&run->engine, dnnl_cpu, 0) == dnnl_success &&
        dnnl_stream_create(&run->stream, run->engine, dnnl_stream_default_flags) == dnnl_success)
        return STATUS_OK;
    return fail(STATUS_UNAVAILABLE, "%s: oneDNN has no CPU engine", kernel);
}

struct twin_run *run_open(const char *kernel, int threads, enum form form)
{
    struct twin_run *run = calloc(1, sizeof *run);
    if (!run) {
        fail(STATUS_OS, "%s: no memory for oneDNN's run", kernel);
        return NULL;
    }
    run->kernel = kernel;
    run->form = form;
    run->to = &run->exec;
    /* oneDNN reads the number of threads when it makes a primitive and again when it runs one. */
    run->threads = threads;
    run->former_threads = par_set_threads(threads);
    run->status = engine_open(run);
    return run;
}

static void impl_add(struct twin_run *run, const struct step *step)
{
    const_dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_get_primitive_desc(step->primitive, &pd);
    const char *impl = pd_impl(pd);
    run->is_ref = run->is_ref || pd_is_ref(pd);
    if (strstr(run->impl, impl)) return;
    const size_t used = strlen(run->impl);
    snprintf(run->impl + used, sizeof run->impl - used, "%s%s", used ? "+" : "", impl);
}

void run_finish(struct twin_run *run)
{
    if (run) run->to = &run->finish;
}

static void place_scratchpads(struct twin_run *run)
{
    void *pad = run->scratchpad_bytes ? run_memory(run, run->scratchpad_bytes) : NULL;
    const struct steps *all[] = {&run->exec, &run->finish};
    for (size_t l = 0; pad && l < 2; l++)
        for (size_t i = 0; i < all[l]->count; i++)
            if (all[l]->at[i].scratchpad)
                dnnl_memory_set_data_handle(all[l]->at[i].scratchpad, pad);
}

enum status run_ready(struct twin_run *run, struct twin_run **out)
{
    *out = NULL;
    if (!run) return STATUS_OS;
    par_set_threads(run->former_threads);
    if (run->status == STATUS_OK && run->exec.count == 0)
        run->status = fail(STATUS_UNAVAILABLE, "%s: oneDNN is not asked for nothing", run->kernel);
    if (run->status == STATUS_OK && run->held_count == 0 &&
        (run->form == FORM_PACKED || run->form == FORM_MATMUL_PACKED))
        run->status = fail(STATUS_UNAVAILABLE, "%s: %s wants the weights as they are: no %s form",
                           run->kernel, twin_version(), form_name(run->form));
    place_scratchpads(run);
    for (size_t i = 0; i < run->exec.count; i++) impl_add(run, &run->exec.at[i]);
    const enum status status = run->status;
    if (status == STATUS_OK)
        *out = run;
    else
        twin_close(run);
    return status;
}

static void steps_exec(const struct twin_run *run, const struct steps *steps)
{
    const int former = par_set_threads(run->threads);
    for (size_t i = 0; i < steps->count; i++)
        step_exec(run, &steps->at[i], step_args(steps, i, run->copy));
    dnnl_stream_wait(run->stream);
    par_set_threads(former);
}

void twin_exec(struct twin_run *run)
{
    steps_exec(run, &run->exec);
}

void twin_finish(struct twin_run *run)
{
    steps_exec(run, &run->finish);
}

static void steps_free(struct steps *steps)
{
    for (size_t i = 0; i < steps->count; i++) dnnl_primitive_destroy(steps->at[i].primitive);
    free(steps->at);
}

void twin_close(struct twin_run *run)
{
    if (!run) return;
    copies_free(run);
    steps_free(&run->exec);
    steps_free(&run->finish);
    for (size_t i = 0; i < run->memory_count; i++) dnnl_memory_destroy(run->memory[i]);
    for (size_t i = 0; i < run->arena_count; i++) arena_close(&run->arena[i]);
    free(run->memory);
    free(run->arena);
    free(run->held);
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
