#include "least_squares.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "lapack.h"

enum { ROW_MAJOR = 101 };
typedef int dgelsy_fn(int layout, int m, int n, int nrhs, double *a, int lda, double *b, int ldb,
                      int *pivot, double rcond, int *rank);

static dgelsy_fn *dgelsy;

static void load(void)
{
    void *found = lapack_find("LAPACKE_dgelsy");
    memcpy(&dgelsy, &found, sizeof found); /* an object pointer, by POSIX a function's too */
    lapack_serial();
}

enum status least_squares(double *a, double *b, size_t m, size_t n)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    assert(m <= INT_MAX && n <= INT_MAX);
    pthread_once(&once, load);
    if (!dgelsy)
        return fail(STATUS_UNAVAILABLE,
                    "least squares: no usable liblapacke.so.3 (Debian: liblapacke)");
    if (m < n) memset(b + m, 0, (n - m) * sizeof *b); /* LAPACKE looks for NaN in the room too */
    if (m == 0 || n == 0) return STATUS_OK;
    int rank = 0, *pivot = calloc(n, sizeof *pivot);
    if (!pivot) return fail(STATUS_OS, "least squares: no memory for %zu unknowns", n);
    const int former = par_set_threads(1);
    const double least = (double)(m > n ? m : n) * 0x1p-52;
    const int info = dgelsy(ROW_MAJOR, (int)m, (int)n, 1, a, (int)n, b, 1, pivot, least, &rank);
    par_set_threads(former);
    free(pivot);
    if (info == 0) return STATUS_OK;
    return fail(STATUS_INTERNAL, "least squares of %zu equations, %zu unknowns: dgelsy returned %d",
                m, n, info);
}
