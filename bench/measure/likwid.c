#include "likwid.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/par.h"
#include "child.h"

enum { STARTS = 3, NAME = 48 };
/* Of one run: likwid-bench starts in well under a second, but others may want the machine too. */
static const double DEADLINE_SECONDS = 60.0;
/* Long against the start of the threads, short against the scheduler's slice. */
static const double PART_SECONDS = 2e-3;

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
};

/* Billions a second. */
static enum status run_once(const struct order *o, double *speed)
{
    char program[] = "likwid-bench", t[] = "-t", w[] = "-w", i[] = "-i", line[CHILD_ROOM];
    struct order own = *o;
    char *const argv[] = {program, t, own.test, w, own.group, i, own.iterations, NULL};
    const double until = clock_seconds() + DEADLINE_SECONDS;
    struct child child;
    double millions = NAN;
    const enum status status = child_start(&child, argv, true);
    if (status != STATUS_OK) return status;
    while (child_line(&child, until, line)) read_field(line, o->key, &millions);
    const int code = child_end(&child, until);
    *speed = 1e-3 * millions;
    if (isfinite(millions) && code == 0) return STATUS_OK;
    return fail(STATUS_DATA, "likwid-bench -t %s -w %s: no figure in \"%s\", exit code %d", o->test,
                o->group, o->key, code);
}

/* The best of several; NaN where one fails. */
static enum status run_best(const struct order *o, double *speed)
{
    *speed = NAN;
    double best = 0.0, seen;
    for (int s = 0; s < STARTS; s++) {
        const enum status status = run_once(o, &seen);
        if (status != STATUS_OK) return status;
        best = fmax(best, seen);
    }
    *speed = best;
    return STATUS_OK;
}

/* `work`: billions that a thread does in a pass, at the speed that all had with us. */
static struct order order_for(enum bound loop, const struct roof *roof, size_t floats, double speed,
                              double work)
{
    struct order o = {.key = loop == BOUND_FMA ? "MFlops/s" : "MByte/s"};
    const double pass = work * roof->threads / speed;
    const double times = isfinite(pass) && pass > 0.0 ? ceil(PART_SECONDS / pass) : 2.0;
    test_name(loop, roof->isa == ISA_AVX512, o.test);
    snprintf(o.group, sizeof o.group, "N:%zukB:%d",
             floats * sizeof(float) * (size_t)roof->threads / 1000, roof->threads);
    snprintf(o.iterations, sizeof o.iterations, "%.0f", fmax(times, 2.0));
    return o;
}

enum status likwid_measure(const struct roofs *roofs, const struct roof *ours, struct roof *theirs,
                           int *missing)
{
    const double flops = 30.0; /* of its peak, for each float of the buffer */
    const size_t in_l1 = roofs_floats(roofs, LEVEL_L1, ours->threads);
    *theirs = (struct roof){.isa = ours->isa, .threads = ours->threads};
    *missing = 0;
    par_release();
    par_unbind();
    const struct order peak =
        order_for(BOUND_FMA, ours, in_l1, ours->gflops, 1e-9 * flops * (double)in_l1);
    enum status status = run_best(&peak, &theirs->gflops);
    if (status == STATUS_UNAVAILABLE) return status;
    *missing += status != STATUS_OK;
    for (int level = LEVEL_L1; level < LEVEL_COUNT; level++)
        for (int loop = BOUND_LOAD; loop < BOUND_COUNT; loop++) {
            const size_t floats = roofs_floats(roofs, (enum level)level, ours->threads);
            const struct order o =
                order_for((enum bound)loop, ours, floats, ours->gbps[loop][level],
                          1e-9 * (double)(floats * sizeof(float)));
            status = run_best(&o, &theirs->gbps[loop][level]);
            *missing += status != STATUS_OK;
        }
    return STATUS_OK;
}
