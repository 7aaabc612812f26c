#define _GNU_SOURCE /* timegm, vasprintf */
#include "history.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/plain.h"

void history_setups_differ(const struct run *a, const struct run *b, struct differences *d)
{
    const struct read_file old = {.context = a->kept}, new = {.context = b->kept};
    struct differences settings;
    identity_machine(&old, &new, d);
    identity_settings(&old, &new, &settings);
    for (size_t i = 0; i < settings.count && d->count < DIFFERENCES_MAX; i++)
        if (identity_is_chosen(settings.at[i].field)) d->at[d->count++] = settings.at[i];
}

static bool is_one_setup(const struct run *a, const struct run *b)
{
    struct differences d;
    history_setups_differ(a, b, &d);
    return d.count == 0;
}

bool history_set_up(struct history *h)
{
    h->first = malloc((h->runs + 1) * sizeof *h->first);
    h->setups = 0;
    for (size_t i = 0; h->first && i < h->runs; i++) {
        size_t s = 0;
        while (s < h->setups && !is_one_setup(&h->run[h->first[s]], &h->run[i])) s++;
        if (s == h->setups) h->first[h->setups++] = i;
        h->run[i].setup = s;
    }
    return h->first != NULL;
}

bool history_note(struct history *h, const char *format, ...)
{
    char *text = NULL;
    va_list list;
    va_start(list, format);
    const int got = vasprintf(&text, format, list);
    va_end(list);
    if (got < 0) return false;
    plain_text(text);
    char **grown = realloc(h->note, (h->notes + 1) * sizeof *grown);
    if (!grown) {
        free(text);
        return false;
    }
    h->note = grown;
    h->note[h->notes++] = text;
    return true;
}

void history_free(struct history *h)
{
    for (size_t i = 0; i < h->runs; i++) {
        free(h->run[i].path);
        free(h->run[i].commit);
        json_decref(h->run[i].kept);
    }
    for (size_t i = 0; i < h->tracks; i++) {
        free(h->track[i].name);
        free(h->track[i].at);
        free(h->track[i].log);
    }
    for (size_t i = 0; i < h->notes; i++) free(h->note[i]);
    free(h->note);
    free(h->run);
    free(h->first);
    free(h->track);
    *h = (struct history){0};
}

/* "", "Z" or +hh:mm. */
static bool offset_of(const char *text, int64_t *seconds)
{
    int hours, minutes, end = 0;
    *seconds = 0;
    if (!*text || strcmp(text, "Z") == 0) return true;
    if ((*text != '+' && *text != '-') ||
        sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &end) != 2 || text[1 + end] || hours < 0 ||
        hours > 14 || minutes < 0 || minutes > 59)
        return false;
    *seconds = (*text == '-' ? -60 : 60) * (60 * hours + minutes);
    return true;
}

bool history_date(const char *text, int64_t *seconds)
{
    struct tm tm = {0}, normal;
    int date = 0, time = 0;
    int64_t offset;
    if (sscanf(text, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &date) != 3)
        return false;
    if (text[date] == 'T' &&
        sscanf(text + date, "T%2d:%2d:%2d%n", &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &time) != 3)
        return false;
    if ((!time && text[date]) || !offset_of(text + date + time, &offset)) return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    normal = tm;
    *seconds = (int64_t)timegm(&normal) - offset;
    /* No 31st of February, no 25th hour: what timegm() moves elsewhere is no date. */
    return normal.tm_sec == tm.tm_sec && normal.tm_min == tm.tm_min &&
           normal.tm_hour == tm.tm_hour && normal.tm_mday == tm.tm_mday;
}
