/* faulty: wrong kernels with the specs of right ones, and the verdict that each must get. */
#ifndef CHECK_FAULTY_H
#define CHECK_FAULTY_H

#include "judge.h"

struct fault {
    const char *name;
    struct kernel_spec spec;
    enum verdict expected;
};
struct faults {
    struct fault *at;
    size_t count, room;
};

enum { FAULTS_MAX = 256 };

/* The faults, and the sound kernels that they were made from, which must pass. Needs the model's
 * lane: the scalar one stays sound, so that words have something to differ from. */
size_t faults_list(struct fault *faults, size_t room);

/* Its parts: elementwise kernels, one dense layer, its velocity, a sparse layer, chains of layers, transformers, angles,
 * training. */
void faults_relu(struct faults *faults);
void faults_dense(struct faults *faults);
void faults_jvp(struct faults *faults);
void faults_sparse(struct faults *faults);
void faults_chain(struct faults *faults);
void faults_gpt2(struct faults *faults);
void faults_angle(struct faults *faults);
void faults_train(struct faults *faults);

struct planted {
    const char *name;
    void (*call)(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads);
    enum verdict expected;
    /* NULL: the spec's own. */
    void (*oracle)(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[]);
};
void faults_plant(struct faults *faults, const struct kernel_spec *spec,
                  const struct planted *planted, size_t count);

/* A fault lies on every lane but the scalar one. */
static inline bool fault_spares(const struct kernel_set *set)
{
    return set->isa == ISA_SCALAR;
}

/* A planted call for a room of another kind; the scalar lane stays sound. */
#define WITH(name, composed, room, other)                                                          \
    static void name(const struct kernel_set *set, const struct shape *s, void *const buf[],       \
                     int threads)                                                                  \
    {                                                                                              \
        struct kernel_set lane = *set;                                                             \
        if (!fault_spares(set)) lane.room = other;                                                 \
        kernel_spec(composed)->call(&lane, s, buf, threads);                                       \
    }

#endif
