/* hinge variance: how far the weights of a GPT-2 checkpoint are spread, layer by layer. */
#include <argp.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/par.h"
#include "commands.h"
#include "model/checkpoint.h"
#include "model/gpt2_parts.h"
#include "options.h"
#include "report/file.h"
#include "report/json_file.h"

enum { KEY_HEADS = 256, KEY_JSON, KEY_WEIGHTS };

struct arguments {
    const char *file, *json;
    uint64_t heads;
};

static const struct argp_option rows[] = {
    {"weights", KEY_WEIGHTS, "FILE", 0, "the same as FILE", 0},
    {"heads", KEY_HEADS, "N", 0, "attention heads, whatever FILE says", 0},
    {"json", KEY_JSON, "OUT", 0, "write mean, variance and the share that is not finite of each",
     0},
    {0}};

static enum status take_file(struct arguments *a, const char *file)
{
    if (a->file) return fail(STATUS_USAGE, "one FILE, not also '%s'", file);
    a->file = file;
    return checkpoint_named(file);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    enum status status = STATUS_OK;
    switch (key) {
    case ARGP_KEY_ARG:
    case KEY_WEIGHTS:
        status = take_file(a, arg);
        break;
    case KEY_HEADS:
        status = parse_count("--heads", arg, 1, GPT2_CHANNELS_MOST, &a->heads);
        break;
    case KEY_JSON:
        a->json = arg;
        break;
    case ARGP_KEY_END:
        if (!a->file) status = fail(STATUS_USAGE, "name a FILE: a checkpoint");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (status != STATUS_OK) argp_error(state, "%s", status_text());
    return 0;
}

static enum status write_json(const struct arguments *a, const struct gpt2_config *c,
                              double (*m)[MOMENTS_FIELDS])
{
    json_t *root = json_pack("{s:i, s:I, s:I, s:o, s:o, s:o}", "schema_version", 1, "layers",
                             (json_int_t)c->layers, "channels", (json_int_t)c->channels, "mean",
                             gpt2_parts_json(c, m, MOMENTS_MEAN), "variance",
                             gpt2_parts_json(c, m, MOMENTS_VARIANCE), "nonfinite",
                             gpt2_parts_json(c, m, MOMENTS_NONFINITE));
    return json_file_write(a->json, root, 17);
}

static void print(const struct gpt2_config *c, double (*m)[MOMENTS_FIELDS])
{
    double bad = 0.0;
    printf("Standard deviations of weights: %zu layers of %zu channels\n%5s", c->layers,
           c->channels, "layer");
    for (int part = 0; part < GPT2_LAYER_PARTS; part++)
        printf(" %10s", gpt2_part_name((enum gpt2_part)part));
    for (size_t l = 0; l < c->layers; l++) {
        printf("\n%5zu", l);
        for (int part = 0; part < GPT2_LAYER_PARTS; part++)
            printf(" %10.5f",
                   sqrt(m[gpt2_part_index(c, (enum gpt2_part)part, l)][MOMENTS_VARIANCE]));
    }
    printf("\n\n%5s", "");
    for (int part = GPT2_LAYER_PARTS; part < GPT2_PARTS; part++)
        printf(" %10s", gpt2_part_name((enum gpt2_part)part));
    printf("\n%5s", "");
    for (int part = GPT2_LAYER_PARTS; part < GPT2_PARTS; part++)
        printf(" %10.5f", sqrt(m[gpt2_part_index(c, (enum gpt2_part)part, 0)][MOMENTS_VARIANCE]));
    for (size_t i = 0; i < gpt2_part_total(c); i++)
        bad += round(m[i][MOMENTS_NONFINITE] * m[i][MOMENTS_N]);
    printf("\n\nq, k, v, o: of attention; fc, proj: of the MLP; ln: gains of layernorms; wte, wpe: "
           "embeddings.\n");
    if (bad > 0.0) printf("%.0f of the weights are not finite; they do not count.\n", bad);
}

static enum status measure(const struct arguments *a, const struct gpt2 *model)
{
    static double m[GPT2_PART_TOTAL_MOST][MOMENTS_FIELDS];
    const size_t c = model->config.channels;
    float *work = malloc(c * c * sizeof *work);
    if (!work) return fail(STATUS_OS, "%s: no memory for %zu x %zu weights", a->file, c, c);
    gpt2_parts_measure(&(struct gpt2_parts){model, kernel_set_best(), par_max_threads(), work}, m);
    free(work);
    print(&model->config, m);
    return a->json ? write_json(a, &model->config, m) : STATUS_OK;
}

const struct argp variance_argp = {
    .options = rows,
    .parser = parse,
    .args_doc = "FILE",
    .doc =
        "Show how far the weights of a GPT-2 checkpoint are spread, layer by layer, with Q, K and "
        "V apart. FILE ends in .safetensors (huggingface's, or what `hinge train gpt` writes) or "
        ".bin (llm.c's, version 3)."};

int cmd_variance(int argc, char **argv)
{
    struct arguments a = {.heads = 0};
    struct gpt2 model = {0};
    argp_parse(&variance_argp, argc, argv, 0, NULL, &a);
    enum status status = a.json ? file_writable(a.json) : STATUS_OK;
    if (status == STATUS_OK) status = checkpoint_read(&model, a.file, a.heads);
    if (status == STATUS_OK) status = measure(&a, &model);
    gpt2_close(&model);
    if (status != STATUS_OK) fprintf(stderr, "hinge variance: %s\n", status_text());
    return (int)status;
}
