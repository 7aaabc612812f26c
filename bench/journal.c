#define _GNU_SOURCE /* asprintf */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/lane.h"
#include "report/file.h"
#include "report/read_text.h"
#include "worker/record.h"

enum { JOURNAL_VERSION = 1 };
static const char ENDING[] = ".part";
static const off_t MOST_BYTES = (off_t)1 << 30;

/* What has to be the same for a run to go on. */
static json_t *place_of(const struct machine *m)
{
    json_t *place =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:s}", "host", m->host, "cpu",
                  m->cpu, "cpu model", m->cpu_model, "microcode", m->microcode, "commit", m->commit,
                  "dirty", (int)m->dirty, "compiler", m->compiler, "flags", m->flags, "lane flags",
                  m->lane_flags, "oneDNN", twin_version(), "OpenMP environment", m->openmp);
    if (!plugin_loaded()) return place;
    char hash[24];
    snprintf(hash, sizeof hash, "%016" PRIx64, plugin_loaded()->hash);
    json_object_set_new(place, "plug-in", json_string(hash));
    return place;
}

/* One line, in one piece. */
static void put(struct journal *j, json_t *line)
{
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL, *whole = NULL;
    const int length = text ? asprintf(&whole, "%s\n", text) : -1;
    if (length < 0) j->error = ENOMEM;
    const off_t end = lseek(j->fd, 0, SEEK_END);
    const ssize_t wrote = length < 0 ? 0 : write(j->fd, whole, (size_t)length);
    if (length >= 0 && wrote != length) {
        j->error = wrote < 0 ? errno : ENOSPC;
        (void)!ftruncate(j->fd, end); /* half a line would hide those that follow */
    }
    free(whole);
    free(text);
    json_decref(line);
}

/* One that was killed before its first line was whole has nothing to go on with. */
static bool is_begun(int fd)
{
    char some[4096];
    ssize_t got = 0;
    for (off_t at = 0; (got = pread(fd, some, sizeof some, at)) > 0; at += got)
        if (memchr(some, '\n', (size_t)got)) return true;
    return got < 0;
}

/* Closed again where it is refused: it is another's. */
static enum status take(struct journal *j)
{
    j->fd = file_hold(j->path, O_RDWR | O_CREAT, false);
    if (j->fd < 0 && errno == EWOULDBLOCK)
        return fail(STATUS_NO_OUTPUT, "%s: another run is writing it", j->path);
    if (j->fd < 0)
        return fail(STATUS_NO_OUTPUT, "%s cannot be written: %s", j->path, strerror(errno));
    if (!is_begun(j->fd) && ftruncate(j->fd, 0) == 0) return STATUS_OK;
    close(j->fd);
    j->fd = -1;
    return fail(STATUS_NO_OUTPUT,
                "%s is there: a run that did not end. `hinge bench --resume %s` goes on with it; "
                "or remove it",
                j->path, j->path);
}

enum status journal_begin(struct journal *j, const char *result, const struct machine *m, int argc,
                          char *const argv[])
{
    if (snprintf(j->path, sizeof j->path, "%s%s", result, ENDING) >= (int)sizeof j->path)
        return fail(STATUS_NO_OUTPUT, "%s: the path is too long", result);
    const enum status status = take(j);
    if (status != STATUS_OK) return status;
    json_t *arguments = json_array();
    for (int i = 1; i < argc; i++) json_array_append_new(arguments, json_string(argv[i]));
    put(j, json_pack("{s:i, s:s, s:s, s:o, s:o}", "hinge_journal", JOURNAL_VERSION, "date", m->date,
                     "command", m->command, "arguments", arguments, "place", place_of(m)));
    if (j->error) return fail(STATUS_NO_OUTPUT, "%s: %s", j->path, strerror(j->error));
    return STATUS_OK;
}

/* ---- read */

