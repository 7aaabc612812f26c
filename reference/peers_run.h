/* peers_run: one dense operation, for the files that give it to a library. */
#ifndef REFERENCE_PEERS_RUN_H
#define REFERENCE_PEERS_RUN_H

#include "base/arena.h"
#include "peers.h"

enum { PEER_TEXT = 96 };

enum dense_op { DENSE_FORWARD, DENSE_DATA, DENSE_WEIGHTS };

/* out (+)= act(in w + bias), act(in transpose(w)) or transpose(in) w, all row by row. */
struct dense {
    enum dense_op op;
    size_t m, n, k;
    size_t ld_in, ld_w, ld_out;
    const float *in, *w;
    float *out;
    const float *bias; /* forward, or NULL */
    float *db;         /* weights, or NULL */
    const float *act;  /* the mask, or NULL: of out (data) or of w, the gradient (weights) */
    bool relu, accumulate;
};

struct peer_run {
    enum peer peer;
    int threads;
    struct dense d;
    struct blas *blas;
    struct xsmm *xsmm;
    float *space;                /* ones, then the masked gradient or the packed weights */
    struct arena arena;          /* which holds it, in pages as large as those of the operands */
    size_t copy;                 /* that d and space are of */
    size_t stride, space_stride; /* bytes from one copy's to the next's */
};

/* dst[i] = act[i] <= 0 ? +0 : src[i] over rows. */
void mask_rows(int threads, float *dst, size_t ld_dst, const float *src, size_t ld_src,
               const float *act, size_t ld_act, size_t rows, size_t cols);
void relu_rows(int threads, float *dst, size_t ld, size_t rows, size_t cols);

/* Room for so many floats, zero, in run->space. */
enum status peer_space(struct peer_run *run, size_t floats);

/* NULL, and the reason recorded, where the library is not here. */
struct blas *blas_of(enum peer peer);
const char *blas_version(enum peer peer);
void blas_exec(struct peer_run *run);

const char *xsmm_version(void);
enum status xsmm_open(struct peer_run *run);
void xsmm_exec(struct peer_run *run);
void xsmm_close(struct peer_run *run);

#endif
