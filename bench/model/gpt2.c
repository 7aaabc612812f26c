#include "gpt2.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum init { INIT_ZERO, INIT_ONE, INIT_NORMAL, INIT_RESIDUAL };

static const struct {
    const char *name;
    enum init init;
} table[GPT2_TENSORS] = {
    [GPT2_WTE] = {"wte.weight", INIT_NORMAL},
    [GPT2_WPE] = {"wpe.weight", INIT_NORMAL},
    [GPT2_LN_1_WEIGHT] = {"ln_1.weight", INIT_ONE},
    [GPT2_LN_1_BIAS] = {"ln_1.bias", INIT_ZERO},
    [GPT2_ATTN_WEIGHT] = {"attn.c_attn.weight", INIT_NORMAL},
    [GPT2_ATTN_BIAS] = {"attn.c_attn.bias", INIT_ZERO},
    [GPT2_ATTN_PROJ_WEIGHT] = {"attn.c_proj.weight", INIT_RESIDUAL},
    [GPT2_ATTN_PROJ_BIAS] = {"attn.c_proj.bias", INIT_ZERO},
    [GPT2_LN_2_WEIGHT] = {"ln_2.weight", INIT_ONE},
    [GPT2_LN_2_BIAS] = {"ln_2.bias", INIT_ZERO},
    [GPT2_FC_WEIGHT] = {"mlp.c_fc.weight", INIT_NORMAL},
    [GPT2_FC_BIAS] = {"mlp.c_fc.bias", INIT_ZERO},
    [GPT2_FC_PROJ_WEIGHT] = {"mlp.c_proj.weight", INIT_RESIDUAL},
    [GPT2_FC_PROJ_BIAS] = {"mlp.c_proj.bias", INIT_ZERO},
    [GPT2_LN_F_WEIGHT] = {"ln_f.weight", INIT_ONE},
    [GPT2_LN_F_BIAS] = {"ln_f.bias", INIT_ZERO},
};

struct gpt2_view gpt2_view(const struct gpt2 *model, enum gpt2_tensor tensor, size_t layer)
{
    const size_t offset = model->layout.offset[tensor] + layer * model->layout.layer_stride;
    const struct gpt2_size size = gpt2_size(&model->config, tensor);
    struct gpt2_view view = {.tensor = tensor,
                             .rank = gpt2_is_matrix(tensor) ? 2 : 1,
                             .rows = size.rows,
                             .cols = size.cols,
                             .data = model->param ? model->param + offset : NULL};
    if (gpt2_in_layers(tensor))
        snprintf(view.name, sizeof view.name, "h.%zu.%s", layer, table[tensor].name);
    else
        snprintf(view.name, sizeof view.name, "%s", table[tensor].name);
    return view;
}

size_t gpt2_index(const struct gpt2_config *config, enum gpt2_tensor tensor, size_t layer)
{
    const size_t others = tensor < GPT2_LN_F_WEIGHT ? layer : config->layers - 1;
    return tensor + others * GPT2_LAYER_TENSORS;
}

struct gpt2_view gpt2_view_at(const struct gpt2 *model, size_t i)
{
    const struct gpt2_place place = gpt2_place(&model->config, i);
    return gpt2_view(model, place.tensor, place.layer);
}

enum gpt2_tensor gpt2_tensor_named(const char *name, size_t *layer)
{
    bool in_layer = false;
    *layer = 0;
    if (strncmp(name, "h.", 2) == 0) {
        const char *digit = name + 2;
        while (*digit >= '0' && *digit <= '9' && *layer < GPT2_LAYERS_MOST)
            *layer = 10 * *layer + (size_t)(*digit++ - '0');
        /* One name for each tensor: no h.01. */
        if (digit == name + 2 || *digit != '.' || (name[2] == '0' && digit > name + 3))
            return GPT2_TENSORS;
        name = digit + 1;
        in_layer = true;
    }
    for (int t = 0; t < GPT2_TENSORS; t++)
        if (gpt2_in_layers((enum gpt2_tensor)t) == in_layer && strcmp(name, table[t].name) == 0)
            return (enum gpt2_tensor)t;
    return GPT2_TENSORS;
}

size_t gpt2_parameters(const struct gpt2_config *config)
{
    size_t sum = 0;
    for (int t = 0; t < GPT2_TENSORS; t++) {
        const struct gpt2_size size = gpt2_size(config, (enum gpt2_tensor)t);
        sum += size.rows * size.cols * (gpt2_in_layers((enum gpt2_tensor)t) ? config->layers : 1);
    }
    return sum;
}

