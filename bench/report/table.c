#include "table.h"

#include <math.h>
#include <string.h>

const char *human_time(double ns, char text[16])
{
    static const char *const unit[] = {"ns", "us", "ms", "s "};
    int u = 0;
    for (; u < 3 && ns >= 999.5; u++) ns /= 1000.0;
    snprintf(text, 16, "%5.*f %s", ns < 9.995 ? 2 : ns < 99.95 ? 1 : 0, ns, unit[u]);
    return text;
}

static bool is_timed(const struct row *row, const struct variant *v)
{
    return v->state == STATE_TIMED && row->rounds > 0;
}

static void print_variant(FILE *out, const struct result *r, const struct row *row, size_t i)
{
    const struct variant *v = &row->variant[i];
    char time[16], ratio[32] = "", share[16] = "";
    bool memory;
    if (!is_timed(row, v)) {
        fprintf(out, "    %-13s %s\n", v->name,
                v->state == STATE_WRONG ? "WRONG: not timed"
                : v->state == STATE_REF ? "oneDNN fell back to ref: no reference"
                                        : "not sampled");
        return;
    }
    const double median = stats_median(v->samples.ns, row->rounds);
    const double mad = stats_mad(v->samples.ns, row->rounds);
    const double part = roof_share(&r->roofs, row, v->isa, median, &memory);
    if (isfinite(part))
        snprintf(share, sizeof share, "%3.0f%% %s", 100.0 * part, memory ? "load" : "fma");
    if (i == row->best_twin)
        snprintf(ratio, sizeof ratio, "  1 (the reference)");
    else if (v->vs_onednn.at > 0.0)
        snprintf(ratio, sizeof ratio, "%6.2f [%.2f, %.2f]", v->vs_onednn.at, v->vs_onednn.lo,
                 v->vs_onednn.hi);
    fprintf(out, "    %-13s %s +-%4.1f%% %8.1f %9s  %-22s %7.2g\n", v->name,
            human_time(median, time), 100.0 * mad / median, row->flops / median, share, ratio,
            v->readout.bound_used);
}

void table_times(FILE *out, const struct result *r)
{
    fprintf(out, "    %-13s %8s %7s %8s %9s  %-22s %7s\n", "variant", "median", "MAD", "GFLOP/s",
            "of roof", "faster than oneDNN", "error");
    for (size_t i = 0; i < r->count; i++) {
        const struct row *row = &r->rows[i];
        fprintf(out, "%s, %d thread%s\n", row->name, row->threads, row->threads > 1 ? "s" : "");
        for (size_t v = 0; v < row->variants; v++) print_variant(out, r, row, v);
    }
    fputs("\nof roof: of the FMA peak, or of the load bandwidth of the cache level that holds the "
          "operands,\n"
          "whichever binds. faster: time of oneDNN's fastest form over ours in paired samples, 95 "
          "% interval.\n"
          "error: share used of the bound that the order of operations allows.\n",
          out);
}

static const struct variant *find(const struct row *row, bool ftz, const char *name)
{
    for (size_t i = 0; i < row->variants; i++) {
        const struct variant *v = &row->variant[i];
        if (v->isa == ISA_COUNT || v->ftz != ftz || !is_timed(row, v)) continue;
        if (!name || strncmp(v->name, name, strlen(name)) == 0) return v;
    }
    return NULL;
}

