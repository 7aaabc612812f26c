#include "table.h"

#include <math.h>

#include "check/twins.h"
#include "forks.h"

const char *human_time(double ns, char text[16])
{
    static const char *const unit[] = {"ns", "us", "ms", "s "};
    int u = 0;
    for (; u < 3 && ns >= 999.5; u++) ns /= 1000.0;
    snprintf(text, 16, "%5.*f %s", ns < 9.995 ? 2 : ns < 99.95 ? 1 : 0, ns, unit[u]);
    return text;
}

static void print_gbps(FILE *out, const struct roof *roof, enum bound loop, const char *end)
{
    fprintf(out, "    %-6s", bound_name(loop));
    for (int l = 0; l < LEVEL_COUNT; l++)
        fprintf(out, "%s %4.0f", l ? "," : "", roof->gbps[loop][l]);
    fputs(end, out);
}

void table_roofs(FILE *out, const struct roofs *roofs)
{
    for (size_t i = 0; i < roofs->count; i++) {
        const struct roof *f = &roofs->at[i];
        fprintf(out, "roof %s, %d thread%s: %.0f GFLOP/s at %.2f GHz;", isa_name(f->isa),
                f->threads, f->threads > 1 ? "s" : "", f->gflops, 1e-3 * f->mhz);
        fputs(" GB/s in L1, L2, L3, DRAM:\n", out);
        print_gbps(out, f, BOUND_LOAD, ";");
        print_gbps(out, f, BOUND_STORE, "\n");
        print_gbps(out, f, BOUND_COPY, ";");
        print_gbps(out, f, BOUND_UPDATE, "\n");
        print_gbps(out, f, BOUND_TRIAD, "\n");
    }
}

void table_head(FILE *out, const struct result *r)
{
    const struct machine *m = &r->machine;
    fprintf(out, "hinge on %s, %d CPUs, %s, %s (%s)\n", m->cpu, m->cpus, m->compiler,
            twins_version(), twin_cpu_isa());
    table_roofs(out, &r->roofs);
}

static void print_untimed(FILE *out, const struct row *row, const struct variant *v)
{
    fprintf(out, "  %-11s ", v->name);
    if (v->state == STATE_WRONG)
        fputs("WRONG: not timed\n", out);
    else if (v->state == STATE_REF)
        fputs("oneDNN fell back to ref: no reference\n", out);
    else if (v->state == STATE_FLUSHED)
        fputs(FLUSHED_ERROR "\n", out);
    else if (v->state == STATE_CRASHED)
        fprintf(out, "%.80s\n", row->crash);
    else if (v->forks)
        fprintf(out, "slower than another form in %zu rounds: not sampled further\n",
                forks_samples(v));
    else
        fputs("not sampled\n", out);
}

/* "0.4%" in 5 columns; what is above 99 % says no more than that. */
static const char *half_width(double x, char text[8])
{
    if (isnan(x)) return "    -";
    snprintf(text, 8, x < 0.9995 ? "%4.*f%%" : " >99%%", x < 0.09995 ? 1 : 0, 100.0 * x);
    return text;
}

static void print_variant(FILE *out, const struct result *r, const struct row *row, size_t i)
{
    const struct variant *v = &row->variant[i];
    char time[16], half[8], ratio[48] = "", share[16] = "";
    enum bound bound;
    if (!v->summary.whole) {
        print_untimed(out, row, v);
        return;
    }
    const double median = v->summary.time.at;
    const struct interval vs = v->summary.vs_onednn;
    const int digits = vs.at < 0.1 ? 3 : 2;
    const double part = roof_share(&r->roofs, row, v->isa, median, &bound);
    if (isfinite(part))
        snprintf(share, sizeof share, "%s%3.0f%% %s", part < 1.005 ? "" : ">",
                 fmin(100.0 * part, 100.0), bound_name(bound));
    if (i == row->best_twin)
        snprintf(ratio, sizeof ratio, "  1   %.16s", form_name(v->form));
    else if (vs.at > 0.0)
        snprintf(ratio, sizeof ratio, "%5.*f [%.*f, %.*f]", digits, vs.at, digits, vs.lo, digits,
                 vs.hi);
    fprintf(out, "  %-11s %s %s %7.1f  %-12s %-22s %6.2g\n",
            i == row->best_twin ? "oneDNN" : v->name, human_time(median, time),
            half_width(v->summary.half_width, half), row->flops / median, share, ratio,
            v->readout.bound_used);
}

/* The first line of a row carries its shape. */
static void print_shape(FILE *out, const struct row *row, bool first)
{
    const struct shape *s = &row->work.shape;
    if (!row->chain || !first)
        fprintf(out, "%20s", "");
    else
        fprintf(out, "%5zu %5zu %5zu %2d", s->depth, s->n, s->m, row->threads);
}