enum status gpt2_config_settle(struct gpt2_config *c, enum status code, const char *what)
{
    if (c->vocab_padded == 0) c->vocab_padded = (c->vocab + 127) / 128 * 128;
    const struct {
        const char *name;
        size_t value, least, most;
    } part[] = {{"layers", c->layers, 1, GPT2_LAYERS_MOST},
                {"channels", c->channels, 1, GPT2_CHANNELS_MOST},
                {"a context of", c->context, 1, GPT2_CONTEXT_MOST},
                {"a vocabulary of", c->vocab, 1, GPT2_VOCAB_MOST},
                {"a padded vocabulary of", c->vocab_padded, c->vocab, GPT2_VOCAB_MOST + 127}};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        if (part[i].value < part[i].least || part[i].value > part[i].most)
            return fail(code, "%s: %s %zu, not %zu to %zu", what, part[i].name, part[i].value,
                        part[i].least, part[i].most);
    if (c->heads == 0 && c->channels % 64 == 0) c->heads = c->channels / 64;
    if (c->heads == 0)
        return fail(code, "%s: %zu channels make no heads of 64; say how many with --heads", what,
                    c->channels);
    if (c->channels % c->heads != 0)
        return fail(code, "%s: %zu channels cannot be shared by %zu heads", what, c->channels,
                    c->heads);
    return STATUS_OK;
}

enum status gpt2_config_parse(const char *text, struct gpt2_config *config)
{
    static const struct {
        const char *name;
        size_t layers, channels;
    } named[] = {{"gpt2", 12, 768},
                 {"gpt2-medium", 24, 1024},
                 {"gpt2-large", 36, 1280},
                 {"gpt2-xl", 48, 1600}};
    *config = (struct gpt2_config){.context = 1024, .vocab = 50257};
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strcmp(text, named[i].name) == 0) {
            config->layers = named[i].layers;
            config->channels = named[i].channels;
            return STATUS_OK;
        }
    int end = 0;
    if (strspn(text, "0123456789x") == strlen(text) && strlen(text) < 18 &&
        sscanf(text, "%zux%zu%n", &config->layers, &config->channels, &end) == 2 && !text[end])
        return STATUS_OK;
    return fail(STATUS_USAGE,
                "--init %s: neither gpt2, gpt2-medium, gpt2-large, gpt2-xl nor LAYERSxCHANNELS",
                text);
}

enum status gpt2_open(struct gpt2 *model, const struct gpt2_config *config, const char *what)
{
    *model = (struct gpt2){.config = *config, .layout = gpt2_layout(config)};
    const enum status status =
        arena_open(&model->arena, arena_bytes(model->layout.count, sizeof(float)), what);
    if (status == STATUS_OK)
        model->param = arena_take(&model->arena, model->layout.count, sizeof(float));
    return status;
}

void gpt2_close(struct gpt2 *model)
{
    arena_close(&model->arena);
    *model = (struct gpt2){0};
}

static const char *const rule_name[GPT2_RULES] = {
    [GPT2_RULE_GPT2] = "gpt2",     [GPT2_RULE_NORMAL] = "normal", [GPT2_RULE_KAIMING] = "kaiming",
    [GPT2_RULE_XAVIER] = "xavier", [GPT2_RULE_MUP] = "mup",
};

const char *gpt2_rule_name(enum gpt2_rule rule)
{
    return rule_name[rule];
}

enum gpt2_rule gpt2_rule_named(const char *name)
{
    int rule = 0;
    while (rule < GPT2_RULES && strcmp(name, rule_name[rule]) != 0) rule++;
    return (enum gpt2_rule)rule;
}

double gpt2_deviation(const struct gpt2_config *config, enum gpt2_tensor tensor,
                      const struct gpt2_fresh *fresh)
{
    const struct gpt2_size size = gpt2_size(config, tensor);
    const double in = (double)size.rows, c = (double)config->channels;
    const double out = tensor == GPT2_ATTN_WEIGHT ? c : (double)size.cols;
    const double residual =
        table[tensor].init == INIT_RESIDUAL ? sqrt(2.0 * (double)config->layers) : 1.0;
    if (!gpt2_linear(tensor)) return fresh->std;
    switch (fresh->rule) {
    case GPT2_RULE_GPT2:
        return fresh->std / residual;
    case GPT2_RULE_KAIMING:
        return sqrt(2.0 / in);
    case GPT2_RULE_XAVIER:
        return sqrt(2.0 / (in + out));
    case GPT2_RULE_MUP:
        return fresh->std * sqrt(768.0 / c) / residual;
    default:
        return fresh->std;
    }
}

void gpt2_init(struct gpt2 *model, const struct kernel_set *set, int threads,
               const struct gpt2_fresh *fresh)
{
    for (size_t i = 0; i < gpt2_tensor_count(&model->config); i++) {
        const struct gpt2_view view = gpt2_view_at(model, i);
        const size_t count = view.rows * view.cols;
        const enum init init = table[view.tensor].init;
        /* A stream a tensor: the index of ln_f moves with the depth, but nothing there is drawn. */
        if (init >= INIT_NORMAL)
            normal_fill(set, threads, view.data, count,
                        (float)gpt2_deviation(&model->config, view.tensor, fresh), fresh->seed, i);
        else
            for (size_t j = 0; j < count; j++) view.data[j] = init == INIT_ONE ? 1.0f : 0.0f;
    }
}
