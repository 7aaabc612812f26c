#include "peers.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "dense_bwd_data/dense_bwd_data.h"
#include "dense_bwd_weights/dense_bwd_weights.h"
#include "dense_fwd/dense_fwd.h"
#include "peers_run.h"

/* The passes around a library's product get the widest vectors that this CPU has, as the products
 * do. */
#define CLONES __attribute__((target_clones("default", "avx2", "avx512f")))
enum { PASS_GRAIN = 32768 }; /* elements worth a thread */

struct pass {
    float *dst;
    const float *src, *act;
    size_t ld_dst, ld_src, ld_act, cols;
};

CLONES static void relu_row(float *dst, size_t n)
{
    for (size_t i = 0; i < n; i++) dst[i] = dst[i] < 0.0f ? 0.0f : dst[i];
}

CLONES static void mask_row(float *dst, const float *src, const float *act, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float kept = src[i];
        dst[i] = act[i] <= 0.0f ? 0.0f : kept;
    }
}

static void relu_range(size_t begin, size_t end, void *ctx)
{
    const struct pass *p = ctx;
    for (size_t i = begin; i < end; i++) relu_row(p->dst + i * p->ld_dst, p->cols);
}

static void mask_range(size_t begin, size_t end, void *ctx)
{
    const struct pass *p = ctx;
    for (size_t i = begin; i < end; i++)
        mask_row(p->dst + i * p->ld_dst, p->src + i * p->ld_src, p->act + i * p->ld_act, p->cols);
}

void relu_rows(int threads, float *dst, size_t ld, size_t rows, size_t cols)
{
    struct pass p = {.dst = dst, .ld_dst = ld, .cols = cols};
    par_for(threads, rows, PASS_GRAIN / (cols ? cols : 1) + 1, relu_range, &p);
}

void mask_rows(int threads, float *dst, size_t ld_dst, const float *src, size_t ld_src,
               const float *act, size_t ld_act, size_t rows, size_t cols)
{
    struct pass p = {dst, src, act, ld_dst, ld_src, ld_act, cols};
    par_for(threads, rows, PASS_GRAIN / (cols ? cols : 1) + 1, mask_range, &p);
}

const char *peer_name(enum peer peer)
{
    static const char *const names[PEER_COUNT] = {"openblas", "blis", "libxsmm"};
    return names[peer];
}

const char *peer_version(enum peer peer)
{
    return peer == PEER_XSMM ? xsmm_version() : blas_version(peer);
}

bool peer_here(enum peer peer)
{
    return strcmp(peer_version(peer), "none") != 0;
}

const char *peer_held_by(enum peer peer)
{
    static const char *const names[PEER_COUNT] = {"OPENBLAS_CORETYPE", "BLIS_ARCH_TYPE",
                                                  "LIBXSMM_TARGET"};
    return getenv(names[peer]) ? names[peer] : NULL;
}

static struct dense forward_of(const struct shape *s, void *const buf[])
{
    return (struct dense){
        .op = DENSE_FORWARD,
        .in = buf[DENSE_FWD_SRC],
        .w = buf[DENSE_FWD_W],
        .out = buf[DENSE_FWD_DST],
        .bias = s->flags & DENSE_FWD_FLAG_NOBIAS ? NULL : buf[DENSE_FWD_BIAS],
        .relu = s->flags & DENSE_FWD_FLAG_RELU,
        .ld_in = s->k + s->pad,
        .ld_out = s->n + s->pad,
    };
}

static struct dense data_of(const struct shape *s, void *const buf[])
{
    return (struct dense){
        .op = DENSE_DATA,
        .in = buf[DENSE_BWD_DATA_DDST],
        .w = buf[DENSE_BWD_DATA_W],
        .out = buf[DENSE_BWD_DATA_DSRC],
        .act = s->flags & DENSE_BWD_DATA_FLAG_MASK ? buf[DENSE_BWD_DATA_ACT] : NULL,
        .ld_in = s->n + s->pad,
        .ld_out = s->k + s->pad,
    };
}

static struct dense weights_of(const struct shape *s, void *const buf[])
{
    return (struct dense){
        .op = DENSE_WEIGHTS,
        .in = buf[DENSE_BWD_WEIGHTS_SRC],
        .w = buf[DENSE_BWD_WEIGHTS_DDST],
        .out = buf[DENSE_BWD_WEIGHTS_DW],
        .db = s->flags & DENSE_BWD_WEIGHTS_FLAG_NOBIAS ? NULL : buf[DENSE_BWD_WEIGHTS_DB],
        .act = s->flags & DENSE_BWD_WEIGHTS_FLAG_MASK ? buf[DENSE_BWD_WEIGHTS_ACT] : NULL,
        .accumulate = s->flags & DENSE_BWD_WEIGHTS_FLAG_ACCUMULATE,
        .ld_in = s->k + s->pad,
        .ld_out = s->n + s->pad,
    };
}

