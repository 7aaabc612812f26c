#include "studies/init_variance/split.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "data/data.h"

enum { EVERY = 5, CLASSES_MOST = 10 };

static const struct {
    const char *text;
    size_t inputs, classes, rows, tests;
} sets[SPLITS] = {[SPLIT_WINE] = {"wine", 13, 3, 142, 36},
                  [SPLIT_DIGITS] = {"digits", 64, 10, 1437, 360},
                  [SPLIT_MNIST] = {"mnist", 784, 10, 60000, 10000}};

const char *split_text(enum split_name name)
{
    return sets[name].text;
}
size_t split_inputs(enum split_name name)
{
    return sets[name].inputs;
}
size_t split_classes(enum split_name name)
{
    return sets[name].classes;
}

size_t split_rows(enum split_name name)
{
    return sets[name].rows;
}

static void put(struct split *s, size_t at, const struct data *from, size_t row)
{
    memcpy(s->x + at * s->inputs, from->x + row * s->inputs, s->inputs * sizeof *s->x);
    s->label[at] = from->label[row];
}

/* Every fifth row of `train` is tested where there is no `test`. */
static enum status fill(struct split *s, const struct data *train, const struct data *test)
{
    const size_t all = train->rows + (test ? test->rows : 0);
    s->tests = test ? test->rows : (train->rows + EVERY - 1) / EVERY;
    s->rows = all - s->tests;
    s->x = malloc((all * s->inputs + 1) * sizeof *s->x);
    s->label = malloc((all + 1) * sizeof *s->label);
    if (!s->x || !s->label) {
        split_close(s);
        return fail(STATUS_OS, "no memory for %zu rows of %s", all, train->name);
    }
    size_t at = 0, tested = s->rows;
    for (size_t i = 0; i < train->rows; i++)
        put(s, !test && i % EVERY == 0 ? tested++ : at++, train, i);
    for (size_t i = 0; test && i < test->rows; i++) put(s, tested++, test, i);
    return STATUS_OK;
}

enum status split_open(struct split *s, enum split_name name, const char *mnist)
{
    struct data train, test;
    *s = (struct split){.inputs = sets[name].inputs, .classes = sets[name].classes};
    enum status status = name == SPLIT_WINE     ? data_open_wine(&train)
                         : name == SPLIT_DIGITS ? data_open_digits(&train)
                                                : data_open_mnist(&train, &test, mnist);
    if (status != STATUS_OK) return status;
    const bool two = name == SPLIT_MNIST;
    if (!two ||
        (train.cols == s->inputs && train.rows == sets[name].rows && test.rows == sets[name].tests))
        status = fill(s, &train, two ? &test : NULL);
    else
        status = fail(
            STATUS_DATA, "mnist: %zu and %zu images of %zu pixels; expected are %zu and %zu of %zu",
            train.rows, test.rows, train.cols, sets[name].rows, sets[name].tests, s->inputs);
    if (two) data_close(&test);
    data_close(&train);
    return status;
}

void split_close(struct split *s)
{
    free(s->x);
    free(s->label);
    s->x = NULL;
    s->label = NULL;
}

double split_chance(const struct split *s)
{
    size_t count[CLASSES_MOST] = {0}, most = 0;
    for (size_t i = s->rows; i < s->rows + s->tests; i++) {
        const size_t so_far = ++count[s->label[i]];
        if (so_far > most) most = so_far;
    }
    return s->tests ? (double)most / (double)s->tests : 0.0;
}
