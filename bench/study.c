/* hinge study: carries out a paper's workload, judges its claims and draws its figures. */
#include <stdio.h>
#include <string.h>

#include "base/par.h"
#include "cluster/share.h"
#include "commands.h"
#include "interrupt.h"
#include "options.h"
#include "report/file.h"
#include "studies/record.h"
#include "studies/studies.h"

enum {
    KEY_SIZE = 256,
    KEY_JSON,
    KEY_NO_JSON,
    KEY_FIGURES,
    KEY_ROWS,
    KEY_RESUME,
    KEY_SHARE,
    PATH_ROOM = 1024
};

struct arguments {
    const struct study *const *rows;
    const struct study *study; /* NULL: list them */
    enum study_size size;
    uint64_t seed, threads;
    bool no_json, resume;
    struct cluster_share share;             /* of the rows; count 0: all */
    const char *json, *figures, *rows_file; /* NULL where nothing is to be written */
    char default_json[PATH_ROOM], default_figures[PATH_ROOM], default_rows[PATH_ROOM];
};

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
     "part K of N of the rows, into FILE.K-of-N.csv, for `hinge gather`; or go on with it; rank: "
     "as mpirun or srun says",
     0},
    {0}};

/* ---- options */

static enum status parse_study(struct arguments *a, const char *name)
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

static enum status parse_size(struct arguments *a, const char *text)
{
    for (int s = 0; s < STUDY_SIZES; s++)
        if (strcmp(text, study_size_name((enum study_size)s)) == 0) {
            a->size = (enum study_size)s;
            return STATUS_OK;
        }
    return fail(STATUS_USAGE, "--size %s: smoke, default or paper", text);
}

/* What the options say together. */
static enum status settle(struct arguments *a)
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
    if (of_rows && !a->study->keeps_rows)
        return fail(STATUS_USAGE, "%s: the study %s keeps no rows", of_rows, a->study->name);
    if (of_rows && !a->rows_file && !a->json && (a->no_json || a->size == STUDY_SMOKE))
        return fail(STATUS_USAGE, "%s: no rows are kept here without --rows FILE", of_rows);
    if (a->share.count && a->figures)
        return fail(STATUS_USAGE, "--figures: a share has no figures; they come with all rows");
    return share_resolve(&a->share);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
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

/* ---- where results go */

static bool is_own(const struct study *study)
{
    return study->own && study->own();
}

/* results/studies/NAME-SIZE.json, or NAME-own where the study's options ask for something else than its claims, and
 * the folder of that name; with "-part" behind SIZE where not all is done. */
static void default_paths(struct arguments *a, const char *part)
{
    const char *size = is_own(a->study) ? "own" : study_size_name(a->size);
    snprintf(a->default_figures, PATH_ROOM, "results/studies/%s-%s%s", a->study->name, size, part);
    snprintf(a->default_json, PATH_ROOM, "results/studies/%s-%s%s.json", a->study->name, size,
             part);
}

static enum status default_outputs(struct arguments *a)
{
    static const char *const folder[] = {"results", "results/studies"};
    for (size_t i = 0; i < sizeof folder / sizeof *folder; i++)
        if (folder_writable(folder[i]) != STATUS_OK) return STATUS_NO_OUTPUT;
    default_paths(a, "");
    a->json = a->default_json;
    a->figures = a->default_figures;
    return STATUS_OK;
}

/* Beside the result file: with .csv for .json. */
static enum status default_rows(struct arguments *a)
{
    const size_t length = strlen(a->json), end = strlen(".json");
    const bool json = length > end && strcmp(a->json + length - end, ".json") == 0;
    if (snprintf(a->default_rows, PATH_ROOM, "%.*s.csv", (int)(json ? length - end : length),
                 a->json) >= PATH_ROOM)
        return fail(STATUS_NO_OUTPUT, "%s: the path is too long", a->json);
    a->rows_file = a->default_rows;
    return STATUS_OK;
}

/* A share has rows alone: what they say together is seen when all are there. */
static enum status share_outputs(struct arguments *a)
{
    char whole[PATH_ROOM];
    if (snprintf(whole, sizeof whole, "%s", a->rows_file) >= PATH_ROOM)
        return fail(STATUS_NO_OUTPUT, "%s: the path is too long", a->rows_file);
    a->rows_file = a->default_rows;
    a->json = a->figures = NULL;
    a->resume = true;
    return share_path(a->default_rows, whole, &a->share);
}