void table_signals(FILE *out, const struct result *r)
{
    bool headed = false;
    for (size_t i = 0; i < r->count; i++) {
        const struct row *row = &r->rows[i];
        if (!row->has_signal) continue;
        if (!headed)
            fprintf(out, "\nWhat the scale does\n%5s %5s %5s %8s | %10s %6s %6s %9s %8s | %s\n",
                    "depth", "width", "batch", "scale/He", "gain/layer", "dead", "zero",
                    "subnormal", "overflow", "FTZ+DAZ saves");
        headed = true;
        const struct shape *s = &row->work.shape;
        fprintf(out, "%5zu %5zu %5zu %8.3g | %10.4g %5.1f%% %5.1f%% %8.2f%% %7.1f%% |", s->depth,
                s->n, s->m, (double)s->scale, row->signal.gain, 100.0 * row->signal.dead,
                100.0 * row->signal.zero, 100.0 * row->signal.subnormal,
                100.0 * row->signal.overflow);
        const struct variant *ftz = find(row, true, NULL);
        const struct variant *with = NULL;
        for (size_t v = 0; ftz && v < row->variants; v++)
            if (row->variant[v].isa == ftz->isa && !row->variant[v].ftz) with = &row->variant[v];
        if (ftz && with && is_timed(row, with)) {
            const struct interval saved =
                stats_ratio(ftz->samples.ns, with->samples.ns, row->rounds);
            fprintf(out, " %.2f [%.2f, %.2f]", saved.at, saved.lo, saved.hi);
        }
        fputc('\n', out);
    }
    if (headed)
        fputs("gain: rms out over rms in, geometric mean over layers; 1 at scale 1 is He's point. "
              "dead: units that\n"
              "are zero for the whole batch. FTZ+DAZ saves: time without over time with them, 95 % "
              "interval.\n",
              out);
}

enum { LOSSES_SHOWN = 12 };

static void summarize(FILE *out, const struct result *r, enum isa isa, int threads)
{
    double ratio[4096];
    size_t n = 0, losses = 0, best = 0, worst = 0;
    const struct row *at[4096];
    const struct variant *of[4096];
    for (size_t i = 0; i < r->count && n < 4096; i++) {
        const struct row *row = &r->rows[i];
        for (size_t v = 0; v < row->variants && n < 4096; v++) {
            const struct variant *x = &row->variant[v];
            if (x->isa != isa || x->ftz || row->threads != threads || !(x->vs_onednn.at > 0.0))
                continue;
            at[n] = row;
            of[n] = x;
            ratio[n++] = x->vs_onednn.at;
        }
    }
    if (n == 0) return;
    for (size_t i = 0; i < n; i++) {
        if (ratio[i] > ratio[best]) best = i;
        if (ratio[i] < ratio[worst]) worst = i;
        losses += of[i]->vs_onednn.hi < 1.0;
    }
    const struct interval mean = stats_geomean(ratio, n, r->seed);
    fprintf(
        out,
        "%s, %d thread%s, %zu rows: %.2f times as fast as oneDNN [%.2f, %.2f] (geometric mean)\n",
        isa_name(isa), threads, threads > 1 ? "s" : "", n, mean.at, mean.lo, mean.hi);
    fprintf(out, "    best  %6.2f  %s\n    worst %6.2f  %s\n", ratio[best], at[best]->name,
            ratio[worst], at[worst]->name);
    fprintf(out, "    slower than oneDNN in %zu rows%s\n", losses, losses ? ":" : "");
    for (size_t i = 0, shown = 0; i < n; i++) {
        if (!(of[i]->vs_onednn.hi < 1.0)) continue;
        if (shown++ == LOSSES_SHOWN) {
            fprintf(out, "    ... and %zu more, all in the result file\n", losses - LOSSES_SHOWN);
            break;
        }
        fprintf(out, "    loss  %6.2f  %s\n", ratio[i], at[i]->name);
    }
}

void table_summary(FILE *out, const struct result *r)
{
    size_t retaken = 0, samples = 0, wrong = 0, refs = 0, unsampled = 0;
    int most = 1;
    for (size_t i = 0; i < r->count; i++) {
        const struct row *row = &r->rows[i];
        if (row->threads > most) most = row->threads;
        unsampled += row->rounds == 0;
        for (size_t v = 0; v < row->variants; v++) {
            retaken += row->variant[v].samples.retaken;
            samples += row->rounds;
            wrong += row->variant[v].state == STATE_WRONG;
            refs += row->variant[v].state == STATE_REF;
        }
    }
    fputs("\nSummary\n", out);
    for (int t = 1; t <= most; t++)
        for (int isa = 0; isa < ISA_COUNT; isa++) summarize(out, r, (enum isa)isa, t);
    fprintf(out,
            "%zu rows; %zu samples kept, %zu disturbed and taken again; %zu variants wrong, %zu "
            "without a "
            "reference",
            r->count, samples, retaken, wrong, refs);
    fprintf(out, unsampled ? ", %zu rows not sampled\n" : "\n", unsampled);
}
