#include "arguments.h"

#include "commands.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

enum {
    KEY_MARKDOWN = 256,
    KEY_JUNIT,
    KEY_JSON,
    KEY_LEAST,
    KEY_VARIANT,
    KEY_FORCE,
    KEY_MACHINES,
    KEY_BY,
    KEY_CARD,
    KEY_CALIBRATION
};

static const struct argp_option rows_of_options[] = {
    {"filter", 'f', "RE", 0, "rows whose name matches this extended regular expression", 0},
    {"variant", KEY_VARIANT, "LIST", 0,
     "variants to judge, like avx2,dnnl-matmul (every lane; other libraries calibrate)", 0},
    {"min-effect", KEY_LEAST, "PERCENT", 0, "the smallest change that matters (1)", 0},
    {"calibration", KEY_CALIBRATION, "FILE", 0,
     "a run of one build on this machine, at least two: each is held to the one before, to see "
     "what the machine does to the same code",
     0},
    {"force", KEY_FORCE, NULL, 0, "judge files of different machines or settings as versions", 0},
    {"machines", KEY_MACHINES, NULL, 0, "compare as machines or settings, without verdicts", 0},
    {"by", KEY_BY, "isa|threads|cache|ftz", 0,
     "lay the lanes, numbers of threads, ... of one file side by side", 0},
    {"card", KEY_CARD, "FILE", 0,
     "a machine card (hinge info --json): what files of its CPU do not say of their machine comes "
     "from it; may be given again",
     0},
    {"markdown", KEY_MARKDOWN, "OUT", 0,
     "for a pull request; - is the standard output, and nothing else goes there", 0},
    {"json", KEY_JSON, "OUT", 0, "for a program; - likewise", 0},
    {"junit", KEY_JUNIT, "OUT", 0, "for a CI system", 0},
    {"verbose", 'v', NULL, 0, "every row, its processes, ranks and bootstrap; every name", 0},
    {0}};

static enum status parse_least(const char *text, double *least)
{
    char *end;
    const double percent = strtod(text, &end);
    if (end == text || (*end && strcmp(end, "%") != 0) || !(percent >= 0.0 && percent <= 100.0))
        return fail(STATUS_USAGE, "--min-effect %s: not a percentage from 0 to 100", text);
    *least = log1p(0.01 * percent);
    return STATUS_OK;
}

static enum status parse_by(const char *text, enum axis *by)
{
    *by = axis_from_name(text);
    if (*by != AXIS_COUNT) return STATUS_OK;
    return fail(STATUS_USAGE, "--by %s: not isa, threads, cache or ftz", text);
}

static enum status add_path(const char **path, size_t *paths, const char *arg)
{
    if (*paths == COMPARE_FILES_MAX)
        return fail(STATUS_USAGE, "more than %d files", COMPARE_FILES_MAX);
    path[(*paths)++] = arg;
    return STATUS_OK;
}

/* What the options say together. */
static enum status settle(const struct compare_arguments *a)
{
    const bool by = a->by != AXIS_COUNT;
    if (by && a->paths != 1) return fail(STATUS_USAGE, "--by: name one result file");
    if (!by && a->paths < 2)
        return fail(STATUS_USAGE, "name two result files or more, OLD NEW, or one and --by");
    if (a->calibrations == 1)
        return fail(STATUS_USAGE, "--calibration: one run has nothing to be held to; name two");
    if ((a->machines || by) && (a->force || a->calibrations || a->junit))
        return fail(STATUS_USAGE, "%s has no verdicts: not with --force, --calibration or --junit",
                    by ? "--by" : "--machines");
    if (a->cards && a->force)
        return fail(STATUS_USAGE, "--card explains machines: not with --force");
    if (a->junit && strcmp(a->junit, "-") == 0) return fail(STATUS_USAGE, "--junit -: name a file");
    if (a->markdown && a->json && strcmp(a->markdown, "-") == 0 && strcmp(a->json, "-") == 0)
        return fail(STATUS_USAGE, "--markdown - and --json -: one of them to the standard output");
    return STATUS_OK;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct compare_arguments *a = state->input;
    enum status status = STATUS_OK;
    switch (key) {
    case 'f':
        status = parse_filter(arg, &a->filter);
        a->filtered = status == STATUS_OK;
        break;
    case KEY_VARIANT:
        a->variants = arg;
        break;
    case KEY_LEAST:
        status = parse_least(arg, &a->least);
        break;
    case KEY_CALIBRATION:
        status = add_path(a->calibration, &a->calibrations, arg);
        break;
    case KEY_FORCE:
        a->force = true;
        break;
    case KEY_MACHINES:
        a->machines = true;
        break;
    case KEY_BY:
        status = parse_by(arg, &a->by);
        break;
    case KEY_CARD:
        status = add_path(a->card, &a->cards, arg);
        break;
    case KEY_MARKDOWN:
        a->markdown = arg;
        break;
    case KEY_JSON:
        a->json = arg;
        break;
    case KEY_JUNIT:
        a->junit = arg;
        break;
    case 'v':
        a->verbose = true;
        break;
    case ARGP_KEY_ARG:
        status = add_path(a->path, &a->paths, arg);
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

/* ---- which rows */

static bool in_list(const char *list, const char *word)
{
    const size_t length = strlen(word);
    while (list && *list) {
        const size_t next = strcspn(list, ",");
        if (next == length && strncmp(list, word, length) == 0) return true;
        list += next + (list[next] == ',');
    }
    return false;
}

bool compare_arguments_named(const void *ctx, const struct read_row *row)
{
    return in_list(((const struct compare_arguments *)ctx)->variants, row->variant);
}

bool compare_arguments_match(const void *ctx, const struct read_row *row)
{
    const struct compare_arguments *a = ctx;
    if (a->variants && !compare_arguments_named(a, row)) return false;
    return !a->filtered || regexec(&a->filter, row->name, 0, NULL, 0) == 0;
}

/* ---- the command line */

const struct argp compare_argp = {
    .options = rows_of_options,
    .parser = parse,
    .args_doc = "OLD NEW [NEW...]\nFILE --by AXIS",
    .doc =
        "Hold result files of one machine to the first, row by row: regressed, improved, unchanged "
        "or inconclusive. Files of different machines, or of one commit with other settings, stand "
        "side by side.\v"
        "A row is regressed or improved where the 95 % interval of its change lies wholly beyond "
        "--min-effect and the machine's noise, with at most 5 % false calls among all calls; "
        "unchanged where it lies wholly within --min-effect. What oneDNN and other libraries did, "
        "whose "
        "code is the same in both files, is the machine's.\n\n"
        "Machines, and settings of one, are columns without verdicts: compiler, binding, pages, "
        "FTZ, "
        "or the lane, number of threads or cache where that is the only one of each file. The "
        "difference of each row is split into frequency, vector width, cores, cache, bandwidth and "
        "kernel, factors that multiply to the speed.\n\n"
        "Exit codes: 2 a wrong result in NEW; 1 a row regressed; 3 an inconclusive row may be "
        "slower by "
        "more than --min-effect, or there is no verdict; 0 else."};

void compare_arguments_parse(struct compare_arguments *a, int argc, char **argv)
{
    *a = (struct compare_arguments){.least = log1p(0.01), .by = AXIS_COUNT};
    argp_parse(&compare_argp, argc, argv, 0, NULL, a);
}
