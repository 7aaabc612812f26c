/* dnnl: a sequence of oneDNN primitives on operands in place, which is what a twin runs.
 *
 * A twin's open() is run_open(), one call per primitive, run_ready(). The first failure is
 * remembered and the calls after it do nothing, so that only run_ready() has to be looked at. No
 * oneDNN type appears here: the dnnl_*.c files own them, dnnl_api.h hides what differs between
 * oneDNN 2 and 3, and dnnl_none.c answers in a build without its header.
 */
#ifndef REFERENCE_DNNL_H
#define REFERENCE_DNNL_H

#include "twin.h"

/* A matrix in place: element (i, j) at data + i * row + j * col. */
struct view {
    const float *data; /* NULL: no such operand */
    size_t rows, cols, row, col;
};

static inline struct view view_of(const float *data, size_t rows, size_t cols, size_t ld)
{
    return (struct view){data, rows, cols, ld, 1};
}

static inline struct view view_transposed(struct view v)
{
    return (struct view){v.data, v.cols, v.rows, v.col, v.row};
}

/* The forms of a dense kernel: the inner products of oneDNN read rows without gaps, or fall to
 * code that is a thousand times slower. */
static inline unsigned forms_dense(const struct shape *s)
{
    const unsigned inner = FORM_BIT(FORM_PLAIN) | FORM_BIT(FORM_PACKED);
    return FORM_BIT(FORM_MATMUL) | FORM_BIT(FORM_MATMUL_PACKED) | (s->pad ? 0u : inner);
}

/* NULL where oneDNN cannot be had; the run_ functions take that. */
struct twin_run *run_open(const char *kernel, int threads, enum form form);
/* STATUS_OK and the run, or closes it and returns why not. */
enum status run_ready(struct twin_run *run, struct twin_run **out);

/* Work space that lives as long as the run; zeroed. */
float *run_scratch(struct twin_run *run, size_t floats);

/* dst = act(src w + bias): the inner product with its ReLU, or the matmul, as the run's form says.
 */
struct dense_views {
    struct view dst, src, w, bias;
    bool relu;
};
void run_dense_fwd(struct twin_run *run, const struct dense_views *v);
/* dst += a b, neither of which is constant: the matmul with its sum, whatever the run's form. */
void run_dense_add(struct twin_run *run, struct view dst, struct view a, struct view b);
/* dsrc = ddst transpose(w). */
void run_dense_bwd_data(struct twin_run *run, struct view dsrc, struct view ddst, struct view w);
/* dw (+)= transpose(src) ddst; db (+)= column sums of ddst, where db.data is not NULL. */
struct weights_views {
    struct view dw, db, src, ddst;
    bool accumulate;
};
void run_dense_bwd_weights(struct twin_run *run, const struct weights_views *v);

/* w -= lr dw, where both lie or where the run keeps them; afterwards w is as it lies from
 * twin_finish() on. */
void run_step(struct twin_run *run, struct view w, float lr, struct view dw);

/* dst = src < 0 ? 0 : src. */
void run_relu_fwd(struct twin_run *run, struct view dst, struct view src);
/* dsrc = dst > 0 ? ddst : 0; dsrc may be ddst. */
void run_relu_bwd(struct twin_run *run, struct view dsrc, struct view ddst, struct view dst);
/* The tanh form of GELU, or the erf form. */
void run_gelu_fwd(struct twin_run *run, struct view dst, struct view src, bool tanh);
void run_gelu_bwd(struct twin_run *run, struct view dsrc, struct view ddst, struct view src,
                  bool tanh);
/* By rows: dst = softmax(src); dsrc = dst (ddst - sum of dst ddst). */
void run_softmax_fwd(struct twin_run *run, struct view dst, struct view src);
void run_softmax_bwd(struct twin_run *run, struct view dsrc, struct view ddst, struct view dst);
/* dst = a x + b y; dst may be x. */
void run_sum(struct twin_run *run, struct view dst, float a, struct view x, float b, struct view y);
/* dst = src, row i times by[i]; dst may be src. */
void run_scale_rows(struct twin_run *run, struct view dst, struct view src, const float *by);
/* The step of adamw_step, without its scale, as its primitives make it. */
struct adamw_views {
    const float *w, *m, *v, *dw;
    size_t n;
    struct adamw_factors by;
};
void run_adamw(struct twin_run *run, const struct adamw_views *a);
/* dst += column, which has one number for each row. */
void run_add_column(struct twin_run *run, struct view dst, const float *column);
/* Rows of src normalized into dst, or the gradients; statistics one a row, gamma and beta one a column.
 */
struct layernorm_views {
    struct view dst, src; /* backward: ddst, dsrc is below */
    const float *mean, *variance, *gamma, *beta;
    float eps;
    struct view dsrc; /* backward alone, as are dgamma and dbeta; beta is not used */
    const float *dgamma, *dbeta;
};
void run_layernorm_fwd(struct twin_run *run, const struct layernorm_views *v);
void run_layernorm_bwd(struct twin_run *run, const struct layernorm_views *v);
/* dst[i] = 1 / sqrt(src[i] + eps). */
void run_rsqrt(struct twin_run *run, const float *dst, const float *src, size_t n, float eps);
/* `count` matrices, matrix i at one.data + i step. */
struct views {
    struct view one;
    size_t count, step;
};
/* dst_i = scale a_i b_i + mask, the mask being the same for all; none where its data is NULL. The run
 * fails where oneDNN has that for several matrices in its unoptimized code alone, as release 2 does. */
struct product_views {
    struct views dst, a, b;
    struct view mask;
    float scale;
};
void run_products(struct twin_run *run, const struct product_views *v);
/* run_softmax_bwd() in place on rows without gaps, composed where oneDNN has no vector code for it. */
void run_softmax_grad(struct twin_run *run, struct view grad, struct view rows);
/* t x t: 0, and -inf above the diagonal. */
struct view run_causal_mask(struct twin_run *run, size_t t);
/* Primitives added from here on are run by twin_finish(), not by twin_exec(). */
void run_finish(struct twin_run *run);
/* At once, into dst: the matrix that dense_pack laid out in panels. */
void run_unpack(struct twin_run *run, struct view dst, const float *panels);
/* Columns in panels of 16, each panel row by row, columns past the end +0: dense_pack's layout. */
void run_panels(struct twin_run *run, float *dst, struct view src);

#endif
