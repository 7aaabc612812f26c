#include "placement.h"

#include <assert.h>

size_t placement_offset(size_t k, size_t o, const struct operand *op)
{
    static const size_t line[] = {0, 4, 32, 60}, page[] = {0, 64, 2048, 4032};
    assert(k < PLACEMENTS);
    const size_t a = k % 4, b = k / 4;
    const size_t at = line[(a + o * b) % 4] + page[(b + a + 3 * o * a) % 4]; /* 3 is -1 */
    return at - at % operand_size(op);
}
