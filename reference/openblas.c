#include "openblas.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/par.h"

bool openblas_has_room(void)
{
    const size_t buffer = (size_t)128 << 20; /* 0.3.21 on x86-64: one a thread, and one more */
    const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    const long threads = par_max_threads() > cpus ? par_max_threads() : cpus;
    const size_t bytes = buffer * ((size_t)threads + 2); /* with the library itself */
    void *room = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) return false;
    munmap(room, bytes);
    return true;
}
