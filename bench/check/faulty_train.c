/* Faults of a classifier's training: its step with one room that is another, the class that it tells, fresh weights. */
#include "faulty.h"

static const struct shape step_shapes[] = {
    {.depth = 3, .m = 20, .n = 19, .k = 7, .vocab = 33},
    {.depth = 2, .m = 25, .n = 24, .k = 8, .vocab = 10, .flags = TRAIN_STEP_FLAG_HARD},
    {.depth = 2, .m = 17, .n = 16, .k = 8, .vocab = 1, .flags = TRAIN_STEP_FLAG_NOBIAS}};

static const struct kernel_set *sound(void)
{
    return kernel_set(ISA_MODEL);
}

/* A hidden layer without its rectifier. */
static void dense_fwd_linear(const struct dense_fwd *a)
{
    struct dense_fwd other = *a;
    other.relu = false;
    sound()->dense_fwd(&other);
}

static void dense_bwd_data_whole(const struct dense_bwd_data *a)
{
    struct dense_bwd_data other = *a;
    other.act = NULL;
    sound()->dense_bwd_data(&other);
}

/* The factor 1 / tau of the gradient is lost. */
static void xent_bwd_hot(const struct xent_bwd *a)
{
    sound()->xent_bwd(a);
    for (size_t i = 0; i < a->m; i++)
        for (size_t j = 0; j < a->n; j++) a->dsrc[i * a->ld_dsrc + j] *= a->tau;
}

static void adamw_step_late(const struct adamw_step *a)
{
    struct adamw_step other = *a;
    other.by.root = 1.0f;
    sound()->adamw_step(&other);
}

WITH(step_sound, "train_step", axpy, lane.axpy)
WITH(step_linear, "train_step", dense_fwd, dense_fwd_linear)
WITH(step_mask, "train_step", dense_bwd_data, dense_bwd_data_whole)
WITH(step_hot, "train_step", xent_bwd, xent_bwd_hot)
WITH(step_late, "train_step", adamw_step, adamw_step_late)

/* ---- the class of the greatest logit: of equals the last, NaN for a number */

static void argmax_last(const struct argmax *a)
{
    for (size_t i = 0; i < a->m; i++) {
        const float *x = a->src + i * a->ld_src;
        int32_t at = -1;
        for (size_t j = 0; j < a->n; j++)
            if (x[j] == x[j] && (at < 0 || x[j] >= x[at])) at = (int32_t)j;
        a->dst[i] = at;
    }
}

static void argmax_nan(const struct argmax *a)
{
    for (size_t i = 0; i < a->m; i++) {
        const float *x = a->src + i * a->ld_src;
        int32_t at = a->n ? 0 : -1;
        for (size_t j = 1; j < a->n; j++)
            if (x[j] > x[at]) at = (int32_t)j;
        a->dst[i] = at;
    }
}

WITH(class_sound, "argmax", argmax, lane.argmax)
WITH(class_last, "argmax", argmax, argmax_last)
WITH(class_nan, "argmax", argmax, argmax_nan)

/* ---- uniform numbers: each range from the first on; the block's four outputs in another order */

static void uniform_fill_again(const struct uniform_fill *a)
{
    struct uniform_fill other = *a;
    other.start = 0;
    sound()->uniform_fill(&other);
}

static void uniform_fill_turned(const struct uniform_fill *a)
{
    struct uniform_fill other = *a;
    other.lo = a->hi;
    other.hi = a->lo;
    sound()->uniform_fill(&other);
}

WITH(uniform_sound, "uniform_fill", uniform_fill, lane.uniform_fill)
WITH(uniform_again, "uniform_fill", uniform_fill, uniform_fill_again)
WITH(uniform_turned, "uniform_fill", uniform_fill, uniform_fill_turned)

void faults_train(struct faults *faults)
{
    static const struct planted step[] = {
        {"sound training step", step_sound, VERDICT_PASS, NULL, FAULT_OWN},
        {"training step without rectifier", step_linear, VERDICT_VALUE, NULL, FAULT_MASK},
        {"training step without mask", step_mask, VERDICT_VALUE, NULL, FAULT_MASK},
        {"training step that forgets tau", step_hot, VERDICT_VALUE, NULL, FAULT_LOST},
        {"Adam without bias correction", step_late, VERDICT_VALUE, NULL, FAULT_OWN}};
    static const struct planted class[] = {
        {"sound argmax", class_sound, VERDICT_PASS, NULL, FAULT_OWN},
        {"last of equals", class_last, VERDICT_VALUE, NULL, FAULT_ORDER},
        {"class of a NaN", class_nan, VERDICT_VALUE, NULL, FAULT_SPECIAL}};
    static const struct planted uniform[] = {
        {"sound uniform numbers", uniform_sound, VERDICT_PASS, NULL, FAULT_OWN},
        {"each thread the same numbers", uniform_again, VERDICT_THREADS, NULL, FAULT_THREADS},
        {"interval turned round", uniform_turned, VERDICT_VALUE, NULL, FAULT_SIGN}};
    struct kernel_spec spec = *kernel_spec("train_step");
    spec.name = "planted_training";
    spec.check_shapes = step_shapes;
    spec.check_shape_count = sizeof step_shapes / sizeof *step_shapes;
    faults_plant(faults, "train_step", &spec, step, sizeof step / sizeof *step);
    spec = *kernel_spec("argmax");
    spec.name = "planted_argmax";
    faults_plant(faults, "argmax", &spec, class, sizeof class / sizeof *class);
    spec = *kernel_spec("uniform_fill");
    spec.name = "planted_uniform";
    faults_plant(faults, "uniform_fill", &spec, uniform, sizeof uniform / sizeof *uniform);
}
