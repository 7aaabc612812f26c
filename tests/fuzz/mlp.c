/* MLPs of `hinge angle`: each layer that the header promises can be read, and takes what the one before makes. */
#include <stdlib.h>

#include "angle/mlp_file.h"
#include "fuzz.h"

static void read_layer(const struct mlp_file *f, size_t l)
{
    const struct mlp_file_layer *y = &f->layer[l - 1];
    fuzz_insist(y->inputs > 0 && y->outputs > 0, "sizes");
    fuzz_insist(l == 1 || y[-1].outputs == y->inputs, "layers that fit");
    fuzz_insist_plain(y->weight->name);
    float *room = fuzz_room(y->inputs * y->outputs, sizeof *room); /* no more than the file has */
    fuzz_insist(mlp_file_weight(f, l, room) == STATUS_OK, "weights");
    fuzz_insist(!y->bias || mlp_file_bias(f, l, room) == STATUS_OK, "biases");
    free(room);
}

void fuzz_one(const char *data, size_t size)
{
    const char *path = fuzz_file(FUZZ_NAME, data, size);
    struct mlp_file file;
    const enum status status = mlp_file_open(&file, path);
    if (status != STATUS_OK) fuzz_insist_sentence(status, path);
    for (size_t l = 1; status == STATUS_OK && l <= file.depth; l++) read_layer(&file, l);
    mlp_file_close(&file);
}
