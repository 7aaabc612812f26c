/* checkpoint: a GPT-2 in a file, f32, in one of two formats that the end of the path names.
 *
 *   .safetensors   huggingface's: the length of a header as 8 bytes, little endian; the header, JSON, which
 *                  gives each tensor's type, shape and range of bytes; the tensors. Names may begin with
 *                  "transformer.". wte has its V rows alone. Buffers of older checkpoints (attn.bias,
 *                  attn.masked_bias) and what begins with optimizer. are passed over, as is lm_head.weight where it equals wte.weight.
 *                  The number of heads is in no tensor: n_head of the metadata, else heads of 64 channels.
 *   .bin           llm.c's: 256 words of 32 bits (magic 20240326, version 3, context, vocabulary, layers,
 *                  heads, channels, padded vocabulary), then each kind of tensor, all layers together.
 *                  wte has its padded rows. A linear layer's weight has outputs as rows: transposed here.
 *
 * Reading   a file is hostile: every length, offset and shape is checked against the file's size before
 *           memory is asked for, and the parameters take no more than the file's own size, 127 rows of wte
 *           and what aligns each tensor. STATUS_NO_INPUT where it cannot be opened, STATUS_DATA with the tensor's name, what was
 *           found and what was expected. Values are not judged: NaN is read as it is, bit by bit.
 * Writing   beside, synced and renamed: the file is whole or as it was; STATUS_NO_OUTPUT. Rows of padding
 *           have no place in .safetensors; each other word survives every conversion.
 * Source    github.com/huggingface/safetensors, README.md ("Format"); github.com/karpathy/llm.c,
 *           train_gpt2.py (write_model, write_tensors) and train_gpt2.c.
 */
#ifndef MODEL_CHECKPOINT_H
#define MODEL_CHECKPOINT_H

#include "gpt2.h"

/* STATUS_USAGE where the path ends in neither .safetensors nor .bin. */
enum status checkpoint_named(const char *path);
/* heads: 0 for what the file says. Where it fails there is nothing to close. */
enum status checkpoint_read(struct gpt2 *model, const char *path, size_t heads);
enum status checkpoint_write(const struct gpt2 *model, const char *path);

#endif
