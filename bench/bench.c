/* hinge bench: checks each case, then times it. The default is the main job: chains of ReLU layers
 * over depth, width, batch and initialization scale, forward and backward, every lane beside
 * oneDNN. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments.h"
#include "base/clock.h"
#include "budget.h"
#include "commands.h"
#include "gb.h"
#include "report/table.h"
#include "rows.h"

struct run {
    const struct arguments *a;
    struct data data;
    struct rows rows;
    struct stage stage;
    struct budget budget;
    struct result result;
    size_t done, timed;
    double opened; /* when the row under way was */
    double roofs_took;
    enum status status;
};

struct job {
    struct run *run;
    struct row *row;
    struct cost *cost;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    interrupted = number;
}

static bool stop(void)
{
    return interrupted != 0;
}

/* ---- one row, driven by Google Benchmark */

static void progress(const struct run *run, const struct row *row)
{
    if (!isatty(STDERR_FILENO)) return;
    const double eta = budget_eta(&run->budget, clock_seconds());
    fprintf(stderr, "\r\033[K%zu/%zu, %.0f:%02.0f left: %.60s", run->done + 1, run->rows.count,
            (double)(long)(eta / 60.0), (double)((long)eta % 60), row->name);
}

static enum status open_operands(struct run *run, struct row *row)
{
    struct arena *memory = &run->stage.memory;
    const size_t held = memory->size + run->stage.verify.arena.size;
    enum status status = rows_fit(row, held);
    if (status == STATUS_OK) status = workload_open(&row->work, memory);
    if (status != STATUS_OK) return status;
    if (row->chain) return workload_set_inputs(&row->work, &run->data, run->a->options.seed);
    workload_draw(&row->work, run->a->options.seed);
    return STATUS_OK;
}

static bool leave_out(struct job *job, const char *why)
{
    struct run *run = job->run;
    if (why) snprintf(job->row->note, sizeof job->row->note, "%s", why);
    budget_done(&run->budget, *job->cost, (struct cost){0}, 0);
    run->done++;
    return false;
}

static bool open_row(void *ctx)
{
    struct job *job = ctx;
    struct run *run = job->run;
    struct row *row = job->row;
    if (row->note[0]) return leave_out(job, NULL);
    if (stop()) return leave_out(job, "left out: interrupted");
    progress(run, row);
    run->opened = clock_seconds();
    const struct share share = budget_share(&run->budget, run->opened, *job->cost);
    if (!(share.seconds > 0.0)) return leave_out(job, "left out: more than its part of the budget");
    const struct row_plan plan = {.twins = true,
                                  .peers = run->a->peers,
                                  .ftz = row->chain,
                                  .until = run->opened + share.seconds,
                                  .tight = share.tight,
                                  .seed = run->a->options.seed + run->done,
                                  .stop = stop};
    enum status status = open_operands(run, row);
    if (status == STATUS_OK) status = row_open(row, &run->stage, &plan);
    if (status == STATUS_OK) return true;
    row_close(row);
    if (run->status == STATUS_OK) run->status = status;
    return leave_out(job, status_text());
}

static bool sample_row(void *ctx, double *seconds)
{
    struct run *run = ((struct job *)ctx)->run;
    if (!sampler_round(&run->stage.sampler)) return false;
    *seconds = 1e-9 * run->stage.samples[0].ns[0];
    return true;
}

static void close_row(void *ctx)
{
    struct job *job = ctx;
    struct run *run = job->run;
    struct row *row = job->row;
    row_conclude(row, &run->stage);
    row_close(row);
    const double sampled = 1e-9 * run->stage.sampler.spent_ns;
    const struct cost seen = {clock_seconds() - run->opened - sampled, sampled, false};
    budget_done(&run->budget, *job->cost, seen, row->rounds);
    for (size_t i = 0; i < run->rows.count && row->rounds; i++)
        if (run->rows.at[i].like == row)
            run->rows.cost[i] = budget_learn(&run->budget, run->rows.cost[i], rows_like(row, seen));
    run->done++;
    run->timed += row->rounds > 0;
    if (!row->wrong[0]) return;
    run->status = STATUS_WRONG;
    fprintf(stderr, "%shinge bench: WRONG, not timed: %s\n",
            isatty(STDERR_FILENO) ? "\r\033[K" : "", row->wrong);
}

/* ---- the run */

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
    measure_roofs(&run->a->options, &run->result.roofs);
    run->roofs_took = clock_seconds() - from;
    /* Once more at the end, unless that is dear: rows come first. */
    if (run->roofs_took < 0.1 * run->a->budget) run->budget.reserve += run->roofs_took;
}

static void measure_roofs_after(struct run *run)
{
    struct result *r = &run->result;
    if (interrupted || clock_seconds() + run->roofs_took > run->budget.until) return;
    r->before = r->after = r->roofs;
    r->after.count = 0;
    measure_roofs(&run->a->options, &r->after);
    roofs_take_higher(&r->roofs, &r->after);
}

static enum status open_data(struct run *run)
{
    if (run->a->kernel) return STATUS_OK;
    return run->a->data ? data_open_idx(&run->data, run->a->data) : data_open_digits(&run->data);
}

