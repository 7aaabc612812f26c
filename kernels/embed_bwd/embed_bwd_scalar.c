#include <assert.h>

#include "../isa.h"
#include "embed_bwd.h"

embed_bwd_fn ISA(embed_bwd);

void ISA(embed_bwd)(const struct embed_bwd *a, size_t begin, size_t end)
{
    for (size_t i = 0; i < a->m; i++) {
        const size_t row = (size_t)a->token[i], n = a->n;
        assert(row < a->vocab);
        const float *ddst = a->ddst + i * n;
        float *te = a->dwte + row * n, *pe = a->dwpe + i % a->period * n;
        OMP_SIMD()
        for (size_t j = begin; j < end; j++) {
            te[j] += ddst[j];
            pe[j] += ddst[j];
        }
    }
}
