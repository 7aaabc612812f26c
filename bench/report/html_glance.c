/* What a reader should know first: losses before wins, refuted before confirmed. */
#include <string.h>

#include "html.h"
#include "report.h"

struct counts {
    size_t standing[REPORT_UNCOMPARED + 1];
    size_t timed, wrong, kernels, samples, retaken, disturbed;
};

static struct counts count_rows(const struct report *r)
{
    struct counts c = {.timed = 0};
    for (size_t i = 0; i < r->entries; i++) {
        const struct read_row *row = r->entry[i].row;
        const double retaken = report_number(row, NULL, "retaken");
        const double disturbed = report_number(row, NULL, "disturbed");
        if (report_is_hand(row)) c.standing[report_standing(row)]++;
        c.timed += row->state == READ_TIMED;
        c.wrong += row->state == READ_WRONG;
        c.kernels += i == 0 || strcmp(row->kernel, r->entry[i - 1].row->kernel) != 0;
        c.samples += row->samples;
        if (retaken > 0.0 && retaken < 1e15) c.retaken += (size_t)retaken;
        if (disturbed > 0.0 && disturbed < 1e15) c.disturbed += (size_t)disturbed;
    }
    return c;
}

static void card(FILE *out, const char *class, const char *name, size_t value, const char *of)
{
    fprintf(out, "<div class=\"card %s\"><dt>%s</dt><dd><b>%zu</b> <span class=\"of\">", class,
            name, value);
    html_text(out, of);
    fputs("</span></dd></div>\n", out);
}

static void onednn_cards(FILE *out, const struct counts *c)
{
    const size_t all =
        c->standing[REPORT_SLOWER] + c->standing[REPORT_UNDECIDED] + c->standing[REPORT_FASTER];
    char of[128];
    if (!all) return;
    snprintf(of, sizeof of, "of %zu rows of the avx2 and avx512 lanes: 95 %% interval below 1",
             all);
    card(out, "slow", "slower than oneDNN", c->standing[REPORT_SLOWER], of);
    card(out, "", "not decided", c->standing[REPORT_UNDECIDED], "the interval holds 1");
    card(out, "fast", "faster than oneDNN", c->standing[REPORT_FASTER],
         "the interval lies above 1");
}

static void study_cards(FILE *out, const struct report *r)
{
    size_t refuted = 0, confirmed = 0, open = 0, i;
    const json_t *claim;
    char of[64];
    for (size_t s = 0; s < r->studies; s++)
        json_array_foreach(json_object_get(r->study[s].root, "claims"), i, claim)
        {
            const char *verdict = json_string_value(json_object_get(claim, "verdict"));
            refuted += strcmp(verdict, "refuted") == 0;
            confirmed += strcmp(verdict, "confirmed") == 0;
            open += strcmp(verdict, "out_of_reach") == 0;
        }
    if (!r->studies) return;
    snprintf(of, sizeof of, "of %zu, in %zu %s", refuted + confirmed + open, r->studies,
             r->studies == 1 ? "study" : "studies");
    card(out, "slow", "claims refuted", refuted, of);
    if (open) card(out, "", "out of reach", open, "not measured, or not finite");
    card(out, "fast", "claims confirmed", confirmed, "within the bounds set before");
}

void html_glance(FILE *out, const struct report *r)
{
    const struct counts c = count_rows(r);
    char of[160], kernels[64], sides[64];
    fputs("<dl class=\"cards\">\n", out);
    onednn_cards(out, &c);
    study_cards(out, r);
    snprintf(of, sizeof of, "of %s; %s; %zu samples, %zu taken again, %zu kept though disturbed",
             html_count(c.kernels, "kernel", kernels), html_count(r->sides, "side", sides),
             c.samples, c.retaken, c.disturbed);
    if (r->entries) card(out, "", "rows timed", c.timed, of);
    if (c.wrong)
        card(out, "slow", "rows wrong", c.wrong,
             "their check failed, or their process died: no time");
    fputs("</dl>\n", out);
    if (!r->entries)
        fputs("<p>No file has rows: what follows is about machines and studies.</p>\n", out);
}
