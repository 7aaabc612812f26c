/* hinge bench: checks each case, then times it. The default is the main job: chains of ReLU layers
 * over depth, width, batch and initialization scale, forward and backward, every lane beside
 * oneDNN. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/par.h"
#include "commands.h"
#include "gb.h"
#include "grid/grid.h"
#include "options.h"
#include "report/table.h"

struct arguments {
    struct options options;
    struct grid grid;
    const char *grid_name, *data, *json, *kernel;
    struct size_list depth, width, batch;
    struct scale_list scale;
    double budget; /* seconds */
    bool no_json;
};

struct run {
    const struct arguments *a;
    struct data data;
    struct row *rows;
    size_t count, done;
    struct gb_case *cases;
    struct result result;
    struct sampler sampler;
    struct task task[TASKS_MAX];
    struct samples samples[TASKS_MAX];
    double began;
    enum status status;
};

struct job {
    struct run *run;
    struct row *row;
    bool chain;
    unsigned isas;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- options */

enum {
    KEY_GRID = 256,
    KEY_DEPTH,
    KEY_WIDTH,
    KEY_BATCH,
    KEY_SCALE,
    KEY_DATA,
    KEY_JSON,
    KEY_NO_JSON,
    KEY_BUDGET,
    KEY_KERNEL
};

static const struct argp_option rows[] = {
    {"grid", KEY_GRID, "NAME", 0, "quick (20 s), default (2 min) or full (hours)", 0},
    {"depth", KEY_DEPTH, "LIST", 0, "layers, instead of the grid's", 0},
    {"width", KEY_WIDTH, "LIST", 0, "units in a layer", 0},
    {"batch", KEY_BATCH, "LIST", 0, "rows in a batch", 0},
    {"scale", KEY_SCALE, "LIST", 0, "initialization scales, multiples of He's sqrt(2 / fan_in)", 0},
    {"kernel", KEY_KERNEL, "NAME", 0, "that kernel's own shapes instead of the grid of chains", 0},
    {"data", KEY_DATA, "DIR", 0, "MNIST-style IDX files instead of the digits", 0},
    {"budget", KEY_BUDGET, "TIME", 0, "for all samples together: 30s, 2m, 1h", 0},
    {"json", KEY_JSON, "FILE", 0, "the result file (default: results/runs/DATE.json)", 0},
    {"no-json", KEY_NO_JSON, NULL, 0, "write no result file", 0},
    {0}};

static enum status parse_time(const char *text, double *seconds)
{
    char *end;
    *seconds = strtod(text, &end);
    if (end != text && strcmp(end, "m") == 0)
        *seconds *= 60.0;
    else if (end != text && strcmp(end, "h") == 0)
        *seconds *= 3600.0;
    else if (end == text || (*end && strcmp(end, "s") != 0))
        return fail(STATUS_USAGE, "--budget %s: not a time such as 30s, 2m or 1h", text);
    return *seconds > 0.0 && isfinite(*seconds)
               ? STATUS_OK
               : fail(STATUS_USAGE, "--budget %s: must be longer than nothing", text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    enum status status = STATUS_OK;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->options;
        break;
    case KEY_GRID:
        a->grid_name = arg;
        status = grid_preset(arg, &a->grid);
        break;
    case KEY_DEPTH:
        status = parse_sizes("--depth", arg, &a->depth);
        break;
    case KEY_WIDTH:
        status = parse_sizes("--width", arg, &a->width);
        break;
    case KEY_BATCH:
        status = parse_sizes("--batch", arg, &a->batch);
        break;
    case KEY_SCALE:
        status = parse_scales("--scale", arg, &a->scale);
        break;
    case KEY_BUDGET:
        status = parse_time(arg, &a->budget);
        break;
    case KEY_KERNEL:
        a->kernel = arg;
        if (!kernel_spec(arg))
            status = fail(STATUS_USAGE, "--kernel %s: no such kernel; `hinge list` has them", arg);
        break;
    case KEY_DATA:
        a->data = arg;
        break;
    case KEY_JSON:
        a->json = arg;
        break;
    case KEY_NO_JSON:
        a->no_json = true;
        break;
    case ARGP_KEY_ARG:
        status = fail(STATUS_USAGE, "'%s' is not an option", arg);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (status != STATUS_OK) argp_error(state, "%s", status_text());
    return 0;
}

/* ---- rows */

static enum status add_row(struct run *run, const struct kernel_spec *spec, struct shape shape,
                           int threads, bool chain, unsigned isas)
{
    struct row *row = &run->rows[run->count];
    case_name(spec, &shape, row->name, sizeof row->name);
    if (!options_match(&run->a->options, row->name)) return STATUS_OK;
    struct job *job = malloc(sizeof *job);
    if (!job) return fail(STATUS_OS, "no memory for %s", row->name);
    *job = (struct job){run, row, chain, isas};
    row->threads = threads;
    row->work.spec = spec;
    row->work.shape = shape;
    run->cases[run->count++].ctx = job;
    return STATUS_OK;
}

/* scalar and omp lanes are slow: they run at one chain in the middle of the grid. */
static unsigned lanes_at(const struct arguments *a, const struct shape *s)
{
    const unsigned vector = 1u << ISA_AVX2 | 1u << ISA_AVX512;
    const bool middle = s->depth <= 8 && s->n <= 256 && s->scale == 1.0f;
    return a->options.isas & (middle ? ~(1u << ISA_MODEL) : vector);
}

static enum status add_grid(struct run *run, int threads)
{
    static const char *const chain[] = {"mlp_fwd", "mlp_bwd"};
    const struct grid *g = &run->a->grid;
    for (size_t d = 0; d < g->depth.count; d++)
        for (size_t w = 0; w < g->width.count; w++)
            for (size_t b = 0; b < g->batch.count; b++)
                for (size_t c = 0; c < 2; c++)
                    for (size_t s = 0; s < g->scale.count; s++) {
                        const size_t n = g->width.at[w];
                        const struct shape shape = {.m = g->batch.at[b],
                                                    .n = n,
                                                    .k = n,
                                                    .depth = g->depth.at[d],
                                                    .scale = g->scale.at[s]};
                        if (!kernel_spec(chain[c])) continue;
                        const enum status status = add_row(run, kernel_spec(chain[c]), shape,
                                                           threads, true, lanes_at(run->a, &shape));
                        if (status != STATUS_OK) return status;
                    }
    return STATUS_OK;
}

static enum status add_rows(struct run *run)
{
    const struct arguments *a = run->a;
    const struct grid *g = &a->grid;
    const struct kernel_spec *spec = a->kernel ? kernel_spec(a->kernel) : NULL;
    const size_t cells =
        spec ? spec->bench_shape_count
             : 2 * g->depth.count * g->width.count * g->batch.count * g->scale.count;
    const size_t counts = a->options.thread_count ? a->options.thread_count : 1;
    run->rows = calloc(cells * counts, sizeof *run->rows);
    run->cases = calloc(cells * counts, sizeof *run->cases);
    if (!run->rows || !run->cases) return fail(STATUS_OS, "no memory for %zu rows", cells * counts);
    enum status status = STATUS_OK;
    for (size_t t = 0; t < counts && status == STATUS_OK; t++) {
        const int threads = a->options.thread_count ? a->options.threads[t] : 1;
        if (!spec) status = add_grid(run, threads);
        for (size_t i = 0; spec && i < spec->bench_shape_count && status == STATUS_OK; i++)
            status = add_row(run, spec, spec->bench_shapes[i], threads, false,
                             a->options.isas & (1u << ISA_AVX2 | 1u << ISA_AVX512));
    }
    if (status == STATUS_OK && run->count == 0)
        return fail(STATUS_USAGE, "--filter %s matches no case",
                    a->options.filter ? a->options.filter : "");
    return status;
}

/* ---- one row, driven by Google Benchmark */

static void progress(const struct run *run, const struct row *row)
{
    if (!isatty(STDERR_FILENO)) return;
    const double spent = now() - run->began;
    const double left =
        run->done ? spent / (double)run->done * (double)(run->count - run->done) : 0.0;
    fprintf(stderr, "\r\033[K%zu/%zu", run->done + 1, run->count);
    if (run->done) fprintf(stderr, ", %.0f s left", left);
    fprintf(stderr, ": %s", row->name);
}

/* What is left of the budget is shared evenly by the rows that are left. */
static double share_ns(const struct run *run)
{
    const double left = run->a->budget - (now() - run->began);
    return 1e9 * (left > 0.0 ? left : 0.0) / (double)(run->count - run->done);
}

static bool open_row(void *ctx)
{
    struct job *job = ctx;
    struct run *run = job->run;
    struct row *row = job->row;
    const struct shape shape = row->work.shape;
    if (run->status != STATUS_OK && run->status != STATUS_WRONG) return false;
    progress(run, row);
    const double share = share_ns(run);
    enum status status = workload_open(&row->work, row->work.spec, &shape, run->a->options.seed);
    if (status == STATUS_OK && job->chain)
        status = workload_set_inputs(&row->work, &run->data, run->a->options.seed);
    const struct row_plan plan = {.isas = job->isas,
                                  .twins = true,
                                  .ftz = job->chain,
                                  .sampling = {.min_ns = 1e5,
                                               .budget_ns = 0.5 * share,
                                               .min_rounds = 6, /* fewer give no interval */
                                               .rounds = 41,
                                               .target = 0.002,
                                               .seed = run->a->options.seed + run->done}};
    if (status == STATUS_OK) status = row_open(row, &plan, &run->sampler, run->task, run->samples);
    if (status != STATUS_OK) {
        run->status = status;
        row_close(row);
    }
    return status == STATUS_OK;
}

static bool sample_row(void *ctx, double *seconds)
{
    struct run *run = ((struct job *)ctx)->run;
    if (run->sampler.tasks == 0 || !sampler_round(&run->sampler)) return false;
    *seconds = 1e-9 * run->samples[0].ns[run->sampler.round - 1];
    return true;
}

static void close_row(void *ctx)
{
    struct job *job = ctx;
    struct run *run = job->run;
    struct row *row = job->row;
    row_conclude(row, &run->sampler);
    if (row->wrong[0]) {
        run->status = STATUS_WRONG;
        fprintf(stderr, "\nhinge bench: WRONG, not timed: %s\n", row->wrong);
    }
    if (job->chain && strcmp(row->work.spec->name, "mlp_fwd") == 0) {
        row->work.spec->call(kernel_set_best(), &row->work.shape, row->work.buf, 1);
        workload_signal(&row->work, &row->signal);
        row->has_signal = true;
    }
    row_close(row);
    run->done++;
}

/* ---- the run */

static void measure_roofs(struct run *run)
{
    const struct options *o = &run->a->options;
    roofs_open(&run->result.roofs);
    for (size_t t = 0; t < (o->thread_count ? o->thread_count : 1); t++)
        for (int isa = ISA_AVX2; isa <= ISA_AVX512; isa++)
            roofs_measure(&run->result.roofs, (enum isa)isa, o->thread_count ? o->threads[t] : 1);
}

static void print_head(const struct run *run)
{
    const struct machine *m = &run->result.machine;
    printf("hinge on %s, %d CPUs, %s, %s\n", m->cpu, m->cpus, m->compiler, twin_version());
    for (size_t i = 0; i < run->result.roofs.count; i++) {
        const struct roof *r = &run->result.roofs.at[i];
        printf("roof %s, %d thread%s: %.0f GFLOP/s;", isa_name(r->isa), r->threads,
               r->threads > 1 ? "s" : "", r->gflops);
        printf(" load %.0f L1, %.0f L2, %.0f L3, %.0f DRAM GB/s\n", r->load_gbps[LEVEL_L1],
               r->load_gbps[LEVEL_L2], r->load_gbps[LEVEL_L3], r->load_gbps[LEVEL_DRAM]);
    }
    printf("%zu rows%s%s\n\n", run->count, run->a->kernel ? "" : " on inputs of ",
           run->a->kernel ? "" : run->data.name);
    fflush(stdout);
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

static enum status run_all(struct run *run)
{
    const struct arguments *a = run->a;
    char path[256] = "";
    enum status status = open_data(run);
    if (status == STATUS_OK) status = add_rows(run);
    if (status != STATUS_OK) return status;
    machine_read(&run->result.machine);
    if (!a->no_json && !a->json) default_path(&run->result.machine, path);
    const char *json = a->no_json ? NULL : a->json ? a->json : path;
    if (json && (status = result_writable(json)) != STATUS_OK) return status;
    measure_roofs(run);
    print_head(run);
    run->began = now();
    for (size_t i = 0; i < run->count; i++) {
        run->cases[i].name = run->rows[i].name;
        run->cases[i].open = open_row;
        run->cases[i].round = sample_row;
        run->cases[i].close = close_row;
    }
    gb_run(run->cases, run->count);
    if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
    run->result.rows = run->rows;
    run->result.count = run->done;
    run->result.seed = a->options.seed;
    run->result.grid = a->kernel ? a->kernel : a->grid_name;
    run->result.data = a->kernel ? "random" : run->data.name;
    if (run->done) {
        table_times(stdout, &run->result);
        table_signals(stdout, &run->result);
        table_summary(stdout, &run->result);
    }
    if (json && run->done) {
        status = result_write(&run->result, json);
        if (status != STATUS_OK) return status;
        printf("result file: %s\n", json);
    }
    return run->status;
}

static void apply_lists(struct arguments *a)
{
    if (a->depth.count) a->grid.depth = a->depth;
    if (a->width.count) a->grid.width = a->width;
    if (a->batch.count) a->grid.batch = a->batch;
    if (a->scale.count) a->grid.scale = a->scale;
    if (a->budget > 0.0) return;
    a->budget = strcmp(a->grid_name, "quick") == 0 ? 15.0 : 100.0;
    if (strcmp(a->grid_name, "full") == 0) a->budget = 4.0 * 3600.0;
}

int cmd_bench(int argc, char **argv)
{
    static const struct argp_child children[] = {{&options_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        rows,
        parse,
        NULL,
        "Check each case, then time it: every lane and oneDNN interleaved in one run.\v"
        "Exit codes: 0 fine, 2 an output was wrong (and was not timed), 64 usage, 65 bad data, 66 "
        "no "
        "input, 71 out of memory, 73 the result file cannot be written.",
        children,
        NULL,
        NULL};
    static char name[] = "hinge bench";
    struct arguments a = {.options = options_default(), .grid_name = "default"};
    struct run run = {.a = &a, .status = STATUS_OK};
    argv[0] = name;
    grid_preset("default", &a.grid);
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    apply_lists(&a);
    const enum status status = run_all(&run);
    if (status != STATUS_OK && status != STATUS_WRONG)
        fprintf(stderr, "hinge bench: %s\n", status_text());
    for (size_t i = 0; i < run.count; i++) free(run.cases[i].ctx);
    free(run.cases);
    free(run.rows);
    data_close(&run.data);
    if (a.options.filter) regfree(&a.options.filter_re);
    return (int)status;
}
