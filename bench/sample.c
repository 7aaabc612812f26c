/* hinge sample: continues a text as a GPT-2 checkpoint would. */
#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/par.h"
#include "commands.h"
#include "model/checkpoint.h"
#include "options.h"
#include "report/bytes.h"
#include "train/gpt_sampler.h"
#include "train/tokens.h"

enum { KEY_PROMPT = 256, KEY_PROMPT_TOKENS, KEY_TEMPERATURE, KEY_TOP, KEY_HEADS };
enum { PROMPT_MOST = 1024, TOKENS_DRAWN_MOST = 1 << 20 };

struct arguments {
    const char *file, *prompt, *prompt_tokens;
    uint64_t tokens, top, seed, threads, heads;
    double temperature;
};

static const struct argp_option rows[] = {
    {"tokens", 'n', "N", 0, "how many more (400; 0 to 1048576)", 0},
    {"prompt", KEY_PROMPT, "TEXT", 0, "what is continued, of a model of bytes (a line feed)", 0},
    {"prompt-tokens", KEY_PROMPT_TOKENS, "LIST", 0,
     "the same as tokens, like 15496,11 (that of the end of a text in GPT-2's vocabulary, else 0); "
     "at most 1024",
     0},
    {"temperature", KEY_TEMPERATURE, "X", 0,
     "divides the logits; 0 takes the most likely token (1; 0 to 1000)", 0},
    {"top", KEY_TOP, "N", 0, "draw among so many of the most likely (all; 1 to 16777216)", 0},
    {"seed", 's', "N", 0, "of the draws (1)", 0},
    {"heads", KEY_HEADS, "N", 0, "attention heads, whatever FILE says", 0},
    {"threads", 't', "N", 0, "at most so many (all; 1 to 1024)", 0},
    {0}};

static enum status parse_temperature(struct arguments *a, const char *text)
{
    char *end;
    const double x = strtod(text, &end);
    if (end == text || *end || !(x >= 0.0 && x <= 1000.0))
        return fail(STATUS_USAGE, "--temperature %s: not a number from 0 to 1000", text);
    a->temperature = x;
    return STATUS_OK;
}

