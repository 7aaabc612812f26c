#include "grid.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    struct grid grid;
} presets[] = {
    {"quick", {{{1, 8}, 2}, {{64, 256}, 2}, {{1, 64}, 2}, {{0.25f, 1.0f, 4.0f}, 3}}},
    {"default",
     {{{1, 8, 32}, 3}, {{64, 256, 1024}, 3}, {{1, 64}, 2}, {{0.25f, 0.5f, 1.0f, 2.0f, 4.0f}, 5}}},
    /* Thirteen scales, three a decade: 1e-3 .. 1e1. */
    {"full",
     {{{1, 2, 4, 8, 16, 32, 64}, 7},
      {{64, 128, 256, 512, 1024, 2048, 4096}, 7},
      {{1, 8, 64, 512}, 4},
      {{1e-3f, 2.154e-3f, 4.642e-3f, 1e-2f, 2.154e-2f, 4.642e-2f, 0.1f, 0.2154f, 0.4642f, 1.0f,
        2.154f, 4.642f, 10.0f},
       13}}},
};

enum status grid_preset(const char *name, struct grid *grid)
{
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++) {
        if (strcmp(presets[i].name, name) != 0) continue;
        *grid = presets[i].grid;
        return STATUS_OK;
    }
    return fail(STATUS_USAGE, "--grid %s: there are quick, default and full", name);
}

enum status parse_sizes(const char *option, const char *text, struct size_list *list)
{
    const char *at = text;
    list->count = 0;
    for (;;) {
        char *end;
        errno = 0;
        /* A double takes 1e12 as well as 1000000000000; beyond 2^53 it could not be told exactly.
         */
        const double value = strtod(at, &end);
        if (end == at || (*end && *end != ','))
            return fail(STATUS_USAGE, "%s %s: '%s' is not a number", option, text, at);
        if (!(value >= 1.0) || value != floor(value) || value > 0x1p53)
            return fail(STATUS_USAGE, "%s %s: %.*s is not a whole number of at least 1", option,
                        text, (int)(end - at), at);
        if (list->count == GRID_LIST_MAX)
            return fail(STATUS_USAGE, "%s: more than %d values", option, GRID_LIST_MAX);
        list->at[list->count++] = (size_t)value;
        if (!*end) return STATUS_OK;
        at = end + 1;
    }
}

enum status parse_scales(const char *option, const char *text, struct scale_list *list)
{
    const char *at = text;
    list->count = 0;
    for (;;) {
        char *end;
        const float value = strtof(at, &end);
        if (end == at || (*end && *end != ','))
            return fail(STATUS_USAGE, "%s %s: '%s' is not a number", option, text, at);
        if (!(value > 0.0f) || !isfinite(value))
            return fail(STATUS_USAGE, "%s %s: %.*s is not a positive finite number", option, text,
                        (int)(end - at), at);
        if (list->count == GRID_LIST_MAX)
            return fail(STATUS_USAGE, "%s: more than %d values", option, GRID_LIST_MAX);
        list->at[list->count++] = value;
        if (!*end) return STATUS_OK;
        at = end + 1;
    }
}
