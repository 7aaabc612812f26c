/* What the difference of two sides is made of: factors that multiply to the speed. */
#include <math.h>
#include <string.h>

#include "html.h"
#include "html_sides.h"

static void part_cells(FILE *out, const struct explanation *x, int from, int to)
{
    for (int p = from; p < to; p++) {
        char text[24];
        html_cell(out, NULL, html_ratio(exp(x->part[p]), text));
    }
}

static void groups_table(FILE *out, const struct report *r, const struct group *g, size_t groups)
{
    static const char *const head[] = {
        "kernel, lane, sides", "#rows",   "#speed", "#frequency", "#width", "#cores", "#cache",
        "#bandwidth",          "#kernel", "#rest"};
    html_table(out, &(struct html_table){"What the difference is made of: the factors multiply to "
                                         "the speed",
                                         head, sizeof head / sizeof *head, true});
    for (size_t i = 0; i < groups; i++) {
        const struct interval *speed = &g[i].speed, *kernel = &g[i].kernel;
        char name[300], text[80];
        html_row(out, html_group_name(r, &g[i], name));
        fprintf(out, "<td>%zu</td>", g[i].pairs);
        html_cell(out,
                  speed->hi < 1.0   ? "slow"
                  : speed->lo > 1.0 ? "fast"
                                    : NULL,
                  html_interval(speed->at, speed->lo, speed->hi, text));
        part_cells(out, &g[i].mean, 0, PART_KERNEL);
        html_cell(out, NULL, html_interval(kernel->at, kernel->lo, kernel->hi, text));
        part_cells(out, &g[i].mean, PART_REST, PART_COUNT);
        fputs("</tr>\n", out);
    }
    html_table_end(out);
}

static void rows_table(FILE *out, const struct report *r, const struct group *g)
{
    static const char *const head[] = {"case",   "bound by", "#speed",     "#frequency", "#width",
                                       "#cores", "#cache",   "#bandwidth", "#kernel",    "#rest"};
    char name[300];
    html_group_name(r, g, name);
    html_fold(out, name, false);
    html_table(out, &(struct html_table){name, head, sizeof head / sizeof *head, true});
    for (size_t i = 0; i < g->pairs; i++) {
        const struct pair *p = &g->pair[i];
        char text[256], a[32], b[32];
        html_row(out, report_case(p->other->row, text));
        explain_bound(p->base->row, a);
        explain_bound(p->other->row, b);
        snprintf(text, sizeof text, "%s%s%s", a, strcmp(a, b) ? ", " : "", strcmp(a, b) ? b : "");
        html_cell(out, "p", text);
        html_cell(out, NULL, html_ratio(exp(p->why.speed), text));
        part_cells(out, &p->why, 0, PART_COUNT);
        fputs("</tr>\n", out);
    }
    html_table_end(out);
    html_fold_end(out);
}

void html_parts(FILE *out, const struct report *r, const struct group *g, size_t groups)
{
    groups_table(out, r, g, groups);
    fputs(
        "<p>A row takes the time that its roof asks for over the share of the roof that it "
        "reaches. "
        "Frequency, width (flops a cycle and core), cores, cache (the level that holds the "
        "operands) and bandwidth make the roof; the share is the kernel's. Rest is what the files "
        "do not tell apart; a dash: unknown.</p>\n",
        out);
    html_fold(out, "What the difference of each row of our lanes is made of", false);
    for (size_t i = 0; i < groups; i++)
        if (!read_is_library(g[i].first->row)) rows_table(out, r, &g[i]);
    html_fold_end(out);
}
