/* training: what holds of the training of any network: the same words on every lane and for any number of threads, and where it
 * is saved and gone on with. */
#ifndef TESTS_TRAINING_H
#define TESTS_TRAINING_H

#include <stdio.h>
#include <string.h>

#include "studies/trainer.h"
#include "threads.h"

static int failures;

static void is(const char *what, bool truth)
{
    if (truth) return;
    fprintf(stderr, "not so: %s\n", what);
    failures++;
}

/* With fresh weights, always the same; exits where that fails. */
typedef void training_open(struct trainer *t, const struct kernel_set *set, int threads,
                           const struct trainer_plan *plan);

static bool same(const struct trainer *a, const struct trainer *b)
{
    const size_t bytes = trainee_parameters(&a->plan.net) * sizeof(float);
    return a->step == b->step && memcmp(a->a.param, b->a.param, bytes) == 0 &&
           (a->plan.rule.sgd || (memcmp(a->a.moment1, b->a.moment1, bytes) == 0 &&
                                 memcmp(a->a.moment2, b->a.moment2, bytes) == 0));
}

static void anywhere(training_open *open, const struct trainer_plan *plan, size_t steps)
{
    struct trainer one;
    open(&one, kernel_set(ISA_SCALAR), 1, plan);
    trainer_run(&one, steps, NULL);
    threads_always(true);
    for (int isa = 0; isa < ISA_COUNT; isa++)
        for (int threads = 1; threads <= 3; threads++) {
            const struct kernel_set *set = kernel_set((enum isa)isa);
            struct trainer other;
            if (!set || isa == ISA_OMP_AVX2 || isa == ISA_OMP_AVX512) continue;
            open(&other, set, threads, plan);
            trainer_run(&other, steps, NULL);
            is("the same words on every lane, for any number of threads", same(&one, &other));
            trainer_close(&other);
        }
    threads_always(false);
    trainer_close(&one);
}

static bool until_seven(const struct trainer *t, void *ctx)
{
    (void)ctx;
    return t->step < 7;
}

/* At least seven steps; the state stays in the file. */
static void resumed(training_open *open, const struct trainer_plan *plan, size_t steps,
                    const char *path)
{
    struct trainer whole, first, second;
    open(&whole, kernel_set_best(), 1, plan);
    trainer_run(&whole, steps, NULL);
    open(&first, kernel_set_best(), 1, plan);
    is("a watch ends it", !trainer_run(&first, steps, &(struct trainer_watch){until_seven, NULL}));
    is("before the update", first.step == 7);
    is("saved", trainer_save(&first, path) == STATUS_OK);
    open(&second, kernel_set_best(), 2, plan);
    is("read", trainer_load(&second, path) == STATUS_OK);
    is("as it was", same(&first, &second));
    trainer_run(&second, steps, NULL);
    is("resumed: the same words", same(&whole, &second));
    trainer_close(&whole);
    trainer_close(&first);
    trainer_close(&second);
}

#endif
