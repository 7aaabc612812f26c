#include "train/gpt_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "model/checkpoint.h"

enum { VERSION = 1 };
static const char *const moment_name[2] = {"optimizer.m", "optimizer.v"};

static uint32_t sum_of(const char *train, const struct gpt_trainer *t)
{
    const float *const part[] = {t->model.param, t->step.m, t->step.v};
    uLong sum = crc32_z(0, (const unsigned char *)train, strlen(train));
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        sum = crc32_z(sum, (const unsigned char *)part[i], t->model.layout.count * sizeof(float));
    return (uint32_t)sum;
}

/* ---- reading */

/* 0 to `most`; false where it is no such number. */
static bool number_of(const json_t *object, const char *key, json_int_t most, json_int_t *value)
{
    const json_t *number = json_object_get(object, key);
    *value = json_integer_value(number);
    return json_is_integer(number) && *value >= 0 && *value <= most;
}

static enum status read_train(struct gpt_state *s, const json_t *train)
{
    json_int_t version, step, tokens, sum;
    const json_t *text = json_object_get(train, "text");
    if (!number_of(train, "version", INT64_MAX, &version) || version != VERSION)
        return fail(STATUS_DATA, "%s: the state of another version than %d", s->file.path, VERSION);
    enum status status =
        gpt_settings_read(&s->settings, json_object_get(train, "settings"), s->file.path);
    if (status != STATUS_OK) return status;
    if (!number_of(train, "step", (json_int_t)s->settings.steps, &step) ||
        !number_of(text, "tokens", TOKENS_MOST, &tokens) ||
        !number_of(text, "crc32", UINT32_MAX, &sum))
        return fail(STATUS_DATA, "%s: no step of 0 to %zu, or no tokens and crc32 of a text",
                    s->file.path, s->settings.steps);
    s->step = (size_t)step;
    s->tokens = (size_t)tokens;
    s->tokens_crc32 = (uint32_t)sum;
    return STATUS_OK;
}

enum status gpt_state_open(struct gpt_state *s, const char *path)
{
    *s = (struct gpt_state){.step = 0};
    enum status status = input_open(&s->file, path);
    if (status == STATUS_OK) status = safetensors_header_read(&s->header, &s->file);
    if (status != STATUS_OK) return status;
    const json_t *metadata = json_object_get(s->header.root, "__metadata__");
    const char *sum = json_string_value(json_object_get(metadata, "crc32"));
    int length = 0;
    s->train = json_string_value(json_object_get(metadata, "train"));
    json_t *train = s->train ? json_loads(s->train, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!train || !sum || sscanf(sum, "%8" SCNx32 "%n", &s->crc32, &length) != 1 || sum[length])
        status = fail(STATUS_DATA, "%s: a checkpoint without the state of a run", path);
    else
        status = read_train(s, train);
    json_decref(train);
    return status;
}

void gpt_state_close(struct gpt_state *s)
{
    safetensors_header_close(&s->header);
    input_close(&s->file);
}

enum status gpt_state_same_text(const struct gpt_state *s, const struct tokens *tokens,
                                const char *what)
{
    if (tokens->count == s->tokens && tokens->crc32 == s->tokens_crc32) return STATUS_OK;
    return fail(STATUS_DATA,
                "%s: %zu tokens with crc32 %08" PRIx32 "; the run in %s was trained on %zu with "
                "%08" PRIx32,
                what, tokens->count, tokens->crc32, s->file.path, s->tokens, s->tokens_crc32);
}

static enum status load_moment(const struct gpt_state *s, const char *name, float *to, size_t count)
{
    char want[SHAPE_TEXT], found[SHAPE_TEXT];
    snprintf(want, sizeof want, "[%zu]", count);
    for (size_t i = 0; i < s->header.entries; i++) {
        const struct safetensors_entry *e = &s->header.entry[i];
        if (strcmp(e->name, name) != 0) continue;
        if (strcmp(e->dtype, "F32") != 0 || strcmp(shape_text(e->shape, found), want) != 0)
            return fail(STATUS_DATA, "%s: %s: %s %s, expected F32 %s", s->file.path, name, e->dtype,
                        shape_text(e->shape, found), want);
        return input_read(&s->file, s->header.data + e->begin, to, count * sizeof *to);
    }
    return fail(STATUS_DATA, "%s: %s is missing", s->file.path, name);
}

static bool same_config(const struct gpt2_config *a, const struct gpt2_config *b)
{
    return a->layers == b->layers && a->heads == b->heads && a->channels == b->channels &&
           a->context == b->context && a->vocab == b->vocab && a->vocab_padded == b->vocab_padded;
}

enum status gpt_state_load(const struct gpt_state *s, struct gpt_trainer *t)
{
    struct gpt2 model;
    const size_t count = t->model.layout.count;
    enum status status = checkpoint_read(&model, s->file.path, 0);
    if (status != STATUS_OK) return status;
    if (same_config(&model.config, &s->settings.config))
        memcpy(t->model.param, model.param, count * sizeof *model.param);
    else
        status = fail(STATUS_DATA, "%s: its model has other sizes than its settings", s->file.path);
    gpt2_close(&model);
    if (status == STATUS_OK) status = load_moment(s, moment_name[0], t->step.m, count);
    if (status == STATUS_OK) status = load_moment(s, moment_name[1], t->step.v, count);
    if (status != STATUS_OK) return status;
    t->done = s->step;
    const uint32_t sum = sum_of(s->train, t);
    if (sum == s->crc32) return STATUS_OK;
    return fail(STATUS_DATA,
                "%s: its contents have crc32 %08" PRIx32 ", not the %08" PRIx32 " that it says",
                s->file.path, sum, s->crc32);
}

/* ---- writing */

static char *train_text(const struct gpt_trainer *t)
{
    const struct tokens *tokens = t->train.tokens;
    json_t *train =
        json_pack("{s:i, s:I, s:o, s:{s:I, s:I}}", "version", VERSION, "step", (json_int_t)t->done,
                  "settings", gpt_settings_json(&t->settings), "text", "tokens",
                  (json_int_t)tokens->count, "crc32", (json_int_t)tokens->crc32);
    char *text = train ? json_dumps(train, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(train);
    return text;
}

enum status gpt_state_write(const struct gpt_trainer *t, const char *path)
{
    struct file_out out;
    char sum[16];
    char *train = train_text(t);
    if (!train) return fail(STATUS_OS, "no memory for %s", path);
    enum status status = file_begin(&out, path);
    if (status == STATUS_OK) {
        const struct safetensors_vector moment[] = {
            {moment_name[0], t->step.m, t->model.layout.count},
            {moment_name[1], t->step.v, t->model.layout.count}};
        snprintf(sum, sizeof sum, "%08" PRIx32, sum_of(train, t));
        json_t *metadata = json_pack("{s:s, s:s}", "train", train, "crc32", sum);
        safetensors_put(&t->model, &(struct safetensors_extra){metadata, moment, 2}, &out);
        json_decref(metadata);
        status = file_end(&out);
    }
    free(train);
    return status;
}
