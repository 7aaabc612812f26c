#include "angle/arguments.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "kernel.h"
#include "options.h"

enum {
    KEY_WEIGHTS = 256,
    KEY_INPUT,
    KEY_DATA,
    KEY_LOSS,
    KEY_RATES,
    KEY_ETA,
    KEY_JSON,
    KEY_FIGURE,
    KEY_EVERY,
    /* From here on, of a fresh network. */
    KEY_DEPTH,
    KEY_WIDTH,
    KEY_INPUTS,
    KEY_SCALE,
    KEY_ARCH,
    KEY_TRAIN_FIRST,
    /* And of a ResNet. */
    KEY_BRANCH,
    KEY_BRANCH_SCALE
};
/* Layers are streams of random numbers below 2^19; nothing of 2^40 rows or columns is worth counting. */
static const uint64_t DEPTH_MOST = 1 << 16, SIZE_MOST = 1ull << 40;

static const struct argp_option rows[] = {
    {"weights", KEY_WEIGHTS, "FILE", 0, "an MLP in a .safetensors file", 1},
    {NULL, 0, NULL, 0, "Without --weights, a fresh network:", 2},
    {"depth", KEY_DEPTH, "N", 0, "layers, of which the first embeds the input (32)", 2},
    {"width", KEY_WIDTH, "N", 0, "features of each layer (256)", 2},
    {"inputs", KEY_INPUTS, "N", 0, "columns of the input (64)", 2},
    {"scale", KEY_SCALE, "X", 0,
     "of weights, as a multiple of He's sqrt(2 / fan_in); the embedding keeps sqrt(1 / fan_in) (1)",
     2},
    {"train-first", KEY_TRAIN_FIRST, NULL, 0, "train the embedding too", 2},
    {"arch", KEY_ARCH, "mlp|resnet", 0, "of what kind (mlp)", 2},
    {"branch", KEY_BRANCH, "N", 0, "of a ResNet: layers of a branch, 1 or 2 (1)", 2},
    {"branch-scale", KEY_BRANCH_SCALE, "C", 0,
     "of a ResNet: branches are multiplied by C / sqrt(depth) (1)", 2},
    {NULL, 0, NULL, 0, "What goes through it:", 3},
    {"batch", 'b', "N", 0, "rows of input (1)", 3},
    {"input", KEY_INPUT, "digits|gaussian", 0,
     "gaussian: rows of norm 1 (digits where there are 64 inputs)", 3},
    {"data", KEY_DATA, "DIR", 0, "input from a folder of MNIST-style IDX files: the first rows", 3},
    {"loss", KEY_LOSS, "normal|squared", 0,
     "normal: independent normals as the gradient of the last features; squared: against one-hot "
     "labels (squared for --weights with 10 outputs and real input, else normal)",
     3},
    {"rates", KEY_RATES, "equal|fixed", 0,
     "equal: each trained layer contributes eta to the decay of the loss; fixed: one learning rate "
     "eta (equal)",
     3},
    {"eta", KEY_ETA, "X", 0, "what --rates says (1)", 3},
    {"seed", 's', "N", 0, "of all draws (1)", 3},
    {NULL, 0, NULL, 0, "How, and what is shown:", 4},
    {"threads", 't', "N", 0, "at most so many (all)", 4},
    {"isa", 'i', "LANE", 0, "the lane whose kernels run (the best that runs here)", 4},
    {"every", KEY_EVERY, "N", 0, "print the first layer, every Nth and the last (1)", 4},
    {"json", KEY_JSON, "FILE", 0, "write all layers and the machine", 4},
    {"figure", KEY_FIGURE, "FILE", 0, "draw cos(theta) over the layers, as SVG", 4},
    {0}};

struct angle_arguments angle_defaults(void)
{
    return (struct angle_arguments){
        .ask = {.plan = {.batch = 1, .width = 256, .depth = 32, .beta = 1.0, .branch = 1},
                .scale = 1.0,
                .eta = 1.0,
                .seed = 1,
                .threads = par_max_threads(),
                .set = kernel_set_best()},
        .branch_scale = 1.0,
        .every = 1};
}

