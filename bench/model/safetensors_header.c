#include "safetensors_header.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"

enum {
    /* 512 layers of 14 tensors, each with some 140 bytes in the header. */
    HEADER_MOST = 1 << 20,
    /* What Jansson makes of one byte at the most: an empty object, three bytes, takes some 300. */
    PARSED = 128,
    NAME_MOST = 128,
    PREFIX = 12 /* "transformer." */
};

static enum status parse_json(const struct input *file, struct safetensors_header *h)
{
    uint64_t length = 0;
    if (file->bytes < sizeof length)
        return fail(STATUS_DATA, "%s: %" PRIu64 " bytes, too short for the length of a header",
                    file->path, file->bytes);
    enum status status = input_read(file, 0, &length, sizeof length);
    if (status != STATUS_OK) return status;
    if (length > file->bytes - sizeof length)
        return fail(STATUS_DATA, "%s: a header of %" PRIu64 " bytes, where %" PRIu64 " follow",
                    file->path, length, file->bytes - sizeof length);
    if (length > HEADER_MOST)
        return fail(STATUS_DATA, "%s: a header of %" PRIu64 " bytes; %d is the most that is read",
                    file->path, length, HEADER_MOST);
    h->data = sizeof length + length;
    h->bytes = file->bytes - h->data;
    status = arena_fits((double)length * PARSED, 0, file->path);
    if (status != STATUS_OK) return status;
    char *text = malloc(length + 1);
    if (!text) return fail(STATUS_OS, "%s: no memory for its header", file->path);
    status = input_read(file, sizeof length, text, length);
    if (status == STATUS_OK && (length == 0 || *text != '{'))
        status = fail(STATUS_DATA, "%s: its header does not begin with {", file->path);
    if (status == STATUS_OK) {
        json_error_t error;
        h->root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
        if (!h->root)
            status = fail(STATUS_DATA, "%s: its header is no JSON: %s, at byte %d", file->path,
                          error.text, error.position);
    }
    free(text);
    return status;
}

static size_t dtype_size(const char *dtype)
{
    static const struct {
        const char *name;
        size_t size;
    } known[] = {{"BOOL", 1}, {"U8", 1},   {"I8", 1},  {"I16", 2}, {"U16", 2},
                 {"F16", 2},  {"BF16", 2}, {"I32", 4}, {"U32", 4}, {"F32", 4},
                 {"F64", 8},  {"I64", 8},  {"U64", 8}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(dtype, known[i].name) == 0) return known[i].size;
    return 0;
}

static bool count_of(const json_t *value, uint64_t *count)
{
    *count = (uint64_t)json_integer_value(value);
    return json_is_integer(value) && json_integer_value(value) >= 0;
}

/* The bytes of so many elements of that shape; false where it is no shape or they overflow. */
static bool shape_bytes(const json_t *shape, size_t size, uint64_t *bytes)
{
    *bytes = size;
    if (!json_is_array(shape)) return false;
    for (size_t i = 0; i < json_array_size(shape); i++) {
        uint64_t dim;
        if (!count_of(json_array_get(shape, i), &dim) || __builtin_mul_overflow(*bytes, dim, bytes))
            return false;
    }
    return true;
}

const char *shape_text(const json_t *shape, char text[SHAPE_TEXT])
{
    memset(text, 0, SHAPE_TEXT);
    /* One that is longer is cut short. */
    (void)json_dumpb(shape, text, SHAPE_TEXT - 1, JSON_COMPACT);
    return text;
}

static enum status read_entry(const struct safetensors_header *h, const char *name,
                              const json_t *value, struct safetensors_entry *entry)
{
    const char *dtype = json_string_value(json_object_get(value, "dtype"));
    const json_t *offsets = json_object_get(value, "data_offsets");
    const size_t size = dtype ? dtype_size(dtype) : 0;
    uint64_t bytes;
    char text[SHAPE_TEXT];
    if (strlen(name) > NAME_MOST || !plain_is(name))
        return fail(STATUS_DATA,
                    "%s: a tensor's name is longer than %d bytes or has control characters",
                    h->path, NAME_MOST);
    if (size == 0) return fail(STATUS_DATA, "%s: %s: no dtype that is known", h->path, name);
    entry->name = name + (strncmp(name, "transformer.", PREFIX) == 0 ? PREFIX : 0);
    entry->dtype = dtype;
    entry->shape = json_object_get(value, "shape");
    if (!shape_bytes(entry->shape, size, &bytes))
        return fail(STATUS_DATA, "%s: %s: no shape, or one that overflows", h->path, name);
    if (json_array_size(offsets) != 2 || !count_of(json_array_get(offsets, 0), &entry->begin) ||
        !count_of(json_array_get(offsets, 1), &entry->end) || entry->begin > entry->end)
        return fail(STATUS_DATA, "%s: %s: data_offsets are not a begin and an end", h->path, name);
    if (entry->end > h->bytes)
        return fail(STATUS_DATA, "%s: %s: ends at byte %" PRIu64 " of the data, which has %" PRIu64,
                    h->path, name, entry->end, h->bytes);
    if (entry->end - entry->begin != bytes)
        return fail(STATUS_DATA, "%s: %s: %" PRIu64 " bytes; %s of %s take %" PRIu64, h->path, name,
                    entry->end - entry->begin, shape_text(entry->shape, text), dtype, bytes);
    return STATUS_OK;
}

static int by_bytes(const void *a, const void *b)
{
    const struct safetensors_entry *const x = a, *const y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* Each byte of the data belongs to one tensor: nothing hides between them. */
static enum status read_entries(struct safetensors_header *h)
{
    const char *name;
    json_t *value;
    h->entry = malloc((json_object_size(h->root) + 1) * sizeof *h->entry);
    if (!h->entry) return fail(STATUS_OS, "%s: no memory for its header", h->path);
    json_object_foreach(h->root, name, value)
    {
        if (strcmp(name, "__metadata__") == 0) continue;
        const enum status status = read_entry(h, name, value, &h->entry[h->entries]);
        if (status != STATUS_OK) return status;
        h->entries++;
    }
    qsort(h->entry, h->entries, sizeof *h->entry, by_bytes);
    uint64_t end = 0;
    for (size_t i = 0; i < h->entries; i++) {
        if (h->entry[i].begin < end)
            return fail(STATUS_DATA, "%s: %s overlaps %s", h->path, h->entry[i].name,
                        h->entry[i - 1].name);
        if (h->entry[i].begin > end) break;
        end = h->entry[i].end;
    }
    if (end == h->bytes) return STATUS_OK;
    return fail(STATUS_DATA,
                "%s: byte %" PRIu64 " of the data, which has %" PRIu64 ", belongs to no tensor",
                h->path, end, h->bytes);
}

enum status safetensors_header_read(struct safetensors_header *h, const struct input *file)
{
    *h = (struct safetensors_header){.path = file->path};
    const enum status status = parse_json(file, h);
    return status == STATUS_OK ? read_entries(h) : status;
}

void safetensors_header_close(struct safetensors_header *h)
{
    json_decref(h->root);
    free(h->entry);
    *h = (struct safetensors_header){0};
}
