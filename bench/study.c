/* hinge study: carries out a paper's workload, judges its claims and draws its figures. */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/par.h"
#include "commands.h"
#include "options.h"
#include "report/file.h"
#include "studies/record.h"
#include "studies/studies.h"

enum {
    KEY_SIZE = 256,
    KEY_JSON,
    KEY_NO_JSON,
    KEY_FIGURES,
    KEY_CIRCUIT,
    KEY_MACHINE,
    THREADS_MOST = 1024,
    PATH_ROOM = 256
};

struct arguments {
    const struct study *const *rows;
    const struct study *study; /* NULL: list them */
    enum study_size size;
    uint64_t seed, threads;
    bool no_json;
    const char *json, *figures;    /* NULL where nothing is to be written */
    const char *file[STUDY_FILES]; /* the user's; NULL: none */
    char default_json[PATH_ROOM], default_figures[PATH_ROOM];
};

static const struct argp_option rows_of_options[] = {
    {"size", KEY_SIZE, "SIZE", 0, "smoke (seconds), default (minutes) or paper (as published)", 0},
    {"seed", 's', "N", 0, "of all draws (1)", 0},
    {"threads", 't', "N", 0, "at most so many (all)", 0},
    {"json", KEY_JSON, "FILE", 0, "the result file", 0},
    {"figures", KEY_FIGURES, "DIR", 0, "a folder for the figures", 0},
    {"circuit", KEY_CIRCUIT, "FILE", 0,
     "with circuits: this circuit alone, as text, .blif, .bench, .aag or .aig", 0},
    {"machine", KEY_MACHINE, "FILE", 0, "with circuits: this Turing machine alone", 0},
    {"no-json", KEY_NO_JSON, NULL, 0, "write nothing but figures that --figures asks for", 0},
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
    if (a->no_json && a->json)
        return fail(STATUS_USAGE, "--json %s and --no-json: one or the other", a->json);
    if (a->json && strcmp(a->json, "-") == 0)
        return fail(STATUS_USAGE, "--json -: the table goes to the standard output; name a file");
    if (!a->study && (a->json || a->figures))
        return fail(STATUS_USAGE, "name a study; `hinge study` lists them");
    if (!a->file[STUDY_CIRCUIT] && !a->file[STUDY_MACHINE]) return STATUS_OK;
    if (!a->study || !a->study->file)
        return fail(STATUS_USAGE, "--circuit and --machine go with the study circuits");
    if (a->file[STUDY_CIRCUIT] && a->file[STUDY_MACHINE])
        return fail(STATUS_USAGE, "--circuit or --machine: one at a time");
    if (a->json || a->figures)
        return fail(STATUS_USAGE, "--json and --figures are of whole studies: a file's tables are "
                                  "printed alone");
    return STATUS_OK;
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
        status = parse_count("--threads", arg, 1, THREADS_MOST, &a->threads);
        break;
    case KEY_JSON:
        a->json = arg;
        break;
    case KEY_FIGURES:
        a->figures = arg;
        break;
    case KEY_NO_JSON:
        a->no_json = true;
        break;
    case KEY_CIRCUIT:
    case KEY_MACHINE:
        a->file[key == KEY_CIRCUIT ? STUDY_CIRCUIT : STUDY_MACHINE] = arg;
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

/* results/studies/NAME-SIZE.json and the folder of that name; with "-part" behind SIZE where not all is done. */
static void default_paths(struct arguments *a, const char *part)
{
    snprintf(a->default_figures, PATH_ROOM, "results/studies/%s-%s%s", a->study->name,
             study_size_name(a->size), part);
    snprintf(a->default_json, PATH_ROOM, "results/studies/%s-%s%s.json", a->study->name,
             study_size_name(a->size), part);
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

/* Before hours are spent: can all be written? */
static enum status open_outputs(struct arguments *a)
{
    enum status status = STATUS_OK;
    if (!a->json && !a->figures && !a->no_json && a->size != STUDY_SMOKE)
        status = default_outputs(a);
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
    char time[16];
    printf("%s: %s\n%s\n", run->study->name, run->study->title, run->study->source);
    printf("size %s, seed %llu, %d thread%s, %s, about %s\n\n", study_size_name(run->size),
           (unsigned long long)run->seed, run->threads, run->threads > 1 ? "s" : "",
           run->kernels->name, human_seconds(run->study->seconds[run->size], time));
    fflush(stdout);
}

static enum status complain(enum status status)
{
    fprintf(stderr, "hinge study: %s\n", status_text());
    return status;
}

/* What was measured before a failure is shown and written as well. */
static enum status carry_out(struct arguments *a, struct study_run *run)
{
    enum status status = open_outputs(a);
    if (status == STATUS_OK) status = record_open(run);
    if (status != STATUS_OK) return complain(status);
    print_head(run);
    interrupt_catch();
    const enum status measured = record_run(run);
    interrupt_release();
    if (measured != STATUS_OK) complain(measured);
    /* A whole run's file from before stays. */
    if (measured != STATUS_OK || study_interrupted(run)) default_paths(a, "-part");
    tables_print(stdout, run);
    claims_table(stdout, run);
    if (a->json && (status = study_json_write(run, a->json)) == STATUS_OK)
        printf("result file: %s\n", a->json);
    if (status == STATUS_OK && a->figures && (status = figures_write(run, a->figures)) == STATUS_OK)
        printf("figures: %zu in %s\n", run->figure_count, a->figures);
    return status == STATUS_OK ? measured : complain(status);
}

/* The workload on the user's file: tables alone. */
static enum status carry_out_file(const struct arguments *a, struct study_run *run)
{
    const enum study_file kind = a->file[STUDY_CIRCUIT] ? STUDY_CIRCUIT : STUDY_MACHINE;
    enum status status = record_open(run);
    if (status != STATUS_OK) return complain(status);
    interrupt_catch();
    status = run->study->file(run, kind, a->file[kind]);
    interrupt_release();
    tables_print(stdout, run);
    return status == STATUS_OK ? status : complain(status);
}

int study_command(const struct study *const *rows, int argc, char **argv)
{
    enum { INTERRUPTED = 128 + SIGINT };
    static const struct argp argp = {
        rows_of_options,
        parse,
        "[NAME]",
        "Carry out a paper's workload and judge its claims; without NAME, list the studies. A "
        "refuted "
        "claim is a finding: the exit code is 0.\vWithout --json and --figures, a size other than "
        "smoke writes results/studies/NAME-SIZE.json and figures into results/studies/NAME-SIZE/; "
        "a run that is interrupted, NAME-SIZE-part.",
        NULL,
        NULL,
        NULL};
    static char name[] = "hinge study";
    struct arguments a = {
        .rows = rows, .size = STUDY_DEFAULT, .seed = 1, .threads = (uint64_t)par_max_threads()};
    argv[0] = name;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (!a.study) {
        list(rows);
        return STATUS_OK;
    }
    struct study_run run = {.study = a.study,
                            .size = a.size,
                            .seed = a.seed,
                            .threads = (int)a.threads,
                            .kernels = kernel_set_best()};
    const bool file = a.file[STUDY_CIRCUIT] || a.file[STUDY_MACHINE];
    const enum status status = file ? carry_out_file(&a, &run) : carry_out(&a, &run);
    const bool interrupted = study_interrupted(&run);
    record_close(&run);
    return interrupted ? INTERRUPTED : (int)status;
}

int cmd_study(int argc, char **argv)
{
    return study_command(studies, argc, argv);
}
