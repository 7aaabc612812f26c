/* hinge check: holds every kernel on every lane to the f64 oracle, the lane that defines its words,
 * and its contract with memory and threads; and oneDNN to the same oracle. And networks whose arithmetic is exact to the words of
 * integer programs. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "check/apart.h"
#include "check/arguments.h"
#include "check/fuzz.h"
#include "check/summary.h"
#include "commands.h"
#include "options.h"
#include "plugin/lane.h"
#include "studies/circuits/net_check.h"

/* CTest's SKIP_RETURN_CODE: no lane of those asked for runs on this CPU. */
enum { EXIT_SKIPPED = 77 };

static bool wanted(const char *name, void *ctx)
{
    return options_match(ctx, name);
}

/* What the tally says beyond right and wrong. */
static int conclude(const struct check_arguments *a, const struct check_tally *t,
                    enum status status)
{
    size_t ran = 0;
    for (int isa = 0; isa < ISA_COUNT; isa++) ran += t->ran[isa];
    if (status != STATUS_OK && status != STATUS_WRONG) {
        fprintf(stderr, "hinge check: %s\n", status_text());
        return (int)status;
    }
    if (t->cases == 0) {
        fprintf(stderr, "hinge check: no case matches --filter %s%s\n",
                a->options.filter ? a->options.filter : "(none given)",
                a->fills != FILLS_ALL ? " with that --fill" : "");
        return STATUS_USAGE;
    }
    if (status == STATUS_WRONG) return (int)status;
    for (int isa = 0; isa < ISA_COUNT; isa++)
        if (a->require >> isa & 1u && !t->ran[isa]) {
            fprintf(stderr, "hinge check: --require %s: that lane did not run%s\n",
                    isa_name((enum isa)isa),
                    t->skipped[isa] ? ": this CPU or its system cannot run it" : "");
            return STATUS_UNAVAILABLE;
        }
    if (a->plugin && !t->ran[ISA_PLUGIN]) {
        fprintf(stderr, "hinge check: %s: no case ran on it: %s\n", a->plugin, t->plugin_reason);
        return STATUS_UNAVAILABLE;
    }
    if (ran == 0) {
        fputs("hinge check: nothing ran: this CPU has none of the lanes asked for\n", stderr);
        return EXIT_SKIPPED;
    }
    return STATUS_OK;
}

static void plan_threads(struct check_plan *plan, const struct options *options, bool drawn)
{
    /* Ranges of 1, 2, 3 and 5 end at other rows, and 5 are more than a small problem has; of these numbers a drawn case
     * has one. */
    static const int usual[] = {1, 2, 3, 5, 4, 7, 8, 13};
    enum { ALL = sizeof usual / sizeof *usual, FEW = 4 };
    const bool given = options->thread_count > 0;
    plan->thread_count = given ? options->thread_count : drawn ? ALL : FEW;
    for (size_t i = 0; i < plan->thread_count; i++)
        plan->threads[i] = given ? options->threads[i] : usual[i];
    const int most = par_max_threads();
    if (!given && most > 5) plan->threads[plan->thread_count++] = most;
}

/* Asked for: by --kernel, and by a plug-in those that it has. */
static bool selected(const struct check_arguments *a, const struct kernel_spec *spec)
{
    return (!a->kernel || a->kernel == spec) && (!a->plugin || plugin_has(spec));
}

static enum status all_of(const struct check_plan *plan, const void *spec,
                          struct check_tally *tally)
{
    return check_kernel(plan, spec, tally);
}

static enum status networks_of(const struct check_plan *plan, const void *none,
                               struct check_tally *tally)
{
    (void)none;
    return net_check(plan, tally);
}

/* A file is to have what was right before a crash; what a stranger's kernel does to its process is a finding. */
static enum status run_part(const struct check_arguments *a, const struct check_plan *plan,
                            const struct part_checked *part, struct check_tally *tally)
{
    if (a->junit || a->plugin) return check_apart(plan, part, tally);
    return part->check(plan, part->what, tally);
}

static enum status run_kernel(const struct check_arguments *a, const struct check_plan *plan,
                              const struct kernel_spec *spec, struct check_tally *tally)
{
    return run_part(a, plan, &(struct part_checked){spec->name, all_of, spec}, tally);
}

static enum status run_kernels(const struct check_arguments *a, const struct check_plan *plan,
                               struct check_tally *tally)
{
    enum status status = STATUS_OK;
    if (a->fault) return run_kernel(a, plan, &a->fault->spec, tally);
    for (size_t i = 0; i < kernel_count; i++) {
        if (!selected(a, kernel_specs[i])) continue;
        const enum status one = run_kernel(a, plan, kernel_specs[i], tally);
        if (one == STATUS_OK) continue;
        status = one;
        if (one != STATUS_WRONG) return status;
    }
    if (!a->kernel && !a->plugin) {
        const struct part_checked networks = {"circuit", networks_of, NULL};
        const enum status nets = run_part(a, plan, &networks, tally);
        if (nets != STATUS_OK) status = nets;
    }
    return status;
}

