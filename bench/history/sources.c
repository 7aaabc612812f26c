#define _GNU_SOURCE /* asprintf */
#include "sources.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum status put(struct sources *sources, char *path, bool named)
{
    struct source *grown;
    if (sources->count == SOURCES_MAX) {
        free(path);
        return fail(STATUS_USAGE, "more than %d files", SOURCES_MAX);
    }
    grown = path ? realloc(sources->at, (sources->count + 1) * sizeof *grown) : NULL;
    if (!grown) {
        free(path);
        return fail(STATUS_OS, "no memory for the names of the files");
    }
    sources->at = grown;
    sources->at[sources->count++] = (struct source){path, named};
    return STATUS_OK;
}

static int is_json(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name), end = strlen(".json");
    return length > end && strcmp(entry->d_name + length - end, ".json") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum status add_folder(struct sources *sources, const char *path)
{
    struct dirent **entry;
    enum status status = STATUS_OK;
    const int count = scandir(path, &entry, is_json, by_name);
    if (count < 0) return fail(STATUS_NO_INPUT, "%s cannot be read: %s", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *name = NULL;
        if (status == STATUS_OK && asprintf(&name, "%s/%s", path, entry[i]->d_name) < 0)
            name = NULL;
        if (status == STATUS_OK) status = put(sources, name, false);
        free(entry[i]);
    }
    free(entry);
    return status;
}

enum status sources_add(struct sources *sources, const char *path)
{
    struct stat there;
    if (stat(path, &there) != 0)
        return fail(STATUS_NO_INPUT, "%s cannot be read: %s", path, strerror(errno));
    if (S_ISDIR(there.st_mode)) return add_folder(sources, path);
    return put(sources, strdup(path), true);
}

void sources_free(struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) free(sources->at[i].path);
    free(sources->at);
    *sources = (struct sources){0};
}
