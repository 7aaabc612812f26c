#include <math.h>
#include <string.h>

#include "compare/show.h"
#include "report/table.h"

enum { SHOWN = 20 };

static void print_differences(FILE *out, const char *title, const struct differences *d)
{
    for (size_t i = 0; i < d->count; i++)
        fprintf(out, "%-9s %s: %s -> %s\n", i ? "" : title, d->at[i].field, d->at[i].old,
                d->at[i].new);
}

static void print_head(FILE *out, const struct versions *v)
{
    fprintf(out, "machine   %s\n", read_context_text(v->new, "cpu"));
    fprintf(out, "old       %s: ", v->old->path);
    show_file(out, v->old);
    fprintf(out, "\nnew       %s: ", v->new->path);
    show_file(out, v->new);
    fputs("\n", out);
    print_differences(out, "MACHINE", &v->machine);
    print_differences(out, "differs", &v->settings);
    for (size_t i = 0; i < v->changes; i++)
        fprintf(out, "%s %s: %s -> %s\n", i ? "         " : "LIBRARY  ", v->changed[i].new->name,
                v->changed[i].old->impl, v->changed[i].new->impl);
    if (v->changes) fputs("          another implementation: no controls\n", out);
    fputs("noise     ", out);
    show_noise(out, v);
    fputs("\n\n", out);
}

static const char *sign_of(enum change_verdict verdict)
{
    static const char *const sign[] = {[CHANGE_REGRESSED] = "REGRESSED",
                                       [CHANGE_IMPROVED] = "improved",
                                       [CHANGE_UNCHANGED] = "unchanged",
                                       [CHANGE_INCONCLUSIVE] = "inconclusive"};
    return sign[verdict];
}

static void print_pair(FILE *out, const struct pair *p, bool verbose)
{
    const struct verdict_row *r = p->says;
    char change[24], interval[48], sees[24], old[16], new[16];
    fprintf(out, "%-12s %8s %-15s %8s %8.1e  %s %s  %s\n",
            p->control ? "control" : sign_of(r->verdict), show_change(r->at, change),
            show_interval(r->lo, r->hi, interval),
            p->control ? "" : show_change(r->detectable, sees), p->control ? NAN : r->adjusted,
            human_time(p->old->median, old), human_time(p->new->median, new), p->new->name);
    if (!verbose || p->control) return;
    const struct interval b = show_bootstrap(p);
    fprintf(out, "%12s %8s as measured, drift included; processes %zu and %zu; ranks p %.2g", "",
            show_change(r->raw, change), p->old->medians, p->new->medians, r->p_rank);
    if (isfinite(b.lo)) fprintf(out, "; bootstrap %s", show_interval(b.lo, b.hi, interval));
    fputs("\n", out);
}

static void print_rows(FILE *out, const struct versions *v, bool verbose)
{
    size_t shown = 0, hidden = 0;
    fprintf(out, "%-12s %8s %-15s %8s %8s  %-8s %-8s  %s\n", "", "change", "95 % interval",
            "would see", "p", "old", "new", "row");
    for (size_t i = 0; i < v->judged; i++) {
        const enum change_verdict verdict = v->order[i]->says->verdict;
        if (!verbose &&
            (verdict == CHANGE_UNCHANGED || (verdict == CHANGE_INCONCLUSIVE && shown >= SHOWN))) {
            hidden += verdict == CHANGE_INCONCLUSIVE;
            continue;
        }
        shown += verdict == CHANGE_INCONCLUSIVE;
        print_pair(out, v->order[i], verbose);
    }
    if (hidden) fprintf(out, "... and %zu more inconclusive rows (-v)\n", hidden);
    for (size_t i = 0; verbose && i < v->pairs; i++)
        if (v->pair[i].control) print_pair(out, &v->pair[i], verbose);
    if (v->count[CHANGE_REGRESSED] + v->count[CHANGE_IMPROVED] == 0)
        fputs("no row surely changed\n", out);
}

static void print_rest(FILE *out, const struct versions *v, bool verbose)
{
    for (size_t i = 0; i < v->wrongs; i++)
        fprintf(out, "WRONG in the new file: %s: %s\n", v->wrong[i]->name, v->wrong[i]->error);
    for (int w = 0; w < WHERE_COUNT; w++) {
        const size_t n = v->rests[w], most = verbose || n < SHOWN ? n : SHOWN;
        for (size_t i = 0; i < most; i++)
            fprintf(out, "%s: %s\n", show_rest((enum where)w), v->rest[w][i]->name);
        if (n > most)
            fprintf(out, "... and %zu more %s (-v)\n", n - most, show_rest((enum where)w));
    }
}

void show_terminal(FILE *out, const struct versions *v, bool verbose)
{
    char least[24];
    print_head(out, v);
    print_rows(out, v, verbose);
    fputs("\n", out);
    print_rest(out, v, verbose);
    show_counts(out, v);
    fprintf(out, "\nunchanged: surely within %s; ", show_change(v->least, least) + 1);
    show_power(out, v);
    fputs("\n", out);
}
