/* Sorting networks and dynamic programming. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "studies/circuits/app.h"

enum { DRAWN = 256 };

static uint32_t *wires(struct app *a, size_t count)
{
    uint32_t *w = calloc(count, sizeof *w);
    if (!w) a->circuit.status = fail(STATUS_OS, "no memory for %zu wires", count);
    return w;
}

/* ---- bitonic sort of n keys, a power of two */

enum { KEY_MOST = (1 << 22) - 1 };

static void compare_exchange(struct circuit *c, uint32_t *low, uint32_t *high)
{
    const uint32_t x = *low, y = *high;
    *low = circuit_2(c, GATE_MIN, x, y);
    *high = circuit_2(c, GATE_MAX, x, y);
}

static void sort(struct app *a)
{
    const size_t n = a->n;
    struct circuit *c = &a->circuit;
    uint32_t *key = wires(a, n);
    for (size_t i = 0; key && i < n; i++) key[i] = circuit_input(c, 0, KEY_MOST);
    for (size_t run = 2; key && run <= n; run *= 2)
        for (size_t step = run / 2; step > 0; step /= 2)
            for (size_t i = 0; i < n; i++) {
                const size_t other = i ^ step;
                if (other < i) continue;
                if (i & run)
                    compare_exchange(c, &key[other], &key[i]);
                else
                    compare_exchange(c, &key[i], &key[other]);
            }
    for (size_t i = 0; key && i < n; i++) circuit_output(c, key[i]);
    a->cases = DRAWN;
    free(key);
}

/* Every fourth case has few different keys. */
static void draw_keys(const struct app *a, size_t i, int64_t *in)
{
    for (size_t k = 0; k < a->n; k++) in[k] = app_random(a, i, k, 0, i % 4 ? KEY_MOST : 3);
}

