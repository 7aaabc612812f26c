#include "dnnl.h"
#include "sparse_relu_fwd/sparse_relu_fwd.h"

/* oneDNN 2 has no sparse matrices, and those of oneDNN 3 run in its unoptimized code: the twin is the dense layer with
 * all its zeros, as a matmul of the same operands in place, where it fits in memory. */
static const double BYTES_MOST = 1e9;

static unsigned forms(const struct shape *s)
{
    const double bytes = sizeof(float) * (double)s->n * (double)s->k;
    return bytes > BYTES_MOST ? 0 : FORM_BIT(FORM_MATMUL);
}

/* Where a column comes twice, its weights are added. */
static void spread(float *w, const struct shape *s, void *const buf[])
{
    const int32_t *start = buf[SPARSE_RELU_FWD_START], *col = buf[SPARSE_RELU_FWD_COL];
    const float *value = buf[SPARSE_RELU_FWD_VALUE];
    for (size_t i = 0; i < s->n; i++)
        for (int32_t p = start[i]; p < start[i + 1]; p++) w[i * s->k + (size_t)col[p]] += value[p];
}

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    const size_t m = s->m, n = s->n, k = s->k, ld = m + s->pad;
    const bool bias = !(s->flags & SPARSE_RELU_FWD_FLAG_NOBIAS);
    const bool relu = s->flags & SPARSE_RELU_FWD_FLAG_RELU;
    const struct view dst = view_of(buf[SPARSE_RELU_FWD_DST], n, m, ld);
    if (!forms(s)) {
        *out = NULL;
        return fail(STATUS_UNAVAILABLE,
                    "sparse_relu_fwd: oneDNN's dense layer of %zu x %zu weights is beyond 1 GB", n,
                    k);
    }
    struct twin_run *run = run_open("sparse_relu_fwd", threads, form);
    float *w = run_scratch(run, n * k);
    if (w) spread(w, s, buf);
    run_dense_fwd(run, &(struct dense_views){.dst = dst,
                                             .src = view_of(w, n, k, k),
                                             .w = view_of(buf[SPARSE_RELU_FWD_SRC], k, m, ld),
                                             .relu = relu && !bias});
    if (bias) run_add_column(run, dst, buf[SPARSE_RELU_FWD_BIAS]);
    if (bias && relu) run_relu_fwd(run, dst, dst);
    return run_ready(run, out);
}

const struct twin sparse_relu_fwd_twin = {.forms = forms, .open = open};
