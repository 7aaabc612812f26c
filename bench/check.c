/* hinge check: holds every kernel on every lane to the f64 oracle, the lane that defines its words,
 * and its contract with memory and threads; and oneDNN to the same oracle. And networks whose arithmetic is exact to the words of
 * integer programs. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "check/engine.h"
#include "check/faulty.h"
#include "check/fuzz.h"
#include "check/summary.h"
#include "commands.h"
#include "options.h"
#include "plugin/lane.h"
#include "studies/circuits/net_check.h"

/* CTest's SKIP_RETURN_CODE: no lane of those asked for runs on this CPU. */
enum { EXIT_SKIPPED = 77 };

struct arguments {
    struct options options;
    const struct kernel_spec *kernel;
    const char *junit, *case_name, *plugin;
    const struct fault *fault; /* NULL: none is planted */
    unsigned require, fills;
    uint64_t shift;
    double fuzz_seconds; /* 0: as many cases as below, and where that is 0 too, no fuzzing */
    uint64_t fuzz_cases;
    bool quick, verbose, no_twins, peers;
};

enum {
    KEY_REQUIRE = 0x100,
    KEY_JUNIT,
    KEY_QUICK,
    KEY_FILL,
    KEY_NO_TWINS,
    KEY_PEERS,
    KEY_FUZZ,
    KEY_CASE,
    KEY_SHIFT,
    KEY_FAULT,
    KEY_PLUGIN
};

static enum status parse_fill(const char *text, unsigned *fills)
{
    const enum fill fill = fill_from_name(text);
    if (fill == FILL_COUNT)
        return fail(STATUS_USAGE,
                    "--fill %s: the fills are unit, exact, huge, tiny, neg, offset, special", text);
    *fills = FILL_BIT(fill);
    return STATUS_OK;
}

/* A number alone is one of cases. */
static enum status parse_fuzz(const char *text, struct arguments *a)
{
    a->fuzz_seconds = 0.0;
    a->fuzz_cases = 0;
    if (text[strspn(text, "0123456789")] == '\0')
        return parse_count("--fuzz", text, 1, UINT32_MAX, &a->fuzz_cases);
    return parse_time("--fuzz", text, &a->fuzz_seconds);
}

static enum status parse_fault(const char *text, const struct fault **fault)
{
    static struct fault faults[FAULTS_MAX];
    if (!kernel_set(ISA_MODEL))
        return fail(STATUS_UNAVAILABLE, "--fault: planted faults need FMA, which is not here");
    const size_t count = faults_list(faults, FAULTS_MAX);
    for (size_t i = 0; i < count; i++)
        if (strcmp(faults[i].name, text) == 0) {
            *fault = &faults[i];
            return STATUS_OK;
        }
    return fail(STATUS_USAGE, "--fault %s: no such fault; `hinge selftest` has them", text);
}

static bool fuzzing(const struct arguments *a)
{
    return a->fuzz_seconds > 0.0 || a->fuzz_cases > 0;
}

/* Options that say nothing together. */
static enum status agree(const struct arguments *a)
{
    if (fuzzing(a) && a->case_name)
        return fail(STATUS_USAGE, "--fuzz draws cases, --case names one: not both");
    if ((fuzzing(a) || a->case_name) && (a->quick || a->peers))
        return fail(STATUS_USAGE, "--%s: not with --%s", a->quick ? "quick" : "peers",
                    a->case_name ? "case" : "fuzz");
    if (a->shift && !a->case_name) return fail(STATUS_USAGE, "--shift: of a --case alone");
    if (a->fault && a->plugin)
        return fail(STATUS_USAGE, "--fault plants a fault in a kernel of hinge: not with --plugin");
    if (a->fault && a->kernel)
        return fail(STATUS_USAGE, "--fault: has a kernel of its own, without --kernel");
    return STATUS_OK;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    enum status status = STATUS_OK;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->options;
        break;
    case 'k':
        status = parse_kernel(arg, &a->kernel);
        break;
    case 'v':
        a->verbose = true;
        break;
    case KEY_REQUIRE:
        status = parse_isas("--require", arg, &a->require);
        break;
    case KEY_JUNIT:
        a->junit = arg;
        break;
    case KEY_QUICK:
        a->quick = true;
        break;
    case KEY_FILL:
        status = parse_fill(arg, &a->fills);
        break;
    case KEY_PEERS:
        a->peers = true;
        break;
    case KEY_NO_TWINS:
        a->no_twins = true;
        break;
    case KEY_FUZZ:
        status = parse_fuzz(arg, a);
        break;
    case KEY_CASE:
        a->case_name = arg;
        break;
    case KEY_SHIFT:
        status = parse_count("--shift", arg, 0, 15, &a->shift);
        break;
    case KEY_FAULT:
        status = parse_fault(arg, &a->fault);
        break;
    case KEY_PLUGIN:
        a->plugin = arg;
        break;
    case ARGP_KEY_END:
        status = agree(a);
        break;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", arg);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (status != STATUS_OK) argp_error(state, "%s", status_text());
    return 0;
}

