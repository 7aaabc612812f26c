/* What is shown of the GPT's trainings: Q, K and V as lines and as maps, the loss, growth and bands. */
#include <string.h>

#include "studies/init_variance/transformer.h"
#include "train/bands.h"

enum { MATRICES_MOST = 64 }; /* layers */
static const char *const part_name[GPT_PARTS] = {"q", "k", "v"};

/* ---- figures */

static void draw_part(const struct course *c, const struct descent *const *d, size_t draws, int p)
{
    enum { SHOWN = 6 };
    const size_t layers = d[0]->layers, records = d[0]->records;
    double step[RECORDS_MOST], y[RECORDS_MOST * GPT_DRAWS];
    double layer[MATRICES_MOST], cells[MATRICES_MOST * RECORDS_MOST];
    char name[MATRICES_MOST][32], label[MATRICES_MOST][32], title[96], figure[32];
    struct figure_curve curve[SHOWN];
    size_t shown = 0;
    for (size_t r = 0; r < records; r++) step[r] = (double)d[0]->step[r];
    for (size_t l = 0; l < layers; l++) {
        layer[l] = (double)l;
        for (size_t r = 0; r < records; r++) {
            for (size_t k = 0; k < draws; k++)
                y[r * draws + k] = descent_row(d[k], r, l + 1)[gpt_part[p]];
            cells[l * records + r] = stats_mean(y + r * draws, draws).at;
        }
        snprintf(name[l], sizeof name[l], "%s-layer-%zu", part_name[p], l);
        course_series(c, &(struct course_series){name[l], "step", "standard deviation", step, y,
                                                 records, draws});
        /* Evenly spread over the depth, both ends among them. */
        if (shown == SHOWN || l < shown * (layers - 1) / (SHOWN - 1)) continue;
        snprintf(label[l], sizeof label[l], "layer %zu", l);
        curve[shown] = (struct figure_curve){name[l], label[l], SVG_LINE, shown + 1};
        shown++;
    }
    snprintf(figure, sizeof figure, "gpt-%s", part_name[p]);
    snprintf(title, sizeof title, "Standard deviation of the weights of %c", "QKV"[p]);
    course_figure(
        c, figure,
        &(struct figure){title, {.label = "step"}, {.label = "standard deviation"}, curve, shown});
    snprintf(figure, sizeof figure, "gpt-%s-heat", part_name[p]);
    course_heat(c, figure,
                &(struct svg_heat){.title = title,
                                   .x = {.label = "step"},
                                   .y = {.label = "layer"},
                                   .z = {.label = "standard deviation"},
                                   .at_x = step,
                                   .at_y = layer,
                                   .at_z = cells,
                                   .columns = records,
                                   .rows = layers});
}

static void draw_loss(const struct course *c, const struct descent *const *d, size_t draws)
{
    double step[RECORDS_MOST], y[RECORDS_MOST * GPT_DRAWS];
    const size_t records = d[0]->records - 1;
    for (size_t r = 0; r < records; r++) {
        step[r] = (double)d[0]->step[r + 1];
        for (size_t k = 0; k < draws; k++)
            y[r * draws + k] = descent_row(d[k], r + 1, 0)[SEEN_LOSS];
    }
    course_series(c, &(struct course_series){"gpt-loss", "step", "loss, nats a byte", step, y,
                                             records, draws});
    const struct figure_curve curve = {"gpt-loss", NULL, SVG_LINE, 1};
    course_figure(
        c, "gpt-loss",
        &(struct figure){
            "The GPT's training loss", {.label = "step"}, {.label = "nats a byte"}, &curve, 1});
}

/* ---- bands: where each ends up and how fast, of the mean over draws */

static struct band band_over(const struct descent *const *d, size_t draws, int p, size_t layer)
{
    double step[RECORDS_MOST], y[RECORDS_MOST], one[GPT_DRAWS];
    for (size_t r = 0; r < d[0]->records; r++) {
        for (size_t k = 0; k < draws; k++) one[k] = descent_row(d[k], r, layer + 1)[gpt_part[p]];
        step[r] = (double)d[0]->step[r];
        y[r] = stats_mean(one, draws).at;
    }
    return band_of(step, y, d[0]->records, 1);
}

static void tabulate_bands(const struct course *c, const struct descent *const *d, size_t draws)
{
    enum { COLUMNS = 4 * GPT_PARTS };
    static const char *const columns[COLUMNS] = {
        "Q level", "lo", "hi", "tau", "K level", "lo", "hi", "tau", "V level", "lo", "hi", "tau"};
    double cells[MATRICES_MOST * COLUMNS];
    char text[MATRICES_MOST][24];
    const char *labels[MATRICES_MOST];
    for (size_t l = 0; l < d[0]->layers; l++) {
        for (int p = 0; p < GPT_PARTS; p++) {
            const struct band b = band_over(d, draws, p, l);
            const double row[4] = {1e4 * b.level, 1e4 * b.lo, 1e4 * b.hi, b.tau};
            memcpy(cells + l * COLUMNS + 4 * (size_t)p, row, sizeof row);
        }
        snprintf(text[l], sizeof text[l], "%zu", l);
        labels[l] = text[l];
    }
    course_table(c, &(struct study_table){
                        "gpt-bands",
                        "The GPT's bands: standard deviations in 1e-4 over the last quarter, steps "
                        "tau until 1/e is left",
                        "layer", columns, COLUMNS, labels, cells, d[0]->layers});
}

/* Who grows first, and who further. */
static void tabulate_growth(const struct course *c, const struct descent *const *d, size_t draws)
{
    enum { TIMES = 4, ROWS = GPT_PARTS * TIMES, COLUMNS = 6 };
    static const char *const columns[COLUMNS] = {"layer 0", "shallow", "deep", "ratio", "lo", "hi"};
    static const size_t thirtieths[TIMES] = {4, 10, 20, 30};
    double cells[ROWS * COLUMNS];
    char text[ROWS][24];
    const char *labels[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        const enum seen p = gpt_part[i / TIMES];
        const size_t step = thirtieths[i % TIMES] * (d[0]->steps / 30);
        double x[4][GPT_DRAWS];
        for (size_t k = 0; k < draws; k++) {
            x[0][k] = 100.0 * gpt_growth(d[k], p, 0, step);
            x[1][k] = 100.0 * gpt_growth_shallow(d[k], p, step);
            x[2][k] = 100.0 * gpt_growth_deep(d[k], p, step);
            x[3][k] = x[1][k] / x[2][k];
        }
        const struct interval ratio = stats_mean(x[3], draws);
        for (int f = 0; f < 3; f++) cells[i * COLUMNS + (size_t)f] = stats_mean(x[f], draws).at;
        cells[i * COLUMNS + 3] = ratio.at;
        cells[i * COLUMNS + 4] = ratio.lo;
        cells[i * COLUMNS + 5] = ratio.hi;
        snprintf(text[i], sizeof text[i], "%c, %zu", "QKV"[i / TIMES], step);
        labels[i] = text[i];
    }
    course_table(c, &(struct study_table){"gpt-growth",
                                          "The GPT's growth of standard deviations in %, shallow "
                                          "layers over deep ones",
                                          "part, step", columns, COLUMNS, labels, cells, ROWS});
}

void gpt_show(const struct course *c, const struct descent *const *d, size_t draws)
{
    for (int p = 0; p < GPT_PARTS; p++) draw_part(c, d, draws, p);
    draw_loss(c, d, draws);
    tabulate_growth(c, d, draws);
    tabulate_bands(c, d, draws);
}
