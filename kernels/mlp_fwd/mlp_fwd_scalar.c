#include <math.h>

#include "../base/par.h"
#include "../isa.h"
#include "mlp_fwd.h"

mlp_fwd_fn ISA(mlp_fwd);

static float *layer_dst(const struct mlp_fwd *a, size_t l)
{
    return a->acts + (a->pingpong ? l % 2 : l) * a->m * a->ld_acts;
}

static void row(const struct mlp_fwd *a, size_t l, size_t i)
{
    const size_t n = a->n, k = l ? n : a->k;
    const float *src = l ? layer_dst(a, l - 1) + i * a->ld_acts : a->src + i * a->ld_src;
    const float *panel = a->w + mlp_fwd_layer(a->k, n, l);
    const bool relu = !(a->linear_out && l + 1 == a->depth);
    float *dst = layer_dst(a, l) + i * a->ld_acts;
    for (size_t j = 0; j < n; j += 16, panel += k * 16) {
        const size_t cols = n - j < 16 ? n - j : 16;
        float acc[16] = {0};
        for (size_t c = 0; a->bias && c < cols; c++) acc[c] = a->bias[l * n + j + c];
        for (size_t p = 0; p < k; p++) {
            OMP_SIMD()
            for (size_t c = 0; c < cols; c++) acc[c] = fmaf(src[p], panel[p * 16 + c], acc[c]);
        }
        for (size_t c = 0; c < cols; c++) dst[j + c] = relu && acc[c] < 0.0f ? 0.0f : acc[c];
    }
}

/* Members take rows: no row reads another's activations. */
void ISA(mlp_fwd)(const struct mlp_fwd *a, const struct team *team)
{
    const struct range r = team_range(team, a->m, 1);
    for (size_t l = 0; l < a->depth; l++)
        for (size_t i = r.begin; i < r.end; i++) row(a, l, i);
}
