/* What bench/check/draw.h and shrink.h promise, of every kernel: cases are legal, bounded, of every kind and a function of the
 * seed and their number; what is shrunk ends at the smallest case that a rule which is known calls a failure. And a fault that
 * escapes is one that `hinge selftest` counts. */
#include <stdio.h>
#include <string.h>

#include "base/par.h"
#include "check/cases.h"
#include "check/fault_matrix.h"
#include "check/shrink.h"
#include "expect.h"

static const int threads[] = {1, 2, 5};

static struct draw from(const struct kernel_spec *const *specs, size_t count, uint64_t seed)
{
    return (struct draw){seed, specs, count, threads, sizeof threads / sizeof *threads, FILLS_ALL};
}

/* What the cases of one kernel have been. */
struct kinds {
    unsigned fills, flags, threads, shifts;
    size_t zero[SHAPE_SIZES], one[SHAPE_SIZES], odd[SHAPE_SIZES], aliases, padded;
};

static void see(const struct drawn *d, struct kinds *k)
{
    struct shape s = d->c.shape;
    struct operand op[OPERANDS_MAX] = {0};
    double bytes = 0.0;
    char name[192];
    const size_t count = d->spec->operands(&s, op);
    cases_name(d->spec, &d->c, name, sizeof name);
    for (size_t o = 0; o < count; o++) bytes += (double)operand_extent(&op[o]);
    EXPECT(cases_legal(d->spec, &s), "%s", name);
    EXPECT(bytes <= 0x1p25, "%s: %.0f bytes", name, bytes);
    const bool aligned = d->shift >= 0 && d->shift < 16;
    EXPECT(d->spec->fills >> d->fill & 1u && aligned, "%s", name);
    k->fills |= FILL_BIT(d->fill);
    k->flags |= s.flags;
    k->threads |= 1u << d->threads;
    if (aligned) k->shifts |= 1u << d->shift;
    k->padded += s.pad > 0;
    k->aliases += d->c.alias != NULL;
    for (size_t i = 0; i < SHAPE_SIZES; i++) {
        k->zero[i] += *shape_size(&s, i) == 0;
        k->one[i] += *shape_size(&s, i) == 1;
        k->odd[i] += *shape_size(&s, i) % 2;
    }
    struct check_case again;
    const struct kernel_spec *spec = NULL;
    EXPECT(cases_parse(name, &spec, &again) == STATUS_OK && spec == d->spec &&
               memcmp(&again.shape, &s, sizeof s) == 0 && again.alias == d->c.alias,
           "%s is not what its name says", name);
}

static void test_kinds(const struct kernel_spec *spec)
{
    enum { CASES = 2000 };
    struct kinds k = {.fills = 0};
    unsigned flags = 0;
    const struct draw one = from(&spec, 1, 7);
    for (uint64_t i = 0; i < CASES; i++) {
        const struct drawn d = draw_case(&one, i);
        see(&d, &k);
    }
    for (unsigned f = 0; f < FLAGS_MAX; f++)
        if (spec->flag_names[f]) flags |= 1u << f;
    EXPECT(k.fills == spec->fills && k.flags == flags, "%s: fills %x, flags %x", spec->name,
           k.fills, k.flags);
    EXPECT(k.threads == (1u << 1 | 1u << 2 | 1u << 5) && k.shifts == 0xffff, "%s: %x, %x",
           spec->name, k.threads, k.shifts);
    EXPECT((k.aliases > 0) == (spec->alias_count > 0), "%s", spec->name);
    for (size_t i = 0; i < SHAPE_SIZES; i++) {
        size_t most = 0;
        for (size_t j = 0; j < spec->check_shape_count; j++) {
            struct shape s = spec->check_shapes[j];
            if (*shape_size(&s, i) > most) most = *shape_size(&s, i);
        }
        const bool kinds = k.one[i] && k.odd[i] > CASES / 10 && k.zero[i] < CASES;
        EXPECT(!most || kinds || strcmp(shape_sizes[i].name, "pad") == 0, "%s: sizes %s",
               spec->name, shape_sizes[i].name);
        EXPECT(most || k.zero[i] == CASES, "%s has no %s", spec->name, shape_sizes[i].name);
    }
}

static void test_sequence(void)
{
    const struct draw a = from(kernel_specs, kernel_count, 3),
                      b = from(kernel_specs, kernel_count, 4);
    size_t other = 0;
    for (uint64_t i = 0; i < 500; i++) {
        const struct drawn x = draw_case(&a, i), y = draw_case(&a, i), z = draw_case(&b, i);
        EXPECT(x.spec == kernel_specs[i % kernel_count], "case %zu", (size_t)i);
        EXPECT(memcmp(&x.c.shape, &y.c.shape, sizeof x.c.shape) == 0 && x.fill == y.fill &&
                   x.threads == y.threads && x.shift == y.shift && x.seed == y.seed,
               "case %zu is another at the second time", (size_t)i);
        other += memcmp(&x.c.shape, &z.c.shape, sizeof x.c.shape) != 0;
    }
    EXPECT(other > 400, "another seed changes %zu of 500 shapes", other);
}

/* ---- shrinking */

struct rule {
    struct shape least; /* fails from these sizes on, with these flags */
    enum fill fill;
    int threads, shift;
    size_t asked;
};

