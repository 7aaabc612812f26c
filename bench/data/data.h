/* data: real inputs, as rows of floats with zero mean and unit mean square.
 *
 * A row is one image, its pixels in reading order, with one shift and factor for the whole set: what is dark in one
 * image stays dark in another. Or it is one wine, each of whose numbers has its own unit, shift and factor.
 */
#ifndef DATA_DATA_H
#define DATA_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct data {
    char name[64];
    size_t rows, cols;
    float *x;       /* rows x cols */
    uint8_t *label; /* rows */
};

/* The committed handwritten digits, 1797 x 64: digits.csv.gz of the folder that HINGE_DATA names, else of
 * ../share/hinge as seen from the program's own folder, where it is there, else of the source tree. */
enum status data_open_digits(struct data *data);

/* The committed wines, 178 x 13, of three classes: wine.csv.gz of the same folder. */
enum status data_open_wine(struct data *data);

/* MNIST-style IDX files of a folder: t10k (or train) images and labels, plain or gzipped. */
enum status data_open_idx(struct data *data, const char *folder);

/* Both of MNIST's sets, 60000 x 784 and 10000 x 784, with the shift and factor of the former: IDX files of that folder, or
 * NULL: of mnist/ in that of the digits. STATUS_NO_INPUT where they are not there. */
enum status data_open_mnist(struct data *train, struct data *test, const char *folder);

void data_close(struct data *data);

#endif
