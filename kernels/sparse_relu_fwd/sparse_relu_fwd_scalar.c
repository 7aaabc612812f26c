#include <assert.h>
#include <math.h>

#include "../isa.h"
#include "sparse_relu_fwd.h"

sparse_relu_fwd_fn ISA(sparse_relu_fwd);

/* Up to a group of inputs: their sums stay in registers or L1. */
enum { GROUP = 64 };

static void row(const struct sparse_relu_fwd *a, size_t i, size_t j, size_t cols)
{
    float acc[GROUP], *dst = a->dst + i * a->ld_dst + j;
    assert(a->start[i] <= a->start[i + 1]);
    for (size_t c = 0; c < cols; c++) acc[c] = a->bias ? a->bias[i] : 0.0f;
    for (int32_t p = a->start[i]; p < a->start[i + 1]; p++) {
        const float w = a->value[p], *src = a->src + (size_t)a->col[p] * a->ld_src + j;
        OMP_SIMD()
        for (size_t c = 0; c < cols; c++) acc[c] = fmaf(w, src[c], acc[c]);
    }
    OMP_SIMD()
    for (size_t c = 0; c < cols; c++) dst[c] = a->relu && acc[c] < 0.0f ? 0.0f : acc[c];
}

void ISA(sparse_relu_fwd)(const struct sparse_relu_fwd *a)
{
    for (size_t j = 0; j < a->m; j += GROUP)
        for (size_t i = 0; i < a->n; i++) row(a, i, j, a->m - j < GROUP ? a->m - j : GROUP);
}
