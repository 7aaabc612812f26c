/* gpt_history: what a run's journal tells of all its steps: the standard deviations of the model's parts, and where the
 * loss ended.
 */
#ifndef TRAIN_GPT_HISTORY_H
#define TRAIN_GPT_HISTORY_H

#include "model/gpt2_parts.h"
#include "train/bands.h"

struct gpt_history {
    struct gpt2_config config;
    size_t count, room; /* records */
    double *step;
    double *std; /* of record i, part of gpt2_part_index() p at i * series + p */
    size_t series;
    double loss, held_out; /* the last ones; NaN: none */
    bool no_memory, wrong; /* a record that has not all parts and layers */
};

/* No record is a history too. */
enum status gpt_history_read(struct gpt_history *history, const struct gpt2_config *config,
                             const char *path);
void gpt_history_close(struct gpt_history *history);
bool gpt_history_has_bands(const struct gpt_history *history);
struct band gpt_history_band(const struct gpt_history *history, enum gpt2_part part, size_t layer);

#endif
