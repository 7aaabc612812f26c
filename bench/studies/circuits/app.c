#include "app.h"

#include <stdlib.h>

#include "base/rng.h"

enum status app_open(struct app *a, const struct app_kind *kind, size_t n, uint64_t seed)
{
    *a = (struct app){.kind = kind, .n = n, .seed = seed};
    circuit_open(&a->circuit, NULL);
    kind->build(a);
    const enum status status = circuit_ready(&a->circuit);
    if (status != STATUS_OK) app_close(a);
    return status;
}

void app_close(struct app *a)
{
    if (a->kind->close) a->kind->close(a);
    circuit_close(&a->circuit);
    free(a->data);
    a->data = NULL;
}

int64_t app_random(const struct app *a, size_t i, size_t number, int64_t lo, int64_t hi)
{
    const uint32_t counter[4] = {(uint32_t)i, (uint32_t)(i >> 32), (uint32_t)number,
                                 (uint32_t)a->n};
    const uint32_t key[2] = {(uint32_t)a->seed, (uint32_t)(a->seed >> 32)};
    uint32_t word[4];
    philox4x32_10(counter, key, word);
    const uint64_t random = (uint64_t)word[0] << 32 | word[1];
    return lo + (int64_t)(random % (uint64_t)(hi - lo + 1));
}

void *app_data(struct app *a, size_t count, size_t size)
{
    a->data = calloc(count, size);
    if (!a->data && a->circuit.status == STATUS_OK)
        a->circuit.status = fail(STATUS_OS, "no memory for %s of size %zu", a->kind->name, a->n);
    return a->data;
}