enum status peer_space(struct peer_run *run, size_t floats)
{
    const enum status status =
        arena_open(&run->arena, arena_bytes(floats, sizeof(float)), peer_name(run->peer));
    if (status == STATUS_OK) run->space = arena_take(&run->arena, floats, sizeof(float));
    return status;
}

/* A row of ones for the bias gradient, then room for the masked gradient. */
static enum status blas_open(struct peer_run *run)
{
    const struct dense *d = &run->d;
    run->blas = blas_of(run->peer);
    if (!run->blas) return STATUS_UNAVAILABLE;
    if (d->op != DENSE_WEIGHTS) return STATUS_OK;
    const enum status status = peer_space(run, d->m + (d->act ? d->m * d->n : 0));
    if (status != STATUS_OK) return status;
    for (size_t i = 0; i < d->m; i++) run->space[i] = 1.0f;
    return STATUS_OK;
}

static const struct {
    const char *kernel;
    struct dense (*dense)(const struct shape *s, void *const buf[]);
} operations[] = {
    {"dense_fwd", forward_of}, {"dense_bwd_data", data_of}, {"dense_bwd_weights", weights_of}};
enum { OPERATIONS = sizeof operations / sizeof *operations };

static size_t operation(const char *kernel)
{
    size_t i = 0;
    while (i < OPERATIONS && strcmp(kernel, operations[i].kernel) != 0) i++;
    return i;
}

bool peer_has(const char *kernel)
{
    return operation(kernel) < OPERATIONS;
}

enum status peer_open(struct peer_run **out, enum peer peer, const char *kernel,
                      const struct shape *s, void *const buf[], int threads)
{
    *out = NULL;
    if (!peer_has(kernel))
        return fail(STATUS_UNAVAILABLE, "%s: %s is compared on dense layers only", kernel,
                    peer_name(peer));
    if (s->m == 0 || s->n == 0 || s->k == 0)
        return fail(STATUS_UNAVAILABLE, "%s: %s is not asked for an empty operand", kernel,
                    peer_name(peer));
    if (s->m > INT_MAX || s->n + s->pad > INT_MAX || s->k + s->pad > INT_MAX)
        return fail(STATUS_UNAVAILABLE, "%s: %s counts in 32 bits", kernel, peer_name(peer));
    struct dense d = operations[operation(kernel)].dense(s, buf);
    d.m = s->m, d.n = s->n, d.k = s->k, d.ld_w = s->n + s->pad;
    struct peer_run *run = calloc(1, sizeof *run);
    if (!run) return fail(STATUS_OS, "%s: no memory", kernel);
    *run = (struct peer_run){.peer = peer, .threads = threads, .d = d};
    const enum status status = peer == PEER_XSMM ? xsmm_open(run) : blas_open(run);
    if (status == STATUS_OK)
        *out = run;
    else
        peer_close(run);
    return status;
}

enum status peer_copy(struct peer_run *run, size_t copies, size_t stride)
{
    const struct arena own = run->arena;
    run->stride = stride;
    if (own.used == 0) return STATUS_OK;
    const enum status status = arena_open(&run->arena, own.used * copies, peer_name(run->peer));
    for (size_t c = 0; status == STATUS_OK && c < copies; c++)
        memcpy(arena_take(&run->arena, own.used, 1), own.base, own.used);
    run->space = (float *)run->arena.base;
    run->space_stride = own.used;
    arena_close(&(struct arena){own.base, own.size, own.used});
    return status;
}

/* NULL, no such operand, stays NULL. */
static void *shifted(const void *at, ptrdiff_t bytes)
{
    return at ? (char *)at + bytes : NULL;
}

void peer_use(struct peer_run *run, size_t copy)
{
    struct dense *d = &run->d;
    if (copy == run->copy) return;
    const ptrdiff_t by = (ptrdiff_t)copy - (ptrdiff_t)run->copy;
    const ptrdiff_t bytes = by * (ptrdiff_t)run->stride;
    d->in = shifted(d->in, bytes);
    d->w = shifted(d->w, bytes);
    d->out = shifted(d->out, bytes);
    d->bias = shifted(d->bias, bytes);
    d->db = shifted(d->db, bytes);
    d->act = shifted(d->act, bytes);
    run->space = shifted(run->space, by * (ptrdiff_t)run->space_stride);
    run->copy = copy;
}

void peer_exec(struct peer_run *run)
{
    if (run->peer == PEER_XSMM)
        xsmm_exec(run);
    else
        blas_exec(run);
}

void peer_close(struct peer_run *run)
{
    if (!run) return;
    if (run->xsmm) xsmm_close(run);
    arena_close(&run->arena);
    free(run);
}
