#include "print.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check/junit.h"
#include "measure/stats.h"
#include "report/context.h"
#include "report/json_file.h"
#include "report/table.h"

/* ---- what all have in common */

static double percent(double log_ratio)
{
    return 100.0 * expm1(log_ratio);
}

static double time_of(const struct judged *j, enum side_of s)
{
    double sum = 0.0;
    for (size_t i = 0; i < j->lane->pairs; i++) sum += j->lane->log_ns[s][i];
    return exp(sum / (double)j->lane->pairs);
}

static int by_change(const void *a, const void *b)
{
    const struct judged *x = *(const struct judged *const *)a,
                        *y = *(const struct judged *const *)b;
    const int known =
        (x->verdict.verdict == CHANGE_INCONCLUSIVE) - (y->verdict.verdict == CHANGE_INCONCLUSIVE);
    if (known) return known;
    const double dx = fabs(x->verdict.at), dy = fabs(y->verdict.at);
    return (dx < dy) - (dx > dy);
}

/* What changed, then what is not known, then what is the same: of those whose verdict is among `bits`. To be freed;
 * NULL where there is no memory. */
static const struct judged **sorted(const struct contest *t, unsigned bits, size_t *n)
{
    const struct judged **list = calloc(t->count + 1, sizeof(const struct judged *));
    *n = 0;
    for (size_t i = 0; list && i < t->count; i++)
        if (bits >> t->judged[i].verdict.verdict & 1u) list[(*n)++] = &t->judged[i];
    if (list) qsort(list, *n, sizeof *list, by_change);
    return list;
}

enum {
    CHANGED = 1u << CHANGE_REGRESSED | 1u << CHANGE_IMPROVED,
    UNKNOWN_BIT = 1u << CHANGE_INCONCLUSIVE,
    SAME = 1u << CHANGE_UNCHANGED
};

static void counts(FILE *out, const struct contest *t)
{
    fprintf(out, "%zu slower, %zu faster, %zu unchanged, %zu inconclusive",
            t->verdicts[CHANGE_REGRESSED], t->verdicts[CHANGE_IMPROVED],
            t->verdicts[CHANGE_UNCHANGED], t->verdicts[CHANGE_INCONCLUSIVE]);
    if (t->unmeasured) fprintf(out, ", %zu rows not measured", t->unmeasured);
    if (t->wrong) fprintf(out, ", %zu rows WRONG", t->wrong);
}

/* The largest of the smallest changes that could have been seen, of nine rows in ten. */
static double detectable(const struct contest *t)
{
    double *all = calloc(t->count + 1, sizeof *all);
    if (!all || t->count == 0) {
        free(all);
        return NAN;
    }
    for (size_t i = 0; i < t->count; i++) all[i] = t->judged[i].verdict.detectable;
    const double most = stats_quantile(all, t->count, 0.9);
    free(all);
    return percent(most);
}

/* ---- terminal */

static void text_rows(FILE *out, const struct contest *t, unsigned bits)
{
    size_t n;
    const struct judged **list = sorted(t, bits, &n);
    char before[16], after[16];
    if (n)
        fprintf(out, "%-46s %2s %-7s %9s %9s %8s %17s %6s\n", "case", "th", "lane", "old", "new",
                "change", "95 % interval", "pairs");
    for (size_t i = 0; list && i < n; i++) {
        const struct judged *j = list[i];
        const struct verdict_row *v = &j->verdict;
        fprintf(out, "%-46s %2d %-7s %9s %9s %+7.2f%% [%+7.2f, %+7.2f] %5zu  %s\n", j->row->name,
                j->row->threads, j->lane->name, human_time(time_of(j, OLD), before),
                human_time(time_of(j, NEW), after), percent(v->at), percent(v->lo), percent(v->hi),
                j->lane->pairs, change_verdict_name(v->verdict));
    }
    free(list);
}

