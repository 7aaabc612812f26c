/* hinge count: how many instructions each small call takes, exactly, beside the counts that are kept. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "count/calls.h"
#include "count/compare.h"
#include "count/profile.h"
#include "count/report.h"
#include "count/valgrind.h"
#include "report/file.h"

enum { KEY_BASELINE = 256, KEY_UPDATE, KEY_TOLERANCE, KEY_JSON, KEY_MARKDOWN, KEY_INSIDE };

struct arguments {
    struct options options;
    const struct kernel_spec *kernel;
    const char *baseline; /* NULL: none */
    const char *json;
    double tolerance; /* percent */
    bool baseline_given, update, markdown, verbose;
    bool inside; /* this is the counted process */
};

static enum status parse_tolerance(const char *text, double *percent)
{
    char *end;
    *percent = strtod(text, &end);
    if (end != text && !*end && *percent >= 0.0 && *percent <= 1000.0) return STATUS_OK;
    return fail(STATUS_USAGE, "--tolerance %s: not a percentage from 0 to 1000", text);
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
    case KEY_BASELINE:
        a->baseline = arg;
        a->baseline_given = true;
        break;
    case KEY_UPDATE:
        a->update = true;
        break;
    case KEY_TOLERANCE:
        status = parse_tolerance(arg, &a->tolerance);
        break;
    case KEY_JSON:
        a->json = arg;
        break;
    case KEY_MARKDOWN:
        a->markdown = true;
        break;
    case KEY_INSIDE:
        a->inside = true;
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

/* Branches on the operands' values make some counts depend on the seed. */
static enum status check_seed(struct arguments *a)
{
    const uint64_t usual = options_default().seed;
    if (a->options.seed == usual) return STATUS_OK;
    if (a->baseline_given || a->update)
        return fail(STATUS_USAGE, "--seed %llu: kept counts are of seed %llu",
                    (unsigned long long)a->options.seed, (unsigned long long)usual);
    a->baseline = NULL;
    return STATUS_OK;
}

/* The baseline that was named must be there, unless it is about to be made; the usual one may be missing. */
static enum status open_baseline(struct arguments *a, struct baseline *b)
{
    *b = (struct baseline){0};
    if (!a->baseline) return STATUS_OK;
    const bool there = access(a->baseline, F_OK) == 0;
    if (there || (a->baseline_given && !a->update)) return baseline_read(b, a->baseline);
    if (!a->update) a->baseline = NULL;
    return STATUS_OK;
}

static enum status update(const struct arguments *a, const struct count_rows *rows,
                          struct baseline *b, const struct selection *selection)
{
    enum status status = STATUS_OK;
    size_t kept = 0;
    baseline_drop(b, selection_has, selection);
    for (size_t i = 0; i < rows->count && status == STATUS_OK; i++) {
        const struct count_row *row = &rows->at[i];
        struct baseline_row now = {
            .isa = row->isa, .threads = row->threads, .instructions = row->reading[0]};
        if (!count_exact(row)) continue;
        snprintf(now.compiler, sizeof now.compiler, "%s", selection->compiler);
        snprintf(now.name, sizeof now.name, "%s", row->name);
        status = baseline_add(b, &now);
        kept++;
    }
    if (status == STATUS_OK) status = baseline_write(b, a->baseline);
    if (status == STATUS_OK)
        fprintf(stderr, "hinge count: %zu counts kept in %s\n", kept, a->baseline);
    return status;
}

/* What was counted, beside the baseline: printed, written, judged. */
static enum status conclude(const struct arguments *a, const struct count_rows *rows,
                            struct baseline *b, const char *compiler)
{
    const struct selection selection = {&a->options, a->kernel, compiler};
    struct comparison c = {.counter = rows->counter,
                           .compiler = compiler,
                           .kept_in = a->baseline,
                           .tolerance = a->tolerance};
    enum status status = compare(&c, rows, b, &selection);
    if (status != STATUS_OK) return status;
    report_print(stdout, &c, a->markdown ? REPORT_MARKDOWN : REPORT_TEXT, a->verbose);
    fflush(stdout);
    if (a->json) status = report_json(&c, a->options.seed, a->json);
    if (status == STATUS_OK && !a->update) status = comparison_verdict(&c);
    const bool varies = c.of[CHANGE_VARIES] > 0;
    comparison_free(&c);
    if (status == STATUS_OK && a->update) status = update(a, rows, b, &selection);
    return status == STATUS_OK && varies ? STATUS_INCONCLUSIVE : status;
}

/* What is wrong with files and options is said before the counting starts. */
static enum status prepare(struct arguments *a, struct baseline *b,
                           char compiler[BASELINE_COMPILER])
{
    if (count_calls_missing())
        return fail(STATUS_UNAVAILABLE, "this build cannot count: %s", count_calls_missing());
    if (a->json && strcmp(a->json, "-") == 0)
        return fail(STATUS_USAGE, "--json -: the table goes to the standard output; name a file");
    enum status status = check_seed(a);
    if (status == STATUS_OK && a->json) status = file_writable(a->json);
    if (status == STATUS_OK && a->update) status = file_writable(a->baseline);
    if (status == STATUS_OK) status = baseline_compiler(compiler);
    return status == STATUS_OK ? open_baseline(a, b) : status;
}

static enum status run(struct arguments *a, char **argv, struct count_rows *rows, int *told)
{
    char compiler[BASELINE_COMPILER], program[VALGRIND_PATH];
    struct baseline b = {0};
    FILE *profile = NULL;
    enum status status = prepare(a, &b, compiler);
    if (status == STATUS_OK) status = valgrind_run(argv, program, &profile, told);
    if (status == STATUS_OK) status = profile_read(profile, program, rows);
    if (profile) fclose(profile);
    if (status == STATUS_OK) status = conclude(a, rows, &b, compiler);
    baseline_free(&b);
    return status;
}

static struct arguments arguments_default(void)
{
    struct arguments a = {
        .options = options_default(), .baseline = "results/instructions.csv", .tolerance = 0.5};
    a.options.isas = 1u << ISA_SCALAR | 1u << ISA_OMP_AVX2 | 1u << ISA_AVX2;
    a.options.threads[0] = 1;
    a.options.threads[1] = 2;
    a.options.thread_count = 2;
    return a;
}

static const struct argp_option rows[] = {
    {"kernel", 'k', "KERNEL", 0, "this kernel alone", 0},
    {"baseline", KEY_BASELINE, "FILE", 0,
     "counts to compare with (results/instructions.csv, where that is here)", 0},
    {"update", KEY_UPDATE, NULL, 0,
     "keep these counts in the baseline; others that it has stay as they are", 0},
    {"tolerance", KEY_TOLERANCE, "PERCENT", 0, "growth up to so much is told and passes (0.5)", 0},
    {"json", KEY_JSON, "OUT", 0, "write every count and what became of it", 0},
    {"markdown", KEY_MARKDOWN, NULL, 0, "print Markdown, for a pull request", 0},
    {"verbose", 'v', NULL, 0, "print every count, not only those that differ", 0},
    {"inside", KEY_INSIDE, NULL, OPTION_HIDDEN, "", 0},
    {0}};
static const struct argp_child children[] = {{&options_argp, 0, NULL, 0}, {0}};
const struct argp count_argp = {
    .options = rows,
    .parser = parse,
    .children = children,
    .doc = "Count the instructions of each small call under valgrind's callgrind, the same"
           " number in every run on any machine, and compare them with kept counts of the "
           "same compiler, flags and C library.\v"
           "Counted are the shapes that the benchmarks time up to 1.2 Mflop and 600 kB, of"
           " a kernel without one the largest such shape of `hinge check`; lanes scalar, "
           "omp_avx2 and avx2, on 1 and 2 threads, each call on as many as that. More "
           "instructions are no time: they say that the code that runs has changed.\n\n"
           "Exit codes: 0 fine, 1 a count grew or is gone, 3 a call takes another number "
           "each time, 64 usage, 65 bad data, 66 no baseline, 69 no valgrind here or no "
           "kept counts of this build, 71 out of memory, 73 cannot write."};

int cmd_count(int argc, char **argv)
{
    struct arguments a = arguments_default();
    struct count_rows counted = {0};
    int told = 0;
    argp_parse(&count_argp, argc, argv, 0, NULL, &a);
    enum status status = count_rows_make(&counted, &a.options, a.kernel);
    if (status == STATUS_OK)
        status = a.inside ? count_calls(&counted, a.options.seed) : run(&a, argv, &counted, &told);
    count_rows_free(&counted);
    if (a.options.filter) regfree(&a.options.filter_re);
    if (told) return told;
    if (status >= STATUS_USAGE) fprintf(stderr, "hinge count: %s\n", status_text());
    return (int)status;
}
