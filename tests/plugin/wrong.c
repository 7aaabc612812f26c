/* Plug-ins that are wrong, each in one way: cc -DWRONG_... -shared -fPIC. */
#define _GNU_SOURCE /* gettid */
#include <hinge/plugin.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void right(float *dst, const float *src, size_t n)
{
    for (size_t i = 0; i < n; i++) dst[i] = src[i] < 0.0f ? 0.0f : src[i];
}

#if defined WRONG_TAIL
static void relu(float *dst, const float *src, size_t n)
{
    right(dst, src, n - n % 8);
}
#elif defined WRONG_NAN
static void relu(float *dst, const float *src, size_t n)
{
    for (size_t i = 0; i < n; i++) dst[i] = src[i] > 0.0f ? src[i] : 0.0f;
}
#elif defined WRONG_READS
static volatile float seen;
static void relu(float *dst, const float *src, size_t n)
{
    right(dst, src, n);
    seen = src[n];
}
#elif defined WRONG_INPUT
static void relu(float *dst, const float *src, size_t n)
{
    right(dst, src, n);
    if (n && dst != src) ((float *)src)[0] += 1.0f;
}
#elif defined WRONG_CALLS
static void relu(float *dst, const float *src, size_t n)
{
    static unsigned calls;
    right(dst, src, n);
    if (n && ++calls % 2 == 0 && dst[n - 1] > 0.0f) dst[n - 1] *= 1.0f + 0x1p-23f;
}
#elif defined WRONG_CRASH
static void relu(float *dst, const float *src, size_t n)
{
    right(dst, src, n);
    if (n > 16) abort();
}
#elif defined WRONG_STACK
static volatile int deep = 1;
static void relu(float *dst, const float *src, size_t n)
{
    volatile char room[4096];
    room[0] = 0;
    if (deep) relu(dst, src, n);
    right(dst + room[0], src, n);
}
#elif defined WRONG_LOOP
static volatile int on = 1;
static void relu(float *dst, const float *src, size_t n)
{
    right(dst, src, n);
    while (on && n > 16) {}
}
#elif defined WRONG_THREAD /* where no handler of the check's own thread can leave it */
static void relu(float *dst, const float *src, size_t n)
{
    right(dst, src, n);
    if (gettid() != getpid()) abort();
}
#elif defined WRONG_STALL
static volatile int on = 1;
static void relu(float *dst, const float *src, size_t n)
{
    right(dst, src, n);
    while (on && gettid() != getpid()) {}
}
#elif defined                                                                                      \
    WRONG_STOPS /* its process, once, till somebody lets it go on: no fault of the kernel's */
static void relu(float *dst, const float *src, size_t n)
{
    static int stopped;
    right(dst, src, n);
    if (n > 16 && !stopped++) raise(SIGSTOP);
}
#elif defined WRONG_EXIT
static void relu(float *dst, const float *src, size_t n)
{
    right(dst, src, n);
    if (n > 16) _exit(0);
}
#elif defined WRONG_KILL
static void relu(float *dst, const float *src, size_t n)
{
    right(dst, src, n);
    if (n > 16) raise(SIGKILL);
}
#else
static void relu(float *dst, const float *src, size_t n)
{
    right(dst, src, n);
}
#endif

/* Sums from the last term to the first: within the bound, but no words of the contract's. */
static void dense(const struct dense_fwd *a)
{
    for (size_t i = 0; i < a->m; i++)
        for (size_t j = 0; j < a->n; j++) {
            float sum = a->bias ? a->bias[j] : 0.0f;
            for (size_t p = a->k; p-- > 0;)
                sum += a->src[i * a->ld_src + p] * a->w[p * a->ld_w + j];
            a->dst[i * a->ld_dst + j] = a->relu && sum < 0.0f ? 0.0f : sum;
        }
}

#ifndef ENTRY
#define ENTRY HINGE_PLUGIN_KERNEL(relu_fwd, relu, .isa = NULL)
#endif
#ifndef NAME
#define NAME "wrong"
#endif
#ifndef TABLE
#define TABLE hinge_plugin
#endif

static const struct hinge_plugin_kernel kernels[] = {ENTRY};
const struct hinge_plugin TABLE = {.version = HINGE_PLUGIN_VERSION,
                                   .size = sizeof(struct hinge_plugin),
                                   .kernel_size = sizeof(struct hinge_plugin_kernel),
                                   .kernel_count = sizeof kernels / sizeof *kernels,
                                   .kernels = kernels,
                                   .name = NAME,
#ifdef MORE
                                   MORE
#endif
};

/* Each is used by one table or another. */
void (*const hinge_plugin_used[])(void) = {(void (*)(void))right, (void (*)(void))relu,
                                           (void (*)(void))dense};
