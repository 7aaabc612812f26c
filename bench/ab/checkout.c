#define _GNU_SOURCE
#include "checkout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "process.h"
#include "report/file.h"

enum { SHORT = 12 };

/* ---- the repository */

static enum status find_root(char root[CHECKOUT_PATH])
{
    static const char *const argv[] = {"git", "rev-parse", "--show-toplevel", NULL};
    char path[CHECKOUT_PATH + 32];
    if (process_read(argv, root, CHECKOUT_PATH) != STATUS_OK)
        return fail(STATUS_UNAVAILABLE, "the working folder lies in no git repository, or git is "
                                        "missing: revisions need both");
    snprintf(path, sizeof path, "%s/kernels/list.h", root);
    if (access(path, R_OK) == 0) return STATUS_OK;
    return fail(STATUS_UNAVAILABLE, "%s is no repository of hinge: it has no kernels/list.h", root);
}

enum status checkout_find(const char *revision, char commit[COMMIT_ROOM])
{
    char root[CHECKOUT_PATH], named[CHECKOUT_PATH];
    const enum status status = find_root(root);
    if (status != STATUS_OK) return status;
    snprintf(named, sizeof named, "%s^{commit}", revision);
    const char *const argv[] = {"git", "rev-parse", "--verify", "--quiet", "--end-of-options",
                                named, NULL};
    if (process_read(argv, commit, COMMIT_ROOM) == STATUS_OK) return STATUS_OK;
    return fail(STATUS_USAGE, "'%s': no revision of %s", revision, root);
}

enum status checkout_between(const char good[COMMIT_ROOM], const char bad[COMMIT_ROOM],
                             char (**commits)[COMMIT_ROOM], size_t *count)
{
    enum { ROOM = 1 << 20 };
    char range[2 * COMMIT_ROOM + 2];
    const char *const ancestor[] = {"git", "merge-base", "--is-ancestor", good, bad, NULL};
    if (process_run(ancestor, NULL) != STATUS_OK)
        return fail(STATUS_USAGE, "%.12s is no ancestor of %.12s", good, bad);
    snprintf(range, sizeof range, "%s..%s", good, bad);
    const char *const list[] = {"git", "rev-list", "--first-parent", "--reverse", range, NULL};
    char *text = malloc(ROOM);
    if (!text) return fail(STATUS_OS, "no memory for the commits between two revisions");
    enum status status = process_read(list, text, ROOM);
    *count = 0;
    for (const char *c = text; status == STATUS_OK && *c; c++) *count += *c == '\n' || !c[1];
    *commits = status == STATUS_OK ? calloc(*count + 1, sizeof **commits) : NULL;
    if (status == STATUS_OK && !*commits)
        status = fail(STATUS_OS, "no memory for %zu commits", *count);
    char *line = text;
    for (size_t i = 0; status == STATUS_OK && i < *count; i++)
        snprintf((*commits)[i], COMMIT_ROOM, "%s", strsep(&line, "\n"));
    free(text);
    return status;
}

void checkout_title(const char commit[COMMIT_ROOM], char *text, size_t size)
{
    char subject[256] = "";
    const char *const argv[] = {"git", "log", "-1", "--format=%s", commit, NULL};
    if (process_read(argv, subject, sizeof subject) != STATUS_OK) *subject = '\0';
    snprintf(text, size, "%.*s %s", SHORT, commit, subject);
}

/* ---- the build */

/* The folder of all builds, made where it is missing. */
static enum status find_cache(char path[CHECKOUT_PATH])
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length;
    if (cache && *cache == '/')
        length = snprintf(path, CHECKOUT_PATH - 128, "%s/hinge/ab/", cache);
    else if (home && *home == '/')
        length = snprintf(path, CHECKOUT_PATH - 128, "%s/.cache/hinge/ab/", home);
    else
        return fail(STATUS_NO_OUTPUT, "neither XDG_CACHE_HOME nor HOME says where builds may lie");
    if (length >= CHECKOUT_PATH - 128) return fail(STATUS_NO_OUTPUT, "%s: too long a path", path);
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        const bool made = mkdir(path, 0777) == 0 || errno == EEXIST;
        if (!made) return fail(STATUS_NO_OUTPUT, "%s: %s", path, strerror(errno));
        *slash = '/';
    }
    return STATUS_OK;
}

