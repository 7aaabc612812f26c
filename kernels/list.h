/* The registry's rows: one per kernel. C expands them into typed tables, CMake reads the same rows
 * for the sources, and each row gets its tests, its timing and its place in every table.
 *
 * A row X(name) of KERNELS stands for the room kernels/name/ with name.h, name.c, name_scalar.c, name_simd.c and
 * name_spec.c, and for reference/name_dnnl.c. A row of COMPOSED, what is made of kernels alone, has no code of
 * a lane: name.h, name.c and name_spec.c.
 */
#ifndef KERNELS_LIST_H
#define KERNELS_LIST_H

#include "adamw_step/adamw_step.h"
#include "angle_sweep/angle_sweep.h"
#include "argmax/argmax.h"
#include "attn_bwd/attn_bwd.h"
#include "attn_fwd/attn_fwd.h"
#include "axpy/axpy.h"
#include "bfk_edges/bfk_edges.h"
#include "bfk_moments/bfk_moments.h"
#include "bfk_product/bfk_product.h"
#include "chain_fwd/chain_fwd.h"
#include "chain_grads/chain_grads.h"
#include "chain_jvp/chain_jvp.h"
#include "chain_vjp/chain_vjp.h"
#include "dense_bwd_data/dense_bwd_data.h"
#include "dense_bwd_weights/dense_bwd_weights.h"
#include "dense_fwd/dense_fwd.h"
#include "dense_jvp/dense_jvp.h"
#include "dense_pack/dense_pack.h"
#include "dot_fwd/dot_fwd.h"
#include "dot_norms/dot_norms.h"
#include "embed_bwd/embed_bwd.h"
#include "embed_fwd/embed_fwd.h"
#include "gelu_bwd/gelu_bwd.h"
#include "gelu_fwd/gelu_fwd.h"
#include "gpt2_block/gpt2_block.h"
#include "gpt2_step/gpt2_step.h"
#include "layernorm_bwd/layernorm_bwd.h"
#include "layernorm_fwd/layernorm_fwd.h"
#include "mlp_bwd/mlp_bwd.h"
#include "mlp_fwd/mlp_fwd.h"
#include "moments/moments.h"
#include "normal_fill/normal_fill.h"
#include "relu_bwd/relu_bwd.h"
#include "relu_fwd/relu_fwd.h"
#include "sgd_step/sgd_step.h"
#include "softmax_bwd/softmax_bwd.h"
#include "softmax_fwd/softmax_fwd.h"
#include "sparse_relu_fwd/sparse_relu_fwd.h"
#include "train_step/train_step.h"
#include "uniform_fill/uniform_fill.h"
#include "xent_bwd/xent_bwd.h"
#include "xent_fwd/xent_fwd.h"

#define KERNELS(X)                                                                                 \
    X(dense_pack)                                                                                  \
    X(dense_fwd)                                                                                   \
    X(dense_bwd_data)                                                                              \
    X(mlp_fwd)                                                                                     \
    X(relu_bwd)                                                                                    \
    X(dot_fwd)                                                                                     \
    X(dot_norms)                                                                                   \
    X(relu_fwd)                                                                                    \
    X(axpy)                                                                                        \
    X(sgd_step)                                                                                    \
    X(dense_bwd_weights)                                                                           \
    X(dense_jvp)                                                                                   \
    X(mlp_bwd)                                                                                     \
    X(moments)                                                                                     \
    X(normal_fill)                                                                                 \
    X(uniform_fill)                                                                                \
    X(layernorm_fwd)                                                                               \
    X(layernorm_bwd)                                                                               \
    X(adamw_step)                                                                                  \
    X(embed_fwd)                                                                                   \
    X(embed_bwd)                                                                                   \
    X(softmax_fwd)                                                                                 \
    X(softmax_bwd)                                                                                 \
    X(gelu_fwd)                                                                                    \
    X(gelu_bwd)                                                                                    \
    X(xent_fwd)                                                                                    \
    X(xent_bwd)                                                                                    \
    X(argmax)                                                                                      \
    X(attn_fwd)                                                                                    \
    X(attn_bwd)                                                                                    \
    X(sparse_relu_fwd)

#define COMPOSED(X)                                                                                \
    X(chain_fwd)                                                                                   \
    X(chain_vjp)                                                                                   \
    X(chain_grads)                                                                                 \
    X(chain_jvp)                                                                                   \
    X(angle_sweep)                                                                                 \
    X(bfk_product)                                                                                 \
    X(bfk_moments)                                                                                 \
    X(bfk_edges)                                                                                   \
    X(train_step)                                                                                  \
    X(gpt2_block)                                                                                  \
    X(gpt2_step)

#endif
