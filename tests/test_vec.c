/* The vector vocabulary on every lane that runs here, against the model: the same words over special values,
 * random ones, every tail and every shift; tails touch nothing behind their end; and the model itself against
 * answers from the definition of each operation. */
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel.h"
#include "vec_ops.h"

enum { VL = 16, MOST = 256, MARGIN = 16, PAGE = 4096, RANDOM_ROUNDS = 3000, EXIT_SKIPPED = 77 };
#define STALE 0x7fb5a5a5u

static const struct lane {
    enum isa isa;
    const struct vec_ops *ops;
} lanes[] = {{ISA_MODEL, &vec_ops_model}, {ISA_AVX2, &vec_ops_avx2}, {ISA_AVX512, &vec_ops_avx512}};

static int failures, hidden;

/* ---- where the operands lie: `end` is the start of an unreadable page */
struct region {
    char *base, *end;
};

static struct region region_open(void)
{
    char *base = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED || mprotect(base + 2 * PAGE, PAGE, PROT_NONE)) abort();
    return (struct region){base, base + 2 * PAGE};
}

static char running[64]; /* for the handler: a crash names its operation */

static void crashed(int number)
{
    const char *const text[] = {"FAIL ", running, ": touched memory behind its operand\n"};
    for (size_t i = 0; i < 3; i++)
        if (write(STDOUT_FILENO, text[i], strlen(text[i])) < 0) break;
    (void)number;
    _exit(1);
}

/* ---- inputs */
static const uint32_t specials[] = {
    0x00000000, 0x80000000,             /* zeros */
    0x00000001, 0x80000001, 0x007fffff, /* subnormals */
    0x00800000, 0x80800000,             /* the least normals */
    0x3f800000, 0xbf800000, 0x3f800001, /* 1, -1 and a neighbour */
    0x3f000000, 0xbf000000, 0x3effffff, /* halves, and just below one */
    0x3fc00000, 0x40200000, 0xc0200000, /* ties: 1.5, 2.5, -2.5 */
    0x4affffff, 0x4b000001, 0xcb7fffff, /* about 2^23: the last fraction, odd integers */
    0x4f000000, 0xcf000000, 0x5f000000, /* +-2^31, 2^63 */
    0x7f7fffff, 0xff7fffff,             /* +-FLT_MAX */
    0x7f800000, 0xff800000,             /* infinities */
    0x7fc00000, 0xffc12345,             /* quiet NaNs */
    0x7f812345, 0xff800001,             /* signalling NaNs */
    0x7fffffff, 0xffffffff,             /* as integers: the greatest, and -1 */
};
enum { SPECIALS = sizeof specials / sizeof *specials };

static uint64_t state = 1;

