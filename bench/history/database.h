/* database: SQLite's, as an index of result files; SQLite's errors as a code that is kept until it is asked for. */
#ifndef HISTORY_DATABASE_H
#define HISTORY_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>

struct database {
    sqlite3 *handle;
    int error; /* the first of SQLite's codes that is a failure; SQLITE_OK */
};

/* Opens path, or ":memory:", begins the transaction and makes what tables there are not, all of them where `anew`. */
bool database_open(struct database *db, const char *path, bool anew);
/* Commits where `keep`, and closes. False where that or anything before failed. */
bool database_close(struct database *db, bool keep);

/* Whether the error is of its contents, so that a new one may do. */
bool database_is_damaged(const struct database *db);

bool database_run(struct database *db, const char *sql);
/* NULL after a failure. */
sqlite3_stmt *database_prepare(struct database *db, const char *sql);
/* Whether there is a row; of a statement that is NULL there is none. */
bool database_step(struct database *db, sqlite3_stmt *statement);

/* Whether there is nothing at path, an empty database, as one of hinge is for a moment while it is made anew, or an
 * index of hinge, however damaged behind its first 100 bytes. */
bool database_is_ours(const char *path);

#endif
