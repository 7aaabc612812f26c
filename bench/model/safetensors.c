/* safetensors: a header of JSON that says where each tensor lies, then the tensors without a gap. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "safetensors_header.h"

static bool is_buffer(const char *name)
{
    if (strncmp(name, "optimizer.", 10) == 0) return true;
    const char *dot = strncmp(name, "h.", 2) == 0 ? strchr(name + 2, '.') : NULL;
    return dot && (strcmp(dot, ".attn.bias") == 0 || strcmp(dot, ".attn.masked_bias") == 0);
}

static size_t dim_of(const struct safetensors_entry *entry, size_t at)
{
    return (size_t)json_integer_value(json_array_get(entry->shape, at));
}

/* The depth from the names, the widths from the shapes of the embeddings. */
static enum status infer_config(const struct safetensors_header *h, size_t heads,
                                struct gpt2_config *c)
{
    const struct safetensors_entry *wte = NULL, *wpe = NULL;
    for (size_t i = 0; i < h->entries; i++) {
        size_t layer;
        const enum gpt2_tensor tensor = gpt2_tensor_named(h->entry[i].name, &layer);
        if (tensor == GPT2_WTE) wte = &h->entry[i];
        if (tensor == GPT2_WPE) wpe = &h->entry[i];
        if (tensor < GPT2_TENSORS && layer >= c->layers && gpt2_in_layers(tensor))
            c->layers = layer + 1;
    }
    if (!wte || !wpe)
        return fail(STATUS_DATA, "%s: %s is missing", h->path, wte ? "wpe.weight" : "wte.weight");
    if (json_array_size(wte->shape) != 2 || json_array_size(wpe->shape) != 2)
        return fail(STATUS_DATA, "%s: wte.weight and wpe.weight are not both matrices", h->path);
    c->vocab = dim_of(wte, 0);
    c->channels = dim_of(wte, 1);
    c->context = dim_of(wpe, 0);
    c->heads = heads;
    const char *stored =
        json_string_value(json_object_get(json_object_get(h->root, "__metadata__"), "n_head"));
    char *end;
    if (!heads && stored) {
        c->heads = strtoul(stored, &end, 10);
        if (*stored < '1' || *stored > '9' || *end)
            return fail(STATUS_DATA, "%s: n_head of its metadata is no number", h->path);
    }
    return gpt2_config_settle(c, STATUS_DATA, h->path);
}

static enum status check_shape(const struct safetensors_header *h, const struct gpt2_view *view,
                               const struct safetensors_entry *entry)
{
    char found[SHAPE_TEXT], expected[SHAPE_TEXT];
    if (!entry) return fail(STATUS_DATA, "%s: %s is missing", h->path, view->name);
    if (strcmp(entry->dtype, "F32") != 0)
        return fail(STATUS_DATA, "%s: %s: dtype %s, expected F32", h->path, entry->name,
                    entry->dtype);
    if (view->rank == 1)
        snprintf(expected, sizeof expected, "[%zu]", view->cols);
    else
        snprintf(expected, sizeof expected, "[%zu,%zu]", view->rows, view->cols);
    if (strcmp(shape_text(entry->shape, found), expected) == 0) return STATUS_OK;
    return fail(STATUS_DATA, "%s: %s: shape %s, expected %s", h->path, entry->name, found,
                expected);
}

/* Where each tensor of a model lies: `tensor` by gpt2_index(); head is lm_head.weight or NULL. */
struct places {
    const struct safetensors_entry **tensor, *head;
};

/* Finds the entry of each tensor of the model that the config makes, and the use of each entry. */
static enum status find_places(const struct safetensors_header *h, const struct gpt2_config *config,
                               struct places *places)
{
    const struct gpt2 model = {.config = *config};
    for (size_t i = 0; i < h->entries; i++) {
        const struct safetensors_entry *entry = &h->entry[i], **place = &places->head;
        size_t layer;
        const enum gpt2_tensor tensor = gpt2_tensor_named(entry->name, &layer);
        if (tensor < GPT2_TENSORS)
            place = &places->tensor[gpt2_index(config, tensor, layer)];
        else if (is_buffer(entry->name))
            continue;
        else if (strcmp(entry->name, "lm_head.weight") != 0)
            return fail(STATUS_DATA, "%s: %s is no tensor of a GPT-2", h->path, entry->name);
        if (*place) return fail(STATUS_DATA, "%s: %s is there twice", h->path, entry->name);
        *place = entry;
    }
    for (size_t i = 0; i < gpt2_tensor_count(config); i++) {
        const struct gpt2_view view = gpt2_view_at(&model, i);
        const enum status status = check_shape(h, &view, places->tensor[i]);
        if (status != STATUS_OK) return status;
    }
    const struct gpt2_view wte = gpt2_view(&model, GPT2_WTE, 0);
    return places->head ? check_shape(h, &wte, places->head) : STATUS_OK;
}

