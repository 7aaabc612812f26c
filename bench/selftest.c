/* hinge selftest: plants faults in sound kernels and sees that the engine of `hinge check` finds
 * each. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ab/proof.h"
#include "check/engine.h"
#include "check/fault_matrix.h"
#include "check/isolate.h"
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

/* A fault at work, in a process of its own, and what the engine found there. */
struct trial_fault {
    const struct arguments *a;
    const struct fault *fault;
    struct answer {
        struct check_tally tally;
        enum status status;
        bool done;
    } * answer; /* shared */
};

static void run_fault(void *ctx)
{
    const struct trial_fault *t = ctx;
    const struct check_plan plan = {.isas = 1u << ISA_MODEL,
                                    .fills = FILLS_ALL,
                                    .threads = {1, 2, 3},
                                    .thread_count = 3,
                                    .seed = t->a->options.seed,
                                    .quick = t->fault->generated,
                                    .once = true,
                                    .out = t->a->verbose ? stdout : NULL};
    t->answer->status = check_kernel(&plan, &t->fault->spec, &t->answer->tally);
    t->answer->done = true;
}

static void print_fault(const struct arguments *a, const struct fault *fault, bool good,
                        const struct finding *found)
{
    char expected[64] = "";
    for (int v = 0; v < VERDICT_COUNT; v++)
        if (fault->expected >> v & 1u)
            snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s%s",
                     *expected ? " or " : "", verdict_name((enum verdict)v));
    printf("%-40s %-24s %-18s %s\n", fault->name, expected, verdict_name(found->verdict),
           good ? "ok" : "ESCAPED");
    if (*found->text && (a->verbose || !good)) printf("    %s\n", found->text);
    fflush(stdout);
}

/* What is at work, and nothing: on a terminal alone. */
static void progress(size_t done, size_t count, const char *name)
{
    if (!isatty(STDERR_FILENO)) return;
    fputs("\r\033[K", stderr);
    if (name) fprintf(stderr, "%zu/%zu: %.60s", done + 1, count, name);
}

/* The engine's first finding is to be an expected one. */
static enum status try_fault(struct trial_fault *t, struct fault_matrix *matrix)
{
    enum { SECONDS = 300 };
    const struct fault *fault = t->fault;
    struct isolated end;
    memset(t->answer, 0, sizeof *t->answer);
    const enum status status = isolate(run_fault, t, SECONDS, false, &end);
    if (status != STATUS_OK) return status;
    struct finding found = t->answer->tally.first;
    if (!t->answer->done) {
        found.verdict = VERDICT_CRASH;
        snprintf(found.text, sizeof found.text, end.late ? "no end" : "crashed on several threads");
    }
    const bool judged =
        !t->answer->done || (t->answer->status == STATUS_OK) == (found.verdict == VERDICT_PASS);
    const bool good = judged && !end.late && fault->expected >> found.verdict & 1u &&
                      (t->answer->tally.cases > 0 || !t->answer->done);
    fault_matrix_add(matrix, fault, found.verdict, good);
    progress(0, 0, NULL);
    if (!fault->generated || t->a->verbose || t->a->options.filter || !good)
        print_fault(t->a, fault, good, &found);
    return STATUS_OK;
}

static enum status try_faults(const struct arguments *a, struct fault_matrix *matrix)
{
    static struct fault faults[FAULTS_MAX];
    const size_t count = faults_list(faults, FAULTS_MAX);
    struct trial_fault t = {.a = a, .answer = isolate_share(sizeof *t.answer)};
    enum status status = STATUS_OK;
    if (!t.answer) return fail(STATUS_OS, "no memory for what the faults do");
    printf("%-40s %-24s %-18s\n", "planted fault", "expected", "found");
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        if (!options_match(&a->options, faults[i].name)) continue;
        t.fault = &faults[i];
        progress(i, count, faults[i].name);
        status = try_fault(&t, matrix);
    }
    progress(count, count, NULL);
    isolate_unshare(t.answer, sizeof *t.answer);
    return status;
}

static int run(const struct arguments *a)
{
    static struct fault_matrix matrix;
    if (!kernel_set(ISA_MODEL)) {
        fputs("hinge selftest: SKIPPED: it plants faults in the model's lane, which needs FMA\n",
              stderr);
        return EXIT_SKIPPED;
    }
    const enum status status = try_faults(a, &matrix);
    if (status != STATUS_OK) {
        fprintf(stderr, "hinge selftest: %s\n", status_text());
        return (int)status;
    }
    if (!matrix.planted && !matrix.sound) {
        fprintf(stderr, "hinge selftest: no fault matches --filter %s\n", a->options.filter);
        return STATUS_USAGE;
    }
    fault_matrix_print(&matrix);
    printf("%zu faults and %zu sound kernels, %zu judged otherwise than expected; seed %llu\n",
           matrix.planted, matrix.sound, matrix.wrong, (unsigned long long)a->options.seed);
    return matrix.wrong ? STATUS_WRONG : STATUS_OK;
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
    struct arguments a = {.options = options_default(), .seconds = 60.0};
    argp_parse(&selftest_argp, argc, argv, 0, NULL, &a);
    const int code = a.aa || a.power ? prove(&a) : run(&a);
    if (a.options.filter) regfree(&a.options.filter_re);
    return code;
}
