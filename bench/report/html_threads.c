/* What more threads bring: a row's time with the fewest threads over its time with more, per added thread. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report.h"
#include "svg.h"

struct pair {
    const struct report_entry *few, *many;
    double speedup, efficiency; /* 1: as many times as fast as there are more threads */
};

struct group {
    const struct report_entry *first;
    struct pair *pair; /* in the one list of all */
    size_t pairs;
    struct interval speedup, efficiency;
};

/* Its name without the number of threads, and its side; false where the name does not say. */
static bool key_of(const struct report_entry *e, char key[1100])
{
    static const char mark[] = "/threads:";
    const char *at = strstr(e->row->name, mark);
    if (!at) return false;
    const char *rest = at + strlen(mark);
    rest += strspn(rest, "0123456789");
    snprintf(key, 1100, "%zu %.*s%s", e->side, (int)(at - e->row->name), e->row->name, rest);
    return true;
}

/* Key -> the entry with the fewest threads. Within a kernel the entries rise by threads. */
static json_t *index_fewest(const struct report *r)
{
    json_t *index = json_object();
    char key[1100];
    for (size_t i = 0; index && i < r->entries; i++)
        if (r->entry[i].row->state == READ_TIMED && key_of(&r->entry[i], key) &&
            !json_object_get(index, key) &&
            json_object_set_new(index, key, json_integer((json_int_t)i)) != 0)
            break;
    return index;
}

static bool has_pair(const struct report *r, const json_t *index, const struct report_entry *e,
                     struct pair *pair)
{
    char key[1100];
    if (e->row->state != READ_TIMED || !key_of(e, key)) return false;
    const json_t *at = json_object_get(index, key);
    const struct report_entry *few = at ? &r->entry[json_integer_value(at)] : e;
    if (few->row->threads >= e->row->threads) return false;
    const double speedup = few->row->median / e->row->median;
    *pair = (struct pair){few, e, speedup, speedup * few->row->threads / e->row->threads};
    return true;
}

static void measure(struct group *g)
{
    double *x = malloc(g->pairs * sizeof *x);
    for (size_t i = 0; x && i < g->pairs; i++) x[i] = g->pair[i].speedup;
    if (x) g->speedup = report_mean(x, g->pairs);
    for (size_t i = 0; x && i < g->pairs; i++) x[i] = g->pair[i].efficiency;
    if (x) g->efficiency = report_mean(x, g->pairs);
    free(x);
}

static int by_efficiency(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    if (x->efficiency.at != y->efficiency.at) return x->efficiency.at < y->efficiency.at ? -1 : 1;
    return x->first < y->first ? -1 : 1;
}

/* ---- the overview */

static void figure(FILE *out, const struct report *r, const struct group *g, size_t groups)
{
    static const char *const kind[] = {"hinge", "compiler, scalar", "oneDNN, others"};
    struct svg_dot *dot = calloc(groups, sizeof *dot);
    struct svg_dot_row *row = calloc(groups, sizeof *row);
    char(*name)[256] = calloc(groups, sizeof *name);
    for (size_t i = 0; dot && row && name && i < groups; i++) {
        const struct read_row *x = g[i].first->row;
        dot[i] = (struct svg_dot){g[i].efficiency.at, g[i].efficiency.lo, g[i].efficiency.hi,
                                  read_is_library(x) || report_is_plugin(x) ? 2
                                  : strncmp(x->variant, "avx", 3) == 0      ? 0
                                                                            : 1};
        report_group_name(r, g[i].first, true, name[i]);
        row[i] = (struct svg_dot_row){.label = name[i], .dot = &dot[i], .dots = 1};
    }
    if (dot && row && name)
        html_figure(
            out,
            svg_dots(&(struct svg_dots){.title = "Parallel efficiency: geometric mean over rows",
                                        .x = {"speed-up over added threads", true, 0.0, 0.0},
                                        .reference = 1.0,
                                        .below = "\u2190 threads lost",
                                        .above = "more than its share \u2192",
                                        .kind = kind,
                                        .kinds = 3,
                                        .row = row,
                                        .rows = groups,
                                        .bare = true}),
            "Parallel efficiency",
            "1: twice the threads take half the time. Geometric means over the rows that were "
            "timed "
            "with both numbers of threads, with their 95 % intervals, the worst first.");
    free(dot);
    free(row);
    free(name);
}

