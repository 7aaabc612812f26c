#include "junit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/file.h"

#include "report/html.h"

struct junit {
    const char *path;
    FILE *file; /* in memory */
    char *text;
    size_t size;
};

enum status junit_open(struct junit **junit, const char *path, const char *suite)
{
    *junit = NULL;
    if (strcmp(path, "-") == 0) return fail(STATUS_USAGE, "--junit -: name a file");
    if (file_writable(path) != STATUS_OK) return STATUS_NO_OUTPUT;
    struct junit *j = calloc(1, sizeof *j);
    if (j) j->file = open_memstream(&j->text, &j->size);
    if (!j || !j->file) {
        free(j);
        return fail(STATUS_OS, "--junit %s: out of memory", path);
    }
    j->path = path;
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
    fputs("</testsuite>\n</testsuites>\n", j->file);
    const bool lost = ferror(j->file), whole = fclose(j->file) == 0 && !lost;
    const enum status status = whole ? file_write(j->path, j->text)
                                     : fail(STATUS_OS, "--junit %s: out of memory", j->path);
    free(j->text);
    free(j);
    return status;
}
