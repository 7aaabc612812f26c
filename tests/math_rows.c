/* Compiled once per lane, like a kernel: the functions of simd/vec_math.h and their peers over arrays. */
#include "math_rows.h"

#include "isa.h"
#include "simd/vec_math.h"

#ifdef HAVE_SLEEF
#include <sleef.h>
#endif

#define OVER(name, vector, width, load, store, f)                                                  \
    static void name(float *dst, const float *src, size_t n)                                       \
    {                                                                                              \
        for (size_t i = 0; i < n; i += width) {                                                    \
            const vector x = load(src + i);                                                        \
            store(dst + i, f(x));                                                                  \
        }                                                                                          \
    }

#if defined(TARGET_AVX512)
#define PEER(name, f) OVER(name, __m512, 16, _mm512_loadu_ps, _mm512_storeu_ps, f)
#define GLIBC(f) _ZGVeN16v_##f
#define SLEEF(f) Sleef_##f##16_u10avx512f
typedef __m512 peer_vector;
#elif defined(TARGET_AVX2)
#define PEER(name, f) OVER(name, __m256, 8, _mm256_loadu_ps, _mm256_storeu_ps, f)
#define GLIBC(f) _ZGVdN8v_##f
#define SLEEF(f) Sleef_##f##8_u10avx2
typedef __m256 peer_vector;
#else /* the model, and AVX-512 through SIMDe: no peers */
#undef HAVE_MVEC
#undef HAVE_SLEEF
#endif

/* What is called where a function has other names: exp's peers serve exp_nonpositive too. */
#define PEERS(X) X(exp, expf) X(exp_nonpositive, expf) X(log, logf) X(tanh, tanhf) X(erf, erff)

/* libmvec has no header: the compiler makes up these names from OpenMP's declarations. */
#ifdef HAVE_MVEC
peer_vector GLIBC(expf)(peer_vector), GLIBC(logf)(peer_vector), GLIBC(tanhf)(peer_vector),
    GLIBC(erff)(peer_vector);
#define X(name, f) PEER(glibc_##name, GLIBC(f))
PEERS(X)
#undef X
#define GLIBC_RUN(name) glibc_##name
#else
#define GLIBC_RUN(name) NULL
#endif

#ifdef HAVE_SLEEF
#define X(name, f) PEER(sleef_##name, SLEEF(f))
PEERS(X)
#undef X
#define SLEEF_RUN(name) sleef_##name
#else
#define SLEEF_RUN(name) NULL
#endif

#define X(name, bound) OVER(run_##name, vf, VL, v_load, v_store, v_##name)
VEC_MATH(X)
#undef X

#define X(name, bound) {#name, bound, run_##name, GLIBC_RUN(name), SLEEF_RUN(name)},
const struct math_row ISA(math_rows)[] = {VEC_MATH(X)};
#undef X
