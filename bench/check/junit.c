#define _GNU_SOURCE
#include "junit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/html.h"

struct junit {
    FILE *file;
    char *path, *beside;
};

enum status junit_open(struct junit **junit, const char *path, const char *suite)
{
    struct junit *j = calloc(1, sizeof *j);
    *junit = NULL;
    if (!j || asprintf(&j->beside, "%s.part", path) < 0 || !(j->path = strdup(path))) {
        free(j);
        return fail(STATUS_OS, "--junit %s: out of memory", path);
    }
    j->file = fopen(j->beside, "w");
    if (!j->file) {
        const enum status status =
            fail(STATUS_NO_OUTPUT, "--junit: cannot write %s: %s", j->beside, strerror(errno));
        free(j->beside);
        free(j->path);
        free(j);
        return status;
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"", j->file);
    html_text(j->file, suite);
    fputs("\">\n", j->file);
    *junit = j;
    return STATUS_OK;
}

void junit_case(struct junit *j, const char *kernel, const char *name, const char *failure,
                const char *skipped)
{
    if (!j) return;
    fputs("<testcase classname=\"", j->file);
    html_text(j->file, kernel);
    fputs("\" name=\"", j->file);
    html_text(j->file, name);
    fputs("\">", j->file);
    if (failure) {
        fputs("<failure message=\"", j->file);
        html_text(j->file, failure);
        fputs("\"/>", j->file);
    }
    if (skipped) {
        fputs("<skipped message=\"", j->file);
        html_text(j->file, skipped);
        fputs("\"/>", j->file);
    }
    fputs("</testcase>\n", j->file);
}

enum status junit_close(struct junit *j)
{
    if (!j) return STATUS_OK;
    enum status status = STATUS_OK;
    fputs("</testsuite>\n</testsuites>\n", j->file);
    bool good = fflush(j->file) == 0 && !ferror(j->file) && fsync(fileno(j->file)) == 0;
    good = fclose(j->file) == 0 && good;
    if (!good || rename(j->beside, j->path) != 0) {
        status = fail(STATUS_NO_OUTPUT, "--junit: cannot write %s: %s", j->path, strerror(errno));
        unlink(j->beside);
    }
    free(j->beside);
    free(j->path);
    free(j);
    return status;
}
