/* attn_fwd: scaled dot-product attention of many heads, full or causal, the scores never in memory.
 *
 *   s_ij = scale q_i . k_j;   p_ij = exp(s_ij - m_i);   l_i = sum over j of p_ij
 *   o_i = (sum over j of p_ij v_j) / l_i;   lse_i = m_i + ln l_i            j < t, with causal j <= i
 *
 * o       batch x heads x t x d: row i of a head at the strides o_by, any alignment. Overlaps nothing.
 * lse     batch x heads x t floats, without gaps: what attn_bwd needs of the softmax. NULL where it is not needed.
 * q, k, v as o, at the strides q_by, k_by, v_by; read only, may be the same memory. GPT-2's (batch, t, 3 heads d)
 *         is three pointers into one array with row = 3 heads d, head = d, batch = t row.
 * batch, heads, t   any value.
 * d       0 to ATTN_FWD_D.
 * scale   any float; 1 / sqrt(d) is the usual.
 * Special a row that has a score of NaN or +inf is NaN, and so is its lse. A score of -inf weighs 0, which times
 *         an infinite or NaN v is NaN; where all are -inf the row is NaN and lse -inf. A masked key or value is
 *         not read into any result, whatever it is. Scores of any finite size are fine.
 * Order   part of the contract. q' = scale q is rounded once. Key blocks of ATTN_FWD_KEYS keys, ascending from key
 *         0; in each block, for the keys that row i sees:
 *           s_j = +0, then s_j = fma(q'_p, k_jp, s_j) for p = 0 .. d-1;   m' = m, then m' = s_j > m' ? s_j : m'
 *           a = exp(m - m'), l = l a, acc_c = acc_c a;   then, j ascending:
 *           p_j = exp(s_j - m'), l = l + p_j, acc_c = fma(p_j, v_jc, acc_c);   m = m'
 *         from m = -FLT_MAX, l = +0, acc = +0. Last r = 1 / l, o_c = acc_c r, lse = m + ln l. exp and ln are those
 *         of simd/vec_math.h. The same words whatever the layout, the threads and the variant.
 * Error   u = 2^-24, gamma_n = n u / (1 - n u), B = ceil(t / ATTN_FWD_KEYS). A score is off by at most
 *           e_j = gamma_{d+1} |scale| |q| |k_j| + 2^-149 (sqrt(d) |k_j| + d)                  (Euclidean norms).
 *         With g_j the distance to the largest score, whose e is e_top, the weight z_j = e^-g_j becomes
 *         z_j e^(+-x_j),
 *           x_j = e_j + e_top + u (g_j + 6 max e) + 4 B u: the exponents' roundings telescope over the blocks, and
 *         each of up to B factors is off by 0.9 ULP. Sums then err as sums of t + B steps do:
 *           |o' - o| <= (sum z_j (e^x_j - 1) |v_j - o| + gamma_{2(t+B)+3} sum z_j e^x_j |v_j|) / sum z_j e^-x_j,
 *         but for roundings o' also stays within the range of those v_j that may weigh anything, however large e is.
 *           |lse' - lse| <= e_top + sum z_j (e^x_j - 1) / sum z_j e^-x_j + gamma_{t+B} + 4 u (|m| + ln t + 1).
 *         Weights below 2^-126 may be lost (they are under FTZ). Where a score can reach FLT_MAX, or sum |v_j|,
 *         nothing is promised but the same words.
 * Cost    4 d flops for each pair of a query and a key that it sees, and an exp; q, k, v read and o written once
 *         as far as the caches hold the keys and values of a head.
 * Source  the online softmax of Milakov and Gimelshein (arXiv:1805.02867), blocks as in FlashAttention
 *         (arXiv:2205.14135).
 */
#ifndef ATTN_FWD_H
#define ATTN_FWD_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/strides.h"

/* Operands of the spec. m is the batch, n is t, k is d. Flags: causal, packed (q, k and v in the rows of
 * one array), lse. */
enum { ATTN_FWD_O, ATTN_FWD_LSE, ATTN_FWD_Q, ATTN_FWD_K, ATTN_FWD_V };
enum { ATTN_FWD_FLAG_CAUSAL = 1, ATTN_FWD_FLAG_PACKED = 2, ATTN_FWD_FLAG_LSE = 4 };

enum {
    ATTN_FWD_D = 1024,
    ATTN_FWD_KEYS = 64,     /* of a block */
    ATTN_FWD_QUERIES = 128, /* of a unit of work */
};

struct attn_fwd {
    float *o, *lse;
    const float *q, *k, *v;
    struct strides o_by, q_by, k_by, v_by;
    size_t batch, heads, t, d;
    float scale;
    bool causal;
};

/* Units of work, ATTN_FWD_QUERIES queries of one head each: any range of them can be computed alone. */
static inline size_t attn_fwd_units(const struct attn_fwd *a)
{
    return a->batch * a->heads * ((a->t + ATTN_FWD_QUERIES - 1) / ATTN_FWD_QUERIES);
}

/* The head and the first query of a unit. Within a head they go last, first, last but one, ...: neighbours together
 * see as many keys as any others. */
struct attn_fwd_unit {
    size_t head, query;
};
static inline struct attn_fwd_unit attn_fwd_unit(const struct attn_fwd *a, size_t unit)
{
    const size_t blocks = (a->t + ATTN_FWD_QUERIES - 1) / ATTN_FWD_QUERIES, i = unit % blocks;
    const size_t block = i % 2 ? i / 2 : blocks - 1 - i / 2;
    return (struct attn_fwd_unit){unit / blocks, block * ATTN_FWD_QUERIES};
}

typedef void attn_fwd_fn(const struct attn_fwd *a, size_t begin, size_t end);

struct kernel_set;
/* All units on up to `threads` threads, which start only where they pay. */
void attn_fwd(const struct kernel_set *set, int threads, const struct attn_fwd *a);

#endif
