/* Faults of the rooms on chains, angles and the kernel from the backward pass to the features: a lane in which one room is another. */
#include <string.h>

#include "faulty.h"

static const struct shape plain_shapes[] = {{.m = 3, .n = 21, .k = 9, .depth = 4},
                                            {.m = 1, .n = 40, .k = 7, .depth = 3}};
static const struct shape skip_shapes[] = {{.m = 3, .n = 21, .k = 9, .depth = 5, .flags = 1},
                                           {.m = 2, .n = 18, .k = 7, .depth = 6, .flags = 3}};
/* Fewer probes and steps than the dimension. */
static const struct shape spectrum_shapes[] = {{.m = 2, .n = 13, .k = 9, .depth = 4, .heads = 5},
                                               {.m = 1, .n = 30, .k = 7, .depth = 3, .heads = 6}};

static const struct kernel_set *sound(void)
{
    return kernel_set(ISA_MODEL);
}

static void relu_bwd_open(float *dsrc, const float *ddst, const float *dst, size_t n)
{
    (void)dst;
    if (n) memmove(dsrc, ddst, n * sizeof *dsrc);
}

/* Nothing is rectified. */
static void relu_fwd_open(float *dst, const float *src, size_t n)
{
    if (n) memmove(dst, src, n * sizeof *dst);
}

/* dst = y: the scaled term is lost. */
static void axpy_unscaled(float *dst, float a, const float *x, const float *y, size_t n)
{
    (void)a, (void)x;
    if (n) memmove(dst, y, n * sizeof *dst);
}

static void dense_bwd_data_open(const struct dense_bwd_data *a)
{
    struct dense_bwd_data other = *a;
    other.act = NULL;
    sound()->dense_bwd_data(&other);
}

/* The last output has no share. */
static void dense_bwd_data_short(const struct dense_bwd_data *a)
{
    struct dense_bwd_data other = *a;
    if (other.n > 1 && !other.packed) other.n--;
    sound()->dense_bwd_data(&other);
}

static void dense_jvp_one(const struct dense_jvp *a)
{
    struct dense_jvp other = *a;
    other.q = 0;
    sound()->dense_jvp(&other);
}

static void dense_jvp_straight(const struct dense_jvp *a)
{
    struct dense_jvp other = *a;
    other.prev = NULL;
    sound()->dense_jvp(&other);
}

static void dot_norms_swapped(double sums[DOT_NORMS_FIELDS], const float *x, const float *y,
                              size_t n)
{
    double own[DOT_NORMS_FIELDS];
    sound()->dot_norms(own, x, y, n);
    sums[DOT_NORMS_XY] = own[DOT_NORMS_XY];
    sums[DOT_NORMS_XX] = own[DOT_NORMS_YY];
    sums[DOT_NORMS_YY] = own[DOT_NORMS_XX];
}

static void normal_fill_other(const struct normal_fill *a)
{
    struct normal_fill other = *a;
    other.stream++;
    sound()->normal_fill(&other);
}

WITH(fwd_sound, "chain_fwd", axpy, lane.axpy)
WITH(fwd_skip, "chain_fwd", dense_jvp, dense_jvp_straight)
WITH(fwd_linear, "chain_fwd", relu_fwd, relu_fwd_open)
WITH(vjp_sound, "chain_vjp", axpy, lane.axpy)
WITH(vjp_skip, "chain_vjp", axpy, axpy_unscaled)
WITH(vjp_mask, "chain_vjp", dense_bwd_data, dense_bwd_data_open)
WITH(grads_sound, "chain_grads", axpy, lane.axpy)
WITH(grads_short, "chain_grads", dense_bwd_data, dense_bwd_data_short)
WITH(jvp_sound, "chain_jvp", axpy, lane.axpy)
WITH(jvp_mask, "chain_jvp", relu_bwd, relu_bwd_open)
WITH(jvp_weights, "chain_jvp", dense_jvp, dense_jvp_one)
WITH(jvp_skip, "chain_jvp", dense_jvp, dense_jvp_straight)
WITH(sweep_sound, "angle_sweep", axpy, lane.axpy)
WITH(sweep_norms, "angle_sweep", dot_norms, dot_norms_swapped)
WITH(sweep_mask, "angle_sweep", relu_bwd, relu_bwd_open)
WITH(product_sound, "bfk_product", axpy, lane.axpy)
WITH(product_mask, "bfk_product", dense_bwd_data, dense_bwd_data_open)
WITH(product_weights, "bfk_product", dense_jvp, dense_jvp_one)
WITH(moments_sound, "bfk_moments", axpy, lane.axpy)
WITH(moments_norms, "bfk_moments", dot_norms, dot_norms_swapped)
WITH(edges_sound, "bfk_edges", axpy, lane.axpy)
WITH(edges_basis, "bfk_edges", axpy, axpy_unscaled)
WITH(edges_start, "bfk_edges", normal_fill, normal_fill_other)

