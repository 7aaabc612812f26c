/* dnnl_api: oneDNN 2 (operation descriptors, memory descriptors by value) and oneDNN 3 (primitive
 * descriptors directly, opaque memory descriptors) behind one set of names. For the dnnl files
 * alone. */
#ifndef REFERENCE_DNNL_API_H
#define REFERENCE_DNNL_API_H

#include <oneapi/dnnl/dnnl.h>
#include <stdbool.h>
#include <stddef.h>

#define TRY(call)                                                                                  \
    do {                                                                                           \
        const dnnl_status_t try_status = (call);                                                   \
        if (try_status != dnnl_success) return try_status;                                         \
    } while (0)

struct desc {
    dnnl_memory_desc_t md;
};

enum { LAYERNORM_FLAGS = (int)dnnl_use_scale | (int)dnnl_use_shift };

#if DNNL_VERSION_MAJOR >= 3

static inline const_dnnl_memory_desc_t desc_md(const struct desc *d)
{
    return d ? d->md : NULL;
}

static inline dnnl_status_t desc_strides(struct desc *d, int ndims, const dnnl_dims_t dims,
                                         const dnnl_dims_t strides)
{
    return dnnl_memory_desc_create_with_strides(&d->md, ndims, dims, dnnl_f32, strides);
}

static inline dnnl_status_t desc_tag(struct desc *d, int ndims, const dnnl_dims_t dims,
                                     dnnl_format_tag_t tag)
{
    return dnnl_memory_desc_create_with_tag(&d->md, ndims, dims, dnnl_f32, tag);
}

static inline void desc_free(struct desc *d)
{
    if (d->md) dnnl_memory_desc_destroy(d->md);
    d->md = NULL;
}

/* Belongs to pd. */
static inline struct desc pd_desc(const_dnnl_primitive_desc_t pd, dnnl_query_t what)
{
    return (struct desc){(dnnl_memory_desc_t)dnnl_primitive_desc_query_md(pd, what, 0)};
}

/* Belongs to memory. */
static inline dnnl_status_t memory_desc(const_dnnl_memory_t memory, struct desc *d)
{
    const_dnnl_memory_desc_t md = NULL;
    TRY(dnnl_memory_get_memory_desc(memory, &md));
    d->md = (dnnl_memory_desc_t)md;
    return dnnl_success;
}

static inline dnnl_status_t post_relu(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_relu, 0.0f, 0.0f);
}

static inline dnnl_status_t post_sum(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_sum(ops, 1.0f, 0, dnnl_data_type_undef);
}

static inline dnnl_status_t post_add(dnnl_post_ops_t ops, const struct desc *what)
{
    return dnnl_post_ops_append_binary(ops, dnnl_binary_add, desc_md(what));
}

/* Of a matmul's result, before its other post-ops. */
static inline dnnl_status_t attr_scale(dnnl_primitive_attr_t attr, dnnl_post_ops_t ops, float scale)
{
    (void)attr;
    return dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_linear, scale, 0.0f);
}

static inline dnnl_status_t pd_binary(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                      dnnl_alg_kind_t alg, const struct desc *x,
                                      const struct desc *y, const struct desc *dst)
{
    return dnnl_binary_primitive_desc_create(pd, engine, alg, desc_md(x), desc_md(y), desc_md(dst),
                                             NULL);
}

static inline dnnl_status_t pd_inner_fwd(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                         const struct desc *src, const struct desc *w,
                                         const struct desc *bias, const struct desc *dst,
                                         const_dnnl_primitive_attr_t attr)
{
    return dnnl_inner_product_forward_primitive_desc_create(pd, engine, dnnl_forward_inference,
                                                            desc_md(src), desc_md(w), desc_md(bias),
                                                            desc_md(dst), attr);
}

