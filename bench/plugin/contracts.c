/* contracts: the types that plug-ins are compiled against. Where one has to change, what was built before would be called
 * with arguments that it does not know: HINGE_PLUGIN_VERSION goes up with the change, and what stands here with it. */
#include "base/par.h"
#include "plugin.h"

#define CHANGED ": its type is another: raise HINGE_PLUGIN_VERSION"
#define ROOM(room, ...)                                                                            \
    _Static_assert(_Generic((room##_fn *)0, void (*)(__VA_ARGS__) : 1, default : 0), #room CHANGED)
#define SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type CHANGED)

ROOM(dense_pack, const struct dense_pack *);
ROOM(dense_fwd, const struct dense_fwd *);
ROOM(dense_bwd_data, const struct dense_bwd_data *);
ROOM(mlp_fwd, const struct mlp_fwd *, const struct team *);
ROOM(relu_bwd, float *, const float *, const float *, size_t);
ROOM(dot_fwd, double *, const float *, const float *, size_t);
ROOM(dot_norms, double *, const float *, const float *, size_t);
ROOM(relu_fwd, float *, const float *, size_t);
ROOM(axpy, float *, float, const float *, const float *, size_t);
ROOM(sgd_step, float *, const float *, float, float, size_t);
ROOM(dense_bwd_weights, const struct dense_bwd_weights *);
ROOM(dense_jvp, const struct dense_jvp *);
ROOM(mlp_bwd, const struct mlp_bwd *, const struct team *);
ROOM(moments, struct moments_part *, const float *, size_t);
ROOM(normal_fill, const struct normal_fill *);
ROOM(uniform_fill, const struct uniform_fill *);
ROOM(layernorm_fwd, const struct layernorm_fwd *);
ROOM(layernorm_bwd, const struct layernorm_bwd *, const struct team *);
ROOM(adamw_step, const struct adamw_step *);
ROOM(embed_fwd, const struct embed_fwd *, size_t, size_t);
ROOM(embed_bwd, const struct embed_bwd *, size_t, size_t);
ROOM(softmax_fwd, const struct softmax_fwd *);
ROOM(softmax_bwd, const struct softmax_bwd *);
ROOM(gelu_fwd, float *, const float *, size_t, bool);
ROOM(gelu_bwd, float *, const float *, const float *, size_t, bool);
ROOM(xent_fwd, const struct xent_fwd *);
ROOM(xent_bwd, const struct xent_bwd *);
ROOM(argmax, const struct argmax *);
ROOM(attn_fwd, const struct attn_fwd *, size_t, size_t);
ROOM(attn_bwd, const struct attn_bwd *, const struct team *);
ROOM(sparse_relu_fwd, const struct sparse_relu_fwd *);

SIZE(dense_pack, 48);
SIZE(dense_fwd, 88);
SIZE(dense_bwd_data, 96);
SIZE(mlp_fwd, 88);
SIZE(team, 16);
SIZE(dense_bwd_weights, 104);
SIZE(dense_jvp, 160);
SIZE(mlp_bwd, 152);
SIZE(moments_part, 56);
SIZE(normal_fill, 48);
SIZE(uniform_fill, 48);
SIZE(layernorm_fwd, 88);
SIZE(layernorm_bwd, 120);
SIZE(adamw_step, 80);
SIZE(embed_fwd, 64);
SIZE(embed_bwd, 64);
SIZE(softmax_fwd, 56);
SIZE(softmax_bwd, 72);
SIZE(xent_fwd, 80);
SIZE(xent_bwd, 96);
SIZE(argmax, 40);
SIZE(attn_fwd, 176);
SIZE(attn_bwd, 312);
SIZE(sparse_relu_fwd, 96);
