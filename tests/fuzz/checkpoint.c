/* Checkpoints of GPT-2 in the format that FUZZ_NAME ends in: what was read comes back from a file of its own, word for
 * word. */
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "model/checkpoint.h"

static void insist_same(const struct gpt2 *a, const struct gpt2 *b)
{
    fuzz_insist(memcmp(&a->config, &b->config, sizeof a->config) == 0, "the same sizes");
    fuzz_insist(a->layout.count == b->layout.count &&
                    memcmp(a->param, b->param, a->layout.count * sizeof *a->param) == 0,
                "the same words");
}

void fuzz_one(const char *data, size_t size)
{
    const char *path = fuzz_file(FUZZ_NAME, data, size);
    struct gpt2 model, again;
    char copy[128];
    enum status status = checkpoint_read(&model, path, 0);
    if (status != STATUS_OK) {
        fuzz_insist_sentence(status, path);
        fuzz_insist(!model.param, "a failure holds nothing");
        return;
    }
    snprintf(copy, sizeof copy, "%s/again." FUZZ_NAME, fuzz_folder());
    fuzz_insist(checkpoint_write(&model, copy) == STATUS_OK, "what was read can be written");
    fuzz_insist(checkpoint_read(&again, copy, 0) == STATUS_OK, "what was written can be read");
    insist_same(&model, &again);
    gpt2_close(&model);
    gpt2_close(&again);
}
