/* relu_fwd and axpy for AVX2 with a pass over the data that nobody needs, one by the kernel itself and one by the C
 * library: the linker puts them before the right ones in hinge_planted, whose counts must be seen to grow. The results
 * stay right. */
#include <stddef.h>
#include <string.h>

void __real_relu_fwd_avx2(float *dst, const float *src, size_t n);
void __wrap_relu_fwd_avx2(float *dst, const float *src, size_t n);
void __real_axpy_avx2(float *dst, float a, const float *x, const float *y, size_t n);
void __wrap_axpy_avx2(float *dst, float a, const float *x, const float *y, size_t n);

/* Volatile: the compiler must not see that nobody reads the copy. */
static void *(*volatile copy)(void *, const void *, size_t) = memcpy;

void __wrap_relu_fwd_avx2(float *dst, const float *src, size_t n)
{
    __real_relu_fwd_avx2(dst, src, n);
    __real_relu_fwd_avx2(dst, src, n);
}

void __wrap_axpy_avx2(float *dst, float a, const float *x, const float *y, size_t n)
{
    __real_axpy_avx2(dst, a, x, y, n);
    static _Thread_local float unread[1 << 14];
    const size_t room = sizeof unread / sizeof *unread;
    copy(unread, dst, (n < room ? n : room) * sizeof *dst);
}
