#include <assert.h>

#include "../isa.h"
#include "embed_fwd.h"

embed_fwd_fn ISA(embed_fwd);

void ISA(embed_fwd)(const struct embed_fwd *a, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        const size_t row = (size_t)a->token[i], n = a->n;
        assert(row < a->vocab);
        const float *te = a->wte + row * n, *pe = a->wpe + i % a->period * n;
        float *dst = a->dst + i * n;
        OMP_SIMD()
        for (size_t j = 0; j < n; j++) dst[j] = te[j] + pe[j];
    }
}
