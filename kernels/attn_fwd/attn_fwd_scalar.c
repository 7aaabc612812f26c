#include <assert.h>
#include <float.h>
#include <math.h>

#include "../isa.h"
#include "../simd/vec_math.h"
#include "attn_fwd.h"

attn_fwd_fn ISA(attn_fwd);

enum { KEYS = ATTN_FWD_KEYS, ROW = ATTN_FWD_D };

/* The running softmax of one row. */
struct row {
    float m, l;
    float q[ROW], acc[ROW];
};

static float score(const struct row *r, const float *k, size_t d)
{
    float s = 0.0f;
    for (size_t p = 0; p < d; p++) s = fmaf(r->q[p], k[p], s);
    return s;
}

/* Keys j0 to end: `end - j0` is at most a block. */
static void block(struct row *r, const struct attn_fwd *a, size_t head, size_t j0, size_t end)
{
    float p[KEYS + VL] = {0};
    const float *k = a->k + strides_at(a->k_by, a->heads, head, j0);
    const float *v = a->v + strides_at(a->v_by, a->heads, head, j0);
    const size_t keys = end - j0;
    float m = r->m;
    for (size_t j = 0; j < keys; j++) {
        p[j] = score(r, k + j * a->k_by.row, a->d);
        m = p[j] > m ? p[j] : m;
    }
    p[KEYS] = r->m;
    for (size_t j = 0; j < KEYS + VL; j += VL)
        v_store(p + j, v_exp_nonpositive(v_sub(v_load(p + j), v_set1(m))));
    const float shrink = p[KEYS];
    r->m = m;
    r->l = r->l * shrink;
    OMP_SIMD()
    for (size_t c = 0; c < a->d; c++) r->acc[c] = r->acc[c] * shrink;
    for (size_t j = 0; j < keys; j++) {
        r->l = r->l + p[j];
        OMP_SIMD()
        for (size_t c = 0; c < a->d; c++) r->acc[c] = fmaf(p[j], v[j * a->v_by.row + c], r->acc[c]);
    }
}

static void query(const struct attn_fwd *a, size_t head, size_t i)
{
    struct row r = {.m = -FLT_MAX};
    const float *q = a->q + strides_at(a->q_by, a->heads, head, i);
    float *o = a->o + strides_at(a->o_by, a->heads, head, i);
    for (size_t p = 0; p < a->d; p++) r.q[p] = a->scale * q[p];
    const size_t keys = a->causal ? i + 1 : a->t;
    for (size_t j = 0; j < keys; j += KEYS)
        block(&r, a, head, j, keys - j < KEYS ? keys : j + KEYS);
    const float inverse = 1.0f / r.l;
    for (size_t c = 0; c < a->d; c++) o[c] = r.acc[c] * inverse;
    if (!a->lse) return;
    float log_l[VL];
    v_store(log_l, v_log(v_set1(r.l)));
    a->lse[head * a->t + i] = r.m + log_l[0];
}

void ISA(attn_fwd)(const struct attn_fwd *a, size_t begin, size_t end)
{
    assert(a->d <= ATTN_FWD_D);
    for (size_t unit = begin; unit < end; unit++) {
        const struct attn_fwd_unit u = attn_fwd_unit(a, unit);
        for (size_t i = u.query; i < a->t && i < u.query + ATTN_FWD_QUERIES; i++)
            query(a, u.head, i);
    }
}
