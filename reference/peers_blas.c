/* OpenBLAS and BLIS through their C interface, loaded at run time. */
#include <assert.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "base/par.h"
#include "peers_run.h"

enum { ROW_MAJOR = 101, NO_TRANS = 111, TRANS = 112 };
typedef void sgemm_fn(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a,
                      int lda, const float *b, int ldb, float beta, float *c, int ldc);
typedef void sgemv_fn(int order, int trans, int m, int n, float alpha, const float *a, int lda,
                      const float *x, int incx, float beta, float *y, int incy);

struct blas {
    const char *name, *file[3];
    const char *threads_symbol, *version_symbol;
    bool wide; /* its number of threads is a 64-bit integer */
    bool tried;
    void *handle;
    sgemm_fn *sgemm;
    sgemv_fn *sgemv;
    void (*set_threads)(int threads);
    void (*set_threads_wide)(long threads);
    char version[160];
};

static struct blas libraries[] = {
    [PEER_OPENBLAS] = {.name = "OpenBLAS",
                       .file = {"libopenblas.so.0", "libopenblas.so"},
                       .threads_symbol = "openblas_set_num_threads",
                       .version_symbol = "openblas_get_config"},
    [PEER_BLIS] = {.name = "BLIS",
                   .file = {"libblis.so.4", "libblis.so"},
                   .threads_symbol = "bli_thread_set_num_threads",
                   .version_symbol = "bli_info_get_version_str",
                   .wide = true},
};

/* A function pointer from dlsym, which returns an object pointer. */
static bool symbol(const struct blas *b, const char *name, void *function)
{
    void *found = dlsym(b->handle, name);
    memcpy(function, &found, sizeof found);
    return found != NULL;
}

static void load(struct blas *b)
{
    b->tried = true;
    for (size_t i = 0; i < sizeof b->file / sizeof *b->file && !b->handle; i++)
        if (b->file[i]) b->handle = dlopen(b->file[i], RTLD_NOW | RTLD_LOCAL);
    if (!b->handle) return;
    const char *(*version)(void) = NULL;
    const bool whole = symbol(b, "cblas_sgemm", &b->sgemm) && symbol(b, "cblas_sgemv", &b->sgemv) &&
                       (b->wide ? symbol(b, b->threads_symbol, &b->set_threads_wide)
                                : symbol(b, b->threads_symbol, &b->set_threads));
    if (!whole) {
        dlclose(b->handle);
        b->handle = NULL;
        return;
    }
    const char *text = symbol(b, b->version_symbol, &version) ? version() : "of unknown version";
    const size_t skip = strncmp(text, b->name, strlen(b->name)) == 0 ? strlen(b->name) + 1 : 0;
    snprintf(b->version, sizeof b->version, "%s %s", b->name, text + skip);
}

const struct blas *blas_of(enum peer peer)
{
    struct blas *b = &libraries[peer];
    if (!b->tried) load(b);
    if (b->handle) return b;
    fail(STATUS_UNAVAILABLE, "%s is not installed: no usable %s", b->name, b->file[0]);
    return NULL;
}

const char *blas_version(enum peer peer)
{
    const struct blas *b = blas_of(peer);
    return b ? b->version : "none";
}

static void forward(const struct blas *b, const struct dense *d, int threads)
{
    const int m = (int)d->m, n = (int)d->n, k = (int)d->k;
    const float beta = d->bias ? 1.0f : 0.0f;
    if (d->bias)
        for (size_t i = 0; i < d->m; i++)
            memcpy(d->out + i * d->ld_out, d->bias, d->n * sizeof(float));
    if (m == 1)
        b->sgemv(ROW_MAJOR, TRANS, k, n, 1.0f, d->w, (int)d->ld_w, d->in, 1, beta, d->out, 1);
    else
        b->sgemm(ROW_MAJOR, NO_TRANS, NO_TRANS, m, n, k, 1.0f, d->in, (int)d->ld_in, d->w,
                 (int)d->ld_w, beta, d->out, (int)d->ld_out);
    if (d->relu) relu_rows(threads, d->out, d->ld_out, d->m, d->n);
}

static void data(const struct blas *b, const struct dense *d, int threads)
{
    const int m = (int)d->m, n = (int)d->n, k = (int)d->k;
    if (m == 1)
        b->sgemv(ROW_MAJOR, NO_TRANS, k, n, 1.0f, d->w, (int)d->ld_w, d->in, 1, 0.0f, d->out, 1);
    else
        b->sgemm(ROW_MAJOR, NO_TRANS, TRANS, m, k, n, 1.0f, d->in, (int)d->ld_in, d->w,
                 (int)d->ld_w, 0.0f, d->out, (int)d->ld_out);
    if (d->act)
        mask_rows(threads, d->out, d->ld_out, d->out, d->ld_out, d->act, d->ld_out, d->m, d->k);
}

static void weights(const struct blas *b, const struct dense *d, int threads, float *space)
{
    const int m = (int)d->m, n = (int)d->n, k = (int)d->k;
    const float beta = d->accumulate ? 1.0f : 0.0f;
    const float *ones = space, *grad = d->w;
    size_t ld = d->ld_w;
    if (d->act) {
        float *masked = space + d->m;
        mask_rows(threads, masked, d->n, d->w, d->ld_w, d->act, d->ld_w, d->m, d->n);
        grad = masked;
        ld = d->n;
    }
    b->sgemm(ROW_MAJOR, TRANS, NO_TRANS, k, n, m, 1.0f, d->in, (int)d->ld_in, grad, (int)ld, beta,
             d->out, (int)d->ld_out);
    if (d->db) b->sgemv(ROW_MAJOR, TRANS, m, n, 1.0f, grad, (int)ld, ones, 1, beta, d->db, 1);
}

void blas_exec(struct peer_run *run)
{
    const struct blas *b = run->blas;
    const struct dense *d = &run->d;
    const int former = par_set_threads(run->threads);
    if (b->wide)
        b->set_threads_wide(run->threads);
    else
        b->set_threads(run->threads);
    if (d->op == DENSE_FORWARD) forward(b, d, run->threads);
    if (d->op == DENSE_DATA) data(b, d, run->threads);
    if (d->op == DENSE_WEIGHTS) weights(b, d, run->threads, run->space);
    par_set_threads(former);
}
