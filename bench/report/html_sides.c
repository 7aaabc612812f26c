/* Machines, or settings of one, side by side: the rows that two sides share. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "html_sides.h"
#include "report.h"
#include "svg.h"

static bool has_pair(const struct report *r, const struct report_entry *e, size_t base,
                     struct pair *pair)
{
    const struct report_entry *b = report_find(r, base, e->row->name);
    if (!b || e->row->state != READ_TIMED) return false;
    pair->base = b;
    pair->other = e;
    pair->why =
        explain((struct explain_side){b->file, b->row}, (struct explain_side){e->file, e->row});
    return true;
}

/* Of the speed, or of a part that every row knows. */
static struct interval mean_of(const struct group *g, int part)
{
    double *x = malloc(g->pairs * sizeof *x);
    struct interval mean = {NAN, NAN, NAN};
    bool known = x != NULL;
    for (size_t i = 0; known && i < g->pairs; i++) {
        const struct explanation *why = &g->pair[i].why;
        x[i] = exp(part == PART_COUNT ? why->speed : why->part[part]);
        known = isfinite(x[i]);
    }
    if (known) mean = report_mean(x, g->pairs);
    free(x);
    return mean;
}

static bool measure(struct group *g)
{
    struct explanation *why = malloc(g->pairs * sizeof *why);
    for (size_t i = 0; why && i < g->pairs; i++) why[i] = g->pair[i].why;
    g->speed = mean_of(g, PART_COUNT);
    g->kernel = mean_of(g, PART_KERNEL);
    if (why) g->mean = explain_mean(why, g->pairs);
    free(why);
    return why != NULL;
}

static int by_speed(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    if (x->speed.at != y->speed.at) return x->speed.at < y->speed.at ? -1 : 1;
    return x->first < y->first ? -1 : 1;
}

const char *html_group_name(const struct report *r, const struct group *g, char text[300])
{
    char name[256];
    snprintf(text, 300, "%s over %s", report_group_name(r, g->first, true, name),
             r->side[g->base].name);
    return text;
}

/* ---- the overview */

static void figure(FILE *out, const struct report *r, const struct group *g, size_t groups)
{
    static const char *const kind[] = {"speed", "share of its own roof"};
    struct svg_dot(*dot)[2] = calloc(groups, sizeof *dot);
    struct svg_dot_row *row = calloc(groups, sizeof *row);
    char(*name)[300] = calloc(groups, sizeof *name);
    for (size_t i = 0; dot && row && name && i < groups; i++) {
        dot[i][0] = (struct svg_dot){g[i].speed.at, g[i].speed.lo, g[i].speed.hi, 0};
        dot[i][1] = (struct svg_dot){g[i].kernel.at, g[i].kernel.lo, g[i].kernel.hi, 1};
        row[i] = (struct svg_dot_row){.label = html_group_name(r, &g[i], name[i]),
                                      .dot = dot[i],
                                      .dots = isfinite(g[i].kernel.at) ? 2 : 1};
    }
    if (dot && row && name)
        html_figure(out,
                    svg_dots(&(struct svg_dots){.title = "The later side over the earlier",
                                                .x = {"times as much", true, 0.0, 0.0},
                                                .reference = 1.0,
                                                .below = "\u2190 the later side is slower",
                                                .above = "faster \u2192",
                                                .kind = kind,
                                                .kinds = 2,
                                                .row = row,
                                                .rows = groups,
                                                .bare = true}),
                    "The later side over the earlier",
                    "Geometric means over the rows that both sides hold, with their 95 % intervals "
                    "over rows. "
                    "Where the time moves and the share of the roof does not, the machine did it.");
    free(dot);
    free(row);
    free(name);
}

/* ---- every row: a column for each side */

/* Timed rows; those of one kernel, cache, number of threads and variant together, in them those of one name. */
static int compare_families(const struct read_row *a, const struct read_row *b)
{
    int order = strcmp(a->kernel, b->kernel);
    if (!order) order = -strcmp(a->cache, b->cache);
    if (!order) order = (a->threads > b->threads) - (a->threads < b->threads);
    return order ? order : strcmp(a->variant, b->variant);
}

static int compare_cells(const void *a, const void *b)
{
    const struct report_entry *x = *(const struct report_entry *const *)a;
    const struct report_entry *y = *(const struct report_entry *const *)b;
    int order = compare_families(x->row, y->row);
    if (!order) order = strcmp(x->row->name, y->row->name);
    return order ? order : (x->side > y->side) - (x->side < y->side);
}

static size_t name_end(const struct report_entry **cell, size_t from, size_t end)
{
    const char *name = cell[from]->row->name;
    while (from < end && strcmp(cell[from]->row->name, name) == 0) from++;
    return from;
}

