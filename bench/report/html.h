/* html: what the sections of a report are written with. Everything from a file goes through html_text(). */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Style and script of the page, and the hash by which its policy lets the script run. */
extern const char html_style[], html_script[], html_script_hash[];

/* ---- text */

/* Escaped, for text and for attributes in double quotes. */
void html_text(FILE *out, const char *text);
/* printf() into memory of its own, to be freed; NULL where that is short. */
__attribute__((format(printf, 1, 2))) char *html_format(const char *format, ...);
/* So many digits; a dash where it is not finite. */
void html_number(FILE *out, double v, int digits);
/* "16.4 µs". */
const char *html_time(double ns, char text[24]);
/* "0.034", "0.34", "1.30", "12.5", "140". */
const char *html_ratio(double v, char text[24]);
/* "1.30 [1.20, 1.42]"; the value alone where it has no interval. */
const char *html_interval(double at, double lo, double hi, char text[80]);
/* "1 row", "7 rows". */
const char *html_count(size_t n, const char *what, char text[64]);

/* ---- structure */

/* <section> with its heading of level 2. */
void html_section(FILE *out, const char *id, const char *title);
void html_section_end(FILE *out);
/* <div> of that name that scrolls sideways. */
void html_frame(FILE *out, const char *name);
/* A table in a frame; caption and heads are escaped. Heads that begin with '#' are over numbers. Rows
 * are sortable by script where `sortable`. */
struct html_table {
    const char *caption;
    const char *const *head;
    size_t heads;
    bool sortable;
};
void html_table(FILE *out, const struct html_table *table);
void html_table_end(FILE *out);
/* <tr> and its heading. */
void html_row(FILE *out, const char *name);
/* A cell; class may be NULL. */
void html_cell(FILE *out, const char *class, const char *text);
void html_number_cell(FILE *out, double v, int digits);
/* A figure of that name in a frame; takes the SVG, which may be NULL. caption: NULL: none. */
void html_figure(FILE *out, char *svg, const char *name, const char *caption);
/* A part that opens: its summary is escaped. */
void html_fold(FILE *out, const char *summary, bool open);
void html_fold_end(FILE *out);

#endif
