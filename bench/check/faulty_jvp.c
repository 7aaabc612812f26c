/* Faults of a layer's velocity: the room's own spec, a lane whose call drops one operand or a step. */
#include "faulty.h"

static const struct shape jvp_shapes[] = {
    {.m = 5,
     .n = 37,
     .k = 9,
     .depth = 4,
     .pad = 3,
     .flags = DENSE_JVP_FLAG_MASK | DENSE_JVP_FLAG_SKIP},
    {.m = 1, .n = 40, .k = 33, .depth = 1, .flags = DENSE_JVP_FLAG_MASK | DENSE_JVP_FLAG_SKIP}};

static const struct kernel_set *sound(void)
{
    return kernel_set(ISA_MODEL);
}

static void lost_product(const struct dense_jvp *a)
{
    struct dense_jvp other = *a;
    other.q = 0;
    sound()->dense_jvp(&other);
}

static void lost_mask(const struct dense_jvp *a)
{
    struct dense_jvp other = *a;
    other.act = NULL;
    sound()->dense_jvp(&other);
}

static void lost_skip(const struct dense_jvp *a)
{
    struct dense_jvp other = *a;
    other.prev = NULL;
    sound()->dense_jvp(&other);
}

/* As if the factor of prev were 1. */
static void lost_factor(const struct dense_jvp *a)
{
    struct dense_jvp other = *a;
    other.skip = 1.0f;
    sound()->dense_jvp(&other);
}

static void lost_bias(const struct dense_jvp *a)
{
    struct dense_jvp other = *a;
    other.db = NULL;
    sound()->dense_jvp(&other);
}

static void lost_step(const struct dense_jvp *a)
{
    struct dense_jvp other = *a;
    other.k -= other.k > 0;
    sound()->dense_jvp(&other);
}

/* u v before dsrc w. */
static void swapped(const struct dense_jvp *a)
{
    struct dense_jvp first = *a, second = *a;
    first.k = 0;
    first.act = NULL;
    sound()->dense_jvp(&first);
    second.q = 0;
    second.db = NULL;
    second.prev = a->dst;
    second.ld_prev = a->ld_dst;
    second.skip = 1.0f;
    sound()->dense_jvp(&second);
}

WITH(jvp_sound, "dense_jvp", dense_jvp, lane.dense_jvp)
WITH(jvp_product, "dense_jvp", dense_jvp, lost_product)
WITH(jvp_mask, "dense_jvp", dense_jvp, lost_mask)
WITH(jvp_skip, "dense_jvp", dense_jvp, lost_skip)
WITH(jvp_factor, "dense_jvp", dense_jvp, lost_factor)
WITH(jvp_bias, "dense_jvp", dense_jvp, lost_bias)
WITH(jvp_step, "dense_jvp", dense_jvp, lost_step)
WITH(jvp_swapped, "dense_jvp", dense_jvp, swapped)

void faults_jvp(struct faults *faults)
{
    static const struct planted planted[] = {
        {"sound velocity", jvp_sound, VERDICT_PASS, NULL, FAULT_OWN},
        {"velocity without second product", jvp_product, VERDICT_VALUE, NULL, FAULT_LOST},
        {"velocity without mask", jvp_mask, VERDICT_VALUE, NULL, FAULT_MASK},
        {"velocity without skip connection", jvp_skip, VERDICT_VALUE, NULL, FAULT_LOST},
        {"velocity with skip's factor 1", jvp_factor, VERDICT_VALUE, NULL, FAULT_LOST},
        {"velocity without the bias's", jvp_bias, VERDICT_VALUE, NULL, FAULT_LOST},
        {"velocity short of one term", jvp_step, VERDICT_VALUE, NULL, FAULT_STEP},
        {"velocity, products swapped", jvp_swapped, VERDICT_WORDS, NULL, FAULT_ORDER}};
    struct kernel_spec spec = *kernel_spec("dense_jvp");
    spec.name = "planted_jvp";
    spec.check_shapes = jvp_shapes;
    spec.check_shape_count = sizeof jvp_shapes / sizeof *jvp_shapes;
    faults_plant(faults, "dense_jvp", &spec, planted, sizeof planted / sizeof *planted);
}
