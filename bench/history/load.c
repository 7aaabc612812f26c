#include "load.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "report/read_text.h"

static enum status no_memory(void)
{
    return fail(STATUS_OS, "no memory for the runs");
}

/* Doubles the room before every power of two. */
static void *grow(void *at, size_t count, size_t size)
{
    return count & (count - 1) ? at : realloc(at, (count ? 2 * count : 1) * size);
}

/* ---- runs */

/* Plain: the index may be a stranger's. */
static char *copy_text(const char *text, size_t most)
{
    char *copy = text ? strndup(text, most) : strdup("");
    if (copy) plain_text(copy);
    return copy;
}

static char *text_of(sqlite3_stmt *from, int column)
{
    return copy_text((const char *)sqlite3_column_text(from, column), PTRDIFF_MAX);
}

static char *path_of(sqlite3_stmt *from, int column)
{
    const void *blob = sqlite3_column_blob(from, column);
    return copy_text(blob, (size_t)sqlite3_column_bytes(from, column));
}

static enum status load_run(struct database *db, sqlite3_stmt *from, struct history *h)
{
    struct run *grown = grow(h->run, h->runs, sizeof *grown);
    if (!grown) return no_memory();
    h->run = grown;
    struct run *run = &h->run[h->runs++];
    *run = (struct run){.path = path_of(from, 1),
                        .date = sqlite3_column_int64(from, 2),
                        .commit = text_of(from, 3),
                        .dirty = sqlite3_column_int(from, 4),
                        .wrongs = (size_t)sqlite3_column_int64(from, 5)};
    const char *kept = (const char *)sqlite3_column_text(from, 6);
    if (kept) (void)read_parse("the index", kept, strlen(kept), &run->kept);
    if (!run->path || !run->commit) return no_memory();
    if (!json_is_object(run->kept)) db->error = SQLITE_CORRUPT;
    return STATUS_OK;
}

static enum status load_runs(struct database *db, struct history *h)
{
    enum status status = STATUS_OK;
    database_run(db, "CREATE TEMP TABLE place(file INTEGER PRIMARY KEY, run INTEGER);"
                     "INSERT INTO place SELECT id, row_number() OVER (ORDER BY date, place) - 1 "
                     "FROM file JOIN wanted ON file.id = wanted.file");
    sqlite3_stmt *from = database_prepare(
        db, "SELECT run, shown, date, build, dirty, wrongs, kept FROM place "
            "JOIN file ON file.id = place.file JOIN wanted ON wanted.file = file.id ORDER BY run");
    while (status == STATUS_OK && database_step(db, from)) status = load_run(db, from, h);
    sqlite3_finalize(from);
    return status;
}

/* ---- tracks */

/* That of name and setup among the last ones, which are of one name. */
static struct track *track_of(struct history *h, const char *name, bool library, size_t setup)
{
    for (size_t i = h->tracks; i-- > 0 && strcmp(h->track[i].name, name) == 0;)
        if (h->track[i].setup == setup) return &h->track[i];
    struct track *grown = grow(h->track, h->tracks, sizeof *grown);
    if (!grown) return NULL;
    h->track = grown;
    char *copy = copy_text(name, PTRDIFF_MAX);
    if (!copy) return NULL;
    h->track[h->tracks] = (struct track){.name = copy, .library = library, .setup = setup};
    return &h->track[h->tracks++];
}

/* The same run that lies in two files is one. */
static bool has_point(const struct history *h, const struct track *t, size_t run, double log)
{
    for (size_t i = t->series.runs; i-- > 0 && h->run[t->at[i]].date == h->run[run].date;)
        if (!(t->log[i] < log) && !(t->log[i] > log)) return true;
    return false;
}

static bool add_point(struct track *t, size_t run, double log)
{
    const size_t n = t->series.runs;
    size_t *at = grow(t->at, n, sizeof *at);
    if (at) t->at = at;
    double *logs = grow(t->log, n, sizeof *logs);
    if (logs) t->log = logs;
    if (!at || !logs) return false;
    t->at[n] = run;
    t->log[n] = log;
    t->series.runs++;
    return true;
}

static enum status load_point(struct database *db, sqlite3_stmt *from, const regex_t *filter,
                              struct history *h)
{
    const char *name = (const char *)sqlite3_column_text(from, 0);
    const double log = sqlite3_column_double(from, 3);
    const sqlite3_int64 run = sqlite3_column_int64(from, 2);
    if (!name || !isfinite(log) || run < 0 || (size_t)run >= h->runs) {
        db->error = SQLITE_CORRUPT;
        return STATUS_OK;
    }
    if (filter && regexec(filter, name, 0, NULL, 0) != 0) return STATUS_OK;
    struct track *t = track_of(h, name, sqlite3_column_int(from, 1), h->run[run].setup);
    if (!t) return no_memory();
    if (has_point(h, t, (size_t)run, log)) return STATUS_OK;
    return add_point(t, (size_t)run, log) ? STATUS_OK : no_memory();
}

static enum status load_tracks(struct database *db, const regex_t *filter, struct history *h)
{
    enum status status = STATUS_OK;
    sqlite3_stmt *from = database_prepare(db, "SELECT name, library, run, log FROM place "
                                              "JOIN point ON point.file = place.file "
                                              "JOIN row ON row.id = point.row ORDER BY name, run");
    while (status == STATUS_OK && database_step(db, from)) status = load_point(db, from, filter, h);
    sqlite3_finalize(from);
    for (size_t i = 0; i < h->tracks; i++) h->track[i].series.log = h->track[i].log;
    return status;
}

enum status load_history(struct database *db, const regex_t *filter, struct history *h)
{
    enum status status = load_runs(db, h);
    if (status != STATUS_OK || db->error != SQLITE_OK) return status;
    if (!history_set_up(h)) return no_memory();
    return load_tracks(db, filter, h);
}
