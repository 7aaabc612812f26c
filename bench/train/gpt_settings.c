#include "train/gpt_settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

/* The most of each size is such that no product of them overflows 64 bits. */
#define SIZE(name, group, member, least, most, what)                                               \
    {                                                                                              \
        name, GPT_GROUP_##group, GPT_COUNT, offsetof(struct gpt_settings, member), least, most,    \
            false, what                                                                            \
    }
#define REAL(name, group, member, least, most, what)                                               \
    {                                                                                              \
        name, GPT_GROUP_##group, GPT_REAL, offsetof(struct gpt_settings, member), least, most,     \
            false, what                                                                            \
    }
#define SHARE(name, group, member, what)                                                           \
    {                                                                                              \
        name, GPT_GROUP_##group, GPT_REAL, offsetof(struct gpt_settings, member), 0.0, 1.0, true,  \
            what                                                                                   \
    }
#define FOREVER 1e12
const struct gpt_field gpt_fields[] = {
    SIZE("layers", MODEL, config.layers, 1, GPT2_LAYERS_MOST, "blocks"),
    SIZE("channels", MODEL, config.channels, 1, 65536, "the width"),
    SIZE("heads", MODEL, config.heads, 0, 65536, "attention heads, 0 for one for 64 channels"),
    SIZE("context", MODEL, config.context, 1, 65536, "positions"),
    SIZE("vocab", MODEL, config.vocab, 0, 65536,
         "tokens, 0 for 256 with text and 50257 with --tokens"),
    {"init", GPT_GROUP_WEIGHTS, GPT_RULE, offsetof(struct gpt_settings, fresh.rule), 0, 0, false,
     "the rule that fresh weights are drawn by"},
    REAL("std", WEIGHTS, fresh.std, 0, 1e6,
         "standard deviation that the rule starts from, and that of embeddings"),
    SIZE("seed", WEIGHTS, fresh.seed, 0, 0x1p53, "of the weights and of the windows"),
    SIZE("batch", STEPS, batch, 1, 4096, "windows of the context's length a step"),
    SIZE("steps", STEPS, steps, 1, FOREVER, "steps in all"),
    SIZE("warmup", STEPS, warmup, 0, FOREVER, "steps in which the learning rate rises on a line"),
    REAL("lr", STEPS, lr, 0, 1e6, "the greatest learning rate"),
    REAL("lr-end", STEPS, lr_end, 0, 1,
         "that of the last step, as a share of it: a cosine leads there"),
    SHARE("beta1", STEPS, beta1, "AdamW's memory of gradients"),
    SHARE("beta2", STEPS, beta2, "and of their squares"),
    REAL("eps", STEPS, eps, 1e-30, 1, "AdamW's least denominator"),
    REAL("decay", STEPS, decay, 0, 1e6, "of the weights of matrices, times the learning rate"),
    REAL("clip", STEPS, clip, 0, 1e30, "the greatest norm of a gradient, 0 for any"),
    REAL("held-out", RECORDS, held_out, 0, 0.9,
         "share of the text, its end, that is not trained on"),
    SIZE("held-out-every", RECORDS, held_out_every, 0, FOREVER,
         "steps from one loss there to the next, 0 for none"),
    SIZE("record-every", RECORDS, record_every, 0, FOREVER,
         "steps from one record of the weights to the next, 0 for none"),
};
_Static_assert(sizeof gpt_fields / sizeof *gpt_fields == GPT_FIELDS, "the header counts them");

struct gpt_settings gpt_settings_default(void)
{
    return (struct gpt_settings){.config = {.layers = 12, .channels = 128, .context = 128},
                                 .fresh = {GPT2_RULE_GPT2, GPT2_STD, 1},
                                 .batch = 8,
                                 .steps = 1500,
                                 .warmup = 100,
                                 .lr = 1e-3,
                                 .lr_end = 0.1,
                                 .beta1 = 0.9,
                                 .beta2 = 0.95,
                                 .eps = 1e-8,
                                 .decay = 0.1,
                                 .clip = 1.0,
                                 .held_out = 0.05,
                                 .held_out_every = 100,
                                 .record_every = 10};
}

enum status gpt_settings_settle(struct gpt_settings *s, enum status code)
{
    struct gpt2_config *c = &s->config;
    const enum status status = gpt2_config_settle(c, code, "the model");
    if (status != STATUS_OK) return status;
    if (c->channels / c->heads > ATTN_FWD_D)
        return fail(code, "--heads %zu: of %zu channels each; %d is the most", c->heads,
                    c->channels / c->heads, ATTN_FWD_D);
    if (s->warmup > s->steps)
        return fail(code, "--warmup %zu is longer than --steps %zu", s->warmup, s->steps);
    return STATUS_OK;
}

/* ---- a field */

static size_t *count_at(const struct gpt_field *field, const struct gpt_settings *s)
{
    return (size_t *)((char *)s + field->offset);
}

