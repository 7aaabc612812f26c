/* hinge bench: checks each case, then times it. The default is the main job: chains of ReLU layers
 * over depth, width, batch and initialization scale, forward and backward, every lane beside
 * oneDNN. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arguments.h"
#include "base/clock.h"
#include "base/par.h"
#include "cluster/part.h"
#include "commands.h"
#include "interrupt.h"
#include "measure/sample.h"
#include "passes.h"
#include "plugin/lane.h"
#include "report/table.h"

struct run {
    struct arguments a;
    int argc;
    char **argv;      /* that a was read from */
    char **worker;    /* the same for a worker */
    struct part part; /* of one of several */
    struct journal journal;
    struct data data;
    struct rows rows;
    struct passes passes;
    struct result result;
    double roofs_took;
};

static void measure_roofs(const struct options *o, struct roofs *roofs)
{
    for (size_t t = 0; t < o->thread_count; t++)
        for (int isa = ISA_AVX2; isa <= ISA_AVX512; isa++)
            if (o->isas >> isa & 1u || isa == ISA_AVX2)
                roofs_measure(roofs, (enum isa)isa, o->threads[t]);
}

static void measure_roofs_before(struct run *run)
{
    const double from = clock_seconds();
    measure_roofs(&run->a.options, &run->result.roofs);
    run->roofs_took = clock_seconds() - from;
    /* Once more at the end, unless that is dear: rows come first. */
    if (run->roofs_took < 0.1 * run->a.budget) run->passes.reserve += run->roofs_took;
}

static void measure_roofs_after(struct run *run)
{
    struct result *r = &run->result;
    if (interrupted() || clock_seconds() + run->roofs_took > run->passes.until) return;
    r->before = r->after = r->roofs;
    r->after.count = 0;
    measure_roofs(&run->a.options, &r->after);
    roofs_take_higher(&r->roofs, &r->after);
}

static void default_path(const struct machine *m, char path[1024])
{
    char stamp[32];
    size_t used = 0;
    for (const char *c = m->date; *c; c++)
        if (*c != ':' && *c != '-') stamp[used++] = *c;
    stamp[used] = '\0';
    mkdir("results", 0777);
    mkdir("results/runs", 0777);
    snprintf(path, 1024, "results/runs/%s.json", stamp);
}

static enum status measure(struct run *run)
{
    par_release();          /* the roofs had a team */
    interrupt_catch(false); /* what ends it otherwise leaves the journal */
    const enum status status = passes_run(&run->passes);
    interrupt_release();
    return status;
}

static size_t rows_timed(const struct rows *rows)
{
    size_t timed = 0;
    for (size_t i = 0; i < rows->count; i++) timed += rows->at[i].forks > 0;
    return timed;
}

/* One of several leaves what the same command takes up; its file would say that all is done. */
static bool is_to_go_on(const struct run *run)
{
    return interrupted() && arguments_are_of_many(&run->a);
}

static bool any_flushed(const struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        for (size_t v = 0; v < rows->at[i].variants; v++)
            if (rows->at[i].variant[v].state == STATE_FLUSHED) return true;
    return false;
}

static enum status report(struct run *run, const char *json)
{
    const struct arguments *a = &run->a;
    struct result *r = &run->result;
    r->rows = run->rows.at;
    r->count = run->rows.count;
    r->seed = a->options.seed;
    r->sampling = (struct sampling){.forks = a->forks,
                                    .target = a->target,
                                    .budget = a->budget,
                                    .resumed = run->journal.resumed};
    r->grid = a->all_rooms ? plugin_loaded()->name : a->kernel ? a->kernel->name : a->grid_name;
    r->sweep = a->sweep;
    r->data = a->kernel ? "random" : run->data.name;
    if (!rows_timed(&run->rows) && run->rows.count) return STATUS_OK;
    measure_roofs_after(run);
    table_times(stdout, r, a->verbose);
    if (a->sweep) table_placements(stdout, r);
    table_scales(stdout, r);
    table_summary(stdout, r);
    if (is_to_go_on(run)) printf("stopped: the same command goes on, from %s\n", run->journal.path);
    if (!json || is_to_go_on(run)) return STATUS_OK;
    if (arguments_are_of_many(a))
        r->cluster = part_json(&run->part, &r->machine, &run->journal, &run->rows);
    const enum status status = result_write(r, json);
    json_decref(r->cluster);
    r->cluster = NULL;
    if (status == STATUS_OK) printf("result file: %s\n", json);
    return status;
}

/* Where the result goes, "" for nowhere, and the journal beside it. */
static enum status open_output(struct run *run, char path[1024])
{
    const struct arguments *a = &run->a;
    struct machine *m = &run->result.machine;
    struct journal *j = &run->journal;
    *path = '\0';
    if (j->resumed) {
        journal_result(j, path);
        const enum status status = result_writable(path);
        return status == STATUS_OK ? journal_resume(j, m, &run->rows) : status;
    }
    if (a->no_json) return STATUS_OK;
    if (a->json && strlen(a->json) >= 1024)
        return fail(STATUS_NO_OUTPUT, "%s: the path is too long", a->json);
    if (arguments_are_of_many(a))
        strcpy(path, run->part.path);
    else if (a->json)
        strcpy(path, a->json);
    else
        default_path(m, path);
    const enum status status = result_writable(path);
    return status == STATUS_OK ? journal_begin(j, path, m, run->argc, run->argv) : status;
}

