/* The matrix of machines for a terminal, a pull request and a program. */
#include <math.h>

#include "compare/machines.h"
#include "compare/show.h"
#include "report/context.h"
#include "report/table.h"

static const char *figure(double x, int digits, char text[16])
{
    if (isfinite(x))
        snprintf(text, 16, "%.*f", digits, x);
    else
        snprintf(text, 16, "unknown");
    return text;
}

static const char *speed_text(const struct interval *s, char text[48])
{
    if (isfinite(s->lo) && s->lo < s->hi)
        snprintf(text, 48, "%.2f [%.2f, %.2f]", s->at, s->lo, s->hi);
    else
        snprintf(text, 48, "%.2f", s->at);
    return text;
}

static void print_legend(FILE *out, const struct machines *m)
{
    fprintf(out,
            "speed: geometric mean over the %zu common row%s of the first file's time over this "
            "one's, 95 %% "
            "interval\nover rows; rank: machines that are clearly faster come before; of roof: "
            "median of "
            "each row's share of its own\n",
            m->rows, m->rows == 1 ? "" : "s");
}

static void print_times(FILE *out, const struct machines *m)
{
    for (size_t r = 0; r < m->rows; r++) {
        for (size_t c = 0; c < m->columns; c++) {
            char time[16];
            fprintf(out, "%s ", human_time(m->cell[r * m->columns + c]->median, time));
        }
        fprintf(out, " %s\n", m->cell[r * m->columns]->name);
    }
    fputc('\n', out);
}

void machines_terminal(FILE *out, const struct machines *m, bool verbose)
{
    if (verbose) print_times(out, m);
    fputs("     speed                rank  GFLOP/s a thread  flops a cycle  of roof  machine\n",
          out);
    for (size_t c = 0; c < m->columns; c++) {
        const struct machine_column *x = &m->column[c];
        char speed[48], thread[16], cycle[16], share[16];
        fprintf(out, "%3zu  %-19s  %4zu  %16s  %13s  %7s  %s, %s\n", c + 1,
                speed_text(&x->speed, speed), x->rank, figure(x->per_thread, 1, thread),
                figure(x->per_cycle, 2, cycle), figure(x->roof_share, 2, share),
                read_context_text(x->file, "cpu"), x->file->path);
        if (x->alone)
            fprintf(out, "     %zu more row%s not timed in all files\n", x->alone,
                    x->alone == 1 ? "" : "s");
    }
    print_legend(out, m);
    nodes_terminal(out, m);
}

void machines_markdown(FILE *out, const struct machines *m)
{
    fputs("### hinge compare: machines\n\n"
          "| speed | rank | GFLOP/s a thread | flops a cycle | of roof | machine | file |\n"
          "| --- | ---: | ---: | ---: | ---: | --- | --- |\n",
          out);
    for (size_t c = 0; c < m->columns; c++) {
        const struct machine_column *x = &m->column[c];
        char speed[48], thread[16], cycle[16], share[16];
        fprintf(out, "| %s | %zu | %s | %s | %s | ", speed_text(&x->speed, speed), x->rank,
                figure(x->per_thread, 1, thread), figure(x->per_cycle, 2, cycle),
                figure(x->roof_share, 2, share));
        show_code(out, read_context_text(x->file, "cpu"));
        fputs(" | ", out);
        show_code(out, x->file->path);
        fputs(" |\n", out);
    }
    fputc('\n', out);
    print_legend(out, m);
    nodes_markdown(out, m);
}

static json_t *times_json(const struct machines *m)
{
    json_t *rows = json_array();
    for (size_t r = 0; r < m->rows; r++) {
        json_t *ns = json_array();
        for (size_t c = 0; c < m->columns; c++)
            json_array_append_new(ns, json_number(m->cell[r * m->columns + c]->median));
        json_array_append_new(
            rows, json_pack("{s:s, s:o}", "name", m->cell[r * m->columns]->name, "ns", ns));
    }
    return rows;
}

json_t *machines_json(const struct machines *m)
{
    json_t *list = json_array();
    for (size_t c = 0; c < m->columns; c++) {
        const struct machine_column *x = &m->column[c];
        json_array_append_new(
            list,
            json_pack("{s:o, s:s, s:o, s:[o, o], s:i, s:o, s:o, s:o, s:i}", "file",
                      show_path(x->file->path), "cpu", read_context_text(x->file, "cpu"), "speed",
                      json_number(x->speed.at), "interval", json_number(x->speed.lo),
                      json_number(x->speed.hi), "rank", (int)x->rank, "gflops_per_thread",
                      json_number(x->per_thread), "flops_per_cycle", json_number(x->per_cycle),
                      "roof_share", json_number(x->roof_share), "not_in_all", (int)x->alone));
    }
    json_t *all = json_pack("{s:o, s:o}", "machines", list, "rows", times_json(m));
    if (m->nodes.count) json_object_set_new(all, "nodes", nodes_json(m));
    return all;
}
