#include "check/arguments.h"

#include <string.h>

#include "check/fill.h"
#include "commands.h"

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
static enum status parse_fuzz(const char *text, struct check_arguments *a)
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

bool check_arguments_draw(const struct check_arguments *a)
{
    return a->fuzz_seconds > 0.0 || a->fuzz_cases > 0;
}

/* Options that say nothing together. */
static enum status agree(const struct check_arguments *a)
{
    if (check_arguments_draw(a) && a->case_name)
        return fail(STATUS_USAGE, "--fuzz draws cases, --case names one: not both");
    if ((check_arguments_draw(a) || a->case_name) && (a->quick || a->peers))
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
    struct check_arguments *a = state->input;
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
    {"junit", KEY_JUNIT, "FILE", 0,
     "write the results as JUnit XML; a kernel that ends its process is then one more failure", 0},
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
