/* hinge model: what a GPT-2 checkpoint holds; converts it, or makes a fresh one. */
#include <math.h>
#include <stdio.h>

#include "base/par.h"
#include "commands.h"
#include "model/checkpoint.h"
#include "options.h"

enum { KEY_CONVERT = 256, KEY_INIT, KEY_VOCAB, KEY_CONTEXT, KEY_HEADS };

struct arguments {
    const char *file, *convert, *init, *output;
    const char *only_init;                /* an option that was given and belongs to --init; NULL */
    uint64_t vocab, context, heads, seed; /* 0: not given, the seed's default apart */
};

static const struct argp_option rows[] = {
    {"convert", KEY_CONVERT, "OUT", 0, "write FILE as OUT, which ends in .safetensors or .bin", 0},
    {"init", KEY_INIT, "gpt2|gpt2-medium|gpt2-large|gpt2-xl|LAYERSxCHANNELS", 0,
     "make a fresh model instead of reading one; 2x128 has 2 layers of 128 channels", 0},
    {"output", 'o', "OUT", 0, "where --init writes it", 0},
    {"vocab", KEY_VOCAB, "N", 0, "with --init: tokens (50257)", 0},
    {"context", KEY_CONTEXT, "N", 0, "with --init: positions (1024)", 0},
    {"seed", 's', "N", 0, "with --init: of the weights (1)", 0},
    {"heads", KEY_HEADS, "N", 0,
     "attention heads, whatever FILE says; with --init (one for 64 channels)", 0},
    {0}};

/* What the options say together. */
static enum status settle(const struct arguments *a)
{
    if (a->init && a->file)
        return fail(STATUS_USAGE, "--init makes a model: it takes no FILE such as %s", a->file);
    if (a->init && a->convert)
        return fail(STATUS_USAGE, "--convert goes with FILE, --init with -o");
    if (a->init && !a->output) return fail(STATUS_USAGE, "--init %s: say where, with -o", a->init);
    if (!a->init && !a->file) return fail(STATUS_USAGE, "name a FILE, or --init CONFIG -o OUT");
    if (!a->init && a->only_init) return fail(STATUS_USAGE, "%s goes with --init", a->only_init);
    const char *out = a->init ? a->output : a->convert;
    const enum status status = a->file ? checkpoint_named(a->file) : STATUS_OK;
    return status == STATUS_OK && out ? checkpoint_named(out) : status;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    enum status status = STATUS_OK;
    switch (key) {
    case KEY_CONVERT:
        a->convert = arg;
        break;
    case KEY_INIT:
        a->init = arg;
        break;
    case 'o':
        a->output = arg;
        a->only_init = "-o";
        break;
    case KEY_VOCAB:
        status = parse_count("--vocab", arg, 1, GPT2_VOCAB_MOST, &a->vocab);
        a->only_init = "--vocab";
        break;
    case KEY_CONTEXT:
        status = parse_count("--context", arg, 1, GPT2_CONTEXT_MOST, &a->context);
        a->only_init = "--context";
        break;
    case 's':
        status = parse_count("--seed", arg, 0, UINT64_MAX, &a->seed);
        a->only_init = "--seed";
        break;
    case KEY_HEADS:
        status = parse_count("--heads", arg, 1, GPT2_CHANNELS_MOST, &a->heads);
        break;
    case ARGP_KEY_ARG:
        if (a->file) status = fail(STATUS_USAGE, "one FILE, not also '%s'", arg);
        a->file = arg;
        break;
    case ARGP_KEY_END:
        status = settle(a);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (status != STATUS_OK) argp_error(state, "%s", status_text());
    return 0;
}

static enum status init(struct gpt2 *model, const struct arguments *a)
{
    struct gpt2_config config;
    char what[64];
    enum status status = gpt2_config_parse(a->init, &config);
    if (status != STATUS_OK) return status;
    if (a->vocab) config.vocab = a->vocab;
    if (a->context) config.context = a->context;
    config.heads = a->heads;
    snprintf(what, sizeof what, "--init %s", a->init);
    status = gpt2_config_settle(&config, STATUS_USAGE, what);
    if (status == STATUS_OK) status = gpt2_open(model, &config, what);
    if (status == STATUS_OK)
        gpt2_init(model, kernel_set_best(), par_max_threads(),
                  &(struct gpt2_fresh){GPT2_RULE_GPT2, GPT2_STD, a->seed});
    return status;
}

static void print_config(const char *name, const struct gpt2_config *c)
{
    printf("%s: %zu layers, %zu heads, %zu channels, context %zu, vocabulary %zu (padded %zu)\n",
           name, c->layers, c->heads, c->channels, c->context, c->vocab, c->vocab_padded);
}

static void print_tensors(const struct gpt2 *model)
{
    double nonfinite = 0.0;
    printf("%-24s %16s %12s %12s %10s\n", "tensor", "shape", "mean", "std", "non-finite");
    for (size_t i = 0; i < gpt2_tensor_count(&model->config); i++) {
        const struct gpt2_view view = gpt2_view_at(model, i);
        double m[MOMENTS_FIELDS];
        char shape[48];
        moments(kernel_set_best(), par_max_threads(), view.data, view.rows * view.cols, m);
        const double bad = round(m[MOMENTS_NONFINITE] * m[MOMENTS_N]);
        nonfinite += bad;
        if (view.rank == 1)
            snprintf(shape, sizeof shape, "%zu", view.cols);
        else
            snprintf(shape, sizeof shape, "%zu x %zu", view.rows, view.cols);
        printf("%-24s %16s %12.5g %12.5g %10.0f\n", view.name, shape, m[MOMENTS_MEAN],
               sqrt(m[MOMENTS_VARIANCE]), bad);
    }
    printf("%zu parameters, %.0f of them not finite\n", gpt2_parameters(&model->config), nonfinite);
}

const struct argp model_argp = {
    .options = rows,
    .parser = parse,
    .args_doc = "FILE\n--init CONFIG -o OUT",
    .doc = "Show what a GPT-2 checkpoint holds: its sizes and each tensor's shape, mean, standard "
           "deviation and non-finite values. FILE ends in .safetensors (huggingface's) or .bin "
           "(llm.c's, version 3)."};

int cmd_model(int argc, char **argv)
{
    struct arguments a = {.seed = 1};
    struct gpt2 model = {0};
    argp_parse(&model_argp, argc, argv, 0, NULL, &a);
    const char *out = a.init ? a.output : a.convert;
    enum status status = a.init ? init(&model, &a) : checkpoint_read(&model, a.file, a.heads);
    if (status == STATUS_OK && out) status = checkpoint_write(&model, out);
    if (status == STATUS_OK) print_config(out ? out : a.file, &model.config);
    if (status == STATUS_OK && !out) print_tensors(&model);
    gpt2_close(&model);
    if (status != STATUS_OK) fprintf(stderr, "hinge model: %s\n", status_text());
    return (int)status;
}
