/* peers: other libraries' dense layers beside the twins: optional columns, absent ones say so.
 *
 * OpenBLAS and BLIS are loaded when first asked for, each into a scope of its own, since both
 * export the same names; libxsmm is linked when CMake finds it (Debian has it as an archive alone).
 * All run dense_fwd, dense_bwd_data and dense_bwd_weights on the operands of the spec, in its
 * layout.
 */
#ifndef REFERENCE_PEERS_H
#define REFERENCE_PEERS_H

#include "base/status.h"
#include "kernel.h"

enum peer {
    PEER_OPENBLAS, /* product by sgemm or sgemv on dst preset to the bias, then a pass for ReLU or
                      mask */
    PEER_BLIS,     /* the same */
    PEER_XSMM,     /* batch-reduce products over blocked weights, packed in open(), ReLU on the hot
                      block */
    PEER_COUNT
};

struct peer_run;

const char *peer_name(enum peer peer);
/* "OpenBLAS 0.3.21 SkylakeX openmp": release, the kernels that it runs here, its threads; "none",
 * and status_text() says why and which package has it, where the library is not here. */
const char *peer_version(enum peer peer);
bool peer_here(enum peer peer);
/* The variable of the environment that keeps the library from choosing its kernels itself, NULL
 * where none is set. */
const char *peer_held_by(enum peer peer);
/* True where the kernel is one that the libraries are compared on. */
bool peer_has(const char *kernel);

/* As a twin's. STATUS_UNAVAILABLE: not this library, not this kernel, or an empty operand. */
enum status peer_open(struct peer_run **run, enum peer peer, const char *kernel,
                      const struct shape *s, void *const buf[], int threads);
enum status peer_copy(struct peer_run *run, size_t copies, size_t stride);
void peer_use(struct peer_run *run, size_t copy);
void peer_exec(struct peer_run *run);
void peer_close(struct peer_run *run);

#endif
