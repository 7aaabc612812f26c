/* Machines side by side for a pull request and a program. */
#include <math.h>
#include <stdlib.h>

#include "compare/machines.h"
#include "compare/show.h"
#include "report/context.h"

enum { SHOWN = 20 };

/* ---- Markdown */

static void matrix(FILE *out, const struct machines *m)
{
    fputs("### hinge compare: machines\n\n"
          "| speed | rank | GFLOP/s a core | flops a cycle | of roof | what | file |\n"
          "| --- | ---: | ---: | ---: | ---: | --- | --- |\n",
          out);
    for (size_t c = 0; c < m->columns.count; c++) {
        const struct machine_column *x = &m->figure[c];
        char speed[48], core[16], cycle[16], share[16];
        fprintf(out, "| %s | %zu | %s | %s | %s | ", machines_speed(&x->speed, speed), x->rank,
                machines_figure(x->per_core, 1, core), machines_figure(x->per_cycle, 2, cycle),
                machines_figure(x->roof_share, 2, share));
        show_code(out, m->columns.at[c].name);
        fputs(" | ", out);
        show_code(out, m->columns.at[c].file->path);
        fputs(" |\n", out);
    }
    fprintf(out,
            "\nspeed: geometric mean over the %zu common row%s of the first column's time over "
            "this one's, 95 %% interval over rows; rank: columns that are clearly faster come "
            "before; of roof: median of each row's share of its own\n",
            m->rows, m->rows == 1 ? "" : "s");
}

static void factors(FILE *out, const struct explanation *x)
{
    fprintf(out, "| %.3f ", exp(x->speed));
    for (int p = 0; p < PART_COUNT; p++)
        if (isnan(x->part[p]))
            fputs("| - ", out);
        else
            fprintf(out, "| %.3f ", exp(x->part[p]));
}

static void parts(FILE *out, const struct machines *m, size_t c)
{
    size_t *order = machines_order(m, c);
    fputs("\n<details><summary>", out);
    show_code(out, machines_name(m, c));
    fputs(" over ", out);
    show_code(out, machines_name(m, 0));
    fputs(": the factors that make the speed</summary>\n\n| speed ", out);
    for (int p = 0; p < PART_COUNT; p++) fprintf(out, "| %s ", part_name((enum part)p));
    fputs("| bound by | row |\n|", out);
    for (int p = 0; p <= PART_COUNT; p++) fputs(" ---: |", out);
    fputs(" --- | --- |\n", out);
    factors(out, &m->figure[c].mean);
    fputs("| | geometric mean |\n", out);
    for (size_t i = 0; order && i < m->rows && i < SHOWN; i++) {
        char bound[72];
        factors(out, &m->why[c * m->rows + order[i]]);
        fputs("| ", out);
        show_code(out, machines_bound(m, order[i], c, bound));
        fputs(" | ", out);
        show_code(out, m->key[order[i]]);
        fputs(" |\n", out);
    }
    if (m->rows > SHOWN) fprintf(out, "\n%zu more rows differ less\n", m->rows - SHOWN);
    fputs("\n</details>\n", out);
    free(order);
}

void machines_markdown(FILE *out, const struct machines *m)
{
    matrix(out, m);
    nodes_markdown(out, m);
    for (size_t c = 1; c < m->columns.count; c++)
        if (machines_explains(m, c)) parts(out, m, c);
}

/* ---- JSON */

static json_t *factors_json(const struct explanation *x)
{
    json_t *o = json_pack("{s:o}", "speed", json_number(exp(x->speed)));
    for (int p = 0; p < PART_COUNT; p++)
        json_object_set_new(o, part_name((enum part)p), json_number(exp(x->part[p])));
    return o;
}

static json_t *row_json(const struct machines *m, size_t r)
{
    json_t *ns = json_array(), *bound = json_array(), *made_of = json_array();
    for (size_t c = 0; c < m->columns.count; c++) {
        char text[32];
        json_array_append_new(ns, json_number(machines_cell(m, r, c)->median));
        json_array_append_new(bound, json_string(explain_bound(machines_cell(m, r, c), text)));
        json_array_append_new(made_of, factors_json(&m->why[c * m->rows + r]));
    }
    return json_pack("{s:s, s:o, s:o, s:o}", "name", m->key[r], "ns", ns, "bound_by", bound,
                     "made_of", made_of);
}

static json_t *column_json(const struct machines *m, size_t c)
{
    const struct machine_column *x = &m->figure[c];
    const struct column *column = &m->columns.at[c];
    json_t *o =
        json_pack("{s:o, s:s, s:s, s:o, s:[o, o], s:i, s:o, s:o, s:b, s:o, s:o, s:i, s:o}", "file",
                  show_path(column->file->path), "name", column->name, "cpu",
                  read_context_text(column->file, "cpu"), "speed", json_number(x->speed.at),
                  "interval", json_number(x->speed.lo), json_number(x->speed.hi), "rank",
                  (int)x->rank, "gflops_per_core", json_number(x->per_core), "flops_per_cycle",
                  json_number(x->per_cycle), "frequency_measured", (int)x->measured, "roof_share",
                  json_number(x->roof_share), "efficiency", json_number(x->efficiency),
                  "not_in_all", (int)x->alone, "made_of", factors_json(&x->mean));
    return o;
}

json_t *machines_json(const struct machines *m)
{
    json_t *list = json_array(), *rows = json_array();
    for (size_t c = 0; c < m->columns.count; c++) json_array_append_new(list, column_json(m, c));
    for (size_t r = 0; r < m->rows; r++) json_array_append_new(rows, row_json(m, r));
    json_t *all = json_pack("{s:o, s:o, s:o, s:o}", "machines", list, "machine",
                            show_differences(&m->columns.machine), "settings",
                            show_differences(&m->columns.settings), "rows", rows);
    if (m->nodes.count) json_object_set_new(all, "nodes", nodes_json(m));
    return all;
}
