#include "train/gpt_history.h"

#include <math.h>
#include <stdlib.h>

#include "train/gpt_journal.h"

static bool grow(struct gpt_history *h)
{
    if (h->count < h->room) return true;
    const size_t room = 2 * h->room + 16;
    double *step = realloc(h->step, room * sizeof *step);
    if (step) h->step = step;
    double *std = step ? realloc(h->std, room * h->series * sizeof *std) : NULL;
    if (std) h->std = std;
    h->no_memory = !step || !std;
    if (!h->no_memory) h->room = room;
    return !h->no_memory;
}

static void keep_last(double *to, const json_t *number)
{
    if (json_is_number(number)) *to = json_number_value(number);
}

/* Steps between records have no variance. */
static bool take(size_t step, const json_t *line, void *ctx)
{
    struct gpt_history *h = ctx;
    const json_t *variance = json_object_get(line, "variance");
    keep_last(&h->loss, json_object_get(line, "loss"));
    keep_last(&h->held_out, json_object_get(line, "held_out"));
    if (!variance) return true;
    if (!grow(h)) return false;
    for (int part = 0; part < GPT2_PARTS; part++) {
        const json_t *list = json_object_get(variance, gpt2_part_name((enum gpt2_part)part));
        const size_t layers = gpt2_part_count(&h->config, (enum gpt2_part)part);
        if (json_array_size(list) != layers) h->wrong = true;
        for (size_t l = 0; l < layers && !h->wrong; l++) {
            const json_t *value = json_array_get(list, l);
            h->std[h->count * h->series + gpt2_part_index(&h->config, (enum gpt2_part)part, l)] =
                json_is_number(value) ? sqrt(json_number_value(value)) : NAN;
        }
    }
    h->step[h->count++] = (double)step;
    return !h->wrong;
}

enum status gpt_history_read(struct gpt_history *h, const struct gpt2_config *config,
                             const char *path)
{
    *h = (struct gpt_history){.config = *config, .loss = NAN, .held_out = NAN};
    h->series = gpt2_part_total(config);
    const enum status status = gpt_journal_read(path, take, h);
    if (status != STATUS_OK) return status;
    if (h->no_memory) return fail(STATUS_OS, "no memory for the records of %s", path);
    if (h->wrong)
        return fail(STATUS_DATA, "%s: the record of step %.0f is not of %zu layers", path,
                    h->step[h->count - 1], config->layers);
    return STATUS_OK;
}

void gpt_history_close(struct gpt_history *h)
{
    free(h->step);
    free(h->std);
    *h = (struct gpt_history){.count = 0};
}

struct band gpt_history_band(const struct gpt_history *h, enum gpt2_part part, size_t layer)
{
    const double *x = h->std + gpt2_part_index(&h->config, part, layer);
    return band_of(h->step, x, h->count, h->series);
}

bool gpt_history_has_bands(const struct gpt_history *h)
{
    return h->count > 0 && !isnan(band_of(h->step, h->std, h->count, h->series).level);
}
