/* A history for a page, as Markdown, and for programs, as JSON. */
#define _GNU_SOURCE /* gmtime_r */
#include <math.h>
#include <time.h>

#include "compare/show.h"
#include "history/show.h"

/* ---- Markdown */

static void put_row(FILE *out, const struct findings *f, const struct event *found)
{
    const struct run *old = &f->history->run[found->before], *new = &f->history->run[found->after];
    char change[24], interval[48], date[DATE_TEXT], a[COMMIT_TEXT], b[COMMIT_TEXT];
    char spark[SPARK_TEXT];
    fprintf(out, "| %s | %s | %s | %s | ", found->slower ? "**slower**" : "faster",
            show_change(found->shift->by.at, change),
            show_interval(found->shift->by.lo, found->shift->by.hi, interval),
            history_when(new->date, date));
    show_code(out, history_commit(old, a));
    fputs(" to ", out);
    show_code(out, history_commit(new, b));
    fprintf(out, " | %zu + %zu | %s | ", found->shift->at - found->shift->from,
            found->shift->until - found->shift->at, history_spark(found->track, spark));
    show_code(out, found->track->name);
    fprintf(out, "%s | ",
            found->track->library ? " (a library's)"
            : found->library_too  ? " (libraries too)"
                                  : "");
    struct differences d;
    history_differs(old, new, &d);
    for (size_t i = 0; i < d.count; i++) {
        fprintf(out, "%s%s ", i ? ", " : "", d.at[i].field);
        show_code(out, d.at[i].new);
    }
    fputs(" |\n", out);
}

void history_markdown(FILE *out, const struct findings *f)
{
    history_covered(out, f);
    fputs(".\n", out);
    if (f->count)
        fputs("\n| | change | 95 % interval | from | commits | runs | trend | row | with |\n"
              "| --- | ---: | --- | --- | --- | --- | --- | --- | --- |\n",
              out);
    for (size_t i = 0; i < f->count; i++) put_row(out, f, &f->at[i]);
}

/* ---- JSON */

static json_t *run_json(const struct run *run)
{
    char date[DATE_TEXT] = "";
    struct tm tm;
    const time_t seconds = (time_t)run->date;
    if (gmtime_r(&seconds, &tm)) strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return json_pack("{s:o, s:s, s:s, s:b, s:I, s:I}", "file", show_path(run->path), "date", date,
                     "commit", run->commit, "dirty", run->dirty, "setup", (json_int_t)run->setup,
                     "wrong", (json_int_t)run->wrongs);
}

static json_t *differences_json(const struct findings *f, const struct event *found)
{
    struct differences d;
    json_t *list = json_array();
    history_differs(&f->history->run[found->before], &f->history->run[found->after], &d);
    for (size_t i = 0; i < d.count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "field", d.at[i].field, "old",
                                              d.at[i].old, "new", d.at[i].new));
    return list;
}

static json_t *finding_json(const struct findings *f, const struct event *found)
{
    const struct shift *s = found->shift;
    double before, after;
    history_levels(found, &before, &after);
    return json_pack("{s:s, s:I, s:b, s:b, s:f, s:[f, f], s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:b, "
                     "s:b, s:o}",
                     "row", found->track->name, "setup", (json_int_t)found->track->setup, "library",
                     found->track->library, "slower", found->slower, "change", exp(s->by.at),
                     "interval", exp(s->by.lo), exp(s->by.hi), "p", s->p, "old_ns", before,
                     "new_ns", after, "before", (json_int_t)found->before, "after",
                     (json_int_t)found->after, "runs_before", (json_int_t)(s->at - s->from),
                     "runs_after", (json_int_t)(s->until - s->at), "last", found->last,
                     "libraries_too", found->library_too, "differs", differences_json(f, found));
}

static json_t *track_json(const struct track *t)
{
    json_t *at = json_array(), *ns = json_array();
    for (size_t i = 0; i < t->series.runs; i++) {
        json_array_append_new(at, json_integer((json_int_t)t->at[i]));
        json_array_append_new(ns, json_real(exp(t->log[i])));
    }
    return json_pack("{s:s, s:I, s:b, s:o, s:o, s:o}", "row", t->name, "setup",
                     (json_int_t)t->setup, "library", t->library, "p",
                     isnan(t->series.p) ? json_null() : json_real(t->series.p), "run", at, "ns",
                     ns);
}

json_t *history_json(const struct findings *f)
{
    const struct history *h = f->history;
    json_t *runs = json_array(), *changes = json_array(), *rows = json_array();
    for (size_t i = 0; i < h->runs; i++) json_array_append_new(runs, run_json(&h->run[i]));
    for (size_t i = 0; i < f->count; i++)
        json_array_append_new(changes, finding_json(f, &f->at[i]));
    for (size_t i = 0; i < h->tracks; i++) json_array_append_new(rows, track_json(&h->track[i]));
    const bool whole = json_array_size(runs) == h->runs && json_array_size(changes) == f->count &&
                       json_array_size(rows) == h->tracks;
    json_t *root = json_pack(
        "{s:i, s:f, s:f, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "hinge_history", 1, "rate",
        CHANGES_RATE, "min_effect", expm1(f->least), "setups", (json_int_t)h->setups, "tested",
        (json_int_t)f->tested, "smaller", (json_int_t)f->smaller, "regressions",
        (json_int_t)findings_regressions(f), "changes", changes, "runs", runs, "rows", rows);
    if (whole) return root;
    json_decref(root);
    return NULL;
}
