/* ulp: the error of the functions of simd/vec_math.h on every lane that runs here, in units in the last place.
 *
 *   ulp [FUNCTION] [--all | --time]
 *
 * Without an option some 70 million arguments, among them the first, the last and every 61st of each 2^16 words, and
 * all within 512 words of where a function changes its form; with --all every f32. The reference is glibc's function
 * of doubles, which is off by less than two units of double, 4e-9 ULP here. It fails where an error is above the
 * bound that the header states, a zero has the wrong sign, a lane returns another word than the model, or the words
 * of the default arguments are not those that every build returns. --time: against libmvec and SLEEF, interleaved.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "base/status.h"
#include "kernel.h"
#include "math_rows.h"
#include "measure/sample.h"
#include "measure/stats.h"

enum { BLOCK = 1 << 16, BLOCKS = 1 << 16, STRIDE = 61, AROUND = 512, COLUMNS = 5 };

/* ---- what is held to what */
static const struct function {
    double (*exact)(double);
    float most;     /* greatest argument; greater ones are replaced by NaN */
    float from, to; /* arguments of the timing */
    uint64_t words; /* hash of the default arguments' results, NaNs alike */
} functions[MATH_ROWS] = {
    {exp, INFINITY, -20.0f, 20.0f, 0x7f630f8d2ba8caa0},
    {exp, 0.0f, -20.0f, 0.0f, 0xa6a8a096a6ae7f11},
    {log, INFINITY, 1e-6f, 1e6f, 0x4beb1e4cd38317c0},
    {tanh, INFINITY, -5.0f, 5.0f, 0x0d67edcc59b3ad54},
    {erf, INFINITY, -4.0f, 4.0f, 0xc4e083e53f91396a},
};

/* Where a function changes its form, overflows, underflows or saturates, and where floats do. */
static const float edges[] = {0.0f,  0x1p-126f,  0x1p-12f,    0.3465736f, 2.0f / 3.0f,
                              1.0f,  1.125f,     4.0f / 3.0f, 3.92f,      4.0f,
                              9.02f, 10.0f,      20.0f,       87.336545f, 88.7228f,
                              89.0f, 103.97208f, 104.0f,      INFINITY};
enum { EDGES = sizeof edges / sizeof *edges };
_Static_assert(EDGES * 4 * AROUND <= BLOCK, "the words around the edges do not fit");

struct column {
    const char *name;
    math_fn *run;
    bool ours;
};

struct tally {
    double max, sum; /* errors in ULP */
    size_t judged, misrounded, unlike;
    uint32_t at;
};

struct job {
    const struct function *f;
    const struct column *column;
    size_t columns;
    bool all;
    struct tally *tally; /* [block][column] */
    uint64_t *hash;      /* [block] */
};

static float as_float(uint32_t word)
{
    float x;
    memcpy(&x, &word, sizeof x);
    return x;
}

static uint32_t as_word(float x)
{
    uint32_t word;
    memcpy(&word, &x, sizeof word);
    return isnan(x) ? 0x7fc00000u : word;
}

