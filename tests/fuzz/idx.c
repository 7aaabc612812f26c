/* Images and labels in MNIST's format, plain or gzipped. The first byte says how many that follow are the labels'. */
#include <math.h>

#include "data/data.h"
#include "fuzz.h"

void fuzz_one(const char *data, size_t size)
{
    const size_t said = size ? (unsigned char)*data : 0, rest = size ? size - 1 : 0;
    const size_t labels = said < rest ? said : rest;
    struct data set;
    fuzz_file("t10k-labels-idx1-ubyte", data + (size > 0), labels);
    fuzz_file("t10k-images-idx3-ubyte", data + (size > 0) + labels, rest - labels);
    const enum status status = data_open_idx(&set, fuzz_folder());
    if (status != STATUS_OK) {
        fuzz_insist_sentence(status, fuzz_folder());
        fuzz_insist(!set.x && !set.label, "a failure holds nothing");
        return;
    }
    for (size_t i = 0; i < set.rows * set.cols; i++) fuzz_insist(isfinite(set.x[i]), "a pixel");
    for (size_t i = 0; i < set.rows; i++) fuzz_insist(set.label[i] <= 9, "a label");
    data_close(&set);
}