static bool fails(const struct drawn *d, void *ctx)
{
    struct rule *r = ctx;
    struct shape s = d->c.shape;
    bool large = true;
    r->asked++;
    for (size_t i = 0; i < SHAPE_SIZES; i++)
        large = large && *shape_size(&s, i) >= *shape_size(&r->least, i);
    return large && (s.flags & r->least.flags) == r->least.flags && d->fill >= r->fill &&
           d->threads >= r->threads && d->shift >= r->shift;
}

static struct drawn large_case(void)
{
    return (struct drawn){
        .spec = kernel_spec("dense_fwd"),
        .c = {.shape = {.m = 900, .n = 4097, .k = 77, .pad = 9, .scale = 0.1f, .flags = 7}},
        .fill = FILL_NEG,
        .threads = 8,
        .shift = 13,
        .seed = 1};
}

static void test_shrink(struct rule rule)
{
    struct drawn d = large_case();
    const size_t trials = shrink_case(&d, 5000, fails, &rule);
    EXPECT(memcmp(&d.c.shape, &rule.least, sizeof d.c.shape) == 0,
           "m %zu n %zu k %zu pad %zu flags %x", d.c.shape.m, d.c.shape.n, d.c.shape.k,
           d.c.shape.pad, d.c.shape.flags);
    EXPECT(d.fill == rule.fill && d.threads == rule.threads && d.shift == rule.shift,
           "fill %d, %d threads, shift %d", (int)d.fill, d.threads, d.shift);
    EXPECT(trials == rule.asked && trials < 1000, "%zu trials", trials);
}

static void test_shrink_stops(void)
{
    struct drawn d = large_case();
    struct rule rule = {.least = {.m = 900}};
    EXPECT(shrink_case(&d, 5, fails, &rule) == 5 && rule.asked == 5, "%zu", rule.asked);
    EXPECT(fails(&d, &rule), "what it leaves fails");
}

/* ---- the table of the selftest */

static void test_matrix(void)
{
    static struct fault_matrix m;
    const struct fault fault = {.name = "planted", .expected = VERDICT_BIT(VERDICT_VALUE)};
    const struct fault sound = {.name = "sound", .expected = VERDICT_BIT(VERDICT_PASS)};
    fault_matrix_add(&m, &sound, VERDICT_PASS, true);
    fault_matrix_add(&m, &fault, VERDICT_VALUE, true);
    EXPECT(m.planted == 1 && m.sound == 1 && m.wrong == 0, "%zu wrong", m.wrong);
    fault_matrix_add(&m, &fault, VERDICT_PASS, false);
    EXPECT(m.wrong == 1 && m.escaped[0][0] == 1 && m.found[0][0][VERDICT_VALUE] == 1,
           "%zu wrong, %zu escaped", m.wrong, m.escaped[0][0]);
}

/* ---- the cases that are derived of whatever shapes a spec has */

struct derived {
    size_t odd,
        cut; /* of n; enough for several threads, and where it can be with gaps between rows */
};

static void see_derived(const struct check_case *c, void *ctx)
{
    struct derived *d = ctx;
    d->odd += c->shape.n % 2;
    d->cut +=
        c->care == CARE_CUT && (c->shape.m ? c->shape.m > par_rows(c->shape.n) && c->shape.pad > 0
                                           : c->shape.n > PAR_PAGE);
}

static bool is_even(const struct shape *s)
{
    return s->n % 2 == 0;
}

static void test_derived(const char *kernel, size_t m, bool (*legal)(const struct shape *),
                         struct derived want)
{
    const struct shape shapes[] = {{.m = m, .n = 16}, {.m = m, .n = 32, .pad = m ? 1 : 0}};
    struct kernel_spec spec = *kernel_spec(kernel);
    struct derived got = {0};
    spec.check_shapes = shapes;
    spec.check_shape_count = 2;
    spec.alias_count = 0;
    spec.legal = legal;
    cases_visit(&spec, false, see_derived, &got);
    EXPECT(got.odd == want.odd && got.cut == want.cut, "%s: %zu odd, %zu cut", kernel, got.odd,
           got.cut);
}

static void test_cases(void)
{
    test_derived("relu_fwd", 0, NULL, (struct derived){35 + 1, 1});
    test_derived("relu_fwd", 0, is_even, (struct derived){0, 1});
    test_derived("softmax_fwd", 4, NULL, (struct derived){18, 1});
    test_derived("softmax_fwd", 4, is_even, (struct derived){0, 1});
}

/* A new room needs no row of a table to be planted with faults. */
static void test_families(void)
{
    EXPECT(strcmp(fault_family_name(fault_family("relu_fwd")), "element") == 0, "relu_fwd");
    EXPECT(strcmp(fault_family_name(fault_family("unheard_of")), "other") == 0, "unheard_of");
}

int main(void)
{
    for (size_t i = 0; i < kernel_count; i++) test_kinds(kernel_specs[i]);
    test_sequence();
    test_shrink((struct rule){.least = {.m = 1, .n = 17, .k = 0}, .fill = FILL_UNIT, .threads = 1});
    test_shrink((struct rule){.least = {.m = 301, .n = 2000, .k = 64, .flags = 2},
                              .fill = FILL_TINY,
                              .threads = 3,
                              .shift = 4});
    test_shrink((struct rule){.least = {.pad = 2}, .fill = FILL_UNIT, .threads = 8, .shift = 13});
    test_shrink_stops();
    test_matrix();
    test_families();
    test_cases();
    printf("%d failures\n", failures);
    return failures != 0;
}
