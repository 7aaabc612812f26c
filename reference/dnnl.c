#include "dnnl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
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
    size_t step_count, memory_count, scratch_count;
    char impl[IMPL_TEXT];
};

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

/* data may be DNNL_MEMORY_ALLOCATE. NULL, and the run failed, where there is no memory. */
static dnnl_memory_t memory_of(struct twin_run *run, const struct desc *desc, const void *data)
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

static void impl_add(struct twin_run *run, const_dnnl_primitive_desc_t pd)
{
    const char *impl = "unknown";
    dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, &impl);
    run->is_ref = run->is_ref || strstr(impl, "ref") != NULL;
    if (strstr(run->impl, impl)) return;
    const size_t used = strlen(run->impl);
    snprintf(run->impl + used, sizeof run->impl - used, "%s%s", used ? "+" : "", impl);
}

static bool pd_made(struct twin_run *run, const char *what, dnnl_status_t status)
{
    if (status == dnnl_success) return true;
    run->status = fail(STATUS_UNAVAILABLE, "%s: %s has no %s for this shape and layout (status %d)",
                       run->kernel, twin_version(), what, (int)status);
    return false;
}

/* Takes pd. */
static void step_add(struct twin_run *run, dnnl_primitive_desc_t pd, int count,
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
            impl_add(run, pd);
        } else {
            run->status = fail(STATUS_OS, "%s: oneDNN could not build a primitive", run->kernel);
        }
    }
    dnnl_primitive_desc_destroy(pd);
}

/* ---- descriptors */

static bool desc_view(struct twin_run *run, struct desc *desc, struct view v)
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

/* Inner products and bias gradients have a bias of one dimension, matmul one of two. */
static bool desc_bias(struct twin_run *run, struct desc *desc, struct view v)
{
    *desc = (struct desc){0};
    if (run->status || !v.data) return false;
    const dnnl_dims_t dims = {(dnnl_dim_t)v.cols}, strides = {1};
    return pd_made(run, "descriptor", desc_strides(desc, 1, dims, strides));
}

static bool desc_any(struct twin_run *run, struct desc *desc, struct view v)
{
    *desc = (struct desc){0};
    const dnnl_dims_t dims = {(dnnl_dim_t)v.rows, (dnnl_dim_t)v.cols};
    return !run->status && pd_made(run, "descriptor", desc_tag(desc, 2, dims, dnnl_format_tag_any));
}

static void desc_free_all(struct desc *desc, int count)
{
    for (int i = 0; i < count; i++) desc_free(&desc[i]);
}

/* ---- layouts that oneDNN chose */

