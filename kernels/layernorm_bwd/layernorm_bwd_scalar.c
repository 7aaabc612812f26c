#include <math.h>

#include "../base/par.h"
#include "../scalar.h"
#include "layernorm_bwd.h"

enum { PARTS = LAYERNORM_BWD_PARTS, COLUMNS = 16 };

layernorm_bwd_fn ISA(layernorm_bwd);

static struct layernorm_bwd_row row_of(const struct layernorm_bwd *a, size_t i)
{
    const float *x = a->src + i * a->ld_src, *ddst = a->ddst + i * a->ld_ddst;
    float sum_g[PARTS] = {0}, sum_gd[PARTS] = {0};
    const float mean = a->mean[i];
    for (size_t j = 0; j < a->n; j += PARTS) {
        const size_t parts = a->n - j < PARTS ? a->n - j : PARTS;
        OMP_SIMD()
        for (size_t p = 0; p < parts; p++) {
            const float g = ddst[j + p] * a->gamma[j + p];
            sum_g[p] += g;
            sum_gd[p] = fmaf(g, x[j + p] - mean, sum_gd[p]);
        }
    }
    return layernorm_bwd_row(a, i, scalar_fold(sum_g, PARTS), scalar_fold(sum_gd, PARTS));
}

static void row(const struct layernorm_bwd *a, size_t i, float *dgamma, float *dbeta)
{
    const struct layernorm_bwd_row r = row_of(a, i);
    const float *x = a->src + i * a->ld_src, *ddst = a->ddst + i * a->ld_ddst, *gamma = a->gamma;
    float *dsrc = a->dsrc + i * a->ld_dsrc;
    const bool add = a->add_data;
    OMP_SIMD()
    for (size_t j = 0; j < a->n; j++) {
        const float dy = ddst[j], h = (x[j] - r.mean) * r.rstd;
        const float v = fmaf(dy * gamma[j], r.rstd, fmaf(-h, r.k2, -r.k1));
        dsrc[j] = add ? dsrc[j] + v : v;
        dgamma[j] = fmaf(dy, h, dgamma[j]);
        dbeta[j] += dy;
    }
}

static void column(const struct layernorm_bwd *a, float *dst, const float *part, size_t j)
{
    float sum = 0.0f;
    for (size_t b = 0; b < layernorm_bwd_blocks(a->m); b++) sum += part[2 * b * a->n + j];
    dst[j] = a->add_weights ? dst[j] + sum : sum;
}

void ISA(layernorm_bwd)(const struct layernorm_bwd *a, const struct team *team)
{
    const size_t rows = layernorm_bwd_rows(a->m);
    const struct range own = team_range(team, a->m, rows), cols = team_range(team, a->n, COLUMNS);
    for (size_t i = own.begin; i < own.end; i++) {
        float *dgamma = a->scratch + i / rows * 2 * a->n, *dbeta = dgamma + a->n;
        if (i % rows == 0)
            for (size_t j = 0; j < 2 * a->n; j++) dgamma[j] = 0.0f;
        row(a, i, dgamma, dbeta);
    }
    team_barrier(team);
    for (size_t j = cols.begin; j < cols.end; j++) {
        column(a, a->dgamma, a->scratch, j);
        column(a, a->dbeta, a->scratch + a->n, j);
    }
}
