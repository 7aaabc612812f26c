/* gpt_settings: all that decides the words of a GPT's training beside its text, as fields with names and ranges: options
 * of the command line and members of JSON alike.
 */
#ifndef TRAIN_GPT_SETTINGS_H
#define TRAIN_GPT_SETTINGS_H

#include <jansson.h>

#include "model/gpt2.h"

struct gpt_settings {
    struct gpt2_config
        config; /* heads 0: of 64 channels; vocab_padded as gpt2_config_settle() has it */
    struct gpt2_fresh fresh; /* its seed is that of the windows too */
    size_t batch;            /* windows of config.context tokens a step */
    size_t steps, warmup;
    double lr, lr_end; /* the greatest learning rate; the last as a share of it */
    double beta1, beta2, eps, decay, clip; /* of gpt2_step */
    double held_out; /* share of the tokens, at the end, that are not trained on */
    size_t held_out_every, record_every; /* steps; 0: never, 0: no weights */
};
/* 12 layers of 128 channels and GPT-2's recipe: minutes on two cores. */
struct gpt_settings gpt_settings_default(void);
/* Fills in what is 0. `code` and a sentence where the settings make no run together. */
enum status gpt_settings_settle(struct gpt_settings *settings, enum status code);

enum gpt_group {
    GPT_GROUP_MODEL,
    GPT_GROUP_WEIGHTS,
    GPT_GROUP_STEPS,
    GPT_GROUP_RECORDS,
    GPT_GROUPS
};

struct gpt_field {
    const char *name; /* as an option, without its dashes */
    enum gpt_group group;
    enum { GPT_COUNT, GPT_REAL, GPT_RULE } kind;
    size_t offset;      /* in struct gpt_settings */
    double least, most; /* both allowed, */
    bool below;         /* or most is not */
    const char *what;
};
enum { GPT_FIELDS = 21 };
extern const struct gpt_field gpt_fields[GPT_FIELDS];

/* STATUS_USAGE with a sentence that names the option and its range. */
enum status gpt_field_parse(const struct gpt_field *field, const char *text,
                            struct gpt_settings *settings);
enum { GPT_FIELD_TEXT = 200 };
/* "layers (12; 1 to 512)" of the settings' value; returns text. */
const char *gpt_field_help(const struct gpt_field *field, const struct gpt_settings *settings,
                           char text[GPT_FIELD_TEXT]);

/* A new reference. */
json_t *gpt_settings_json(const struct gpt_settings *settings);
/* Each field in its range, no field more; settled. STATUS_DATA with a sentence that begins with `what`. */
enum status gpt_settings_read(struct gpt_settings *settings, const json_t *from, const char *what);

#endif
