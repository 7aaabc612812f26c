/* Faults of what is composed: a lane in which one room is another. */
#include <string.h>

#include "faulty.h"

static const struct shape block_shapes[] = {{.m = 2, .n = 9, .heads = 2, .k = 8},
                                            {.m = 1, .n = 24, .heads = 3, .k = 6}};
static const struct shape step_shapes[] = {
    {.depth = 2, .m = 2, .n = 8, .heads = 2, .k = 8, .vocab = 40}};

static const struct kernel_set *sound(void)
{
    return kernel_set(ISA_MODEL);
}

/* dst = x: the sum's other term is lost. */
static void axpy_alone(float *dst, float a, const float *x, const float *y, size_t n)
{
    (void)a, (void)y;
    if (n) memmove(dst, x, n * sizeof *dst);
}

static void attn_fwd_full(const struct attn_fwd *a, size_t begin, size_t end)
{
    struct attn_fwd full = *a;
    full.causal = false;
    sound()->attn_fwd(&full, begin, end);
}

static void gelu_fwd_erf(float *dst, const float *src, size_t n, bool tanh)
{
    sound()->gelu_fwd(dst, src, n, !tanh);
}

static void layernorm_fwd_eps(const struct layernorm_fwd *a)
{
    struct layernorm_fwd other = *a;
    other.eps *= 100.0f;
    sound()->layernorm_fwd(&other);
}

static void layernorm_bwd_alone(const struct layernorm_bwd *a, const struct team *team)
{
    struct layernorm_bwd other = *a;
    other.add_data = false;
    sound()->layernorm_bwd(&other, team);
}

/* All but a first part of the bias has no gradient. */
static void dense_bwd_weights_bias(const struct dense_bwd_weights *a)
{
    sound()->dense_bwd_weights(a);
    for (size_t j = 1; j < a->n && a->db; j++) a->db[j] = 0.0f;
}

static void embed_bwd_none(const struct embed_bwd *a, size_t begin, size_t end)
{
    (void)a, (void)begin, (void)end;
}

static void adamw_step_coupled(const struct adamw_step *a)
{
    struct adamw_step other = *a;
    other.by.keep = 1.0f;
    sound()->adamw_step(&other);
}

static void adamw_step_unclipped(const struct adamw_step *a)
{
    struct adamw_step other = *a;
    other.by.scale = 1.0f;
    sound()->adamw_step(&other);
}

WITH(block_sound, "gpt2_block", axpy, lane.axpy)
WITH(block_residual, "gpt2_block", axpy, axpy_alone)
WITH(block_mask, "gpt2_block", attn_fwd, attn_fwd_full)
WITH(block_gelu, "gpt2_block", gelu_fwd, gelu_fwd_erf)
WITH(block_eps, "gpt2_block", layernorm_fwd, layernorm_fwd_eps)
WITH(block_added, "gpt2_block", layernorm_bwd, layernorm_bwd_alone)
WITH(block_bias, "gpt2_block", dense_bwd_weights, dense_bwd_weights_bias)
WITH(step_sound, "gpt2_step", axpy, lane.axpy)
WITH(step_embed, "gpt2_step", embed_bwd, embed_bwd_none)
WITH(step_decay, "gpt2_step", adamw_step, adamw_step_coupled)
WITH(step_clip, "gpt2_step", adamw_step, adamw_step_unclipped)

void faults_gpt2(struct faults *faults)
{
    static const struct planted block[] = {
        {"sound block", block_sound, VERDICT_PASS, NULL, FAULT_OWN},
        {"block without its residual sums", block_residual, VERDICT_VALUE, NULL, FAULT_LOST},
        {"block that sees what follows", block_mask, VERDICT_VALUE, NULL, FAULT_MASK},
        {"block with the other GELU", block_gelu, VERDICT_VALUE, NULL, FAULT_OWN},
        {"block with another eps", block_eps, VERDICT_VALUE, NULL, FAULT_OWN},
        {"block's gradient not added", block_added, VERDICT_VALUE, NULL, FAULT_LOST},
        {"block's bias without gradient", block_bias, VERDICT_VALUE, NULL, FAULT_LOST}};
    static const struct planted step[] = {
        {"sound step", step_sound, VERDICT_PASS, NULL, FAULT_OWN},
        {"step that leaves embeddings", step_embed, VERDICT_VALUE, NULL, FAULT_LOST},
        {"step without weight decay", step_decay, VERDICT_VALUE, NULL, FAULT_LOST},
        {"step that does not clip", step_clip, VERDICT_VALUE, NULL, FAULT_OWN}};
    struct kernel_spec spec = *kernel_spec("gpt2_block");
    spec.name = "planted_block";
    spec.check_shapes = block_shapes;
    spec.check_shape_count = sizeof block_shapes / sizeof *block_shapes;
    faults_plant(faults, "gpt2_block", &spec, block, sizeof block / sizeof *block);
    spec = *kernel_spec("gpt2_step");
    spec.name = "planted_step";
    spec.check_shapes = step_shapes;
    spec.check_shape_count = sizeof step_shapes / sizeof *step_shapes;
    faults_plant(faults, "gpt2_step", &spec, step, sizeof step / sizeof *step);
}
