/* tokens: the text that a language model is trained on, as numbers below a vocabulary.
 *
 * From plain text, gzipped or not: its bytes, a vocabulary of 256. From a token file, llm.c's for GPT-2: 256 words of 32
 * bits (magic 20240520, version 1, the number of tokens), then each token as 16 bits, little endian.
 *
 * The last `held_out` of them are trained on by nobody: a model's loss there is that on text it has not seen.
 *
 * Reading  STATUS_NO_INPUT where a file cannot be opened, STATUS_DATA with a sentence where it is something else: no
 *          such header, another length, a token that is not below the vocabulary, more than TOKENS_MOST.
 * Source   github.com/karpathy/llm.c, dev/data/data_common.py (write_datafile).
 */
#ifndef TRAIN_TOKENS_H
#define TRAIN_TOKENS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { TOKENS_BYTES = 256, TOKENS_GPT2 = 50257, TOKENS_MOST = INT32_MAX };

struct tokens {
    uint16_t *id;
    size_t count, vocab;
    uint32_t crc32; /* of id as it lies in memory */
};

/* NULL: the committed text of Moby Dick; HINGE_DATA names another folder that holds moby-dick.txt.gz. */
enum status tokens_read_text(struct tokens *tokens, const char *path);
enum status tokens_read_file(struct tokens *tokens, const char *path, size_t vocab);
void tokens_close(struct tokens *tokens);

/* Windows of t tokens and their successors from one stretch of the text. */
struct windows {
    const struct tokens *tokens;
    size_t from, count; /* tokens of the stretch, at least t + 1 */
    size_t batch, t;
};
/* Of `batch` windows that lie anywhere, by (seed, step) alone: token and target are batch x t. */
void windows_draw(const struct windows *w, uint64_t seed, uint64_t step, int32_t *token,
                  int32_t *target);
/* Of `batch` out of `total` windows that are spread evenly, from the first-th on. */
void windows_spread(const struct windows *w, size_t first, size_t total, int32_t *token,
                    int32_t *target);

#endif
