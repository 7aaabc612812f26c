#include "studies/arguments.h"

#include <string.h>

#include "base/par.h"
#include "commands.h"
#include "options.h"
#include "studies/record.h"
#include "studies/studies.h"

enum { KEY_SIZE = 256, KEY_JSON, KEY_NO_JSON, KEY_FIGURES, KEY_ROWS, KEY_RESUME, KEY_SHARE };

static const struct argp_option rows_of_options[] = {
    {"size", KEY_SIZE, "smoke|default|paper", 0,
     "how large: seconds, minutes or as published (default)", 0},
    {"seed", 's', "N", 0, "of all draws (1)", 0},
    {"threads", 't', "N", 0, "at most so many (all)", 0},
    {"json", KEY_JSON, "FILE", 0, "the result file", 0},
    {"figures", KEY_FIGURES, "DIR", 0, "a folder for the figures", 0},
    {"no-json", KEY_NO_JSON, NULL, 0, "write nothing but what --figures and --rows ask for", 0},
    {"rows", KEY_ROWS, "FILE", 0, "a file of rows that grows as they come (beside the result file)",
     0},
    {"resume", KEY_RESUME, NULL, 0, "go on with the rows of a run that did not end", 0},
    {"share", KEY_SHARE, "rank|K/N", 0,
     "part K of N of the rows, of a study that keeps rows, into FILE.K-of-N.csv, for `hinge "
     "gather`; "
     "or go on with it; rank: as mpirun or srun says",
     0},
    {0}};

static enum status parse_study(struct study_arguments *a, const char *name)
{
    char names[512] = "";
    size_t used = 0;
    if (a->study) return fail(STATUS_USAGE, "one study at a time, not also '%s'", name);
    for (size_t i = 0; a->rows[i]; i++) {
        if (strcmp(a->rows[i]->name, name) == 0) {
            a->study = a->rows[i];
            return STATUS_OK;
        }
        if (used < sizeof names)
            used += (size_t)snprintf(names + used, sizeof names - used, " %s", a->rows[i]->name);
    }
    if (!*names) return fail(STATUS_USAGE, "no study '%s': there are none in this build", name);
    return fail(STATUS_USAGE, "no study '%s'; the studies are:%s", name, names);
}

static enum status parse_size(struct study_arguments *a, const char *text)
{
    for (int s = 0; s < STUDY_SIZES; s++)
        if (strcmp(text, study_size_name((enum study_size)s)) == 0) {
            a->size = (enum study_size)s;
            return STATUS_OK;
        }
    return fail(STATUS_USAGE, "--size %s: smoke, default or paper", text);
}

/* Nothing to go on with, or to deal out. */
static enum status refuse_rows(const struct study_arguments *a, const char *option)
{
    char names[256] = "";
    size_t used = 0;
    for (size_t i = 0; a->rows[i]; i++)
        if (a->rows[i]->keeps_rows && used < sizeof names)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s %s",
                                     used ? "," : ", as these do:", a->rows[i]->name);
    return fail(STATUS_USAGE, "%s: the study %s keeps no rows%s", option, a->study->name, names);
}

/* What the options say together. */
static enum status settle(struct study_arguments *a)
{
    for (size_t i = 0; studies[i]; i++) {
        const char *given = studies[i]->given ? studies[i]->given() : NULL;
        if (given && studies[i] != a->study)
            return fail(STATUS_USAGE, "--%s is an option of the study %s", given, studies[i]->name);
    }
    if (a->no_json && a->json)
        return fail(STATUS_USAGE, "--json %s and --no-json: one or the other", a->json);
    if (a->json && strcmp(a->json, "-") == 0)
        return fail(STATUS_USAGE, "--json -: the table goes to the standard output; name a file");
    if (!a->study && (a->json || a->figures || a->rows_file || a->resume || a->share.count))
        return fail(STATUS_USAGE, "name a study; `hinge study` lists them");
    const char *of_rows = a->rows_file     ? "--rows"
                          : a->share.count ? "--share"
                          : a->resume      ? "--resume"
                                           : NULL;
    if (of_rows && !a->study->keeps_rows) return refuse_rows(a, of_rows);
    if (of_rows && !a->rows_file && !a->json && (a->no_json || a->size == STUDY_SMOKE))
        return fail(STATUS_USAGE, "%s: no rows are kept here without --rows FILE", of_rows);
    if (a->share.count && a->figures)
        return fail(STATUS_USAGE, "--figures: a share has no figures; they come with all rows");
    return share_resolve(&a->share);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct study_arguments *a = state->input;
    enum status status = STATUS_OK;
    switch (key) {
    case KEY_SIZE:
        status = parse_size(a, arg);
        break;
    case 's':
        status = parse_count("--seed", arg, 0, UINT64_MAX, &a->seed);
        break;
    case 't':
        status = parse_count("--threads", arg, 1, PAR_THREADS_MOST, &a->threads);
        break;
    case KEY_JSON:
        a->json = arg;
        break;
    case KEY_FIGURES:
        a->figures = arg;
        break;
    case KEY_ROWS:
        a->rows_file = arg;
        break;
    case KEY_RESUME:
        a->resume = true;
        break;
    case KEY_SHARE:
        status = share_parse(arg, &a->share);
        break;
    case KEY_NO_JSON:
        a->no_json = true;
        break;
    case ARGP_KEY_ARG:
        status = parse_study(a, arg);
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

const struct argp study_argp = {
    .options = rows_of_options,
    .parser = parse,
    .args_doc = "[STUDY]",
    .doc = "Carry out a paper's workload and judge its claims; without STUDY, list the studies. A "
           "refuted claim is a finding: the exit code is 0.\v"
           "Without --json and --figures, a size other than smoke writes "
           "results/studies/STUDY-SIZE.json and figures into results/studies/STUDY-SIZE/ in the "
           "current folder; a run that is interrupted, STUDY-SIZE-part. With --share the same "
           "command, given again, goes on with the rows of its part.",
    .children = study_options};