static inline dnnl_status_t pd_inner_bwd_data(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                              const struct desc *dsrc, const struct desc *w,
                                              const struct desc *ddst,
                                              const_dnnl_primitive_attr_t attr)
{
    dnnl_primitive_desc_t hint = NULL;
    TRY(dnnl_inner_product_forward_primitive_desc_create(&hint, engine, dnnl_forward_training,
                                                         desc_md(dsrc), desc_md(w), NULL,
                                                         desc_md(ddst), NULL));
    const dnnl_status_t status = dnnl_inner_product_backward_data_primitive_desc_create(
        pd, engine, desc_md(dsrc), desc_md(w), desc_md(ddst), hint, attr);
    dnnl_primitive_desc_destroy(hint);
    return status;
}

static inline dnnl_status_t pd_inner_bwd_weights(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                                 const struct desc *src, const struct desc *dw,
                                                 const struct desc *db, const struct desc *ddst,
                                                 const_dnnl_primitive_attr_t attr)
{
    dnnl_primitive_desc_t hint = NULL;
    TRY(dnnl_inner_product_forward_primitive_desc_create(&hint, engine, dnnl_forward_training,
                                                         desc_md(src), desc_md(dw), desc_md(db),
                                                         desc_md(ddst), NULL));
    const dnnl_status_t status = dnnl_inner_product_backward_weights_primitive_desc_create(
        pd, engine, desc_md(src), desc_md(dw), desc_md(db), desc_md(ddst), hint, attr);
    dnnl_primitive_desc_destroy(hint);
    return status;
}

static inline dnnl_status_t pd_matmul(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                      const struct desc *src, const struct desc *w,
                                      const struct desc *bias, const struct desc *dst,
                                      const_dnnl_primitive_attr_t attr)
{
    return dnnl_matmul_primitive_desc_create(pd, engine, desc_md(src), desc_md(w), desc_md(bias),
                                             desc_md(dst), attr);
}

static inline dnnl_status_t pd_eltwise_fwd(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                           dnnl_prop_kind_t prop, dnnl_alg_kind_t alg,
                                           const struct desc *src, const struct desc *dst,
                                           float alpha, float beta)
{
    return dnnl_eltwise_forward_primitive_desc_create(pd, engine, prop, alg, desc_md(src),
                                                      desc_md(dst), alpha, beta, NULL);
}

static inline dnnl_status_t pd_eltwise_bwd(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                           dnnl_alg_kind_t alg, const struct desc *dsrc,
                                           const struct desc *ddst, const struct desc *data,
                                           const_dnnl_primitive_desc_t hint)
{
    return dnnl_eltwise_backward_primitive_desc_create(
        pd, engine, alg, desc_md(dsrc), desc_md(ddst), desc_md(data), 0.0f, 0.0f, hint, NULL);
}

static inline dnnl_status_t pd_sum(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                   const struct desc *dst, const float scale[2],
                                   const struct desc *x, const struct desc *y)
{
    const const_dnnl_memory_desc_t src[2] = {desc_md(x), desc_md(y)};
    return dnnl_sum_primitive_desc_create(pd, engine, desc_md(dst), 2, scale, src, NULL);
}

/* One descriptor for src and dst, one for both statistics; gamma and beta are f32. */
static inline dnnl_status_t pd_layernorm_fwd(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                             const struct desc *data, const struct desc *stat,
                                             float eps)
{
    return dnnl_layer_normalization_forward_primitive_desc_create(
        pd, engine, dnnl_forward_training, desc_md(data), desc_md(data), desc_md(stat), eps,
        LAYERNORM_FLAGS, NULL);
}

static inline dnnl_status_t pd_layernorm_bwd(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                             const struct desc *data, const struct desc *stat,
                                             float eps, const_dnnl_primitive_desc_t hint)
{
    return dnnl_layer_normalization_backward_primitive_desc_create(
        pd, engine, dnnl_backward, desc_md(data), desc_md(data), desc_md(data), desc_md(stat), eps,
        LAYERNORM_FLAGS, hint, NULL);
}

/* By rows; one descriptor for src and dst. */
static inline dnnl_status_t pd_softmax_fwd(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                           dnnl_prop_kind_t prop, const struct desc *data)
{
    return dnnl_softmax_forward_primitive_desc_create(pd, engine, prop, dnnl_softmax_accurate,
                                                      desc_md(data), desc_md(data), 1, NULL);
}

