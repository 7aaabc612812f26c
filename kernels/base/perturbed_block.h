/* perturbed_block: a block of a GPT-2 of the layers of perturbed.h, for the oracles of the rooms gpt2_*.
 *
 *   mid = src + attention(layernorm(src)),  dst = mid + mlp(layernorm(mid))
 */
#ifndef BASE_PERTURBED_BLOCK_H
#define BASE_PERTURBED_BLOCK_H

#include "perturbed.h"

struct perturbed_block {
    struct perturbed_attn size;
    const double *param; /* one layer's tensors, as base/gpt2_layout.h lays them out */
    double eps;
    double *acts; /* perturbed_block_acts() doubles that the forward pass keeps */
};
size_t perturbed_block_acts(const struct perturbed_attn *size);

void perturbed_block_fwd(struct perturbed *p, const struct perturbed_block *b, double *dst,
                         const double *src);
/* d: the gradient of dst, which becomes that of src. dparam: laid out as param; between tensors it stays as it is. */
void perturbed_block_bwd(struct perturbed *p, const struct perturbed_block *b, double *d,
                         double *dparam, const double *src);

#endif
