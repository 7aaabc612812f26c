/* hinge selftest: plants faults in sound kernels and sees that the engine of `hinge check` finds
 * each. */
#include <stdio.h>
#include <string.h>

#include "ab/proof.h"
#include "check/engine.h"
#include "check/faulty.h"
#include "commands.h"
#include "options.h"

enum { EXIT_SKIPPED = 77 };

enum { KEY_AA = 256, KEY_POWER, KEY_BUDGET, RUNS_MAX = 10000 };

struct arguments {
    struct options options;
    bool verbose;
    uint64_t aa, power; /* runs; 0: not asked for */
    double seconds;     /* of a run */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    enum status status = STATUS_OK;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->options;
        break;
    case 'v':
        a->verbose = true;
        break;
    case KEY_AA:
        status = parse_count("--aa", arg, 1, RUNS_MAX, &a->aa);
        break;
    case KEY_POWER:
        status = parse_count("--power", arg, 1, RUNS_MAX, &a->power);
        break;
    case KEY_BUDGET:
        status = parse_time("--budget", arg, &a->seconds);
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

/* True where the engine's first finding is the expected one. */
static bool caught(const struct arguments *a, const struct fault *fault)
{
    struct check_tally tally = {.cases = 0};
    const struct check_plan plan = {.isas = 1u << ISA_MODEL,
                                    .fills = FILLS_ALL,
                                    .threads = {1, 2, 3},
                                    .thread_count = 3,
                                    .seed = a->options.seed,
                                    .out = a->verbose ? stdout : NULL};
    const enum status status = check_kernel(&plan, &fault->spec, &tally);
    const enum verdict got = tally.first.verdict;
    const bool good =
        got == fault->expected && (status == STATUS_OK) == (got == VERDICT_PASS) && tally.cases > 0;
    printf("%-34s %-18s %-18s %s\n", fault->name, verdict_name(fault->expected), verdict_name(got),
           good ? "ok" : "ESCAPED");
    if (*tally.first.text && (a->verbose || !good)) printf("    %s\n", tally.first.text);
    fflush(stdout);
    return good;
}

static int run(const struct arguments *a)
{
    static struct fault faults[FAULTS_MAX];
    const size_t count = faults_list(faults, FAULTS_MAX);
    size_t ran = 0, escaped = 0;
    if (!kernel_set(ISA_MODEL)) {
        fputs("hinge selftest: SKIPPED: it plants faults in the model's lane, which needs FMA\n",
              stderr);
        return EXIT_SKIPPED;
    }
    printf("%-34s %-18s %-18s\n", "planted fault", "expected", "found");
    for (size_t i = 0; i < count; i++) {
        if (!options_match(&a->options, faults[i].name)) continue;
        ran++;
        escaped += !caught(a, &faults[i]);
    }
    if (!ran) {
        fprintf(stderr, "hinge selftest: no fault matches --filter %s\n", a->options.filter);
        return STATUS_USAGE;
    }
    printf("%zu kernels, %zu judged otherwise than expected; seed %llu\n", ran, escaped,
           (unsigned long long)a->options.seed);
    return escaped ? STATUS_WRONG : STATUS_OK;
}

static const struct argp_option rows[] = {
    {"aa", KEY_AA, "RUNS", 0,
     "instead: `hinge ab` of this build and itself over a hundred rows, 20 times: that it "
     "calls none slower or faster",
     0},
    {"power", KEY_POWER, "RUNS", 0,
     "instead: `hinge ab` over ten rows of which one is made 5 % slower, then 2 %, 20 times "
     "each: that it finds it",
     0},
    {"budget", KEY_BUDGET, "TIME", 0, "of each run of --aa and --power (60s)", 0},
    {"verbose", 'v', NULL, 0, "print what the engine found", 0},
    {0}};
static const struct argp_child children[] = {{&options_argp, 0, NULL, 0}, {0}};
const struct argp selftest_argp = {
    .options = rows,
    .parser = parse,
    .children = children,
    .doc = "Plant faults in kernels and see that the engine of `hinge check` finds each: exit 2 "
           "where one escapes. --filter matches the names of the faults; --isa and --threads play "
           "no part."};

/* Runs of `hinge ab` whose right verdict is known. */
static int prove(const struct arguments *a)
{
    const struct proof aa = {a->aa, a->seconds, a->options.seed};
    const struct proof power = {a->power, a->seconds, a->options.seed};
    enum status status = STATUS_OK, other = STATUS_OK;
    if (a->aa) status = proof_aa(&aa);
    if (a->power) other = proof_power(&power);
    if (status == STATUS_OK) status = other;
    if (status >= STATUS_USAGE) fprintf(stderr, "hinge selftest: %s\n", status_text());
    return (int)status;
}

int cmd_selftest(int argc, char **argv)
{
    static char name[] = "hinge selftest";
    struct arguments a = {.options = options_default(), .seconds = 60.0};
    argv[0] = name;
    argp_parse(&selftest_argp, argc, argv, 0, NULL, &a);
    const int code = a.aa || a.power ? prove(&a) : run(&a);
    if (a.options.filter) regfree(&a.options.filter_re);
    return code;
}
