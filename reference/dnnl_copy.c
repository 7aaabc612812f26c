/* The copies of a run: its primitives once, memory objects for each copy. */
#include <stdlib.h>
#include <string.h>

#include "dnnl_run.h"

/* oneDNN's memory object, which holds a descriptor by value up to release 2. */
enum { OBJECT_BYTES = 1024 };

/* Where a copy has what the run has at `at`: work space and packed weights in arenas of the copies. */
static void *place_of(const struct twin_run *run, char *at, size_t copy)
{
    for (size_t a = 0; a < run->arena_count; a++) {
        const struct arena *own = &run->arena[a];
        if (at >= own->base && at < own->base + own->used)
            return run->spare[a].base + (copy - 1) * own->used + (at - own->base);
    }
    return at ? at + copy * run->stride : NULL;
}

static enum status copy_arenas(struct twin_run *run)
{
    run->spare = calloc(run->arena_count + 1, sizeof *run->spare);
    if (!run->spare) return fail(STATUS_OS, "%s: no memory for oneDNN's copies", run->kernel);
    for (size_t a = 0; a < run->arena_count; a++) {
        const struct arena *own = &run->arena[a];
        const size_t more = run->copies - 1;
        const enum status status = arena_open(&run->spare[a], own->used * more, run->kernel);
        if (status != STATUS_OK) return status;
        for (size_t c = 0; c < more; c++)
            memcpy(run->spare[a].base + c * own->used, own->base, own->used);
    }
    return STATUS_OK;
}

static bool copy_arg(const struct twin_run *run, dnnl_exec_arg_t from, size_t copy,
                     dnnl_exec_arg_t *to)
{
    struct desc desc = {0};
    void *at = NULL;
    to->arg = from.arg;
    return memory_desc(from.memory, &desc) == dnnl_success &&
           dnnl_memory_get_data_handle(from.memory, &at) == dnnl_success &&
           dnnl_memory_create(&to->memory, desc_md(&desc), run->engine, place_of(run, at, copy)) ==
               dnnl_success;
}

static enum status copy_steps(const struct twin_run *run, struct steps *steps)
{
    const size_t args = steps->count * STEP_ARGS, all = args * (run->copies - 1);
    const enum status status = arena_fits((double)all * OBJECT_BYTES, 0, run->kernel);
    if (status != STATUS_OK || all == 0) return status;
    steps->copied = calloc(all, sizeof *steps->copied);
    bool good = steps->copied != NULL;
    for (size_t c = 1; good && c < run->copies; c++)
        for (size_t i = 0; good && i < steps->count; i++)
            for (int a = 0; good && a < steps->at[i].count; a++)
                good = copy_arg(run, steps->at[i].arg[a], c,
                                &steps->copied[(c - 1) * args + i * STEP_ARGS + (size_t)a]);
    return good ? STATUS_OK
                : fail(STATUS_OS, "%s: oneDNN has no memory for %zu copies", run->kernel,
                       run->copies);
}

enum status twin_copy(struct twin_run *run, size_t copies, size_t stride)
{
    run->copies = copies;
    run->stride = stride;
    enum status status = copy_arenas(run);
    if (status == STATUS_OK) status = copy_steps(run, &run->exec);
    if (status == STATUS_OK) status = copy_steps(run, &run->finish);
    return status;
}

void twin_use(struct twin_run *run, size_t copy)
{
    run->copy = copy;
}

void twin_warm(const struct twin_run *run, size_t copy)
{
    void *at;
    for (size_t i = 0; i < run->exec.count; i++) {
        const dnnl_exec_arg_t *arg = step_args(&run->exec, i, copy);
        for (int a = 0; a < run->exec.at[i].count; a++)
            (void)dnnl_memory_get_data_handle(arg[a].memory, &at);
    }
}

void copies_free(struct twin_run *run)
{
    struct steps *all[] = {&run->exec, &run->finish};
    for (size_t l = 0; l < 2; l++) {
        const size_t args = all[l]->copied ? all[l]->count * STEP_ARGS * (run->copies - 1) : 0;
        for (size_t a = 0; a < args; a++)
            if (all[l]->copied[a].memory) dnnl_memory_destroy(all[l]->copied[a].memory);
        free(all[l]->copied);
    }
    for (size_t a = 0; run->spare && a < run->arena_count; a++) arena_close(&run->spare[a]);
    free(run->spare);
}
