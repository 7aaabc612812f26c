#include "faulty.h"

#include <assert.h>
#include <string.h>

const char *fault_kind_name(enum fault_kind kind)
{
    static const char *const names[] = {
#define X(kind, text) text,
        FAULT_KINDS(X)
#undef X
    };
    return names[kind];
}

/* By what the names of its rooms begin with. */
static const struct {
    const char *name, *prefixes[4];
} families[FAULT_FAMILIES] = {{"element", {"relu_", "gelu_", "axpy"}},
                              {"sum", {"dot_", "moments", "argmax"}},
                              {"row", {"softmax_", "layernorm_", "xent_"}},
                              {"dense", {"dense_"}},
                              {"sparse", {"sparse_"}},
                              {"attn", {"attn_"}},
                              {"embed", {"embed_"}},
                              {"random", {"normal_", "uniform_"}},
                              {"chain", {"mlp_", "chain_"}},
                              {"angle", {"angle_", "bfk_"}},
                              {"train", {"sgd_", "adamw_", "train_", "gpt2_"}},
                              {"other", {""}}};

const char *fault_family_name(size_t family)
{
    return families[family].name;
}

size_t fault_family(const char *room)
{
    enum { PREFIXES = sizeof families->prefixes / sizeof *families->prefixes };
    size_t f = 0;
    for (; f + 1 < FAULT_FAMILIES; f++)
        for (size_t i = 0; i < PREFIXES && families[f].prefixes[i]; i++)
            if (strncmp(room, families[f].prefixes[i], strlen(families[f].prefixes[i])) == 0)
                return f;
    return f;
}

void faults_plant(struct faults *faults, const char *room, const struct kernel_spec *spec,
                  const struct planted *planted, size_t count)
{
    for (size_t i = 0; i < count && faults->count < faults->room; i++) {
        struct fault *f = &faults->at[faults->count++];
        *f = (struct fault){planted[i].name,    *spec, planted[i].kind,
                            fault_family(room), false, VERDICT_BIT(planted[i].expected)};
        f->spec.call = planted[i].call;
        if (planted[i].oracle) f->spec.oracle = planted[i].oracle;
    }
}

size_t faults_list(struct fault *faults, size_t room)
{
    struct faults list = {faults, 0, room};
    faults_relu(&list);
    faults_rows(&list);
    faults_dense(&list);
    faults_jvp(&list);
    faults_sparse(&list);
    faults_chain(&list);
    faults_gpt2(&list);
    faults_angle(&list);
    faults_train(&list);
    faults_every(&list);
    assert(list.count < room); /* FAULTS_MAX: none was left out */
    return list.count;
}
