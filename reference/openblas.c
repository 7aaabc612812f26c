#include "openblas.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/par.h"

bool openblas_has_room(void)
{
    const size_t buffer = (size_t)128 << 20; /* 0.3.21 on x86-64: one a thread, and one more */
    const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    const long threads = par_max_threads() > cpus ? par_max_threads() : cpus;
    return arena_addressable(buffer * ((size_t)threads + 2)); /* with the library itself */
}
