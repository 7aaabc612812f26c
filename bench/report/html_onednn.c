/* Each row's ratio to oneDNN: geometric means of groups, then the rows of each group, the worst first. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report.h"
#include "svg.h"

enum { OVERVIEW_DOTS = 2, LOSSES_SHOWN = 15 };

struct group {
    const struct report_entry *first;
    size_t n, standing[REPORT_UNCOMPARED]; /* n: compared */
    size_t begin, end;
    double worst, best;
    struct interval mean;
};

static bool measure(const struct report *r, size_t begin, size_t end, struct group *g)
{
    double *ratio = malloc((end - begin) * sizeof *ratio);
    *g = (struct group){.first = &r->entry[begin], .begin = begin, .end = end};
    if (!ratio) return false;
    for (size_t i = begin; i < end; i++) {
        const struct read_row *row = r->entry[i].row;
        const enum report_standing standing = report_standing(row);
        if (standing == REPORT_UNCOMPARED) continue;
        if (!g->n || row->vs_onednn.at < g->worst) g->worst = row->vs_onednn.at;
        if (!g->n || row->vs_onednn.at > g->best) g->best = row->vs_onednn.at;
        g->standing[standing]++;
        ratio[g->n++] = row->vs_onednn.at;
    }
    if (g->n) g->mean = report_mean(ratio, g->n);
    free(ratio);
    return g->n > 0;
}

/* The slowest on average first. */
static int by_losses(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    if (x->mean.at != y->mean.at) return x->mean.at < y->mean.at ? -1 : 1;
    return x->begin < y->begin ? -1 : 1;
}

/* ---- the overview */

static void overview_table(FILE *out, const struct report *r, const struct group *g, size_t groups)
{
    static const char *const head[] = {"kernel and lane", "#slower", "#undecided", "#faster",
                                       "#geometric mean", "#worst",  "#best"};
    html_table(out, &(struct html_table){"Time of oneDNN's fastest form over ours, by kernel and "
                                         "lane: losses first",
                                         head, sizeof head / sizeof *head, true});
    for (size_t i = 0; i < groups; i++) {
        char name[256], mean[80], worst[24], best[24];
        html_row(out, report_group_name(r, g[i].first, true, name));
        fprintf(out, "<td class=\"slow\">%zu</td><td>%zu</td><td class=\"fast\">%zu</td>",
                g[i].standing[REPORT_SLOWER], g[i].standing[REPORT_UNDECIDED],
                g[i].standing[REPORT_FASTER]);
        html_cell(out, NULL, html_interval(g[i].mean.at, g[i].mean.lo, g[i].mean.hi, mean));
        html_cell(out, NULL, html_ratio(g[i].worst, worst));
        html_cell(out, NULL, html_ratio(g[i].best, best));
        fputs("</tr>\n", out);
    }
    html_table_end(out);
}

static double slowest(const struct svg_dot_row *row)
{
    return row->dots > 1 ? fmin(row->dot[0].at, row->dot[1].at) : row->dot[0].at;
}

static int by_slowest(const void *a, const void *b)
{
    const double x = slowest(a), y = slowest(b);
    return (x > y) - (x < y);
}

/* One line for a kernel, number of threads and side, which follow one another; its dots are the lanes. */
static void overview_figure(FILE *out, const struct report *r, const struct group *g, size_t groups)
{
    static const char *const lane[OVERVIEW_DOTS] = {"avx2", "avx512"};
    struct svg_dot(*dot)[OVERVIEW_DOTS] = calloc(groups, sizeof *dot);
    struct svg_dot_row *row = calloc(groups, sizeof *row);
    char(*name)[256] = calloc(groups, sizeof *name);
    const struct report_entry *last = NULL;
    size_t lines = 0;
    for (size_t i = 0; dot && row && name && i < groups; i++) {
        const size_t kind = strcmp(g[i].first->row->variant, lane[1]) == 0;
        if (!report_is_hand(g[i].first->row)) continue;
        if (!last || !report_same_line(last, g[i].first)) {
            report_group_name(r, g[i].first, false, name[lines]);
            row[lines] = (struct svg_dot_row){.label = name[lines], .dot = dot[lines]};
            lines++;
        }
        last = g[i].first;
        dot[lines - 1][row[lines - 1].dots++] =
            (struct svg_dot){g[i].mean.at, g[i].mean.lo, g[i].mean.hi, kind};
    }
    if (lines) qsort(row, lines, sizeof *row, by_slowest);
    if (lines)
        html_figure(
            out,
            svg_dots(&(struct svg_dots){.title = "Against oneDNN: geometric mean over rows",
                                        .x = {"times as fast as oneDNN", true, 0.0, 0.0},
                                        .reference = 1.0,
                                        .below = "\u2190 slower than oneDNN",
                                        .above = "faster \u2192",
                                        .kind = lane,
                                        .kinds = OVERVIEW_DOTS,
                                        .row = row,
                                        .rows = lines,
                                        .bare = true}),
            "Against oneDNN: geometric mean over rows",
            "Geometric means over the rows of a kernel with their 95 % intervals, the slowest "
            "first; the table below has the numbers.");
    free(dot);
    free(row);
    free(name);
}

/* ---- the rows of a group */

static int by_ratio(const void *a, const void *b)
{
    const struct read_row *x = (*(const struct report_entry *const *)a)->row;
    const struct read_row *y = (*(const struct report_entry *const *)b)->row;
    if (x->vs_onednn.at != y->vs_onednn.at) return x->vs_onednn.at < y->vs_onednn.at ? -1 : 1;
    return strcmp(x->name, y->name);
}

