/* llmc_bin: llm.c's checkpoints of 32-bit floats. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"

enum {
    MAGIC = 20240326,
    VERSION = 3, /* f32 with a padded vocabulary; 1 was without, 5 is bfloat16 */
    HEADER = 256,
    STRIPE = 16 /* columns of ours that are transposed at a time: a cache line */
};

/* Tensor i in the file's order: each kind's layers together. */
static struct gpt2_view nth_view(const struct gpt2 *model, size_t i)
{
    const size_t layers = model->config.layers, first = GPT2_LN_1_WEIGHT;
    const size_t last = first + (GPT2_LN_F_WEIGHT - first) * layers;
    struct gpt2_view view;
    if (i < first || i >= last)
        view = gpt2_view(model, (enum gpt2_tensor)(i < first ? i : GPT2_LN_F_WEIGHT + i - last), 0);
    else
        view = gpt2_view(model, (enum gpt2_tensor)(first + (i - first) / layers),
                         (i - first) % layers);
    if (view.tensor == GPT2_WTE) view.rows = model->config.vocab_padded;
    return view;
}

/* Room for STRIPE rows of the widest linear layer's inputs. */
static float *stripe_open(const struct gpt2 *model)
{
    return malloc(STRIPE * 4 * model->config.channels * sizeof(float));
}

/* Reads the tensor at *at and steps behind it. */
static enum status read_tensor(const struct input *file, const struct gpt2_view *view,
                               float *stripe, uint64_t *at)
{
    const size_t in = view->rows, out = view->cols;
    const bool linear = gpt2_linear(view->tensor);
    enum status status = STATUS_OK;
    if (!linear) status = input_read(file, *at, view->data, in * out * sizeof(float));
    for (size_t o = 0; linear && o < out && status == STATUS_OK; o += STRIPE) {
        const size_t width = out - o < STRIPE ? out - o : STRIPE;
        status = input_read(file, *at + o * in * sizeof(float), stripe, width * in * sizeof(float));
        for (size_t i = 0; i < in; i++)
            for (size_t c = 0; c < width; c++)
                memcpy(&view->data[i * out + o + c], &stripe[c * in + i], sizeof(float));
    }
    *at += in * out * sizeof(float);
    return status;
}

static enum status read_config(const struct input *file, size_t heads, struct gpt2_config *config)
{
    int32_t header[HEADER];
    if (file->bytes < sizeof header)
        return fail(STATUS_DATA, "%s: %llu bytes, shorter than its header of %zu", file->path,
                    (unsigned long long)file->bytes, sizeof header);
    enum status status = input_read(file, 0, header, sizeof header);
    if (status != STATUS_OK) return status;
    if (header[0] != MAGIC)
        return fail(STATUS_DATA, "%s: magic number %d, a checkpoint of llm.c has %d", file->path,
                    header[0], MAGIC);
    if (header[1] != VERSION)
        return fail(STATUS_DATA, "%s: version %d; only %d is read, f32 with a padded vocabulary",
                    file->path, header[1], VERSION);
    for (int i = 2; i < 8; i++)
        if (header[i] < 1)
            return fail(STATUS_DATA, "%s: word %d of the header is %d, less than 1", file->path, i,
                        header[i]);
    *config = (struct gpt2_config){.context = (size_t)header[2],
                                   .vocab = (size_t)header[3],
                                   .layers = (size_t)header[4],
                                   .heads = heads ? heads : (size_t)header[5],
                                   .channels = (size_t)header[6],
                                   .vocab_padded = (size_t)header[7]};
    status = gpt2_config_settle(config, STATUS_DATA, file->path);
    if (status != STATUS_OK) return status;
    const size_t padding = (config->vocab_padded - config->vocab) * config->channels;
    const uint64_t expected = sizeof header + sizeof(float) * (gpt2_parameters(config) + padding);
    if (file->bytes == expected) return STATUS_OK;
    return fail(STATUS_DATA,
                "%s: %llu bytes; %zu layers of %zu channels, context %zu, vocabulary %zu padded to "
                "%zu take %llu",
                file->path, (unsigned long long)file->bytes, config->layers, config->channels,
                config->context, config->vocab, config->vocab_padded, (unsigned long long)expected);
}

static enum status bin_read(struct gpt2 *model, const struct input *file, size_t heads)
{
    struct gpt2_config config;
    enum status status = read_config(file, heads, &config);
    if (status == STATUS_OK) status = gpt2_open(model, &config, file->path);
    if (status != STATUS_OK) return status;
    float *stripe = stripe_open(model);
    if (!stripe) return fail(STATUS_OS, "%s: no memory to transpose in", file->path);
    uint64_t at = HEADER * sizeof(int32_t);
    for (size_t i = 0; status == STATUS_OK && i < gpt2_tensor_count(&config); i++) {
        const struct gpt2_view view = nth_view(model, i);
        status = read_tensor(file, &view, stripe, &at);
    }
    free(stripe);
    return status;
}

static void write_tensor(struct file_out *file, const struct gpt2_view *view, float *stripe)
{
    const size_t in = view->rows, out = view->cols;
    const bool linear = gpt2_linear(view->tensor);
    if (!linear) file_put(file, view->data, in * out * sizeof(float));
    for (size_t o = 0; linear && o < out; o += STRIPE) {
        const size_t width = out - o < STRIPE ? out - o : STRIPE;
        for (size_t i = 0; i < in; i++)
            for (size_t c = 0; c < width; c++)
                memcpy(&stripe[c * in + i], &view->data[i * out + o + c], sizeof(float));
        file_put(file, stripe, width * in * sizeof(float));
    }
}

static void bin_write(const struct gpt2 *model, struct file_out *out)
{
    const struct gpt2_config *c = &model->config;
    const int32_t header[HEADER] = {MAGIC,
                                    VERSION,
                                    (int32_t)c->context,
                                    (int32_t)c->vocab,
                                    (int32_t)c->layers,
                                    (int32_t)c->heads,
                                    (int32_t)c->channels,
                                    (int32_t)c->vocab_padded};
    float *stripe = stripe_open(model);
    if (!stripe) {
        out->error = ENOMEM;
        return;
    }
    file_put(out, header, sizeof header);
    for (size_t i = 0; i < gpt2_tensor_count(c); i++) {
        const struct gpt2_view view = nth_view(model, i);
        write_tensor(out, &view, stripe);
    }
    free(stripe);
}

const struct format llmc_bin_format = {".bin", bin_read, bin_write};