struct one_case {
    const struct kernel_spec *spec;
    struct check_case c;
};

static enum status one_of(const struct check_plan *plan, const void *what,
                          struct check_tally *tally)
{
    const struct one_case *one = what;
    return check_one(plan, one->spec, &one->c, tally);
}

static enum status run_case(const struct check_arguments *a, const struct check_plan *plan,
                            struct check_tally *tally)
{
    struct one_case one = {.spec = a->fault ? &a->fault->spec : a->kernel};
    enum status status = cases_parse(a->case_name, &one.spec, &one.c);
    if (status == STATUS_OK && a->plugin) status = plugin_offers(one.spec);
    if (status != STATUS_OK) return status;
    return run_part(a, plan, &(struct part_checked){one.spec->name, one_of, &one}, tally);
}

/* Of every spec that has one of the fills. */
static int run_fuzz(const struct check_arguments *a, const struct check_plan *plan)
{
    enum { INTERRUPTED = 128 + SIGINT };
    const struct kernel_spec *const one = a->fault ? &a->fault->spec : a->kernel;
    const struct kernel_spec **specs = calloc(kernel_count, sizeof *specs);
    uint64_t *counts = calloc(kernel_count, sizeof *counts);
    struct fuzz fuzz = {.check = *plan, .seconds = a->fuzz_seconds, .cases = a->fuzz_cases};
    struct fuzz_tally t = {.kernel = counts};
    enum status status = fail(STATUS_OS, "no memory for the list of kernels");
    if (specs && counts) {
        for (size_t i = 0; i < (one ? 1 : kernel_count); i++) {
            const struct kernel_spec *spec = one ? one : kernel_specs[i];
            if (a->plugin && !plugin_has(spec)) continue;
            if (spec->fills & a->fills) specs[fuzz.draw.spec_count++] = spec;
        }
        fuzz.draw.specs = specs;
        fuzz.draw.seed = plan->seed;
        fuzz.draw.fills = a->fills;
        fuzz.draw.threads = plan->threads;
        fuzz.draw.thread_count = plan->thread_count;
        fuzz.check.doubts = true;
        status = fuzz.draw.spec_count ? fuzz_run(&fuzz, &t)
                                      : fail(STATUS_USAGE, "--fill: the kernel has no such fill");
        summary_print_fuzz(&fuzz, &t);
    }
    free(specs);
    free(counts);
    if (t.interrupted && !t.failed) return INTERRUPTED;
    return conclude(a, &t.check, status);
}

static int run_all(const struct check_arguments *a, const struct check_plan *plan)
{
    struct check_tally tally = {.cases = 0};
    const enum status status =
        a->case_name ? run_case(a, plan, &tally) : run_kernels(a, plan, &tally);
    summary_print(&tally, plan->twins, a->peers);
    return conclude(a, &tally, status);
}

static int run(struct check_arguments *a)
{
    struct check_plan plan = {.wanted = wanted,
                              .ctx = &a->options,
                              .isas = a->options.isas,
                              .fills = a->fills,
                              .seed = a->options.seed,
                              .shift = (int)a->shift,
                              .fault = a->fault ? a->fault->name : NULL,
                              .quick = a->quick,
                              .verbose = a->verbose,
                              .twins = !a->no_twins && !a->case_name,
                              .peers = a->peers,
                              .out = stdout};
    plan_threads(&plan, &a->options, check_arguments_draw(a));
    const enum status opened =
        a->junit ? junit_open(&plan.junit, a->junit, "hinge check") : STATUS_OK;
    if (opened != STATUS_OK) {
        fprintf(stderr, "hinge check: %s\n", status_text());
        return (int)opened;
    }
    printf("hinge check: seed %llu\n", (unsigned long long)plan.seed);
    if (a->plugin) {
        plan.isas |= 1u << ISA_PLUGIN;
        plugin_print(stdout);
    }
    const int code = check_arguments_draw(a) ? run_fuzz(a, &plan) : run_all(a, &plan);
    const enum status written = junit_close(plan.junit);
    if (written == STATUS_OK) return code;
    fprintf(stderr, "hinge check: %s\n", status_text());
    return (int)written;
}

/* Before any lane is asked for: what --plugin and --kernel ask of one another. */
static enum status open_plugin(const struct check_arguments *a)
{
    if (!a->plugin) return STATUS_OK;
    const enum status status = plugin_load(a->plugin);
    return status == STATUS_OK ? plugin_offers(a->kernel) : status;
}

int cmd_check(int argc, char **argv)
{
    struct check_arguments a = {.options = options_default(), .fills = FILLS_ALL};
    const error_t error = argp_parse(&check_argp, argc, argv, 0, NULL, &a);
    int code = error ? STATUS_USAGE : (int)open_plugin(&a);
    if (code == STATUS_OK)
        code = run(&a);
    else if (!error)
        fprintf(stderr, "hinge check: %s\n", status_text());
    if (a.options.filter) regfree(&a.options.filter_re);
    return code;
}
