#include <assert.h>
#include <math.h>

#include "../base/par.h"
#include "../isa.h"
#include "../simd/vec_math.h"
#include "attn_bwd.h"

attn_bwd_fn ISA(attn_bwd);

/* Row i of a head. */
#define AT(x, i) (a->x + strides_at(a->x##_by, a->heads, head, i))

static float row_dot(const float *x, const float *y, size_t d)
{
    float part[16] = {0};
    for (size_t c = 0; c < d; c++) part[c % 16] = fmaf(x[c], y[c], part[c % 16]);
    for (size_t h = 8; h; h /= 2)
        for (size_t p = 0; p < h; p++) part[p] = part[p] + part[p + h];
    return part[0];
}

/* p and ds of key j for the queries i0 to i0 + count, at most a strip. */
static void weights(const struct attn_bwd *a, size_t head, size_t j, size_t i0, size_t count,
                    float p[VL], float ds[VL])
{
    const float *k = AT(k, j), *v = AT(v, j), *row = a->scratch + head * a->t;
    for (size_t r = 0; r < VL; r++) p[r] = 0.0f;
    for (size_t r = 0; r < count; r++) {
        const float *q = AT(q, i0 + r), *grad = AT(grad, i0 + r);
        float s = 0.0f, g = 0.0f;
        for (size_t c = 0; c < a->d; c++) {
            s = fmaf(a->scale * q[c], k[c], s);
            g = fmaf(grad[c], v[c], g);
        }
        p[r] = s - a->lse[head * a->t + i0 + r];
        ds[r] = g - row[i0 + r];
    }
    v_store(p, v_exp_nonpositive(v_load(p)));
    for (size_t r = 0; r < count; r++) {
        const bool masked = a->causal && i0 + r < j;
        p[r] = masked ? 0.0f : p[r];
        ds[r] = masked ? 0.0f : p[r] * ds[r];
    }
}

static void key(const struct attn_bwd *a, size_t head, size_t j)
{
    float *dk = AT(dk, j), *dv = AT(dv, j);
    const float *k = AT(k, j);
    for (size_t c = 0; c < a->d; c++) dk[c] = dv[c] = 0.0f;
    for (size_t i = a->causal ? j / VL * VL : 0; i < a->t; i += VL) {
        const size_t count = a->t - i < VL ? a->t - i : VL;
        float p[VL], ds[VL];
        weights(a, head, j, i, count, p, ds);
        for (size_t r = 0; r < count; r++) {
            const float *q = AT(q, i + r), *grad = AT(grad, i + r);
            float *dq = AT(dq, i + r);
            OMP_SIMD()
            for (size_t c = 0; c < a->d; c++) {
                dk[c] = fmaf(ds[r], a->scale * q[c], dk[c]);
                dv[c] = fmaf(p[r], grad[c], dv[c]);
                dq[c] = fmaf(ds[r], a->scale * k[c], dq[c]);
            }
        }
    }
}

/* Members take heads. */
void ISA(attn_bwd)(const struct attn_bwd *a, const struct team *team)
{
    const struct range r = team_range(team, a->batch * a->heads, 1);
    assert(a->d <= ATTN_BWD_D);
    for (size_t head = r.begin; head < r.end; head++) {
        for (size_t i = 0; i < a->t; i++) {
            a->scratch[head * a->t + i] = row_dot(AT(grad, i), AT(o, i), a->d);
            for (size_t c = 0; c < a->d; c++) AT(dq, i)[c] = 0.0f;
        }
        for (size_t j = 0; j < a->t; j++) key(a, head, j);
    }
}
