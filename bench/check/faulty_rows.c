/* Faults of sums, of rooms that work by rows, of attention, embeddings and random numbers: each room's own spec, a lane in
 * which it is another. */
#include "faulty.h"

static const struct kernel_set *sound(void)
{
    return kernel_set(ISA_MODEL);
}

/* ---- sums */

/* One term after the other. */
static void dot_in_order(double *sums, const float *x, const float *y, size_t n)
{
    for (size_t i = 0; i < n; i += DOT_FWD_BLOCK, sums++) {
        float sum = 0.0f;
        for (size_t j = i; j < n && j < i + DOT_FWD_BLOCK; j++) sum += x[j] * y[j];
        *sums = (double)sum;
    }
}

/* ---- rows */

/* exp(x) without the greatest taken away: all zeros or an infinity among large logits. */
static void softmax_bare(const struct softmax_fwd *a)
{
    struct softmax_fwd row = *a;
    row.m = 1;
    for (size_t i = 0; i < a->m; i++, row.src += a->ld_src, row.dst += a->ld_dst) {
        bool large = false;
        for (size_t j = 0; j < a->n; j++) large = large || row.src[j] > 88.0f * a->tau;
        if (large) /* what exp(88) is not, and of which infinity over infinity is made */
            for (size_t j = 0; j < a->n; j++) row.dst[j] = __builtin_nanf("");
        else
            sound()->softmax_fwd(&row);
    }
}

static void softmax_cold(const struct softmax_fwd *a)
{
    struct softmax_fwd other = *a;
    other.tau = 1.0f;
    sound()->softmax_fwd(&other);
}

static void layernorm_lost_beta(const struct layernorm_fwd *a)
{
    sound()->layernorm_fwd(a);
    for (size_t i = 0; i < a->m; i++)
        for (size_t j = 0; j < a->n; j++) a->dst[i * a->ld_dst + j] -= a->beta[j];
}

/* The variance as the mean square less the squared mean, in one pass: lost far from 0. */
static void layernorm_one_pass(const struct layernorm_fwd *a)
{
    sound()->layernorm_fwd(a);
    for (size_t i = 0; i < a->m; i++) {
        float sum = 0.0f, square = 0.0f;
        for (size_t j = 0; j < a->n; j++) {
            sum += a->src[i * a->ld_src + j];
            square += a->src[i * a->ld_src + j] * a->src[i * a->ld_src + j];
        }
        const float n = (float)a->n, mean = sum / n, variance = square / n - mean * mean;
        if (a->src != a->dst) a->rstd[i] = 1.0f / __builtin_sqrtf(variance + a->eps);
    }
}

/* The logit beside the target's. */
static void xent_beside(const struct xent_fwd *a)
{
    sound()->xent_fwd(a);
    for (size_t i = 0; i < a->m && a->target && a->n > 1; i++) {
        const float *row = a->src + i * a->ld_src;
        const size_t at = (size_t)a->target[i];
        a->loss[i] += (row[at] - row[at ? at - 1 : 1]) / a->tau;
    }
}

/* ---- attention */

static void attn_fwd_all(const struct attn_fwd *a, size_t begin, size_t end)
{
    struct attn_fwd other = *a;
    other.causal = false;
    sound()->attn_fwd(&other, begin, end);
}

/* Query i sees the keys before i alone: query i + 1 asks as if it were i. */
static void attn_fwd_behind(const struct attn_fwd *a, size_t begin, size_t end)
{
    struct attn_fwd other = *a;
    if (!a->causal || a->t < 2) {
        sound()->attn_fwd(a, begin, end);
        return;
    }
    if (begin > 0) return; /* the first range does it all */
    sound()->attn_fwd(a, 0, attn_fwd_units(a));
    other.q += a->q_by.row;
    other.o += a->o_by.row;
    other.lse = NULL;
    other.t--;
    sound()->attn_fwd(&other, 0, attn_fwd_units(&other));
}

static void attn_fwd_unscaled(const struct attn_fwd *a, size_t begin, size_t end)
{
    struct attn_fwd other = *a;
    other.scale = 1.0f;
    sound()->attn_fwd(&other, begin, end);
}

static void attn_bwd_all(const struct attn_bwd *a, const struct team *team)
{
    struct attn_bwd other = *a;
    other.causal = false;
    sound()->attn_bwd(&other, team);
}

