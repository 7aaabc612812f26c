/* report: what a report is made of. Files are sorted into sides: a side is a machine with its settings, and its files
 * share it unless they hold a row of the same name, which then is that of another side.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdio.h>

#include "report/read.h"
#include "report/read_study.h"

struct report_side {
    char name[8]; /* "A", "B", ... */
    const struct read_file *first;
    size_t files, rows;
    json_t *index; /* a row's name -> its entry */
};

struct report_entry {
    const struct read_row *row;
    const struct read_file *file;
    size_t side;
};

struct report {
    struct read_file *file;
    size_t *side_of; /* each file's */
    size_t files;
    struct report_side *side;
    size_t sides;
    /* Groups one after another: of a kernel, cache, number of threads, side and variant; within one in the order of
     * the files. */
    struct report_entry *entry;
    size_t entries;
    struct report_study *study;
    size_t studies;
};

/* Files of results, machine cards and studies; nothing is held after a failure. */
enum status report_read(struct report *report, char *const *paths, size_t count);
void report_free(struct report *report);

/* The page. Returns whether there was memory for all of it. */
bool report_write(const struct report *report, FILE *out);

/* ---- entries */

/* Where the group that begins at `from` ends; the same of what has its kernel alone. */
size_t report_group_end(const struct report *report, size_t from);
size_t report_kernel_end(const struct report *report, size_t from);
/* Of one group but for the variant? */
bool report_same_line(const struct report_entry *a, const struct report_entry *b);
/* NULL: that side has no timed row of this name. */
const struct report_entry *report_find(const struct report *report, size_t side, const char *name);

/* Is it hinge's own vector body, without FTZ? */
bool report_is_hand(const struct read_row *row);
/* Neither a lane's nor a library's: of a plug-in. */
bool report_is_plugin(const struct read_row *row);
/* The highest figure that the files of a side have of a roof: what others take of a machine lowers it. NaN: none. */
double report_roof(const struct report *report, size_t side, const char *isa, int threads,
                   const char *field);
/* Against oneDNN: its interval lies below 1, above 1, or holds it. */
enum report_standing { REPORT_SLOWER, REPORT_UNDECIDED, REPORT_FASTER, REPORT_UNCOMPARED };
enum report_standing report_standing(const struct read_row *row);
/* Geometric mean of n >= 1 ratios with its 95 % interval; of a single one without. */
struct interval report_mean(const double *ratio, size_t n);

/* "depth:1/m:64/n:256": the name without kernel, threads, cache and variant. */
const char *report_case(const struct read_row *row, char text[256]);
/* "dense_fwd avx512, 2 threads, cold, B": with the side where there are several. */
const char *report_group_name(const struct report *report, const struct report_entry *entry,
                              bool with_variant, char text[256]);
/* A number of the row's own, or of the object `in` within it: NaN where there is none. */
double report_number(const struct read_row *row, const char *in, const char *field);

/* ---- sections, in the order of the page */

void html_glance(FILE *out, const struct report *report);
void html_machines(FILE *out, const struct report *report);
void html_onednn(FILE *out, const struct report *report);
void html_roofline(FILE *out, const struct report *report);
void html_heat(FILE *out, const struct report *report);
void html_threads(FILE *out, const struct report *report);
void html_nodes(FILE *out, const struct report *report);
void html_sides(FILE *out, const struct report *report);
void html_placement(FILE *out, const struct report *report);
void html_studies(FILE *out, const struct report *report);
void html_rows(FILE *out, const struct report *report);
void html_files(FILE *out, const struct report *report);

#endif