static inline dnnl_status_t pd_softmax_bwd(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                           const struct desc *data,
                                           const_dnnl_primitive_desc_t hint)
{
    return dnnl_softmax_backward_primitive_desc_create(pd, engine, dnnl_softmax_accurate,
                                                       desc_md(data), desc_md(data), desc_md(data),
                                                       1, hint, NULL);
}

#else

static inline const dnnl_memory_desc_t *desc_md(const struct desc *d)
{
    return d ? &d->md : NULL;
}

static inline dnnl_status_t desc_strides(struct desc *d, int ndims, const dnnl_dims_t dims,
                                         const dnnl_dims_t strides)
{
    return dnnl_memory_desc_init_by_strides(&d->md, ndims, dims, dnnl_f32, strides);
}

static inline dnnl_status_t desc_tag(struct desc *d, int ndims, const dnnl_dims_t dims,
                                     dnnl_format_tag_t tag)
{
    return dnnl_memory_desc_init_by_tag(&d->md, ndims, dims, dnnl_f32, tag);
}

static inline void desc_free(struct desc *d)
{
    (void)d;
}

static inline struct desc pd_desc(const_dnnl_primitive_desc_t pd, dnnl_query_t what)
{
    return (struct desc){*dnnl_primitive_desc_query_md(pd, what, 0)};
}

static inline dnnl_status_t memory_desc(const_dnnl_memory_t memory, struct desc *d)
{
    const dnnl_memory_desc_t *md = NULL;
    TRY(dnnl_memory_get_memory_desc(memory, &md));
    d->md = *md;
    return dnnl_success;
}

static inline dnnl_status_t post_relu(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_eltwise(ops, 1.0f, dnnl_eltwise_relu, 0.0f, 0.0f);
}

static inline dnnl_status_t post_sum(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_sum(ops, 1.0f);
}

static inline dnnl_status_t post_add(dnnl_post_ops_t ops, const struct desc *what)
{
    return dnnl_post_ops_append_binary(ops, dnnl_binary_add, desc_md(what));
}

/* Of a matmul's result, before its other post-ops. */
static inline dnnl_status_t attr_scale(dnnl_primitive_attr_t attr, dnnl_post_ops_t ops, float scale)
{
    (void)ops;
    return dnnl_primitive_attr_set_output_scales(attr, 1, 0, &scale);
}

static inline dnnl_status_t pd_binary(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                      dnnl_alg_kind_t alg, const struct desc *x,
                                      const struct desc *y, const struct desc *dst)
{
    dnnl_binary_desc_t op;
    TRY(dnnl_binary_desc_init(&op, alg, desc_md(x), desc_md(y), desc_md(dst)));
    return dnnl_primitive_desc_create(pd, &op, NULL, engine, NULL);
}

static inline dnnl_status_t pd_inner_fwd(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                         const struct desc *src, const struct desc *w,
                                         const struct desc *bias, const struct desc *dst,
                                         const_dnnl_primitive_attr_t attr)
{
    dnnl_inner_product_desc_t op;
    TRY(dnnl_inner_product_forward_desc_init(&op, dnnl_forward_inference, desc_md(src), desc_md(w),
                                             desc_md(bias), desc_md(dst)));
    return dnnl_primitive_desc_create(pd, &op, attr, engine, NULL);
}

static inline dnnl_status_t pd_inner_bwd_data(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                              const struct desc *dsrc, const struct desc *w,
                                              const struct desc *ddst,
                                              const_dnnl_primitive_attr_t attr)
{
    dnnl_inner_product_desc_t op;
    TRY(dnnl_inner_product_backward_data_desc_init(&op, desc_md(dsrc), desc_md(w), desc_md(ddst)));
    return dnnl_primitive_desc_create(pd, &op, attr, engine, NULL);
}

static inline dnnl_status_t pd_inner_bwd_weights(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                                 const struct desc *src, const struct desc *dw,
                                                 const struct desc *db, const struct desc *ddst,
                                                 const_dnnl_primitive_attr_t attr)
{
    dnnl_inner_product_desc_t op;
    TRY(dnnl_inner_product_backward_weights_desc_init(&op, desc_md(src), desc_md(dw), desc_md(db),
                                                      desc_md(ddst)));
    return dnnl_primitive_desc_create(pd, &op, attr, engine, NULL);
}

