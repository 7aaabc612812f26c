/* The state of a run of `hinge train gpt`: it is read into a trainer of its settings, where these are small. */
#include "train/gpt_state.h"
#include "fuzz.h"

enum { TOKENS = 64 };
#define BYTES_MOST 0x1p25

static void load(const struct gpt_state *state, const char *path)
{
    static uint16_t id[TOKENS];
    const struct tokens tokens = {.id = id, .count = TOKENS, .vocab = state->settings.config.vocab};
    struct gpt_trainer trainer;
    if (gpt_trainer_bytes(&state->settings) > BYTES_MOST) return;
    enum status status = gpt_trainer_open(&trainer, &state->settings, &tokens, path);
    if (status == STATUS_OK) {
        status = gpt_state_load(state, &trainer);
        fuzz_insist(status != STATUS_OK || trainer.done == state->step, "the step");
    }
    if (status != STATUS_OK) fuzz_insist_sentence(status, path);
    gpt_trainer_close(&trainer);
}

void fuzz_one(const char *data, size_t size)
{
    const char *path = fuzz_file(FUZZ_NAME, data, size);
    struct gpt_state state;
    const enum status status = gpt_state_open(&state, path);
    if (status != STATUS_OK)
        fuzz_insist_sentence(status, path);
    else
        load(&state, path);
    gpt_state_close(&state);
}
