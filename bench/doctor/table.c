#include <math.h>
#include <string.h>

#include "doctor.h"
#include "report/table.h"

enum { NAME = 16, VERDICT = 9 };

static void print_symptom(FILE *out, const struct symptom *f, bool verbose)
{
    fprintf(out, "%-*s%-*s%s\n", NAME, f->id, VERDICT, health_name(f->health), f->seen);
    if (f->health != HEALTH_GOOD || verbose) fprintf(out, "%*s%s\n", NAME + VERDICT, "", f->why);
    if (*f->mend) fprintf(out, "%*s> %s\n", NAME + VERDICT, "", f->mend);
}

static void print_symptoms(FILE *out, const struct symptoms *all, bool verbose)
{
    static const enum health order[] = {HEALTH_BAD, HEALTH_NOTE, HEALTH_UNKNOWN, HEALTH_GOOD};
    fprintf(out, "%-*s%-*s%s\n", NAME, "what", VERDICT, "verdict",
            "what was read; > what mends it");
    for (size_t v = 0; v < sizeof order / sizeof *order; v++)
        for (size_t i = 0; i < all->count; i++)
            if (all->at[i].health == order[v]) print_symptom(out, &all->at[i], verbose);
}

/* Of A and B, all pairs. */
static double call_ns(const struct probe *p, int kind)
{
    double sum = 0.0;
    for (size_t i = 0; i < p->pairs; i++) sum += p->time[i][0][kind] + p->time[i][1][kind];
    return exp(sum / (2.0 * (double)p->pairs));
}

/* "  1.25 %", in 8 columns. */
static const char *percent(double share, char text[16])
{
    if (share < 10.0)
        snprintf(text, 16, "%6.2f %%", 100.0 * share);
    else
        snprintf(text, 16, "> 1000 %%");
    return text;
}

static void print_probe(FILE *out, const struct doctor *d)
{
    char text[16];
    if (!d->kinds) return;
    fprintf(
        out,
        "\nA/A probe: %zu pairs of processes, %.0f s. The smallest effect that is found in four "
        "runs of\nfive, of %d s and ten rows each; at most: should the noise be at its upper 95 "
        "%% bound\n",
        d->probe.pairs, d->probe.seconds, RUN_SECONDS);
    fprintf(out, "%-20s %8s %9s %9s %9s %9s %9s %9s %8s\n", "", "a call", "ab", "at most",
            "compare", "at most", "drift", "A/A", "retaken");
    for (int k = 0; k < d->kinds; k++) {
        const struct effect *e = &d->effect[k];
        const double column[] = {e->ab,           e->ab_most, e->compare,
                                 e->compare_most, e->drift,   e->floor};
        fprintf(out, "%-20s %8s", probe_kind_rows((enum probe_kind)k),
                human_time(call_ns(&d->probe, k), text));
        for (size_t c = 0; c < sizeof column / sizeof *column; c++)
            fprintf(out, "  %8s", percent(column[c], text));
        fprintf(out, " %6.1f %%\n", 100.0 * e->retaken);
    }
    fputs(
        "compare: two such runs, each with its own processes and time of day. drift: from the "
        "probe's\nfirst half to its second, beyond chance. A/A: 95 % of pairs of equal builds are "
        "no further apart.\nretaken: samples that the system disturbed.\n",
        out);
}

static void print_settings(FILE *out, const struct doctor *d)
{
    fprintf(out, "\nsettings to use\n    %s\n", d->environment);
    for (int k = 0; k < d->kinds; k++) {
        const struct effect *e = &d->effect[k];
        if (e->ab <= d->min_effect) continue;
        if (e->minutes <= 60.0)
            fprintf(out, "    --budget %.0fm", ceil(e->minutes));
        else if (isfinite(e->minutes))
            fprintf(out, "    --budget %.0fh", ceil(e->minutes / 60.0));
        else
            fputs("    no run of a day", out);
        fprintf(out, " shows %.2g %% in ten %s\n", 100.0 * d->min_effect,
                probe_kind_rows((enum probe_kind)k));
    }
}

void doctor_table(FILE *out, const struct doctor *d, bool verbose)
{
    fprintf(out, "%s, %d CPUs, %s\n\n", d->machine.cpu, d->machine.cpus, d->machine.kernel);
    print_symptoms(out, &d->symptoms, verbose);
    print_probe(out, d);
    print_settings(out, d);
    fprintf(out, "\n%s\n", d->summary);
}
