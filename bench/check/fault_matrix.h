/* fault_matrix: how many faults of each kind and family which verdict has found. */
#ifndef CHECK_FAULT_MATRIX_H
#define CHECK_FAULT_MATRIX_H

#include "faulty.h"

struct fault_matrix {
    size_t found[FAULT_KIND_COUNT][FAULT_FAMILIES][VERDICT_COUNT];
    size_t escaped[FAULT_KIND_COUNT][FAULT_FAMILIES];
    size_t planted, sound,
        wrong; /* faults, kernels without one, of both those that were judged otherwise */
};

void fault_matrix_add(struct fault_matrix *m, const struct fault *fault, enum verdict found,
                      bool good);
/* Kinds by families, and what the letters in it stand for. */
void fault_matrix_print(const struct fault_matrix *m);

#endif
