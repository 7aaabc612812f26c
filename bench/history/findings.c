#include "findings.h"

#include <stdlib.h>
#include <string.h>

static int by_time(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    if (x->after != y->after) return x->after < y->after ? -1 : 1;
    if (x->before != y->before) return x->before < y->before ? -1 : 1;
    if (x->slower != y->slower) return x->slower ? -1 : 1;
    const double i = fabs(x->shift->by.at), k = fabs(y->shift->by.at);
    if (i < k || i > k) return i > k ? -1 : 1;
    return strcmp(x->track->name, y->track->name);
}

static int by_size(const void *a, const void *b)
{
    const struct glimpse *x = a, *y = b;
    const double i = fabs(x->by), k = fabs(y->by);
    if (i < k || i > k) return i > k ? -1 : 1;
    if (x->track->setup != y->track->setup) return x->track->setup < y->track->setup ? -1 : 1;
    return strcmp(x->track->name, y->track->name);
}

static void take_track(struct findings *f, const struct track *t)
{
    struct event *last = NULL;
    f->tested += isnan(t->series.p) ? 0 : 1;
    f->single += t->series.runs == 1;
    for (size_t i = 0; i < t->series.shifts; i++) {
        const struct shift *s = &t->series.shift[i];
        const size_t after = t->at[s->at];
        if (s->by.lo <= f->least && s->by.hi >= -f->least) {
            f->smaller++;
        } else if (f->history->run[after].date < f->since) {
            f->earlier++;
        } else {
            last = &f->at[f->count++];
            *last = (struct event){.track = t,
                                   .shift = s,
                                   .before = t->at[s->at - 1],
                                   .after = after,
                                   .slower = s->by.at > 0.0};
        }
    }
    if (last) last->last = true;
    if (isnan(t->series.p) && t->series.runs > 1) {
        const size_t n = t->series.runs - 1;
        const double by = t->log[n] - stats_median(t->log, n);
        f->glimpse[f->glimpses++] = (struct glimpse){t, by};
    }
}

/* Runs of one setup have no two rows of a name, so that the same runs are the same setup. */
static void mark_libraries(struct findings *f)
{
    for (size_t i = 0; i < f->count; i++)
        for (size_t k = 0; !f->at[i].track->library && k < f->count; k++)
            f->at[i].library_too |= f->at[k].track->library && f->at[k].after == f->at[i].after &&
                                    f->at[k].before == f->at[i].before &&
                                    f->at[k].slower == f->at[i].slower;
}

enum status findings_open(struct findings *f, struct history *h, double least, int64_t since)
{
    struct series *all = malloc((h->tracks + 1) * sizeof *all);
    size_t shifts = 0;
    *f = (struct findings){.history = h, .least = least, .since = since};
    for (size_t i = 0; all && i < h->tracks; i++) all[i] = h->track[i].series;
    const bool good = all && changes_find(all, h->tracks);
    for (size_t i = 0; good && i < h->tracks; i++) {
        h->track[i].series = all[i];
        shifts += all[i].shifts;
    }
    free(all);
    f->at = malloc((shifts + 1) * sizeof *f->at);
    f->glimpse = malloc((h->tracks + 1) * sizeof *f->glimpse);
    if (!good || !f->at || !f->glimpse) return fail(STATUS_OS, "no memory to find the changes");
    for (size_t i = 0; i < h->tracks; i++) take_track(f, &h->track[i]);
    qsort(f->at, f->count, sizeof *f->at, by_time);
    qsort(f->glimpse, f->glimpses, sizeof *f->glimpse, by_size);
    mark_libraries(f);
    return STATUS_OK;
}

void findings_close(struct findings *f)
{
    free(f->at);
    free(f->glimpse);
}

size_t findings_regressions(const struct findings *f)
{
    size_t rows = 0;
    for (size_t i = 0; i < f->count; i++)
        rows += f->at[i].last && f->at[i].slower && !f->at[i].track->library;
    return rows;
}
