#include "studies/trainee.h"

static bool is_pair(const struct trainee *y)
{
    return y->mlp.depth == 0;
}

size_t trainee_inputs(const struct trainee *y)
{
    return is_pair(y) ? 2 : y->mlp.width[0];
}

size_t trainee_outputs(const struct trainee *y)
{
    return is_pair(y) ? y->pair.numbers : y->mlp.width[y->mlp.depth];
}

size_t trainee_classes(const struct trainee *y, bool square)
{
    return is_pair(y) ? y->pair.numbers : mlp_classes(&y->mlp, square);
}

size_t trainee_parameters(const struct trainee *y)
{
    return is_pair(y) ? pair_net_offset(&y->pair, PAIR_TENSORS) : mlp_parameters(&y->mlp);
}

size_t trainee_scratch(const struct trainee *y, size_t m)
{
    return is_pair(y) ? pair_net_scratch(&y->pair, m) : train_step_scratch(&y->mlp, m);
}

enum status trainee_check(const struct trainee *y, const float *src, size_t rows)
{
    for (size_t i = 0; i < 2 * rows && is_pair(y); i++)
        if (!(src[i] >= 0.0f && src[i] < (float)y->pair.numbers &&
              src[i] == (float)(int32_t)src[i]))
            return fail(STATUS_DATA,
                        "training: input %zu of row %zu is %g; whole numbers from 0 to %zu", i % 2,
                        i / 2, (double)src[i], y->pair.numbers - 1);
    return STATUS_OK;
}

void trainee_init(const struct kernel_set *set, int threads, const struct trainee *y, float *param,
                  struct init_source from)
{
    if (is_pair(y))
        pair_net_init(set, threads, &y->pair, param, from);
    else
        init_mlp(set, threads, &(struct init){.kind = INIT_LINEAR}, param, &y->mlp, from);
}

void trainee_fwd(const struct kernel_set *set, int threads, const struct trainee *y,
                 const struct train_step *a)
{
    if (is_pair(y))
        pair_net_fwd(set, threads, &y->pair, a);
    else
        train_step_fwd(set, threads, a);
}

const float *trainee_acts(const struct trainee *y, const struct train_step *a)
{
    return is_pair(y) ? pair_net_outputs(&y->pair, a) : train_step_acts(a, y->mlp.depth);
}

enum status trainee_loss(const struct kernel_set *set, int threads, const struct trainee *y,
                         const struct train_step *a)
{
    return is_pair(y) ? pair_net_loss(set, threads, &y->pair, a) : train_step_loss(set, threads, a);
}

void trainee_bwd(const struct kernel_set *set, int threads, const struct trainee *y,
                 const struct train_step *a)
{
    if (is_pair(y))
        pair_net_bwd(set, threads, &y->pair, a);
    else
        train_step_bwd(set, threads, a);
}

/* All parameters of a pair_net alike: those of one layer of as many weights. */
void trainee_update(const struct kernel_set *set, int threads, const struct trainee *y,
                    const struct train_step *a)
{
    const size_t width[] = {trainee_parameters(y), 1};
    struct train_step all = *a;
    if (is_pair(y)) all.net = (struct mlp_layout){width, 1, false};
    train_step_update(set, threads, &all);
}
