/* The nodes of a cluster for a terminal, a pull request and a program. */
#include <math.h>
#include <stdlib.h>

#include "compare/machines.h"
#include "compare/show.h"
#include "report/context.h"

static const char *host_of(const struct machines *m, size_t c)
{
    return read_context_text(m->columns.at[c].file, "host_name");
}

static const char *speed_text(const struct interval *s, char text[48])
{
    if (isfinite(s->lo))
        snprintf(text, 48, "%.3f [%.3f, %.3f]", s->at, s->lo, s->hi);
    else
        snprintf(text, 48, "%.3f", s->at);
    return text;
}

static const char *off_text(const struct node *node, char text[16])
{
    if (isfinite(node->off))
        snprintf(text, 16, "%+.1f", node->off);
    else
        snprintf(text, 16, "%s", node->off < 0.0 ? "-inf" : "+inf");
    return text;
}

/* Of one that stands out: what may be the reason. */
static void find_settings(const struct machines *m, size_t c, struct differences *d)
{
    size_t kept = 0;
    identity_settings(m->columns.at[m->nodes.middle].file, m->columns.at[c].file, d);
    for (size_t i = 0; i < d->count; i++)
        if (!identity_is_of_host(d->at[i].field)) d->at[kept++] = d->at[i];
    d->count = kept;
}

static void print_settings(FILE *out, const struct machines *m, size_t c)
{
    struct differences d;
    find_settings(m, c, &d);
    for (size_t i = 0; i < d.count; i++)
        fprintf(out, "       its %s is %s, that of %s %s\n", d.at[i].field, d.at[i].new,
                host_of(m, m->nodes.middle), d.at[i].old);
}

void nodes_terminal(FILE *out, const struct machines *m)
{
    const struct nodes *n = &m->nodes;
    char rule[512];
    if (!n->count) return;
    size_t *order = nodes_order(n);
    fprintf(out, "\n%zu nodes of one kind, each against the median of all: %zu stand%s out\n",
            n->count, n->out, n->out == 1 ? "s" : "");
    fputs("     speed                   spreads off  node\n", out);
    for (size_t i = 0; order && i < n->count; i++) {
        const struct node *node = &n->at[order[i]];
        char speed[48], off[16];
        fprintf(out, "     %-22s  %11s  %s%s%s\n", speed_text(&node->speed, speed),
                off_text(node, off), host_of(m, order[i]),
                node->stand == NODE_WITH_OTHERS ? "" : "  ",
                node->stand == NODE_SLOW   ? "SLOW"
                : node->stand == NODE_FAST ? "fast"
                                           : "");
        if (node->stand != NODE_WITH_OTHERS) print_settings(out, m, order[i]);
    }
    fprintf(out, "%s\n", nodes_rule(n, rule));
    free(order);
}

void nodes_markdown(FILE *out, const struct machines *m)
{
    const struct nodes *n = &m->nodes;
    char rule[512];
    if (!n->count) return;
    size_t *order = nodes_order(n);
    fprintf(out,
            "\n#### Nodes: %zu of %zu stand%s out\n\n"
            "| speed | spreads off | node | |\n| --- | ---: | --- | --- |\n",
            n->out, n->count, n->out == 1 ? "s" : "");
    for (size_t i = 0; order && i < n->count; i++) {
        const struct node *node = &n->at[order[i]];
        char speed[48], off[16];
        fprintf(out, "| %s | %s | ", speed_text(&node->speed, speed), off_text(node, off));
        show_code(out, host_of(m, order[i]));
        fprintf(out, " | %s |\n",
                node->stand == NODE_WITH_OTHERS ? "" : node_stand_name(node->stand));
    }
    fprintf(out, "\n%s\n", nodes_rule(n, rule));
    free(order);
}

json_t *nodes_json(const struct machines *m)
{
    const struct nodes *n = &m->nodes;
    json_t *list = json_array();
    for (size_t c = 0; c < n->count; c++) {
        const struct node *node = &n->at[c];
        json_array_append_new(
            list, json_pack("{s:s, s:o, s:[o, o], s:o, s:s}", "host", host_of(m, c), "speed",
                            json_number(node->speed.at), "interval", json_number(node->speed.lo),
                            json_number(node->speed.hi), "spreads_off", json_number(node->off),
                            "stands", node_stand_name(node->stand)));
    }
    return json_pack("{s:o, s:o, s:o}", "spread", json_number(n->spread), "limit",
                     json_number(n->limit), "nodes", list);
}
