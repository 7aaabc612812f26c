/* pieces: how blocks are cut: no piece is much smaller than the others. */
#ifndef SIMD_PIECES_H
#define SIMD_PIECES_H

#include <stddef.h>

/* How many pieces of at most `most` make `count`. */
static inline size_t pieces_of(size_t count, size_t most)
{
    return (count + most - 1) / most;
}
/* The size of piece i when `count` is dealt out evenly. */
static inline size_t piece_size(size_t count, size_t pieces, size_t i)
{
    return count / pieces + (i < count % pieces);
}
/* Where piece i begins. */
static inline size_t piece_begin(size_t count, size_t pieces, size_t i)
{
    const size_t more = count % pieces;
    return i * (count / pieces) + (i < more ? i : more);
}

#endif
