/* hinge history: result files in time: which rows changed, when and by how much. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "history/index.h"
#include "history/show.h"
#include "options.h"
#include "report/file.h"
#include "report/json_file.h"

enum { KEY_SINCE = 256, KEY_LEAST, KEY_REGRESSIONS, KEY_MARKDOWN, KEY_JSON, KEY_INDEX, KEY_ANEW };

struct arguments {
    struct sources sources;
    regex_t filter;
    bool filtered, regressions, anew, verbose;
    double least; /* log of a ratio */
    const char *since, *markdown, *json, *index;
    enum status status; /* of the files that were named */
};

static const struct argp_option rows_of_options[] = {
    {"filter", 'f', "RE", 0, "rows whose name matches this extended regular expression", 0},
    {"since", KEY_SINCE, "DATE", 0,
     "changes from then on: YYYY-MM-DD, or 30d, days before the last run; every run is still used "
     "to find them",
     0},
    {"min-effect", KEY_LEAST, "PERCENT", 0, "the smallest change that matters (1)", 0},
    {"regressions", KEY_REGRESSIONS, NULL, 0,
     "exit with 1 where the last change of a row (since then) is a slowdown", 0},
    {"markdown", KEY_MARKDOWN, "OUT", 0,
     "a table for a page; - is the standard output, and nothing else goes there", 0},
    {"json", KEY_JSON, "OUT", 0, "for a program; - likewise", 0},
    {"index", KEY_INDEX, "FILE", 0, "where the index lies (~/.cache/hinge/history.db)", 0},
    {"rebuild", KEY_ANEW, NULL, 0, "forget the index and read every file again", 0},
    {"verbose", 'v', NULL, 0, "every row of more than one run, with its trend", 0},
    {0}};

/* ---- options */

static enum status settle(struct arguments *a)
{
    int64_t date;
    char *end = NULL;
    if (a->markdown && a->json && strcmp(a->markdown, "-") == 0 && strcmp(a->json, "-") == 0)
        return fail(STATUS_USAGE, "--markdown - and --json -: one of them to the standard output");
    if (a->since && !history_date(a->since, &date) &&
        (*a->since < '0' || *a->since > '9' || strtol(a->since, &end, 10) > 100000 ||
         strcmp(end, "d") != 0))
        return fail(STATUS_USAGE, "--since %s: neither YYYY-MM-DD nor days, such as 30d", a->since);
    return STATUS_OK;
}

static enum status parse_least(const char *text, double *least)
{
    double share;
    const enum status status = parse_percent("--min-effect", text, &share);
    if (status == STATUS_OK) *least = log1p(share);
    return status;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    enum status status = STATUS_OK;
    switch (key) {
    case 'f':
        if (a->filtered) regfree(&a->filter);
        status = parse_filter(arg, &a->filter);
        a->filtered = status == STATUS_OK;
        break;
    case KEY_SINCE:
        a->since = arg;
        break;
    case KEY_LEAST:
        status = parse_least(arg, &a->least);
        break;
    case KEY_REGRESSIONS:
        a->regressions = true;
        break;
    case KEY_MARKDOWN:
        a->markdown = arg;
        break;
    case KEY_JSON:
        a->json = arg;
        break;
    case KEY_INDEX:
        a->index = arg;
        break;
    case KEY_ANEW:
        a->anew = true;
        break;
    case 'v':
        a->verbose = true;
        break;
    case ARGP_KEY_ARG:
        if (a->status == STATUS_OK) a->status = sources_add(&a->sources, arg);
        break;
    case ARGP_KEY_NO_ARGS:
        a->status = sources_add(&a->sources, "results/runs");
        break;
    case ARGP_KEY_END:
        status = settle(a);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (status != STATUS_OK) argp_error(state, "%s", status_text());
    return 0;
}

const struct argp history_argp = {
    .options = rows_of_options,
    .parser = parse,
    .args_doc = "[FILE|DIR...]",
    .doc =
        "Line up result files in time, of hinge bench or Google Benchmark, and *.json of folders "
        "(results/runs), and find the runs from which on a row was slower or faster.\v"
        "A row is a case, thread count and variant on one machine with the settings that one "
        "chooses: masked instruction sets, binding, pages, FTZ, data. Other settings, such as "
        "compilers and libraries, are named where they change beside a row.\n\n"
        "A change is a split that Mann and Whitney's test finds in seeded stretches of the row's "
        "runs (Hawkins and Deng 2010; Kovacs et al. 2023), with at most 5 % false ones over all "
        "rows (Benjamini and Bogomolov 2014), whose 95 % interval lies wholly beyond --min-effect. "
        "It takes ten runs or more.\n\n"
        "What was read is kept in an index, which lies in the user's cache and can be deleted at "
        "any time.\n\n"
        "Exit codes: 1 with --regressions, where the last change of a row of hinge's own is a "
        "slowdown; 64 usage; 65 a named file is no result file; 66 there is none; 73 an output "
        "cannot be written; 0 else."};

/* ---- output */

static bool to_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static enum status write_markdown(const char *path, const struct findings *f)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    if (out) history_markdown(out, f);
    const bool whole = out && fclose(out) == 0;
    const enum status status =
        whole ? file_write(path, text) : fail(STATUS_OS, "no memory for %s", path);
    free(text);
    return status;
}

