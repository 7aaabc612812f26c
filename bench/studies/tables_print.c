/* A record's tables as a person reads them. */
#include <math.h>
#include <string.h>

#include "record.h"

enum { CELL = 32 };

/* Up to seven digits before the point whole numbers and what is above a hundred are whole, others have three digits. */
static int cell_text(char text[CELL], double x)
{
    if (isnan(x)) return snprintf(text, CELL, "-");
    if ((x == rint(x) || fabs(x) >= 99.5) && fabs(x) < 1e7) return snprintf(text, CELL, "%.0f", x);
    return snprintf(text, CELL, "%.3g", x);
}

static int wider(int width, size_t length)
{
    return width > (int)length ? width : (int)length;
}

static void print_one(FILE *out, const struct study_table *t)
{
    char text[CELL];
    int label = (int)strlen(t->label);
    for (size_t r = 0; r < t->rows; r++) label = wider(label, strlen(t->labels[r]));
    fprintf(out, "%s\n%-*s", t->title, label, t->label);
    for (size_t c = 0; c < t->column_count; c++) {
        int width = (int)strlen(t->columns[c]);
        for (size_t r = 0; r < t->rows; r++)
            width = wider(width, (size_t)cell_text(text, t->cells[r * t->column_count + c]));
        fprintf(out, "  %*s", width, t->columns[c]);
    }
    fputc('\n', out);
    for (size_t r = 0; r < t->rows; r++) {
        fprintf(out, "%-*s", label, t->labels[r]);
        for (size_t c = 0; c < t->column_count; c++) {
            int width = (int)strlen(t->columns[c]);
            for (size_t other = 0; other < t->rows; other++)
                width =
                    wider(width, (size_t)cell_text(text, t->cells[other * t->column_count + c]));
            cell_text(text, t->cells[r * t->column_count + c]);
            fprintf(out, "  %*s", width, text);
        }
        fputc('\n', out);
    }
    fputc('\n', out);
}

void tables_print(FILE *out, const struct study_run *run)
{
    for (size_t i = 0; i < run->table_count; i++) print_one(out, &run->tables[i]);
}
