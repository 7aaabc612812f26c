/* hinge hash: a hash of what every kernel writes for fixed inputs, the same on every lane, compiler, machine and number of
 * threads; or held to a table of such hashes. */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "hash/outputs.h"
#include "threads.h"

enum { KEY_AGAINST = 256 };

struct arguments {
    struct options options;
    const struct kernel_spec *kernel;
    const char *against;
};

struct run {
    const struct arguments *a;
    struct hash_plan plan;
    struct hash_table now, kept; /* kept: of --against */
    const struct kernel_spec *spec;
    size_t wrong; /* cases in which a lane differs from another */
    enum status status;
};

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
    case KEY_AGAINST:
        a->against = arg;
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

static bool is_selected(const struct arguments *a, const char *kernel, const char *name)
{
    if (a->kernel && strcmp(a->kernel->name, kernel) != 0) return false;
    return options_match(&a->options, name);
}

static void visit(const struct check_case *c, void *ctx)
{
    struct run *run = ctx;
    struct hash_row row;
    cases_name(run->spec, c, row.name, sizeof row.name);
    if (run->status != STATUS_OK || !options_match(&run->a->options, row.name)) return;
    const enum status status = hash_case(&run->plan, run->spec, c, &row);
    run->wrong += status == STATUS_WRONG;
    if (status != STATUS_OK && status != STATUS_WRONG)
        run->status = status;
    else if (!hash_table_find(&run->now, row.name)) /* a spec may name a shape twice */
        run->status = hash_table_add(&run->now, &row);
}

static void hash_kernels(struct run *run)
{
    const bool shown = isatty(STDERR_FILENO);
    threads_always(true);
    for (size_t i = 0; i < kernel_count && run->status == STATUS_OK; i++) {
        run->spec = kernel_specs[i];
        if (run->a->kernel && run->a->kernel != run->spec) continue;
        if (!run->spec->same_words) {
            fprintf(stderr, "hinge hash: %s left out: its contract lets lanes differ\n",
                    run->spec->name);
            continue;
        }
        if (shown)
            fprintf(stderr, "\r\033[Kkernel %zu/%zu: %s", i + 1, kernel_count, run->spec->name);
        cases_visit(run->spec, true, visit, run);
    }
    threads_always(false);
    if (shown) fputs("\r\033[K", stderr);
}

/* ---- against a table */

struct differences {
    size_t outputs, inputs, fresh, gone;
};

static void compare_row(const struct run *run, const struct hash_row *now, struct differences *d)
{
    const struct hash_row *kept = hash_table_find(&run->kept, now->name);
    if (!kept) {
        d->fresh++;
        printf("NEW      %s\n", now->name);
    } else if (kept->inputs != now->inputs) {
        d->inputs++;
        printf("INPUTS   %s: expected %016" PRIx64 ", got %016" PRIx64 "\n", now->name,
               kept->inputs, now->inputs);
    } else if (kept->outputs != now->outputs) {
        d->outputs++;
        printf("MISMATCH %.*s %s, all lanes: expected %016" PRIx64 ", got %016" PRIx64 "\n",
               (int)strcspn(now->name, "/"), now->name, now->name, kept->outputs, now->outputs);
    }
}

static enum status compare(const struct run *run)
{
    struct differences d = {0};
    const char *path = run->a->against;
    for (size_t i = 0; i < run->now.count; i++) compare_row(run, &run->now.at[i], &d);
    for (size_t i = 0; i < run->kept.count; i++) {
        const char *name = run->kept.at[i].name;
        char kernel[64];
        snprintf(kernel, sizeof kernel, "%.*s", (int)strcspn(name, "/"), name);
        if (!is_selected(run->a, kernel, name) || hash_table_find(&run->now, name)) continue;
        d.gone++;
        printf("GONE     %s\n", name);
    }
    printf("%zu cases beside those of %s: %zu with other words, %zu with other inputs, %zu not "
           "there, %zu of it gone; in %zu a lane differs from another\n",
           run->now.count, path, d.outputs, d.inputs, d.fresh, d.gone, run->wrong);
    if (d.outputs || run->wrong) return STATUS_WRONG;
    if (d.inputs)
        return fail(STATUS_DATA,
                    "%s: the C library draws other inputs than there: its log or cos "
                    "differs, and the words cannot be compared",
                    path);
    if (d.fresh || d.gone)
        return fail(STATUS_DATA,
                    "%s has other cases than this build: where that is meant, keep those of `hinge "
                    "hash` instead",
                    path);
    return STATUS_OK;
}