/* A clone that shares the repository's objects: unlike a work tree of git's own it leaves no trace there. */
static enum status clone(const char *commit, const char *folder, const char *log)
{
    char root[CHECKOUT_PATH];
    enum status status = find_root(root);
    if (status != STATUS_OK) return status;
    const char *const drop[] = {"rm", "-rf", "--", folder, NULL};
    const char *const take[] = {"git", "clone", "--quiet", "--shared", "--no-checkout",
                                "--",  root,    folder,    NULL};
    const char *const check_out[] = {"git",     "-C",       folder, "checkout",
                                     "--quiet", "--detach", commit, NULL};
    status = process_run(drop, log);
    if (status == STATUS_OK) status = process_run(take, log);
    return status == STATUS_OK ? process_run(check_out, log) : status;
}

/* By this build's compilers where they are here. */
static enum status build(const char *folder, const char *log)
{
    char into[CHECKOUT_PATH + 16], jobs[32];
    snprintf(into, sizeof into, "%s/build", folder);
    snprintf(jobs, sizeof jobs, "%ld", sysconf(_SC_NPROCESSORS_ONLN));
    const bool same = access(HINGE_C_COMPILER, X_OK) == 0 && access(HINGE_CXX_COMPILER, X_OK) == 0;
    const char *const configure[] = {"cmake",
                                     "-S",
                                     folder,
                                     "-B",
                                     into,
                                     "-DCMAKE_BUILD_TYPE=Release",
                                     same ? ("-DCMAKE_C_COMPILER=" HINGE_C_COMPILER) : NULL,
                                     ("-DCMAKE_CXX_COMPILER=" HINGE_CXX_COMPILER),
                                     NULL}; /* ends where the compilers are not here */
    const char *const make[] = {"cmake", "--build",    into, "--target",
                                "hinge", "--parallel", jobs, NULL};
    const enum status status = process_run(configure, log);
    return status == STATUS_OK ? process_run(make, log) : status;
}

/* One at a time: another hinge that wants the same commit waits for it. */
static int lock(const char *path)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd >= 0 && flock(fd, LOCK_EX) == 0) return fd;
    const int error = errno;
    if (fd >= 0) close(fd);
    fail(STATUS_NO_OUTPUT, "%s: %s", path, strerror(error));
    return -1;
}

/* A file in its folder says that a build is whole: one that was cut short starts anew. */
static enum status make(const char *commit, const char *folder, const char *whole, const char *log)
{
    char title[80];
    checkout_title(commit, title, sizeof title);
    const double from = clock_seconds();
    fprintf(stderr, "hinge ab: building %s ...\n", title);
    enum status status = clone(commit, folder, log);
    if (status == STATUS_OK) status = build(folder, log);
    if (status != STATUS_OK) return status;
    fprintf(stderr, "hinge ab: built in %.0f s\n", clock_seconds() - from);
    return file_write(whole, "");
}

enum status checkout_build(const char commit[COMMIT_ROOM], char program[CHECKOUT_PATH])
{
    char cache[CHECKOUT_PATH], folder[CHECKOUT_PATH], log[CHECKOUT_PATH], whole[CHECKOUT_PATH];
    enum status status = find_cache(cache);
    if (status != STATUS_OK) return status;
    const int base = (int)strlen(cache);
    snprintf(folder, sizeof folder, "%.*s%s", base, cache, commit);
    snprintf(log, sizeof log, "%.*s%s.log", base, cache, commit);
    snprintf(whole, sizeof whole, "%.*s%s/whole", base, cache, commit);
    snprintf(program, CHECKOUT_PATH, "%.*s%s/build/hinge", base, cache, commit);
    snprintf(cache + base, sizeof cache - (size_t)base, "%s.lock", commit);
    const int fd = lock(cache);
    if (fd < 0) return STATUS_NO_OUTPUT;
    if (access(whole, F_OK) != 0 || access(program, X_OK) != 0)
        status = make(commit, folder, whole, log);
    close(fd);
    return status;
}
