#define _GNU_SOURCE /* realpath */
#include "update.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compare/identity.h"
#include "report/read.h"

enum { STAMP = 128 };

struct update {
    struct database *db;
    sqlite3_stmt *find, *forget, *add, *want, *row, *point;
};

/* ---- one file */

/* What tells that a file is as it was. */
static enum status stamp_of(const char *path, char stamp[STAMP])
{
    struct stat s;
    if (stat(path, &s) != 0)
        return fail(STATUS_NO_INPUT, "%s cannot be read: %s", path, strerror(errno));
    snprintf(stamp, STAMP, "%llx:%llx:%llx:%llx.%lx:%llx.%lx", (unsigned long long)s.st_dev,
             (unsigned long long)s.st_ino, (unsigned long long)s.st_size,
             (unsigned long long)s.st_mtim.tv_sec, (unsigned long)s.st_mtim.tv_nsec,
             (unsigned long long)s.st_ctim.tv_sec, (unsigned long)s.st_ctim.tv_nsec);
    return STATUS_OK;
}

static void bind_path(sqlite3_stmt *to, int at, const char *path)
{
    sqlite3_bind_blob(to, at, path, (int)strlen(path), SQLITE_TRANSIENT);
}

static void bind_text(sqlite3_stmt *to, int at, const char *text)
{
    sqlite3_bind_text(to, at, text, -1, SQLITE_TRANSIENT);
}

/* Whether the index has the file as it is. */
static bool find_known(struct update *u, const char *real, const char *stamp, sqlite3_int64 *id)
{
    bool known = false;
    sqlite3_reset(u->find);
    bind_path(u->find, 1, real);
    if (database_step(u->db, u->find)) {
        const char *kept = (const char *)sqlite3_column_text(u->find, 1);
        *id = sqlite3_column_int64(u->find, 0);
        known = kept && strcmp(kept, stamp) == 0;
    }
    sqlite3_reset(u->find);
    return known;
}

static void finish(struct update *u, sqlite3_stmt *statement)
{
    database_step(u->db, statement);
    sqlite3_reset(statement);
}

static void add_point(struct update *u, sqlite3_int64 file, const struct read_row *row)
{
    sqlite3_reset(u->row);
    bind_text(u->row, 1, row->name);
    sqlite3_bind_int(u->row, 2, read_is_library(row));
    if (!database_step(u->db, u->row)) return;
    const sqlite3_int64 id = sqlite3_column_int64(u->row, 0);
    sqlite3_reset(u->row);
    sqlite3_bind_int64(u->point, 1, file);
    sqlite3_bind_int64(u->point, 2, id);
    sqlite3_bind_double(u->point, 3, log(row->median));
    finish(u, u->point);
}

static enum status add_file(struct update *u, const struct read_file *file, const char *real,
                            const char *stamp, sqlite3_int64 *id)
{
    int64_t date, wrongs = 0;
    if (!history_date(read_context_text(file, "date"), &date))
        return fail(STATUS_DATA, "%s: its date is none: %.40s", file->path,
                    read_context_text(file, "date"));
    json_t *kept = identity_keep(file);
    char *text = kept ? json_dumps(kept, JSON_COMPACT) : NULL;
    json_decref(kept);
    if (!text) return fail(STATUS_OS, "%s: no memory to keep it", file->path);
    for (size_t i = 0; i < file->rows; i++) wrongs += file->row[i].state == READ_WRONG;
    bind_path(u->forget, 1, real);
    finish(u, u->forget);
    bind_path(u->add, 1, real);
    bind_text(u->add, 2, stamp);
    sqlite3_bind_int64(u->add, 3, date);
    bind_text(u->add, 4, read_context_text(file, "commit"));
    sqlite3_bind_int(u->add, 5, json_is_true(json_object_get(file->context, "dirty")));
    sqlite3_bind_int64(u->add, 6, wrongs);
    bind_text(u->add, 7, text);
    free(text);
    finish(u, u->add);
    *id = sqlite3_last_insert_rowid(u->db->handle);
    for (size_t i = 0; u->db->error == SQLITE_OK && i < file->rows; i++)
        if (file->row[i].state == READ_TIMED && isfinite(file->row[i].median))
            add_point(u, *id, &file->row[i]);
    return STATUS_OK;
}