static const struct argp_option rows[] = {
    {"kernel", 'k', "KERNEL", 0, "this kernel alone", 0},
    {"require", KEY_REQUIRE, "LANES", 0, "fail where one of these lanes did not run", 0},
    {"fill", KEY_FILL, "unit|exact|huge|tiny|neg|offset|special", 0, "inputs of this kind alone",
     0},
    {"plugin", KEY_PLUGIN, "FILE", 0,
     "the kernels of that shared object (hinge/plugin.h) as one more lane, and no others", 0},
    {"junit", KEY_JUNIT, "FILE", 0, "write the results as JUnit XML", 0},
    {"quick", KEY_QUICK, NULL, 0, "leave out the derived tails, misalignments and scales", 0},
    {"no-twins", KEY_NO_TWINS, NULL, 0, "leave out oneDNN", 0},
    {"peers", KEY_PEERS, NULL, 0,
     "also OpenBLAS, BLIS and libxsmm, those that are installed, on the dense layers", 0},
    {"fuzz", KEY_FUZZ, "TIME|CASES", 0,
     "instead: cases drawn at random, for 10m or so many; one that fails is made as small as it "
     "can be",
     0},
    {"case", KEY_CASE, "NAME", 0, "instead: this case, as the line that repeats a failure has it",
     0},
    {"shift", KEY_SHIFT, "N", 0,
     "of --case: operands so many floats past a 64-byte boundary, to 15", 0},
    {"fault", KEY_FAULT, "NAME", 0,
     "plant this fault of `hinge selftest` and check its kernel alone: it should fail", 0},
    {"verbose", 'v', NULL, 0, "print what passes, and every failure", 0},
    {0}};

static bool wanted(const char *name, void *ctx)
{
    return options_match(ctx, name);
}

/* What the tally says beyond right and wrong. */
static int conclude(const struct arguments *a, const struct check_tally *t, enum status status)
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
static bool selected(const struct arguments *a, const struct kernel_spec *spec)
{
    return (!a->kernel || a->kernel == spec) && (!a->plugin || plugin_has(spec));
}

static enum status run_kernels(const struct arguments *a, const struct check_plan *plan,
                               struct check_tally *tally)
{
    enum status status = STATUS_OK;
    if (a->fault) return check_kernel(plan, &a->fault->spec, tally);
    for (size_t i = 0; i < kernel_count; i++) {
        if (!selected(a, kernel_specs[i])) continue;
        const enum status one = check_kernel(plan, kernel_specs[i], tally);
        if (one == STATUS_OK) continue;
        status = one;
        if (one != STATUS_WRONG) return status;
    }
    if (!a->kernel && !a->plugin) {
        const enum status nets = net_check(plan, tally);
        if (nets != STATUS_OK) status = nets;
    }
    return status;
}

static enum status run_case(const struct arguments *a, const struct check_plan *plan,
                            struct check_tally *tally)
{
    const struct kernel_spec *spec = a->fault ? &a->fault->spec : a->kernel;
    struct check_case c;
    enum status status = cases_parse(a->case_name, &spec, &c);
    if (status == STATUS_OK && a->plugin) status = plugin_offers(spec);
    return status == STATUS_OK ? check_one(plan, spec, &c, tally) : status;
}

/* Of every spec that has one of the fills. */
static int run_fuzz(const struct arguments *a, const struct check_plan *plan)
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

static int run_all(const struct arguments *a, const struct check_plan *plan)
{
    struct check_tally tally = {.cases = 0};
    const enum status status =
        a->case_name ? run_case(a, plan, &tally) : run_kernels(a, plan, &tally);
    summary_print(&tally, plan->twins, a->peers);
    return conclude(a, &tally, status);
}

static int run(struct arguments *a)
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
    plan_threads(&plan, &a->options, fuzzing(a));
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
    const int code = fuzzing(a) ? run_fuzz(a, &plan) : run_all(a, &plan);
    const enum status written = junit_close(plan.junit);
    if (written == STATUS_OK) return code;
    fprintf(stderr, "hinge check: %s\n", status_text());
    return (int)written;
}

/* Before any lane is asked for: what --plugin and --kernel ask of one another. */
static enum status open_plugin(const struct arguments *a)
{
    if (!a->plugin) return STATUS_OK;
    const enum status status = plugin_load(a->plugin);
    return status == STATUS_OK ? plugin_offers(a->kernel) : status;
}

static const struct argp_child children[] = {{&options_argp, 0, NULL, 0}, {0}};
const struct argp check_argp = {
    .options = rows,
    .parser = parse,
    .children = children,
    .doc = "Check every kernel on every lane, and networks of exact arithmetic (circuit/...).\v"
           "With --plugin the kernels of its table are checked, on its lane and on those of --isa."
           "\n\n"
           "Exit codes: 0 right, 2 wrong, 64 usage, 65 and 66 no plug-in, 69 a required lane or "
           "the plug-in did not run, 77 no lane of those asked for runs on this CPU, "
           "130 --fuzz was interrupted. HINGE_EMULATED=1 labels the run as emulated."};

int cmd_check(int argc, char **argv)
{
    struct arguments a = {.options = options_default(), .fills = FILLS_ALL};
    const error_t error = argp_parse(&check_argp, argc, argv, 0, NULL, &a);
    int code = error ? STATUS_USAGE : (int)open_plugin(&a);
    if (code == STATUS_OK)
        code = run(&a);
    else if (!error)
        fprintf(stderr, "hinge check: %s\n", status_text());
    if (a.options.filter) regfree(&a.options.filter_re);
    return code;
}
