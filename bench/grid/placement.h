/* placement: where the operands of a sweep over placements begin.
 *
 * Times hang on two things: whether an access crosses a cache line (the operand's start modulo 64), and which operands
 * share the twelve low bits of an address, by which a load is taken to wait for a store (the distance of two starts
 * modulo 4096). Operand o begins in placement k, of PLACEMENTS = 16, at
 *
 *     line[(a + o b) mod 4] + page[(b + (1 - o) a) mod 4],   a = k mod 4, b = k / 4,
 *     line = 0, 4, 32, 60    page = 0, 64, 2048, 4032
 *
 * modulo 4096, rounded down to a whole element. So each operand stands at every pair of a line's and a page's offset
 * once, and of two that follow one another every step along the lines meets every step along the pages. In placement
 * 0 all begin a page. Contracts let every operand have any alignment, packed ones too.
 */
#ifndef GRID_PLACEMENT_H
#define GRID_PLACEMENT_H

#include "kernel.h"

enum { PLACEMENTS = 16, PLACEMENT_PAGE = 4096 };

/* Bytes, below PLACEMENT_PAGE. */
size_t placement_offset(size_t placement, size_t operand, const struct operand *op);

#endif
