/* Faults of every room, generated from the rows of kernels/list.h and of the table below. */
#include <stddef.h>
#include <stdio.h>

#include "mutate.h"

#define MUTATIONS(X, room)                                                                         \
    X(NOTHING, room)                                                                               \
    X(TAIL, room)                                                                                  \
    X(STALE, room)                                                                                 \
    X(OVER_READ, room)                                                                             \
    X(OVER_WRITE, room)                                                                            \
    X(INPUT, room)                                                                                 \
    X(STEP, room)                                                                                  \
    X(LANES, room)                                                                                 \
    X(UNFUSED, room)                                                                               \
    X(RACE, room)                                                                                  \
    X(THREADS, room)                                                                               \
    X(SCRATCH, room)                                                                               \
    X(SIGN, room)                                                                                  \
    X(CONSTANT, room)                                                                              \
    X(PLACE, room)                                                                                 \
    X(REPEAT, room)

#define CALL(kind, room)                                                                           \
    static void room##_##kind(const struct kernel_set *set, const struct shape *s,                 \
                              void *const buf[], int threads)                                      \
    {                                                                                              \
        mutate(FAULT_##kind, kernel_spec(#room), &(struct mutated_call){set, s, buf, threads});    \
    }
#define CALLS(room) MUTATIONS(CALL, room)
KERNELS(CALLS)
COMPOSED(CALLS)

#define ROW(kind, room) {#room, FAULT_##kind, room##_##kind},
#define ROWS(room) MUTATIONS(ROW, room)
static const struct {
    const char *room;
    enum fault_kind kind;
    void (*call)(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads);
} rows[] = {KERNELS(ROWS) COMPOSED(ROWS)};
enum { COUNT = sizeof rows / sizeof *rows, SHAPES = 4 };

/* Below two a size leaves little of what a kernel does. */
static bool trivial(const struct kernel_spec *spec, struct shape s)
{
    for (size_t size = 0; size < SHAPE_SIZES; size++) {
        bool used = false;
        for (size_t i = 0; i < spec->check_shape_count; i++) {
            struct shape other = spec->check_shapes[i];
            used = used || *shape_size(&other, size);
        }
        const bool pads = shape_sizes[size].offset == offsetof(struct shape, pad);
        if (used && !pads && *shape_size(&s, size) < 2) return true;
    }
    return false;
}

/* The first of the spec's shapes that are neither trivial nor long and to which the fault applies. */
static size_t pick(enum fault_kind kind, const struct kernel_spec *spec, struct shape at[SHAPES])
{
    static const double MOST = 1e6;
    size_t count = 0;
    for (size_t i = 0; i < spec->check_shape_count && count < SHAPES; i++) {
        const struct shape *s = &spec->check_shapes[i];
        if (trivial(spec, *s) || spec->flops(s) + spec->bytes(s) > MOST) continue;
        if (mutate_applies(kind, spec, s)) at[count++] = *s;
    }
    return count;
}

void faults_every(struct faults *faults)
{
    static struct shape shapes[COUNT][SHAPES];
    static char names[COUNT][64];
    for (size_t i = 0; i < COUNT && faults->count < faults->room; i++) {
        struct kernel_spec spec = *kernel_spec(rows[i].room);
        spec.check_shape_count = pick(rows[i].kind, &spec, shapes[i]);
        spec.check_shapes = shapes[i];
        spec.fills &= -spec.fills; /* the first */
        spec.call = rows[i].call;
        if (!spec.check_shape_count) continue;
        snprintf(names[i], sizeof names[i], "%s: %s", rows[i].room, fault_kind_name(rows[i].kind));
        faults->at[faults->count++] = (struct fault){names[i],     spec,
                                                     rows[i].kind, fault_family(rows[i].room),
                                                     true,         mutate_expected(rows[i].kind)};
    }
}