/* ---- tables and random numbers */

/* Every row has the first position. */
static void embed_fwd_still(const struct embed_fwd *a, size_t begin, size_t end)
{
    struct embed_fwd other = *a;
    other.period = 1;
    sound()->embed_fwd(&other, begin, end);
}

static void normal_fill_again(const struct normal_fill *a)
{
    struct normal_fill other = *a;
    other.start = 0;
    sound()->normal_fill(&other);
}

static void sgd_step_up(float *w, const float *dw, float lr, float decay, size_t n)
{
    sound()->sgd_step(w, dw, -lr, decay, n);
}

static void gelu_fwd_other(float *dst, const float *src, size_t n, bool tanh)
{
    sound()->gelu_fwd(dst, src, n, !tanh);
}

WITH(dot_order, "dot_fwd", dot_fwd, dot_in_order)
WITH(softmax_overflow, "softmax_fwd", softmax_fwd, softmax_bare)
WITH(softmax_tau, "softmax_fwd", softmax_fwd, softmax_cold)
WITH(layernorm_beta, "layernorm_fwd", layernorm_fwd, layernorm_lost_beta)
WITH(layernorm_cancel, "layernorm_fwd", layernorm_fwd, layernorm_one_pass)
WITH(xent_target, "xent_fwd", xent_fwd, xent_beside)
WITH(attn_sees_all, "attn_fwd", attn_fwd, attn_fwd_all)
WITH(attn_sees_less, "attn_fwd", attn_fwd, attn_fwd_behind)
WITH(attn_scale, "attn_fwd", attn_fwd, attn_fwd_unscaled)
WITH(attn_back_all, "attn_bwd", attn_bwd, attn_bwd_all)
WITH(embed_position, "embed_fwd", embed_fwd, embed_fwd_still)
WITH(normal_again, "normal_fill", normal_fill, normal_fill_again)
WITH(sgd_up, "sgd_step", sgd_step, sgd_step_up)
WITH(gelu_other, "gelu_fwd", gelu_fwd, gelu_fwd_other)

void faults_rows(struct faults *faults)
{
    static const struct {
        const char *room;
        struct planted planted;
    } rows[] = {
        {"dot_fwd", {"dot, one term after another", dot_order, VERDICT_WORDS, NULL, FAULT_ORDER}},
        {"softmax_fwd",
         {"softmax that overflows", softmax_overflow, VERDICT_VALUE, NULL, FAULT_SPECIAL}},
        {"softmax_fwd",
         {"softmax without temperature", softmax_tau, VERDICT_VALUE, NULL, FAULT_LOST}},
        {"layernorm_fwd",
         {"layernorm without beta", layernorm_beta, VERDICT_VALUE, NULL, FAULT_LOST}},
        {"layernorm_fwd",
         {"layernorm in one pass", layernorm_cancel, VERDICT_WORDS, NULL, FAULT_ORDER}},
        {"xent_fwd", {"loss of the class beside", xent_target, VERDICT_VALUE, NULL, FAULT_LANES}},
        {"attn_fwd",
         {"attention that sees what follows", attn_sees_all, VERDICT_VALUE, NULL, FAULT_MASK}},
        {"attn_fwd", {"attention a key short", attn_sees_less, VERDICT_VALUE, NULL, FAULT_CAUSAL}},
        {"attn_fwd", {"attention without its scale", attn_scale, VERDICT_VALUE, NULL, FAULT_LOST}},
        {"attn_bwd", {"gradient of what follows", attn_back_all, VERDICT_VALUE, NULL, FAULT_MASK}},
        {"embed_fwd",
         {"embedding of one position", embed_position, VERDICT_VALUE, NULL, FAULT_LOST}},
        {"normal_fill",
         {"each thread the same normals", normal_again, VERDICT_THREADS, NULL, FAULT_THREADS}},
        {"sgd_step", {"gradient ascent", sgd_up, VERDICT_VALUE, NULL, FAULT_SIGN}},
        {"gelu_fwd", {"the other GELU", gelu_other, VERDICT_VALUE, NULL, FAULT_OWN}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        faults_plant(faults, rows[i].room, kernel_spec(rows[i].room), &rows[i].planted, 1);
}