static enum status parse_positive(const char *option, const char *text, double *value)
{
    char *end;
    errno = 0;
    const double x = strtod(text, &end);
    if (end == text || *end || !(x > 0.0) || !isfinite(x))
        return fail(STATUS_USAGE, "%s %s: not a positive finite number", option, text);
    *value = x;
    return STATUS_OK;
}

static enum status parse_size(const char *option, const char *text, uint64_t most, size_t *value)
{
    uint64_t x = 0;
    const enum status status = parse_count(option, text, 1, most, &x);
    *value = (size_t)x;
    return status;
}

/* 0 or 1: which of two words. */
static enum status parse_word(const char *option, const char *text, const char *const word[2],
                              int *which)
{
    for (*which = 0; *which < 2; ++*which)
        if (strcmp(text, word[*which]) == 0) return STATUS_OK;
    return fail(STATUS_USAGE, "%s %s: %s or %s", option, text, word[0], word[1]);
}

static enum status parse_isa(struct angle_arguments *a, const char *text)
{
    const enum isa isa = isa_from_name(text);
    unsigned list;
    if (isa == ISA_COUNT && parse_isas("--isa", text, &list) != STATUS_OK) return STATUS_USAGE;
    if (isa == ISA_COUNT) return fail(STATUS_USAGE, "--isa %s: one lane, not a list", text);
    a->isa = isa_name(isa);
    a->ask.set = kernel_set(isa);
    return STATUS_OK;
}

/* ---- of a fresh network */

static enum status parse_fresh(struct angle_arguments *a, int key, const char *arg)
{
    static const char *const arch[2] = {"mlp", "resnet"};
    struct network_plan *p = &a->ask.plan;
    int which = 0;
    enum status status = STATUS_OK;
    switch (key) {
    case KEY_DEPTH:
        a->fresh = "--depth";
        return parse_size(a->fresh, arg, DEPTH_MOST, &p->depth);
    case KEY_WIDTH:
        a->fresh = "--width";
        return parse_size(a->fresh, arg, SIZE_MOST, &p->width);
    case KEY_INPUTS:
        a->fresh = "--inputs";
        return parse_size(a->fresh, arg, SIZE_MOST, &p->inputs);
    case KEY_SCALE:
        a->fresh = "--scale";
        return parse_positive(a->fresh, arg, &a->ask.scale);
    case KEY_ARCH:
        a->fresh = "--arch";
        status = parse_word(a->fresh, arg, arch, &which);
        a->ask.resnet = which == 1;
        return status;
    case KEY_TRAIN_FIRST:
        a->fresh = "--train-first";
        p->train_first = true;
        return STATUS_OK;
    case KEY_BRANCH:
        a->fresh = a->of_resnet = "--branch";
        return parse_size(a->fresh, arg, 2, &p->branch);
    default:
        a->fresh = a->of_resnet = "--branch-scale";
        return parse_positive(a->fresh, arg, &a->branch_scale);
    }
}

/* ---- of any */

static enum status parse_any(struct angle_arguments *a, int key, char *arg)
{
    static const char *const input[2] = {"gaussian", "digits"},
                             *const loss[2] = {"normal", "squared"},
                             *const rates[2] = {"equal", "fixed"};
    uint64_t count = 0;
    int which = 0;
    enum status status = STATUS_OK;
    switch (key) {
    case KEY_INPUT:
        status = parse_word("--input", arg, input, &which);
        a->ask.input = which ? INPUT_DIGITS : INPUT_GAUSSIAN;
        break;
    case KEY_LOSS:
        status = parse_word("--loss", arg, loss, &which);
        a->ask.loss = which ? LOSS_SQUARED : LOSS_NORMAL;
        break;
    case KEY_RATES:
        status = parse_word("--rates", arg, rates, &which);
        a->ask.fixed = which == 1;
        break;
    case KEY_ETA:
        return parse_positive("--eta", arg, &a->ask.eta);
    case KEY_EVERY:
        return parse_count("--every", arg, 1, UINT64_MAX, &a->every);
    case 'b':
        return parse_size("--batch", arg, SIZE_MOST, &a->ask.plan.batch);
    case 's':
        return parse_count("--seed", arg, 0, UINT64_MAX, &a->ask.seed);
    case 't':
        status = parse_count("--threads", arg, 1, PAR_THREADS_MOST, &count);
        a->ask.threads = (int)count;
        break;
    case 'i':
        return parse_isa(a, arg);
    }
    return status;
}