/* splitmix64 */
static uint64_t next(void)
{
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Any word, a float within 2^+-12 of 1 so that sums round instead of absorbing, or a special one. */
static uint32_t random_word(void)
{
    const uint64_t r = next();
    const uint32_t word = (uint32_t)(r >> 32);
    switch (r % 4) {
    case 0:
        return word;
    case 1:
        return specials[(r >> 8) % SPECIALS];
    default:
        return (word & 0x807fffffu) | (uint32_t)(115 + (r >> 8) % 25) << 23;
    }
}

struct inputs {
    uint32_t a[MOST], b[VL], c[VL];
    int n;
};

static void random_inputs(struct inputs *in)
{
    for (size_t i = 0; i < MOST; i++) in->a[i] = random_word();
    for (size_t i = 0; i < VL; i++) in->b[i] = random_word();
    for (size_t i = 0; i < VL; i++) in->c[i] = random_word();
    in->n = (int)(next() % 32);
}

/* Sixteen neighbours among all triples of special words; they begin anywhere. */
static void special_inputs(struct inputs *in, size_t triple)
{
    for (size_t i = 0; i < MOST; i++) in->a[i] = specials[(triple + i) % SPECIALS];
    for (size_t i = 0; i < VL; i++) in->b[i] = specials[(triple + i) / SPECIALS % SPECIALS];
    for (size_t i = 0; i < VL; i++)
        in->c[i] = specials[(triple + i) / SPECIALS / SPECIALS % SPECIALS];
    in->n = (int)(triple / VL % 32);
}

/* ---- one call, and its comparison with the model's */
enum place { INSIDE, AT_END };

static int bits_of(const struct vec_op *op, int n)
{
    return op->tail == VEC_SHIFTS ? n : n % (VL + 1);
}

/* What op leaves in out: its words, or with AT_END those in front of the unreadable page. INSIDE also
 * returns the margins around them. */
static size_t call(const struct lane *lane, size_t index, const struct inputs *in, enum place place,
                   size_t shift, uint32_t out[MOST + 2 * MARGIN])
{
    static struct region regions[4];
    const struct vec_op *op = &lane->ops->op[index];
    const int n = bits_of(op, in->n);
    const bool end_in = place == AT_END && op->tail != VEC_STORES_TAIL;
    const bool end_out = place == AT_END && op->tail == VEC_STORES_TAIL;
    const size_t floats_in = end_in && op->tail == VEC_LOADS_TAIL ? (size_t)n : op->in;
    const size_t floats_out = end_out ? (size_t)n : op->out;
    for (size_t i = 0; i < 4 && !regions[i].base; i++) regions[i] = region_open();
    char *a = end_in ? regions[0].end - 4 * floats_in : regions[0].base + 4 * shift;
    char *b = regions[1].end - sizeof in->b, *c = regions[2].base + 4 * shift;
    char *to = end_out       ? regions[3].end - 4 * floats_out
               : op->aligned ? regions[3].base + PAGE
                             : regions[3].base + PAGE + 4 * shift;
    memcpy(a, in->a, 4 * floats_in);
    memcpy(b, in->b, sizeof in->b);
    memcpy(c, in->c, sizeof in->c);
    const size_t after = end_out ? 0 : MARGIN, all = MARGIN + floats_out + after;
    for (size_t i = 0; i < all; i++)
        memcpy(to + 4 * i - 4 * (size_t)MARGIN, &(uint32_t){STALE}, sizeof(uint32_t));
    snprintf(running, sizeof running, "%s on %s, n = %d", op->name, isa_name(lane->isa), n);
    op->run(&(struct vec_io){(void *)a, (void *)b, (void *)c, (void *)to, n});
    memcpy(out, to - 4 * MARGIN, 4 * all);
    return all;
}

static double as_double(const uint32_t *word)
{
    double x;
    memcpy(&x, word, sizeof x);
    return x;
}

static float as_float(uint32_t word)
{
    float x;
    memcpy(&x, &word, sizeof x);
    return x;
}

/* The first word that differs; `count` where none does. */
static size_t differ(const struct vec_op *op, const uint32_t *got, const uint32_t *want,
                     size_t count)
{
    size_t i = 0;
    for (; i < count; i++) {
        if (got[i] == want[i]) continue;
        const size_t at = (i - MARGIN) % 2 ? i - 1 : i; /* of the double that the word is in */
        const bool margin = i < MARGIN || i >= MARGIN + op->out;
        if (margin || op->words == VEC_EXACT) return i;
        if (op->words == VEC_F32 && !(isnan(as_float(got[i])) && isnan(as_float(want[i]))))
            return i;
        if (op->words == VEC_F64 && !(isnan(as_double(got + at)) && isnan(as_double(want + at))))
            return i;
    }
    return i;
}

static void complain(const struct lane *lane, const struct vec_op *op, const struct inputs *in,
                     size_t i, const uint32_t *got, const uint32_t *want)
{
    const size_t element = i - MARGIN; /* below 0: wraps, and is named as such */
    const size_t in_lane = op->words == VEC_F64 ? element / 2 % VL : element % VL;
    static const struct vec_op *last;
    static int shown;
    shown = op == last ? shown + 1 : 1;
    last = op;
    failures++;
    if (shown > 2 || failures - hidden > 100) {
        hidden++;
        return;
    }
    printf("FAIL %s on %s, out[%td]: got 0x%08x (%.9g), want 0x%08x (%.9g)\n", op->name,
           isa_name(lane->isa), (ptrdiff_t)element, got[i], (double)as_float(got[i]), want[i],
           (double)as_float(want[i]));
    printf("     a 0x%08x (%.9g), b 0x%08x (%.9g), c 0x%08x (%.9g), n %d\n", in->a[in_lane],
           (double)as_float(in->a[in_lane]), in->b[in_lane], (double)as_float(in->b[in_lane]),
           in->c[in_lane], (double)as_float(in->c[in_lane]), bits_of(op, in->n));
    if (op->out != 1 && op->words != VEC_F64) return;
    printf("     all of a:");
    for (size_t l = 0; l < VL; l++) printf(" 0x%08x", in->a[l]);
    putchar('\n');
}

static void compare(const struct lane *lane, const struct inputs *in, size_t shift)
{
    uint32_t got[MOST + 2 * MARGIN], want[MOST + 2 * MARGIN];
    for (size_t o = 0; o < lane->ops->count; o++) {
        const struct vec_op *op = &lane->ops->op[o];
        for (int place = INSIDE; place <= AT_END; place++) {
            const size_t count = call(&lanes[0], o, in, (enum place)place, shift, want);
            call(lane, o, in, (enum place)place, shift, got);
            const size_t at = differ(op, got, want, count);
            if (at < count) complain(lane, op, in, at, got, want);
        }
    }
}

/* ---- answers by definition, for every lane and the model too */
static const struct answer {
    const char *name;
    uint32_t a, b, c;
    int n;
    uint32_t want;
} answers[] = {
    {"v_fma", 0x3f800800, 0x3f800800, 0xbf800000, 0, 0x3a000400}, /* 2^-11 + 2^-24: one rounding */
    {"v_fnma", 0x3f800800, 0x3f800800, 0x3f800000, 0, 0xba000400},
    {"v_max", 0x00000000, 0x80000000, 0, 0, 0x80000000}, /* both zero: the second */
    {"v_max", 0x80000000, 0x00000000, 0, 0, 0x00000000},
    {"v_max", 0x7fc00000, 0x3f800000, 0, 0, 0x3f800000}, /* a NaN: the second */
    {"v_max", 0x3f800000, 0x7f812345, 0, 0, 0x7f812345},
    {"v_min", 0x00000000, 0x80000000, 0, 0, 0x80000000},
    {"v_min", 0x7fc00000, 0x3f800000, 0, 0, 0x3f800000},
    {"v_min", 0x3f800000, 0x7f812345, 0, 0, 0x7f812345},
    {"v_round", 0x40200000, 0, 0, 0, 0x40000000}, /* ties to even */
    {"v_round", 0xbf000000, 0, 0, 0, 0x80000000},
    {"v_round", 0x4affffff, 0, 0, 0, 0x4b000000},
    {"v_abs", 0xffc12345, 0, 0, 0, 0x7fc12345},
    {"v_gt", 0x7fc00000, 0x3f800000, 0, 0, 0x40200000}, /* a NaN is not greater */
    {"v_lt", 0x3f800000, 0x7fc00000, 0, 0, 0x40200000},
    {"v_eq", 0x00000000, 0x80000000, 0, 0, 0xbfc00000},
    {"v_eq", 0x7fc00000, 0x7fc00000, 0, 0, 0x40200000},
    {"v_nle", 0x7fc00000, 0x3f800000, 0, 0, 0xbfc00000},
    {"v_nle", 0x3f800000, 0x3f800000, 0, 0, 0x40200000},
    {"v_select", 1, 2, 1, 0, 1},
    {"v_select", 1, 2, 0xffffffff, 0, 2},
    {"v_keep", 5, 0, 0, 0, 0},
    {"v_sum", 0x3f800000, 0, 0, 0, 0x41800000},
    {"v_count", 0x3f800000, 0, 0, 0, 0x41800000},
    {"v_load_n", 3, 4, 0, 0, 4},
    {"vi_shl", 0x80000001, 0, 0, 31, 0x80000000},
    {"vi_shr", 0x80000001, 0, 0, 31, 1}, /* logical */
    {"vi_mul_lo", 0xffffffff, 0xffffffff, 0, 0, 1},
    {"vi_mul_hi", 0xffffffff, 0xffffffff, 0, 0, 0xfffffffe},
    {"vi_to_float", 0xffffffff, 0, 0, 0, 0xbf800000},
    {"vi_to_float", 0x01000001, 0, 0, 0, 0x4b800000}, /* a tie, to even */
    {"vi_gt", 0x80000000, 1, 0, 0, 0x40200000},       /* signed */
    {"vi_iota", 0, 0, 0, 3, 0xfffffff3},
};

static size_t find(const struct vec_ops *ops, const char *name)
{
    for (size_t o = 0; o < ops->count; o++)
        if (strcmp(ops->op[o].name, name) == 0) return o;
    printf("FAIL no row %s\n", name);
    exit(1);
}

static void compare_answers(const struct lane *lane)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const struct answer *w = &answers[i];
        const size_t o = find(lane->ops, w->name);
        struct inputs in = {.n = w->n};
        uint32_t got[MOST + 2 * MARGIN], want[MOST + 2 * MARGIN];
        for (size_t l = 0; l < MOST; l++) in.a[l] = w->a;
        for (size_t l = 0; l < VL; l++) in.b[l] = w->b;
        for (size_t l = 0; l < VL; l++) in.c[l] = w->c;
        call(lane, o, &in, INSIDE, 0, got);
        memcpy(want, got, sizeof want);
        want[MARGIN] = w->want;
        if (got[MARGIN] != w->want) complain(lane, &lane->ops->op[o], &in, MARGIN, got, want);
    }
}

