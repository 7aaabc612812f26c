#include "database.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* "hhix"; SQLite keeps it in bytes 68 to 71 of the file, the largest first, and in 103 and 104 how many tables and the
 * like there are (sqlite.org/fileformat2.html). VERSION is one more after each change of the tables, of what is read
 * into them and of identity_keep(). */
enum {
    APPLICATION = 0x68686978,
    APPLICATION_AT = 68,
    CELLS_AT = 103,
    VERSION = 2,
    WAIT_MS = 60000
};

static const char schema[] =
    "CREATE TABLE file(id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, stamp TEXT NOT NULL,"
    " date INTEGER NOT NULL, build TEXT NOT NULL, dirty INTEGER NOT NULL,"
    " wrongs INTEGER NOT NULL, kept TEXT NOT NULL);"
    "CREATE TABLE row(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " library INTEGER NOT NULL);"
    "CREATE TABLE point(file INTEGER NOT NULL REFERENCES file ON DELETE CASCADE,"
    " row INTEGER NOT NULL REFERENCES row, log REAL NOT NULL, PRIMARY KEY(file, row))"
    " WITHOUT ROWID;";

static bool note(struct database *db, int code)
{
    const bool good = code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE;
    if (!good && db->error == SQLITE_OK) db->error = code & 0xff;
    return good;
}

bool database_run(struct database *db, const char *sql)
{
    return db->error == SQLITE_OK && note(db, sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

sqlite3_stmt *database_prepare(struct database *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (db->error == SQLITE_OK) note(db, sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL));
    return statement;
}

bool database_step(struct database *db, sqlite3_stmt *statement)
{
    if (db->error != SQLITE_OK || !statement) return false;
    const int code = sqlite3_step(statement);
    return note(db, code) && code == SQLITE_ROW;
}

static int number_of(struct database *db, const char *sql)
{
    sqlite3_stmt *statement = database_prepare(db, sql);
    const int number = database_step(db, statement) ? sqlite3_column_int(statement, 0) : 0;
    sqlite3_finalize(statement);
    return number;
}

/* SQLite's own way to empty any database, safe beside other processes (sqlite3_db_config). */
static bool empty(struct database *db)
{
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_RESET_DATABASE, 1, 0);
    const bool good = database_run(db, "VACUUM");
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_RESET_DATABASE, 0, 0);
    return good;
}

/* Every page is looked at, so that a torn file is found before it is believed. */
static bool is_whole(struct database *db)
{
    sqlite3_stmt *check = database_prepare(db, "PRAGMA quick_check(1)");
    const bool whole =
        database_step(db, check) && strcmp((const char *)sqlite3_column_text(check, 0), "ok") == 0;
    sqlite3_finalize(check);
    if (!whole) note(db, SQLITE_CORRUPT);
    return whole;
}

static bool make_tables(struct database *db)
{
    char marks[96];
    snprintf(marks, sizeof marks, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             APPLICATION, VERSION);
    return database_run(db, schema) && database_run(db, marks);
}

bool database_open(struct database *db, const char *path, bool anew)
{
    *db = (struct database){0};
    if (!note(db, sqlite3_open(path, &db->handle))) return false;
    sqlite3_busy_timeout(db->handle, WAIT_MS);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, 0);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, 0);
    if (anew && !empty(db)) return false;
    if (!database_run(db, "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; BEGIN IMMEDIATE"))
        return false;
    const int version = number_of(db, "PRAGMA user_version");
    if (db->error == SQLITE_OK && version == 0 &&
        number_of(db, "SELECT count(*) FROM sqlite_schema") == 0)
        return make_tables(db);
    if (db->error == SQLITE_OK && version != VERSION) note(db, SQLITE_SCHEMA);
    return db->error == SQLITE_OK && is_whole(db);
}

bool database_close(struct database *db, bool keep)
{
    if (keep) database_run(db, "COMMIT");
    sqlite3_close(db->handle);
    db->handle = NULL;
    return db->error == SQLITE_OK;
}

bool database_is_damaged(const struct database *db)
{
    return db->error == SQLITE_CORRUPT || db->error == SQLITE_NOTADB ||
           db->error == SQLITE_SCHEMA || db->error == SQLITE_ERROR ||
           db->error == SQLITE_CONSTRAINT || db->error == SQLITE_MISMATCH;
}

bool database_is_ours(const char *path)
{
    unsigned char head[105];
    FILE *in = fopen(path, "rb");
    if (!in) return true;
    const size_t got = fread(head, 1, sizeof head, in);
    fclose(in);
    if (got == 0) return true;
    if (got < sizeof head || memcmp(head, "SQLite format 3", 16) != 0) return false;
    const unsigned char *at = head + APPLICATION_AT;
    const uint32_t of =
        (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    return of == APPLICATION || (of == 0 && head[CELLS_AT] == 0 && head[CELLS_AT + 1] == 0);
}
