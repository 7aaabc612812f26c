#include <string.h>

#include "../base/par.h"
#include "../isa.h"
#include "../simd/vec.h"
#include "layernorm_bwd.h"

/* One row at a time: two side by side are a tenth faster in the caches, but operands beyond L3 then arrive in
 * twice as many streams, each cut after a row, which takes half as long again (2048 x 1024 on a Zen 5). */
enum { PARTS = LAYERNORM_BWD_PARTS / VL };

layernorm_bwd_fn ISA(layernorm_bwd);

/* A row's operands, and its part of the sums over rows. */
struct row {
    const float *src, *ddst, *gamma;
    float *dsrc, *dgamma, *dbeta;
    float mean;
};

struct sums {
    vf g[PARTS], gd[PARTS];
};

/* Elements j .. j + rest - 1, which join partial vector p. Absent ones have g = -0 and d = +0: they add -0, which
 * changes no sum. */
V_INLINE void take(struct sums *s, const struct row *r, size_t j, int rest, const int p)
{
    const vf dy = rest < VL ? v_load_n(r->ddst + j, rest, -0.0f) : v_load(r->ddst + j);
    const vf x = rest < VL ? v_load_n(r->src + j, rest, r->mean) : v_load(r->src + j);
    const vf g = v_mul(dy, v_load_rest(r->gamma + j, rest));
    s->g[p] = v_add(s->g[p], g);
    s->gd[p] = v_fma(g, v_sub(x, v_set1(r->mean)), s->gd[p]);
}

V_INLINE struct layernorm_bwd_row sum_row(const struct layernorm_bwd *a, size_t i,
                                          const struct row *r)
{
    struct sums s;
    size_t j = 0;
    s.g[0] = s.g[1] = s.gd[0] = s.gd[1] = v_zero();
    for (; a->n - j >= PARTS * VL; j += PARTS * VL) {
        UNROLL
        for (int p = 0; p < PARTS; p++) take(&s, r, j + (size_t)p * VL, VL, p);
    }
    const int left = (int)(a->n - j);
    if (left > 0) take(&s, r, j, left < VL ? left : VL, 0);
    if (left > VL) take(&s, r, j + VL, left - VL, 1);
    return layernorm_bwd_row(a, i, v_sum(v_add(s.g[0], s.g[1])), v_sum(v_add(s.gd[0], s.gd[1])));
}

struct factors {
    vf mean, rstd, minus_k1, k2;
};

V_INLINE void put(const struct row *r, size_t j, int rest, const struct factors *f, const bool add)
{
    const vf dy = v_load_rest(r->ddst + j, rest), g = v_mul(dy, v_load_rest(r->gamma + j, rest));
    const vf h = v_mul(v_sub(v_load_rest(r->src + j, rest), f->mean), f->rstd);
    const vf v = v_fma(g, f->rstd, v_fnma(h, f->k2, f->minus_k1));
    const vf dgamma = v_fma(dy, h, v_load_rest(r->dgamma + j, rest));
    const vf dbeta = v_add(v_load_rest(r->dbeta + j, rest), dy);
    v_store_rest(r->dsrc + j, add ? v_add(v_load_rest(r->dsrc + j, rest), v) : v, rest);
    v_store_rest(r->dgamma + j, dgamma, rest);
    v_store_rest(r->dbeta + j, dbeta, rest);
}

V_INLINE void take_row(const struct layernorm_bwd *a, size_t i, float *part, const bool add)
{
    const struct row r = {a->src + i * a->ld_src,
                          a->ddst + i * a->ld_ddst,
                          a->gamma,
                          a->dsrc + i * a->ld_dsrc,
                          part,
                          part + a->n,
                          a->mean[i]};
    const struct layernorm_bwd_row k = sum_row(a, i, &r);
    const struct factors f = {v_set1(k.mean), v_set1(k.rstd), v_set1(-k.k1), v_set1(k.k2)};
    size_t j = 0;
    for (; a->n - j >= VL; j += VL) put(&r, j, VL, &f, add);
    if (j < a->n) put(&r, j, (int)(a->n - j), &f, add);
}

/* Columns j .. j + rest - 1 over all blocks. */
V_INLINE void add_blocks(const struct layernorm_bwd *a, float *dst, const float *part, size_t j,
                         int rest)
{
    vf sum = v_zero();
    for (size_t b = 0; b < layernorm_bwd_blocks(a->m); b++)
        sum = v_add(sum, v_load_rest(part + 2 * b * a->n + j, rest));
    v_store_rest(dst + j, a->add_weights ? v_add(v_load_rest(dst + j, rest), sum) : sum, rest);
}

void ISA(layernorm_bwd)(const struct layernorm_bwd *a, const struct team *team)
{
    const size_t rows = layernorm_bwd_rows(a->m);
    const struct range own = team_range(team, a->m, rows), cols = team_range(team, a->n, VL);
    for (size_t i = own.begin; i < own.end; i++) {
        float *part = a->scratch + i / rows * 2 * a->n;
        if (i % rows == 0) memset(part, 0, 2 * a->n * sizeof *part);
        if (a->add_data)
            take_row(a, i, part, true);
        else
            take_row(a, i, part, false);
    }
    team_barrier(team);
    for (size_t j = cols.begin; j < cols.end; j += VL) {
        const int rest = cols.end - j < VL ? (int)(cols.end - j) : VL;
        add_blocks(a, a->dgamma, a->scratch, j, rest);
        add_blocks(a, a->dbeta, a->scratch + a->n, j, rest);
    }
}
