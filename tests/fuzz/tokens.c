/* Token files of llm.c. */
#include "train/tokens.h"
#include "fuzz.h"

enum { T = 4, BATCH = 3 };

static void insist_windows(const struct tokens *tokens)
{
    int32_t token[BATCH * T], target[BATCH * T];
    const struct windows w = {.tokens = tokens, .count = tokens->count, .batch = BATCH, .t = T};
    if (tokens->count < T + 1) return;
    windows_draw(&w, 1, 1, token, target);
    windows_spread(&w, 0, BATCH, token, target);
    for (int i = 0; i < BATCH * T; i++)
        fuzz_insist((size_t)token[i] < tokens->vocab && (size_t)target[i] < tokens->vocab,
                    "tokens of the vocabulary");
}

void fuzz_one(const char *data, size_t size)
{
    const char *path = fuzz_file(FUZZ_NAME, data, size);
    struct tokens tokens;
    const enum status status = tokens_read_file(&tokens, path, TOKENS_GPT2);
    if (status != STATUS_OK)
        fuzz_insist_sentence(status, path);
    else
        insist_windows(&tokens);
    tokens_close(&tokens);
}
