/* mlp_file: an MLP in a .safetensors file, by PyTorch's conventions.
 *
 * Layer         NAME.weight, [outputs, inputs], and, where there is one, NAME.bias, [outputs]; both F32. NAME may be empty.
 * Order         that of the numbers in the names: fc10 comes after fc2. The names differ in their numbers alone.
 * Refused       whatever else the file holds, since what it would do to the features is not known: tensors of other names, types or
 *               ranks (convolutions, normalizations), names whose order numbers do not tell (fc1, head), a bias without
 *               its weight; and a layer that does not take what the one before makes, or has no elements.
 */
#ifndef ANGLE_MLP_FILE_H
#define ANGLE_MLP_FILE_H

#include <stddef.h>

#include "base/status.h"
#include "model/safetensors_header.h"

struct mlp_file_layer {
    const struct safetensors_entry *weight, *bias; /* bias NULL: none */
    int name;                                      /* bytes of weight->name before ".weight" */
    size_t inputs, outputs;
};

struct mlp_file {
    struct input input;
    struct safetensors_header header;
    struct mlp_file_layer *layer; /* first to last */
    size_t depth;
};

/* Reads the header alone and checks it whole. To be closed whatever the status. */
enum status mlp_file_open(struct mlp_file *file, const char *path);
void mlp_file_close(struct mlp_file *file);

/* outputs x inputs floats; outputs floats. */
enum status mlp_file_weight(const struct mlp_file *file, size_t l, float *dst);
enum status mlp_file_bias(const struct mlp_file *file, size_t l, float *dst);

#endif
