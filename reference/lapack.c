#include "lapack.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "openblas.h"

static void *library;

static void load(void)
{
    static const char *const files[] = {"liblapacke.so.3", "liblapacke.so"};
    if (!openblas_has_room()) return;
    for (size_t i = 0; i < sizeof files / sizeof *files && !library; i++)
        library = dlopen(files[i], RTLD_NOW | RTLD_LOCAL);
}

void *lapack_find(const char *function)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return library ? dlsym(library, function) : NULL;
}

void lapack_serial(void)
{
    void (*set)(int);
    void *found = lapack_find("openblas_set_num_threads");
    memcpy(&set, &found, sizeof found); /* an object pointer, by POSIX a function's too */
    if (set) set(1);
}
