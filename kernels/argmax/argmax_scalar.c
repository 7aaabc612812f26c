#include "../scalar.h"
#include "argmax.h"

argmax_fn ISA(argmax);

void ISA(argmax)(const struct argmax *a)
{
    for (size_t i = 0; i < a->m; i++) {
        const float *x = a->src + i * a->ld_src, max = scalar_greatest(x, a->n);
        size_t j = 0;
        while (j < a->n && x[j] != max) j++;
        a->dst[i] = j < a->n ? (int32_t)j : -1;
    }
}
