/* A build without LAPACKE. */
#include "jacobian.h"

enum status jacobian_singular_values(const struct jacobian *a, double *values)
{
    (void)a, (void)values;
    return fail(STATUS_UNAVAILABLE,
                "singular values: this build has no LAPACKE (Debian: liblapacke-dev)");
}