/* ---- the command */

static void plan(struct run *run)
{
    static const int usual[] = {1, 2, 7};
    const struct options *o = &run->a->options;
    const bool given = o->thread_count > 0;
    run->plan =
        (struct hash_plan){.threads = given ? o->threads : usual,
                           .thread_count = given ? o->thread_count : sizeof usual / sizeof *usual,
                           .seed = o->seed,
                           .out = run->a->against ? stdout : stderr};
    for (int isa = 0; isa < ISA_COUNT; isa++)
        if (o->isas >> isa & HASH_LANES >> isa & 1u && kernel_set((enum isa)isa))
            run->plan.isas |= 1u << isa;
}

static enum status prepare(struct run *run)
{
    const struct arguments *a = run->a;
    const uint64_t usual = options_default().seed;
    if (!(a->options.isas & HASH_LANES))
        return fail(STATUS_USAGE, "--isa: the omp lanes are held to a bound, not to words; name "
                                  "scalar, model, avx2 or avx512");
    if (a->against && a->options.seed != usual)
        return fail(STATUS_USAGE, "--seed %llu: kept hashes are of seed %llu",
                    (unsigned long long)a->options.seed, (unsigned long long)usual);
    return a->against ? hash_table_read(&run->kept, a->against) : STATUS_OK;
}

static enum status conclude(const struct run *run)
{
    if (run->status != STATUS_OK) return run->status;
    if (!run->now.count)
        return fail(STATUS_USAGE, "no case matches --filter %s", run->a->options.filter);
    if (run->a->against) return compare(run);
    hash_table_print(&run->now, stdout);
    return run->wrong ? STATUS_WRONG : STATUS_OK;
}

static enum status hash(struct run *run)
{
    const enum status status = prepare(run);
    if (status != STATUS_OK) return status;
    plan(run);
    if (!run->plan.isas)
        return fail(STATUS_UNAVAILABLE, "this CPU has none of the lanes asked for");
    hash_kernels(run);
    return conclude(run);
}

static const struct argp_option rows[] = {
    {"kernel", 'k', "KERNEL", 0, "this kernel alone", 0},
    {"against", KEY_AGAINST, "FILE", 0,
     "hold the hashes to those of a table, instead of printing them", 0},
    {0}};
static const struct argp_child children[] = {{&options_argp, 0, NULL, 0}, {0}};
const struct argp hash_argp = {
    .options = rows,
    .parser = parse,
    .children = children,
    .doc =
        "Print a table with a hash of what every kernel writes, for the fixed inputs of each "
        "case of `hinge check --quick`: the same on every lane, compiler, machine and number of "
        "threads.\v"
        "Every lane whose words the contracts fix (scalar, model, avx2, avx512; all by default) "
        "runs each case on 1, 2 and 7 threads, and must give one hash. The omp lanes round in "
        "the compiler's order: they are held to a bound by `hinge check`, and have no hash. "
        "The hash is FNV-1a of 64 bits over all fills; any NaN is any other.\n\n"
        "Exit codes: 0 fine, 2 a lane differs from another or from the table, 64 usage, 65 "
        "the table is broken, or of other cases or inputs, 66 no table, 69 no lane of those asked "
        "for runs on this CPU, 71 out of memory."};

int cmd_hash(int argc, char **argv)
{
    struct arguments a = {.options = options_default()};
    struct run run = {.a = &a};
    argp_parse(&hash_argp, argc, argv, 0, NULL, &a);
    const enum status status = hash(&run);
    if (status >= STATUS_USAGE) fprintf(stderr, "hinge hash: %s\n", status_text());
    hash_table_free(&run.now);
    hash_table_free(&run.kept);
    if (a.options.filter) regfree(&a.options.filter_re);
    return (int)status;
}
