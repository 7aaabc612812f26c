/* Geometric means, of the hand-written lanes and a plug-in's also best, worst and losses; what was retaken, wrong or
 * left out, and what missed the target. */
#include <math.h>
#include <stdlib.h>

#include "forks.h"
#include "sampling.h"
#include "table.h"

enum { LOSSES_SHOWN = 12, NOTES_SHOWN = 6, MISSED_SHOWN = 6 };

struct entry {
    double ratio;
    const struct row *row;
    const struct variant *variant;
};

static size_t collect(const struct result *r, const struct kernel_spec *spec, enum isa isa,
                      int threads, struct entry *to)
{
    size_t n = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct row *row = &r->rows[i];
        if (row->work.spec != spec || row->threads != threads) continue;
        for (size_t v = 0; v < row->variants; v++) {
            const struct variant *x = &row->variant[v];
            if (x->isa == isa && !x->ftz && x->summary.vs_onednn.at > 0.0)
                to[n++] = (struct entry){x->summary.vs_onednn.at, row, x};
        }
    }
    return n;
}

static void print_losses(FILE *out, const struct entry *e, size_t n)
{
    size_t losses = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(e[i].variant->summary.vs_onednn.hi < 1.0)) continue;
        if (losses++ < LOSSES_SHOWN)
            fprintf(out, "    loss  %6.2f  %s\n", e[i].ratio, e[i].row->name);
    }
    if (losses > LOSSES_SHOWN)
        fprintf(out, "    ... and %zu more, all in the result file\n", losses - LOSSES_SHOWN);
}

static void summarize(FILE *out, const struct entry *e, size_t n, uint64_t seed)
{
    double *ratio = malloc(n * sizeof *ratio);
    size_t best = 0, worst = 0, losses = 0;
    if (!ratio) return;
    for (size_t i = 0; i < n; i++) {
        ratio[i] = e[i].ratio;
        if (ratio[i] > ratio[best]) best = i;
        if (ratio[i] < ratio[worst]) worst = i;
        losses += e[i].variant->summary.vs_onednn.hi < 1.0;
    }
    /* One row says nothing of rows that were not measured, only of itself. */
    const struct interval mean =
        n > 1 ? stats_geomean(ratio, n, seed) : e->variant->summary.vs_onednn;
    fprintf(out, "%s %s, %d thread%s: %.2f times as fast as oneDNN [%.2f, %.2f] over %zu row%s",
            e->row->work.spec->name, isa_name(e->variant->isa), e->row->threads,
            e->row->threads > 1 ? "s" : "", mean.at, mean.lo, mean.hi, n, n > 1 ? "s" : "");
    if (n > 1) fprintf(out, ", slower in %zu", losses);
    fputc('\n', out);
    if (n > 1 && e->variant->isa >= ISA_AVX2) {
        fprintf(out, "    best  %6.2f  %s\n    worst %6.2f  %s\n", ratio[best], e[best].row->name,
                ratio[worst], e[worst].row->name);
        print_losses(out, e, n);
    }
    free(ratio);
}

static void print_notes(FILE *out, const struct result *r)
{
    size_t notes = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (!r->rows[i].note[0]) continue;
        if (notes++ < NOTES_SHOWN)
            fprintf(out, "    %s, %d th: %s\n", r->rows[i].name, r->rows[i].threads,
                    r->rows[i].note);
    }
    if (notes > NOTES_SHOWN)
        fprintf(out, "    ... and %zu more, all in the result file\n", notes - NOTES_SHOWN);
}

static void print_counts(FILE *out, const struct result *r)
{
    size_t retaken = 0, disturbed = 0, samples = 0, wrong = 0, refs = 0, flushed = 0, out_of = 0,
           few = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct row *row = &r->rows[i];
        out_of += row->rounds == 0;
        few += row->rounds > 0 && row->rounds < MIN_ROUNDS;
        for (size_t v = 0; v < row->variants; v++) {
            const struct variant *x = &row->variant[v];
            retaken += x->retaken;
            disturbed += x->disturbed;
            samples += forks_samples(x);
            wrong += x->state == STATE_WRONG;
            refs += x->state == STATE_REF;
            flushed += x->state == STATE_FLUSHED;
        }
    }
    fprintf(out,
            "%zu rows, %zu samples; %zu disturbed and taken again, %zu kept though disturbed; %zu "
            "variants\nwrong, %zu without a reference; %zu rows not sampled, %zu in fewer than %d "
            "rounds\n",
            r->count, samples, retaken, disturbed, wrong, refs, out_of, few, MIN_ROUNDS);
    if (flushed) fprintf(out, "%zu variants without a time: " FLUSHED_ERROR "\n", flushed);
    print_notes(out, r);
}

struct missed {
    const struct row *row;
    const struct variant *variant;
};

/* Those without an interval last. */
static int wider(const void *a, const void *b)
{
    const double x = ((const struct missed *)a)->variant->summary.half_width;
    const double y = ((const struct missed *)b)->variant->summary.half_width;
    if (isnan(x) || isnan(y)) return isnan(x) - isnan(y);
    return (x < y) - (x > y);
}

/* The widest first. */
static void print_missed(FILE *out, const struct result *r)
{
    struct missed *all = malloc((r->count * TASKS_MAX + 1) * sizeof *all);
    size_t n = 0, timed = 0;
    for (size_t i = 0; all && i < r->count; i++)
        for (size_t v = 0; v < r->rows[i].variants; v++) {
            const struct variant *x = &r->rows[i].variant[v];
            timed += x->summary.whole;
            if (variant_missed(r, &r->rows[i], x)) all[n++] = (struct missed){&r->rows[i], x};
        }
    if (n) {
        qsort(all, n, sizeof *all, wider);
        fprintf(out, "%zu of %zu times missed the target of %.4g %%: their intervals are wider\n",
                n, timed, 100.0 * r->sampling.target);
    }
    for (size_t i = 0; i < n && i < MISSED_SHOWN; i++) {
        const double half = all[i].variant->summary.half_width;
        fputs("    ", out);
        if (half < 10.0)
            fprintf(out, "+- %5.1f %%", 100.0 * half);
        else
            fputs(isfinite(half) ? "+- >1000 %" : "one process", out);
        fprintf(out, "  %s, %d th, %s\n", all[i].row->name, all[i].row->threads,
                all[i].variant->name);
    }
    if (n > MISSED_SHOWN)
        fprintf(out, "    ... and %zu more, all in the result file\n", n - MISSED_SHOWN);
    free(all);
}

void table_summary(FILE *out, const struct result *r)
{
    struct entry *e = malloc((r->count * TASKS_MAX + 1) * sizeof *e);
    int most = 1;
    for (size_t i = 0; i < r->count; i++)
        if (r->rows[i].threads > most) most = r->rows[i].threads;
    fprintf(out,
            "\nSummary%s: geometric means over rows and their 95 %% intervals, of a single row its "
            "own; "
            "a\nloss's interval lies below 1\n",
            r->count && r->rows->work.copies > 1 ? ", cold" : "");
    for (size_t k = 0; e && k < kernel_count; k++)
        for (int t = 1; t <= most; t++)
            for (int isa = 0; isa < ISA_COUNT; isa++) {
                const size_t n = collect(r, kernel_specs[k], (enum isa)isa, t, e);
                if (n) summarize(out, e, n, r->seed);
            }
    free(e);
    print_counts(out, r);
    print_missed(out, r);
}