static inline dnnl_status_t pd_matmul(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                      const struct desc *src, const struct desc *w,
                                      const struct desc *bias, const struct desc *dst,
                                      const_dnnl_primitive_attr_t attr)
{
    dnnl_matmul_desc_t op;
    TRY(dnnl_matmul_desc_init(&op, desc_md(src), desc_md(w), desc_md(bias), desc_md(dst)));
    return dnnl_primitive_desc_create(pd, &op, attr, engine, NULL);
}

/* One descriptor for both: the views have the same strides, or the caller would not have come here.
 */
static inline dnnl_status_t pd_eltwise_fwd(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                           dnnl_prop_kind_t prop, dnnl_alg_kind_t alg,
                                           const struct desc *src, const struct desc *dst,
                                           float alpha, float beta)
{
    (void)dst;
    dnnl_eltwise_desc_t op;
    TRY(dnnl_eltwise_forward_desc_init(&op, prop, alg, desc_md(src), alpha, beta));
    return dnnl_primitive_desc_create(pd, &op, NULL, engine, NULL);
}

static inline dnnl_status_t pd_eltwise_bwd(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                           dnnl_alg_kind_t alg, const struct desc *dsrc,
                                           const struct desc *ddst, const struct desc *data,
                                           const_dnnl_primitive_desc_t hint)
{
    (void)dsrc;
    dnnl_eltwise_desc_t op;
    TRY(dnnl_eltwise_backward_desc_init(&op, alg, desc_md(ddst), desc_md(data), 0.0f, 0.0f));
    return dnnl_primitive_desc_create(pd, &op, NULL, engine, hint);
}

static inline dnnl_status_t pd_sum(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                   const struct desc *dst, const float scale[2],
                                   const struct desc *x, const struct desc *y)
{
    const dnnl_memory_desc_t src[2] = {x->md, y->md};
    return dnnl_sum_primitive_desc_create(pd, desc_md(dst), 2, scale, src, NULL, engine);
}

static inline dnnl_status_t pd_layernorm_fwd(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                             const struct desc *data, const struct desc *stat,
                                             float eps)
{
    dnnl_layer_normalization_desc_t op;
    TRY(dnnl_layer_normalization_forward_desc_init(&op, dnnl_forward_training, desc_md(data),
                                                   desc_md(stat), eps, LAYERNORM_FLAGS));
    return dnnl_primitive_desc_create(pd, &op, NULL, engine, NULL);
}

static inline dnnl_status_t pd_layernorm_bwd(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                             const struct desc *data, const struct desc *stat,
                                             float eps, const_dnnl_primitive_desc_t hint)
{
    dnnl_layer_normalization_desc_t op;
    TRY(dnnl_layer_normalization_backward_desc_init(
        &op, dnnl_backward, desc_md(data), desc_md(data), desc_md(stat), eps, LAYERNORM_FLAGS));
    return dnnl_primitive_desc_create(pd, &op, NULL, engine, hint);
}

static inline dnnl_status_t pd_softmax_fwd(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                           dnnl_prop_kind_t prop, const struct desc *data)
{
    dnnl_softmax_desc_t op;
    TRY(dnnl_softmax_forward_desc_init(&op, prop, desc_md(data), 1));
    return dnnl_primitive_desc_create(pd, &op, NULL, engine, NULL);
}

static inline dnnl_status_t pd_softmax_bwd(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                           const struct desc *data,
                                           const_dnnl_primitive_desc_t hint)
{
    dnnl_softmax_desc_t op;
    TRY(dnnl_softmax_backward_desc_init(&op, desc_md(data), desc_md(data), 1));
    return dnnl_primitive_desc_create(pd, &op, NULL, engine, hint);
}

#endif

static inline dnnl_status_t pd_reorder(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                       const struct desc *src, const struct desc *dst)
{
    return dnnl_reorder_primitive_desc_create(pd, desc_md(src), engine, desc_md(dst), engine, NULL);
}

#endif