static int by_value(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void judge_sort(const struct app *a, const int64_t *in, int64_t *want)
{
    memcpy(want, in, a->n * sizeof *want);
    qsort(want, a->n, sizeof *want, by_value);
}

/* ---- edit distance of two strings of n symbols of two bits */

static uint32_t same_symbol(struct circuit *c, const uint32_t *x, const uint32_t *y)
{
    return circuit_2(c, GATE_AND, circuit_2(c, GATE_XNOR, x[0], y[0]),
                     circuit_2(c, GATE_XNOR, x[1], y[1]));
}

/* Of the first i symbols of one and j of the other. */
static uint32_t distance(struct circuit *c, const uint32_t *x, const uint32_t *y,
                         const uint32_t *above, const uint32_t *row, const size_t at[2])
{
    const size_t i = at[0], j = at[1];
    const int64_t apart = i > j ? (int64_t)(i - j) : (int64_t)(j - i);
    const uint32_t other = circuit_not(c, same_symbol(c, x + 2 * (i - 1), y + 2 * (j - 1)));
    const uint32_t best =
        circuit_3(c, GATE_MIN, circuit_2(c, GATE_SUM, above[j - 1], other),
                  circuit_linear(c, 1, above[j], 1), circuit_linear(c, 1, row[j - 1], 1));
    return circuit_within(c, best, apart, (int64_t)(i > j ? i : j));
}

static void edit_distance(struct app *a)
{
    const size_t n = a->n;
    struct circuit *c = &a->circuit;
    uint32_t *x = wires(a, 2 * n), *y = wires(a, 2 * n),
             *row[2] = {wires(a, n + 1), wires(a, n + 1)};
    const bool room = x && y && row[0] && row[1];
    for (size_t i = 0; room && i < 2 * n; i++) x[i] = circuit_input(c, 0, 1);
    for (size_t i = 0; room && i < 2 * n; i++) y[i] = circuit_input(c, 0, 1);
    for (size_t j = 0; room && j <= n; j++) row[0][j] = circuit_const(c, (int64_t)j);
    for (size_t i = 1; room && i <= n; i++) {
        uint32_t *above = row[(i - 1) % 2], *own = row[i % 2];
        own[0] = circuit_const(c, (int64_t)i);
        for (size_t j = 1; j <= n; j++)
            own[j] = distance(c, x, y, above, own, (const size_t[2]){i, j});
    }
    if (room) circuit_output(c, row[n % 2][n]);
    a->cases = DRAWN;
    free(x);
    free(y);
    free(row[0]);
    free(row[1]);
}

/* A string, and for every second case one that is a few edits away. */
static void draw_strings(const struct app *a, size_t i, int64_t *in)
{
    const size_t n = 2 * a->n;
    for (size_t b = 0; b < 2 * n; b++) in[b] = app_random(a, i, b, 0, 1);
    if (i % 2) return;
    const size_t by = 2 * (size_t)app_random(a, i, 2 * n, 0, 2);
    for (size_t b = 0; b + by < n; b++)
        if (app_random(a, i, 3 * n + b, 0, 7)) in[n + b] = in[b + by];
}

/* With the whole table, symbols as numbers. */
static void judge_edit_distance(const struct app *a, const int64_t *in, int64_t *want)
{
    enum { MOST = 64 };
    static int64_t d[MOST + 1][MOST + 1];
    const size_t n = a->n;
    for (size_t i = 0; i <= n; i++) d[i][0] = d[0][i] = (int64_t)i;
    for (size_t i = 1; i <= n; i++)
        for (size_t j = 1; j <= n; j++) {
            const int64_t *x = in + 2 * (i - 1), *y = in + 2 * n + 2 * (j - 1);
            const int64_t replace = d[i - 1][j - 1] + (2 * x[1] + x[0] != 2 * y[1] + y[0]);
            const int64_t insert = d[i][j - 1] + 1, delete = d[i - 1][j] + 1;
            const int64_t best = insert < delete ? insert : delete;
            d[i][j] = replace < best ? replace : best;
        }
    want[0] = d[n][n];
}

/* ---- 0/1 knapsack: n items of drawn weights, room for 4 n, the values are the inputs */

enum { VALUE_MOST = 10000, WEIGHT_MOST = 15 };

static size_t item_weight(const struct app *a, size_t item)
{
    return (size_t)app_random(a, SIZE_MAX, item, 1, WEIGHT_MOST);
}

static void knapsack(struct app *a)
{
    const size_t n = a->n, room = 4 * n;
    struct circuit *c = &a->circuit;
    uint32_t *best = wires(a, room + 1);
    for (size_t w = 0; best && w <= room; w++) best[w] = circuit_const(c, 0);
    for (size_t i = 0; best && i < n; i++) {
        const uint32_t value = circuit_input(c, 0, VALUE_MOST);
        const size_t weight = item_weight(a, i);
        for (size_t w = room; w >= weight; w--)
            best[w] =
                circuit_2(c, GATE_MAX, best[w], circuit_2(c, GATE_SUM, best[w - weight], value));
    }
    if (best) circuit_output(c, best[room]);
    a->cases = DRAWN;
    free(best);
}

static void draw_values(const struct app *a, size_t i, int64_t *in)
{
    for (size_t k = 0; k < a->n; k++) in[k] = app_random(a, i, k, 0, VALUE_MOST);
}

/* The most that items from i on add within so much room, each choice tried; what a table remembers is tried once. */
static int64_t best_of(const struct app *a, const int64_t *value, size_t i, size_t room,
                       int64_t *known)
{
    if (i == a->n) return 0;
    int64_t *at = &known[i * (4 * a->n + 1) + room];
    if (*at >= 0) return *at;
    const size_t weight = item_weight(a, i);
    const int64_t leave = best_of(a, value, i + 1, room, known);
    const int64_t take =
        weight <= room ? value[i] + best_of(a, value, i + 1, room - weight, known) : 0;
    return *at = take > leave ? take : leave;
}

static void judge_knapsack(const struct app *a, const int64_t *in, int64_t *want)
{
    const size_t count = a->n * (4 * a->n + 1);
    int64_t *known = malloc(count * sizeof *known);
    if (!known) out_of_memory();
    for (size_t i = 0; i < count; i++) known[i] = -1;
    want[0] = best_of(a, in, 0, 4 * a->n, known);
    free(known);
}

const struct app_kind app_sort = {
    .name = "bitonic-sort", .what = "keys", .build = sort, .draw = draw_keys, .judge = judge_sort};
const struct app_kind app_edit_distance = {.name = "edit-distance",
                                           .what = "symbols",
                                           .build = edit_distance,
                                           .draw = draw_strings,
                                           .judge = judge_edit_distance};
const struct app_kind app_knapsack = {.name = "knapsack",
                                      .what = "items",
                                      .build = knapsack,
                                      .draw = draw_values,
                                      .judge = judge_knapsack};
