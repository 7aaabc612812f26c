/* dot_fwd for AVX2 without an end at one size, where HINGE_PLANTED_HANG asks for it: the linker puts it before the right one in
 * hinge_planted. */
#include <stddef.h>
#include <stdlib.h>

enum { ENDLESS = 16384 };

void __real_dot_fwd_avx2(float *dst, const float *x, const float *y, size_t n);
void __wrap_dot_fwd_avx2(float *dst, const float *x, const float *y, size_t n);

static volatile int on = 1;

void __wrap_dot_fwd_avx2(float *dst, const float *x, const float *y, size_t n)
{
    __real_dot_fwd_avx2(dst, x, y, n);
    while (on && n == ENDLESS && getenv("HINGE_PLANTED_HANG")) {}
}
