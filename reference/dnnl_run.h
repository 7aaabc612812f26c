/* dnnl_run: what a run owns, for the files that add primitives to it: dnnl.c, dnnl_dense.c,
 * dnnl_elt.c. */
#ifndef REFERENCE_DNNL_RUN_H
#define REFERENCE_DNNL_RUN_H

#include "dnnl.h"
#include "dnnl_api.h"

enum { STEP_ARGS = 5, IMPL_TEXT = 256 };

struct step {
    dnnl_primitive_t primitive;
    int count;
    dnnl_exec_arg_t arg[STEP_ARGS];
};

struct twin_run {
    const char *kernel;
    enum status status; /* of the first builder that failed */
    enum form form;
    int threads, former_threads;
    bool is_ref;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    struct step *step;
    dnnl_memory_t *memory;
    void **scratch;
    size_t step_count, exec_count, memory_count, scratch_count;
    char impl[IMPL_TEXT];
};

/* Each of these records the failure in the run, and does nothing in a run that has failed. */

/* data may be DNNL_MEMORY_ALLOCATE. */
dnnl_memory_t memory_of(struct twin_run *run, const struct desc *desc, const void *data);
/* True where oneDNN has what was asked for. */
bool pd_made(struct twin_run *run, const char *what, dnnl_status_t status);
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

bool desc_view(struct twin_run *run, struct desc *desc, struct view v);
/* The bias of an inner product has one dimension, that of a matmul two. */
bool desc_bias(struct twin_run *run, struct desc *desc, struct view v);
bool desc_any(struct twin_run *run, struct desc *desc, struct view v);
void desc_free_all(struct desc *desc, int count);

#endif