static const struct planted fwd[] = {
    {"sound features", fwd_sound, VERDICT_PASS, NULL, FAULT_OWN},
    {"features without skip connections", fwd_skip, VERDICT_VALUE, NULL, FAULT_LOST},
    {"features without ReLU", fwd_linear, VERDICT_VALUE, NULL, FAULT_MASK}};
static const struct planted vjp[] = {
    {"sound pullback", vjp_sound, VERDICT_PASS, NULL, FAULT_OWN},
    {"pullback without skip connections", vjp_skip, VERDICT_VALUE, NULL, FAULT_LOST},
    {"pullback without its mask", vjp_mask, VERDICT_VALUE, NULL, FAULT_MASK}};
static const struct planted grads[] = {
    {"sound gradient norms", grads_sound, VERDICT_PASS, NULL, FAULT_OWN},
    {"Gram matrices short of a feature", grads_short, VERDICT_VALUE, NULL, FAULT_STEP}};
static const struct planted jvp[] = {
    {"sound velocities", jvp_sound, VERDICT_PASS, NULL, FAULT_OWN},
    {"velocities without their mask", jvp_mask, VERDICT_VALUE, NULL, FAULT_MASK},
    {"velocities of no weights", jvp_weights, VERDICT_VALUE, NULL, FAULT_LOST},
    {"velocities that do not skip", jvp_skip, VERDICT_VALUE, NULL, FAULT_LOST}};
static const struct planted sweep[] = {
    {"sound angles", sweep_sound, VERDICT_PASS, NULL, FAULT_OWN},
    {"angles with swapped norms", sweep_norms, VERDICT_VALUE, NULL, FAULT_LANES},
    {"angles of unmasked velocities", sweep_mask, VERDICT_VALUE, NULL, FAULT_MASK}};
static const struct planted product[] = {
    {"sound kernel product", product_sound, VERDICT_PASS, NULL, FAULT_OWN},
    {"kernel product without a mask", product_mask, VERDICT_VALUE, NULL, FAULT_MASK},
    {"kernel product of no weights", product_weights, VERDICT_VALUE, NULL, FAULT_LOST}};
static const struct planted spectrum[] = {
    {"sound moments", moments_sound, VERDICT_PASS, NULL, FAULT_OWN},
    {"moments with swapped norms", moments_norms, VERDICT_VALUE, NULL, FAULT_LANES}};
static const struct planted edges[] = {
    {"sound edges", edges_sound, VERDICT_PASS, NULL, FAULT_OWN},
    {"edges, basis not orthogonal", edges_basis, VERDICT_VALUE, NULL, FAULT_OWN},
    {"edges from another start", edges_start, VERDICT_VALUE, NULL, FAULT_OWN}};

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ROW(name, shapes, planted)                                                                 \
    {                                                                                              \
        name, "planted_" name, shapes, COUNT(shapes), planted, COUNT(planted)                      \
    }
static const struct {
    const char *kernel, *name;
    const struct shape *shapes;
    size_t shape_count;
    const struct planted *planted;
    size_t count;
} rows[] = {ROW("chain_fwd", skip_shapes, fwd),
            ROW("chain_vjp", skip_shapes, vjp),
            ROW("chain_grads", plain_shapes, grads),
            ROW("chain_jvp", skip_shapes, jvp),
            ROW("angle_sweep", plain_shapes, sweep),
            ROW("bfk_product", plain_shapes, product),
            ROW("bfk_moments", spectrum_shapes, spectrum),
            ROW("bfk_edges", spectrum_shapes, edges)};

void faults_angle(struct faults *faults)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct kernel_spec spec = *kernel_spec(rows[i].kernel);
        spec.name = rows[i].name;
        spec.check_shapes = rows[i].shapes;
        spec.check_shape_count = rows[i].shape_count;
        faults_plant(faults, rows[i].kernel, &spec, rows[i].planted, rows[i].count);
    }
}
