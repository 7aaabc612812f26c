/* Every row as numbers, kernel by kernel. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report.h"

static void share_cell(FILE *out, const struct read_row *row)
{
    char text[64] = "\u2013";
    if (isfinite(row->roof_share) && row->roof_share < 1e4)
        snprintf(text, sizeof text, "%.0f %% %.10s%s%.10s", 100.0 * row->roof_share, row->roof,
                 *row->level && strcmp(row->roof, "fma") != 0 ? " " : "",
                 strcmp(row->roof, "fma") != 0 ? row->level : "");
    html_cell(out, NULL, text);
}

static void ratio_cell(FILE *out, const struct read_row *row)
{
    static const char *const class[] = {[REPORT_SLOWER] = "slow",
                                        [REPORT_UNDECIDED] = NULL,
                                        [REPORT_FASTER] = "fast",
                                        [REPORT_UNCOMPARED] = NULL};
    char text[80];
    html_cell(out, class[report_standing(row)],
              html_interval(row->vs_onednn.at, row->vs_onednn.lo, row->vs_onednn.hi, text));
}

static void timed_cells(FILE *out, const struct read_row *row)
{
    const double mad = report_number(row, NULL, "mad");
    char text[24];
    html_cell(out, NULL, html_time(row->median, text));
    if (mad >= 0.0)
        fprintf(out, "<td>%.1f %%</td>", fmin(100.0 * mad / row->median, 999.0));
    else
        fputs("<td>\u2013</td>", out);
    html_number_cell(out, row->flops > 0.0 ? row->flops / row->median : NAN, 3);
    share_cell(out, row);
    ratio_cell(out, row);
    html_cell(out, NULL, html_ratio(report_number(row, NULL, "bound_used"), text));
}

static void one_row(FILE *out, const struct read_row *row)
{
    char text[256];
    html_row(out, report_case(row, text));
    html_cell(out, "t", *row->variant ? row->variant : "\u2013");
    if (row->state == READ_TIMED) {
        timed_cells(out, row);
    } else {
        fprintf(out, "<td class=\"t%s\" colspan=\"6\">", row->state == READ_WRONG ? " slow" : "");
        html_text(out, row->error);
        fputs("</td>", out);
    }
    fputs("</tr>\n", out);
}

/* The variants of one kernel, cache, number of threads and side. */
static void table(FILE *out, const struct report *r, size_t from, size_t end)
{
    static const char *const head[] = {"case",     "lane",     "#median",      "#MAD",
                                       "#GFLOP/s", "#of roof", "#over oneDNN", "#error"};
    char name[256];
    html_table(out, &(struct html_table){report_group_name(r, &r->entry[from], false, name), head,
                                         sizeof head / sizeof *head, true});
    for (size_t i = from; i < end; i++) one_row(out, r->entry[i].row);
    html_table_end(out);
}

static void kernel(FILE *out, const struct report *r, size_t from, size_t end)
{
    const struct read_row *first = r->entry[from].row;
    char rows[64];
    char *summary = html_format("%s: %s", *first->kernel ? first->kernel : "rows",
                                html_count(end - from, "row", rows));
    html_fold(out, summary ? summary : first->kernel, false);
    for (size_t line; from < end; from = line) {
        line = from;
        while (line < end && report_same_line(&r->entry[from], &r->entry[line])) line++;
        table(out, r, from, line);
    }
    html_fold_end(out);
    free(summary);
}

void html_rows(FILE *out, const struct report *r)
{
    if (!r->entries)
        fputs("<p>No file has rows.</p>\n", out);
    else
        fputs("<p>Error: the share used of what the order of operations allows. Over oneDNN: times "
              "as "
              "fast, with the 95 % interval.</p>\n",
              out);
    for (size_t from = 0, end; from < r->entries; from = end) {
        end = report_kernel_end(r, from);
        kernel(out, r, from, end);
    }
}
