/* vec_ops: every operation of the vector vocabulary on plain memory, one table per lane. */
#ifndef TESTS_VEC_OPS_H
#define TESTS_VEC_OPS_H

#include <stdbool.h>
#include <stddef.h>

/* a is read, 256 floats where the operation takes a matrix, n where it takes a tail, else 16; of b and
 * c 16. n is a tail's length or the bits of a shift. */
struct vec_io {
    const float *a, *b, *c;
    float *out;
    int n;
};

/* How words are compared: as they are, or any NaN like any other, of f32 or of f64. */
enum vec_words { VEC_EXACT, VEC_F32, VEC_F64 };
enum vec_tail { VEC_WHOLE, VEC_LOADS_TAIL, VEC_STORES_TAIL, VEC_SHIFTS };

struct vec_op {
    const char *name;
    enum vec_words words;
    enum vec_tail tail;
    size_t in, out; /* floats read at a, and written */
    bool aligned;   /* out must lie at a 64-byte boundary */
    void (*run)(const struct vec_io *io);
};

struct vec_ops {
    const struct vec_op *op;
    size_t count;
};
extern const struct vec_ops vec_ops_model, vec_ops_avx2, vec_ops_avx512;

#endif
