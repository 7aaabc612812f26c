/* The state of a training of the studies: it is taken whole, or the trainer stays as it was. */
#include <string.h>

#include "fuzz.h"
#include "studies/trainer.h"

enum { ROWS = 3, INPUTS = 2, OUTPUTS = 2 };

static struct trainer *trainer(void)
{
    static const size_t width[] = {INPUTS, OUTPUTS};
    static const float src[ROWS * INPUTS] = {1.0f, 2.0f, 3.0f};
    static const int32_t target[ROWS] = {0, 1, 0};
    static struct trainer t;
    const struct trainer_plan plan = {.net.mlp = {width, 1, true},
                                      .rows = ROWS,
                                      .src = src,
                                      .target = target,
                                      .rule = {.lr = 0.1, .beta1 = 0.9, .beta2 = 0.99, .eps = 1e-8},
                                      .seed = 1};
    if (!t.set)
        fuzz_insist(trainer_open(&t, kernel_set(ISA_SCALAR), 1, &plan) == STATUS_OK, "a trainer");
    return &t;
}

void fuzz_one(const char *data, size_t size)
{
    const char *path = fuzz_file(FUZZ_NAME, data, size);
    struct trainer *t = trainer();
    float before[(INPUTS + 1) * OUTPUTS];
    memcpy(before, t->a.param, sizeof before);
    const size_t step = t->step;
    const enum status status = trainer_load(t, path);
    if (status == STATUS_OK) return;
    fuzz_insist_sentence(status, path);
    fuzz_insist(memcmp(before, t->a.param, sizeof before) == 0 && t->step == step,
                "the trainer as it was");
}