static void table(FILE *out, const struct report *r, const struct group *g, size_t groups)
{
    static const char *const head[] = {"kernel and lane", "#of",         "#rows",
                                       "#times as fast",  "#efficiency", "#worst row",
                                       "#best row"};
    html_table(out,
               &(struct html_table){"Speed-up by more threads, by kernel and lane: the worst first",
                                    head, sizeof head / sizeof *head, true});
    for (size_t i = 0; i < groups; i++) {
        char name[256], speedup[80], efficiency[24], worst[24], best[24];
        double lo = HUGE_VAL, hi = 0.0;
        for (size_t p = 0; p < g[i].pairs; p++) {
            lo = fmin(lo, g[i].pair[p].speedup);
            hi = fmax(hi, g[i].pair[p].speedup);
        }
        html_row(out, report_group_name(r, g[i].first, true, name));
        fprintf(out, "<td>%d</td><td>%zu</td>", g[i].pair->few->row->threads, g[i].pairs);
        html_cell(out, NULL,
                  html_interval(g[i].speedup.at, g[i].speedup.lo, g[i].speedup.hi, speedup));
        html_cell(out, NULL, html_ratio(g[i].efficiency.at, efficiency));
        html_cell(out, NULL, html_ratio(lo, worst));
        html_cell(out, NULL, html_ratio(hi, best));
        fputs("</tr>\n", out);
    }
    html_table_end(out);
}

/* ---- each row */

static void rows_of(FILE *out, const struct report *r, const struct group *g)
{
    static const char *const head[] = {"case", "#fewest threads", "#more", "#times as fast"};
    char name[256], rows[64];
    char *summary = html_format("%s: %s", report_group_name(r, g->first, true, name),
                                html_count(g->pairs, "row", rows));
    html_fold(out, summary ? summary : name, false);
    html_table(out, &(struct html_table){name, head, sizeof head / sizeof *head, true});
    for (size_t i = 0; i < g->pairs; i++) {
        char text[256], few[24], many[24], speedup[24];
        html_row(out, report_case(g->pair[i].many->row, text));
        html_cell(out, NULL, html_time(g->pair[i].few->row->median, few));
        html_cell(out, NULL, html_time(g->pair[i].many->row->median, many));
        html_cell(out, g->pair[i].speedup < 1.0 ? "slow" : NULL,
                  html_ratio(g->pair[i].speedup, speedup));
        fputs("</tr>\n", out);
    }
    html_table_end(out);
    html_fold_end(out);
    free(summary);
}

void html_threads(FILE *out, const struct report *r)
{
    struct pair *pair = malloc((r->entries + 1) * sizeof *pair);
    struct group *group = calloc(r->entries + 1, sizeof *group);
    json_t *index = index_fewest(r);
    size_t pairs = 0, groups = 0;
    for (size_t from = 0, end; index && pair && group && from < r->entries; from = end) {
        struct group *g = &group[groups];
        end = report_group_end(r, from);
        *g = (struct group){.first = &r->entry[from], .pair = &pair[pairs]};
        for (size_t i = from; i < end; i++)
            g->pairs += has_pair(r, index, &r->entry[i], &pair[pairs + g->pairs]);
        pairs += g->pairs;
        if (!g->pairs) continue;
        measure(g);
        groups++;
    }
    if (groups) {
        qsort(group, groups, sizeof *group, by_efficiency);
        figure(out, r, group, groups);
        table(out, r, group, groups);
        html_fold(out, "Every row, by kernel and lane", false);
        for (size_t i = 0; i < groups; i++) rows_of(out, r, &group[i]);
        html_fold_end(out);
    } else {
        fputs("<p>No row was timed on one side with two numbers of threads.</p>\n", out);
    }
    json_decref(index);
    free(pair);
    free(group);
}
