/* safetensors_header: what a .safetensors file says of its tensors, checked against the file alone: types
 * that are known, shapes that fill their ranges, ranges that fill the file and do not overlap; and the writing of a
 * GPT-2 with more beside it. */
#ifndef MODEL_SAFETENSORS_HEADER_H
#define MODEL_SAFETENSORS_HEADER_H

#include <jansson.h>

#include "format.h"

struct safetensors_entry {
    const char *name;    /* without "transformer."; no control characters */
    const char *dtype;   /* "F32" or another of the format's */
    uint64_t begin, end; /* of the data */
    json_t *shape;       /* an array of integers of at least 0 */
};

struct safetensors_header {
    const char *path;
    json_t *root;
    struct safetensors_entry *entry; /* in the order of the bytes */
    size_t entries;
    uint64_t data, bytes; /* where in the file the data begin, and how many bytes they are */
};

/* To be closed whatever the status. */
enum status safetensors_header_read(struct safetensors_header *header, const struct input *file);
void safetensors_header_close(struct safetensors_header *header);

enum { SHAPE_TEXT = 64 };
/* "[2,3]"; returns text. */
const char *shape_text(const json_t *shape, char text[SHAPE_TEXT]);

/* Vectors whose names begin with "optimizer.", which readers of a model pass over. */
struct safetensors_vector {
    const char *name;
    const float *data;
    size_t count;
};
struct safetensors_extra {
    json_t *metadata; /* strings; NULL: none. Stays the caller's */
    const struct safetensors_vector *vector;
    size_t vectors;
};
void safetensors_put(const struct gpt2 *model, const struct safetensors_extra *extra,
                     struct file_out *out);

#endif
