/* sgd_step for AVX2 with its last element one unit in the last place off: the linker puts it before the right one in
 * hinge_planted. */
#include <math.h>
#include <stddef.h>

void __real_sgd_step_avx2(float *w, const float *dw, float lr, float decay, size_t n);
void __wrap_sgd_step_avx2(float *w, const float *dw, float lr, float decay, size_t n);

void __wrap_sgd_step_avx2(float *w, const float *dw, float lr, float decay, size_t n)
{
    __real_sgd_step_avx2(w, dw, lr, decay, n);
    if (n) w[n - 1] = nextafterf(w[n - 1], 0.0f);
}