static void reorder_add(struct twin_run *run, const struct desc *from, dnnl_memory_t source,
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

/* The constant weights in the layout that pd wants: in place where that is the one they have. */
static dnnl_memory_t weights_for(struct twin_run *run, const_dnnl_primitive_desc_t pd,
                                 const struct desc *plain, const float *data)
{
    const struct desc chosen = pd_desc(pd, dnnl_query_weights_md);
    if (dnnl_memory_desc_equal(desc_md(&chosen), desc_md(plain)))
        return memory_of(run, plain, data);
    const struct twin_run before = *run; /* the reorder is run here, and is no step of the run */
    dnnl_memory_t packed = memory_of(run, &chosen, DNNL_MEMORY_ALLOCATE);
    reorder_add(run, plain, memory_of(run, plain, data), &chosen, packed);
    if (run->status) return NULL;
    struct step *step = &run->step[--run->step_count];
    step_exec(run, step);
    dnnl_stream_wait(run->stream);
    dnnl_primitive_destroy(step->primitive);
    memcpy(run->impl, before.impl, sizeof run->impl);
    run->is_ref = before.is_ref;
    return packed;
}

/* ---- dense layers */

static dnnl_primitive_attr_t attr_of(struct twin_run *run, bool sum, bool relu)
{
    dnnl_primitive_attr_t attr = NULL;
    dnnl_post_ops_t ops = NULL;
    dnnl_primitive_attr_create(&attr);
    dnnl_post_ops_create(&ops);
    if (sum) pd_made(run, "accumulation", post_sum(ops));
    if (relu) pd_made(run, "ReLU", post_relu(ops));
    dnnl_primitive_attr_set_post_ops(attr, ops);
    dnnl_post_ops_destroy(ops);
    return attr;
}

/* dst (+)= act(src w + bias), w as it lies. */
static void matmul_add(struct twin_run *run, const struct dense_views *v, bool sum)
{
    struct desc d[4] = {0};
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_attr_t attr = attr_of(run, sum, v->relu);
    const bool bias = v->bias.data != NULL;
    if (desc_view(run, &d[0], v->src) && desc_view(run, &d[1], v->w) &&
        desc_view(run, &d[3], v->dst) && (!bias || desc_view(run, &d[2], v->bias)) &&
        pd_made(run, "matmul",
                pd_matmul(&pd, run->engine, &d[0], &d[1], bias ? &d[2] : NULL, &d[3], attr))) {
        dnnl_exec_arg_t arg[4] = {{DNNL_ARG_SRC, memory_of(run, &d[0], v->src.data)},
                                  {DNNL_ARG_WEIGHTS, memory_of(run, &d[1], v->w.data)},
                                  {DNNL_ARG_DST, memory_of(run, &d[3], v->dst.data)}};
        if (bias) arg[3] = (dnnl_exec_arg_t){DNNL_ARG_BIAS, memory_of(run, &d[2], v->bias.data)};
        step_add(run, pd, bias ? 4 : 3, arg);
    }
    dnnl_primitive_attr_destroy(attr);
    desc_free_all(d, 4);
}

void run_dense_fwd(struct twin_run *run, const struct dense_views *v)
{
    if (!run || run->status) return;
    if (run->form == FORM_MATMUL) {
        matmul_add(run, v, false);
        return;
    }
    struct desc src = {0}, w = {0}, any = {0}, bias = {0}, dst = {0};
    const struct view wt =
        view_transposed(v->w); /* an inner product's weights are outputs x inputs */
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_attr_t attr = attr_of(run, false, v->relu);
    const bool has_bias = v->bias.data != NULL;
    const bool packed = run->form == FORM_PACKED;
    if (desc_view(run, &src, v->src) && desc_view(run, &w, wt) && desc_view(run, &dst, v->dst) &&
        desc_any(run, &any, wt) && (!has_bias || desc_bias(run, &bias, v->bias)) &&
        pd_made(run, "inner product",
                pd_inner_fwd(&pd, run->engine, &src, packed ? &any : &w, has_bias ? &bias : NULL,
                             &dst, attr))) {
        dnnl_exec_arg_t arg[4] = {{DNNL_ARG_SRC, memory_of(run, &src, v->src.data)},
                                  {DNNL_ARG_WEIGHTS, weights_for(run, pd, &w, v->w.data)},
                                  {DNNL_ARG_DST, memory_of(run, &dst, v->dst.data)}};
        if (has_bias)
            arg[3] = (dnnl_exec_arg_t){DNNL_ARG_BIAS, memory_of(run, &bias, v->bias.data)};
        step_add(run, pd, has_bias ? 4 : 3, arg);
    }
    dnnl_primitive_attr_destroy(attr);
    desc_free_all((struct desc[]){src, w, any, bias, dst}, 5);
}

void run_dense_bwd_data(struct twin_run *run, struct view dsrc, struct view ddst, struct view w)
{
    if (!run || run->status) return;
    const struct view wt = view_transposed(w);
    if (run->form == FORM_MATMUL) {
        matmul_add(run, &(struct dense_views){.dst = dsrc, .src = ddst, .w = wt}, false);
        return;
    }
    struct desc d[4] = {0};
    dnnl_primitive_desc_t pd = NULL;
    const bool packed = run->form == FORM_PACKED;
    if (desc_view(run, &d[0], dsrc) && desc_view(run, &d[1], wt) && desc_view(run, &d[2], ddst) &&
        desc_any(run, &d[3], wt) &&
        pd_made(run, "inner product, backward data",
                pd_inner_bwd_data(&pd, run->engine, &d[0], &d[packed ? 3 : 1], &d[2]))) {
        const dnnl_exec_arg_t arg[3] = {
            {DNNL_ARG_DIFF_SRC, memory_of(run, &d[0], dsrc.data)},
            {DNNL_ARG_WEIGHTS, weights_for(run, pd, &d[1], w.data)},
            {DNNL_ARG_DIFF_DST, memory_of(run, &d[2], ddst.data)},
        };
        step_add(run, pd, 3, arg);
    }
    desc_free_all(d, 4);
}

/* Two matmuls: oneDNN's matmul has no second output for the bias gradient. */
static void weights_matmul(struct twin_run *run, const struct weights_views *v)
{
    matmul_add(run,
               &(struct dense_views){.dst = v->dw, .src = view_transposed(v->src), .w = v->ddst},
               v->accumulate);
    if (!v->db.data) return;
    float *ones = run_scratch(run, v->ddst.rows);
    if (!ones) return;
    for (size_t i = 0; i < v->ddst.rows; i++) ones[i] = 1.0f;
    const struct view row = view_of(ones, 1, v->ddst.rows, v->ddst.rows);
    matmul_add(run, &(struct dense_views){.dst = v->db, .src = row, .w = v->ddst}, v->accumulate);
}

static void weights_inner(struct twin_run *run, const struct weights_views *v)
{
    struct desc src = {0}, dw = {0}, any = {0}, db = {0}, ddst = {0};
    const struct view dwt = view_transposed(v->dw);
    dnnl_primitive_desc_t pd = NULL;
    const bool has_db = v->db.data != NULL;
    const bool packed = run->form == FORM_PACKED;
    if (desc_view(run, &src, v->src) && desc_view(run, &dw, dwt) &&
        desc_view(run, &ddst, v->ddst) && desc_any(run, &any, dwt) &&
        (!has_db || desc_bias(run, &db, v->db)) &&
        pd_made(run, "inner product, backward weights",
                pd_inner_bwd_weights(&pd, run->engine, &src, packed ? &any : &dw,
                                     has_db ? &db : NULL, &ddst))) {
        const struct desc chosen = pd_desc(pd, dnnl_query_diff_weights_md);
        const bool direct = dnnl_memory_desc_equal(desc_md(&chosen), desc_md(&dw));
        dnnl_memory_t plain = memory_of(run, &dw, v->dw.data);
        dnnl_memory_t made = direct ? plain : memory_of(run, &chosen, DNNL_MEMORY_ALLOCATE);
        dnnl_exec_arg_t arg[4] = {{DNNL_ARG_SRC, memory_of(run, &src, v->src.data)},
                                  {DNNL_ARG_DIFF_DST, memory_of(run, &ddst, v->ddst.data)},
                                  {DNNL_ARG_DIFF_WEIGHTS, made}};
        if (has_db) arg[3] = (dnnl_exec_arg_t){DNNL_ARG_DIFF_BIAS, memory_of(run, &db, v->db.data)};
        dnnl_primitive_desc_t own = NULL;
        if (!direct && dnnl_primitive_desc_clone(&own, pd) != dnnl_success) own = NULL;
        step_add(run, pd, has_db ? 4 : 3, arg);
        if (own) {
            const struct desc from = pd_desc(own, dnnl_query_diff_weights_md);
            reorder_add(run, &from, made, &dw, plain);
            dnnl_primitive_desc_destroy(own);
        }
    }
    desc_free_all((struct desc[]){src, dw, any, db, ddst}, 5);
}

void run_dense_bwd_weights(struct twin_run *run, const struct weights_views *v)
{
    if (!run || run->status) return;
    if (run->form == FORM_MATMUL) {
        weights_matmul(run, v);
        return;
    }
    if (!v->accumulate) {
        weights_inner(run, v);
        return;
    }
    /* An inner product only overwrites. */
    struct weights_views fresh = *v;
    fresh.accumulate = false;
    fresh.dw = view_of(run_scratch(run, v->dw.rows * v->dw.row), v->dw.rows, v->dw.cols, v->dw.row);
    if (v->db.data) fresh.db = view_of(run_scratch(run, v->db.cols), 1, v->db.cols, v->db.cols);
    weights_inner(run, &fresh);
    run_sum(run, v->dw, 1.0f, v->dw, 1.0f, fresh.dw);
    if (v->db.data) run_sum(run, v->db, 1.0f, v->db, 1.0f, fresh.db);
}

/* ---- elementwise */

void run_relu_fwd(struct twin_run *run, struct view dst, struct view src)
{
    struct desc d[2] = {0};
    dnnl_primitive_desc_t pd = NULL;
    if (!run || run->status) return;
    assert(dst.row == src.row || src.rows == 1);
    if (desc_view(run, &d[0], src) && desc_view(run, &d[1], dst) &&
        pd_made(run, "ReLU",
                pd_relu_fwd(&pd, run->engine, dnnl_forward_inference, dnnl_eltwise_relu, &d[0],
                            &d[1]))) {
        const dnnl_exec_arg_t arg[2] = {{DNNL_ARG_SRC, memory_of(run, &d[0], src.data)},
                                        {DNNL_ARG_DST, memory_of(run, &d[1], dst.data)}};
        step_add(run, pd, 2, arg);
    }
    desc_free_all(d, 2);
}

void run_relu_bwd(struct twin_run *run, struct view dsrc, struct view ddst, struct view dst)
{
    struct desc d[3] = {0};
    dnnl_primitive_desc_t hint = NULL, pd = NULL;
    if (!run || run->status) return;
    assert(dsrc.row == ddst.row || dsrc.rows == 1);
    if (desc_view(run, &d[0], dsrc) && desc_view(run, &d[1], ddst) && desc_view(run, &d[2], dst) &&
        pd_made(run, "ReLU",
                pd_relu_fwd(&hint, run->engine, dnnl_forward_training,
                            dnnl_eltwise_relu_use_dst_for_bwd, &d[2], &d[2])) &&
        pd_made(run, "ReLU, backward", pd_relu_bwd(&pd, run->engine, &d[0], &d[1], &d[2], hint))) {
        const dnnl_exec_arg_t arg[3] = {{DNNL_ARG_DIFF_SRC, memory_of(run, &d[0], dsrc.data)},
                                        {DNNL_ARG_DIFF_DST, memory_of(run, &d[1], ddst.data)},
                                        {DNNL_ARG_DST, memory_of(run, &d[2], dst.data)}};
        step_add(run, pd, 3, arg);
    }
    if (hint) dnnl_primitive_desc_destroy(hint);
    desc_free_all(d, 3);
}

void run_sum(struct twin_run *run, struct view dst, float a, struct view x, float b, struct view y)
{
    struct desc d[3] = {0};
    dnnl_primitive_desc_t pd = NULL;
    if (!run || run->status) return;
    if (desc_view(run, &d[0], dst) && desc_view(run, &d[1], x) && desc_view(run, &d[2], y) &&
        pd_made(run, "sum",
                pd_sum(&pd, run->engine, &d[0], (const float[2]){a, b}, &d[1], &d[2]))) {
        const dnnl_exec_arg_t arg[3] = {
            {DNNL_ARG_DST, memory_of(run, &d[0], dst.data)},
            {DNNL_ARG_MULTIPLE_SRC, memory_of(run, &d[1], x.data)},
            {DNNL_ARG_MULTIPLE_SRC + 1, memory_of(run, &d[2], y.data)},
        };
        step_add(run, pd, 3, arg);
    }
    desc_free_all(d, 3);
}

void run_panels(struct twin_run *run, float *dst, struct view src)
{
    struct desc from = {0}, to = {0};
    if (!run || run->status) return;
    if (src.rows == 0 || src.cols == 0) {
        run->status =
            fail(STATUS_UNAVAILABLE, "%s: oneDNN is not asked for an empty operand", run->kernel);
        return;
    }
    /* The panels are oneDNN's aBc16b of a 1 x columns x rows tensor. */
    const dnnl_dims_t dims = {1, (dnnl_dim_t)src.cols, (dnnl_dim_t)src.rows};
    const dnnl_dims_t strides = {(dnnl_dim_t)(src.rows * src.row > src.cols * src.col
                                                  ? src.rows * src.row
                                                  : src.cols * src.col),
                                 (dnnl_dim_t)src.col, (dnnl_dim_t)src.row};
    if (pd_made(run, "descriptor", desc_strides(&from, 3, dims, strides)) &&
        pd_made(run, "descriptor", desc_tag(&to, 3, dims, dnnl_aBc16b)))
        reorder_add(run, &from, memory_of(run, &from, src.data), &to, memory_of(run, &to, dst));
    desc_free_all((struct desc[]){from, to}, 2);
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
enum status run_ready(struct twin_run *run, struct twin_run **out)
{
    *out = NULL;
    if (!run) return STATUS_OS;
    par_set_threads(run->former_threads);
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
    for (size_t i = 0; i < run->step_count; i++) step_exec(run, &run->step[i]);
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