static enum status open_file(struct journal *j, const char *path)
{
    struct stat there;
    const size_t length = strlen(path), ending = sizeof ENDING - 1;
    if (length <= ending || strcmp(path + length - ending, ENDING) != 0)
        return fail(STATUS_USAGE, "--resume %s: a journal's name ends in %s", path, ENDING);
    if (snprintf(j->path, sizeof j->path, "%s", path) >= (int)sizeof j->path)
        return fail(STATUS_USAGE, "--resume %s: the path is too long", path);
    j->fd = file_hold(path, O_RDWR, false);
    if (j->fd < 0 && errno == EWOULDBLOCK)
        return fail(STATUS_NO_INPUT, "%s: its run has not ended: it is being written", path);
    if (j->fd < 0) return fail(STATUS_NO_INPUT, "%s: %s", path, strerror(errno));
    if (fstat(j->fd, &there) != 0 || !S_ISREG(there.st_mode) || there.st_size > MOST_BYTES)
        return fail(STATUS_DATA, "%s is no journal: not a regular file of less than 1 GiB", path);
    return STATUS_OK;
}

/* NULL where it is no JSON. */
static json_t *read_line(const char *line)
{
    json_t *value = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    if (read_plain(value)) return value;
    json_decref(value);
    return NULL;
}

/* NULL where it is no journal. */
static json_t *read_begun(char *line)
{
    json_t *begun = read_line(line);
    const json_t *arguments = json_object_get(begun, "arguments"), *word;
    bool good = json_integer_value(json_object_get(begun, "hinge_journal")) == JOURNAL_VERSION &&
                json_is_array(arguments) && json_is_object(json_object_get(begun, "place")) &&
                json_is_string(json_object_get(begun, "date")) &&
                json_is_string(json_object_get(begun, "command"));
    size_t i;
    json_array_foreach(arguments, i, word) good = good && json_is_string(word);
    if (good) return begun;
    json_decref(begun);
    return NULL;
}

/* Up to the last whole line, which the file then ends with. */
static enum status read_lines(struct journal *j, FILE *file)
{
    char *line = NULL;
    size_t room = 0, number = 0;
    off_t whole = 0;
    ssize_t got;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && (got = getline(&line, &room, file)) > 0 &&
           line[got - 1] == '\n') {
        whole += got;
        if (number++ == 0) {
            j->begun = read_begun(line);
            if (!j->begun) break;
            continue;
        }
        json_t *entry = read_line(line);
        const bool resumed = json_is_true(json_object_get(entry, "resumed"));
        const json_t *spent = json_object_get(entry, "spent");
        if (json_is_number(spent) && json_number_value(spent) >= j->spent)
            j->spent = json_number_value(spent);
        j->resumed += resumed;
        if (json_is_string(json_object_get(entry, "host")))
            json_array_append(j->hosts, json_object_get(entry, "host"));
        if (!json_is_object(entry))
            status = fail(STATUS_DATA, "%s:%zu: not a visit", j->path, number);
        else if (!resumed)
            json_array_append(j->visits, entry);
        json_decref(entry);
    }
    free(line);
    if (status == STATUS_OK && !j->begun)
        return fail(STATUS_DATA, "%s is no journal of `hinge bench`, or one of another version",
                    j->path);
    if (status == STATUS_OK && ftruncate(j->fd, whole) != 0)
        status = fail(STATUS_NO_OUTPUT, "%s cannot be written: %s", j->path, strerror(errno));
    return status;
}

enum status journal_read(struct journal *j, const char *path)
{
    enum status status = open_file(j, path);
    if (status != STATUS_OK) return status;
    const int copy = dup(j->fd);
    FILE *file = copy < 0 ? NULL : fdopen(copy, "r");
    j->visits = json_array();
    j->hosts = json_array();
    if (!file || !j->visits || !j->hosts) {
        if (copy >= 0 && !file) close(copy);
        if (file) fclose(file);
        return fail(STATUS_OS, "no memory for %s", path);
    }
    status = read_lines(j, file);
    fclose(file);
    j->resumed++;
    if (status == STATUS_OK)
        json_array_insert(j->hosts, 0, json_object_get(json_object_get(j->begun, "place"), "host"));
    return status;
}

char **journal_argv(const struct journal *j, int *argc)
{
    static char name[] = "hinge bench";
    const json_t *arguments = json_object_get(j->begun, "arguments");
    const size_t n = json_array_size(arguments);
    char **argv = calloc(n + 2, sizeof *argv);
    if (!argv) return NULL;
    argv[0] = name;
    for (size_t i = 0; i < n; i++)
        argv[i + 1] = (char *)json_string_value(json_array_get(arguments, i));
    *argc = (int)n + 1;
    return argv;
}

