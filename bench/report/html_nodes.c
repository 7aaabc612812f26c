/* Hosts of one kind, as the nodes of a cluster: which of them stands out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/identity.h"
#include "html.h"
#include "measure/nodes.h"
#include "report.h"
#include "svg.h"

/* Sides that differ in their host, and perhaps in how it is set. */
struct cluster {
    size_t *side;
    struct nodes nodes;
    size_t *order; /* the slowest first */
};

static const char *said(const struct report *r, size_t side, const char *field)
{
    return read_context_text(r->side[side].first, field);
}

static bool alike(const struct report *r, size_t a, size_t b)
{
    static const char *const same[] = {"commit", "compiler", "flags"};
    struct differences d;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (strcmp(said(r, a, same[i]), said(r, b, same[i])) != 0) return false;
    identity_machine(r->side[a].first, r->side[b].first, &d);
    return d.count == 0;
}

/* The sides from `first` on that are alike and not taken yet, of each host the first. Returns how many. */
static size_t find_nodes(const struct report *r, size_t first, bool *taken, size_t *side)
{
    size_t n = 0;
    for (size_t s = first; s < r->sides; s++) {
        const json_t *cluster = json_object_get(r->side[s].first->context, "cluster");
        bool known = strcmp(said(r, s, "host_name"), "unknown") == 0 || !r->side[s].rows ||
                     json_object_get(cluster, "share"); /* has rows that no other has */
        for (size_t k = 0; k < n && !known; k++)
            known = strcmp(said(r, s, "host_name"), said(r, side[k], "host_name")) == 0;
        if (taken[s] || known || !alike(r, first, s)) continue;
        taken[s] = true;
        side[n++] = s;
    }
    return n;
}

/* The times of what all nodes have; NULL without memory. */
static double *common_rows(const struct report *r, const size_t *side, size_t nodes, size_t *rows)
{
    double *ns = malloc((r->side[side[0]].rows * nodes + 1) * sizeof *ns);
    *rows = 0;
    for (size_t i = 0; ns && i < r->entries; i++) {
        const struct report_entry *e = &r->entry[i];
        if (e->side != side[0] || e->row->state != READ_TIMED || read_is_library(e->row)) continue;
        size_t found = 0;
        for (; found < nodes; found++) {
            const struct report_entry *of = report_find(r, side[found], e->row->name);
            if (!of) break;
            ns[*rows * nodes + found] = of->row->median;
        }
        *rows += found == nodes;
    }
    return ns;
}

/* ---- one cluster */

static void figure(FILE *out, const struct report *r, const struct cluster *c)
{
    static const char *const kind[] = {"with the others", "slow", "fast"};
    const size_t n = c->nodes.count;
    struct svg_dot *dot = calloc(n, sizeof *dot);
    struct svg_dot_row *row = calloc(n, sizeof *row);
    char(*name)[200] = calloc(n, sizeof *name);
    for (size_t i = 0; dot && row && name && i < n; i++) {
        const size_t side = c->side[c->order[i]];
        const struct node *node = &c->nodes.at[c->order[i]];
        snprintf(name[i], sizeof name[i], "%s: %.150s%s%s", r->side[side].name,
                 said(r, side, "host_name"), node->stand == NODE_WITH_OTHERS ? "" : ", ",
                 node->stand == NODE_WITH_OTHERS ? "" : node_stand_name(node->stand));
        dot[i] = (struct svg_dot){node->speed.at, node->speed.lo, node->speed.hi, node->stand};
        row[i] = (struct svg_dot_row){.label = name[i], .dot = &dot[i], .dots = 1};
    }
    if (dot && row && name)
        html_figure(out,
                    svg_dots(&(struct svg_dots){.title = "Each node against the median of all",
                                                .x = {"times as fast", true, 0.0, 0.0},
                                                .reference = 1.0,
                                                .below = "\u2190 slower than the median",
                                                .above = "faster \u2192",
                                                .kind = kind,
                                                .kinds = 3,
                                                .row = row,
                                                .rows = n,
                                                .bare = true}),
                    "Each node against the median of all",
                    "Geometric means over the rows that all nodes have, with their 95 % intervals "
                    "over rows.");
    free(dot);
    free(row);
    free(name);
}

/* What it is set to otherwise than the node in the middle. */
static void settings_cell(FILE *out, const struct report *r, const struct cluster *c, size_t i)
{
    struct differences d;
    bool any = false;
    identity_settings(r->side[c->side[c->nodes.middle]].first, r->side[c->side[i]].first, &d);
    fputs("<td class=\"p\">", out);
    for (size_t k = 0; k < d.count; k++) {
        if (identity_is_of_host(d.at[k].field)) continue;
        char *text = html_format("%s%s %s, not %s", any ? "; " : "", d.at[k].field, d.at[k].new,
                                 d.at[k].old);
        html_text(out, text ? text : "");
        free(text);
        any = true;
    }
    fputs("</td>", out);
}

static void table(FILE *out, const struct report *r, const struct cluster *c)
{
    static const char *const head[] = {
        "node", "side", "#speed", "#spreads off", "stands", "set otherwise than the middle one"};
    const struct nodes *n = &c->nodes;
    html_table(out, &(struct html_table){"Nodes", head, sizeof head / sizeof *head, true});
    for (size_t k = 0; k < n->count; k++) {
        const size_t i = c->order[k];
        const struct node *node = &n->at[i];
        const char *class = node->stand == NODE_SLOW   ? "slow"
                            : node->stand == NODE_FAST ? "fast"
                                                       : NULL;
        char speed[80];
        snprintf(speed, sizeof speed, isfinite(node->speed.lo) ? "%.3f [%.3f, %.3f]" : "%.3f",
                 node->speed.at, node->speed.lo, node->speed.hi);
        html_row(out, said(r, c->side[i], "host_name"));
        html_cell(out, "p", r->side[c->side[i]].name);
        html_cell(out, class, speed);
        html_number_cell(out, node->off, 2);
        html_cell(out, "p", class ? node_stand_name(node->stand) : "");
        settings_cell(out, r, c, i);
        fputs("</tr>\n", out);
    }
    html_table_end(out);
}

static void show(FILE *out, const struct report *r, const struct cluster *c)
{
    const struct nodes *n = &c->nodes;
    char rows[64], rule[512];
    fprintf(out, "<p><b>%zu of %zu nodes stand%s out</b>, over %s that all have. ", n->out,
            n->count, n->out == 1 ? "s" : "", html_count(n->rows, "row", rows));
    html_text(out, nodes_rule(n, rule));
    fputs(".</p>\n", out);
    figure(out, r, c);
    table(out, r, c);
}

void html_nodes(FILE *out, const struct report *r)
{
    bool *taken = calloc(r->sides + 1, sizeof *taken);
    size_t *side = calloc(r->sides + 1, sizeof *side), shown = 0;
    for (size_t s = 0; taken && side && s < r->sides; s++) {
        struct cluster c = {.side = side};
        const size_t n = taken[s] ? 0 : find_nodes(r, s, taken, side);
        size_t rows = 0;
        double *ns = n > 1 ? common_rows(r, side, n, &rows) : NULL;
        if (ns && rows && nodes_judge(&c.nodes, ns, rows, n) == STATUS_OK &&
            (c.order = nodes_order(&c.nodes))) {
            show(out, r, &c);
            shown++;
        }
        nodes_free(&c.nodes);
        free(c.order);
        free(ns);
    }
    if (!shown)
        fputs("<p>No two hosts of one kind and build have a row in common: there are no nodes to "
              "compare.</p>\n",
              out);
    free(taken);
    free(side);
}
