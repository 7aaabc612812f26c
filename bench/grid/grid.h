/* grid: which chains of layers the main job times. */
#ifndef GRID_GRID_H
#define GRID_GRID_H

#include <stddef.h>

#include "base/status.h"

enum { GRID_LIST_MAX = 32 };

struct size_list {
    size_t at[GRID_LIST_MAX];
    size_t count;
};
struct scale_list {
    float at[GRID_LIST_MAX]; /* multiples of He's sqrt(2 / fan_in) */
    size_t count;
};

struct grid {
    struct size_list depth, width, batch;
    struct scale_list scale;
};

/* "quick", "default" or "full"; STATUS_USAGE with a sentence for any other name. */
enum status grid_preset(const char *name, struct grid *grid);

/* "1,8,32" into a list; the sentence names the option. */
enum status parse_sizes(const char *option, const char *text, struct size_list *list);
enum status parse_scales(const char *option, const char *text, struct scale_list *list);

#endif
