#include <math.h>

#include "../base/par.h"
#include "../isa.h"
#include "mlp_bwd.h"

mlp_bwd_fn ISA(mlp_bwd);

/* The gradient of the last output where it was rectified, rows of this member. */
static void mask_out(const struct mlp_bwd *a, struct range r)
{
    const float *act = a->acts + (a->depth - 1) * a->m * a->ld_acts;
    float *to = a->scratch + (a->depth - 1) % 2 * a->m * a->n;
    for (size_t i = r.begin; i < r.end; i++)
        for (size_t j = 0; j < a->n; j++)
            to[i * a->n + j] = act[i * a->ld_acts + j] <= 0.0f ? 0.0f : a->ddst[i * a->ld_ddst + j];
}

static void data(const struct mlp_bwd *a, const struct mlp_bwd_step *s, struct range r)
{
    for (size_t i = 0; i < a->m; i++)
        for (size_t p = r.begin; p < r.end; p++) {
            float acc = 0.0f;
            for (size_t j = 0; j < a->n; j++)
                acc = fmaf(s->d_out[i * s->ld_d_out + j],
                           s->w[(j / 16 * s->rows + p) * 16 + j % 16], acc);
            if (s->mask && s->mask[i * s->ld_in + p] <= 0.0f) acc = 0.0f;
            s->d_in[i * s->ld_d_in + p] = acc;
        }
}

static void weights(const struct mlp_bwd *a, const struct mlp_bwd_step *s, struct range r)
{
    for (size_t p = r.begin; p < r.end; p++)
        for (size_t j = 0; j < a->n; j += 16) {
            const size_t cols = a->n - j < 16 ? a->n - j : 16;
            float acc[16] = {0}, *w = s->w + (j / 16 * s->rows + p) * 16;
            for (size_t i = 0; i < a->m; i++) {
                const float x = s->in[i * s->ld_in + p], *z = s->d_out + i * s->ld_d_out + j;
                OMP_SIMD()
                for (size_t c = 0; c < cols; c++) acc[c] = fmaf(x, z[c], acc[c]);
            }
            for (size_t c = 0; c < cols && a->dw; c++)
                a->dw[(s->first_row + p) * a->ld_dw + j + c] = acc[c];
            for (size_t c = 0; c < cols && a->update; c++) w[c] = fmaf(-a->lr, acc[c], w[c]);
        }
}

static void biases(const struct mlp_bwd *a, const struct mlp_bwd_step *s, size_t l)
{
    float *db = a->db + l * a->n, *bias = a->update && a->bias ? a->bias + l * a->n : NULL;
    for (size_t j = 0; j < a->n; j++) {
        float acc = 0.0f;
        for (size_t i = 0; i < a->m; i++) acc = acc + s->d_out[i * s->ld_d_out + j];
        db[j] = acc;
        if (bias) bias[j] = fmaf(-a->lr, acc, bias[j]);
    }
}

void ISA(mlp_bwd)(const struct mlp_bwd *a, const struct team *team)
{
    if (a->depth == 0) return;
    if (!a->linear_out) {
        mask_out(a, team_range(team, a->m, 1));
        team_barrier(team);
    }
    for (size_t l = a->depth; l-- > 0;) {
        const struct mlp_bwd_step s = mlp_bwd_step(a, l);
        /* A member reads the rows of w that it updates, and no others: no barrier between the two.
         */
        const struct range r = team_range(team, s.rows, 16);
        if (s.d_in) data(a, &s, r);
        weights(a, &s, r);
        if (team->id == 0) biases(a, &s, l);
        team_barrier(team);
    }
}