/* The output layer is wte: a file in which it is not is another model. */
static enum status check_head(const struct gpt2 *model, const struct input *file, uint64_t at)
{
    char block[1 << 14];
    const struct gpt2_view view = gpt2_view(model, GPT2_WTE, 0);
    const char *wte = (const char *)view.data;
    enum status status = STATUS_OK;
    for (size_t left = view.rows * view.cols * sizeof(float); left && status == STATUS_OK;) {
        const size_t bytes = left < sizeof block ? left : sizeof block;
        status = input_read(file, at, block, bytes);
        if (status == STATUS_OK && memcmp(block, wte, bytes) != 0)
            status = fail(STATUS_DATA, "%s: lm_head.weight is not wte.weight", file->path);
        wte += bytes;
        at += bytes;
        left -= bytes;
    }
    return status;
}

static enum status read_tensors(struct gpt2 *model, const struct input *file,
                                const struct safetensors_header *h,
                                const struct gpt2_config *config)
{
    struct places places = {.tensor = calloc(gpt2_tensor_count(config), sizeof *places.tensor)};
    if (!places.tensor) return fail(STATUS_OS, "%s: no memory for its header", file->path);
    enum status status = find_places(h, config, &places);
    if (status == STATUS_OK) status = gpt2_open(model, config, file->path);
    for (size_t i = 0; status == STATUS_OK && i < gpt2_tensor_count(config); i++) {
        const struct safetensors_entry *entry = places.tensor[i];
        status = input_read(file, h->data + entry->begin, gpt2_view_at(model, i).data,
                            entry->end - entry->begin);
    }
    if (status == STATUS_OK && places.head)
        status = check_head(model, file, h->data + places.head->begin);
    free(places.tensor);
    return status;
}

static enum status safetensors_read(struct gpt2 *model, const struct input *file, size_t heads)
{
    struct safetensors_header h;
    struct gpt2_config config = {0};
    enum status status = safetensors_header_read(&h, file);
    if (status == STATUS_OK) status = infer_config(&h, heads, &config);
    if (status == STATUS_OK) status = read_tensors(model, file, &h, &config);
    safetensors_header_close(&h);
    return status;
}

/* Takes the shape. */
static void put_entry(json_t *root, const char *name, json_t *shape, size_t count, uint64_t *begin)
{
    const uint64_t end = *begin + count * sizeof(float);
    json_object_set_new(root, name,
                        json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape,
                                  "data_offsets", (json_int_t)*begin, (json_int_t)end));
    *begin = end;
}

static json_t *header_json(const struct gpt2 *model, const struct safetensors_extra *extra)
{
    uint64_t begin = 0;
    char heads[32];
    snprintf(heads, sizeof heads, "%zu", model->config.heads);
    /* transformers asks for the format. */
    json_t *metadata = json_pack("{s:s, s:s}", "format", "pt", "n_head", heads);
    json_t *root = json_object();
    json_object_update(metadata, extra->metadata);
    json_object_set_new(root, "__metadata__", metadata);
    for (size_t i = 0; i < gpt2_tensor_count(&model->config); i++) {
        const struct gpt2_view view = gpt2_view_at(model, i);
        json_t *shape = json_array();
        if (view.rank == 2) json_array_append_new(shape, json_integer((json_int_t)view.rows));
        json_array_append_new(shape, json_integer((json_int_t)view.cols));
        put_entry(root, view.name, shape, view.rows * view.cols, &begin);
    }
    for (size_t i = 0; i < extra->vectors; i++) {
        const struct safetensors_vector *v = &extra->vector[i];
        put_entry(root, v->name, json_pack("[I]", (json_int_t)v->count), v->count, &begin);
    }
    return root;
}

void safetensors_put(const struct gpt2 *model, const struct safetensors_extra *extra,
                     struct file_out *out)
{
    json_t *root = header_json(model, extra);
    char *text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    if (!text) {
        out->error = ENOMEM;
        return;
    }
    /* Spaces behind the header let the tensors begin at a multiple of eight bytes. */
    const uint64_t used = strlen(text), length = (used + 7) / 8 * 8;
    file_put(out, &length, sizeof length);
    file_put(out, text, used);
    file_put(out, "        ", length - used);
    free(text);
    for (size_t i = 0; i < gpt2_tensor_count(&model->config); i++) {
        const struct gpt2_view view = gpt2_view_at(model, i);
        file_put(out, view.data, view.rows * view.cols * sizeof(float));
    }
    for (size_t i = 0; i < extra->vectors; i++)
        file_put(out, extra->vector[i].data, extra->vector[i].count * sizeof(float));
}

static void safetensors_write(const struct gpt2 *model, struct file_out *out)
{
    safetensors_put(model, &(struct safetensors_extra){.vectors = 0}, out);
}

const struct format safetensors_format = {".safetensors", safetensors_read, safetensors_write};
