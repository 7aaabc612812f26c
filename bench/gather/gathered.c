#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gather/gather.h"

enum status gathered_add(struct gathered *g, const char *path, const struct cluster_share *share)
{
    if (share->index < 1 || share->index > share->count || share->count > SHARES_MOST)
        return fail(STATUS_DATA, "%s: says that it is share %zu of %zu", path, share->index,
                    share->count);
    if (!g->count) {
        g->path = calloc(share->count, sizeof *g->path);
        if (!g->path) return fail(STATUS_OS, "no memory for %zu shares", share->count);
        g->count = share->count;
    }
    if (share->count != g->count)
        return fail(STATUS_DATA, "%s is one of %zu shares, those before it are of %zu", path,
                    share->count, g->count);
    const char **mine = &g->path[share->index - 1];
    if (*mine)
        return fail(STATUS_DATA, "%s and %s are both share %zu of %zu", *mine, path, share->index,
                    share->count);
    *mine = path;
    return STATUS_OK;
}

/* A file of the missing share beside the others, as their names have it, that a run has left unfinished. */
static bool is_begun(const struct gathered *g, size_t missing, char found[SHARE_PATH])
{
    char mine[64];
    for (size_t i = 0; i < g->count; i++) {
        if (!g->path[i]) continue;
        snprintf(mine, sizeof mine, ".%zu-of-%zu.", i + 1, g->count);
        const char *at = strstr(g->path[i], mine);
        if (!at) continue;
        snprintf(found, SHARE_PATH, "%.*s.%zu-of-%zu.%s.part", (int)(at - g->path[i]), g->path[i],
                 missing + 1, g->count, at + strlen(mine));
        return access(found, F_OK) == 0;
    }
    return false;
}

enum status gathered_whole(const struct gathered *g)
{
    char list[256] = "", begun[SHARE_PATH], more[SHARE_PATH + 80] = "";
    size_t used = 0, missing = 0;
    for (size_t i = 0; i < g->count; i++) {
        if (g->path[i]) continue;
        missing++;
        if (used < sizeof list - 32)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%zu/%zu", used ? ", " : "",
                                     i + 1, g->count);
        else if (list[used - 1] != '.')
            used += (size_t)snprintf(list + used, sizeof list - used, ", ...");
        if (!*more && is_begun(g, i, begun))
            snprintf(more, sizeof more, "; %s is there: its run has not ended", begun);
    }
    if (!missing) return STATUS_OK;
    return fail(STATUS_NO_INPUT, "%zu of %zu shares missing: %s%s; --share does one", missing,
                g->count, list, more);
}

bool gathered_is_name(const char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name < 0x20 || (unsigned char)*name >= 0x7f) return false;
    return true;
}

void gathered_free(struct gathered *g)
{
    free(g->path);
    *g = (struct gathered){0};
}
