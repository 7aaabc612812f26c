/* faulty: wrong kernels with the specs of right ones, and the verdict that each must get. */
#ifndef CHECK_FAULTY_H
#define CHECK_FAULTY_H

#include "judge.h"

/* The kinds of faults, as the table of `hinge selftest` has them. */
#define FAULT_KINDS(X)                                                                             \
    X(OWN, "of the room's own")                                                                    \
    X(NOTHING, "null kernel")                                                                      \
    X(TAIL, "short tail")                                                                          \
    X(STALE, "stale output")                                                                       \
    X(OVER_READ, "over-read")                                                                      \
    X(OVER_WRITE, "over-write")                                                                    \
    X(INPUT, "input written")                                                                      \
    X(LOST, "lost bias or term")                                                                   \
    X(MASK, "wrong mask")                                                                          \
    X(CAUSAL, "causal mask off by one")                                                            \
    X(STEP, "dropped step")                                                                        \
    X(LANES, "swapped lanes")                                                                      \
    X(UNFUSED, "unfused, other rounding")                                                          \
    X(ORDER, "wrong order")                                                                        \
    X(RACE, "race")                                                                                \
    X(THREADS, "thread dependence")                                                                \
    X(SCRATCH, "uninitialized scratch")                                                            \
    X(SIGN, "wrong sign")                                                                          \
    X(CONSTANT, "independent of input")                                                            \
    X(PLACE, "depends on the place")                                                               \
    X(REPEAT, "second run differs")                                                                \
    X(CRASH, "crash")                                                                              \
    X(SPECIAL, "NaN, zeros, overflow")                                                             \
    X(ORACLE, "useless oracle")
enum fault_kind {
#define X(kind, text) FAULT_##kind,
    FAULT_KINDS(X)
#undef X
        FAULT_KIND_COUNT
};
const char *fault_kind_name(enum fault_kind kind);

#define VERDICT_BIT(verdict) (1u << (verdict))

struct fault {
    const char *name;
    struct kernel_spec spec;
    enum fault_kind kind;
    size_t family;  /* of the room that is faulty */
    bool generated; /* with the same faults of all other rooms */
    unsigned
        expected; /* VERDICT_BIT()s: what it must be found by; VERDICT_PASS alone: it is sound */
};
struct faults {
    struct fault *at;
    size_t count, room;
};

/* The families of rooms; the last is of those that no other claims. */
enum { FAULT_FAMILIES = 12 };
const char *fault_family_name(size_t family);
size_t fault_family(const char *room);

enum { FAULTS_MAX = 1024 };

/* The faults, and the sound kernels that they were made from, which must pass. Needs the model's
 * lane: the scalar one stays sound, so that words have something to differ from. */
size_t faults_list(struct fault *faults, size_t room);

/* Those of every room, generated; one name each, like "relu_fwd: null kernel". */
void faults_every(struct faults *faults);
/* Of single rooms: elementwise kernels, sums and rows, one dense layer, its velocity, a sparse layer, chains of
 * layers, transformers, angles, training. */
void faults_relu(struct faults *faults);
void faults_rows(struct faults *faults);
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
    enum fault_kind kind;
};
/* room: whose fault it is. */
void faults_plant(struct faults *faults, const char *room, const struct kernel_spec *spec,
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
