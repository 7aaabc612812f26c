/* update: brings the database to what the files say, and notes which of them are wanted. */
#ifndef HISTORY_UPDATE_H
#define HISTORY_UPDATE_H

#include "base/status.h"
#include "history/database.h"
#include "history/history.h"
#include "history/sources.h"

/* Leaves the temporary table wanted(file, place, shown). A failure of SQLite's is in db->error, with STATUS_OK. */
enum status update_index(struct database *db, const struct sources *sources, struct history *h);

#endif
