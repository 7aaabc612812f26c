/* What the place of the operands in memory costs: rows of runs that swept over placements. */
#include <math.h>
#include <stdlib.h>

#include "html.h"
#include "report.h"

struct swept {
    const struct report_entry *entry;
    const json_t *sweep;
    struct interval spread;
};

static double number_in(const json_t *object, const char *key)
{
    const json_t *x = json_object_get(object, key);
    return json_is_number(x) ? json_number_value(x) : NAN;
}

static struct interval interval_of(const json_t *sweep, const char *what)
{
    const json_t *of = json_object_get(sweep, what);
    return (struct interval){number_in(of, "at"), number_in(of, "lo"), number_in(of, "hi")};
}

static int by_spread(const void *a, const void *b)
{
    const struct swept *x = a, *y = b;
    if (x->spread.at != y->spread.at) return x->spread.at < y->spread.at ? 1 : -1;
    return x->entry < y->entry ? -1 : x->entry > y->entry;
}

static size_t collect(const struct report *r, struct swept *swept)
{
    size_t n = 0;
    for (size_t i = 0; i < r->entries; i++) {
        const struct report_entry *e = &r->entry[i];
        const json_t *sweep = json_object_get(e->row->json, "sweep");
        const struct interval spread = interval_of(sweep, "spread");
        if (e->row->state == READ_TIMED && spread.at > 0.0 && isfinite(spread.at))
            swept[n++] = (struct swept){e, sweep, spread};
    }
    if (n) qsort(swept, n, sizeof *swept, by_spread);
    return n;
}

/* "dst 96, src 4036": where the operands of a placement begin. */
static void starts_cell(FILE *out, const json_t *sweep, const char *which)
{
    const double at = number_in(sweep, which);
    const json_t *list = json_object_get(sweep, "placements");
    const json_t *placement =
        at >= 0.0 && at < (double)json_array_size(list) ? json_array_get(list, (size_t)at) : NULL;
    const char *name, *join = "";
    json_t *start;
    fputs("<td class=\"p\">", out);
    json_object_foreach(json_object_get(placement, "starts"), name, start)
    {
        fputs(join, out);
        html_text(out, name);
        fputc(' ', out);
        html_number(out, json_number_value(start), 4);
        join = ", ";
    }
    fputs("</td>", out);
}

static void swept_row(FILE *out, const struct report *r, const struct swept *s)
{
    static const char *const what[] = {"best", "median", "worst"};
    char group[256], shape[256], text[80];
    report_group_name(r, s->entry, true, group);
    char *name = html_format("%s: %s", group, report_case(s->entry->row, shape));
    html_row(out, name ? name : group);
    for (size_t i = 0; i < sizeof what / sizeof *what; i++)
        html_cell(out, NULL, html_time(interval_of(s->sweep, what[i]).at, text));
    html_cell(out, s->spread.lo > 1.0 ? "slow" : NULL,
              html_interval(s->spread.at, s->spread.lo, s->spread.hi, text));
    starts_cell(out, s->sweep, "best_at");
    starts_cell(out, s->sweep, "worst_at");
    fputs("</tr>\n", out);
    free(name);
}

void html_placement(FILE *out, const struct report *r)
{
    static const char *const head[] = {
        "row", "#best", "#median", "#worst", "#worst over best", "best at", "worst at"};
    struct swept *swept = calloc(r->entries + 1, sizeof *swept);
    const size_t n = swept ? collect(r, swept) : 0;
    if (n) {
        fputs("<p>Rounds took turns at 16 placements of all operands, modulo 64 and modulo 4096. "
              "Best "
              "and worst are chosen in all processes but one and timed in that one; an application "
              "does not choose.</p>\n",
              out);
        html_table(out,
                   &(struct html_table){"A call at the best, the median and the worst placement",
                                        head, sizeof head / sizeof *head, true});
        for (size_t i = 0; i < n; i++) swept_row(out, r, &swept[i]);
        html_table_end(out);
    } else {
        fputs("<p>No file swept over placements: <code>hinge bench --placement sweep</code> "
              "does.</p>\n",
              out);
    }
    free(swept);
}
