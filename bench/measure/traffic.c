#include "traffic.h"

#include <math.h>

struct traffic traffic_of(const struct kernel_spec *spec, const struct shape *shape)
{
    struct operand op[OPERANDS_MAX];
    const size_t count = spec->operands(shape, op);
    const double bytes = spec->bytes(shape);
    double fresh = 0.0, updated = 0.0;
    for (size_t o = 0; o < count; o++) {
        /* In doubles: shapes may be absurd. */
        const double size = (double)op[o].rows * (double)op[o].cols * (double)operand_size(&op[o]);
        if (op[o].role == ROLE_OUT) fresh += size;
        if (op[o].role == ROLE_INOUT) updated += size;
    }
    /* What is updated is read as often; of a table a kernel may update some rows. A spec may leave out a
     * handful of results. */
    updated = fmin(updated, fmax(bytes - fresh, 0.0) / 2.0);
    const double written = fmin(fresh + updated, bytes);
    return (struct traffic){.flops = spec->flops(shape),
                            .read = bytes - written,
                            .written = written,
                            .held = bytes - fmin(updated, bytes - written),
                            .in_place = updated > fresh};
}
