#include "arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "peers.h"
#include "plugin/lane.h"

enum { FORKS_MAX = 1000 };
enum {
    KEY_GRID = 256,
    KEY_DEPTH,
    KEY_HEADS,
    KEY_WIDTH,
    KEY_BATCH,
    KEY_SCALE,
    KEY_KERNEL,
    KEY_DATA,
    KEY_BUDGET,
    KEY_JSON,
    KEY_NO_JSON,
    KEY_PEERS,
    KEY_PLUGIN,
    KEY_COLD,
    KEY_FTZ,
    KEY_PLACEMENT,
    KEY_ONEDNN_ISA,
    KEY_FORKS,
    KEY_RESUME,
    KEY_TARGET,
    KEY_SHARE,
    KEY_PER_HOST
};

static const struct argp_option rows[] = {
    {"grid", KEY_GRID, "quick|default|full", 0, "which chains: 20 s, 2 min or 4 h of them", 0},
    {"depth", KEY_DEPTH, "LIST", 0, "layers, instead of the grid's", 0},
    {"heads", KEY_HEADS, "LIST", 0, "of attention, instead of its own", 0},
    {"width", KEY_WIDTH, "LIST", 0,
     "units in a layer; a vector kernel's elements; attention's positions", 0},
    {"batch", KEY_BATCH, "LIST", 0, "rows in a batch", 0},
    {"scale", KEY_SCALE, "LIST", 0, "initialization scales, multiples of He's sqrt(2 / fan_in)", 0},
    {"kernel", KEY_KERNEL, "KERNEL", 0,
     "that kernel instead of chains: its own shapes, or the lists", 0},
    {"plugin", KEY_PLUGIN, "FILE", 0,
     "the kernels of that shared object (hinge/plugin.h) beside ours, at the cases that they take",
     0},
    {"onednn-isa", KEY_ONEDNN_ISA, "LANE", 0,
     "oneDNN uses no more than that lane (the widest of --isa, so that avx2 meets avx2)", 0},
    {"cold", KEY_COLD, NULL, 0,
     "calls take turns at copies beyond all caches, so that each finds its operands in memory", 0},
    {"ftz", KEY_FTZ, NULL, 0,
     "every call, ours and oneDNN's, with FTZ and DAZ set on all its threads; where that moves an "
     "output beyond the bound that holds without it, there is no time",
     0},
    {"placement", KEY_PLACEMENT, "fixed|sweep", 0,
     "sweep: rounds take turns at 16 placements of all operands, modulo 64 and modulo 4096, to "
     "tell "
     "the best, median and worst (fixed: one after another, each at a cache line)",
     0},
    {"data", KEY_DATA, "DIR", 0, "MNIST-style IDX files instead of the digits", 0},
    {"budget", KEY_BUDGET, "TIME", 0,
     "when the run is to end, everything included: 30s, 2m, 1h (the grid's own)", 0},
    {"target", KEY_TARGET, "PERCENT", 0,
     "sample each row until its 95 % interval is that narrow to either side (1)", 0},
    {"forks", KEY_FORKS, "N", 0, "in at most so many processes, and in 3 where N allows (25)", 0},
    {"json", KEY_JSON, "FILE", 0, "the result file (results/runs/DATE.json in the current folder)",
     0},
    {"resume", KEY_RESUME, "FILE", 0,
     "go on with a run that was killed, from the journal that it left beside its result file; no "
     "other option",
     0},
    {"no-json", KEY_NO_JSON, NULL, 0, "write no result file", 0},
    {"peers", KEY_PEERS, NULL, 0,
     "with --kernel of a dense layer: OpenBLAS, BLIS and libxsmm too, those that are installed", 0},
    {"share", KEY_SHARE, "rank|K/N", 0,
     "part K of N of the rows, into FILE.K-of-N.json, for `hinge gather`; or go on with it; rank: "
     "as mpirun or srun says",
     0},
    {"per-host", KEY_PER_HOST, NULL, 0,
     "all rows on this host of several, into FILE.HOST.json; or go on with it", 0},
    {"verbose", 'v', NULL, 0, "print the times of every scale, not of the one nearest to 1", 0},
    {0}};

