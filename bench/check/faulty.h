/* faulty: wrong kernels with the specs of right ones, and the verdict that each must get. */
#ifndef CHECK_FAULTY_H
#define CHECK_FAULTY_H

#include "judge.h"

struct fault {
    const char *name;
    struct kernel_spec spec;
    enum verdict expected;
};

/* The faults, and the sound kernels that they were made from, which must pass. Needs the model's
 * lane: the scalar one stays sound, so that words have something to differ from. */
size_t faults_list(struct fault *faults, size_t room);

#endif
