/* strides: where the rows of a tensor of batch x heads x rows lie, as attention has them. */
#ifndef BASE_STRIDES_H
#define BASE_STRIDES_H

#include <stddef.h>

/* In floats, from one row, head or batch element to the next. */
struct strides {
    size_t row, head, batch;
};

/* Row i of head `at`, heads counted through all batch elements. */
static inline size_t strides_at(struct strides s, size_t heads, size_t at, size_t i)
{
    return at / heads * s.batch + at % heads * s.head + i * s.row;
}

#endif
