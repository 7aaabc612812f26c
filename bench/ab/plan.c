#define _GNU_SOURCE
#include "plan.h"

#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "options.h"

enum {
    KEY_GIT = 256,
    KEY_BISECT,
    KEY_BUDGET,
    KEY_MIN_EFFECT,
    KEY_TARGET,
    KEY_MARKDOWN,
    KEY_JUNIT,
    KEY_JSON,
    KEY_WORKERS /* and above: options that are the worker's to understand */
};

static const struct argp_option rows[] = {
    {NULL, 0, NULL, 0, "What is compared:", 1},
    {"git", KEY_GIT, NULL, 0, "OLD and NEW are revisions of this repository, which are built", 0},
    {"bisect", KEY_BISECT, NULL, 0,
     "OLD and NEW are a good and a bad revision: find the commit that made it slower", 0},
    {NULL, 0, NULL, 0, "Which rows, as in `hinge bench`:", 2},
    {"kernel", KEY_WORKERS, "KERNEL", 0, "the kernel's own shapes instead of chains", 0},
    {"filter", KEY_WORKERS + 1, "RE", 0, "cases whose name matches", 0},
    {"grid", KEY_WORKERS + 2, "quick|default|full", 0, "of chains (quick)", 0},
    {"depth", KEY_WORKERS + 3, "LIST", 0, "layers", 0},
    {"heads", KEY_WORKERS + 4, "LIST", 0, "of attention", 0},
    {"width", KEY_WORKERS + 5, "LIST", 0, "units in a layer, elements, positions", 0},
    {"batch", KEY_WORKERS + 6, "LIST", 0, "rows in a batch", 0},
    {"scale", KEY_WORKERS + 7, "LIST", 0, "initialization scales", 0},
    {"isa", KEY_WORKERS + 8, "LANES", 0, "lanes", 0},
    {"threads", KEY_WORKERS + 9, "LIST", 0, "numbers of threads", 0},
    {"data", KEY_WORKERS + 10, "DIR", 0, "MNIST-style IDX files instead of the digits", 0},
    {"cold", KEY_WORKERS + 11, NULL, 0, "each call finds its operands in memory", 0},
    {NULL, 0, NULL, 0, "How long, and what counts:", 3},
    {"budget", KEY_BUDGET, "TIME", 0, "when the run is to end, builds aside (60s)", 0},
    {"min-effect", KEY_MIN_EFFECT, "PERCENT", 0, "the smallest change that matters (2)", 0},
    {"target", KEY_TARGET, "PERCENT", 0,
     "a lane needs no more pairs when its 95 % interval is that narrow to either side (a quarter "
     "of "
     "--min-effect)",
     0},
    {"seed", 's', "N", 0, "of all random contents and orders (1)", 0},
    {NULL, 0, NULL, 0, "What is printed and written:", 4},
    {"markdown", KEY_MARKDOWN, NULL, 0, "print Markdown, for a pull request", 0},
    {"junit", KEY_JUNIT, "OUT", 0, "a test case for each lane of each row", 0},
    {"json", KEY_JSON, "OUT", 0, "every value and verdict", 0},
    {"verbose", 'v', NULL, 0, "print unchanged rows too", 0},
    {0}};

static enum status pass(struct ab_plan *plan, const char *name, const char *value)
{
    enum { FIXED = 4 }; /* what ab itself adds */
    char *word;
    if (plan->workers + FIXED >= WORKER_ARGS)
        return fail(STATUS_USAGE, "--%s: more options than anybody needs", name);
    if (asprintf(&word, value ? "--%s=%s" : "--%s", name, value) < 0)
        return fail(STATUS_OS, "no memory for the options");
    plan->worker[plan->workers++] = word;
    return STATUS_OK;
}

static enum status pass_on(struct ab_plan *plan, int key, const char *value)
{
    for (const struct argp_option *o = rows; o->name || o->doc; o++)
        if (o->key == key) {
            plan->chosen |= strcmp(o->name, "kernel") == 0 || strcmp(o->name, "grid") == 0;
            return pass(plan, o->name, value);
        }
    return STATUS_OK;
}

