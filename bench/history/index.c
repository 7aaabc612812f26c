#define _GNU_SOURCE /* asprintf */
#include "index.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "history/load.h"
#include "history/update.h"

/* ---- where it lies */

static bool make_folder(const char *path)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}

/* NULL where there is no such place. */
static char *default_path(void)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *folder = NULL, *path = NULL;
    int got = -1;
    /* The XDG base directory specification has relative paths ignored. */
    if (cache && *cache == '/')
        got = asprintf(&folder, "%s", cache);
    else if (home && *home == '/')
        got = asprintf(&folder, "%s/.cache", home);
    if (got < 0) return NULL;
    char *own = NULL;
    if (asprintf(&own, "%s/hinge", folder) < 0) own = NULL;
    const bool made = own && make_folder(folder) && make_folder(own);
    if (made && asprintf(&path, "%s/history.db", own) < 0) path = NULL;
    free(own);
    free(folder);
    return path;
}

/* Nobody's file is overwritten for a slip in a name. */
static enum status check_named(const char *path)
{
    struct stat there;
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
        return fail(STATUS_USAGE, "--index %s: not a file", path);
    if (!database_is_ours(path))
        return fail(STATUS_USAGE, "--index %s: no index of hinge; it is left as it is", path);
    return STATUS_OK;
}

/* ---- the transaction */

/* A failure of SQLite's is in db->error. What was read stays in the index where a file is refused. */
static enum status attempt(const struct index_request *r, const char *path, bool anew,
                           struct history *h, struct database *db)
{
    enum status status = STATUS_OK;
    history_free(h);
    if (database_open(db, path, anew)) {
        status = update_index(db, r->sources, h);
        if (status == STATUS_OK && db->error == SQLITE_OK) status = load_history(db, r->filter, h);
    }
    database_close(db, db->error == SQLITE_OK);
    return status;
}

static enum status in_memory(const struct index_request *r, const char *path, int error,
                             struct history *h)
{
    struct database db;
    enum status status = attempt(r, ":memory:", false, h, &db);
    if (status == STATUS_OK && db.error == SQLITE_NOMEM)
        return fail(STATUS_OS, "no memory for what %zu files hold", r->sources->count);
    if (status == STATUS_OK && db.error != SQLITE_OK)
        return fail(STATUS_INTERNAL, "SQLite: %s", sqlite3_errstr(db.error));
    const bool noted = history_note(
        h, "%s: %s: the files were read into memory", path ? path : "no place for an index",
        path ? sqlite3_errstr(error) : "neither XDG_CACHE_HOME nor HOME will do");
    return status == STATUS_OK && !noted ? fail(STATUS_OS, "no memory for a note") : status;
}

enum status index_history(const struct index_request *r, struct history *h)
{
    struct database db = {0};
    enum status status = r->path ? check_named(r->path) : STATUS_OK;
    if (status != STATUS_OK) return status;
    char *path = r->path ? strdup(r->path) : default_path();
    if (path) status = attempt(r, path, r->anew, h, &db);
    if (path && database_is_damaged(&db)) status = attempt(r, path, true, h, &db);
    if (!path || db.error != SQLITE_OK) status = in_memory(r, path, db.error, h);
    free(path);
    if (status == STATUS_OK && h->runs == 0)
        status = fail(STATUS_NO_INPUT, "no result file among %zu files", r->sources->count);
    return status;
}
