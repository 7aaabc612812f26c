#include "gpt2_layout.h"

#include "arena.h"

enum rows { ROWS_NONE, ROWS_VOCAB, ROWS_CONTEXT, ROWS_C, ROWS_4C };

static const struct {
    enum rows rows;
    size_t cols; /* times channels */
} table[GPT2_TENSORS] = {
    [GPT2_WTE] = {ROWS_VOCAB, 1},          [GPT2_WPE] = {ROWS_CONTEXT, 1},
    [GPT2_LN_1_WEIGHT] = {ROWS_NONE, 1},   [GPT2_LN_1_BIAS] = {ROWS_NONE, 1},
    [GPT2_ATTN_WEIGHT] = {ROWS_C, 3},      [GPT2_ATTN_BIAS] = {ROWS_NONE, 3},
    [GPT2_ATTN_PROJ_WEIGHT] = {ROWS_C, 1}, [GPT2_ATTN_PROJ_BIAS] = {ROWS_NONE, 1},
    [GPT2_LN_2_WEIGHT] = {ROWS_NONE, 1},   [GPT2_LN_2_BIAS] = {ROWS_NONE, 1},
    [GPT2_FC_WEIGHT] = {ROWS_C, 4},        [GPT2_FC_BIAS] = {ROWS_NONE, 4},
    [GPT2_FC_PROJ_WEIGHT] = {ROWS_4C, 1},  [GPT2_FC_PROJ_BIAS] = {ROWS_NONE, 1},
    [GPT2_LN_F_WEIGHT] = {ROWS_NONE, 1},   [GPT2_LN_F_BIAS] = {ROWS_NONE, 1},
};
enum { ALIGN = ARENA_ALIGN / sizeof(float) };

bool gpt2_in_layers(enum gpt2_tensor tensor)
{
    return tensor >= GPT2_LN_1_WEIGHT && tensor < GPT2_LN_F_WEIGHT;
}

bool gpt2_is_matrix(enum gpt2_tensor tensor)
{
    return table[tensor].rows != ROWS_NONE;
}

bool gpt2_linear(enum gpt2_tensor tensor)
{
    return table[tensor].rows >= ROWS_C;
}

struct gpt2_size gpt2_size(const struct gpt2_config *config, enum gpt2_tensor tensor)
{
    struct gpt2_size size = {1, table[tensor].cols * config->channels};
    switch (table[tensor].rows) {
    case ROWS_VOCAB:
        size.rows = config->vocab;
        break;
    case ROWS_CONTEXT:
        size.rows = config->context;
        break;
    case ROWS_C:
        size.rows = config->channels;
        break;
    case ROWS_4C:
        size.rows = 4 * config->channels;
        break;
    case ROWS_NONE:
        break;
    }
    return size;
}

static size_t aligned(size_t count)
{
    return (count + ALIGN - 1) / ALIGN * ALIGN;
}

struct gpt2_layout gpt2_layout(const struct gpt2_config *config)
{
    struct gpt2_layout to = {.count = 0};
    for (int t = 0; t < GPT2_TENSORS; t++) {
        const struct gpt2_size size = gpt2_size(config, (enum gpt2_tensor)t);
        const size_t rows = t == GPT2_WTE ? config->vocab_padded : size.rows;
        if (t == GPT2_LN_F_WEIGHT) {
            to.layer_stride = to.count - to.offset[GPT2_LN_1_WEIGHT];
            to.count = to.offset[GPT2_LN_1_WEIGHT] + config->layers * to.layer_stride;
        }
        to.offset[t] = to.count;
        to.count += aligned(rows * size.cols);
    }
    return to;
}

struct gpt2_layout gpt2_layout_block(size_t channels)
{
    return gpt2_layout(&(struct gpt2_config){.layers = 1, .channels = channels});
}

size_t gpt2_tensor_count(const struct gpt2_config *config)
{
    return GPT2_TENSORS - GPT2_LAYER_TENSORS + config->layers * GPT2_LAYER_TENSORS;
}

struct gpt2_place gpt2_place(const struct gpt2_config *config, size_t i)
{
    const struct gpt2_layout at = gpt2_layout(config);
    const size_t in_layers = config->layers * GPT2_LAYER_TENSORS;
    struct gpt2_place place = {.layer = 0};
    if (i < GPT2_LN_1_WEIGHT) {
        place.tensor = (enum gpt2_tensor)i;
    } else if (i < GPT2_LN_1_WEIGHT + in_layers) {
        i -= GPT2_LN_1_WEIGHT;
        place.tensor = (enum gpt2_tensor)(GPT2_LN_1_WEIGHT + i % GPT2_LAYER_TENSORS);
        place.layer = i / GPT2_LAYER_TENSORS;
    } else {
        place.tensor = (enum gpt2_tensor)(i - in_layers + GPT2_LAYER_TENSORS);
    }
    const struct gpt2_size size = gpt2_size(config, place.tensor);
    place.from = at.offset[place.tensor] + place.layer * at.layer_stride;
    place.count = size.rows * size.cols;
    const size_t rows = place.tensor == GPT2_WTE ? config->vocab_padded : size.rows;
    place.next = place.from + aligned(rows * size.cols);
    return place;
}
