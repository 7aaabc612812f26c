#include "cluster/share.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster/launcher.h"

static const struct cluster_share BY_RANK = {0, SHARES_MOST + 1};

enum status share_resolve(struct cluster_share *share)
{
    struct launcher l;
    if (share->count != BY_RANK.count) return STATUS_OK;
    const enum status status = launcher_read(&l);
    if (status != STATUS_OK) return status;
    if (!l.name)
        return fail(STATUS_USAGE, "--share rank: nothing says which rank this is: start it with "
                                  "mpirun or srun, or give --share K/N");
    *share = (struct cluster_share){l.rank + 1, l.size};
    return STATUS_OK;
}

enum status share_parse(const char *text, struct cluster_share *share)
{
    size_t index = 0, count = 0;
    int end = 0;
    *share = BY_RANK;
    if (strcmp(text, "rank") == 0) return STATUS_OK;
    const int read = sscanf(text, "%6zu/%6zu%n", &index, &count, &end);
    if (read != 2 || text[end] || strspn(text, "0123456789/") != strlen(text) || index < 1 ||
        index > count || count > SHARES_MOST)
        return fail(STATUS_USAGE,
                    "--share %s: neither rank nor K/N with K from 1 to N, such as 2/8; N is at "
                    "most %d",
                    text, SHARES_MOST);
    *share = (struct cluster_share){index, count};
    return STATUS_OK;
}

enum status share_check_alone(const char *instead)
{
    struct launcher l;
    /* A variable that is wrong matters to nobody who is alone. */
    if (launcher_read(&l) != STATUS_OK || !l.mpi || l.size == 1) return STATUS_OK;
    return fail(STATUS_USAGE, "%zu ranks of %s, each of which would do the same: %s", l.size,
                l.name, instead);
}

/* ---- who does what */

static const double *costs; /* qsort has no context */

static int dearest_first(const void *a, const void *b)
{
    const size_t i = *(const size_t *)a, j = *(const size_t *)b;
    if (costs[i] != costs[j]) return costs[i] > costs[j] ? -1 : 1;
    return (i > j) - (i < j);
}

enum status share_deal(const double *cost, size_t n, size_t shares, size_t *owner)
{
    size_t *order = malloc((n + 1) * sizeof *order);
    double *load = calloc(shares, sizeof *load);
    if (order && load) {
        for (size_t i = 0; i < n; i++) order[i] = i;
        costs = cost;
        qsort(order, n, sizeof *order, dearest_first);
        for (size_t i = 0; i < n; i++) {
            size_t least = 0;
            for (size_t s = 1; s < shares; s++)
                if (load[s] < load[least]) least = s;
            load[least] += cost[order[i]];
            owner[order[i]] = least + 1;
        }
    }
    const bool good = order && load;
    free(order);
    free(load);
    return good ? STATUS_OK : fail(STATUS_OS, "no memory for %zu shares", shares);
}

/* ---- files */

static enum status insert(char to[SHARE_PATH], const char *path, const char *what)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    if (!dot || (slash && dot < slash)) dot = path + strlen(path);
    if (snprintf(to, SHARE_PATH, "%.*s.%s%s", (int)(dot - path), path, what, dot) < SHARE_PATH)
        return STATUS_OK;
    return fail(STATUS_NO_OUTPUT, "%s: the path is too long", path);
}

enum status share_path(char to[SHARE_PATH], const char *path, const struct cluster_share *share)
{
    char what[64];
    snprintf(what, sizeof what, "%zu-of-%zu", share->index, share->count);
    return insert(to, path, what);
}

enum status share_host_path(char to[SHARE_PATH], const char *path)
{
    char host[HOST_NAME_MAX + 1] = "";
    if (gethostname(host, sizeof host - 1) != 0 || !*host || strchr(host, '/'))
        return fail(STATUS_OS, "--per-host: this host has no name to call its file by");
    return insert(to, path, host);
}

/* ---- the command line */

/* "--share" or what getopt takes for it, with its value behind '=' or in the next word. */
static bool is_share(const char *word)
{
    const size_t length = strcspn(word, "=");
    return length > strlen("--s") && strncmp(word, "--share", length) == 0;
}

char **share_words(int argc, char *const argv[], const struct cluster_share *share, int *count)
{
    static char option[64]; /* of the one share that a process has */
    char **words = calloc((size_t)argc + 2, sizeof *words);
    if (!words) return NULL;
    snprintf(option, sizeof option, "--share=%zu/%zu", share->index, share->count);
    *count = 0;
    for (int i = 0; i < argc; i++) {
        if (i == 0 || !is_share(argv[i]))
            words[(*count)++] = argv[i];
        else if (!strchr(argv[i], '='))
            i++;
    }
    words[(*count)++] = option;
    return words;
}
