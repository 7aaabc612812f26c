/* hinge check: holds every kernel on every lane to the f64 oracle, the lane that defines its words,
 * and its contract with memory and threads; and oneDNN to the same oracle. And networks whose arithmetic is exact to the words of
 * integer programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "check/engine.h"
#include "check/twins.h"
#include "commands.h"
#include "options.h"
#include "studies/circuits/net_check.h"

/* CTest's SKIP_RETURN_CODE: no lane of those asked for runs on this CPU. */
enum { EXIT_SKIPPED = 77 };

struct arguments {
    struct options options;
    const struct kernel_spec *kernel;
    const char *junit;
    unsigned require, fills;
    bool quick, verbose, no_twins, peers;
};

enum { KEY_REQUIRE = 0x100, KEY_JUNIT, KEY_QUICK, KEY_FILL, KEY_NO_TWINS, KEY_PEERS };

static enum status parse_fill(const char *text, unsigned *fills)
{
    const enum fill fill = fill_from_name(text);
    if (fill == FILL_COUNT)
        return fail(STATUS_USAGE,
                    "--fill %s: the fills are unit, exact, huge, tiny, neg, offset, special", text);
    *fills = FILL_BIT(fill);
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
    {"junit", KEY_JUNIT, "FILE", 0, "write the results as JUnit XML", 0},
    {"quick", KEY_QUICK, NULL, 0, "leave out the derived tails, misalignments and scales", 0},
    {"no-twins", KEY_NO_TWINS, NULL, 0, "leave out oneDNN", 0},
    {"peers", KEY_PEERS, NULL, 0,
     "also OpenBLAS, BLIS and libxsmm, those that are installed, on the dense layers", 0},
    {"verbose", 'v', NULL, 0, "print what passes, and every failure", 0},
    {0}};

static bool wanted(const char *name, void *ctx)
{
    return options_match(ctx, name);
}

/* The whole machine is, or this build's way to run that lane. */
static bool emulated(enum isa isa)
{
    const char *value = getenv("HINGE_EMULATED");
    return (value && strcmp(value, "1") == 0) || kernel_set_emulated(isa);
}

static void print_lane(const struct check_tally *t, enum isa isa)
{
    const struct readout *worst = &t->worst[isa];
    if (t->skipped[isa])
        printf("  %-11s SKIPPED %zu: this CPU or its system cannot run it\n", isa_name(isa),
               t->skipped[isa]);
    if (!t->ran[isa]) return;
    printf("  %-11s %s %6zu, wrong %zu; worst error %.3g ULP, %.1f %% of the bound\n",
           isa_name(isa),
           kernel_set_emulated(isa) ? "ran emulated (SIMDe)"
           : emulated(isa)          ? "ran emulated"
                                    : "ran",
           t->ran[isa], t->failed[isa], worst->max_ulp, 100.0 * worst->bound_used);
}

static void print_peer(const struct check_tally *t, enum peer peer)
{
    const char *version = peer_version(peer);
    if (strcmp(version, "none") == 0) {
        printf("  %-11s SKIPPED: %s\n", peer_name(peer), status_text());
        return;
    }
    printf("  %-11s ran %6zu, wrong %zu (%s, held to the same oracle)\n", peer_name(peer),
           t->peer[peer].ran, t->peer[peer].failed, version);
    if (t->peer[peer].skipped)
        printf("  %-11s SKIPPED %zu: %s\n", peer_name(peer), t->peer[peer].skipped,
               t->peer[peer].reason);
}

