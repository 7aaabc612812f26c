#include "angle/mlp_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A tensor's name is its layer's, a dot and its role, or the role alone. */
struct part {
    const struct safetensors_entry *entry;
    int name;
    bool bias;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits at *text but for zeros before others; steps behind them. */
static size_t number(const char **text, const char *end, const char **digits)
{
    while (*text < end && **text == '0') (*text)++;
    *digits = *text;
    while (*text < end && is_digit(**text)) (*text)++;
    return (size_t)(*text - *digits);
}

/* As names are read: runs of digits count by value, of any length. */
static int natural(const struct part *x, const struct part *y)
{
    const char *a = x->entry->name, *b = y->entry->name;
    const char *const a_end = a + x->name, *const b_end = b + y->name;
    while (a < a_end && b < b_end) {
        if (is_digit(*a) && is_digit(*b)) {
            const char *i, *j;
            const size_t p = number(&a, a_end, &i), q = number(&b, b_end, &j);
            if (p != q) return p < q ? -1 : 1;
            const int order = memcmp(i, j, p);
            if (order) return order;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++, b++;
        }
    }
    return (a < a_end) - (b < b_end);
}

/* True where two names differ in their numbers alone. */
static bool alike(const struct part *x, const struct part *y)
{
    const char *a = x->entry->name, *b = y->entry->name, *digits;
    const char *const a_end = a + x->name, *const b_end = b + y->name;
    while (a < a_end && b < b_end) {
        if (is_digit(*a) && is_digit(*b)) {
            number(&a, a_end, &digits);
            number(&b, b_end, &digits);
        } else if (*a++ != *b++) {
            return false;
        }
    }
    return a == a_end && b == b_end;
}

static bool same_name(const struct part *x, const struct part *y)
{
    return x->name == y->name && memcmp(x->entry->name, y->entry->name, (size_t)x->name) == 0;
}

static int by_layer(const void *a, const void *b)
{
    const struct part *const x = a, *const y = b;
    int order = natural(x, y);
    if (!order && !same_name(x, y)) order = strcmp(x->entry->name, y->entry->name);
    return order ? order : x->bias - y->bias;
}

static bool plays(const char *name, const char *role, int *before)
{
    const size_t length = strlen(name), tail = strlen(role);
    if (length < tail || strcmp(name + length - tail, role) != 0) return false;
    *before = length > tail ? (int)(length - tail) - 1 : 0;
    return length == tail || name[*before] == '.';
}

static size_t dim_of(const struct safetensors_entry *entry, size_t at)
{
    return (size_t)json_integer_value(json_array_get(entry->shape, at));
}

/* What one tensor says by itself. */
static enum status part_of(const struct safetensors_header *h,
                           const struct safetensors_entry *entry, struct part *part)
{
    char shape[SHAPE_TEXT];
    *part = (struct part){.entry = entry};
    if (plays(entry->name, "bias", &part->name))
        part->bias = true;
    else if (!plays(entry->name, "weight", &part->name))
        return fail(STATUS_DATA, "%s: %s is neither weight nor bias of a dense layer", h->path,
                    entry->name);
    if (strcmp(entry->dtype, "F32") != 0)
        return fail(STATUS_DATA, "%s: %s: dtype %s, expected F32", h->path, entry->name,
                    entry->dtype);
    if (json_array_size(entry->shape) != (part->bias ? 1 : 2))
        return fail(STATUS_DATA, "%s: %s: shape %s; the %s of a dense layer is %s", h->path,
                    entry->name, shape_text(entry->shape, shape), part->bias ? "bias" : "weight",
                    part->bias ? "[outputs]" : "[outputs,inputs]");
    if (entry->begin == entry->end)
        return fail(STATUS_DATA, "%s: %s: shape %s has no elements", h->path, entry->name,
                    shape_text(entry->shape, shape));
    return STATUS_OK;
}

static enum status add_weight(struct mlp_file *f, const struct part *part,
                              const struct part *before)
{
    const struct safetensors_entry *entry = part->entry;
    const char *const path = f->header.path;
    char shape[SHAPE_TEXT], shape_before[SHAPE_TEXT];
    struct mlp_file_layer *y = &f->layer[f->depth++];
    *y = (struct mlp_file_layer){entry, NULL, part->name, dim_of(entry, 1), dim_of(entry, 0)};
    if (!before) return STATUS_OK;
    if (natural(before, part) == 0)
        return fail(STATUS_DATA, "%s: %s and %s: which comes first their numbers do not tell", path,
                    before->entry->name, entry->name);
    if (!alike(before, part))
        return fail(STATUS_DATA,
                    "%s: %s and %s: which comes first cannot be told, their names differ in more "
                    "than numbers",
                    path, before->entry->name, entry->name);
    if (y[-1].outputs != y->inputs)
        return fail(STATUS_DATA, "%s: %s %s makes %zu features, %s %s takes %zu", path,
                    before->entry->name, shape_text(before->entry->shape, shape_before),
                    y[-1].outputs, entry->name, shape_text(entry->shape, shape), y->inputs);
    return STATUS_OK;
}

static enum status add_bias(struct mlp_file *f, const struct part *part, const struct part *weight)
{
    const struct safetensors_entry *entry = part->entry;
    const char *const path = f->header.path;
    char shape[SHAPE_TEXT], shape_weight[SHAPE_TEXT];
    if (!weight || !same_name(weight, part))
        return fail(STATUS_DATA, "%s: %s has no weight beside it", path, entry->name);
    struct mlp_file_layer *y = &f->layer[f->depth - 1];
    if (y->bias) return fail(STATUS_DATA, "%s: %s is there twice", path, entry->name);
    y->bias = entry;
    if (dim_of(entry, 0) == y->outputs) return STATUS_OK;
    return fail(STATUS_DATA, "%s: %s: shape %s, expected [%zu] beside %s %s", path, entry->name,
                shape_text(entry->shape, shape), y->outputs, weight->entry->name,
                shape_text(weight->entry->shape, shape_weight));
}

static enum status find_layers(struct mlp_file *f, struct part *part)
{
    const struct safetensors_header *h = &f->header;
    const struct part *weight = NULL;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < h->entries && status == STATUS_OK; i++)
        status = part_of(h, &h->entry[i], &part[i]);
    if (status != STATUS_OK) return status;
    qsort(part, h->entries, sizeof *part, by_layer);
    for (size_t i = 0; i < h->entries && status == STATUS_OK; i++) {
        status = part[i].bias ? add_bias(f, &part[i], weight) : add_weight(f, &part[i], weight);
        if (!part[i].bias) weight = &part[i];
    }
    if (status == STATUS_OK && f->depth == 0)
        return fail(STATUS_DATA, "%s: no tensor NAME.weight", h->path);
    return status;
}

