/* Machines side by side for a terminal. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/machines.h"
#include "report/table.h"

enum { SHOWN = 20 };

const char *machines_figure(double x, int digits, char text[16])
{
    if (isfinite(x))
        snprintf(text, 16, "%.*f", digits, x);
    else
        snprintf(text, 16, "unknown");
    return text;
}

const char *machines_speed(const struct interval *s, char text[48])
{
    if (isfinite(s->lo) && s->lo < s->hi)
        snprintf(text, 48, "%.2f [%.2f, %.2f]", s->at, s->lo, s->hi);
    else
        snprintf(text, 48, "%.2f", s->at);
    return text;
}

const char *machines_bound(const struct machines *m, size_t row, size_t column, char text[72])
{
    char a[32], b[32];
    explain_bound(machines_cell(m, row, 0), a);
    explain_bound(machines_cell(m, row, column), b);
    if (strcmp(a, b) == 0)
        snprintf(text, 72, "%s", a);
    else
        snprintf(text, 72, "%s, %s", a, b);
    return text;
}

/* ---- times */

static void print_times(FILE *out, const struct machines *m)
{
    const bool scaling = m->columns.dropped & AXIS_BIT(AXIS_THREADS);
    fputs("    ", out);
    for (size_t c = 0; c < m->columns.count; c++)
        fprintf(out, c ? " %8zu speed%s" : " %8zu", c + 1, scaling ? " effic." : "");
    fputs("  row\n", out);
    for (size_t r = 0; r < m->rows; r++) {
        const double first = machines_cell(m, r, 0)->median;
        fputs("    ", out);
        for (size_t c = 0; c < m->columns.count; c++) {
            const double ns = machines_cell(m, r, c)->median;
            char time[16];
            fprintf(out, " %s", human_time(ns, time));
            if (c) fprintf(out, " %5.2f", first / ns);
            if (c && scaling)
                fprintf(out, " %5.0f%%", 100.0 * first / ns / machines_threads(m, r, c));
        }
        fprintf(out, "  %s\n", m->key[r]);
    }
    fputc('\n', out);
}

/* ---- the matrix */

/* Of settings beside other machines those that are chosen: hosts and kernels are others too. */
static void print_differences(FILE *out, const struct columns *c)
{
    const char *title = "machine";
    for (size_t i = 0; i < c->machine.count; i++, title = "")
        fprintf(out, "%-9s %s: %s -> %s\n", title, c->machine.at[i].field, c->machine.at[i].old,
                c->machine.at[i].new);
    title = "differs";
    for (size_t i = 0; i < c->settings.count; i++) {
        const struct difference *d = &c->settings.at[i];
        if (c->machine.count && !identity_is_setting(d->field)) continue;
        fprintf(out, "%-9s %s: %s -> %s\n", title, d->field, d->old, d->new);
        title = "";
    }
}

static void print_clocks(FILE *out, const struct machines *m)
{
    size_t measured = 0;
    for (size_t c = 0; c < m->columns.count; c++) measured += m->figure[c].measured;
    fputs("frequency: ", out);
    if (measured == m->columns.count)
        fputs("measured with the roofs\n", out);
    else if (!measured)
        fputs("as the system reports it\n", out);
    else {
        fputs("measured with the roofs of", out);
        for (size_t c = 0; c < m->columns.count; c++)
            if (m->figure[c].measured) fprintf(out, " %zu", c + 1);
        fputs(", else as the system reports it\n", out);
    }
}

static void print_matrix(FILE *out, const struct machines *m)
{
    const bool scaling = m->columns.dropped & AXIS_BIT(AXIS_THREADS);
    fprintf(out, "     speed                rank  GFLOP/s a core  flops a cycle  of roof%s  what\n",
            scaling ? "  efficiency" : "");
    for (size_t c = 0; c < m->columns.count; c++) {
        const struct machine_column *x = &m->figure[c];
        char speed[48], core[16], cycle[16], share[16], text[16];
        fprintf(out, "%3zu  %-19s  %4zu  %14s  %13s  %7s", c + 1, machines_speed(&x->speed, speed),
                x->rank, machines_figure(x->per_core, 1, core),
                machines_figure(x->per_cycle, 2, cycle), machines_figure(x->roof_share, 2, share));
        if (scaling) fprintf(out, "  %10s", machines_figure(x->efficiency, 2, text));
        const char *name = m->columns.at[c].name, *path = m->columns.at[c].file->path;
        const bool both = *name && m->columns.by == AXIS_COUNT;
        fprintf(out, "  %s%s%s\n", name, both ? ", " : "", both || !*name ? path : "");
        if (x->alone)
            fprintf(out, "     %zu more row%s not timed in all columns\n", x->alone,
                    x->alone == 1 ? "" : "s");
    }
    fprintf(out,
            "speed: geometric mean over the %zu common row%s of the first column's time over this "
            "one's, 95 %%\ninterval over rows; rank: columns that are clearly faster come before; "
            "flops a cycle: of one core;\nof roof: median of each row's share of its own\n",
            m->rows, m->rows == 1 ? "" : "s");
    print_clocks(out, m);
}

/* ---- what the difference is made of */

static int width_of(int part)
{
    const int width = (int)strlen(part_name((enum part)part)) + 2;
    return width < 8 ? 8 : width;
}

static void print_factors(FILE *out, const struct explanation *x)
{
    fprintf(out, "%7.3f", exp(x->speed));
    for (int p = 0; p < PART_COUNT; p++)
        if (isnan(x->part[p]))
            fprintf(out, "%*s", width_of(p), "-");
        else
            fprintf(out, "%*.3f", width_of(p), exp(x->part[p]));
}

static void print_parts(FILE *out, const struct machines *m, size_t c, bool verbose)
{
    size_t *order = machines_order(m, c);
    const size_t most = verbose || m->rows < SHOWN ? m->rows : SHOWN;
    fprintf(out, "\n%zu over 1, %s over %s: the factors that make the speed\n  speed", c + 1,
            machines_name(m, c), machines_name(m, 0));
    for (int p = 0; p < PART_COUNT; p++) fprintf(out, "%*s", width_of(p), part_name((enum part)p));
    fputs("  bound by, row\n", out);
    print_factors(out, &m->figure[c].mean);
    fprintf(out, "  geometric mean over %zu row%s\n", m->rows, m->rows == 1 ? "" : "s");
    for (size_t i = 0; order && i < most; i++) {
        char bound[72];
        print_factors(out, &m->why[c * m->rows + order[i]]);
        fprintf(out, "  %s: %s\n", machines_bound(m, order[i], c, bound), m->key[order[i]]);
    }
    if (m->rows > most)
        fprintf(out, "... and %zu more rows that differ less (-v)\n", m->rows - most);
    free(order);
}

void machines_terminal(FILE *out, const struct machines *m, bool verbose, bool times)
{
    print_differences(out, &m->columns);
    if (times) print_times(out, m);
    print_matrix(out, m);
    nodes_terminal(out, m);
    size_t explained = 0;
    for (size_t c = 1; c < m->columns.count; c++) {
        if (!verbose && !machines_explains(m, c)) continue;
        print_parts(out, m, c, verbose);
        explained++;
    }
    if (!explained) return;
    fputs("\nfrequency, width (flops a cycle and core), cores, cache (level), bandwidth: of the "
          "roof that\nbinds; kernel: of the share of that roof; rest: what the files do not tell "
          "apart; -: unknown\n",
          out);
}
