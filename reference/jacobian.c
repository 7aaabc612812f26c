#include "jacobian.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/perturbed_bfk.h"
#include "base/status.h"
#include "lapack.h"

/* LAPACKE's interface, 32-bit integers. */
enum { COLUMN_MAJOR = 102 };
typedef int dgesdd_fn(int layout, char job, int m, int n, double *a, int lda, double *values,
                      double *u, int ldu, double *vt, int ldvt);

static dgesdd_fn *dgesdd_find(void)
{
    dgesdd_fn *function;
    void *found = lapack_find("LAPACKE_dgesdd");
    memcpy(&function, &found, sizeof found); /* an object pointer, by POSIX a function's too */
    return function;
}

/* Rows of all layers up to `to`, one behind the other, zeros in those that play no part; to be freed. */
static float *plain_weights(const struct jacobian *a)
{
    const struct chain *c = a->chain;
    float *w = calloc(chain_weights(c) + 1, sizeof *w), *to = w;
    if (!w) out_of_memory();
    for (size_t l = 1; l <= a->to; l++) {
        const struct chain_layer *y = &c->layer[l - 1];
        for (size_t p = 0; p < y->k && l > a->from; p++)
            for (size_t j = 0; j < y->n; j++)
                to[p * y->n + j] = y->w[(j / 16 * y->k + p) * 16 + j % 16]; /* dense_pack's order */
        to += y->k * y->n;
    }
    return w;
}

enum status jacobian_singular_values(const struct jacobian *a, double *values)
{
    assert(a->from <= a->to && a->to <= a->chain->depth && a->row < a->chain->m);
    const size_t rows = jacobian_width(a->chain, a->from), cols = jacobian_width(a->chain, a->to);
    if (rows == 0 || cols == 0) return STATUS_OK;
    dgesdd_fn *const dgesdd = dgesdd_find();
    if (!dgesdd)
        return fail(STATUS_UNAVAILABLE,
                    "singular values: no usable liblapacke.so.3 (Debian: liblapacke)");
    float *w = plain_weights(a);
    const struct perturbed_chain model = {.chain = a->chain, .w = w};
    const struct perturbed_jacobians j = {&model, a->acts, a->row, a->from, a->to};
    double *t = perturbed_doubles(perturbed_jacobians_count(&j));
    perturbed_jacobians(&j, t);
    /* By columns it is the transposed matrix, J itself. */
    const int info =
        dgesdd(COLUMN_MAJOR, 'N', (int)cols, (int)rows, t, (int)cols, values, NULL, 1, NULL, 1);
    free(t);
    free(w);
    if (info == 0) return STATUS_OK;
    return fail(STATUS_INTERNAL, "singular values from layer %zu to %zu: dgesdd returned %d",
                a->from, a->to, info);
}
