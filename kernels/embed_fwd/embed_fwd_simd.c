#include <assert.h>

#include "../isa.h"
#include "../simd/vec.h"
#include "embed_fwd.h"

embed_fwd_fn ISA(embed_fwd);

void ISA(embed_fwd)(const struct embed_fwd *a, size_t begin, size_t end)
{
    const size_t n = a->n;
    for (size_t i = begin; i < end; i++) {
        const size_t row = (size_t)a->token[i], next = i + 1 < end ? (size_t)a->token[i + 1] : row;
        assert(row < a->vocab && next < a->vocab);
        const float *te = a->wte + row * n, *pe = a->wpe + i % a->period * n;
        const float *ahead = a->wte + next * n; /* no hardware foresees the next row */
        float *dst = a->dst + i * n;
        size_t j = 0;
        for (; n - j >= VL; j += VL) {
            __builtin_prefetch(ahead + j);
            v_store(dst + j, v_add(v_load(te + j), v_load(pe + j)));
        }
        const int rest = (int)(n - j);
        if (rest)
            v_store_n(dst + j, v_add(v_load_n(te + j, rest, 0.0f), v_load_n(pe + j, rest, 0.0f)),
                      rest);
    }
}
