#include "twin.h"

#include <string.h>

#define X(kernel) extern const struct twin kernel##_twin;
KERNELS(X)
COMPOSED(X)
#undef X

#define X(kernel) {#kernel, &kernel##_twin},
static const struct {
    const char *kernel;
    const struct twin *twin;
} twins[] = {KERNELS(X) COMPOSED(X)};
#undef X

const struct twin *twin_of(const char *kernel)
{
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
        if (strcmp(twins[i].kernel, kernel) == 0) return twins[i].twin;
    return NULL;
}

const char *form_name(enum form form)
{
    static const char *const names[FORM_COUNT] = {"plain", "packed", "matmul", "mmpack"};
    return names[form];
}
