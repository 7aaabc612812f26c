#include "cpu.h"

#include <stdint.h>
#include <xmmintrin.h>

struct leaf {
    uint32_t a, b, c, d;
};

/* Own assembly: clang 14's __get_cpuid_count was seen to lose the leaf number when only EBX is
 * used. */
static struct leaf cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct leaf r;
    __asm__ volatile("cpuid"
                     : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
                     : "a"(leaf), "c"(subleaf));
    return r;
}

static uint64_t xgetbv(void)
{
    uint32_t lo, hi;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (uint64_t)hi << 32 | lo;
}

static struct cpu read_features(void)
{
    enum { XMM_YMM = 0x6, XMM_YMM_ZMM = 0xe6 };
    const uint32_t f_bw_dq_vl = 1u << 16 | 1u << 30 | 1u << 17 | 1u << 31;
    struct cpu c = {0};
    if (cpuid(0, 0).a < 7) return c;
    const struct leaf l1 = cpuid(1, 0), l7 = cpuid(7, 0);
    const bool osxsave = l1.c >> 27 & 1;
    const uint64_t saved = osxsave ? xgetbv() : 0;
    c.has_avx = l1.c >> 28 & 1;
    c.has_fma = l1.c >> 12 & 1;
    c.has_avx2 = l7.b >> 5 & 1;
    c.has_avx512 = (l7.b & f_bw_dq_vl) == f_bw_dq_vl;
    c.os_avx = (saved & XMM_YMM) == XMM_YMM;
    c.os_avx512 = (saved & XMM_YMM_ZMM) == XMM_YMM_ZMM;
    c.fma = c.os_avx && c.has_avx && c.has_fma;
    c.avx2 = c.fma && c.has_avx2;
    c.avx512 = c.avx2 && c.os_avx512 && c.has_avx512;
    return c;
}

const struct cpu *cpu_features(void)
{
    static struct cpu features;
    static bool known;
    if (!known) {
        features = read_features();
        known = true;
    }
    return &features;
}

bool cpu_set_ftz(bool on)
{
    const unsigned bits = 0x8040; /* FTZ | DAZ */
    const unsigned old = _mm_getcsr();
    _mm_setcsr(on ? old | bits : old & ~bits);
    return (old & bits) == bits;
}
