/* The index of `hinge history`: all that it holds, as runs and tracks. */
#include <math.h>

#include "fuzz.h"
#include "history/load.h"

static void check(const struct history *h)
{
    for (size_t i = 0; i < h->runs; i++) {
        fuzz_insist_plain(h->run[i].path);
        fuzz_insist_plain(h->run[i].commit);
        fuzz_insist(json_is_object(h->run[i].kept), "what is kept of a run");
    }
    for (size_t i = 0; i < h->tracks; i++) {
        const struct track *t = &h->track[i];
        fuzz_insist_plain(t->name);
        for (size_t p = 0; p < t->series.runs; p++)
            fuzz_insist(t->at[p] < h->runs && isfinite(t->log[p]), "a point of a run");
    }
}

void fuzz_one(const char *data, size_t size)
{
    const char *path = fuzz_file(FUZZ_NAME, data, size);
    struct database db;
    struct history h = {.runs = 0};
    if (!database_is_ours(path)) return;
    if (database_open(&db, path, false)) {
        database_run(&db, "CREATE TEMP TABLE wanted(file INTEGER PRIMARY KEY, place INTEGER, "
                          "shown BLOB); INSERT INTO wanted SELECT id, id, path FROM file");
        const enum status status = load_history(&db, NULL, &h);
        if (status == STATUS_OK && db.error == SQLITE_OK) check(&h);
    }
    database_close(&db, false);
    history_free(&h);
}
