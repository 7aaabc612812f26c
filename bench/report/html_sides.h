/* html_sides: rows that two sides share, and what their differences are made of. */
#ifndef REPORT_HTML_SIDES_H
#define REPORT_HTML_SIDES_H

#include "report/explain.h"
#include "report/report.h"

/* A row on two sides: the later side against the earlier. */
struct pair {
    const struct report_entry *base, *other;
    struct explanation why;
};

struct group {
    const struct report_entry *first; /* of the later side */
    size_t base;                      /* the side that it is held against */
    struct pair *pair;                /* in the one list of all */
    size_t pairs;
    struct interval speed, kernel; /* .at NaN: not known of every row */
    struct explanation mean;
};

/* "dense_fwd avx2, 1 thread, B over A". */
const char *html_group_name(const struct report *r, const struct group *g, char text[300]);
/* The factors that make the speed: of each group, and of each row. */
void html_parts(FILE *out, const struct report *r, const struct group *g, size_t groups);

#endif
