/* A run as JSON. Numbers have the digits that tell any two apart. */
#include <math.h>

#include "base/clock.h"
#include "report/context.h"
#include "report/json_file.h"
#include "train/gpt_run.h"

/* Goes up when a field changes its meaning or goes away. */
enum { RESULT_SCHEMA_VERSION = 1 };

static json_t *band_json(const struct gpt_history *h, enum gpt2_part part, size_t layer)
{
    const struct band b = gpt_history_band(h, part, layer);
    json_t *o = json_pack("{s:s, s:o, s:b}", "part", gpt2_part_name(part), "layer",
                          part < GPT2_LAYER_PARTS ? json_integer((json_int_t)layer) : json_null(),
                          "settled", (int)b.settled);
    const struct {
        const char *name;
        double value;
    } number[] = {{"start", b.start}, {"level", b.level}, {"lo", b.lo},
                  {"hi", b.hi},       {"tau", b.tau},     {"rate", 1.0 / b.tau}};
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        json_object_set_new(o, number[i].name, json_number(number[i].value));
    return o;
}

static json_t *bands_json(const struct gpt_history *h)
{
    json_t *list = json_array();
    for (int part = 0; part < GPT2_PARTS && gpt_history_has_bands(h); part++)
        for (size_t l = 0; l < gpt2_part_count(&h->config, (enum gpt2_part)part); l++)
            json_array_append_new(list, band_json(h, (enum gpt2_part)part, l));
    return list;
}

static json_t *result_json(const struct gpt_run *run)
{
    static struct machine machine;
    const struct gpt_trainer *t = &run->trainer;
    const struct roofs none = {.count = 0};
    const double seconds = clock_seconds() - run->start;
    const double tokens =
        (double)((t->done - run->began) * t->settings.batch * t->settings.config.context);
    machine_read(&machine);
    json_t *o =
        json_pack("{s:i, s:o, s:I, s:{s:I, s:I}, s:i, s:s}", "schema_version",
                  RESULT_SCHEMA_VERSION, "settings", gpt_settings_json(&t->settings), "parameters",
                  (json_int_t)gpt2_parameters(&t->settings.config), "text", "tokens",
                  (json_int_t)run->tokens.count, "crc32", (json_int_t)run->tokens.crc32, "threads",
                  t->threads, "isa", t->set->name);
    const struct {
        const char *name;
        double value;
    } number[] = {{"memory_bytes", gpt_trainer_bytes(&t->settings)},
                  {"loss", run->history.loss},
                  {"held_out", run->history.held_out},
                  {"steps_before", (double)run->began}, /* that other programs have done */
                  {"seconds", seconds},
                  {"tokens_per_second", tokens / seconds}};
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        json_object_set_new(o, number[i].name, json_number(number[i].value));
    json_object_set_new(o, "bands", bands_json(&run->history));
    json_object_set_new(o, "machine", context_json(&machine, &none));
    return o;
}

enum status gpt_result_write(const struct gpt_run *run)
{
    json_t *root = result_json(run);
    return json_file_write(run->result, root, 17);
}
