/* gpt2_parts: the parts of a GPT-2 whose weights are watched: its matrices, with Q, K and V as three, and the gains of its
 * layernorms.
 */
#ifndef MODEL_GPT2_PARTS_H
#define MODEL_GPT2_PARTS_H

#include <jansson.h>

#include "gpt2.h"

/* Q, K, V: columns 0, C and 2 C on of attn.c_attn.weight. O: attn.c_proj.weight. FC, PROJ: the MLP's. */
enum gpt2_part {
    GPT2_PART_Q,
    GPT2_PART_K,
    GPT2_PART_V,
    GPT2_PART_O,
    GPT2_PART_FC,
    GPT2_PART_PROJ,
    GPT2_PART_LN_1,
    GPT2_PART_LN_2,
    GPT2_LAYER_PARTS, /* each layer has those before */
    GPT2_PART_WTE = GPT2_LAYER_PARTS,
    GPT2_PART_WPE,
    GPT2_PART_LN_F,
    GPT2_PARTS
};

/* "q", "ln_1". */
const char *gpt2_part_name(enum gpt2_part part);
/* As many as there are layers, or 1. */
size_t gpt2_part_count(const struct gpt2_config *config, enum gpt2_part part);

/* All parts of all layers, in one order. */
size_t gpt2_part_index(const struct gpt2_config *config, enum gpt2_part part, size_t layer);
size_t gpt2_part_total(const struct gpt2_config *config);
enum { GPT2_PART_TOTAL_MOST = GPT2_LAYERS_MOST * GPT2_LAYER_PARTS + GPT2_PARTS };

struct gpt2_parts {
    const struct gpt2 *model;
    const struct kernel_set *set;
    int threads;
    float *work; /* C x C */
};
/* Of each part of each layer, as moments() has them. */
void gpt2_parts_measure(const struct gpt2_parts *of, double (*m)[MOMENTS_FIELDS]);

/* {"q":[..], .., "ln_f":[.]}, one of these numbers a layer; null is one that is not finite. A new reference. */
json_t *gpt2_parts_json(const struct gpt2_config *config, double (*m)[MOMENTS_FIELDS], int field);

#endif
