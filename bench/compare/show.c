#include "show.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/bootstrap.h"

/* Three digits; ten times as slow is as bad as it gets. */
static const char *show_percent(double log_ratio, char text[16])
{
    const double percent = 100.0 * expm1(log_ratio);
    if (!isfinite(log_ratio))
        snprintf(text, 16, "?");
    else if (percent > 999.0)
        snprintf(text, 16, ">+999");
    else
        snprintf(text, 16, "%+.*f", fabs(percent) < 99.95 ? 1 : 0, percent);
    return text;
}

const char *show_change(double log_ratio, char text[24])
{
    char percent[16];
    snprintf(text, 24, isfinite(log_ratio) ? "%s %%" : "%s", show_percent(log_ratio, percent));
    return text;
}

const char *show_interval(double lo, double hi, char text[48])
{
    char from[16], to[16];
    snprintf(text, 48, "[%s, %s]", show_percent(lo, from), show_percent(hi, to));
    return text;
}

const char *show_rest(enum where where)
{
    static const char *const why[] = {"only in the old file", "only in the new file",
                                      "not timed in both files"};
    return why[where];
}

void show_file(FILE *out, const struct read_file *file)
{
    const json_t *dirty = json_object_get(file->context, "dirty");
    const bool known = strcmp(read_context_text(file, "commit"), "unknown") != 0;
    if (file->schema == 0) fputs("of Google Benchmark, ", out);
    if (known)
        fprintf(out, "commit %s%s, ", read_context_text(file, "commit"),
                json_is_true(dirty) ? " and uncommitted changes" : "");
    fprintf(out, "%s, %zu row%s", read_context_text(file, "date"), file->rows,
            file->rows == 1 ? "" : "s");
}

void show_counts(FILE *out, const struct versions *v)
{
    for (int c = 0; c < CHANGE_COUNT; c++)
        fprintf(out, "%zu %s%s", v->count[c], change_verdict_name((enum change_verdict)c),
                c + 1 < CHANGE_COUNT ? ", " : "");
    fprintf(out, " of %zu row%s", v->judged, v->judged == 1 ? "" : "s");
    if (v->wrongs) fprintf(out, "; %zu WRONG in the new file", v->wrongs);
}

/* ---- noise */

static void show_spread(FILE *out, const struct spread *s, const char *of)
{
    if (s->rows == 0) return;
    char floor[24];
    fprintf(out, "; beside that 95 %% of rows%s move by up to %s: the noise floor", of,
            show_change(s->floor, floor) + 1);
}

void show_noise(FILE *out, const struct versions *v)
{
    const struct noise *n = &v->noise;
    char drift[24], interval[48];
    if (n->assumed) {
        fprintf(
            out,
            "%zu control%s in %zu case%s and no calibration runs are too few to see the machine's "
            "drift: up to %.0f %% is assumed",
            n->controls, n->controls == 1 ? "" : "s", n->cases, n->cases == 1 ? "" : "s",
            100.0 * CALIBRATE_DEFAULT);
        return;
    }
    const double half = 2.0 * sqrt(n->drift_variance);
    if (n->cases >= CALIBRATE_CASES)
        fprintf(out,
                "%zu rows of other libraries (%zu cases), whose code is the same, moved by %s %s: "
                "that is "
                "the machine, taken out of all rows",
                n->controls, n->cases, show_change(n->drift, drift),
                show_interval(n->drift - half, n->drift + half, interval));
    else
        fprintf(out, "no drift was taken out: of %zu pair%s of calibration runs it was %.1f %%",
                n->runs, n->runs == 1 ? "" : "s", 100.0 * expm1(sqrt(n->drift_variance)));
    show_spread(out, &n->forked, n->bare.rows ? " of several processes" : "");
    show_spread(out, &n->bare, n->forked.rows ? " of one process" : "");
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void show_power(FILE *out, const struct versions *v)
{
    double *seen = malloc((v->judged + 1) * sizeof *seen);
    char half[24], most[24];
    size_t n = 0;
    if (!seen || !v->judged) {
        free(seen);
        fputs("no row was judged", out);
        return;
    }
    for (size_t i = 0; i < v->judged; i++) seen[n++] = v->order[i]->says->detectable;
    qsort(seen, n, sizeof *seen, ascending);
    fprintf(out,
            "four times in five, half of the rows would have shown a change of %s, nine in ten one "
            "of %s",
            show_change(seen[(n - 1) / 2], half), show_change(seen[(n - 1) * 9 / 10], most));
    free(seen);
}

/* ---- bootstrap */

static struct forks forks_of(const struct read_row *row, size_t *count)
{
    struct forks f = {.ns = row->ns, .count = count};
    for (size_t i = 0; i < row->forks; i++)
        if (row->count[i]) count[f.forks++] = row->count[i];
    return f;
}

struct interval show_bootstrap(const struct pair *p)
{
    enum { RESAMPLES = 400, SEED = 1 };
    size_t old[READ_FORKS_MAX], new[READ_FORKS_MAX];
    return bootstrap_change(forks_of(p->old, old), forks_of(p->new, new), RESAMPLES, SEED);
}
