/* hinge study: carries out a paper's workload, judges its claims and draws its figures. */
#include <stdio.h>
#include <string.h>

#include "base/par.h"
#include "cluster/share.h"
#include "commands.h"
#include "interrupt.h"
#include "report/file.h"
#include "studies/arguments.h"
#include "studies/record.h"
#include "studies/studies.h"

/* ---- where results go */

static bool is_own(const struct study *study)
{
    return study->own && study->own();
}

/* results/studies/NAME-SIZE.json, or NAME-own where the study's options ask for something else than its claims, and
 * the folder of that name; with "-part" behind SIZE where not all is done. */
static void default_paths(struct study_arguments *a, const char *part)
{
    const char *size = is_own(a->study) ? "own" : study_size_name(a->size);
    snprintf(a->default_figures, STUDY_PATH_ROOM, "results/studies/%s-%s%s", a->study->name, size,
             part);
    snprintf(a->default_json, STUDY_PATH_ROOM, "results/studies/%s-%s%s.json", a->study->name, size,
             part);
}

static enum status default_outputs(struct study_arguments *a)
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
static enum status default_rows(struct study_arguments *a)
{
    const size_t length = strlen(a->json), end = strlen(".json");
    const bool json = length > end && strcmp(a->json + length - end, ".json") == 0;
    if (snprintf(a->default_rows, STUDY_PATH_ROOM, "%.*s.csv", (int)(json ? length - end : length),
                 a->json) >= STUDY_PATH_ROOM)
        return fail(STATUS_NO_OUTPUT, "%s: the path is too long", a->json);
    a->rows_file = a->default_rows;
    return STATUS_OK;
}

/* A share has rows alone: what they say together is seen when all are there. */
static enum status share_outputs(struct study_arguments *a)
{
    char whole[STUDY_PATH_ROOM];
    if (snprintf(whole, sizeof whole, "%s", a->rows_file) >= STUDY_PATH_ROOM)
        return fail(STATUS_NO_OUTPUT, "%s: the path is too long", a->rows_file);
    a->rows_file = a->default_rows;
    a->json = a->figures = NULL;
    a->resume = true;
    return share_path(a->default_rows, whole, &a->share);
}

/* Before hours are spent: can all be written? */
static enum status open_outputs(struct study_arguments *a)
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
static enum status carry_out(struct study_arguments *a, struct study_run *run)
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

int study_command(const struct study *const *rows, int argc, char **argv)
{
    struct study_arguments a = {
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
