/* embed_fwd: each token's row of a table, plus the row of its position.
 *
 *   dst[i][j] = wte[token[i]][j] + wpe[i mod period][j]
 *
 * dst     m x n, rows without gaps, any alignment; overlaps nothing.
 * token   m whole numbers from 0 to vocab - 1; others are refused by the threaded call, which then writes
 *         nothing, and asserted by the leaf. Read only.
 * wte     vocab x n, rows without gaps, any alignment; read only.
 * wpe     period x n, rows without gaps, any alignment; read only.
 * m, n    any value; m rows are sequences of `period` tokens one after the other, the last may be cut.
 * vocab, period  at least 1 where m is.
 * Special IEEE 754; which NaN comes out is not specified.
 * Order   one addition an element: every variant returns the same words.
 * Error   |dst - exact| <= u |exact|, u = 2^-24.
 * Cost    m n flops, 4 (m + period) n + 4 m bytes read, 4 m n written.
 * Source  Radford et al., "Language models are unsupervised multitask learners" (GPT-2), 2019.
 */
#ifndef EMBED_FWD_H
#define EMBED_FWD_H

#include <stddef.h>
#include <stdint.h>

#include "../base/status.h"

/* Operands of the spec. k is the vocabulary; the rows are two sequences. */
enum { EMBED_FWD_DST, EMBED_FWD_TOKEN, EMBED_FWD_WTE, EMBED_FWD_WPE };

struct embed_fwd {
    float *dst;
    const int32_t *token;
    const float *wte, *wpe;
    size_t m, n, vocab, period;
};
/* Rows begin .. end - 1. */
typedef void embed_fwd_fn(const struct embed_fwd *a, size_t begin, size_t end);

struct kernel_set;
/* On up to `threads` threads, which start only where they pay. STATUS_DATA where a token is in no row of the
 * table. */
enum status embed_fwd(const struct kernel_set *set, int threads, const struct embed_fwd *a);

#endif
