#include "../isa.h"
#include "dense_pack.h"

dense_pack_fn ISA(dense_pack);

void ISA(dense_pack)(const struct dense_pack *a)
{
    const size_t width = a->transpose ? a->k : a->n, length = a->transpose ? a->n : a->k;
    float *dst = a->dst;
    for (size_t j = 0; j < width; j += 16)
        for (size_t p = 0; p < length; p++, dst += 16) {
            const float *w = a->transpose ? a->w + j * a->ld_w + p : a->w + p * a->ld_w + j;
            const size_t ld = a->transpose ? a->ld_w : 1;
            for (size_t c = 0; c < 16; c++) dst[c] = j + c < width ? w[c * ld] : 0.0f;
        }
}
