#include "nearest.h"

#include <stdio.h>
#include <string.h>

#include "kernel.h"

enum { LONGEST = 31, SHOWN = 3 };

/* Insertions, deletions and replacements of a character (Levenshtein's). */
static size_t edits(const char *a, const char *b)
{
    size_t row[LONGEST + 1];
    const size_t n = strlen(b);
    for (size_t j = 0; j <= n; j++) row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t above = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            const size_t replace = above + (a[i - 1] != b[j - 1]);
            above = row[j];
            row[j] = replace;
            if (above + 1 < row[j]) row[j] = above + 1;
            if (row[j - 1] + 1 < row[j]) row[j] = row[j - 1] + 1;
        }
    }
    return row[n];
}

const char *nearest_kernels(const char *word, char text[128])
{
    size_t shown = 0, used = 0;
    const size_t length = strlen(word);
    *text = '\0';
    for (size_t distance = 1; distance <= length / 3 && !shown; distance++)
        for (size_t i = 0; i < kernel_count && shown < SHOWN; i++) {
            const char *name = kernel_specs[i]->name;
            if (strlen(name) > LONGEST || edits(word, name) != distance) continue;
            used += (size_t)snprintf(text + used, 128 - used, "%s%s", shown++ ? " or " : " (is it ",
                                     name);
        }
    if (shown) snprintf(text + used, 128 - used, "?)");
    return text;
}
