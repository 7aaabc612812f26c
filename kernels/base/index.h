/* index: numbers that choose among so many rows or classes. */
#ifndef BASE_INDEX_H
#define BASE_INDEX_H

#include <stddef.h>
#include <stdint.h>

/* The first of `count` that is not from 0 to below - 1; count where all are. */
static inline size_t index_outside(const int32_t *index, size_t count, size_t below)
{
    size_t i = 0;
    while (i < count && index[i] >= 0 && (size_t)index[i] < below) i++;
    return i;
}

#endif