static enum status settle(const struct arguments *a)
{
    if (!a->file) return fail(STATUS_USAGE, "name a FILE: a checkpoint");
    if (a->prompt && a->prompt_tokens)
        return fail(STATUS_USAGE, "--prompt and --prompt-tokens: one or the other");
    if (a->prompt && !*a->prompt) return fail(STATUS_USAGE, "--prompt '': empty");
    return checkpoint_named(a->file);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    enum status status = STATUS_OK;
    switch (key) {
    case 'n':
        status = parse_count("--tokens", arg, 0, TOKENS_DRAWN_MOST, &a->tokens);
        break;
    case KEY_PROMPT:
        a->prompt = arg;
        break;
    case KEY_PROMPT_TOKENS:
        a->prompt_tokens = arg;
        break;
    case KEY_TEMPERATURE:
        status = parse_temperature(a, arg);
        break;
    case KEY_TOP:
        status = parse_count("--top", arg, 1, GPT2_VOCAB_MOST, &a->top);
        break;
    case 's':
        status = parse_count("--seed", arg, 0, UINT64_MAX, &a->seed);
        break;
    case KEY_HEADS:
        status = parse_count("--heads", arg, 1, GPT2_CHANNELS_MOST, &a->heads);
        break;
    case 't':
        status = parse_count("--threads", arg, 1, PAR_THREADS_MOST, &a->threads);
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

/* ---- the text so far */

struct text {
    int32_t *token;
    size_t length, shown;
};

static enum status start(struct text *text, const struct arguments *a, size_t vocab)
{
    static uint64_t list[PROMPT_MOST];
    size_t count = 1;
    list[0] = vocab == TOKENS_BYTES ? '\n' : vocab == TOKENS_GPT2 ? TOKENS_GPT2 - 1 : 0;
    if (a->prompt && vocab != TOKENS_BYTES)
        return fail(STATUS_USAGE,
                    "--prompt: %s has a vocabulary of %zu, not of bytes; give --prompt-tokens",
                    a->file, vocab);
    if (a->prompt_tokens) {
        const enum status status = parse_counts("--prompt-tokens", a->prompt_tokens, 0, vocab - 1,
                                                list, PROMPT_MOST, &count);
        if (status != STATUS_OK) return status;
    }
    if (a->prompt) count = strlen(a->prompt);
    text->token = malloc((count + a->tokens) * sizeof *text->token);
    if (!text->token) return fail(STATUS_OS, "no memory for %zu tokens", count + (size_t)a->tokens);
    for (size_t i = 0; i < count; i++)
        text->token[i] = a->prompt ? (unsigned char)a->prompt[i] : (int32_t)list[i];
    text->length = count;
    /* What nobody has asked for is not shown. */
    text->shown = a->prompt || a->prompt_tokens ? 0 : count;
    return STATUS_OK;
}

/* Bytes as they are, but for a terminal; other tokens as numbers. */
static void show(struct text *text, size_t vocab, bool last)
{
    unsigned char byte[PROMPT_MOST];
    while (vocab == TOKENS_BYTES && text->shown < text->length) {
        size_t n = text->length - text->shown, wrote;
        if (n > sizeof byte) n = sizeof byte;
        for (size_t i = 0; i < n; i++) byte[i] = (unsigned char)text->token[text->shown + i];
        wrote = isatty(STDOUT_FILENO)
                    ? bytes_show(stdout, byte, n, last && text->shown + n == text->length)
                    : fwrite(byte, 1, n, stdout);
        text->shown += wrote;
        if (wrote == 0) return;
    }
    for (; text->shown < text->length; text->shown++)
        printf("%s%d", text->shown ? " " : "", text->token[text->shown]);
    fflush(stdout);
}

static enum status sample(const struct arguments *a, const struct gpt2 *model)
{
    const size_t vocab = model->config.vocab;
    struct gpt_sampler sampler = {.model = model,
                                  .threads = (int)a->threads,
                                  .temperature = a->temperature,
                                  .top = a->top,
                                  .seed = a->seed};
    struct text text = {.token = NULL};
    enum status status = start(&text, a, vocab);
    if (status == STATUS_OK) status = gpt_sampler_open(&sampler);
    for (uint64_t i = 0; i < a->tokens && status == STATUS_OK; i++) {
        status = gpt_sampler_next(&sampler, text.token, text.length, &text.token[text.length]);
        if (status != STATUS_OK) break;
        text.length++;
        show(&text, vocab, false);
    }
    if (status == STATUS_OK) {
        show(&text, vocab, true);
        putchar('\n');
    }
    gpt_sampler_close(&sampler);
    free(text.token);
    return status;
}

const struct argp sample_argp = {
    .options = rows,
    .parser = parse,
    .args_doc = "FILE",
    .doc =
        "Continue a text as a GPT-2 checkpoint would, one that `hinge train gpt` has written or a "
        "public one: .safetensors, or .bin of llm.c.\vA model with a vocabulary of 256 writes "
        "bytes, of which a terminal is shown those that are no printable UTF-8 as \\xNN. Any other "
        "writes the numbers of its tokens."};

int cmd_sample(int argc, char **argv)
{
    struct arguments a = {.tokens = 400,
                          .top = GPT2_VOCAB_MOST,
                          .seed = 1,
                          .threads = (uint64_t)par_max_threads(),
                          .temperature = 1.0};
    struct gpt2 model = {0};
    argp_parse(&sample_argp, argc, argv, 0, NULL, &a);
    enum status status = checkpoint_read(&model, a.file, a.heads);
    if (status == STATUS_OK) status = sample(&a, &model);
    gpt2_close(&model);
    if (status != STATUS_OK) fprintf(stderr, "hinge sample: %s\n", status_text());
    return (int)status;
}