/* One over the step between floats at x, 0 <= x <= 2^128. */
static double per_unit(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int exponent = (int)(bits >> 52) - 1023 - 23;
    const int step = exponent < -149 ? -149 : exponent > 104 ? 104 : exponent;
    bits = (uint64_t)(1023 - step) << 52;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Overflow counts as 2^128, so that a float where infinity is right is off by what it lacks. */
static double error_of(float got, double want)
{
    if (isnan(got) || isnan(want)) return isnan(got) && isnan(want) ? 0.0 : INFINITY;
    if (!signbit(got) != !signbit(want)) return INFINITY;
    const double far = 0x1p128, w = fmin(fabs(want), far), g = fmin(fabs((double)got), far);
    return fabs(g - w) * per_unit(w);
}

/* splitmix64's last steps */
static uint64_t mix(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* The words of a block; past BLOCKS those around the edges. Returns a multiple of VL, at most BLOCK. */
static size_t words_of(size_t block, bool all, uint32_t *word)
{
    size_t n = 0;
    if (block == BLOCKS) {
        for (size_t e = 0; e < EDGES; e++)
            for (uint32_t i = 0; i < 2 * AROUND; i++)
                for (uint32_t sign = 0; sign < 2; sign++)
                    word[n++] = (as_word(edges[e]) - AROUND + i) ^ sign << 31;
        return n;
    }
    const uint32_t first = (uint32_t)block * BLOCK;
    for (uint32_t i = 0; i < BLOCK; i += all ? 1 : STRIDE) word[n++] = first + i;
    for (uint32_t last = first + BLOCK; n % VL;) word[n++] = --last;
    return n;
}

static void judge_blocks(size_t begin, size_t end, void *ctx)
{
    const struct job *job = ctx;
    uint32_t *word = malloc(BLOCK * sizeof *word), *model = malloc(BLOCK * sizeof *model);
    uint32_t *right = malloc(BLOCK * sizeof *right);
    float *src = malloc(BLOCK * sizeof *src), *dst = malloc(BLOCK * sizeof *dst);
    double *want = malloc(BLOCK * sizeof *want), *error = malloc(BLOCK * sizeof *error);
    if (!word || !model || !right || !src || !dst || !want || !error) abort();
    for (size_t block = begin; block < end; block++) {
        const size_t n = words_of(block, job->all, word);
        for (size_t i = 0; i < n; i++) {
            src[i] = as_float(word[i]);
            if (src[i] > job->f->most) src[i] = NAN;
            want[i] = job->f->exact((double)src[i]);
            right[i] = as_word((float)want[i]);
        }
        for (size_t c = 0; c < job->columns; c++) {
            struct tally t = {0};
            job->column[c].run(dst, src, n);
            for (size_t i = 0; i < n; i++) {
                const uint32_t got = as_word(dst[i]);
                const bool like = c > 0 && got == model[i];
                const double e = like ? error[i] : error_of(dst[i], want[i]);
                if (e > t.max) t.max = e, t.at = word[i];
                t.judged++, t.sum += e;
                t.misrounded += got != right[i];
                t.unlike += job->column[c].ours && c > 0 && !like;
                if (c > 0) continue;
                model[i] = got, error[i] = e;
                job->hash[block] += mix((uint64_t)word[i] << 32 | got);
            }
            job->tally[block * job->columns + c] = t;
        }
    }
    free(word), free(model), free(right), free(src), free(dst), free(want), free(error);
}

/* The lanes that run here, the model first; then the peers of the widest. */
static size_t columns_of(size_t row, struct column column[COLUMNS])
{
    static const struct {
        enum isa isa;
        const struct math_row *rows;
    } lanes[] = {
        {ISA_MODEL, math_rows_model}, {ISA_AVX2, math_rows_avx2}, {ISA_AVX512, math_rows_avx512}};
    const struct math_row *widest = NULL;
    size_t n = 0;
    for (size_t l = 0; l < sizeof lanes / sizeof *lanes; l++) {
        if (!kernel_set(lanes[l].isa)) continue;
        const struct math_row *r = &lanes[l].rows[row];
        if (r->glibc || r->sleef) widest = r;
        column[n++] = (struct column){isa_name(lanes[l].isa), r->run, true};
    }
    if (widest && widest->glibc) column[n++] = (struct column){"libmvec", widest->glibc, false};
    if (widest && widest->sleef) column[n++] = (struct column){"SLEEF u10", widest->sleef, false};
    return n;
}

static int judge(size_t row, bool all)
{
    struct column column[COLUMNS];
    const struct math_row *r = &math_rows_model[row];
    struct job job = {&functions[row], column, columns_of(row, column), all, NULL, NULL};
    const size_t blocks = BLOCKS + 1;
    int failures = 0;
    job.tally = calloc(blocks * job.columns, sizeof *job.tally);
    job.hash = calloc(blocks, sizeof *job.hash);
    if (!job.tally || !job.hash) abort();
    par_each(par_max_threads(), blocks, 256, judge_blocks, &job);
    uint64_t words = 0;
    for (size_t b = 0; b < blocks; b++) words += job.hash[b];
    for (size_t c = 0; c < job.columns; c++) {
        struct tally sum = {0};
        for (size_t b = 0; b < blocks; b++) {
            const struct tally *t = &job.tally[b * job.columns + c];
            if (t->max > sum.max) sum.max = t->max, sum.at = t->at;
            sum.sum += t->sum, sum.judged += t->judged;
            sum.misrounded += t->misrounded, sum.unlike += t->unlike;
        }
        const bool bad = column[c].ours && (sum.max > r->bound || sum.unlike);
        failures += bad;
        printf("%-15s %-9s %.4f at 0x%08x (%.9g), mean %.4f, misrounded %zu of %zu", r->name,
               column[c].name, sum.max, sum.at, (double)as_float(sum.at),
               sum.sum / (double)sum.judged, sum.misrounded, sum.judged);
        if (column[c].ours) printf(", bound %.2f", r->bound);
        if (sum.unlike) printf(", %zu words not the model's", sum.unlike);
        puts(bad ? ": FAIL" : "");
    }
    if (!all) {
        const bool bad = words != job.f->words;
        failures += bad;
        printf("%-15s words 0x%016jx%s\n", r->name, (uintmax_t)words,
               bad ? ": FAIL, not those of ulp.c: other constants, or another order?" : "");
    }
    free(job.tally), free(job.hash);
    return failures;
}

/* ---- speed */
enum { TIMED = 2048 }; /* floats: source and result stay in L1 */

struct call {
    math_fn *run;
    float *dst, *src;
};

static void call(void *ctx)
{
    const struct call *c = ctx;
    c->run(c->dst, c->src, TIMED);
}

static void time_lane(const char *lane, const struct math_row *r, const struct function *f)
{
    static _Alignas(64) float src[TIMED], dst[TIMED];
    static struct samples samples[3];
    const char *const names[] = {"ours", "libmvec", "SLEEF u10"};
    math_fn *const runs[] = {r->run, r->glibc, r->sleef};
    struct call calls[3];
    struct task tasks[3];
    size_t n = 0;
    for (size_t i = 0; i < TIMED; i++)
        src[i] = f->from + (f->to - f->from) * (float)(mix(i + 1) >> 40) * 0x1p-24f;
    for (size_t i = 0; i < 3; i++) {
        if (!runs[i]) continue;
        calls[n] = (struct call){runs[i], dst, src};
        tasks[n] = (struct task){.name = names[i], .body = call, .ctx = &calls[n], .threads = 1};
        n++;
    }
    const struct plan plan = {
        .min_ns = 1e5, .budget_ns = 2e9, .min_rounds = 31, .rounds = 151, .seed = 1};
    struct sampler s;
    sampler_open(&s, tasks, n, &plan, samples);
    while (sampler_round(&s)) continue;
    for (size_t i = 0; i < n; i++) {
        const double ns = stats_median(samples[i].ns, samples[i].count);
        printf("%-15s %-7s %-9s %6.2f ns for 16, %5.2f a ns", r->name, lane, tasks[i].name,
               ns * VL / TIMED, TIMED / ns);
        if (i > 0) {
            const struct interval ratio =
                stats_ratio(samples[0].ns, samples[i].ns, samples[0].count);
            printf(", %.2f times ours (%.2f to %.2f)", ratio.at, ratio.lo, ratio.hi);
        }
        putchar('\n');
    }
}

static void time_row(size_t row)
{
    if (kernel_set(ISA_AVX2)) time_lane("avx2", &math_rows_avx2[row], &functions[row]);
    if (kernel_set(ISA_AVX512) && !kernel_set_emulated(ISA_AVX512))
        time_lane("avx512", &math_rows_avx512[row], &functions[row]);
}

int main(int argc, char **argv)
{
    bool all = false, timed = false;
    const char *name = NULL;
    int failures = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--all") == 0)
            all = true;
        else if (strcmp(argv[i], "--time") == 0)
            timed = true;
        else if (!name && argv[i][0] != '-')
            name = argv[i];
        else {
            fprintf(stderr, "ulp: unknown argument '%s'\n", argv[i]);
            return STATUS_USAGE;
        }
    }
    size_t found = 0;
    for (size_t row = 0; row < MATH_ROWS; row++) {
        if (name && strcmp(name, math_rows_model[row].name) != 0) continue;
        found++;
        if (timed)
            time_row(row);
        else
            failures += judge(row, all);
    }
    if (!found) {
        fprintf(stderr, "ulp: no function '%s'; there are", name);
        for (size_t row = 0; row < MATH_ROWS; row++)
            fprintf(stderr, " %s", math_rows_model[row].name);
        fputc('\n', stderr);
        return STATUS_USAGE;
    }
    return failures ? STATUS_WRONG : STATUS_OK;
}