static void print_summary(const struct check_tally *t, bool twins, bool peers)
{
    size_t ran[2] = {0}, skipped = 0, failed = 0;
    for (int isa = 0; isa < ISA_COUNT; isa++) {
        ran[emulated((enum isa)isa)] += t->ran[isa];
        skipped += t->skipped[isa];
        failed += t->failed[isa];
        print_lane(t, (enum isa)isa);
    }
    if (t->grads_ran)
        printf("  differences ran %6zu, wrong %zu: %zu derivatives of the forward pass, %zu beside "
               "a kink "
               "left out; %.1f %% of what is allowed\n",
               t->grads_ran, t->grads_failed, t->grads_elements, t->grads_kinks,
               100.0 * t->grads_worst.bound_used);
    if (t->twins_ran)
        printf("  %-11s ran %6zu, wrong %zu (held to the same oracle)\n", twins_version(),
               t->twins_ran, t->twins_failed);
    if (!twins) printf("  %-11s left out (--no-twins)\n", "oneDNN");
    if (twins && (t->twins_skipped || !t->twins_ran))
        printf("  %-11s SKIPPED %zu%s%s\n", twins_version(), t->twins_skipped,
               *t->twin_reason ? ": " : "", t->twin_reason);
    if (peers)
        for (int p = 0; p < PEER_COUNT; p++) print_peer(t, (enum peer)p);
    printf("%zu cases; variants: %zu ran, %zu ran emulated, %zu skipped, %zu wrong\n", t->cases,
           ran[false], ran[true], skipped, failed);
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
    if (ran == 0) {
        fputs("hinge check: nothing ran: this CPU has none of the lanes asked for\n", stderr);
        return EXIT_SKIPPED;
    }
    return STATUS_OK;
}

static void plan_threads(struct check_plan *plan, const struct options *options)
{
    /* Ranges of 1, 2, 3 and 5 end at other rows, and 5 are more than a small problem has. */
    static const int usual[] = {1, 2, 3, 5};
    const bool given = options->thread_count > 0;
    plan->thread_count = given ? options->thread_count : sizeof usual / sizeof *usual;
    for (size_t i = 0; i < plan->thread_count; i++)
        plan->threads[i] = given ? options->threads[i] : usual[i];
    const int most = par_max_threads();
    if (!given && most > 5) plan->threads[plan->thread_count++] = most;
}

static int run(struct arguments *a)
{
    struct check_tally tally = {.cases = 0};
    struct check_plan plan = {.wanted = wanted,
                              .ctx = &a->options,
                              .isas = a->options.isas,
                              .fills = a->fills,
                              .seed = a->options.seed,
                              .quick = a->quick,
                              .verbose = a->verbose,
                              .twins = !a->no_twins,
                              .peers = a->peers,
                              .out = stdout};
    enum status status = STATUS_OK;
    plan_threads(&plan, &a->options);
    if (a->junit) status = junit_open(&plan.junit, a->junit, "hinge check");
    if (status != STATUS_OK) {
        fprintf(stderr, "hinge check: %s\n", status_text());
        return (int)status;
    }
    printf("hinge check: seed %llu\n", (unsigned long long)plan.seed);
    for (size_t i = 0; i < kernel_count; i++) {
        if (a->kernel && a->kernel != kernel_specs[i]) continue;
        const enum status one = check_kernel(&plan, kernel_specs[i], &tally);
        if (one == STATUS_OK) continue;
        status = one;
        if (one != STATUS_WRONG) break;
    }
    if (!a->kernel && (status == STATUS_OK || status == STATUS_WRONG)) {
        const enum status nets = net_check(&plan, &tally);
        if (nets != STATUS_OK) status = nets;
    }
    print_summary(&tally, plan.twins, a->peers);
    const int code = conclude(a, &tally, status);
    const enum status written = junit_close(plan.junit);
    if (written == STATUS_OK) return code;
    fprintf(stderr, "hinge check: %s\n", status_text());
    return (int)written;
}

static const struct argp_child children[] = {{&options_argp, 0, NULL, 0}, {0}};
const struct argp check_argp = {
    .options = rows,
    .parser = parse,
    .children = children,
    .doc = "Check every kernel on every lane, and networks of exact arithmetic (circuit/...).\v"
           "Exit codes: 0 right, 2 wrong, 64 usage, 69 a required lane did not run, 77 no lane of "
           "those asked for runs on this CPU. HINGE_EMULATED=1 labels the run as emulated."};

int cmd_check(int argc, char **argv)
{
    static char name[] = "hinge check";
    struct arguments a = {.options = options_default(), .fills = FILLS_ALL};
    argv[0] = name;
    const error_t error = argp_parse(&check_argp, argc, argv, 0, NULL, &a);
    const int code = error ? STATUS_USAGE : run(&a);
    if (a.options.filter) regfree(&a.options.filter_re);
    return code;
}
