#include "../isa.h"
#include "../simd/vec.h"
#include "layernorm_fwd.h"

/* Rows side by side: their chains of sums hide each other's latency, and they share gamma and beta. Four rows a
 * multiple of 4 KiB long, with dst and the rows fetched ahead, would not fit the ways of L1. The second pass
 * takes every other vector and then the rest where the registers hold one vector of partials a row. */
enum { PARTS = LAYERNORM_FWD_PARTS / VL };
#ifdef TARGET_AVX512
enum { ROWS = 3, TOGETHER = PARTS };
#else
enum { ROWS = 2, TOGETHER = 1 };
#endif

layernorm_fwd_fn ISA(layernorm_fwd);

/* Runs the statements for vectors p = first .. first + count - 1 of a row's partials at elements `at`, of which
 * there are `rest`. */
#define EACH_PART(n, first, count, ...)                                                            \
    size_t j = (size_t)(first)*VL;                                                                 \
    for (; j + (count)*VL <= (n); j += PARTS * VL) {                                               \
        UNROLL                                                                                     \
        for (int p = 0; p < (count); p++) {                                                        \
            const size_t at = j + (size_t)p * VL;                                                  \
            const int rest = VL;                                                                   \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }                                                                                              \
    UNROLL                                                                                         \
    for (int p = 0; p < (count); p++) {                                                            \
        const size_t at = j + (size_t)p * VL;                                                      \
        const int rest = (n) < at + VL ? (int)((n)-at) : VL;                                       \
        if (at < (n)) {                                                                            \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

V_INLINE float fold(const vf part[PARTS])
{
    return v_sum(v_add(part[0], part[1]));
}

V_INLINE void shifts(const float *src, size_t ld, size_t n, float shift[], const int rows)
{
    vf sum[ROWS][PARTS];
    UNROLL
    for (int r = 0; r < rows; r++) sum[r][0] = sum[r][1] = v_zero();
    EACH_PART(n, 0, PARTS,
              UNROLL for (int r = 0; r < rows; r++) sum[r][p] =
                  v_add(sum[r][p], v_load_rest(src + (size_t)r * ld + at, rest));)
    UNROLL
    for (int r = 0; r < rows; r++) shift[r] = fold(sum[r]) / (float)n;
}

/* The sums of d and of its square in partial vectors first .. first + TOGETHER - 1. */
V_INLINE void squares(const float *src, size_t ld, size_t n, const float shift[], const int first,
                      vf sum[ROWS][PARTS], vf square[ROWS][PARTS], const int rows)
{
    vf by[ROWS], s[ROWS][TOGETHER], q[ROWS][TOGETHER];
    UNROLL
    for (int r = 0; r < rows; r++) {
        by[r] = v_set1(shift[r]);
        UNROLL
        for (int p = 0; p < TOGETHER; p++) s[r][p] = q[r][p] = v_zero();
    }
    /* Absent elements are the shift, and d is +0. The next rows arrive while these are worked on. */
    EACH_PART(
        n, first, TOGETHER, UNROLL for (int r = 0; r < rows; r++) {
            const float *x = src + (size_t)r * ld + at;
            __builtin_prefetch(x + (size_t)rows * ld);
            const vf d = v_sub(rest < VL ? v_load_n(x, rest, shift[r]) : v_load(x), by[r]);
            s[r][p] = v_add(s[r][p], d);
            q[r][p] = v_fma(d, d, q[r][p]);
        })
    UNROLL
    for (int r = 0; r < rows; r++) UNROLL
    for (int p = 0; p < TOGETHER; p++) {
        sum[r][first + p] = s[r][p];
        square[r][first + p] = q[r][p];
    }
}

V_INLINE void normalize(const struct layernorm_fwd *a, size_t i,
                        const struct layernorm_fwd_row row[], const int rows)
{
    const float *src = a->src + i * a->ld_src;
    float *dst = a->dst + i * a->ld_dst;
    vf by[ROWS], rstd[ROWS], offset[ROWS];
    UNROLL
    for (int r = 0; r < rows; r++) {
        by[r] = v_set1(row[r].shift);
        rstd[r] = v_set1(row[r].rstd);
        offset[r] = v_set1(row[r].offset);
    }
    for (size_t j = 0; j < a->n; j += VL) {
        const int rest = a->n - j < VL ? (int)(a->n - j) : VL;
        const vf gamma = v_load_rest(a->gamma + j, rest), beta = v_load_rest(a->beta + j, rest);
        UNROLL
        for (int r = 0; r < rows; r++) {
            const vf d = v_sub(v_load_rest(src + (size_t)r * a->ld_src + j, rest), by[r]);
            const vf y = v_fma(v_fma(d, rstd[r], offset[r]), gamma, beta);
            v_store_rest(dst + (size_t)r * a->ld_dst + j, y, rest);
        }
    }
}

V_INLINE void take_rows(const struct layernorm_fwd *a, size_t i, const int rows)
{
    const float *src = a->src + i * a->ld_src;
    struct layernorm_fwd_row row[ROWS];
    vf sum[ROWS][PARTS], square[ROWS][PARTS];
    float shift[ROWS];
    shifts(src, a->ld_src, a->n, shift, rows);
    UNROLL
    for (int p = 0; p < PARTS; p += TOGETHER)
        squares(src, a->ld_src, a->n, shift, p, sum, square, rows);
    UNROLL
    for (int r = 0; r < rows; r++)
        row[r] = layernorm_fwd_row(a, i + (size_t)r, shift[r], fold(sum[r]), fold(square[r]));
    normalize(a, i, row, rows);
}

void ISA(layernorm_fwd)(const struct layernorm_fwd *a)
{
    size_t i = 0;
    for (; a->m - i >= ROWS; i += ROWS) take_rows(a, i, ROWS);
    for (; i < a->m; i++) take_rows(a, i, 1);
}
