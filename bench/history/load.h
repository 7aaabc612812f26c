/* load: the runs that are wanted and their rows, out of the database. */
#ifndef HISTORY_LOAD_H
#define HISTORY_LOAD_H

#include <regex.h>

#include "base/status.h"
#include "history/database.h"
#include "history/history.h"

/* After update_index(). A failure of SQLite's is in db->error, with STATUS_OK. */
enum status load_history(struct database *db, const regex_t *filter, struct history *h);

#endif
