/* libxsmm 1.17: batch-reduce products of row blocks with packed blocks of weights. It counts column
 * by column, so what is src w here is transpose(w) transpose(src) there, on the same words. */
#include <libxsmm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/par.h"
#include "peers_run.h"

enum { DEPTH = 64, ROWS = 32 }; /* a block of weights is DEPTH x 32 or 64 floats: 8 or 16 KiB */

/* [full or last block of columns][full or last block of rows] */
struct xsmm {
    size_t rows, cols, depth; /* of the product: out rows x cols, summed over depth */
    size_t width;             /* columns a block */
    libxsmm_smmfunction_reducebatch_strd batch[2][2]; /* the whole blocks of depth */
    libxsmm_smmfunction rest[2][2];                   /* depth % DEPTH */
};

const char *xsmm_version(void)
{
    static char text[PEER_TEXT];
    libxsmm_init();
    snprintf(text, sizeof text, "libxsmm %s %s openmp", LIBXSMM_CONFIG_VERSION,
             libxsmm_get_target_arch());
    return text;
}

static size_t blocks(size_t count, size_t size)
{
    return (count + size - 1) / size;
}

/* Block (j, b) of the weights lies at ((j * blocks of depth) + b) * DEPTH * width, short rows
 * padded with +0. */
static void pack(struct peer_run *run)
{
    const struct xsmm *x = run->xsmm;
    const struct dense *d = &run->d;
    const size_t padded = blocks(x->depth, DEPTH) * DEPTH;
    for (size_t c = 0; c < x->cols; c++)
        for (size_t p = 0; p < x->depth; p++)
            run->space[(c / x->width * padded + p) * x->width + c % x->width] =
                d->op == DENSE_FORWARD ? d->w[p * d->ld_w + c] : d->w[c * d->ld_w + p];
}

/* False where libxsmm has no code for this CPU. */
static bool dispatch(struct xsmm *x, const struct dense *d, int c, int r)
{
    const size_t last_cols = x->cols % x->width, last_rows = x->rows % ROWS;
    /* Whole blocks, where there is one: libxsmm refuses a block wider than the matrix. */
    const size_t whole_cols = x->cols < x->width ? 0 : x->width;
    const size_t whole_rows = x->rows < ROWS ? 0 : ROWS;
    const libxsmm_blasint cols = (libxsmm_blasint)(c ? last_cols : whole_cols);
    const libxsmm_blasint rows = (libxsmm_blasint)(r ? last_rows : whole_rows);
    const libxsmm_blasint rest = (libxsmm_blasint)(x->depth % DEPTH);
    const libxsmm_blasint lda = (libxsmm_blasint)x->width, ldb = (libxsmm_blasint)d->ld_in;
    const libxsmm_blasint ldc = (libxsmm_blasint)d->ld_out;
    const float one = 1.0f, first = d->bias ? 1.0f : 0.0f;
    if (cols == 0 || rows == 0) return true;
    if (x->depth >= DEPTH) {
        x->batch[c][r] = libxsmm_smmdispatch_reducebatch_strd(
            cols, rows, DEPTH, DEPTH * lda * (libxsmm_blasint)sizeof(float),
            DEPTH * (libxsmm_blasint)sizeof(float), &lda, &ldb, &ldc, &one, &first, NULL, NULL);
        if (!x->batch[c][r]) return false;
    }
    if (rest == 0) return true;
    x->rest[c][r] = libxsmm_smmdispatch(cols, rows, rest, &lda, &ldb, &ldc, &one,
                                        x->depth >= DEPTH ? &one : &first, NULL, NULL);
    return x->rest[c][r] != NULL;
}

enum status xsmm_open(struct peer_run *run)
{
    const struct dense *d = &run->d;
    if (d->op == DENSE_WEIGHTS)
        return fail(STATUS_UNAVAILABLE, "libxsmm: no f32 product with a transposed first operand");
    struct xsmm *x = run->xsmm = calloc(1, sizeof *x);
    if (!x) return fail(STATUS_OS, "libxsmm: no memory");
    x->rows = d->m;
    x->cols = d->op == DENSE_FORWARD ? d->n : d->k;
    x->depth = d->op == DENSE_FORWARD ? d->k : d->n;
    x->width = cpu_features()->avx512 ? 64 : 32;
    const size_t floats = blocks(x->cols, x->width) * blocks(x->depth, DEPTH) * DEPTH * x->width;
    const enum status status = peer_space(run, floats);
    if (status != STATUS_OK) return status;
    pack(run);
    libxsmm_init();
    for (int at = 0; at < 4; at++)
        if (!dispatch(x, d, at / 2, at % 2))
            return fail(STATUS_UNAVAILABLE, "libxsmm %s: no code for this CPU or shape",
                        LIBXSMM_CONFIG_VERSION);
    return STATUS_OK;
}

static void block(const struct peer_run *run, size_t j, size_t i)
{
    const struct xsmm *x = run->xsmm;
    const struct dense *d = &run->d;
    const size_t col = j * x->width, row = i * ROWS;
    const size_t cols = x->cols - col < x->width ? x->cols - col : x->width;
    const size_t rows = x->rows - row < ROWS ? x->rows - row : ROWS;
    const int c = cols < x->width, r = rows < ROWS;
    const size_t whole = x->depth / DEPTH;
    const unsigned long long count = whole;
    const float *w = run->space + j * blocks(x->depth, DEPTH) * DEPTH * x->width;
    const float *in = d->in + row * d->ld_in;
    float *out = d->out + row * d->ld_out + col;
    if (d->bias)
        for (size_t q = 0; q < rows; q++)
            memcpy(out + q * d->ld_out, d->bias + col, cols * sizeof(float));
    if (whole) x->batch[c][r](w, in, out, &count);
    if (x->rest[c][r]) x->rest[c][r](w + whole * DEPTH * x->width, in + whole * DEPTH, out);
    if (d->relu) relu_rows(1, out, d->ld_out, rows, cols);
    if (d->act)
        mask_rows(1, out, d->ld_out, out, d->ld_out, d->act + row * d->ld_out + col, d->ld_out,
                  rows, cols);
}

static void range(size_t begin, size_t end, void *ctx)
{
    const struct peer_run *run = ctx;
    const size_t tall = blocks(run->xsmm->rows, ROWS);
    for (size_t at = begin; at < end; at++) block(run, at / tall, at % tall);
}

void xsmm_exec(struct peer_run *run)
{
    const struct xsmm *x = run->xsmm;
    par_for(run->threads, blocks(x->cols, x->width) * blocks(x->rows, ROWS), 1, range, run);
}

void xsmm_close(struct peer_run *run)
{
    free(run->xsmm);
    run->xsmm = NULL;
}