static void text_notes(FILE *out, const struct contest *t)
{
    for (size_t i = 0; i < t->pairs.rows; i++) {
        const struct pair_row *row = &t->pairs.row[i];
        if (row->wrong[0]) fprintf(out, "WRONG %s: %s\n", row->name, row->wrong);
        if (row->note[0]) fprintf(out, "left out: %s: %s\n", row->name, row->note);
        if (row->other_words)
            fprintf(out, "other words, both right: %s, %d thread%s\n", row->name, row->threads,
                    row->threads == 1 ? "" : "s");
    }
}

void print_text(FILE *out, const struct contest *t, bool verbose)
{
    const struct pairs *p = &t->pairs;
    for (size_t s = 0; s < SIDES; s++)
        fprintf(out, "%s  %s: commit %s, %s, %s\n", s == OLD ? "old" : "new", p->side[s].label,
                p->side[s].commit, p->side[s].compiler, p->side[s].onednn);
    for (size_t s = 0; s < SIDES; s++)
        if (p->only[s]) fprintf(out, "%zu rows only in %s\n", p->only[s], p->side[s].label);
    fputc('\n', out);
    text_rows(out, t, verbose ? CHANGED | UNKNOWN_BIT | SAME : CHANGED | UNKNOWN_BIT);
    text_notes(out, t);
    fprintf(out, "%s%zu pairs of processes, changes below %.3g %% do not matter: ",
            t->count && (verbose || t->verdicts[CHANGE_UNCHANGED] < t->count) ? "\n" : "", p->pairs,
            percent(t->least));
    counts(out, t);
    if (t->count)
        fprintf(out, "\na change of %.2g %% would have been seen in nine rows of ten",
                detectable(t));
    fputc('\n', out);
}

/* ---- Markdown */

/* Between backticks, in a cell: neither of the two, nor a line's end, ends it. */
static void code(FILE *out, const char *text)
{
    fputc('`', out);
    for (; *text; text++) {
        if (*text == '|')
            fputs("\\|", out);
        else
            fputc(*text == '`' ? '\'' : (unsigned char)*text < ' ' ? ' ' : *text, out);
    }
    fputc('`', out);
}

static void markdown_rows(FILE *out, const struct contest *t, unsigned bits)
{
    size_t n;
    const struct judged **list = sorted(t, bits, &n);
    char before[16], after[16];
    fputs("| case | threads | lane | old | new | change | 95 % interval | verdict |\n"
          "| --- | ---: | --- | ---: | ---: | ---: | ---: | --- |\n",
          out);
    for (size_t i = 0; list && i < n; i++) {
        const struct judged *j = list[i];
        const struct verdict_row *v = &j->verdict;
        const bool slower = v->verdict == CHANGE_REGRESSED;
        fputs("| ", out);
        code(out, j->row->name);
        fprintf(out, " | %d | %s | %s | %s | %+.2f %% | %+.2f to %+.2f | %s%s%s |\n",
                j->row->threads, j->lane->name, human_time(time_of(j, OLD), before),
                human_time(time_of(j, NEW), after), percent(v->at), percent(v->lo), percent(v->hi),
                slower ? "**" : "", change_verdict_name(v->verdict), slower ? "**" : "");
    }
    free(list);
}

static void markdown_notes(FILE *out, const struct contest *t)
{
    for (size_t i = 0; i < t->pairs.rows; i++) {
        const struct pair_row *row = &t->pairs.row[i];
        const char *what = row->wrong[0]      ? row->wrong
                           : row->note[0]     ? row->note
                           : row->other_words ? "other words than before, both right"
                                              : NULL;
        if (!what) continue;
        fputs(row->wrong[0] ? "- **wrong**: " : "- ", out);
        code(out, row->name);
        fputs(": ", out);
        code(out, what);
        fputc('\n', out);
    }
}

