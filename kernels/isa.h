/* The name of a kernel on the lane that is being compiled, and the directives of the omp_simd lane.
 *
 * CMake compiles <kernel>_scalar.c and <kernel>_simd.c once per lane with -DISA_SUFFIX=<lane>, so
 * that ISA(dot_fwd) is dot_fwd_avx2 in one object and dot_fwd_avx512 in another.
 */
#ifndef KERNELS_ISA_H
#define KERNELS_ISA_H

#define ISA_JOIN(kernel, suffix) kernel##_##suffix
#define ISA_EXPAND(kernel, suffix) ISA_JOIN(kernel, suffix)
#define ISA(kernel) ISA_EXPAND(kernel, ISA_SUFFIX)

/* OMP_SIMD(clauses) stands before a loop of a scalar source: a directive in the omp_simd lanes,
 * nothing in the scalar ones. */
#define ISA_PRAGMA(text) _Pragma(#text)
#ifdef TARGET_OMP_SIMD
#define OMP_SIMD(...) ISA_PRAGMA(omp simd __VA_ARGS__)
#else
#define OMP_SIMD(...)
#endif

#endif
