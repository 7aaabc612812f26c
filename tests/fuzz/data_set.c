/* The data sets that the project brings, from a folder that HINGE_DATA names. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/data.h"
#include "fuzz.h"

void fuzz_one(const char *data, size_t size)
{
    const char *path = fuzz_file(FUZZ_NAME, data, size);
    struct data set;
    setenv("HINGE_DATA", fuzz_folder(), 1);
    const enum status status =
        strcmp(FUZZ_NAME, "wine.csv.gz") == 0 ? data_open_wine(&set) : data_open_digits(&set);
    if (status != STATUS_OK) {
        fuzz_insist_sentence(status, path);
        fuzz_insist(!set.x && !set.label, "a failure holds nothing");
        return;
    }
    for (size_t i = 0; i < set.rows * set.cols; i++) fuzz_insist(isfinite(set.x[i]), "a number");
    for (size_t i = 0; i < set.rows; i++) fuzz_insist(set.label[i] <= 9, "a class");
    data_close(&set);
}
