/* Plain text of `hinge train`, gzipped or not. */
#include "fuzz.h"
#include "train/tokens.h"

void fuzz_one(const char *data, size_t size)
{
    const char *path = fuzz_file(FUZZ_NAME, data, size);
    struct tokens tokens;
    const enum status status = tokens_read_text(&tokens, path);
    if (status != STATUS_OK) fuzz_insist_sentence(status, path);
    for (size_t i = 0; i < tokens.count; i++) fuzz_insist(tokens.id[i] < TOKENS_BYTES, "a byte");
    fuzz_insist(status == STATUS_OK || !tokens.id, "a failure holds nothing");
    tokens_close(&tokens);
}