/* What the options say together. */
static enum status settle(struct angle_arguments *a)
{
    struct network_plan *p = &a->ask.plan;
    const char *const out[] = {a->json, a->figure};
    if (a->ask.weights && a->fresh)
        return fail(STATUS_USAGE, "%s makes a fresh network; --weights reads one", a->fresh);
    if (a->of_resnet && !a->ask.resnet)
        return fail(STATUS_USAGE, "%s goes with --arch resnet", a->of_resnet);
    if (a->ask.data && a->ask.input != INPUT_CHOOSE)
        return fail(STATUS_USAGE, "--data and --input: one or the other");
    for (size_t i = 0; i < sizeof out / sizeof *out; i++)
        if (out[i] && strcmp(out[i], "-") == 0)
            return fail(STATUS_USAGE, "-: the table goes to the standard output; name a file");
    if (a->json && a->figure && strcmp(a->json, a->figure) == 0)
        return fail(STATUS_USAGE, "--json and --figure: not one file for both");
    if (a->ask.data) a->ask.input = INPUT_IDX;
    p->gain = a->ask.scale * sqrt(2.0);
    if (!a->ask.resnet) return STATUS_OK;
    p->beta = a->branch_scale / sqrt((double)p->depth);
    if (p->beta > 1.0)
        return fail(STATUS_USAGE, "--branch-scale %g: over sqrt(%zu), the depth, it is above 1",
                    a->branch_scale, p->depth);
    if (p->branch == 2 && p->depth % 2 == 0)
        return fail(STATUS_USAGE,
                    "--branch 2 takes an odd --depth, the embedding and pairs of layers, not %zu",
                    p->depth);
    return STATUS_OK;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct angle_arguments *a = state->input;
    enum status status = STATUS_OK;
    switch (key) {
    case KEY_WEIGHTS:
        a->ask.weights = arg;
        break;
    case KEY_DATA:
        a->ask.data = arg;
        break;
    case KEY_JSON:
        a->json = arg;
        break;
    case KEY_FIGURE:
        a->figure = arg;
        break;
    case ARGP_KEY_ARG:
        status = fail(STATUS_USAGE, "'%s' is not an option", arg);
        break;
    case ARGP_KEY_END:
        status = settle(a);
        break;
    case KEY_INPUT:
    case KEY_LOSS:
    case KEY_RATES:
    case KEY_ETA:
    case KEY_EVERY:
    case 'b':
    case 's':
    case 't':
    case 'i':
        status = parse_any(a, key, arg);
        break;
    default:
        if (key < KEY_DEPTH || key > KEY_BRANCH_SCALE) return ARGP_ERR_UNKNOWN;
        status = parse_fresh(a, key, arg);
    }
    if (status != STATUS_OK) argp_error(state, "%s", status_text());
    return 0;
}

const struct argp angle_argp = {
    rows,
    parse,
    NULL,
    "Estimate the angle between the feature updates of one step of gradient descent and the "
    "backward "
    "pass at each layer of a ReLU network: of an MLP in a .safetensors file (NAME.weight "
    "[outputs,inputs] and NAME.bias, F32, in the order of the numbers in their names, every layer "
    "trained), or of a fresh one.\vA file that holds anything else is refused, since what that "
    "would "
    "do to the features is not known.",
    NULL,
    NULL,
    NULL};
