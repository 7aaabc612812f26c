/* OpenBLAS and BLIS through their C interface, loaded at run time. */
#include <assert.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/par.h"
#include "openblas.h"
#include "peers_run.h"

enum { ROW_MAJOR = 101, NO_TRANS = 111, TRANS = 112 };
typedef void sgemm_fn(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a,
                      int lda, const float *b, int ldb, float beta, float *c, int ldc);
typedef void sgemv_fn(int order, int trans, int m, int n, float alpha, const float *a, int lda,
                      const float *x, int incx, float beta, float *y, int incy);

struct blas {
    const char *name, *file[3], *package;
    const char *threads_symbol;
    bool wide; /* its number of threads is a 64-bit integer */
    bool tried, crammed;
    void *handle;
    sgemm_fn *sgemm;
    sgemv_fn *sgemv;
    void (*set_threads)(int threads);
    void (*set_threads_wide)(long threads);
    int threads; /* as last set */
    char version[PEER_TEXT];
};

static struct blas libraries[] = {
    [PEER_OPENBLAS] = {.name = "OpenBLAS",
                       .file = {"libopenblas.so.0", "libopenblas.so"},
                       .package = "libopenblas0-openmp",
                       .threads_symbol = "openblas_set_num_threads"},
    [PEER_BLIS] = {.name = "BLIS",
                   .file = {"libblis.so.4", "libblis.so"},
                   .package = "libblis4-openmp",
                   .threads_symbol = "bli_thread_set_num_threads",
                   .wide = true},
};

/* A function pointer from dlsym, which returns an object pointer. */
static bool symbol(const struct blas *b, const char *name, void *function)
{
    void *found = dlsym(b->handle, name);
    memcpy(function, &found, sizeof found);
    return found != NULL;
}

/* Which kernels BLIS has chosen, -1 where it does not say. Asked before its start it would abort
 * over a BLIS_ARCH_TYPE. */
static int blis_arch(const struct blas *b)
{
    void (*start)(void) = NULL;
    int (*query)(void) = NULL;
    if (!symbol(b, "bli_init", &start) || !symbol(b, "bli_arch_query_id", &query)) return -1;
    start();
    return query();
}

/* "OpenBLAS 0.3.21 SkylakeX openmp": the release, the kernels it runs here, its threads. */
static void describe_openblas(struct blas *b)
{
    static const char *const how[] = {"sequential", "pthread", "openmp"};
    char *(*config)(void) = NULL, *(*core)(void) = NULL, release[32] = "of unknown version";
    int (*parallel)(void) = NULL;
    if (symbol(b, "openblas_get_config", &config)) sscanf(config(), "OpenBLAS %31s", release);
    const int p = symbol(b, "openblas_get_parallel", &parallel) ? parallel() : -1;
    snprintf(b->version, sizeof b->version, "OpenBLAS %s %s %s", release,
             symbol(b, "openblas_get_corename", &core) ? core() : "unknown core",
             p >= 0 && p < 3 ? how[p] : "unknown threads");
}

static void describe_blis(struct blas *b)
{
    const char *(*release)(void) = NULL, *(*arch)(int id) = NULL;
    long (*openmp)(void) = NULL, (*pthread)(void) = NULL;
    const int id = blis_arch(b);
    const bool known = id >= 0 && symbol(b, "bli_arch_string", &arch);
    const bool omp = symbol(b, "bli_info_get_enable_openmp", &openmp) && openmp();
    const bool posix = symbol(b, "bli_info_get_enable_pthreads", &pthread) && pthread();
    snprintf(b->version, sizeof b->version, "BLIS %s %s %s",
             symbol(b, "bli_info_get_version_str", &release) ? release() : "of unknown version",
             known ? arch(id) : "unknown core",
             omp     ? "openmp"
             : posix ? "pthread"
                     : "sequential");
}

static void find(struct blas *b)
{
    for (size_t i = 0; i < sizeof b->file / sizeof *b->file && !b->handle; i++)
        if (b->file[i]) b->handle = dlopen(b->file[i], RTLD_NOW | RTLD_LOCAL);
}

/* BLIS 0.9 takes CPUs that are younger than it for the "generic" one, with kernels in plain C: it is
 * told to take those of the vectors that are here, which only its start looks at. */
static void wake_blis(struct blas *b)
{
    const char *const want = cpu_features()->avx512 ? "skx" : "haswell";
    const char *(*name)(int id) = NULL;
    int id = 0;
    char text[16];
    if (!cpu_features()->avx2 || getenv("BLIS_ARCH_TYPE")) return;
    const int chosen = blis_arch(b);
    if (chosen < 0 || !symbol(b, "bli_arch_string", &name)) return;
    if (strcmp(name(chosen), "generic") != 0) return;
    while (id < chosen && strcmp(name(id), want) != 0) id++;
    if (id == chosen) return;
    snprintf(text, sizeof text, "%d", id);
    dlclose(b->handle);
    b->handle = NULL;
    setenv("BLIS_ARCH_TYPE", text, 1);
    find(b);
    if (b->handle) blis_arch(b);
    unsetenv("BLIS_ARCH_TYPE");
}

static void load(struct blas *b)
{
    b->tried = true;
    b->crammed = !b->wide && !openblas_has_room();
    if (!b->crammed) find(b);
    if (b->handle && b->wide) wake_blis(b);
    if (!b->handle) return;
    const bool whole = symbol(b, "cblas_sgemm", &b->sgemm) && symbol(b, "cblas_sgemv", &b->sgemv) &&
                       (b->wide ? symbol(b, b->threads_symbol, &b->set_threads_wide)
                                : symbol(b, b->threads_symbol, &b->set_threads));
    if (!whole) {
        dlclose(b->handle);
        b->handle = NULL;
        return;
    }
    if (b->wide)
        describe_blis(b);
    else
        describe_openblas(b);
}

struct blas *blas_of(enum peer peer)
{
    struct blas *b = &libraries[peer];
    if (!b->tried) load(b);
    if (b->handle) return b;
    if (b->crammed) {
        fail(STATUS_OS, "%s would not get the memory that it asks for", b->name);
        return NULL;
    }
    fail(STATUS_UNAVAILABLE, "%s is not installed: no usable %s (Debian: %s)", b->name, b->file[0],
         b->package);
    return NULL;
}

const char *blas_version(enum peer peer)
{
    const struct blas *b = blas_of(peer);
    return b ? b->version : "none";
}

/* Told only of a change: the call may take a lock. */
static void set_threads(struct blas *b, int threads)
{
    if (b->threads == threads) return;
    b->threads = threads;
    if (b->wide)
        b->set_threads_wide(threads);
    else
        b->set_threads(threads);
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
    struct blas *b = run->blas;
    const struct dense *d = &run->d;
    const int former = par_set_threads(run->threads);
    set_threads(b, run->threads);
    if (d->op == DENSE_FORWARD) forward(b, d, run->threads);
    if (d->op == DENSE_DATA) data(b, d, run->threads);
    if (d->op == DENSE_WEIGHTS) weights(b, d, run->threads, run->space);
    par_set_threads(former);
}