bool journal_is_of(const struct journal *j, int argc, char *const argv[])
{
    const json_t *arguments = json_object_get(j->begun, "arguments");
    bool same = json_array_size(arguments) == (size_t)argc - 1;
    for (int i = 1; same && i < argc; i++)
        same = strcmp(json_string_value(json_array_get(arguments, (size_t)i - 1)), argv[i]) == 0;
    return same;
}

void journal_result(const struct journal *j, char path[1024])
{
    snprintf(path, 1024, "%.*s", (int)(strlen(j->path) - (sizeof ENDING - 1)), j->path);
}

/* ---- go on */

static const char *as_text(const json_t *x)
{
    return json_is_string(x) ? json_string_value(x) : json_is_true(x) ? "yes" : "no";
}

static enum status compare_places(const struct journal *j, const struct machine *m)
{
    const json_t *there = json_object_get(j->begun, "place");
    json_t *here = place_of(m), *value;
    const char *key;
    enum status status = STATUS_OK;
    json_object_foreach(here, key, value)
    {
        const json_t *then = json_object_get(there, key);
        if (j->any_host && strcmp(key, "host") == 0) continue;
        if (status != STATUS_OK || (then && json_equal((json_t *)then, value))) continue;
        status = fail(STATUS_USAGE,
                      "%s: its run was begun elsewhere or by another build, and cannot go on here: "
                      "%s was \"%.100s\", is \"%.100s\"",
                      j->path, key, as_text(then), as_text(value));
    }
    json_decref(here);
    return status;
}

static enum status replay(const struct journal *j, const struct rows *rows)
{
    size_t i;
    json_t *entry;
    json_array_foreach(j->visits, i, entry)
    {
        const json_int_t copies = json_integer_value(json_object_get(entry, "copies"));
        struct row *row = rows_find(rows, json_string_value(json_object_get(entry, "name")),
                                    json_integer_value(json_object_get(entry, "threads")));
        enum status status = fail(STATUS_DATA, "no such row");
        if (row && copies > 0) {
            row->work.copies = (size_t)copies; /* as in its other processes */
            status = record_take(row, json_object_get(entry, "visit"));
        }
        if (status == STATUS_OK) continue;
        char why[256];
        snprintf(why, sizeof why, "%s", status_text());
        return fail(status, "%s, visit %zu: %s", j->path, i + 1, why);
    }
    return STATUS_OK;
}

enum status journal_resume(struct journal *j, struct machine *m, struct rows *rows)
{
    enum status status = compare_places(j, m);
    if (status == STATUS_OK) status = replay(j, rows);
    if (status != STATUS_OK) return status;
    snprintf(m->date, sizeof m->date, "%s", json_string_value(json_object_get(j->begun, "date")));
    snprintf(m->command, sizeof m->command, "%s",
             json_string_value(json_object_get(j->begun, "command")));
    put(j, json_pack("{s:b, s:s}", "resumed", 1, "host", m->host));
    if (j->error) return fail(STATUS_NO_OUTPUT, "%s: %s", j->path, strerror(j->error));
    return STATUS_OK;
}

/* ---- while it runs */

void journal_add(struct journal *j, const struct row *row, json_t *visit, double spent)
{
    if (!j->fd || j->error) return;
    put(j, json_pack("{s:s, s:i, s:I, s:f, s:O}", "name", row->name, "threads", row->threads,
                     "copies", (json_int_t)row->work.copies, "spent", spent, "visit", visit));
    if (!j->error) return;
    fprintf(stderr, "hinge bench: %s: %s: from here on a run that is killed is lost\n", j->path,
            strerror(j->error));
}

void journal_remove(struct journal *j)
{
    if (j->fd > 0) unlink(j->path);
}

void journal_close(struct journal *j)
{
    if (j->fd > 0) close(j->fd);
    json_decref(j->begun);
    json_decref(j->visits);
    json_decref(j->hosts);
    *j = (struct journal){.fd = 0};
}