static void print_head(const struct run *run)
{
    const struct arguments *a = &run->a;
    table_head(stdout, &run->result);
    if (a->plugin) plugin_print(stdout);
    if (a->share.count)
        printf("share %zu of %zu: %zu of ", a->share.index, a->share.count, run->rows.count);
    printf("%zu rows%s%s\n", run->rows.total, a->kernel ? "" : " on inputs of ",
           a->kernel ? "" : run->data.name);
    if (a->ftz) puts("FTZ and DAZ are set on all threads of every call");
    puts(a->cold ? "cold: each call's operands come from memory, the roof of bandwidth is DRAM's\n"
                 : "");
    fflush(stdout);
}

static enum status run_all(struct run *run)
{
    const struct arguments *a = &run->a;
    struct passes *p = &run->passes;
    char path[1024];
    p->begun = clock_seconds() - run->journal.spent;
    p->until = p->begun + a->budget;
    p->reserve = 0.01 * a->budget;
    enum status status = sample_clock_check();
    if (status == STATUS_OK) status = arguments_apply(a, &run->data);
    if (status != STATUS_OK) return status;
    roofs_open(&run->result.roofs);
    status = rows_make(&run->rows, a, &run->result.roofs);
    if (status != STATUS_OK) return status;
    if (a->ftz) run->result.machine.ftz = run->result.machine.daz = true;
    status = open_output(run, path);
    if (status != STATUS_OK) return status;
    measure_roofs_before(run);
    print_head(run);
    rows_cost(&run->rows, &run->result.roofs, SAMPLE_NS);
    status = measure(run);
    if (status == STATUS_OK) status = report(run, *path ? path : NULL);
    if (status != STATUS_OK) return status;
    if (!is_to_go_on(run)) journal_remove(&run->journal);
    const bool timed = rows_timed(&run->rows) > 0 || !run->rows.count;
    if (timed || interrupted() || p->status != STATUS_OK)
        return p->status == STATUS_WRONG || !timed ? p->status : STATUS_OK;
    if (any_flushed(&run->rows))
        return fail(STATUS_DATA, "--ftz: no row has a time: " FLUSHED_ERROR);
    for (size_t i = 0; i < run->rows.count; i++)
        if (run->rows.at[i].crash[0])
            return fail(STATUS_UNAVAILABLE, "no row was sampled; %s, %s", run->rows.at[i].name,
                        run->rows.at[i].crash);
    return fail(STATUS_USAGE, "--budget %gs: too short to sample a single row", a->budget);
}

/* The words as they are before argp sorts them. */
static enum status read_arguments(struct run *run, int argc, char **argv)
{
    static char hinge[] = "hinge", worker[] = "worker";
    char **given = calloc((size_t)argc + 1, sizeof *given);
    if (given) memcpy(given, argv, (size_t)argc * sizeof *argv);
    run->argc = argc;
    run->argv = given;
    run->a = arguments_read(argc, argv);
    if (given && run->a.share.count) {
        run->argv = share_words(argc, given, &run->a.share, &run->argc);
        free(given);
    }
    run->worker = calloc((size_t)run->argc + 2, sizeof *run->worker);
    if (!run->argv || !run->worker) return fail(STATUS_OS, "no memory for %d arguments", argc);
    memcpy(run->worker + 1, run->argv, (size_t)run->argc * sizeof *argv);
    run->worker[0] = hinge;
    run->worker[1] = worker;
    return STATUS_OK;
}

static void free_arguments(struct run *run)
{
    arguments_free(&run->a);
    free(run->argv);
    free(run->worker);
    run->argv = run->worker = NULL;
}

/* The journal's arguments in place of those that named it. */
static enum status resume(struct run *run, char ***argv)
{
    int argc = 0;
    const int alone = strchr(run->argv[1], '=') ? 2 : 3;
    if (run->argc != alone)
        return fail(STATUS_USAGE,
                    "--resume %s goes on with the arguments that its run began with: "
                    "give no others",
                    run->a.resume);
    const enum status status = journal_read(&run->journal, run->a.resume);
    if (status != STATUS_OK) return status;
    *argv = journal_argv(&run->journal, &argc);
    if (!*argv) return fail(STATUS_OS, "no memory for %d arguments", argc);
    free_arguments(run);
    return read_arguments(run, argc, *argv);
}

int cmd_bench(int argc, char **argv)
{
    struct run run = {.result = {.grid = NULL}};
    char **again = NULL;
    enum status status = read_arguments(&run, argc, argv);
    if (status == STATUS_OK && run.a.resume) status = resume(&run, &again);
    machine_read(&run.result.machine);
    run.part = (struct part){.arguments = &run.a, .argc = run.argc, .argv = run.argv};
    if (status == STATUS_OK) status = part_open(&run.part, &run.result.machine, &run.journal);
    if (status == STATUS_OK && run.part.state == PART_IS_DONE) {
        printf("%s is there: nothing to do\n", run.part.path);
    } else if (status == STATUS_OK) {
        run.passes = (struct passes){.arguments = &run.a,
                                     .argv = run.worker,
                                     .rows = &run.rows,
                                     .journal = &run.journal,
                                     .stop = interrupted};
        arguments_warn(&run.a);
        status = run_all(&run);
        /* One that this call has begun, with nothing to go on with. */
        if (!run.journal.resumed && !rows_timed(&run.rows)) journal_remove(&run.journal);
    }
    if (status != STATUS_OK && status != STATUS_WRONG)
        fprintf(stderr, "hinge bench: %s\n", status_text());
    rows_free(&run.rows);
    data_close(&run.data);
    free_arguments(&run);
    journal_close(&run.journal);
    free(again);
    return interrupt_exit((int)status);
}
