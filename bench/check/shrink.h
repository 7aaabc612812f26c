/* shrink: the smallest case that still fails, by deterministic delta debugging: sizes first, then flags, scale and shared
 * memory, then the fill, the threads, the place in memory. */
#ifndef CHECK_SHRINK_H
#define CHECK_SHRINK_H

#include "draw.h"

/* d fails and is made smaller as long as fails(d, ctx): in the end it holds of no size one less, and of those
 * below 65 of none smaller. Returns the number of trials, `most` at the most. */
size_t shrink_case(struct drawn *d, size_t most, bool (*fails)(const struct drawn *d, void *ctx),
                   void *ctx);

#endif
