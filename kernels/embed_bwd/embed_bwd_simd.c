#include <assert.h>

#include "../isa.h"
#include "../simd/vec.h"
#include "embed_bwd.h"

embed_bwd_fn ISA(embed_bwd);

V_INLINE void add(float *to, vf d, int rest)
{
    v_store_rest(to, v_add(v_load_rest(to, rest), d), rest);
}

void ISA(embed_bwd)(const struct embed_bwd *a, size_t begin, size_t end)
{
    const size_t n = a->n;
    for (size_t i = 0; i < a->m; i++) {
        const size_t row = (size_t)a->token[i], next = i + 1 < a->m ? (size_t)a->token[i + 1] : row;
        assert(row < a->vocab && next < a->vocab);
        const float *ddst = a->ddst + i * n;
        const float *ahead = a->dwte + next * n; /* no hardware foresees the next row */
        float *te = a->dwte + row * n, *pe = a->dwpe + i % a->period * n;
        size_t j = begin;
        for (; end - j >= VL; j += VL) {
            const vf d = v_load(ddst + j);
            __builtin_prefetch(ahead + j);
            add(te + j, d, VL);
            add(pe + j, d, VL);
        }
        const int rest = (int)(end - j);
        if (!rest) continue;
        const vf d = v_load_n(ddst + j, rest, 0.0f);
        add(te + j, d, rest);
        add(pe + j, d, rest);
    }
}