static void matrix_row(FILE *out, const struct report_entry **cell, size_t n, const bool *column,
                       size_t sides)
{
    char text[256], ratio[24];
    html_row(out, report_case(cell[0]->row, text));
    for (size_t s = 0, at = 0; s < sides; s++) {
        if (!column[s]) continue;
        if (at == n || cell[at]->side != s) {
            fputs("<td>\u2013</td>", out);
            continue;
        }
        const struct read_row *row = cell[at]->row;
        fprintf(out, "<td>%s", html_time(row->median, text));
        if (at)
            fprintf(out, " <small>\u00d7%s</small>",
                    html_ratio(cell[0]->row->median / row->median, ratio));
        fputs("</td>", out);
        at++;
    }
    fputs("</tr>\n", out);
}

/* column[s]: has side s a row that another has as well? Returns how many rows that are. */
static size_t find_columns(const struct report_entry **cell, size_t n, bool *column)
{
    size_t rows = 0;
    for (size_t from = 0, end; from < n; from = end) {
        end = name_end(cell, from, n);
        rows += end - from > 1;
        for (size_t i = from; i < end && end - from > 1; i++) column[cell[i]->side] = true;
    }
    return rows;
}

static void matrix(FILE *out, const struct report *r, const struct report_entry **cell, size_t n)
{
    const char **head = calloc(r->sides + 1, sizeof *head);
    bool *column = calloc(r->sides, sizeof *column);
    const size_t rows = head && column ? find_columns(cell, n, column) : 0;
    const struct read_row *first = cell[0]->row;
    char count[64];
    char *name = html_format("%s %s, %d thread%s%s: %s", first->kernel, first->variant,
                             first->threads, first->threads == 1 ? "" : "s",
                             strcmp(first->cache, "cold") == 0 ? ", cold" : "",
                             html_count(rows, "row", count));
    if (rows && name) {
        size_t heads = 0;
        head[heads++] = "case";
        for (size_t s = 0; s < r->sides; s++)
            if (column[s]) head[heads++] = r->side[s].name;
        html_fold(out, name, false);
        html_table(out, &(struct html_table){name, head, heads, true});
        for (size_t from = 0, end; from < n; from = end) {
            end = name_end(cell, from, n);
            if (end - from > 1) matrix_row(out, cell + from, end - from, column, r->sides);
        }
        html_table_end(out);
        html_fold_end(out);
    }
    free(name);
    free(head);
    free(column);
}

static void matrices(FILE *out, const struct report *r)
{
    const struct report_entry **cell = malloc((r->entries + 1) * sizeof *cell);
    size_t n = 0;
    for (size_t i = 0; cell && i < r->entries; i++)
        if (r->entry[i].row->state == READ_TIMED) cell[n++] = &r->entry[i];
    if (n) qsort(cell, n, sizeof *cell, compare_cells);
    html_fold(out, "Every row, by kernel and lane", false);
    fputs("<p>Times; \u00d7: as many times as fast as on the first side of the line.</p>\n", out);
    for (size_t from = 0, end; from < n; from = end) {
        for (end = from; end < n && compare_families(cell[from]->row, cell[end]->row) == 0;) end++;
        matrix(out, r, cell + from, end - from);
    }
    html_fold_end(out);
    free(cell);
}

/* ---- the section */

/* Each group of a side against the first side that holds one of its rows. */
static size_t make_groups(const struct report *r, struct pair *pair, struct group *group)
{
    size_t pairs = 0, groups = 0;
    for (size_t from = 0, end; from < r->entries; from = end) {
        end = report_group_end(r, from);
        for (size_t base = 0; base < r->entry[from].side; base++) {
            struct group *g = &group[groups];
            *g = (struct group){&r->entry[from], .base = base, .pair = &pair[pairs]};
            for (size_t i = from; i < end; i++)
                g->pairs += has_pair(r, &r->entry[i], base, &pair[pairs + g->pairs]);
            if (!g->pairs) continue;
            pairs += g->pairs;
            if (!measure(g)) return 0;
            groups++;
            break;
        }
    }
    return groups;
}

void html_sides(FILE *out, const struct report *r)
{
    struct pair *pair = malloc((r->entries + 1) * sizeof *pair);
    struct group *group = calloc(r->entries + 1, sizeof *group);
    const size_t groups = pair && group ? make_groups(r, pair, group) : 0;
    if (groups) {
        fputs("<p>The same kernel, lane and number of threads on two sides, the later held against "
              "the "
              "earlier: so this is per core as well. Which change is real, <code>hinge "
              "compare</code> "
              "judges.</p>\n",
              out);
        qsort(group, groups, sizeof *group, by_speed);
        figure(out, r, group, groups);
        html_parts(out, r, group, groups);
        matrices(out, r);
    } else {
        fputs("<p>No row stands on two sides: there is nothing to compare.</p>\n", out);
    }
    free(pair);
    free(group);
}