void print_markdown(FILE *out, const struct contest *t)
{
    const struct pairs *p = &t->pairs;
    const size_t changed = t->verdicts[CHANGE_REGRESSED] + t->verdicts[CHANGE_IMPROVED];
    fputs("**hinge ab**: ", out);
    counts(out, t);
    fputs("\n\n", out);
    if (changed) {
        markdown_rows(out, t, CHANGED);
        fputc('\n', out);
    }
    markdown_notes(out, t);
    fprintf(out,
            "\nOld: %s at %s, new: %s at %s; %s; %zu pairs of processes in turn. Changes below "
            "%.3g %% do not matter",
            p->side[OLD].label, p->side[OLD].commit, p->side[NEW].label, p->side[NEW].commit,
            p->side[NEW].compiler, p->pairs, percent(t->least));
    if (t->count)
        fprintf(out, "; one of %.2g %% would have been seen in nine rows of ten", detectable(t));
    fputs(".\n", out);
    if (changed == t->count) return;
    fprintf(out, "\n<details><summary>%zu other rows</summary>\n\n", t->count - changed);
    markdown_rows(out, t, UNKNOWN_BIT | SAME);
    fputs("\n</details>\n", out);
}

/* ---- programs */

static json_t *row_json(const struct judged *j)
{
    const struct verdict_row *v = &j->verdict;
    json_t *all = json_array();
    for (size_t i = 0; i < j->lane->pairs; i++)
        json_array_append_new(all, json_number(j->lane->log_ratio[i]));
    json_t *o = json_pack("{s:s, s:i, s:s, s:s, s:b}", "name", j->row->name, "threads",
                          j->row->threads, "lane", j->lane->name, "verdict",
                          change_verdict_name(v->verdict), "other_words", (int)j->row->other_words);
    const struct {
        const char *key;
        double value;
    } field[] = {{"change", exp(v->at)},      {"lo", exp(v->lo)},
                 {"hi", exp(v->hi)},          {"p", v->p},
                 {"p_adjusted", v->adjusted}, {"detectable", exp(v->detectable)},
                 {"old_ns", time_of(j, OLD)}, {"new_ns", time_of(j, NEW)}};
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        json_object_set_new(o, field[i].key, json_number(field[i].value));
    json_object_set_new(o, "log_ratios", all);
    return o;
}

static json_t *side_json(const struct side *s)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "build", s->label, "commit", s->commit, "compiler",
                     s->compiler, "onednn", s->onednn);
}

enum status print_json(const char *path, const struct contest *t)
{
    const struct pairs *p = &t->pairs;
    json_t *rows = json_array(), *notes = json_array();
    for (size_t i = 0; i < t->count; i++) json_array_append_new(rows, row_json(&t->judged[i]));
    for (size_t i = 0; i < p->rows; i++) {
        const struct pair_row *row = &p->row[i];
        if (!row->wrong[0] && !row->note[0]) continue;
        json_array_append_new(notes, json_pack("{s:s, s:i, s:s}", "name", row->name, "threads",
                                               row->threads, row->wrong[0] ? "wrong" : "note",
                                               row->wrong[0] ? row->wrong : row->note));
    }
    json_t *root = json_pack("{s:o, s:o, s:f, s:I, s:o, s:o}", "old", side_json(&p->side[OLD]),
                             "new", side_json(&p->side[NEW]), "min_effect", expm1(t->least),
                             "pairs", (json_int_t)p->pairs, "rows", rows, "notes", notes);
    return json_file_write(path, root, 9);
}

enum status print_junit(const char *path, const struct contest *t)
{
    struct junit *junit;
    const enum status status = junit_open(&junit, path, "hinge ab");
    if (status != STATUS_OK) return status;
    for (size_t i = 0; i < t->pairs.rows; i++) {
        const struct pair_row *row = &t->pairs.row[i];
        if (row->wrong[0]) junit_case(junit, row->name, "output", row->wrong, NULL);
        if (row->note[0]) junit_case(junit, row->name, "measured", NULL, row->note);
    }
    for (size_t i = 0; i < t->count; i++) {
        const struct judged *j = &t->judged[i];
        char name[64], text[120];
        snprintf(name, sizeof name, "%s, threads %d", j->lane->name, j->row->threads);
        snprintf(text, sizeof text, "%+.2f %% [%+.2f, %+.2f]", percent(j->verdict.at),
                 percent(j->verdict.lo), percent(j->verdict.hi));
        const enum change_verdict v = j->verdict.verdict;
        junit_case(junit, j->row->name, name, v == CHANGE_REGRESSED ? text : NULL,
                   v == CHANGE_INCONCLUSIVE ? text : NULL);
    }
    return junit_close(junit);
}
