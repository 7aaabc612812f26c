#include "studies/states.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status states_open(struct states *s, const char *rows)
{
    s->folder[0] = '\0';
    if (!rows) return STATUS_OK;
    if (snprintf(s->folder, sizeof s->folder, "%s.states", rows) >= (int)sizeof s->folder)
        return fail(STATUS_NO_OUTPUT, "%s: the path is too long", rows);
    if (mkdir(s->folder, 0777) == 0 || errno == EEXIST) return STATUS_OK;
    return fail(STATUS_NO_OUTPUT, "%s cannot be made: %s", s->folder, strerror(errno));
}

/* FNV-1a of what it is the state of. */
const char *states_path(const struct states *s, const char *key, const char *end,
                        char path[STATES_PATH])
{
    uint64_t hash = 0xcbf29ce484222325u;
    if (!*s->folder) return NULL;
    for (; *key; key++) hash = (hash ^ (unsigned char)*key) * 0x100000001b3u;
    snprintf(path, STATES_PATH, "%s/%016llx%s", s->folder, (unsigned long long)hash, end);
    return path;
}

void states_remove(const struct states *s, const char *key, const char *end)
{
    static const char beside[] = ".new"; /* what file_begin() leaves of a program that is killed */
    char path[STATES_PATH + sizeof beside];
    if (!states_path(s, key, end, path)) return;
    unlink(path);
    strcat(path, beside);
    unlink(path);
}

void states_close(const struct states *s)
{
    if (*s->folder) rmdir(s->folder);
}