static double *real_at(const struct gpt_field *field, const struct gpt_settings *s)
{
    return (double *)((char *)s + field->offset);
}

static const char *range_text(const struct gpt_field *field, char text[GPT_FIELD_TEXT])
{
    size_t used = 0;
    if (field->kind != GPT_RULE) {
        snprintf(text, GPT_FIELD_TEXT, "%.16g to %s%.16g", field->least,
                 field->below ? "below " : "", field->most);
        return text;
    }
    for (int rule = 0; rule < GPT2_RULES; rule++)
        used += (size_t)snprintf(text + used, GPT_FIELD_TEXT - used, "%s%s",
                                 rule == 0                ? ""
                                 : rule == GPT2_RULES - 1 ? " or "
                                                          : ", ",
                                 gpt2_rule_name((enum gpt2_rule)rule));
    return text;
}

/* False where the value is outside of the range. */
static bool set_number(const struct gpt_field *field, double value, struct gpt_settings *s)
{
    if (!(value >= field->least) || value > field->most) return false;
    if (field->below && value == field->most) return false;
    if (field->kind == GPT_COUNT)
        *count_at(field, s) = (size_t)value;
    else
        *real_at(field, s) = value;
    return true;
}

static bool set_rule(const char *name, struct gpt_settings *s)
{
    const enum gpt2_rule rule = gpt2_rule_named(name);
    if (rule < GPT2_RULES) s->fresh.rule = rule;
    return rule < GPT2_RULES;
}

enum status gpt_field_parse(const struct gpt_field *field, const char *text, struct gpt_settings *s)
{
    char range[GPT_FIELD_TEXT], *end;
    bool good = false;
    errno = 0;
    if (field->kind == GPT_RULE) {
        good = set_rule(text, s);
    } else if (field->kind == GPT_REAL) {
        const double value = strtod(text, &end);
        good = end != text && !*end && set_number(field, value, s);
    } else {
        const unsigned long long value = strtoull(text, &end, 10);
        good =
            *text >= '0' && *text <= '9' && !*end && !errno && set_number(field, (double)value, s);
    }
    if (good) return STATUS_OK;
    return fail(STATUS_USAGE, "--%s %s: not %s%s", field->name, text,
                field->kind == GPT_RULE    ? ""
                : field->kind == GPT_COUNT ? "a whole number from "
                                           : "a number from ",
                range_text(field, range));
}

const char *gpt_field_help(const struct gpt_field *field, const struct gpt_settings *s,
                           char text[GPT_FIELD_TEXT])
{
    char range[GPT_FIELD_TEXT], value[32];
    if (field->kind == GPT_RULE)
        snprintf(value, sizeof value, "%s", gpt2_rule_name(s->fresh.rule));
    else if (field->kind == GPT_REAL)
        snprintf(value, sizeof value, "%g", *real_at(field, s));
    else
        snprintf(value, sizeof value, "%zu", *count_at(field, s));
    snprintf(text, GPT_FIELD_TEXT, "%.100s (%s; %.60s)", field->what, value,
             range_text(field, range));
    return text;
}

/* ---- all of them */

json_t *gpt_settings_json(const struct gpt_settings *s)
{
    json_t *o = json_object();
    for (size_t i = 0; i < GPT_FIELDS; i++) {
        const struct gpt_field *field = &gpt_fields[i];
        json_t *value = field->kind == GPT_RULE   ? json_string(gpt2_rule_name(s->fresh.rule))
                        : field->kind == GPT_REAL ? json_real(*real_at(field, s))
                                                  : json_integer((json_int_t)*count_at(field, s));
        json_object_set_new(o, field->name, value);
    }
    return o;
}

static bool set_json(const struct gpt_field *field, const json_t *value, struct gpt_settings *s)
{
    if (field->kind == GPT_RULE)
        return json_is_string(value) && set_rule(json_string_value(value), s);
    if (field->kind == GPT_COUNT && !json_is_integer(value)) return false;
    return json_is_number(value) && set_number(field, json_number_value(value), s);
}

enum status gpt_settings_read(struct gpt_settings *s, const json_t *from, const char *what)
{
    char range[GPT_FIELD_TEXT];
    *s = (struct gpt_settings){.batch = 0};
    for (size_t i = 0; i < GPT_FIELDS; i++)
        if (!set_json(&gpt_fields[i], json_object_get(from, gpt_fields[i].name), s))
            return fail(STATUS_DATA, "%s: its settings have no %s of %s", what, gpt_fields[i].name,
                        range_text(&gpt_fields[i], range));
    if (json_object_size(from) > GPT_FIELDS)
        return fail(STATUS_DATA, "%s: %zu settings, not %d", what, json_object_size(from),
                    GPT_FIELDS);
    const enum status status = gpt_settings_settle(s, STATUS_DATA);
    if (status == STATUS_OK) return status;
    char why[256];
    snprintf(why, sizeof why, "%s", status_text());
    return fail(status, "%s: its settings: %s", what, why);
}