static void default_path(const struct machine *m, char path[256])
{
    char stamp[32];
    size_t used = 0;
    for (const char *c = m->date; *c; c++)
        if (*c != ':' && *c != '-') stamp[used++] = *c;
    stamp[used] = '\0';
    mkdir("results", 0777);
    mkdir("results/runs", 0777);
    snprintf(path, 256, "results/runs/%s.json", stamp);
}

/* Cases in the order in which they are run. */
static enum status drive(struct run *run)
{
    const size_t count = run->rows.count;
    struct job *jobs = calloc(count, sizeof *jobs);
    struct gb_case *cases = calloc(count, sizeof *cases);
    const struct sigaction once = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    struct sigaction former;
    if (jobs && cases) {
        for (size_t i = 0; i < count; i++) {
            struct row *row = &run->rows.at[run->rows.order[i]];
            struct cost *cost = &run->rows.cost[run->rows.order[i]];
            jobs[i] = (struct job){run, row, cost};
            cases[i] = (struct gb_case){row->name, &jobs[i], open_row, close_row, sample_row};
            budget_add(&run->budget, *cost);
        }
        sigaction(SIGINT, &once, &former); /* a second Ctrl-C ends the program at once */
        gb_run(cases, count);
        sigaction(SIGINT, &former, NULL);
        if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
    }
    const bool memory = jobs && cases;
    free(jobs);
    free(cases);
    return memory ? STATUS_OK : fail(STATUS_OS, "no memory for %zu cases", count);
}

static enum status report(struct run *run, const char *json)
{
    const struct arguments *a = run->a;
    struct result *r = &run->result;
    r->rows = run->rows.at;
    r->count = run->rows.count;
    r->seed = a->options.seed;
    r->grid = a->kernel ? a->kernel->name : a->grid_name;
    r->data = a->kernel ? "random" : run->data.name;
    if (!run->timed) return STATUS_OK;
    measure_roofs_after(run);
    table_times(stdout, r, a->verbose);
    table_scales(stdout, r);
    table_summary(stdout, r);
    if (!json) return STATUS_OK;
    const enum status status = result_write(r, json);
    if (status == STATUS_OK) printf("result file: %s\n", json);
    return status;
}

/* Before oneDNN makes its first primitive. Where avx512 is allowed it keeps its own choice, which may go
 * beyond our lane. */
static enum status limit_onednn(unsigned isas)
{
    if (isas >> ISA_AVX512 & 1u || isas >> ISA_OMP_AVX512 & 1u) return STATUS_OK;
    const bool avx2 = isas >> ISA_AVX2 & 1u || isas >> ISA_OMP_AVX2 & 1u;
    return twin_limit_isa(avx2 ? ISA_AVX2 : ISA_SCALAR);
}

static enum status run_all(struct run *run)
{
    const struct arguments *a = run->a;
    char path[256] = "";
    budget_start(&run->budget, clock_seconds(), a->budget, MIN_ROUNDS, MOST_ROUNDS);
    enum status status = limit_onednn(a->onednn_isas);
    if (status == STATUS_OK) status = open_data(run);
    if (status != STATUS_OK) return status;
    roofs_open(&run->result.roofs);
    status = rows_make(&run->rows, a, &run->result.roofs);
    if (status != STATUS_OK) return status;
    machine_read(&run->result.machine);
    if (!a->no_json && !a->json) default_path(&run->result.machine, path);
    const char *json = a->no_json ? NULL : a->json ? a->json : path;
    if (json && (status = result_writable(json)) != STATUS_OK) return status;
    measure_roofs_before(run);
    table_head(stdout, &run->result);
    printf("%zu rows%s%s\n", run->rows.count, a->kernel ? "" : " on inputs of ",
           a->kernel ? "" : run->data.name);
    puts(a->cold ? "cold: each call's operands come from memory, the roof of bandwidth is DRAM's\n"
                 : "");
    fflush(stdout);
    rows_cost(&run->rows, &run->result.roofs, SAMPLE_NS);
    status = drive(run);
    if (status == STATUS_OK) status = report(run, json);
    if (status != STATUS_OK) return status;
    if (run->timed || interrupted || run->status != STATUS_OK)
        return run->status == STATUS_WRONG || !run->timed ? run->status : STATUS_OK;
    return fail(STATUS_USAGE, "--budget %gs: too short to sample a single row", a->budget);
}

int cmd_bench(int argc, char **argv)
{
    enum { INTERRUPTED = 128 + SIGINT };
    static char name[] = "hinge bench";
    argv[0] = name;
    struct arguments a = arguments_read(argc, argv);
    struct run run = {.a = &a, .status = STATUS_OK};
    const enum status status = run_all(&run);
    if (status != STATUS_OK && status != STATUS_WRONG)
        fprintf(stderr, "hinge bench: %s\n", status_text());
    stage_close(&run.stage);
    rows_free(&run.rows);
    data_close(&run.data);
    arguments_free(&a);
    return interrupted ? INTERRUPTED : (int)status;
}
