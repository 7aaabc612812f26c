/* dnnl_run: what a run owns, for the files that add primitives to it. */
#ifndef REFERENCE_DNNL_RUN_H
#define REFERENCE_DNNL_RUN_H

#include "base/arena.h"
#include "dnnl.h"
#include "dnnl_api.h"

enum { STEP_ARGS = 10, IMPL_TEXT = 256 };

struct step {
    dnnl_primitive_t primitive;
    dnnl_memory_t scratchpad; /* NULL where it needs none */
    int count;
    dnnl_exec_arg_t arg[STEP_ARGS];
};

/* A matrix that the run keeps in a layout of oneDNN's choice. */
struct held {
    const float *plain; /* where it would lie otherwise */
    dnnl_memory_t memory;
};

struct steps {
    struct step *at;
    size_t count;
    dnnl_exec_arg_t *copied; /* of copy c and step i: from ((c - 1) * count + i) * STEP_ARGS on */
};

struct twin_run {
    const char *kernel;
    enum status status; /* of the first builder that failed */
    enum form form;
    int threads, former_threads;
    bool is_ref;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    struct steps exec, finish; /* of twin_exec(), of twin_finish() */
    struct steps *to;          /* where steps are added */
    dnnl_memory_t *memory;
    struct arena *arena; /* the last one has room left */
    struct arena *spare; /* of each arena what it holds, once more for every copy but the first */
    struct held *held;
    size_t copies, copy, stride; /* copy: which the next call is on */
    size_t memory_count, arena_count, held_count, scratchpad_bytes;
    char impl[IMPL_TEXT];
};

/* Each of these records the failure in the run, and does nothing in a run that has failed. */

/* data may be DNNL_MEMORY_ALLOCATE: from the run's arenas then, whose pages are as large as those of
 * our own operands. */
dnnl_memory_t memory_of(struct twin_run *run, const struct desc *desc, const void *data);
/* True where oneDNN has what was asked for. */
bool pd_made(struct twin_run *run, const char *what, dnnl_status_t status);
/* What pd chose is oneDNN's unoptimized code. */
bool pd_is_ref(const_dnnl_primitive_desc_t pd);
/* dst = src op by, whose rows or columns may be one for all. */
void binary_add(struct twin_run *run, dnnl_alg_kind_t alg, struct view dst, struct view src,
                struct view by);
/* Of a memory of that description, with the algorithm's two factors. */
void eltwise_add(struct twin_run *run, dnnl_memory_t dst, dnnl_memory_t src, const struct desc *d,
                 dnnl_alg_kind_t alg, const float factor[2]);
/* Takes pd. */
void step_add(struct twin_run *run, dnnl_primitive_desc_t pd, int count,
              const dnnl_exec_arg_t arg[]);
void reorder_add(struct twin_run *run, const struct desc *from, dnnl_memory_t source,
                 const struct desc *to, dnnl_memory_t target);
/* Runs the last step and takes it out of the run, which does not show it among its implementations.
 */
void step_now(struct twin_run *run);
/* The constant weights in the layout that pd wants: in place where that is the one they have. */
dnnl_memory_t weights_for(struct twin_run *run, const_dnnl_primitive_desc_t pd,
                          const struct desc *plain, const float *data);

/* The memory in which the run keeps that matrix; NULL where it lies as it is. */
void hold(struct twin_run *run, const float *plain, dnnl_memory_t memory);
dnnl_memory_t held_of(const struct twin_run *run, const float *plain);

static inline const dnnl_exec_arg_t *step_args(const struct steps *steps, size_t i, size_t copy)
{
    if (copy == 0) return steps->at[i].arg;
    return &steps->copied[((copy - 1) * steps->count + i) * STEP_ARGS];
}
/* What twin_copy() made. */
void copies_free(struct twin_run *run);

bool desc_view(struct twin_run *run, struct desc *desc, struct view v);
/* The bias of an inner product has one dimension, that of a matmul two. */
bool desc_bias(struct twin_run *run, struct desc *desc, struct view v);
bool desc_any(struct twin_run *run, struct desc *desc, struct view v);
void desc_free_all(struct desc *desc, int count);

#endif
