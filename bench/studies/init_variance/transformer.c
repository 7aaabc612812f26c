/* The paper's third experiment: a GPT-2-style model trained from scratch on text, and the standard deviations of Q, K and V
 * in each layer: where they go, how fast, and whether shallow layers go first and furthest. Then the same from other
 * initial scales.
 */
#include <stdlib.h>
#include <string.h>

#include "studies/init_variance/transformer.h"

const enum seen gpt_part[GPT_PARTS] = {SEEN_Q, SEEN_K, SEEN_V};

/* Of the default size those of the reproduction: 12 layers of 128 channels, 1500 steps of 8 x 128 bytes. */
static struct gpt_settings settings_of(const struct course *c)
{
    struct gpt_settings s = gpt_settings_default();
    const size_t context = course_pick(c, 16, 128, 256);
    s.config = (struct gpt2_config){.layers = course_pick(c, 4, 12, 12),
                                    .channels = course_pick(c, 16, 128, 256),
                                    .heads = course_pick(c, 2, 4, 8),
                                    .context = context,
                                    .vocab = TOKENS_BYTES};
    s.batch = course_pick(c, 2, 8, 16);
    s.steps = course_pick(c, 60, 1500, 3000);
    s.warmup = course_pick(c, 4, 100, 200);
    s.record_every = s.steps / 30;
    s.held_out_every = 0;
    if (gpt_settings_settle(&s, STATUS_INTERNAL) != STATUS_OK) abort();
    return s;
}

/* Narrower and shorter, for many of them. */
static struct gpt_settings small_of(const struct course *c)
{
    struct gpt_settings s = settings_of(c);
    s.config.channels = course_pick(c, 16, 64, 128);
    s.config.vocab_padded = 0;
    s.config.context = course_pick(c, 16, 64, 128);
    s.steps = course_pick(c, 60, 400, 1500);
    s.warmup = course_pick(c, 4, 40, 100);
    s.record_every = s.steps / 20;
    if (gpt_settings_settle(&s, STATUS_INTERNAL) != STATUS_OK) abort();
    return s;
}

/* ---- growth */

double gpt_growth(const struct descent *d, enum seen p, size_t layer, size_t step)
{
    return descent_at(d, step, layer + 1, p) / descent_at(d, 0, layer + 1, p) - 1.0;
}

static double mean_growth(const struct descent *d, enum seen p, size_t step, size_t from, size_t to)
{
    double sum = 0.0;
    for (size_t l = from; l < to; l++) sum += gpt_growth(d, p, l, step) / (double)(to - from);
    return sum;
}

double gpt_growth_shallow(const struct descent *d, enum seen p, size_t step)
{
    return mean_growth(d, p, step, 1, d->layers / 2);
}

double gpt_growth_deep(const struct descent *d, enum seen p, size_t step)
{
    return mean_growth(d, p, step, d->layers / 2, d->layers);
}

static double shallow_over_deep(const struct descent *d, enum seen p, size_t step)
{
    return gpt_growth_shallow(d, p, step) / gpt_growth_deep(d, p, step);
}

/* How much more layer 0 has grown than the layer after it that has grown most; of Q or of K, whichever is less. */
static double first_over_next(const struct descent *d, size_t step)
{
    double least = INFINITY;
    for (int i = 0; i < 2; i++) {
        double next = -INFINITY;
        for (size_t l = 1; l < d->layers; l++)
            next = fmax(next, gpt_growth(d, gpt_part[i], l, step));
        const double by = gpt_growth(d, gpt_part[i], 0, step) - next;
        if (isnan(by) || by < least) least = by;
    }
    return least;
}

/* The least or greatest standard deviation of any of Q, K, V at any record. */
static double extreme(const struct descent *d, bool greatest)
{
    double at = greatest ? -INFINITY : INFINITY;
    for (size_t r = 0; r < d->records; r++)
        for (size_t l = 1; l <= d->layers; l++)
            for (int i = 0; i < GPT_PARTS; i++) {
                const double x = descent_row(d, r, l)[gpt_part[i]];
                if (isnan(x) || (greatest ? x > at : x < at)) at = x;
            }
    return at;
}

/* The most that any of them changes between two steps, relatively. */
static double change(const struct descent *d, size_t from, size_t to)
{
    double most = 0.0;
    for (size_t l = 1; l <= d->layers; l++)
        for (int i = 0; i < GPT_PARTS; i++) {
            const double by =
                fabs(descent_at(d, to, l, gpt_part[i]) / descent_at(d, from, l, gpt_part[i]) - 1.0);
            if (isnan(by) || by > most) most = by;
        }
    return most;
}