static bool is_minor(const struct row *row, size_t v)
{
    const struct variant *x = &row->variant[v];
    return x->ftz || (variant_is_twin(x) && x->state == STATE_TIMED && v != row->best_twin);
}

/* "tokens/s: avx2 148, avx512 281; 2.26 GiB" */
static void print_tokens(FILE *out, const struct row *row, bool verbose)
{
    const char *join = "tokens/s:";
    fprintf(out, "%20s  ", "");
    for (size_t i = 0; i < row->variants; i++) {
        const struct variant *v = &row->variant[i];
        if (!v->summary.whole || (is_minor(row, i) && !verbose)) continue;
        fprintf(out, "%s %s %.0f", join, i == row->best_twin ? "oneDNN" : v->name,
                1e9 * row_tokens(row) / v->summary.time.at);
        join = ",";
    }
    const double bytes = workload_bytes(row->work.spec, &row->work.shape);
    const bool large = bytes >= 0x1p30;
    fprintf(out, "%s%.3g %s of memory\n", *join == ',' ? "; " : "",
            bytes * (large ? 0x1p-30 : 0x1p-20), large ? "GiB" : "MiB");
}

static void print_row(FILE *out, const struct result *r, const struct row *row, bool verbose)
{
    bool first = true;
    if (!row->chain || verbose) {
        fprintf(out, "%s, %d thread%s", row->name, row->threads, row->threads > 1 ? "s" : "");
        if (row->work.copies > 1) fprintf(out, ", %zu copies", row->work.copies);
        fputs("\n", out);
    }
    for (size_t v = 0; v < row->variants; v++) {
        if (is_minor(row, v) && !verbose) continue;
        print_shape(out, row, first);
        print_variant(out, r, row, v);
        first = false;
    }
    if (row_tokens(row) > 0.0) print_tokens(out, row, verbose);
    if (!row->note[0]) return;
    print_shape(out, row, first);
    fprintf(out, "  %.76s\n", row->note);
}

static void print_columns(FILE *out, const struct row *row)
{
    const bool chain = row->chain;
    if (chain) fprintf(out, "\n%s: %s\n", row->work.spec->name, row->work.spec->formula);
    fprintf(out, "%s  %-11s %8s %5s %7s  %-11s  %-22s %6s\n",
            chain ? "depth width batch th" : "                    ", "variant", "median", "+-",
            "GFLOP/s", "of roof", "faster than oneDNN", "error");
}

/* Chains by direction: one column of figures each. */
static void print_kernel(FILE *out, const struct result *r, const struct kernel_spec *spec,
                         bool verbose)
{
    bool headed = false;
    for (size_t i = 0; i < r->count; i++) {
        const struct row *row = &r->rows[i];
        if (row->work.spec != spec) continue;
        if (row->like && !verbose) continue;
        if (!headed) print_columns(out, row);
        headed = true;
        print_row(out, r, row, verbose);
    }
}

static void print_spread(FILE *out, const struct result *r)
{
    if (!r->after.count) return;
    fprintf(out,
            "roofs: of one measurement before the rows and one after them the higher; they are "
            "apart by up "
            "to\n%.0f %% in the FMA peak",
            100.0 * roofs_spread(&r->before, &r->after, LEVEL_COUNT));
    for (int l = 0; l < LEVEL_COUNT; l++)
        fprintf(out, ", %.0f %% in %s", 100.0 * roofs_spread(&r->before, &r->after, (enum level)l),
                level_name((enum level)l));
    fputs(". Above 100 %: both were too low.\n", out);
}

void table_times(FILE *out, const struct result *r, bool verbose)
{
    for (size_t k = 0; k < kernel_count; k++) print_kernel(out, r, kernel_specs[k], verbose);
    fputs(
        "\nof roof: of the FMA peak, or of the bandwidth of the level that holds the operands, as "
        "binds: of loads,\nof stores, of a copy or of an update in place, by what is read and "
        "written.\n",
        out);
    print_spread(out, r);
    fputs("+-: half of the 95 % interval of the median, over processes. faster: time of oneDNN's "
          "fastest\nform over ours in paired samples, 95 % interval over processes. error: largest "
          "share of what the\norder of operations allows, over all output elements.\n",
          out);
    for (size_t i = 0; i < r->count; i++)
        if (r->rows[i].chain) {
            fputs(
                "scalar and omp lanes run chains of depth <= 8 and width <= 256 alone. Other "
                "scales "
                "than the one\nnearest to 1 are in the next table and, with every form of oneDNN, "
                "in the result file.\n",
                out);
            break;
        }
}