/* Before hours are spent: can all be written? */
static enum status open_outputs(struct arguments *a)
{
    enum status status = STATUS_OK;
    const bool worth = is_own(a->study) ? a->study->keeps_rows : a->size != STUDY_SMOKE;
    if (!a->json && !a->figures && !a->no_json && worth) status = default_outputs(a);
    if (status == STATUS_OK && a->study->keeps_rows && a->json && !a->rows_file)
        status = default_rows(a);
    if (status == STATUS_OK && a->share.count) status = share_outputs(a);
    if (status == STATUS_OK && a->json) status = file_writable(a->json);
    if (status == STATUS_OK && a->figures) status = folder_writable(a->figures);
    return status;
}

/* ---- the command */

static void list(const struct study *const *rows)
{
    char time[STUDY_SIZES][16];
    if (!rows[0]) {
        puts("no studies in this build");
        return;
    }
    printf("%-16s %8s %8s %8s  %s\n", "study", "smoke", "default", "paper", "what");
    for (size_t i = 0; rows[i]; i++) {
        for (int s = 0; s < STUDY_SIZES; s++) human_seconds(rows[i]->seconds[s], time[s]);
        printf("%-16s %8s %8s %8s  %s\n", rows[i]->name, time[STUDY_SMOKE], time[STUDY_DEFAULT],
               time[STUDY_PAPER], rows[i]->title);
    }
}

static void print_head(const struct study_run *run)
{
    const bool own = is_own(run->study);
    char time[16];
    printf("%s: %s\n%s\n", run->study->name, run->study->title, run->study->source);
    printf("%s%s, seed %llu, %d thread%s, %s", own ? "options of its own" : "size ",
           own ? "" : study_size_name(run->size), (unsigned long long)run->seed, run->threads,
           run->threads > 1 ? "s" : "", run->kernels->name);
    if (!own) printf(", about %s", human_seconds(run->study->seconds[run->size], time));
    fputs("\n\n", stdout);
    fflush(stdout);
}

static enum status complain(enum status status)
{
    fprintf(stderr, "hinge study: %s\n", status_text());
    return status;
}

static void print_share(const struct study_run *run)
{
    const struct cluster_share *s = &run->share;
    if (study_interrupted(run))
        printf("stopped: the same command goes on, from %s\n", run->rows);
    else
        printf("share %zu of %zu: %s\n`hinge gather` makes one file of all; with that, --rows FILE "
               "--resume judges the claims\n",
               s->index, s->count, run->rows);
}

/* What was measured before a failure is shown and written as well. */
static enum status carry_out(struct arguments *a, struct study_run *run)
{
    enum status status = open_outputs(a);
    run->rows = a->rows_file;
    run->resumes = a->resume;
    if (status == STATUS_OK) status = record_open(run);
    if (status != STATUS_OK) return complain(status);
    print_head(run);
    interrupt_catch(true);
    const enum status measured = record_run(run);
    interrupt_release();
    if (measured != STATUS_OK) complain(measured);
    if (run->share.count) {
        if (run->study->print) run->study->print(stdout, run);
        if (measured == STATUS_OK) print_share(run);
        return measured;
    }
    /* A whole run's file from before stays. */
    if (measured != STATUS_OK || study_interrupted(run)) default_paths(a, "-part");
    tables_print(stdout, run);
    if (!is_own(run->study)) claims_table(stdout, run);
    if (run->study->print) run->study->print(stdout, run);
    if (run->rows && study_interrupted(run))
        printf("rows so far: %s; --resume goes on with them\n", run->rows);
    if (a->json && (status = study_json_write(run, a->json)) == STATUS_OK)
        printf("result file: %s\n", a->json);
    if (status == STATUS_OK && a->figures && (status = figures_write(run, a->figures)) == STATUS_OK)
        printf("figures: %zu in %s\n", run->figure_count, a->figures);
    return status == STATUS_OK ? measured : complain(status);
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

int study_command(const struct study *const *rows, int argc, char **argv)
{
    struct arguments a = {
        .rows = rows, .size = STUDY_DEFAULT, .seed = 1, .threads = (uint64_t)par_max_threads()};
    argp_parse(&study_argp, argc, argv, 0, NULL, &a);
    if (!a.study) {
        list(rows);
        return STATUS_OK;
    }
    enum status status = a.share.count
                             ? share_settle_cpus("study", argc, argv)
                             : share_check_alone("--share rank deals the rows of a study out");
    if (status != STATUS_OK) return (int)complain(status);
    struct study_run run = {.study = a.study,
                            .share = a.share,
                            .size = a.size,
                            .seed = a.seed,
                            .threads = (int)a.threads,
                            .kernels = kernel_set_best()};
    status = carry_out(&a, &run);
    record_close(&run);
    return interrupt_exit((int)status);
}

int cmd_study(int argc, char **argv)
{
    return study_command(studies, argc, argv);
}
