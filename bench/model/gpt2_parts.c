#include "gpt2_parts.h"

#include <string.h>

#include "report/context.h"

static const struct {
    const char *name;
    enum gpt2_tensor tensor;
    int third; /* of the tensor's columns; -1: all are the part's */
} table[GPT2_PARTS] = {
    [GPT2_PART_Q] = {"q", GPT2_ATTN_WEIGHT, 0},
    [GPT2_PART_K] = {"k", GPT2_ATTN_WEIGHT, 1},
    [GPT2_PART_V] = {"v", GPT2_ATTN_WEIGHT, 2},
    [GPT2_PART_O] = {"o", GPT2_ATTN_PROJ_WEIGHT, -1},
    [GPT2_PART_FC] = {"fc", GPT2_FC_WEIGHT, -1},
    [GPT2_PART_PROJ] = {"proj", GPT2_FC_PROJ_WEIGHT, -1},
    [GPT2_PART_LN_1] = {"ln_1", GPT2_LN_1_WEIGHT, -1},
    [GPT2_PART_LN_2] = {"ln_2", GPT2_LN_2_WEIGHT, -1},
    [GPT2_PART_WTE] = {"wte", GPT2_WTE, -1},
    [GPT2_PART_WPE] = {"wpe", GPT2_WPE, -1},
    [GPT2_PART_LN_F] = {"ln_f", GPT2_LN_F_WEIGHT, -1},
};

const char *gpt2_part_name(enum gpt2_part part)
{
    return table[part].name;
}

size_t gpt2_part_count(const struct gpt2_config *config, enum gpt2_part part)
{
    return part < GPT2_LAYER_PARTS ? config->layers : 1;
}

size_t gpt2_part_index(const struct gpt2_config *config, enum gpt2_part part, size_t layer)
{
    if (part < GPT2_LAYER_PARTS) return layer * GPT2_LAYER_PARTS + part;
    return config->layers * GPT2_LAYER_PARTS + part - GPT2_LAYER_PARTS;
}

size_t gpt2_part_total(const struct gpt2_config *config)
{
    return gpt2_part_index(config, GPT2_PARTS, 0);
}

static void measure(const struct gpt2_parts *of, enum gpt2_part part, size_t layer,
                    double m[MOMENTS_FIELDS])
{
    const struct gpt2_view view = gpt2_view(of->model, table[part].tensor, layer);
    const size_t c = of->model->config.channels;
    if (table[part].third < 0) {
        moments(of->set, of->threads, view.data, view.rows * view.cols, m);
        return;
    }
    for (size_t row = 0; row < c; row++)
        memcpy(of->work + row * c, view.data + row * view.cols + (size_t)table[part].third * c,
               c * sizeof *of->work);
    moments(of->set, of->threads, of->work, c * c, m);
}

void gpt2_parts_measure(const struct gpt2_parts *of, double (*m)[MOMENTS_FIELDS])
{
    const struct gpt2_config *config = &of->model->config;
    for (int part = 0; part < GPT2_PARTS; part++)
        for (size_t l = 0; l < gpt2_part_count(config, (enum gpt2_part)part); l++)
            measure(of, (enum gpt2_part)part, l,
                    m[gpt2_part_index(config, (enum gpt2_part)part, l)]);
}

json_t *gpt2_parts_json(const struct gpt2_config *config, double (*m)[MOMENTS_FIELDS], int field)
{
    json_t *o = json_object();
    for (int part = 0; part < GPT2_PARTS; part++) {
        json_t *list = json_array();
        for (size_t l = 0; l < gpt2_part_count(config, (enum gpt2_part)part); l++) {
            const double x = m[gpt2_part_index(config, (enum gpt2_part)part, l)][field];
            json_array_append_new(list, json_number(x));
        }
        json_object_set_new(o, gpt2_part_name((enum gpt2_part)part), list);
    }
    return o;
}
