/* hinge report: one page of HTML from result files, machine cards and studies. */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "report/file.h"

enum { KEY_HTML = 256 };

struct arguments {
    const char *html;
    char **files;
    size_t count;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case KEY_HTML:
        a->html = arg;
        return 0;
    case ARGP_KEY_ARGS:
        a->files = state->argv + state->next;
        a->count = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_END:
        if (!a->count) argp_error(state, "name result files, machine cards or studies");
        if (!a->html) argp_error(state, "--html OUT: where the page goes");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The whole page lies in memory before a byte of it is written. */
static enum status make_page(const struct report *report, char **page)
{
    size_t size = 0;
    FILE *out = open_memstream(page, &size);
    if (!out) return fail(STATUS_OS, "no memory for the page");
    const bool whole = report_write(report, out);
    if (fclose(out) == 0 && whole) return STATUS_OK;
    free(*page);
    return fail(STATUS_OS, "no memory for the page");
}

static enum status make_report(const struct arguments *a)
{
    struct report report;
    char *page = NULL;
    enum status status = file_writable(a->html);
    if (status != STATUS_OK) return status;
    status = report_read(&report, a->files, a->count);
    if (status != STATUS_OK) return status;
    status = make_page(&report, &page);
    if (status == STATUS_OK) {
        status = file_write(a->html, page);
        free(page);
    }
    report_free(&report);
    return status;
}

static const struct argp_option rows[] = {
    {"html", KEY_HTML, "OUT", 0, "the page; - is the standard output", 0}, {0}};
const struct argp report_argp = {
    .options = rows,
    .parser = parse,
    .args_doc = "FILE...",
    .doc =
        "Make one page of HTML from result files of hinge bench or Google Benchmark, machine cards "
        "and studies: machines side by side, ratios to oneDNN, rooflines, maps over depth, "
        "width and initialization scale, thread scaling, claims and figures.\v"
        "The page needs nothing but itself, no network and, but for sorting its tables, no script. "
        "Files of one machine with the "
        "same settings make one side, unless they hold the same row: then the later file "
        "is another side. A file that cannot be read, or is none of these, ends the command "
        "with its name, and no page is written."};

int cmd_report(int argc, char **argv)
{
    struct arguments a = {.html = NULL};
    argp_parse(&report_argp, argc, argv, 0, NULL, &a);
    const enum status status = make_report(&a);
    if (status != STATUS_OK) fprintf(stderr, "hinge report: %s\n", status_text());
    return (int)status;
}
