/* html_map: the rows of one variant and one batch over depth, width and initialization scale, as tables whose cells have
 * colours: figure and table in one. */
#ifndef REPORT_HTML_MAP_H
#define REPORT_HTML_MAP_H

#include "report.h"

struct map {
    const struct report *r;
    const struct report_entry *const *entry; /* timed rows with a depth, a width and a scale */
    size_t entries;
    double batch;
    double *depth, *width, *scale; /* rising, each once */
    size_t depths, widths, scales;
    const struct report_entry **cell; /* scale by scale, depth by depth; NULL where there is none */
};

/* Finds axes and cells. False where the rows are too few or too far apart for a map, or two have one place.
 * map_free() in any case. */
bool map_place(struct map *map);
void map_free(struct map *map);
/* Time, ratio to oneDNN, what FTZ saves, error, and of the variant that leads the share of subnormals. */
void map_draw(FILE *out, const struct map *map, bool leads);

/* Of an entry's shape. */
double map_shape(const struct report_entry *entry, const char *name);

#endif
