/* history: runs in time as plain structs: what the index gives and the tables show. */
#ifndef HISTORY_HISTORY_H
#define HISTORY_HISTORY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compare/identity.h"
#include "history/changes.h"

/* A result file. */
struct run {
    char *path;   /* as it may be printed */
    char *commit; /* "unknown" where the file does not say */
    bool dirty;
    int64_t date;  /* seconds since 1970, UTC */
    json_t *kept;  /* identity_keep() of it */
    size_t setup;  /* which machine and chosen settings */
    size_t wrongs; /* rows without a time since an output was wrong or a process crashed */
};

/* A row of one setup: `series.runs` points, the i-th of run[at[i]]. */
struct track {
    char *name;
    bool library; /* code that hinge does not own */
    size_t setup;
    size_t *at;
    double *log; /* of nanoseconds of a call */
    struct series series;
};

struct history {
    struct run *run; /* in the order of date, then path */
    size_t runs;
    size_t setups;       /* in the order of their first runs */
    size_t *first;       /* the first run of each setup */
    struct track *track; /* in the order of names */
    size_t tracks;
    size_t read, known, skipped; /* files read now, taken from the index, left out */
    char **note;                 /* sentences about files that were left out, and the like */
    size_t notes;
};

/* Made plain (base/plain.h). False where there is no memory. */
__attribute__((format(printf, 2, 3))) bool history_note(struct history *h, const char *format, ...);

/* What makes two setups of two runs: their machines as identity_machine() has them, and settings that are chosen. */
void history_setups_differ(const struct run *a, const struct run *b, struct differences *d);
/* Gives each run its setup: the first whose first run does not differ. False where there is no memory. */
bool history_set_up(struct history *h);

void history_free(struct history *h);

/* YYYY-MM-DD, with or without Thh:mm:ss and Z or an offset: seconds since 1970. False where text is none. */
bool history_date(const char *text, int64_t *seconds);

#endif
