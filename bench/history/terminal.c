/* A history for a terminal. */
#include <string.h>

#include "compare/show.h"
#include "history/show.h"
#include "report/table.h"

enum { GLIMPSES = 10 };

static void put_differences(FILE *out, const struct differences *d)
{
    for (size_t i = 0; i < d->count; i++)
        fprintf(out, "  %s: %s -> %s\n", d->at[i].field, d->at[i].old, d->at[i].new);
}

/* Between which runs, and what else changed there. */
static void put_step(FILE *out, const struct findings *f, const struct event *found)
{
    const struct run *old = &f->history->run[found->before], *new = &f->history->run[found->after];
    char from[DATE_TEXT], to[DATE_TEXT], a[COMMIT_TEXT], b[COMMIT_TEXT];
    struct differences d;
    fprintf(out, "\n%s  commit %s  ->  %s  commit %s", history_when(old->date, from),
            history_commit(old, a), history_when(new->date, to), history_commit(new, b));
    if (f->history->setups > 1) fprintf(out, "  (%zu)", new->setup + 1);
    fputc('\n', out);
    history_differs(old, new, &d);
    put_differences(out, &d);
}

static void put_finding(FILE *out, const struct event *found)
{
    const struct shift *s = found->shift;
    char change[24], interval[48], old[16], new[16], spark[SPARK_TEXT];
    double before, after;
    history_levels(found, &before, &after);
    fprintf(out, "  %-6s %9s %-16s %s -> %s  %zu + %zu runs  %s  %s%s\n",
            found->slower ? "SLOWER" : "faster", show_change(s->by.at, change),
            show_interval(s->by.lo, s->by.hi, interval), human_time(before, old),
            human_time(after, new), s->at - s->from, s->until - s->at,
            history_spark(found->track, spark), found->track->name,
            found->track->library ? "  (a library's)"
            : found->library_too  ? "  (libraries too: the machine?)"
                                  : "");
}

static void put_setups(FILE *out, const struct history *h)
{
    char from[DATE_TEXT], to[DATE_TEXT];
    struct differences d;
    for (size_t s = 0; s < h->setups; s++) {
        size_t runs = 0, last = 0;
        for (size_t i = 0; i < h->runs; i++) {
            if (h->run[i].setup != s) continue;
            runs++;
            last = i;
        }
        const struct run *first = &h->run[h->first[s]];
        fprintf(out, "setup %zu  ", s + 1);
        history_machine(out, first);
        fprintf(out, ": %zu run%s, %s to %s\n", runs, runs == 1 ? "" : "s",
                history_when(first->date, from), history_when(h->run[last].date, to));
        history_setups_differ(&h->run[h->first[0]], first, &d);
        put_differences(out, &d);
    }
}

static void put_glimpses(FILE *out, const struct findings *f, bool verbose)
{
    char change[24], spark[SPARK_TEXT], from[COMMIT_TEXT], to[COMMIT_TEXT];
    if (f->glimpses)
        fputs("\ntoo few runs for a verdict: the last against the median of those before\n", out);
    for (size_t i = 0; i < f->glimpses && (verbose || i < GLIMPSES); i++) {
        const struct track *t = f->glimpse[i].track;
        const size_t last = t->series.runs - 1;
        fprintf(out, "  %9s  commit %s  ->  %s  %zu + 1 runs  %s  %s",
                show_change(f->glimpse[i].by, change),
                history_commit(&f->history->run[t->at[last - 1]], from),
                history_commit(&f->history->run[t->at[last]], to), last, history_spark(t, spark),
                t->name);
        if (f->history->setups > 1) fprintf(out, "  (%zu)", t->setup + 1);
        fputc('\n', out);
    }
    if (!verbose && f->glimpses > GLIMPSES)
        fprintf(out, "  ... and %zu more, none further apart (-v)\n", f->glimpses - GLIMPSES);
}

/* Of each row that was tested, its way from the first run to the last. */
static void put_trends(FILE *out, const struct history *h)
{
    char change[24], spark[SPARK_TEXT], old[16], new[16];
    bool headed = false;
    for (size_t i = 0; i < h->tracks; i++) {
        const struct track *t = &h->track[i];
        const size_t n = t->series.runs, end = n < 2 * CHANGES_SIDE ? 1 : CHANGES_SIDE;
        if (isnan(t->series.p)) continue;
        if (!headed)
            fputs("\nevery row that was tested: median of the first runs, of the last\n", out);
        headed = true;
        const double from = stats_median(t->log, end), to = stats_median(t->log + n - end, end);
        fprintf(out, "  %9s  %s -> %s  %zu runs  p %.2g  %s  %s", show_change(to - from, change),
                human_time(exp(from), old), human_time(exp(to), new), n, t->series.p,
                history_spark(t, spark), t->name);
        if (h->setups > 1) fprintf(out, "  (%zu)", t->setup + 1);
        fputc('\n', out);
    }
}

void history_terminal(FILE *out, const struct findings *f, bool verbose)
{
    put_setups(out, f->history);
    for (size_t i = 0; i < f->count; i++) {
        const struct event *found = &f->at[i], *before = found - 1;
        if (i == 0 || before->before != found->before || before->after != found->after)
            put_step(out, f, found);
        put_finding(out, found);
    }
    if (verbose) put_trends(out, f->history);
    put_glimpses(out, f, verbose);
    fputc('\n', out);
    history_covered(out, f);
    fputc('\n', out);
}