static void rows_figure(FILE *out, const struct report *r, const struct group *g,
                        const struct report_entry **entry)
{
    static const char *const kind[] = {"faster", "slower", "not decided"};
    static const size_t kind_of[] = {
        [REPORT_SLOWER] = 1, [REPORT_UNDECIDED] = 2, [REPORT_FASTER] = 0};
    struct svg_dot *dot = calloc(g->n, sizeof *dot);
    struct svg_dot_row *row = calloc(g->n, sizeof *row);
    char(*text)[2][256] = calloc(g->n, sizeof *text);
    char name[256];
    for (size_t i = 0; dot && row && text && i < g->n; i++) {
        const struct read_row *x = entry[i]->row;
        char ratio[80];
        dot[i] = (struct svg_dot){x->vs_onednn.at, x->vs_onednn.lo, x->vs_onednn.hi,
                                  kind_of[report_standing(x)]};
        report_case(x, text[i][0]);
        snprintf(text[i][1], 256, "%s, oneDNN by %.120s",
                 html_interval(x->vs_onednn.at, x->vs_onednn.lo, x->vs_onednn.hi, ratio),
                 x->vs_onednn_impl);
        row[i] = (struct svg_dot_row){text[i][0], text[i][1], &dot[i], 1};
    }
    if (dot && row && text)
        html_figure(
            out,
            svg_dots(&(struct svg_dots){.title = report_group_name(r, g->first, true, name),
                                        .x = {"times as fast as oneDNN", true, 0.0, 0.0},
                                        .reference = 1.0,
                                        .below = "\u2190 slower than oneDNN",
                                        .above = "faster \u2192",
                                        .kind = kind,
                                        .kinds = 3,
                                        .row = row,
                                        .rows = g->n,
                                        .bare = true}),
            report_group_name(r, g->first, true, name),
            "Each row with its 95 % interval, paired by round, the slowest first. The rows stand "
            "under \u201cAll rows\u201d as numbers.");
    free(dot);
    free(row);
    free(text);
}

static void rows_of(FILE *out, const struct report *r, const struct group *g)
{
    char name[256], mean[80];
    const struct report_entry **entry = malloc(g->n * sizeof *entry);
    size_t n = 0;
    if (!entry) return;
    for (size_t i = g->begin; i < g->end; i++)
        if (report_standing(r->entry[i].row) != REPORT_UNCOMPARED) entry[n++] = &r->entry[i];
    qsort(entry, n, sizeof *entry, by_ratio);
    char *summary =
        html_format("%s: slower in %zu, undecided in %zu, faster in %zu; %s",
                    report_group_name(r, g->first, true, name), g->standing[REPORT_SLOWER],
                    g->standing[REPORT_UNDECIDED], g->standing[REPORT_FASTER],
                    html_interval(g->mean.at, g->mean.lo, g->mean.hi, mean));
    html_fold(out, summary ? summary : name, false);
    rows_figure(out, r, g, entry);
    html_fold_end(out);
    free(summary);
    free(entry);
}

/* The rows where the vector lanes lose most. */
static void losses_table(FILE *out, const struct report *r)
{
    static const char *const head[] = {"kernel, lane, case", "#over oneDNN", "#time", "#of roof",
                                       "oneDNN's form"};
    const struct report_entry **entry = malloc((r->entries + 1) * sizeof *entry);
    size_t n = 0;
    for (size_t i = 0; entry && i < r->entries; i++)
        if (report_is_hand(r->entry[i].row) && report_standing(r->entry[i].row) == REPORT_SLOWER)
            entry[n++] = &r->entry[i];
    if (n) {
        qsort(entry, n, sizeof *entry, by_ratio);
        char *caption = html_format("The %zu greatest of %zu losses of the avx2 and avx512 lanes",
                                    n < LOSSES_SHOWN ? n : LOSSES_SHOWN, n);
        html_table(out, &(struct html_table){caption ? caption : "Losses", head,
                                             sizeof head / sizeof *head, true});
        for (size_t i = 0; i < n && i < LOSSES_SHOWN; i++) {
            const struct read_row *row = entry[i]->row;
            char group[256], shape[256], text[80];
            char *name = html_format("%s: %s", report_group_name(r, entry[i], true, group),
                                     report_case(row, shape));
            html_row(out, name ? name : row->name);
            html_cell(out, "slow",
                      html_interval(row->vs_onednn.at, row->vs_onednn.lo, row->vs_onednn.hi, text));
            html_cell(out, NULL, html_time(row->median, text));
            snprintf(text, sizeof text, "%.0f %%", fmin(100.0 * row->roof_share, 1e6));
            html_cell(out, NULL, isfinite(row->roof_share) ? text : "\u2013");
            html_cell(out, "p", row->vs_onednn_impl);
            fputs("</tr>\n", out);
            free(name);
        }
        html_table_end(out);
        free(caption);
    }
    free(entry);
}

void html_onednn(FILE *out, const struct report *r)
{
    struct group *group = calloc(r->entries + 1, sizeof *group);
    size_t groups = 0;
    for (size_t from = 0, end; group && from < r->entries; from = end) {
        end = report_group_end(r, from);
        groups += measure(r, from, end, &group[groups]);
    }
    if (!groups) {
        fputs("<p>No row was held against oneDNN.</p>\n", out);
    } else {
        fputs("<p>Below 1, oneDNN is faster. What oneDNN may use stands under "
              "\u201cMachines\u201d: a "
              "lane of 8 floats held against its 16 starts a factor of two behind.</p>\n",
              out);
        overview_figure(out, r, group, groups);
        qsort(group, groups, sizeof *group, by_losses);
        overview_table(out, r, group, groups);
        losses_table(out, r);
        html_fold(out, "Every row, by kernel and lane", false);
        for (size_t i = 0; i < groups; i++) rows_of(out, r, &group[i]);
        html_fold_end(out);
    }
    free(group);
}