/* That a wrong operation would be seen. */
static void compare_unlike(void)
{
    const struct vec_ops *ops = lanes[0].ops;
    const size_t like = find(ops, "v_fma"), unlike = find(ops, "v_fnma");
    uint32_t got[MOST + 2 * MARGIN], want[MOST + 2 * MARGIN];
    struct inputs in;
    random_inputs(&in);
    const size_t count = call(&lanes[0], like, &in, INSIDE, 0, want);
    call(&lanes[0], unlike, &in, INSIDE, 0, got);
    if (differ(&ops->op[like], got, want, count) == count) {
        failures++;
        puts("FAIL v_fnma passes for v_fma: the comparison sees nothing");
    }
}

/* test_vec [LANE]: that lane alone, which must run. */
int main(int argc, char **argv)
{
    const char *wanted = argc > 1 ? argv[1] : NULL;
    struct inputs in;
    size_t ran = 0;
    signal(SIGSEGV, crashed);
    compare_unlike();
    for (size_t l = 0; l < sizeof lanes / sizeof *lanes; l++) {
        const struct lane *lane = &lanes[l];
        if (wanted && strcmp(wanted, isa_name(lane->isa)) != 0) continue;
        if (!kernel_set(lane->isa)) {
            printf("%s SKIPPED: this CPU or its system cannot run it\n", isa_name(lane->isa));
            continue;
        }
        compare_answers(lane);
        if (lane->isa == ISA_MODEL) continue;
        const size_t triples = (size_t)SPECIALS * SPECIALS * SPECIALS;
        for (size_t t = 0; t < triples; t += VL) {
            special_inputs(&in, t);
            compare(lane, &in, t / VL % 16);
        }
        for (size_t round = 0; round < RANDOM_ROUNDS; round++) {
            random_inputs(&in);
            compare(lane, &in, round % 16);
        }
        printf("%s: %zu operations on %zu inputs\n", isa_name(lane->isa), lane->ops->count,
               triples / VL + RANDOM_ROUNDS);
        ran++;
    }
    if (hidden) printf("%d further failures not shown\n", hidden);
    printf("%d failures\n", failures);
    if (failures) return 1;
    return ran ? 0 : wanted ? 1 : EXIT_SKIPPED;
}