static enum status show(const struct arguments *a, const struct findings *f)
{
    enum status status = STATUS_OK;
    if (!to_stdout(a->markdown) && !to_stdout(a->json)) history_terminal(stdout, f, a->verbose);
    if (a->markdown) status = write_markdown(a->markdown, f);
    if (status == STATUS_OK && a->json) status = json_file_write(a->json, history_json(f), 9);
    return status;
}

/* ---- the command */

static int64_t since_of(const struct arguments *a, const struct history *h)
{
    int64_t date;
    if (!a->since) return INT64_MIN;
    if (history_date(a->since, &date)) return date;
    return h->run[h->runs - 1].date - 86400 * strtol(a->since, NULL, 10);
}

static enum status judge(const struct arguments *a, struct history *h, enum status *outcome)
{
    struct findings f;
    for (size_t i = 0; i < h->notes; i++) fprintf(stderr, "hinge history: %s\n", h->note[i]);
    enum status status = findings_open(&f, h, a->least, since_of(a, h));
    if (status == STATUS_OK) status = show(a, &f);
    if (status == STATUS_OK && a->regressions && findings_regressions(&f))
        *outcome = STATUS_REGRESSION;
    findings_close(&f);
    return status;
}

static enum status run(const struct arguments *a, struct history *h, enum status *outcome)
{
    const struct index_request request = {.path = a->index,
                                          .anew = a->anew,
                                          .sources = &a->sources,
                                          .filter = a->filtered ? &a->filter : NULL};
    enum status status = a->status;
    if (status == STATUS_OK && a->markdown) status = file_writable(a->markdown);
    if (status == STATUS_OK && a->json) status = file_writable(a->json);
    if (status == STATUS_OK) status = index_history(&request, h);
    if (status == STATUS_OK && h->tracks == 0)
        status = fail(STATUS_USAGE, "no row that was asked for in %zu files", h->runs);
    return status == STATUS_OK ? judge(a, h, outcome) : status;
}

int cmd_history(int argc, char **argv)
{
    struct arguments a = {.least = log1p(0.01)};
    struct history h = {0};
    enum status outcome = STATUS_OK;
    argp_parse(&history_argp, argc, argv, 0, NULL, &a);
    const enum status status = run(&a, &h, &outcome);
    if (status != STATUS_OK) fprintf(stderr, "hinge history: %s\n", status_text());
    history_free(&h);
    sources_free(&a.sources);
    if (a.filtered) regfree(&a.filter);
    return (int)(status == STATUS_OK ? outcome : status);
}
