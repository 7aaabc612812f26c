/* The journal of a run of `hinge train gpt`: as a history of its weights, and to go on from step 2. */
#include <math.h>

#include "fuzz.h"
#include "train/gpt_history.h"
#include "train/gpt_journal.h"

static const struct gpt2_config config = {
    .layers = 1, .heads = 1, .channels = 2, .context = 2, .vocab = 3, .vocab_padded = 128};

static void read_history(const char *path)
{
    struct gpt_history h;
    const enum status status = gpt_history_read(&h, &config, path);
    if (status != STATUS_OK) fuzz_insist_sentence(status, path);
    if (status == STATUS_OK && gpt_history_has_bands(&h))
        for (int part = 0; part < GPT2_PARTS; part++) {
            const struct band band = gpt_history_band(&h, (enum gpt2_part)part, 0);
            fuzz_insist(isnan(band.level) || band.level >= 0.0, "the level of a deviation");
        }
    gpt_history_close(&h);
}

void fuzz_one(const char *data, size_t size)
{
    const char *path = fuzz_file(FUZZ_NAME, data, size);
    struct gpt_journal journal;
    read_history(path);
    enum status status = gpt_journal_open(&journal, path, false);
    if (status == STATUS_OK) status = gpt_journal_resume(&journal, 2);
    if (status != STATUS_OK)
        fuzz_insist_sentence(status, path);
    else
        fuzz_insist(gpt_journal_put(&journal, json_pack("{s:i}", "step", 3)) == STATUS_OK,
                    "one line more");
    gpt_journal_close(&journal);
}