enum status mlp_file_open(struct mlp_file *f, const char *path)
{
    *f = (struct mlp_file){.input = {path, -1, 0}};
    enum status status = input_open(&f->input, path);
    if (status == STATUS_OK) status = safetensors_header_read(&f->header, &f->input);
    if (status != STATUS_OK) return status;
    struct part *part = calloc(f->header.entries + 1, sizeof *part);
    f->layer = calloc(f->header.entries + 1, sizeof *f->layer);
    status = part && f->layer ? find_layers(f, part)
                              : fail(STATUS_OS, "%s: no memory for its header", path);
    free(part);
    return status;
}

void mlp_file_close(struct mlp_file *f)
{
    safetensors_header_close(&f->header);
    input_close(&f->input);
    free(f->layer);
    *f = (struct mlp_file){.input = {NULL, -1, 0}};
}

static enum status read_entry(const struct mlp_file *f, const struct safetensors_entry *entry,
                              float *dst)
{
    return input_read(&f->input, f->header.data + entry->begin, dst, entry->end - entry->begin);
}

enum status mlp_file_weight(const struct mlp_file *f, size_t l, float *dst)
{
    return read_entry(f, f->layer[l - 1].weight, dst);
}

enum status mlp_file_bias(const struct mlp_file *f, size_t l, float *dst)
{
    return read_entry(f, f->layer[l - 1].bias, dst);
}