static enum status parse_sampling(int key, const char *arg, struct arguments *a)
{
    uint64_t count = 0;
    if (key == KEY_BUDGET) return parse_time("--budget", arg, &a->budget);
    if (key == KEY_TARGET) return parse_percent("--target", arg, &a->target);
    const enum status status = parse_count("--forks", arg, 1, FORKS_MAX, &count);
    a->forks = (size_t)count;
    return status;
}

static enum status parse_placement(const char *arg, bool *sweep)
{
    *sweep = strcmp(arg, "sweep") == 0;
    if (*sweep || strcmp(arg, "fixed") == 0) return STATUS_OK;
    return fail(STATUS_USAGE, "--placement %s: not fixed or sweep", arg);
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
        status = parse_sizes("--depth", arg, &a->given.depth);
        break;
    case KEY_HEADS:
        status = parse_sizes("--heads", arg, &a->heads);
        break;
    case KEY_WIDTH:
        status = parse_sizes("--width", arg, &a->given.width);
        break;
    case KEY_BATCH:
        status = parse_sizes("--batch", arg, &a->given.batch);
        break;
    case KEY_SCALE:
        status = parse_scales("--scale", arg, &a->given.scale);
        break;
    case KEY_BUDGET:
    case KEY_FORKS:
    case KEY_TARGET:
        status = parse_sampling(key, arg, a);
        break;
    case KEY_KERNEL:
        status = parse_kernel(arg, &a->kernel);
        break;
    case KEY_ONEDNN_ISA:
        status = parse_isas("--onednn-isa", arg, &a->onednn_isas);
        break;
    case KEY_DATA:
        a->data = arg;
        break;
    case KEY_JSON:
        a->json = arg;
        break;
    case KEY_RESUME:
        a->resume = arg;
        break;
    case KEY_NO_JSON:
        a->no_json = true;
        break;
    case KEY_PEERS:
        a->peers = true;
        break;
    case KEY_COLD:
        a->cold = true;
        break;
    case KEY_SHARE:
        status = share_parse(arg, &a->share);
        break;
    case KEY_PER_HOST:
        a->per_host = true;
        break;
    case KEY_PLUGIN:
        a->plugin = arg;
        break;
    case KEY_PLACEMENT:
        status = parse_placement(arg, &a->sweep);
        break;
    case KEY_FTZ:
        a->ftz = true;
        break;
    case 'v':
        a->verbose = true;
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

static enum status check_peers(const struct arguments *a)
{
    if (a->peers && a->ftz)
        return fail(STATUS_USAGE,
                    "--ftz: the threads of other libraries are their own and cannot be set: not "
                    "with --peers");
    if (!a->peers || (a->kernel && peer_has(a->kernel->name))) return STATUS_OK;
    return fail(STATUS_USAGE, "--peers: the libraries are compared on dense layers; say which "
                              "with --kernel dense_fwd, dense_bwd_data or dense_bwd_weights");
}

static enum status check_placement(const struct arguments *a)
{
    if (!a->sweep || !a->cold) return STATUS_OK;
    return fail(STATUS_USAGE,
                "--placement sweep: the copies that cold calls take turns at lie where "
                "they do: not with --cold");
}

static enum status check_heads(const struct arguments *a)
{
    if (!a->heads.count || a->kernel) return STATUS_OK;
    return fail(STATUS_USAGE, "--heads: chains have none; say which kernel with --kernel attn_fwd");
}

bool arguments_are_of_many(const struct arguments *a)
{
    return a->share.count || a->per_host;
}

static enum status check_many(struct arguments *a)
{
    const char *option = a->per_host ? "--per-host" : "--share";
    if (!arguments_are_of_many(a)) return STATUS_OK;
    if (a->per_host && a->share.count)
        return fail(STATUS_USAGE, "--per-host and --share: all rows on each host, or a part each");
    if (a->json && !a->no_json) return share_resolve(&a->share);
    return fail(STATUS_USAGE,
                "%s: name the file that all processes have in common with --json FILE; each puts "
                "its own part into the name",
                option);
}

/* Without --kernel all of its kernels are timed. */
static enum status open_plugin(struct arguments *a)
{
    if (!a->plugin) return STATUS_OK;
    enum status status = plugin_load(a->plugin);
    if (status == STATUS_OK) status = plugin_offers(a->kernel);
    if (status != STATUS_OK || a->kernel) return status;
    a->all_rooms = true;
    for (size_t i = kernel_count; i-- > 0;)
        if (plugin_has(kernel_specs[i])) a->kernel = kernel_specs[i];
    return STATUS_OK;
}

static void settle(struct arguments *a)
{
    const struct grid *given = &a->given;
    if (given->depth.count) a->grid.depth = given->depth;
    if (given->width.count) a->grid.width = given->width;
    if (given->batch.count) a->grid.batch = given->batch;
    if (given->scale.count) a->grid.scale = given->scale;
    if (a->onednn_isas == 0) a->onednn_isas = a->options.isas;
    if (a->options.thread_count == 0) {
        a->options.threads[0] = 1;
        a->options.thread_count = 1;
    }
    if (a->budget > 0.0) return;
    a->budget = strcmp(a->grid_name, "quick") == 0  ? 20.0
                : strcmp(a->grid_name, "full") == 0 ? 4.0 * 3600.0
                                                    : 120.0;
}

static const struct argp_child children[] = {{&options_argp, 0, NULL, 0}, {0}};
const struct argp bench_argp = {
    .options = rows,
    .parser = parse,
    .children = children,
    .doc =
        "Check each case, then time it: every lane and oneDNN interleaved, in several processes.\v"
        "The default is the main job: chains of ReLU layers over depth, width, batch and "
        "initialization scale, forward and backward, on real inputs.\n\n"
        "A process visits rows in random order. Each row is sampled in 3 processes, then in more "
        "where its interval over processes is wider than the target, the widest first. A run ends "
        "within its budget, earlier where every row has met its target; what missed it is listed, "
        "rows that the budget does not pay for are left out and named.\n\n"
        "Ctrl-C prints and writes what is done. A run that is killed leaves FILE.part beside its "
        "result file: --resume goes on with it, on the same machine and build.\n\n"
        "Several processes, on one machine or many, do a run together with --share, and `hinge "
        "gather` makes one file of theirs. With --share or --per-host the same command, given "
        "again, goes on with what was killed and leaves alone what is done.\n\n"
        "Exit codes: 0 fine, 2 an output was wrong (and has no time), 64 usage, 65 bad data, 66 no "
        "input, 69 no process can be started or each has died, 71 out of memory, 73 the result "
        "file cannot be written, 130 interrupted."};

struct arguments arguments_read(int argc, char **argv)
{
    struct arguments a = {
        .options = options_default(), .grid_name = "default", .forks = 25, .target = 0.01};
    grid_preset("default", &a.grid);
    argp_parse(&bench_argp, argc, argv, 0, NULL, &a);
    settle(&a);
    enum status status = open_plugin(&a);
    if (status == STATUS_OK) status = check_heads(&a);
    if (status == STATUS_OK) status = check_peers(&a);
    if (status == STATUS_OK) status = check_many(&a);
    if (status == STATUS_OK) status = check_placement(&a);
    if (status == STATUS_OK) return a;
    fprintf(stderr, "%s: %s\n", argv[0], status_text());
    exit((int)status);
}

void arguments_free(struct arguments *a)
{
    if (a->options.filter) regfree(&a->options.filter_re);
}
