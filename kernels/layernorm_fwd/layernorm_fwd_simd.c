#include "../isa.h"
#include "../simd/vec.h"
#include "layernorm_fwd.h"

/* Rows side by side: their chains of sums hide each other's latency, and they share gamma and beta. Four rows a
 * multiple of 4 KiB long, with dst and the rows fetched ahead, would not fit the ways of L1; AVX2 has the
 * registers for the second pass over one row. */
#ifdef TARGET_AVX512
enum { ROWS = 3, SQUARE_ROWS = 3 };
#else
enum { ROWS = 2, SQUARE_ROWS = 1 };
#endif
enum { PARTS = LAYERNORM_FWD_PARTS / VL };

layernorm_fwd_fn ISA(layernorm_fwd);

/* Runs the statements for vector p of the row's partials at element `at`, which has `rest` elements. */
#define EACH_PART(n, ...)                                                                          \
    size_t j = 0;                                                                                  \
    for (; (n)-j >= PARTS * VL; j += PARTS * VL) {                                                 \
        UNROLL                                                                                     \
        for (int p = 0; p < PARTS; p++) {                                                          \
            const size_t at = j + (size_t)p * VL;                                                  \
            const int rest = VL;                                                                   \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }                                                                                              \
    UNROLL                                                                                         \
    for (int p = 0; p < PARTS; p++) {                                                              \
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
    EACH_PART(n, UNROLL for (int r = 0; r < rows; r++) sum[r][p] =
                     v_add(sum[r][p], v_load_rest(src + (size_t)r * ld + at, rest));)
    UNROLL
    for (int r = 0; r < rows; r++) shift[r] = fold(sum[r]) / (float)n;
}

V_INLINE void squares(const struct layernorm_fwd *a, size_t i, struct layernorm_fwd_row row[],
                      const float shift[], const int rows)
{
    const float *src = a->src + i * a->ld_src;
    vf sum[ROWS][PARTS], square[ROWS][PARTS], by[ROWS];
    UNROLL
    for (int r = 0; r < rows; r++) {
        sum[r][0] = sum[r][1] = square[r][0] = square[r][1] = v_zero();
        by[r] = v_set1(shift[r]);
    }
    /* Absent elements are the shift, and d is +0. */
    EACH_PART(
        a->n, UNROLL for (int r = 0; r < rows; r++) {
            const float *x = src + (size_t)r * a->ld_src + at;
            /* The next rows arrive while these, which are in L1 by now, are worked on. */
            __builtin_prefetch(x + (size_t)rows * a->ld_src);
            const vf d = v_sub(rest < VL ? v_load_n(x, rest, shift[r]) : v_load(x), by[r]);
            sum[r][p] = v_add(sum[r][p], d);
            square[r][p] = v_fma(d, d, square[r][p]);
        })
    UNROLL
    for (int r = 0; r < rows; r++)
        row[r] = layernorm_fwd_row(a, i + (size_t)r, shift[r], fold(sum[r]), fold(square[r]));
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
    const int step = rows < SQUARE_ROWS ? rows : SQUARE_ROWS;
    struct layernorm_fwd_row row[ROWS];
    float shift[ROWS];
    shifts(a->src + i * a->ld_src, a->ld_src, a->n, shift, rows);
    UNROLL
    for (int r = 0; r < rows; r += step) squares(a, i + (size_t)r, row + r, shift + r, step);
    normalize(a, i, row, rows);
}

void ISA(layernorm_fwd)(const struct layernorm_fwd *a)
{
    size_t i = 0;
    for (; a->m - i >= ROWS; i += ROWS) take_rows(a, i, ROWS);
    for (; i < a->m; i++) take_rows(a, i, 1);
}
