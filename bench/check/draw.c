#include "draw.h"

#include <math.h>

#include "measure/splitmix.h"

static bool chance(uint64_t *state, size_t one_in)
{
    return splitmix_below(state, one_in) == 0;
}

static size_t between(uint64_t *state, size_t least, size_t most)
{
    return least + splitmix_below(state, most - least + 1);
}

/* Log-uniform from 1. */
static size_t of_any_magnitude(uint64_t *state, size_t most)
{
    const double share = (double)(splitmix(state) >> 11) * 0x1p-53;
    return (size_t)exp(share * log((double)most + 1.0));
}

static size_t draw_size(uint64_t *state, size_t most)
{
    enum { VECTOR = 16, TILES = 8, KINDS = 32 };
    const size_t kind = splitmix_below(state, KINDS);
    size_t size = 0;
    if (kind == 0) return 0;
    if (kind <= 2)
        size = 1;
    else if (kind <= 10)
        size = between(state, 1, 2 * VECTOR + 3);
    else if (kind <= 16)
        size = VECTOR * between(state, 1, TILES) + between(state, 0, 2) - 1;
    else if (kind <= 21)
        size = ((size_t)1 << between(state, 1, (size_t)log2((double)most + 1.0) + 1)) +
               between(state, 0, 2) - 1;
    else
        size = of_any_magnitude(state, most);
    return size < most ? size : most;
}

/* Twice the greatest of the spec's own shapes; 0 where the kernel has no such size. */
static size_t most_of(const struct kernel_spec *spec, size_t size)
{
    size_t most = 0;
    for (size_t i = 0; i < spec->check_shape_count; i++) {
        struct shape s = spec->check_shapes[i];
        if (*shape_size(&s, size) > most) most = *shape_size(&s, size);
    }
    return 2 * most;
}

static bool too_much(const struct kernel_spec *spec, const struct shape *s, double more)
{
    static const double BYTES = 0x1p21, FLOPS = 1e6;
    struct operand op[OPERANDS_MAX] = {0};
    double bytes = 0.0;
    const size_t count = spec->operands(s, op);
    for (size_t o = 0; o < count; o++) {
        bytes += (double)operand_extent(&op[o]);
        if (operand_written(&op[o])) bytes += 16.0 * (double)operand_elements(&op[o]);
    }
    return bytes > more * BYTES || spec->flops(s) > more * FLOPS;
}

static void halve_greatest(struct shape *s)
{
    size_t greatest = 0;
    for (size_t i = 1; i < SHAPE_SIZES; i++)
        if (*shape_size(s, i) > *shape_size(s, greatest)) greatest = i;
    *shape_size(s, greatest) /= 2;
}

static float draw_scale(uint64_t *state, const struct kernel_spec *spec, const struct shape *own)
{
    static const float set[] = {1e-3f, 0.1f, 0.25f, 0.5f, 2.0f, 4.0f, 10.0f, 1e3f};
    if (cases_scaled(spec, own) && chance(state, 8))
        return set[splitmix_below(state, sizeof set / sizeof *set)];
    return own->scale;
}

static unsigned draw_flags(uint64_t *state, const struct kernel_spec *spec, const struct shape *own)
{
    unsigned named = 0;
    for (unsigned f = 0; f < FLAGS_MAX; f++)
        if (spec->flag_names[f]) named |= 1u << f;
    return chance(state, 2) ? own->flags : (unsigned)splitmix(state) & named;
}

static struct shape draw_shape(uint64_t *state, const struct kernel_spec *spec)
{
    enum { TRIES = 64 };
    const double more = chance(state, 32) ? 16.0 : 1.0;
    const struct shape *own = &spec->check_shapes[splitmix_below(state, spec->check_shape_count)];
    for (int i = 0; i < TRIES; i++) {
        struct shape s = {.scale = draw_scale(state, spec, own),
                          .flags = draw_flags(state, spec, own)};
        for (size_t size = 0; size < SHAPE_SIZES; size++) {
            const size_t most = most_of(spec, size);
            if (most) *shape_size(&s, size) = draw_size(state, most);
        }
        if (chance(state, 2)) s.pad = 0;
        if (!cases_legal(spec, &s)) continue;
        while (too_much(spec, &s, more)) halve_greatest(&s);
        if (cases_legal(spec, &s)) return s;
    }
    return *own;
}

static enum fill draw_fill(uint64_t *state, unsigned fills)
{
    size_t left = splitmix_below(state, (size_t)__builtin_popcount(fills));
    int fill = 0;
    for (; !(fills >> fill & 1u) || left--; fill++) continue;
    return (enum fill)fill;
}

struct drawn draw_case(const struct draw *from, uint64_t number)
{
    struct drawn d = {.spec = from->specs[number % from->spec_count], .seed = from->seed + number};
    uint64_t state = from->seed;
    state = splitmix(&state) + number;
    d.c = (struct check_case){.shape = draw_shape(&state, d.spec), .care = CARE_DRAWN};
    d.fill = draw_fill(&state, d.spec->fills & from->fills);
    d.threads = from->threads[splitmix_below(&state, from->thread_count)];
    d.shift = (int)splitmix_below(&state, 16);
    if (d.spec->alias_count && chance(&state, 4)) {
        const struct alias *alias = &d.spec->aliases[splitmix_below(&state, d.spec->alias_count)];
        if (cases_alias_fits(d.spec, alias, &d.c.shape)) d.c.alias = alias;
    }
    return d;
}