/* ---- claims */

enum { V_500, V_1000, LEAST, GREATEST, CHANGE, LOSS, FIRST, Q_500, K_500, CLAIMS };
static const char *const claim_id[CLAIMS] = {
    [V_500] = "P2-7",     [V_1000] = "P2-7b", [LEAST] = "P2-7c",
    [GREATEST] = "P2-7d", [CHANGE] = "P2-7e", [LOSS] = "P2-7f",
    [FIRST] = "P2-8",     [Q_500] = "P2-9",   [K_500] = "P2-9b"};

/* At the shares of the steps that 200, 500, 1000 and 1250 are of the default size's 1500. */
static void measure(const struct descent *d, double value[CLAIMS])
{
    const size_t every = d->steps / 30;
    const size_t at_200 = 4 * every, at_500 = 10 * every, at_1000 = 20 * every;
    value[V_500] = shallow_over_deep(d, SEEN_V, at_500);
    value[V_1000] = shallow_over_deep(d, SEEN_V, at_1000);
    value[LEAST] = extreme(d, false);
    value[GREATEST] = extreme(d, true);
    value[CHANGE] = change(d, 25 * every, d->steps);
    value[LOSS] = descent_end(d, 0, SEEN_LOSS);
    value[FIRST] = first_over_next(d, at_200);
    value[Q_500] = shallow_over_deep(d, SEEN_Q, at_500);
    value[K_500] = shallow_over_deep(d, SEEN_K, at_500);
}

static void claim(const struct course *c, const struct descent *const *d, size_t draws)
{
    double value[GPT_DRAWS][CLAIMS], x[GPT_DRAWS];
    for (size_t k = 0; k < draws; k++) measure(d[k], value[k]);
    for (int i = 0; i < CLAIMS; i++) {
        for (size_t k = 0; k < draws; k++) x[k] = value[k][i];
        if (i == LEAST)
            course_claim_value(c, claim_id[i], stats_min(x, draws), draws);
        else if (i == GREATEST || i == CHANGE)
            course_claim_value(c, claim_id[i], stats_quantile(x, draws, 1.0), draws);
        else
            course_claim(c, claim_id[i], stats_mean(x, draws), draws);
    }
}

/* ---- initial scales: each rule's level over its start, shallow and deep */

static void rules(struct course *c)
{
    enum { COLUMNS = 8, RULE_DRAWS = 3 };
    static const char *const columns[COLUMNS] = {"loss",      "start",  "V shallow", "V deep",
                                                 "Q shallow", "Q deep", "least",     "greatest"};
    double cells[GPT2_RULES * COLUMNS];
    const char *labels[GPT2_RULES];
    for (int rule = 0; rule < GPT2_RULES; rule++) {
        struct gpt_settings s = small_of(c);
        double column[COLUMNS][RULE_DRAWS];
        const size_t draws = course_pick(c, 1, 1, RULE_DRAWS);
        s.fresh.rule = (enum gpt2_rule)rule;
        for (size_t k = 0; k < draws; k++) {
            const struct descent *d = course_gpt(c, &s, k);
            const double x[COLUMNS] = {descent_end(d, 0, SEEN_LOSS),
                                       1e4 * descent_at(d, 0, 1, SEEN_V),
                                       100.0 * gpt_growth_shallow(d, SEEN_V, d->steps),
                                       100.0 * gpt_growth_deep(d, SEEN_V, d->steps),
                                       100.0 * gpt_growth_shallow(d, SEEN_Q, d->steps),
                                       100.0 * gpt_growth_deep(d, SEEN_Q, d->steps),
                                       1e4 * extreme(d, false),
                                       1e4 * extreme(d, true)};
            for (int i = 0; i < COLUMNS; i++) column[i][k] = x[i];
        }
        for (int i = 0; i < COLUMNS; i++)
            cells[rule * COLUMNS + i] = stats_mean(column[i], draws).at;
        labels[rule] = gpt2_rule_name(s.fresh.rule);
    }
    course_table(c, &(struct study_table){
                        "gpt-rules",
                        "Initial scales of a smaller GPT: growth in %, standard deviations in 1e-4",
                        "rule", columns, COLUMNS, labels, cells, GPT2_RULES});
}

enum status course_transformer(struct course *c)
{
    const struct gpt_settings s = settings_of(c);
    const struct descent *d[GPT_DRAWS];
    const size_t draws = course_pick(c, 1, 3, 5);
    for (size_t k = 0; k < draws; k++) d[k] = course_gpt(c, &s, k);
    claim(c, d, draws);
    gpt_show(c, d, draws);
    rules(c);
    return STATUS_OK;
}
