/* What the options of `hinge bench` ask for outside of it: of libraries, and of data. */
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "peers.h"
#include "twin.h"

void arguments_warn(const struct arguments *a)
{
    for (int p = 0; a->peers && p < PEER_COUNT; p++) {
        const char *version = peer_version((enum peer)p), *held = peer_held_by((enum peer)p);
        if (strcmp(version, "none") == 0)
            fprintf(stderr, "hinge bench: --peers: %s\n", status_text());
        else if (held)
            fprintf(stderr, "hinge bench: --peers: %s is held to its kernels by %s\n", version,
                    held);
    }
}

/* Before oneDNN makes its first primitive. Where avx512 is allowed it keeps its own choice, which may go
 * beyond our lane. */
static enum status limit_onednn(unsigned isas)
{
    if (isas >> ISA_AVX512 & 1u || isas >> ISA_OMP_AVX512 & 1u) return STATUS_OK;
    const bool avx2 = isas >> ISA_AVX2 & 1u || isas >> ISA_OMP_AVX2 & 1u;
    return twin_limit_isa(avx2 ? ISA_AVX2 : ISA_SCALAR);
}

enum status arguments_apply(const struct arguments *a, struct data *data)
{
    const enum status status = limit_onednn(a->onednn_isas);
    if (status != STATUS_OK || a->kernel) return status;
    return a->data ? data_open_idx(data, a->data) : data_open_digits(data);
}
