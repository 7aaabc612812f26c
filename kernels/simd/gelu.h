/* gelu: what gelu_fwd and gelu_bwd have in common. GPT-2's form x / 2 (1 + tanh(w)) is x / (1 + e^-s), s = 2 w. */
#ifndef SIMD_GELU_H
#define SIMD_GELU_H

#include <math.h>

/* s log2(e) = x (GELU_1 + GELU_3 x^2): 2 sqrt(2 / pi) log2(e), and 0.044715 of that. */
#define GELU_1 2.302208198144325f
#define GELU_3 0.1029432395800235f
#define GELU_SLOPE_1 1.5957691216057308f  /* 2 sqrt(2 / pi) */
#define GELU_SLOPE_3 0.21406444881780073f /* 3 times 0.044715 of that */
#define GELU_SQRT_HALF 0.70710678118654752f
#define GELU_DENSITY 0.39894228040143268f /* 1 / sqrt(2 pi) */
/* From here on the function is x or a zero, the gradient 1 or a zero: e^-s, e^(-x^2 / 2) and 1 - |erf| are below
 * 2^-126. What lies beyond is taken for this, lest an infinity meet a zero. */
#define GELU_FAR 16.0f

#endif
