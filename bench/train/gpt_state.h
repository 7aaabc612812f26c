/* gpt_state: all that a run needs to go on, in one .safetensors file: a checkpoint that other programs read as a GPT-2
 * (model/checkpoint.h), with two vectors more, optimizer.m and optimizer.v, AdamW's moments as base/gpt2_layout.h lays
 * them out, and in its metadata
 *
 *   train  {"version":1, "step":, "settings":{..}, "text":{"vocab":, "tokens":, "crc32":}}, as a string
 *   crc32  of that string, the parameters and both moments as they lie in memory
 *
 * Written whole or not at all: a run that is killed, or whose disk is full, has the state before. STATUS_DATA with a
 * sentence where a file is no such state, or the sum is another.
 */
#ifndef TRAIN_GPT_STATE_H
#define TRAIN_GPT_STATE_H

#include "model/safetensors_header.h"
#include "train/gpt_trainer.h"

struct gpt_state {
    struct input file;
    struct safetensors_header header;
    const char *train; /* the string */
    struct gpt_settings settings;
    size_t step;
    size_t tokens;
    uint32_t tokens_crc32, crc32;
};

/* What the metadata say; to be closed whatever the status. */
enum status gpt_state_open(struct gpt_state *state, const char *path);
void gpt_state_close(struct gpt_state *state);
/* STATUS_DATA where these are not the tokens that the run was trained on; `what` names them. */
enum status gpt_state_same_text(const struct gpt_state *state, const struct tokens *tokens,
                                const char *what);
/* Into a trainer with the state's settings. */
enum status gpt_state_load(const struct gpt_state *state, struct gpt_trainer *trainer);

enum status gpt_state_write(const struct gpt_trainer *trainer, const char *path);

#endif
