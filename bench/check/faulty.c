#include "faulty.h"

void faults_plant(struct faults *faults, const struct kernel_spec *spec,
                  const struct planted *planted, size_t count)
{
    for (size_t i = 0; i < count && faults->count < faults->room; i++) {
        struct fault *f = &faults->at[faults->count++];
        *f = (struct fault){planted[i].name, *spec, planted[i].expected};
        f->spec.call = planted[i].call;
        if (planted[i].oracle) f->spec.oracle = planted[i].oracle;
    }
}

size_t faults_list(struct fault *faults, size_t room)
{
    struct faults list = {faults, 0, room};
    faults_relu(&list);
    faults_dense(&list);
    faults_jvp(&list);
    faults_sparse(&list);
    faults_chain(&list);
    faults_gpt2(&list);
    faults_angle(&list);
    faults_train(&list);
    return list.count;
}
