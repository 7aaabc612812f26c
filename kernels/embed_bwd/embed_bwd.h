/* embed_bwd: the gradients of embed_fwd's tables, added to what they hold.
 *
 *   dwte[token[i]][j] += ddst[i][j],  dwpe[i mod period][j] += ddst[i][j]
 *
 * dwte    vocab x n, rows without gaps, any alignment; overlaps nothing. Rows of no token keep their words.
 * dwpe    period x n, rows without gaps, any alignment; overlaps nothing.
 * ddst    m x n, rows without gaps, any alignment; read only.
 * token   m whole numbers from 0 to vocab - 1; others are refused by the threaded call, which then writes
 *         nothing, and asserted by the leaf. Read only.
 * m, n    any value.
 * vocab, period  at least 1 where m is.
 * Special IEEE 754; which NaN comes out is not specified.
 * Order   part of the contract: an element takes its rows of ddst one by one, i upwards. Threads own columns, so
 *         none waits for another, and the words depend neither on their number nor on the lane.
 * Error   of an element that takes c rows: |result - exact| <= gamma_c (|old| + sum |ddst|),
 *         gamma_c = c u / (1 - c u), u = 2^-24.
 * Cost    2 m n flops, 4 (2 m + period) n + 4 m bytes read, 4 (m + period) n written, fewer where tokens repeat.
 * Source  Radford et al., "Language models are unsupervised multitask learners" (GPT-2), 2019.
 */
#ifndef EMBED_BWD_H
#define EMBED_BWD_H

#include <stddef.h>
#include <stdint.h>

#include "../base/status.h"

/* Operands of the spec. k is the vocabulary; the rows are two sequences. */
enum { EMBED_BWD_DWTE, EMBED_BWD_DWPE, EMBED_BWD_DDST, EMBED_BWD_TOKEN };

struct embed_bwd {
    float *dwte, *dwpe;
    const float *ddst;
    const int32_t *token;
    size_t m, n, vocab, period;
};
/* Columns begin .. end - 1 of all rows. */
typedef void embed_bwd_fn(const struct embed_bwd *a, size_t begin, size_t end);

struct kernel_set;
/* On up to `threads` threads, which start only where they pay. STATUS_DATA where a token is in no row of the
 * table. */
enum status embed_bwd(const struct kernel_set *set, int threads, const struct embed_bwd *a);

#endif