static enum status read_new(struct update *u, const struct source *source, const char *real,
                            const char *stamp, sqlite3_int64 *id)
{
    struct read_file file;
    enum status status = read_file(source->path, &file);
    if (status != STATUS_OK) return status;
    status = add_file(u, &file, real, stamp, id);
    read_free(&file);
    return status;
}

static enum status take(struct update *u, const struct source *source, size_t place,
                        struct history *h)
{
    char stamp[STAMP];
    sqlite3_int64 id = 0;
    char *real = realpath(source->path, NULL);
    enum status status =
        real ? stamp_of(real, stamp)
             : fail(STATUS_NO_INPUT, "%s cannot be read: %s", source->path, strerror(errno));
    if (status == STATUS_OK) {
        const bool known = find_known(u, real, stamp, &id);
        if (!known && u->db->error == SQLITE_OK) status = read_new(u, source, real, stamp, &id);
        if (status == STATUS_OK) *(known ? &h->known : &h->read) += 1;
    }
    free(real);
    if (status != STATUS_OK) return status;
    sqlite3_bind_int64(u->want, 1, id);
    sqlite3_bind_int64(u->want, 2, (sqlite3_int64)place);
    bind_path(u->want, 3, source->path);
    finish(u, u->want);
    return STATUS_OK;
}

/* ---- all files */

/* What lies in a folder beside results is left out with a word; what was named, or a lack of memory, ends it. */
static enum status take_all(struct update *u, const struct sources *sources, struct history *h)
{
    for (size_t i = 0; u->db->error == SQLITE_OK && i < sources->count; i++) {
        const enum status status = take(u, &sources->at[i], i, h);
        if (status == STATUS_OK) continue;
        if (sources->at[i].named || status == STATUS_OS) return status;
        if (!history_note(h, "left out: %s", status_text()))
            return fail(STATUS_OS, "no memory for a note");
        h->skipped++;
    }
    return STATUS_OK;
}

/* Files that are no longer there. */
static void forget_gone(struct update *u)
{
    sqlite3_stmt *all = database_prepare(u->db, "SELECT path FROM file");
    sqlite3_stmt *gone = database_prepare(u->db, "INSERT INTO gone VALUES(?1)");
    while (database_step(u->db, all)) {
        char path[4096];
        const int bytes = sqlite3_column_bytes(all, 0);
        const void *blob = sqlite3_column_blob(all, 0);
        if (bytes <= 0 || (size_t)bytes >= sizeof path) continue;
        memcpy(path, blob, (size_t)bytes);
        path[bytes] = '\0';
        if (access(path, F_OK) == 0 || errno != ENOENT) continue;
        bind_path(gone, 1, path);
        finish(u, gone);
    }
    sqlite3_finalize(all);
    sqlite3_finalize(gone);
    database_run(u->db, "DELETE FROM file WHERE path IN (SELECT path FROM gone)");
}

enum status update_index(struct database *db, const struct sources *sources, struct history *h)
{
    struct update u = {.db = db};
    database_run(db,
                 "CREATE TEMP TABLE gone(path BLOB);"
                 "CREATE TEMP TABLE wanted(file INTEGER PRIMARY KEY, place INTEGER, shown BLOB)");
    forget_gone(&u);
    u.find = database_prepare(db, "SELECT id, stamp FROM file WHERE path = ?1");
    u.forget = database_prepare(db, "DELETE FROM file WHERE path = ?1");
    u.add = database_prepare(db, "INSERT INTO file(path, stamp, date, build, dirty, wrongs, kept) "
                                 "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    /* The same file by two names is one. */
    u.want = database_prepare(db, "INSERT OR IGNORE INTO wanted VALUES(?1, ?2, ?3)");
    u.row = database_prepare(db, "INSERT INTO row(name, library) VALUES(?1, ?2) ON CONFLICT(name) "
                                 "DO UPDATE SET library = excluded.library RETURNING id");
    u.point = database_prepare(db, "INSERT INTO point VALUES(?1, ?2, ?3)");
    const enum status status = take_all(&u, sources, h);
    sqlite3_stmt *const made[] = {u.find, u.forget, u.add, u.want, u.row, u.point};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) sqlite3_finalize(made[i]);
    return status;
}
