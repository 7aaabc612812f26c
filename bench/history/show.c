#define _GNU_SOURCE /* gmtime_r */
#include "show.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "compare/show.h"

const char *history_when(int64_t date, char text[DATE_TEXT])
{
    struct tm tm;
    const time_t seconds = (time_t)date;
    if (!gmtime_r(&seconds, &tm) || !strftime(text, DATE_TEXT, "%Y-%m-%d %H:%MZ", &tm))
        strcpy(text, "?");
    return text;
}

const char *history_commit(const struct run *run, char text[COMMIT_TEXT])
{
    /* Of a stranger's, no half of a character. */
    size_t length = strnlen(run->commit, 12);
    while (length > 0 && ((unsigned char)run->commit[length] & 0xc0) == 0x80) length--;
    snprintf(text, COMMIT_TEXT, "%.*s%s", (int)length, run->commit, run->dirty ? "+" : "");
    return text;
}

const char *history_spark(const struct track *t, char text[SPARK_TEXT])
{
    const size_t runs = t->series.runs, bars = runs < SPARK_WIDTH ? runs : SPARK_WIDTH;
    double bar[SPARK_WIDTH] = {0};
    for (size_t b = 0; b < bars; b++) {
        const size_t from = b * runs / bars, until = (b + 1) * runs / bars;
        bar[b] = stats_median(t->log + from, until - from);
    }
    const double lo = stats_quantile(bar, bars, 0.0), hi = stats_quantile(bar, bars, 1.0);
    for (size_t b = 0; b < bars; b++) {
        const double share = hi > lo ? (bar[b] - lo) / (hi - lo) : 0.0;
        /* U+2581 to U+2588. */
        memcpy(text + 3 * b, "\xe2\x96\x81", 3);
        text[3 * b + 2] = (char)(text[3 * b + 2] + (int)lrint(7.0 * share));
    }
    text[3 * bars] = '\0';
    return text;
}

void history_differs(const struct run *old, const struct run *new, struct differences *d)
{
    const struct read_file a = {.context = old->kept}, b = {.context = new->kept};
    identity_settings(&a, &b, d);
}

void history_levels(const struct event *found, double *before, double *after)
{
    const struct shift *s = found->shift;
    *before = exp(stats_median(found->track->log + s->from, s->at - s->from));
    *after = exp(stats_median(found->track->log + s->at, s->until - s->at));
}

void history_machine(FILE *out, const struct run *run)
{
    const struct read_file file = {.context = run->kept};
    const double cpus = read_context_number(&file, "num_cpus");
    fputs(read_context_text(&file, "cpu"), out);
    if (!isnan(cpus)) fprintf(out, ", %g CPUs", cpus);
    fprintf(out, ", host %s", read_context_text(&file, "host_name"));
}

static size_t runs_needed(void)
{
    size_t runs = 1;
    while (!changes_possible(runs)) runs++;
    return runs;
}

void history_covered(FILE *out, const struct findings *f)
{
    const struct history *h = f->history;
    char change[24];
    size_t wrongs = 0;
    for (size_t i = 0; i < h->runs; i++) wrongs += h->run[i].wrongs;
    fprintf(out, "%zu runs of %zu setup%s; %zu rows: %zu tested", h->runs, h->setups,
            h->setups == 1 ? "" : "s", h->tracks, f->tested);
    if (f->tested < h->tracks)
        fprintf(out, ", %zu of too few runs (%zu of one), since a change shows from %zu on",
                h->tracks - f->tested, f->single, runs_needed());
    fprintf(out, "; %zu change%s beyond %s", f->count, f->count == 1 ? "" : "s",
            show_change(f->least, change));
    if (f->smaller) fprintf(out, ", %zu smaller", f->smaller);
    if (f->earlier) fprintf(out, ", %zu before --since", f->earlier);
    if (wrongs) fprintf(out, "; %zu wrong results have no time", wrongs);
}
