/* cpu: which instruction sets may be executed here. */
#ifndef BASE_CPU_H
#define BASE_CPU_H

#include <stdbool.h>

struct cpu {
    /* What CPUID reports. */
    bool has_avx, has_fma, has_avx2, has_avx512;
    /* What XGETBV says that the operating system saves and restores. */
    bool os_avx, os_avx512;
    /* Both: the lane may be called. avx2 includes fma; avx512 is F, BW, DQ and VL. */
    bool fma, avx2, avx512;
};

/* Read once; HINGE_ISA plays no part here. */
const struct cpu *cpu_features(void);

/* Flush-to-zero and denormals-are-zero of the calling thread; returns the former setting. */
bool cpu_set_ftz(bool on);

#endif
