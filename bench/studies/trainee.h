/* trainee: a network that can be trained, a ReLU MLP or a pair_net, and the parts of a step of it: what kernels/train_step.h
 * says of an MLP, with the operands that studies/pair_net.h says of the other.
 */
#ifndef STUDIES_TRAINEE_H
#define STUDIES_TRAINEE_H

#include "studies/pair_net.h"

struct trainee {
    struct mlp_layout mlp; /* of depth 0 where it is a pair_net */
    struct pair_net pair;
};

/* Of one row: what it reads and what it says; classes as mlp_classes(). */
size_t trainee_inputs(const struct trainee *y);
size_t trainee_outputs(const struct trainee *y);
size_t trainee_classes(const struct trainee *y, bool square);

size_t trainee_parameters(const struct trainee *y);
size_t trainee_scratch(const struct trainee *y, size_t m);
/* STATUS_DATA where a row has what the network cannot read. */
enum status trainee_check(const struct trainee *y, const float *src, size_t rows);
/* An MLP by PyTorch's Linear; takes 16 streams at the most, of an MLP two a layer. */
void trainee_init(const struct kernel_set *set, int threads, const struct trainee *y, float *param,
                  struct init_source from);

void trainee_fwd(const struct kernel_set *set, int threads, const struct trainee *y,
                 const struct train_step *a);
/* m x trainee_outputs(), of the last trainee_fwd(). */
const float *trainee_acts(const struct trainee *y, const struct train_step *a);
enum status trainee_loss(const struct kernel_set *set, int threads, const struct trainee *y,
                         const struct train_step *a);
void trainee_bwd(const struct kernel_set *set, int threads, const struct trainee *y,
                 const struct train_step *a);
void trainee_update(const struct kernel_set *set, int threads, const struct trainee *y,
                    const struct train_step *a);

#endif
