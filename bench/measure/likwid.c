#include "likwid.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/par.h"
#include "dialogue.h"

enum { STARTS = 3, STARTS_MOST = 9, PASSES_LEAST = 16, NAME = 48 };
static const double PEAK_FLOPS = 30.0; /* for each float of its buffer */
/* Of one run: likwid-bench starts in well under a second, but others may want the machine too. */
static const double DEADLINE_SECONDS = 60.0;
/* As a part of ours: long against the start of the threads, short against the scheduler's slice. */
static const double PART_SECONDS = 1e-3;

static void test_name(enum bound loop, bool wide, char name[NAME])
{
    static const char *const stem[BOUND_COUNT] = {
        [BOUND_FMA] = "peakflops_sp", [BOUND_LOAD] = "load",       [BOUND_STORE] = "store",
        [BOUND_COPY] = "copy",        [BOUND_UPDATE] = "daxpy_sp", [BOUND_TRIAD] = "stream_sp"};
    const bool fused = loop == BOUND_FMA || loop == BOUND_UPDATE || loop == BOUND_TRIAD;
    snprintf(name, NAME, "%s_%s%s", stem[loop], wide ? "avx512" : "avx", fused ? "_fma" : "");
}

/* The number of a line such as "MByte/s:\t\t19236.99"; false where it is not that line. */
static bool read_field(const char *line, const char *key, double *value)
{
    char *end;
    const size_t length = strlen(key);
    while (isspace((unsigned char)*line)) line++;
    if (strncmp(line, key, length) != 0) return false;
    line += length;
    line += strspn(line, ": \t");
    const double x = strtod(line, &end);
    if (end == line || !isfinite(x) || !(x > 0.0)) return false;
    *value = x;
    return true;
}

struct order {
    char test[NAME], group[64], iterations[32];
    const char *key; /* of the line that has the figure, in millions */
    double ours;     /* billions a second */
};

/* Billions a second. */
static enum status run_once(const struct order *o, double *speed)
{
    char program[] = "likwid-bench", t[] = "-t", w[] = "-w", i[] = "-i", line[DIALOGUE_ROOM];
    struct order own = *o;
    char *const argv[] = {program, t, own.test, w, own.group, i, own.iterations, NULL};
    const double until = clock_seconds() + DEADLINE_SECONDS;
    struct dialogue child;
    double millions = NAN;
    const enum status status = dialogue_start(&child, argv, true);
    if (status != STATUS_OK) return status;
    while (dialogue_line(&child, until, line)) read_field(line, o->key, &millions);
    const int code = dialogue_end(&child, until);
    *speed = 1e-3 * millions;
    if (isfinite(millions) && code == 0) return STATUS_OK;
    return fail(STATUS_DATA, "likwid-bench -t %s -w %s: no figure in \"%s\", exit code %d", o->test,
                o->group, o->key, code);
}

/* The best of several, NaN where one fails. Others on the machine can only lower it: where it is low, it is given
 * further tries. */
static enum status run_best(const struct order *o, double *speed)
{
    *speed = NAN;
    double best = 0.0, seen;
    for (int s = 0; s < STARTS || (s < STARTS_MOST && best < o->ours / (1.0 + LIKWID_APART)); s++) {
        const enum status status = run_once(o, &seen);
        if (status != STATUS_OK) return status;
        best = fmax(best, seen);
    }
    *speed = best;
    return STATUS_OK;
}

/* Of the peak the level is L1. The passes of a part are as many as last PART_SECONDS at our speed; the first finds the
 * buffer in memory, which for a cache must be one of many. */
static struct order order_for(enum bound loop, enum level level, const struct roofs *roofs,
                              const struct roof *ours)
{
    const bool peak = loop == BOUND_FMA;
    const size_t floats = roofs_floats(roofs, level, ours->threads);
    const double work = (double)floats * (peak ? PEAK_FLOPS : sizeof(float)) * ours->threads;
    struct order o = {.key = peak ? "MFlops/s" : "MByte/s",
                      .ours = peak ? ours->gflops : ours->gbps[loop][level]};
    const double least = level == LEVEL_DRAM ? 1.0 : PASSES_LEAST;
    const double passes = ceil(PART_SECONDS * 1e9 * o.ours / work);
    test_name(loop, ours->isa == ISA_AVX512, o.test);
    snprintf(o.group, sizeof o.group, "N:%zukB:%d",
             floats * sizeof(float) * (size_t)ours->threads / 1000, ours->threads);
    snprintf(o.iterations, sizeof o.iterations, "%.0f", fmax(passes, least));
    return o;
}

enum status likwid_measure(const struct roofs *roofs, const struct roof *ours, struct roof *theirs,
                           int *missing)
{
    *theirs = (struct roof){.isa = ours->isa, .threads = ours->threads};
    *missing = 0;
    par_release();
    par_unbind();
    const struct order peak = order_for(BOUND_FMA, LEVEL_L1, roofs, ours);
    enum status status = run_best(&peak, &theirs->gflops);
    if (status == STATUS_UNAVAILABLE) return status;
    *missing += status != STATUS_OK;
    for (int level = LEVEL_L1; level < LEVEL_COUNT; level++)
        for (int loop = BOUND_LOAD; loop < BOUND_COUNT; loop++) {
            const struct order o = order_for((enum bound)loop, (enum level)level, roofs, ours);
            status = run_best(&o, &theirs->gbps[loop][level]);
            *missing += status != STATUS_OK;
        }
    return STATUS_OK;
}
