/* What goes in at both ends of a run's network: rows of input, and the gradient of the last features. */
#include <math.h>
#include <string.h>

#include "angle/angle.h"

enum { CLASSES = 10, DIGIT_PIXELS = 64, STREAM_SRC = 0, STREAM_DDST = 1 };

static enum status open_data(struct angle_run *run, size_t inputs)
{
    const struct angle_request *ask = &run->ask;
    const enum status opened = run->input == INPUT_IDX ? data_open_idx(&run->data, ask->data)
                                                       : data_open_digits(&run->data);
    if (opened != STATUS_OK) return opened;
    const struct data *data = &run->data;
    if (data->cols != inputs && ask->weights)
        return fail(STATUS_DATA, "%s takes %zu inputs, a row of %s has %zu", ask->weights, inputs,
                    data->name, data->cols);
    if (data->cols != inputs)
        return fail(STATUS_USAGE, "--inputs %zu: a row of %s has %zu", inputs, data->name,
                    data->cols);
    if (ask->plan.batch > data->rows)
        return fail(STATUS_USAGE, "--batch %zu: %s has %zu rows", ask->plan.batch, data->name,
                    data->rows);
    return STATUS_OK;
}

static enum status choose_loss(struct angle_run *run, size_t outputs)
{
    const bool data = run->input != INPUT_GAUSSIAN;
    run->loss = run->ask.loss;
    if (run->loss == LOSS_CHOOSE)
        run->loss = run->ask.weights && data && outputs == CLASSES ? LOSS_SQUARED : LOSS_NORMAL;
    if (run->loss != LOSS_SQUARED) return STATUS_OK;
    if (!data) return fail(STATUS_USAGE, "--loss squared: Gaussian inputs have no labels");
    if (outputs != CLASSES)
        return fail(STATUS_USAGE, "--loss squared: %zu outputs, and labels of %d classes", outputs,
                    CLASSES);
    return STATUS_OK;
}

enum status angle_input(struct angle_run *run, size_t inputs, size_t outputs)
{
    run->input = run->ask.input;
    if (run->input == INPUT_CHOOSE)
        run->input = inputs == DIGIT_PIXELS ? INPUT_DIGITS : INPUT_GAUSSIAN;
    const enum status status = run->input == INPUT_GAUSSIAN ? STATUS_OK : open_data(run, inputs);
    return status == STATUS_OK ? choose_loss(run, outputs) : status;
}

void angle_source(struct angle_run *run)
{
    const struct network *y = &run->net;
    const size_t m = y->plan.batch, k = run->row[0].inputs;
    if (run->input != INPUT_GAUSSIAN) {
        memcpy(y->src, run->data.x, m * k * sizeof *y->src);
        return;
    }
    network_normals(y, y->src, m * k, 1.0, run->ask.seed, 0, STREAM_SRC);
    for (size_t i = 0; i < m; i++) {
        float *row = y->src + i * k;
        double square = 0.0;
        for (size_t j = 0; j < k; j++) square += (double)row[j] * row[j];
        for (size_t j = 0; j < k; j++) row[j] = (float)(row[j] / sqrt(square));
    }
}

void angle_gradient(struct angle_run *run)
{
    const struct network *y = &run->net;
    const size_t m = y->plan.batch, n = run->row[run->depth - 1].outputs;
    const float *f = network_features(y, run->depth);
    double sum = 0.0;
    if (run->loss == LOSS_NORMAL) {
        network_normals(y, y->ddst, m * n, 1.0, run->ask.seed, 0, STREAM_DDST);
        return;
    }
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            const double off = (double)f[i * n + j] - (j == run->data.label[i] ? 1.0 : 0.0);
            y->ddst[i * n + j] = (float)(off / (double)m);
            sum += off * off;
        }
    run->loss_value = sum / (2.0 * (double)m);
}

const char *angle_input_text(const struct angle_run *run, char text[ANGLE_TEXT])
{
    const size_t m = run->ask.plan.batch;
    if (run->input == INPUT_GAUSSIAN)
        snprintf(text, ANGLE_TEXT, "%zu Gaussian row%s of norm 1", m, m > 1 ? "s" : "");
    else if (m > 1)
        snprintf(text, ANGLE_TEXT, "%s, rows 1 to %zu", run->data.name, m);
    else
        snprintf(text, ANGLE_TEXT, "%s, row 1", run->data.name);
    return text;
}

const char *angle_loss_text(const struct angle_run *run, char text[ANGLE_TEXT])
{
    if (run->loss == LOSS_NORMAL)
        snprintf(text, ANGLE_TEXT, "normal: independent normals as the gradient of the last layer");
    else
        snprintf(text, ANGLE_TEXT, "squared, against one-hot labels: %.6g", run->loss_value);
    return text;
}

const char *angle_rates_text(const struct angle_run *run, char text[ANGLE_TEXT])
{
    snprintf(text, ANGLE_TEXT,
             run->ask.fixed ? "fixed: eta in each trained layer, eta %g"
                            : "equal: eta / |gradient|^2 in each trained layer, eta %g",
             run->ask.eta);
    return text;
}