static enum status take(struct ab_plan *plan, const char *build)
{
    if (plan->new) return fail(STATUS_USAGE, "two builds at a time, not also '%s'", build);
    *(plan->old ? &plan->new : &plan->old) = build;
    return STATUS_OK;
}

static enum status settle(struct ab_plan *plan)
{
    enum status status = STATUS_OK;
    if (!plan->old) return fail(STATUS_USAGE, "say which build is the old one, and which the new");
    if (plan->bisect && !plan->new)
        return fail(STATUS_USAGE, "--bisect needs a good revision and a bad one");
    if (plan->junit && strcmp(plan->junit, "-") == 0)
        return fail(STATUS_USAGE, "--junit -: name a file");
    if (plan->bisect && (plan->markdown || plan->junit || plan->json))
        return fail(STATUS_USAGE, "--bisect prints its steps: no --markdown, --junit or --json");
    if (!plan->chosen) status = pass(plan, "grid", "quick");
    if (!(plan->target > 0.0)) plan->target = 0.25 * plan->least;
    return status;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct ab_plan *plan = state->input;
    enum status status = STATUS_OK;
    switch (key) {
    case KEY_GIT:
        plan->git = true;
        break;
    case KEY_BISECT:
        plan->bisect = true;
        break;
    case KEY_BUDGET:
        status = parse_time("--budget", arg, &plan->budget);
        break;
    case KEY_MIN_EFFECT:
        status = parse_percent("--min-effect", arg, &plan->least);
        break;
    case KEY_TARGET:
        status = parse_percent("--target", arg, &plan->target);
        break;
    case KEY_MARKDOWN:
        plan->markdown = true;
        break;
    case KEY_JUNIT:
        plan->junit = arg;
        break;
    case KEY_JSON:
        plan->json = arg;
        break;
    case 's':
        status = parse_count("--seed", arg, 0, UINT64_MAX, &plan->seed);
        if (status == STATUS_OK) status = pass(plan, "seed", arg);
        break;
    case 'v':
        plan->verbose = true;
        break;
    case ARGP_KEY_ARG:
        status = take(plan, arg);
        break;
    case ARGP_KEY_END:
        status = settle(plan);
        break;
    default:
        if (key < KEY_WORKERS || key >= ARGP_KEY_END) return ARGP_ERR_UNKNOWN;
        status = pass_on(plan, key, arg);
    }
    if (status != STATUS_OK) argp_error(state, "%s", status_text());
    return 0;
}

const struct argp ab_argp = {
    .options = rows,
    .parser = parse,
    .args_doc = "OLD [NEW]",
    .doc =
        "Measure two builds beside each other in one run, and judge which rows of the new one are "
        "slower.\v"
        "OLD and NEW are a folder that cmake built in, a hinge, or with --git a revision; NEW is "
        "this "
        "very program where it is left out. Fresh processes of both take samples in turn, so that "
        "what happens to the machine happens to both; each pair of processes is one value.\n\n"
        "A row is called slower or faster where its 95 % interval lies wholly beyond --min-effect "
        "and "
        "it stands after control of false discoveries over all rows (5 %), unchanged where the "
        "interval "
        "lies wholly within it, inconclusive else.\n\n"
        "Exit codes: 0 no row is slower, 1 a row is, 2 an output of NEW is wrong, 3 a row may be "
        "slower by more than --min-effect, 64 usage, 69 no such build or it cannot be made, 73 a "
        "file cannot be written, 130 interrupted."};

struct ab_plan ab_plan_read(int argc, char **argv)
{
    static char worker[] = "worker";
    struct ab_plan plan = {.budget = 60.0, .least = 0.02, .seed = 1};
    plan.worker[plan.workers++] = worker;
    argp_parse(&ab_argp, argc, argv, 0, NULL, &plan);
    return plan;
}

void ab_plan_free(struct ab_plan *plan)
{
    for (size_t i = 1; i < plan->workers; i++) free(plan->worker[i]);
}
