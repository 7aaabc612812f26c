/* sources: the files that were asked for: those that are named, and *.json of the folders that are. */
#ifndef HISTORY_SOURCES_H
#define HISTORY_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

enum { SOURCES_MAX = 100000 };

struct source {
    char *path;
    bool named; /* itself, not its folder: it must be a result file */
};

struct sources {
    struct source *at;
    size_t count;
};

/* Adds a file, or those of a folder, not of folders in it, in the order of bytes of their names. */
enum status sources_add(struct sources *sources, const char *path);
void sources_free(struct sources *sources);

#endif
