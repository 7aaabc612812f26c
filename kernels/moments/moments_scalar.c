#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../isa.h"
#include "moments.h"

moments_fn ISA(moments);

/* sum and square hold sixteen lanes each and are folded in place. */
static double fold(double lane[16])
{
    for (int half = 8; half; half /= 2)
        for (int i = 0; i < half; i++) lane[i] += lane[i + half];
    return lane[0];
}

void ISA(moments)(struct moments_part *part, const float *src, size_t n)
{
    double sum[16] = {0}, square[16] = {0};
    struct moments_part p = {.min = INFINITY, .max = -INFINITY};
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &src[i], sizeof bits);
        bits &= 0x7fffffffu;
        if (bits >= 0x7f800000u) {
            p.nonfinite++;
            continue;
        }
        p.zero += bits == 0;
        p.subnormal += bits > 0 && bits < 0x00800000u;
        sum[i % 16] += (double)src[i];
        square[i % 16] = fma((double)src[i], (double)src[i], square[i % 16]);
        if ((double)src[i] < p.min) p.min = (double)src[i];
        if ((double)src[i] > p.max) p.max = (double)src[i];
    }
    p.sum = fold(sum);
    p.square = fold(square);
    *part = p;
}
